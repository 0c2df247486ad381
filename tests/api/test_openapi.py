"""The OpenAPI document says what the server does: each example, each answer, each media type and each error of it."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from clients import Answer, Client, InProcessClient, orthanc_ids
from contract_checks import Judge, closed
from drafts import body_of, on_image
from phantoms import Acquisition, image, noise, structured_report
from reslice.settings import Settings
from reslice.web.openapi import GROUPS, TAGS, Document
from reslice.web.problems import STATUSES
from reslice.web.routes import ROUTES
from reslice.web.served_files import STATIC

CONTENT = json.loads(Document(ROUTES, Settings()).content)
JUDGE = Judge(CONTENT)
OPERATIONS = [(method, template) for method, template, _ in JUDGE.operations]
PARAMETERS = [
    (template, parameter)
    for method, template, operation in JUDGE.operations
    for parameter in operation.get("parameters", [])
    if method == "GET" and parameter["in"] == "query"
]
TOGETHER = {
    "window-center": {"window-width": 400},
    "window-width": {"window-center": 40},
    "row": {"column": "0,1,0"},
    "column": {"row": "1,0,0"},
    "center": {"normal": "0,0,1"},
    "projection": {"slab-thickness": 10},
    "up": {"normal": "0,1,0"},
    "animationstepsize": {"swivelrange": 180},
    "animationrate": {"swivelrange": 360},
    "viewpointposition": {"viewpointlookat": "0,0,0"},
}
"""What some parameters make sense with only."""
DIRECTIONS = {"center", "normal", "up", "row", "column"}
MEDIA = {
    "image/gif": {"swivelrange": 360, "animationstepsize": 90, "viewport": "32,32"},
    "application/octet-stream": {"renderingmethod": "maximum_ip"},
    "application/x-npy": {"renderingmethod": "maximum_ip"},
}
"""What a rendering needs to be one of these."""
EXPORTS = {"application/json": "json", "text/csv": "csv", "application/dicom": "sr"}
WRITES = {"If-Match": '"1"', "Reslice-Confirm": "1"}


class World(NamedTuple):
    """A server, and the identifiers of what it holds."""

    client: Client
    ids: dict[str, str]
    measurement: str

    def path(self, template: str, **parts: object) -> str:
        level = template.split("/")[1]
        values = {"id": self.ids.get(level), "k": 0, "n": 0, "plane": "axial", "uuid": self.measurement, **parts}
        file = "docs.js" if "/docs/" in template else "index.html"
        return re.sub(r"\{(\w+)\}", lambda found: str({"file": file, **values}[found[1]]), template)

    def get(self, template: str, query: dict[str, Any] | None = None, **headers: str) -> Answer:
        path = self.path(template, plane="oblique" if DIRECTIONS & set(query or {}) else "axial")
        found = self.client.request("GET", f"{path}?{urlencode(query)}" if query else path, headers)
        JUDGE.assert_declared("GET", path, found)
        return found

    def send(self, method: str, template: str, body: object = None, **headers: str) -> Answer:
        path = self.path(template)
        content = b"" if body is None else body if isinstance(body, bytes) else body_of(body)
        found = self.client.request(method, path, headers, content)
        JUDGE.assert_declared(method, path, found)
        return found


@pytest.fixture(scope="module")
def world(lasting_client: Client) -> World:
    files = noise(Acquisition(shape=(6, 40, 48)))
    lasting_client.store(files)
    ids = orthanc_ids(files[0])
    study = {"StudyInstanceUID": files[0].StudyInstanceUID}
    lasting_client.store([image(np.zeros((8, 9, 3), np.uint8), **study), structured_report(**study)])
    made = lasting_client.post(f"/studies/{ids['studies']}/measurements", draft(ids))
    assert made.status == 201, made.content
    return World(lasting_client, ids, made.json()["Id"])


def draft(ids: dict[str, str], **more: Any) -> bytes:
    return body_of(on_image(ids["instances"], [(4, 5), (24, 20)], Label="Lesion 1", **more))


def text_of(value: Any) -> str:
    """A value as a query carries it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- What the document is ------------------------------------------------------------------------------


def test_document_is_valid(world: World) -> None:
    served = world.get("/reslice/openapi.json").json()
    OpenAPIV31SpecValidator(served).validate()
    assert served == CONTENT


def test_document_has_one_path_a_template_and_every_route() -> None:
    assert sorted(OPERATIONS, key=lambda pair: list(CONTENT["paths"]).index(pair[1])) == OPERATIONS
    assert sorted(OPERATIONS) == sorted((route.method, route.template) for route in ROUTES)
    assert list(CONTENT["paths"]) == list(dict.fromkeys(route.template for route in ROUTES))


def test_every_route_has_a_sentence_a_group_and_a_name_of_its_own() -> None:
    operations = [operation for _, _, operation in JUDGE.operations]
    assert all(re.fullmatch(r"[A-Z].*\.", operation["summary"]) for operation in operations)
    assert {tag for operation in operations for tag in operation["tags"]} <= {tag["name"] for tag in CONTENT["tags"]}
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert set(GROUPS.values()) == set(TAGS)


