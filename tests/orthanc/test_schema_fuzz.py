"""Requests made from the OpenAPI document, right ones and wrong ones, at a real Orthanc: every answer is declared.

Only the methods of the document are sent: HEAD, OPTIONS and PATCH never reach a plugin, and Orthanc's own 405 has no
JSON. Orthanc tells plugins the query of a GET alone, so nothing is added to that of other methods.
"""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict
from schemathesis import Case, checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from clients import Answer, OrthancClient, orthanc_ids
from contract_checks import Judge
from drafts import body_of, in_series, on_image
from phantoms import Acquisition, file_of, image, noise, structured_report
from reslice.settings import Settings
from reslice.web.openapi import Document
from reslice.web.routes import ROUTES
from server import folder_in_memory, running_orthanc

LARGEST_SIDE = 256
"""Of the server's settings: whatever size is asked for, an answer takes milliseconds."""
CONTENT = json.loads(Document(ROUTES, Settings(largest_side=LARGEST_SIDE)).content)
JUDGE = Judge(CONTENT)
CHECKS = [
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
]
REFUSALS = ["400", "403", "404", "406", "409", "410", "412", "413", "415", "422"]
"""What may come of a request that the document doesn't allow; a revision that isn't one is 412."""
UNKNOWN = ["00000000-00000000-00000000-00000000-00000000", "no-such-thing"]
UNHEALTHY = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


def schema_of(*, thorough: bool) -> Any:
    """The document as schemathesis takes it; a thorough one has every limit of every parameter tried."""
    phases = {
        "coverage": {"enabled": thorough, "unexpected-methods": []},
        "stateful": {"enabled": False},
    }
    refusals = {"negative_data_rejection": {"expected-statuses": REFUSALS}}
    configuration = {"phases": phases, "generation": {"mode": "all"}, "checks": refusals}
    return schemathesis.openapi.from_dict(CONTENT, config=SchemathesisConfig.from_dict(configuration))


REPORT = file_of(structured_report())
FILES = st.one_of(
    st.sampled_from([REPORT, REPORT[:-9], REPORT[:132]]), st.binary(max_size=99).map(lambda end: REPORT[:200] + end)
)
schemathesis.openapi.media_type("application/dicom", FILES)

QUICK, THOROUGH = schema_of(thorough=False), schema_of(thorough=True)


class World(NamedTuple):
    """A server, and what can be named of it."""

    client: OrthancClient
    session: requests.Session
    ids: dict[str, list[str]]
    measurements: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    """A small CT, an image in colours and a structured report in one study, with measurements."""
    with folder_in_memory() as folder, running_orthanc(folder, Reslice={"LargestSide": LARGEST_SIDE}) as orthanc:
        client = orthanc.client()
        files = noise(Acquisition(shape=(5, 24, 20)))
        study = {"StudyInstanceUID": files[0].StudyInstanceUID}
        files += [image(np.full((8, 9, 3), 77, np.uint8), **study), structured_report(**study)]
        client.store(files)
        every = [orthanc_ids(file) for file in files]
        ids = {level: list(dict.fromkeys(one[level] for one in every)) for level in every[0]}
        assert client.get("/reslice/openapi.json").json() == CONTENT
        with requests.Session() as session:
            session.trust_env = False
            yield World(client, session, ids, [])
        assert orthanc.alive, orthanc.recent_log
        assert "Traceback" not in orthanc.log


@pytest.fixture
def world(server: World) -> World:
    """The same with three measurements, one of which may be deleted by a test before."""
    url = f"/studies/{server.ids['studies'][0]}/measurements"
    series, instance = server.ids["series"][0], server.ids["instances"][0]
    box = {"Shape": "everywhere", "Range": [0, 3000]}
    bodies = [on_image(instance, [(1, 2), (4, 6)]), in_series(series, (), "volume", Geometry=box)]
    made = [server.client.post(url, body_of(body)).json()["Id"] for body in bodies]
    return server._replace(measurements=made)


def aim(case: Case, world: World) -> None:
    """Name what is there, three times of four; else what isn't."""
    chance = random.Random(repr((case.path_parameters, case.query, case.body)))  # noqa: S311 - always the same
    parts = case.path_parameters
    level = case.operation.path.split("/")[1]
    for name in parts or ():
        known = {"id": world.ids.get(level), "uuid": world.measurements, "file": ["docs.js", "index.html"]}.get(name)
        if name == "file" and chance.random() < 0.5:
            continue  # whatever it is: these routes take any text
        if known is not None:
            case.path_parameters[name] = chance.choice(known if chance.random() < 0.75 else UNKNOWN)
        elif name != "file" and not str(parts[name]).isalnum():
            case.path_parameters[name] = "x"
    declared = {parameter["name"].lower() for parameter in operation_of(case).get("parameters", ())}
    for name in [name for name in case.headers if name.lower() not in declared]:
        del case.headers[name]  # Orthanc itself refuses odd names, before any plugin is asked
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("Image"), dict):
        body["Image"] = {"Instance": chance.choice(world.ids["instances"]), "Frame": 0}
    if isinstance(body, dict) and isinstance(body.get("Series"), str):
        body["Series"] = world.ids["series"][0]


def operation_of(case: Case) -> dict[str, Any]:
    return CONTENT["paths"][case.operation.path][case.method.lower()]


def assert_as_declared(case: Case, world: World) -> None:
    """Ask, and have the answer judged by schemathesis and, more strictly, by ourselves."""
    # A wrong part of a path is another path, perhaps one of Orthanc's own: `aim` puts a right one there.
    is_mended = case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH)
    aim(case, world)
    answer = case.call(base_url=world.client.url, session=world.session, allow_redirects=False)
    # From 1.12.2 on Orthanc adds text/plain to the media type of a plugin's errors.
    answer.headers["content-type"] = [answer.headers["content-type"][0].partition(",")[0].strip()]
    if answer.status_code >= 500:
        assert answer.status_code == 503, (case.as_curl_command(), answer.text[:500])
    case.validate_response(answer, checks=CHECKS if is_mended else [*CHECKS, checks.negative_data_rejection])
    headers = CaseInsensitiveDict({name: values[0] for name, values in answer.headers.items()})
    JUDGE.assert_declared_by(
        operation_of(case), Answer(answer.status_code, headers, answer.content), case.as_curl_command()
    )


@QUICK.parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=UNHEALTHY)
def test_requests_from_the_document_are_answered_as_it_says(case: Case, world: World) -> None:
    assert_as_declared(case, world)


@pytest.mark.slow
@THOROUGH.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=UNHEALTHY)
def test_many_requests_from_the_document_are_answered_as_it_says(case: Case, world: World) -> None:
    assert_as_declared(case, world)
