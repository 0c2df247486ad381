"""The table from what can go wrong to HTTP, and the answer in Orthanc's JSON shape."""

from collections.abc import Mapping

from reslice import errors
from reslice.web.message import NO_STORE, Request, Response, as_json

STATUSES: dict[type[errors.ResliceError], int] = {
    errors.BadParameter: 400,
    errors.InvalidMeasurement: 400,
    errors.Forbidden: 403,
    errors.UnknownResource: 404,
    errors.MethodNotAllowed: 405,
    errors.NotAcceptable: 406,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.Undecodable: 415,
    errors.NotReconstructable: 422,
    errors.Busy: 503,
    errors.ArchiveUnavailable: 503,
    errors.StorageFull: 507,
}

MESSAGES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}

ORTHANC_ERRORS = {400: (8, "Bad request"), 403: (2000, "Forbidden"), 404: (17, "Unknown resource")}
"""Orthanc's own number and text for a status, where it has one; else that of a plugin (-1)."""

RETRY_AFTER_SECONDS = "2"


def status_of(error: errors.ResliceError) -> int:
    """The HTTP status of an error, by the nearest class of the table."""
    return next((STATUSES[c] for c in type(error).__mro__ if c in STATUSES), 500)


def answer(error: errors.ResliceError, request: Request) -> Response:
    """The answer to an error."""
    status = status_of(error)
    headers: dict[str, str] = dict(NO_STORE)
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return _problem(request, status, error.details, {"Reason": error.reason, **error.facts}, headers)


def unexpected(request: Request, error_id: str) -> Response:
    """The answer to what nobody foresaw; the log tells more under the same id."""
    details = f"Something unforeseen happened; Orthanc's log tells more under {error_id}"
    facts = {"Reason": "internal-error", "Id": error_id}
    return _problem(request, 500, details, facts, NO_STORE)


def _problem(
    request: Request, status: int, details: str, facts: Mapping[str, object], headers: Mapping[str, str]
) -> Response:
    number, text = ORTHANC_ERRORS.get(status, (-1, MESSAGES[status]))
    body = {
        "Details": details,
        "HttpError": MESSAGES[status],
        "HttpStatus": status,
        "Message": text,
        "Method": request.method,
        "OrthancError": text,
        "OrthancStatus": number,
        "Uri": request.path,
        **facts,
    }
    return as_json(body, status, headers)