def test_every_parameter_is_described_and_has_an_example_or_choices() -> None:
    for template, parameter in PARAMETERS:
        assert parameter["description"].strip(": "), (template, parameter["name"])
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", parameter["name"])
        if parameter["name"] not in ("preset", "patient"):  # whose names depend on what is there
            assert "example" in parameter or "enum" in parameter["schema"], (template, parameter["name"])


def test_parameters_are_those_that_the_routes_read() -> None:
    for route in ROUTES:
        _, operation = JUDGE.operation(route.method, route.url(id="0", k="0", n="0", plane="0", uuid="0", file="0"))
        told = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        assert told == {name.replace("_", "-") for name in route.parameters.model_fields}


def test_settings_decide_limits_defaults_and_what_is_passed_through() -> None:
    settings = Settings(largest_side=256, thumbnail_size=99, pass_through_parameters=("token", "key"))
    document = InProcessClient(settings).get("/reslice/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    mpr = {p["name"]: p["schema"] for p in document["paths"]["/series/{id}/mpr/{plane}"]["get"]["parameters"]}
    thumbnail = {p["name"]: p["schema"] for p in document["paths"]["/series/{id}/thumbnail"]["get"]["parameters"]}
    assert (mpr["width"]["minimum"], mpr["width"]["maximum"], mpr["height"]["maximum"]) == (1, 256, 256)
    assert thumbnail["size"]["default"] == 99
    schemes = document["components"]["securitySchemes"].values()
    assert [s["name"] for s in schemes if s["type"] == "apiKey"] == ["token", "key"]
    assert {} in document["security"]


def test_document_is_asked_for_again_by_its_tag(world: World) -> None:
    tag = world.get("/reslice/openapi.json").headers["ETag"]
    again = world.get("/reslice/openapi.json", **{"If-None-Match": tag})
    assert (again.status, again.content) == (304, b"")
    assert InProcessClient(Settings(largest_side=256)).get("/reslice/openapi.json").headers["ETag"] != tag


def test_every_schema_is_used() -> None:
    text = json.dumps(CONTENT)
    unused = [name for name in CONTENT["components"]["schemas"] if f'schemas/{name}"' not in text]
    assert unused == []


# --- What the server does ------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [t for m, t in OPERATIONS if m == "GET"])
def test_every_get_answers_as_declared(world: World, template: str) -> None:
    required = {p["name"]: text_of(p["example"]) for t, p in PARAMETERS if t == template and p["required"]}
    found = world.get(template, required)
    assert found.status in (200, 302), found.content[:300]
    if found.headers.get("ETag") and "304" in CONTENT["paths"][template]["get"]["responses"]:
        assert world.get(template, required, **{"If-None-Match": found.headers["ETag"]}).status == 304


@pytest.mark.parametrize(
    ("template", "parameter"), PARAMETERS, ids=[f"{template} {parameter['name']}" for template, parameter in PARAMETERS]
)
def test_every_example_and_choice_is_accepted(world: World, template: str, parameter: dict[str, Any]) -> None:
    schema, name = parameter["schema"], parameter["name"]
    needed = {p["name"]: text_of(p["example"]) for t, p in PARAMETERS if t == template and p["required"]}
    example = [parameter["example"]] if "example" in parameter else []
    for value in {text_of(choice) for choice in [*schema.get("enum", []), *example]}:
        found = world.get(template, {**needed, **needs(template, name, value), name: value})
        expected = {200, 302} | ({422} if value == "suv" else set())  # there is no PET here
        assert found.status in expected, found.content


def needs(template: str, name: str, value: str) -> dict[str, Any]:
    """What a value makes sense with only."""
    if "rendered3d" in template and (name == "invert" or value in ("raw", "npy")):
        return {"renderingmethod": "maximum_ip"}
    if "rendered3d" in template and (value == "gif" or name == "swivelrange"):
        return MEDIA["image/gif"]
    if "voxels" in template and value == "interpolate":
        return {"resample": "true"}
    return {key: text_of(extra) for key, extra in TOGETHER.get(name, {}).items()}


MEDIA_TYPES = [
    (template, media_type)
    for method, template, operation in JUDGE.operations
    if method == "GET" and "{file}" not in template
    for media_type in operation["responses"].get("200", {}).get("content", {})
]


@pytest.mark.parametrize(("template", "media_type"), MEDIA_TYPES)
def test_every_declared_media_type_is_answered(world: World, template: str, media_type: str) -> None:
    query = {p["name"]: text_of(p["example"]) for t, p in PARAMETERS if t == template and p["required"]}
    if "rendered3d" in template:
        query |= MEDIA.get(media_type, {})
    if "export" in template:
        query["format"] = EXPORTS.get(media_type, "xlsx")
    answer = world.get(template, query, Accept=media_type)
    assert (answer.status, answer.media_type) == (200, media_type)


@pytest.mark.parametrize("folder", ["docs", "viewer"])
def test_every_file_of_our_pages_has_a_declared_media_type(world: World, folder: str) -> None:
    files = [path for path in (STATIC / folder).rglob("*.*") if path.is_file()]
    assert files
    for file in files:
        path = f"/reslice/{folder}/{file.relative_to(STATIC / folder).as_posix()}"
        JUDGE.assert_declared("GET", path, world.client.request("GET", path))


def test_writes_answer_as_declared(world: World) -> None:
    study, series = "/studies/{id}/measurements", "/series/{id}/volumes"
    example = {"Instance": world.ids["instances"], "Frame": 0}
    body = {
        **CONTENT["paths"][study]["post"]["requestBody"]["content"]["application/json"]["example"],
        "Image": example,
    }
    made = world.send("POST", study, body)
    assert made.status == 201
    other = World(world.client, world.ids, made.json()["Id"])
    one = f"{study}/{{uuid}}"
    assert world.send("POST", study, {**body, "Id": other.measurement, "Label": "other"}).status == 409
    assert world.send("POST", f"{study}/compute", body).status == 200
    assert other.send("PUT", one, {**body, "Label": "x"}, **{"If-Match": '"1"'}).status == 200
    assert other.send("PUT", one, body, **{"If-Match": '"1"'}).status == 412
    assert other.send("DELETE", one).status == 412
    assert other.send("DELETE", one, **{"If-Match": '"2"'}).status == 200
    assert other.get(one).status == 410
    export = world.get(f"{study}/export").json()
    assert world.send("POST", f"{study}/import", export).json()["Existing"]
    empty = CONTENT["paths"][f"{study}/import"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert world.send("POST", f"{study}/import", empty).status == 200
    report = world.send("POST", f"{study}/report", {})
    assert world.send("POST", f"{study}/import", {"Instance": report.json()["Instance"]}).status == 200
    assert world.send("POST", series, {"Volumes": [0]}).status == 202
    assert world.send("DELETE", series, **{"Reslice-Confirm": "1"}).status == 200
    assert world.send("DELETE", "/reslice/cache", **{"Reslice-Confirm": "1"}).status == 200


@pytest.mark.parametrize(("method", "template"), OPERATIONS)
def test_every_operation_refuses_as_declared(world: World, method: str, template: str) -> None:
    nowhere = World(world.client, dict.fromkeys(world.ids, "no-such-id"), "00000000-0000-4000-8000-000000000000")
    cross_site = {"Sec-Fetch-Site": "cross-site"}
    if method == "GET":
        query = {"point": "0,0,0"} if template.endswith("/probe") else {}
        is_page = template.startswith("/reslice/viewer")  # whose addresses are the page's own
        assert (world.get(template, {**query, "no-such-parameter": 1}).status == 400) is not is_page
        assert (nowhere.get(template, query).status == 404) is ("{id}" in template)
        refuses = "406" in CONTENT["paths"][template]["get"]["responses"]
        assert (world.get(template, query, Accept="text/x-nothing").status == 406) is refuses
        return
    assert nowhere.send(method, template, b"{", **WRITES).status in (200, 400, 404)
    assert world.send(method, template, b"{", **WRITES, **cross_site).status == 403
    assert world.send(method, template, b"{").status in (400, 403, 412)


def test_every_error_of_the_table_is_declared_somewhere() -> None:
    declared = {int(status) for _, _, operation in JUDGE.operations for status in operation["responses"]}
    # Another method on a path of ours is Orthanc's to refuse, without JSON: it belongs to no operation.
    assert {*STATUSES.values(), 500} - {405} <= declared
    assert all("503" in o["responses"] and "500" in o["responses"] for _, _, o in JUDGE.operations)


def test_other_series_and_what_is_no_image_answer_as_declared(world: World) -> None:
    for series in world.get("/studies/{id}/volumes").json()["Series"]:
        here = World(world.client, {**world.ids, "series": series["Series"]}, world.measurement)
        for template in [t for m, t in OPERATIONS if m == "GET" and t.startswith("/series/")]:
            query = {"point": "0,0,0"} if template.endswith("probe") else {}
            assert here.get(template, query).status in (200, 404, 422)


# --- Whether the judge can find anything ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (418, {}, {}),
        (200, {"Content-Type": "text/plain"}, {"Dropped": 0}),
        (200, {}, {"Dropped": -1}),
        (200, {}, {}),
        (200, {}, {"Dropped": 0, "Other": 1}),
        (200, {"Reslice-Plane": "{}"}, {"Dropped": 0}),
    ],
)
def test_judge_finds_what_is_undeclared(status: int, headers: dict[str, str], body: object) -> None:
    usual = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    JUDGE.assert_declared("DELETE", "/reslice/cache", Answer(200, usual, b'{"Dropped":0}'))
    with pytest.raises(AssertionError):
        JUDGE.assert_declared("DELETE", "/reslice/cache", Answer(status, {**usual, **headers}, body_of(body)))


def test_schemas_that_are_open_stay_open_for_the_judge() -> None:
    assert closed({"type": "object", "properties": {"a": {}}})["additionalProperties"] is False
    assert closed({"type": "object", "properties": {}, "additionalProperties": True})["additionalProperties"] is True
