"""Bodies of measurements, and the ways tests ask for them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from clients import Answer, Client, orthanc_ids

Points = Sequence[Sequence[float]]
DEFAULT_TOOLS = {"distance": "line", "angle": "angle", "area": "polygon", "volume": "threshold", "hu": "point"}


def body_of(value: object) -> bytes:
    return json.dumps(value).encode()


def on_image(instance: str, points: Points, type: str = "distance", frame: int = 0, **more: Any) -> dict[str, Any]:
    """In the pixels of a stored frame."""
    geometry = {"Space": more.pop("Space", "pixel"), "Points": [list(p) for p in points], **more.pop("Geometry", {})}
    tool = more.pop("Tool", DEFAULT_TOOLS[type])
    return {"Type": type, "Tool": tool, "Image": {"Instance": instance, "Frame": frame}, "Geometry": geometry, **more}


def in_series(series: str, points: Points = (), type: str = "distance", **more: Any) -> dict[str, Any]:
    """In the patient."""
    geometry = {"Space": "LPS", "Points": [list(map(float, p)) for p in points], **more.pop("Geometry", {})}
    tool = more.pop("Tool", DEFAULT_TOOLS[type])
    return {"Type": type, "Tool": tool, "Series": series, "Geometry": geometry, **more}


class Bench:
    """A client, and one study to measure in."""

    def __init__(self, client: Client, files: Sequence[Any]) -> None:
        self.client = client
        self.ids = [orthanc_ids(file) for file in files]
        client.store(files)
        self.study, self.series = self.ids[0]["studies"], self.ids[0]["series"]
        self.url = f"/studies/{self.study}/measurements"

    def instance(self, k: int = 0) -> str:
        return self.ids[k]["instances"]

    def line(self, **more: Any) -> dict[str, Any]:
        """A body that can't be refused."""
        return on_image(self.instance(), [(1, 2), (4, 6)], **more)

    def create(self, body: object) -> Answer:
        return self.client.post(self.url, body_of(body))

    def created(self, body: object) -> dict[str, Any]:
        answer = self.create(body)
        assert answer.status == 201, answer.content
        return answer.json()

    def compute(self, body: object) -> Answer:
        return self.client.post(f"{self.url}/compute", body_of(body))

    def values(self, body: object) -> dict[tuple[str, str], float]:
        """What is computed of a body, by name and unit."""
        answer = self.compute(body)
        assert answer.status == 200, answer.content
        return values_of(answer.json())

    def put(self, uuid: str, body: object, match: str | None = '"1"') -> Answer:
        headers = {} if match is None else {"If-Match": match}
        return self.client.put(f"{self.url}/{uuid}", body_of(body), headers)

    def delete(self, uuid: str, match: str | None = '"1"') -> Answer:
        return self.client.delete(f"{self.url}/{uuid}", {} if match is None else {"If-Match": match})

    def listed(self, **query: object) -> list[dict[str, Any]]:
        answer = self.client.get(self.url, **query)
        assert answer.status == 200, answer.content
        return answer.json()["Measurements"]

    def imported(self, content: bytes) -> dict[str, Any]:
        answer = self.client.post(f"{self.url}/import", content)
        assert answer.status == 200, answer.content
        return answer.json()


def values_of(record: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """The values of a record by name and unit."""
    return {(value["Name"], value["Unit"]): value["Value"] for value in record["Values"]}


def named(record: Mapping[str, Any]) -> dict[str, float]:
    """The values of a record by name; the first of each."""
    return {value["Name"]: value["Value"] for value in reversed(record["Values"])}
