"""Every error has a status, and tells no more than it should."""

import inspect
import json

import pytest

from reslice import errors
from reslice.errors import BadParameter, Busy, MethodNotAllowed, NotReconstructable, ResliceError, TooLarge
from reslice.web import problems
from reslice.web.message import Request

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, ResliceError)]
REQUEST = Request("GET", "/series/x/slices/1")
ORTHANC_KEYS = {
    "Details",
    "HttpError",
    "HttpStatus",
    "Message",
    "Method",
    "OrthancError",
    "OrthancStatus",
    "Uri",
}


def made(kind: type[ResliceError]) -> ResliceError:
    if issubclass(kind, BadParameter):
        return kind("width", "x", "a number", "It is none")
    if kind is MethodNotAllowed:
        return MethodNotAllowed(["GET", "DELETE"])
    return kind("Something is wrong")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_error_has_a_status_of_its_own(kind: type[ResliceError]) -> None:
    status = problems.status_of(made(kind))
    if kind is ResliceError:
        assert status == 500
    else:
        assert status != 500
        assert status in problems.MESSAGES


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_error_is_answered_in_orthancs_shape(kind: type[ResliceError]) -> None:
    error = made(kind)
    response = problems.answer(error, REQUEST)
    body = json.loads(response.body)
    assert body.keys() >= ORTHANC_KEYS | {"Reason"}
    assert body["HttpStatus"] == response.status == problems.status_of(error)
    assert (body["Method"], body["Uri"]) == ("GET", "/series/x/slices/1")
    assert body["Reason"] == error.reason
    assert body["Details"] == error.details
    assert body.items() >= error.facts.items()
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.body.isascii()


def test_reasons_are_kebab_case_and_stable() -> None:
    assert {c.__name__: c.reason for c in CLASSES} == {
        "ResliceError": "internal-error",
        "BadParameter": "bad-parameter",
        "ConflictingParameters": "conflicting-parameters",
        "InvalidMeasurement": "bad-measurement",
        "Conflict": "conflict",
        "Gone": "deleted",
        "PreconditionFailed": "stale-revision",
        "StorageFull": "storage-full",
        "Unmeasurable": "not-measurable",
        "UnknownResource": "unknown-resource",
        "Forbidden": "cross-site-write",
        "MethodNotAllowed": "method-not-allowed",
        "NotAcceptable": "not-acceptable",
        "TooLarge": "too-large",
        "Undecodable": "undecodable",
        "NotReconstructable": "no-volume",
        "Damaged": "damaged",
        "Unreadable": "unreadable",
        "Busy": "busy",
        "ArchiveUnavailable": "archive-unavailable",
    }


def test_statuses_are_those_of_the_contract() -> None:
    assert {c.__name__: problems.status_of(made(c)) for c in CLASSES if c is not ResliceError} == {
        "BadParameter": 400,
        "ConflictingParameters": 400,
        "InvalidMeasurement": 400,
        "Conflict": 409,
        "Gone": 410,
        "PreconditionFailed": 412,
        "StorageFull": 507,
        "Unmeasurable": 422,
        "UnknownResource": 404,
        "Forbidden": 403,
        "MethodNotAllowed": 405,
        "NotAcceptable": 406,
        "TooLarge": 413,
        "Undecodable": 415,
        "NotReconstructable": 422,
        "Damaged": 422,
        "Unreadable": 422,
        "Busy": 503,
        "ArchiveUnavailable": 503,
    }


def test_unknown_class_is_500_and_a_subclass_its_parents() -> None:
    class Odd(ResliceError):
        pass

    class TooDeep(NotReconstructable):
        pass

    assert problems.status_of(Odd("?")) == 500
    assert problems.answer(Odd("?"), REQUEST).status == 500
    assert problems.status_of(TooDeep("?")) == 422


def test_headers_of_some() -> None:
    assert problems.answer(MethodNotAllowed(["GET", "DELETE"]), REQUEST).headers["Allow"] == "GET, DELETE"
    assert int(problems.answer(Busy("later"), REQUEST).headers["Retry-After"]) > 0


def test_facts_stand_beside_the_reason() -> None:
    body = json.loads(problems.answer(TooLarge("big", SizeBytes=9, LimitBytes=5), REQUEST).body)
    assert (body["SizeBytes"], body["LimitBytes"]) == (9, 5)
    body = json.loads(problems.answer(made(BadParameter), REQUEST).body)
    assert (body["Parameter"], body["Value"], body["Allowed"]) == ("width", "x", "a number")


def test_unexpected_tells_an_id_and_nothing_else() -> None:
    response = problems.unexpected(REQUEST, "1a2b3c4d")
    body = json.loads(response.body)
    assert (response.status, body["Reason"], body["Id"]) == (500, "internal-error", "1a2b3c4d")
    assert body.keys() == ORTHANC_KEYS | {"Reason", "Id"}


@pytest.mark.parametrize("path", ["/x\r\ny", "/\ud800", "/é", "/" + "x" * 3000])
def test_hostile_paths_are_escaped(path: str) -> None:
    response = problems.answer(Busy("later"), Request("GET", path))
    assert json.loads(response.body)["Uri"] == path
    assert b"\n" not in response.body
