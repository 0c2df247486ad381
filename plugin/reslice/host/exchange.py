"""What Orthanc hands to a callback as a Request, and a Response as what it takes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from reslice.web.message import Request, Response

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def request_of(uri: str, request: Mapping[str, Any], decode: Callable[[str], str], user: str | None = None) -> Request:
    """Paths come decoded. Queries do from Orthanc 1.13 on; before, that depends on how it was built.

    There only percent escapes are decoded: that changes nothing in a value that is decoded already,
    unless it holds a literal percent sign before two digits, which none of ours does.
    """
    return Request(
        method=request["method"],
        path=uri,
        query={decode(name): decode(value) for name, value in request.get("get", {}).items()},
        headers=request["headers"],
        body=request.get("body", b""),
        user=user,
    )


def send(output: Any, response: Response) -> None:
    """Hand an answer to an `orthanc.RestOutput`."""
    if response.status == 405:
        output.SendMethodNotAllowed(response.headers["Allow"])
        return
    for name, value in response.headers.items():
        output.SetHttpHeader(name, _safe(value))
    if response.status == 200:
        output.AnswerBuffer(response.body, response.content_type)
        return
    output.SetHttpHeader("Content-Type", response.content_type)
    if response.status == 304:
        output.SendHttpStatusCode(304)
    else:
        _send_status(output, response.status, response.body)


def _safe(value: str) -> str:
    """A header value as it may be sent: Orthanc checks none, and a line break in one would be a header of its own."""
    return value if value.isascii() and value.isprintable() else quote(value, safe=PRINTABLE)


def _send_status(output: Any, status: int, body: bytes) -> None:
    """Plugin 4.0 wants a text and its length, later ones the body alone."""
    try:
        output.SendHttpStatus(status, body)
    except TypeError:
        text = body.decode("ascii")
        output.SendHttpStatus(status, text, len(text))
