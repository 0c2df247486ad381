"""Reading in the caller's name: Orthanc and its authorization decide as if the caller had asked for it."""

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode

from reslice.errors import Forbidden, UnknownResource, Unreadable
from reslice.host.loopback import Answer, Loopback

OF_THE_REQUEST = frozenset(
    {
        *("host", "expect", "range", "origin", "referer", "x-http-method-override"),
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that tell of the request which is being answered, or of its connection, not of who sent it."""
KINDS_OF_THE_REQUEST = ("accept", "content-", "if-", "sec-")


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers (names in lower case) that tell who asks: credentials, cookies, what proxies added."""
    listed = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    return {
        name: value
        for name, value in headers.items()
        if name not in OF_THE_REQUEST | listed and not name.startswith(KINDS_OF_THE_REQUEST)
    }


def file_for_caller(loopback: Loopback, instance: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bytes:
    """As `Archive.read_as`, of an id that is one of Orthanc's."""
    path = f"/instances/{instance}/file" + (f"?{urlencode(query)}" if query else "")
    sent = {name: value.encode("utf-8", "replace").decode("latin-1") for name, value in forwarded(headers).items()}
    with loopback.slot():
        loopback.require()
        try:
            with loopback.conversation() as ask:
                answer: Answer = ask("GET", path, sent)
        except ValueError as error:  # a line break where none may be: then it isn't what the caller sent
            raise Forbidden("These headers can't be sent on", reason="forbidden-resource") from error
    return _content(answer, instance)


def _content(answer: Answer, instance: str) -> bytes:
    if answer.status == http.client.OK:
        return answer.body
    if answer.status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise Forbidden("You may not read this instance", reason="forbidden-resource")
    if answer.status == http.client.NOT_FOUND:
        raise UnknownResource("There is no such instance", reason="unknown-instance")
    raise Unreadable(f"Orthanc doesn't give the file of instance {instance}: {answer.status}")
