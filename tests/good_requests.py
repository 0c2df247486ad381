"""A request for each route that a server with one measured study can't refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clients import Answer, Client, ClientMethods
from drafts import Bench, body_of
from phantoms import Acquisition, noise
from reslice.web.routes import ROUTES, Route

CONFIRMED = {"Reslice-Confirm": "1"}
NAMES = {"n": "0", "k": "0", "plane": "axial", "file": "index.html"}
"""What stands for the parts of a path that any study has."""


@dataclass(frozen=True)
class GoodRequest:
    """What is sent, and the status that tells of its success."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def send(self, client: ClientMethods, headers: Mapping[str, str] | None = None) -> Answer:
        """Send it, with further headers."""
        return client.request(self.method, self.path, {**self.headers, **(headers or {})}, self.body)

    def disguised(self, client: ClientMethods, headers: Mapping[str, str] | None = None) -> Answer:
        """Send it as what a link or an image can send: a GET with the method in its query."""
        return client.request("GET", f"{self.path}?_method={self.method}", {**self.headers, **(headers or {})})


def writes() -> list[Route]:
    """All routes that change something."""
    return [route for route in ROUTES if route.method != "GET"]


class MeasuredStudy(Bench):
    """A study with one measurement, and what every route may be asked about it."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, noise(Acquisition(shape=(3, 16, 16))))
        self.record = self.created(self.line())

    def path(self, route: Route) -> str:
        """The path of a route, of this study."""
        identifier = self.ids[0].get(route.template.split("/")[1], "")
        return route.url(**NAMES, id=identifier, uuid=self.record["Id"])

    def good(self, route: Route) -> GoodRequest:
        """A request by a route; those that only read need no more than their path."""
        if route.method == "GET":
            query = "?point=0,0,0" if route.template.endswith("/probe") else ""
            return GoodRequest("GET", self.path(route) + query)
        body, headers, status = self._write(f"{route.method} {route.template}")
        return GoodRequest(route.method, self.path(route), body, headers, status)

    def _write(self, route: str) -> tuple[bytes, Mapping[str, str], int]:
        line = body_of(self.line())
        export = {"Format": "reslice-measurements", "FormatVersion": 1, "Measurements": []}
        return {
            "DELETE /reslice/cache": (b"", CONFIRMED, 200),
            "POST /series/{id}/volumes": (b"", {}, 202),
            "DELETE /series/{id}/volumes": (b"", CONFIRMED, 200),
            "POST /studies/{id}/measurements": (line, {}, 201),
            "POST /studies/{id}/measurements/import": (body_of(export), {}, 200),
            "POST /studies/{id}/measurements/report": (b"", {}, 200),
            "POST /studies/{id}/measurements/compute": (line, {}, 200),
            "PUT /studies/{id}/measurements/{uuid}": (line, self._matching(), 200),
            "DELETE /studies/{id}/measurements/{uuid}": (b"", self._matching(), 200),
        }[route]

    def _matching(self) -> dict[str, str]:
        return {"If-Match": self.client.get(f"{self.url}/{self.record['Id']}").headers.get("ETag", '"1"')}

    def kept(self) -> tuple[object, object]:
        """What a refused write may not have changed: the measurements, and the images of the study."""
        return self.listed(), self.client.get(f"/studies/{self.study}/instances").json()
