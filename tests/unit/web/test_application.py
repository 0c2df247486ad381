"""The application never raises; what nobody foresaw is logged under an id, and only there."""

import json
import logging
import re

import pytest

from clients import orthanc_ids
from phantoms import AXIAL, noise
from reslice.archive.memory import MemoryArchive
from reslice.errors import ArchiveUnavailable, Busy, UnknownResource
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Request, Response
from unit.archive.stores import WatchedArchive, filled

SECRETS = "/var/lib/orthanc/db token=hunter2 Doe^Jane"


class FailingArchive(WatchedArchive):
    """Every question about a series fails in the same way."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def revision(self, series_id: str) -> None:
        """Raise the error."""
        raise self._error

    series_of = instance = revision


def ask(archive: MemoryArchive, path: str, method: str = "GET", **query: str) -> tuple[Response, list[str]]:
    """The answer, and what was logged."""
    log: list[str] = []
    application = Application(archive, Settings(), log.append)
    return application.handle(Request(method, path, query)), log


ROUTES = ["volumes", "slices", "slices/0", "mpr/axial", "thumbnail"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "error", [RuntimeError(SECRETS), KeyError(SECRETS), ZeroDivisionError(), OverflowError(SECRETS)], ids=repr
)
def test_the_unforeseen_is_500_with_an_id(route: str, error: Exception) -> None:
    response, log = ask(FailingArchive(error), f"/series/x/{route}")
    body = json.loads(response.body)
    assert (response.status, body["Reason"]) == (500, "internal-error")
    assert re.fullmatch("[0-9a-f]{8}", body["Id"])
    assert len(log) == 1
    assert body["Id"] in log[0]
    assert "Traceback" in log[0]
    assert type(error).__name__ in log[0]
    assert f"GET /series/x/{route}" in log[0]


def test_nothing_of_the_cause_is_told() -> None:
    response, log = ask(FailingArchive(RuntimeError(SECRETS)), "/series/x/volumes")
    told = response.body.decode() + str(response.headers)
    assert SECRETS in log[0]
    for secret in (*SECRETS.split(), "RuntimeError", "Traceback", ".py", "reslice/"):
        assert secret not in told


def test_two_failures_have_two_ids() -> None:
    ids = {json.loads(ask(FailingArchive(RuntimeError()), "/series/x/volumes")[0].body)["Id"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("error", "status"),
    [(UnknownResource("gone"), 404), (Busy("later"), 503), (ArchiveUnavailable("no index"), 503), (MemoryError(), 503)],
    ids=repr,
)
def test_our_own_errors_are_answered_and_not_logged(error: Exception, status: int) -> None:
    response, log = ask(FailingArchive(error), "/series/x/volumes")
    assert response.status == status
    assert log == []


def test_without_a_log_of_its_own_it_uses_pythons(caplog: pytest.LogCaptureFixture) -> None:
    application = Application(FailingArchive(RuntimeError("boom")), Settings())
    with caplog.at_level(logging.ERROR):
        body = json.loads(application.handle(Request("GET", "/series/x/volumes")).body)
    assert body["Id"] in caplog.text
    assert "boom" in caplog.text


@pytest.mark.parametrize(
    "path", ["", "/", "/reslice/", "/reslice/nothing", "/series", "/series/x/mpr", "/series//slices", "x"]
)
def test_unknown_paths(path: str) -> None:
    response, log = ask(MemoryArchive(), path)
    assert response.status == 404
    assert json.loads(response.body)["Reason"] == "unknown-resource"
    assert log == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "PATCH", "get", ""])
def test_other_methods_are_told_which_there_are(method: str) -> None:
    response, _ = ask(MemoryArchive(), "/series/x/slices", method)
    assert response.status == 405
    assert response.headers["Allow"] == "GET"


def test_all_methods_of_a_path_are_told() -> None:
    response, _ = ask(MemoryArchive(), "/reslice/cache", "PUT")
    assert response.headers["Allow"] == "GET, DELETE"


HOSTILE = [
    "x",
    "..",
    "%2e%2e",
    "0" * 8 + "-0" * 4,
    "a" * 5000,
    "\n",
    "\r\nSet-Cookie: a=b",
    "é",
    "\ud800",
    "\0",
    "{id}",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_ids_are_unknown(hostile: str) -> None:
    for template in ("/series/{}/volumes", "/series/{}/slices/0", "/series/{}/mpr/axial", "/patients/{}/thumbnail"):
        response, log = ask(MemoryArchive(), template.format(hostile))
        assert response.status == 404
        assert response.body.isascii()
        assert log == []


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "-1", "1.5", "٣", "\uff11", "99999999999999999999", " 1", "0x1", ""], ids=ascii
)
def test_hostile_numbers_and_planes_are_unknown(hostile: str) -> None:
    archive = MemoryArchive()
    series = filled(archive, noise(AXIAL))
    for template in ("/series/{}/slices/{}", "/series/{}/mpr/{}"):
        response, log = ask(archive, template.format(series, hostile))
        assert response.status == 404
        assert log == []


@pytest.mark.parametrize("route", [*ROUTES, "slices/99", "mpr/none"])
@pytest.mark.parametrize("query", [{}, {"width": "x"}, {"format": "jpeg"}], ids=str)
def test_no_patient_is_named(route: str, query: dict[str, str]) -> None:
    """Neither in headers nor in refusals; the phantom's name, id and descriptions are searched for."""
    archive = MemoryArchive()
    secrets = {"PatientName": "Doe^Jane", "PatientID": "MRN-4711", "StudyDescription": "KneeSecret"}
    series = filled(archive, noise(AXIAL, **secrets, AccessionNumber="ACC-99", PatientBirthDate="19700102"))
    response, _ = ask(archive, f"/series/{series}/{route}", **query)
    told = str(dict(response.headers)) + (response.body.decode() if response.content_type.endswith("json") else "")
    for secret in (*secrets.values(), "ACC-99", "19700102", "Jane"):
        assert secret not in told


def test_instance_that_vanishes_between_index_and_reading_is_tried_again() -> None:
    datasets = noise(AXIAL)
    archive = WatchedArchive()
    series = filled(archive, datasets)

    def delete_once(_: str) -> None:
        archive.before_read = lambda _: None
        archive.delete(orthanc_ids(datasets[7])["instances"])

    archive.before_read = delete_once
    response, log = ask(archive, f"/series/{series}/slices")
    assert response.status == 200
    assert json.loads(response.body)["Count"] == 7
    assert log == []
