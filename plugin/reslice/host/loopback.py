"""Orthanc's own HTTP port, asked from inside: for what the SDK can't say (If-Match, another's credentials).

Each such request takes a second thread of Orthanc's for as long as ours waits, so only a few run at once.
"""

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reslice.errors import ArchiveUnavailable, Busy

HOST = "127.0.0.1"
ON_LOOPBACK = frozenset({HOST, "0.0.0.0", "localhost"})  # noqa: S104
"""Addresses that Orthanc may be told to listen at and that include ours; elsewhere the port may be anybody's."""
SECONDS = 10.0
"""For each step of a request; then all of Orthanc's threads are taken, or it hangs."""
HTTP_THREADS = 50
"""Orthanc's own default for HttpThreadsCount."""
SHARE = 4
"""One of so many HTTP threads may wait for another."""
TELLING = ("Name", "Version", "HttpPort", "DicomAet", "DicomPort", "DatabaseVersion")
"""What of `/system` tells one server from another that got hold of the port."""

Ask = Callable[..., "Answer"]
"""(method, path, headers, body) -> Answer."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    etag: str | None
    body: bytes


class Loopback:
    """A client of the server that it runs in; a connection for each conversation, never by a proxy.

    `token` gives the header that Orthanc's plugins authorize themselves with, `system` the `/system` of this
    server: both are asked for when they are needed first, since the server doesn't answer while it starts.
    """

    def __init__(self, configuration: Mapping[str, Any], token: Callable[[], str], system: Callable[[], bytes]) -> None:
        threads = int(configuration.get("HttpThreadsCount", HTTP_THREADS))
        self._port = int(configuration.get("HttpPort", 8042))
        self._is_secure = bool(configuration.get("SslEnabled", False))
        self._is_possible = (
            bool(configuration.get("HttpServerEnabled", True))
            and not (self._is_secure and configuration.get("SslVerifyPeers", False))
            and not ON_LOOPBACK.isdisjoint(configuration.get("HttpBindAddresses") or [HOST])
            and threads > 1
        )
        self._slots = threading.BoundedSemaphore(max(1, threads // SHARE))
        self._token, self._system = token, system
        self._is_known = False

    @contextmanager
    def slot(self) -> Iterator[None]:
        """The right to ask for a while; never waited for. Raises Busy, ArchiveUnavailable (`loopback-unavailable`)."""
        if not self._is_possible:
            raise _unavailable("Orthanc's configuration doesn't let it ask its own HTTP port")
        if not self._slots.acquire(blocking=False):
            raise Busy("Too many requests need Orthanc's own HTTP port at the moment")
        try:
            yield
        finally:
            self._slots.release()

    def is_there(self) -> bool:
        """Whether this server answers at its port of the loopback interface."""
        try:
            with self.slot():
                self.require()
        except ArchiveUnavailable:
            return False
        except Busy:  # only because it answers others
            return True
        return True

    def require(self) -> None:
        """Raise ArchiveUnavailable unless it has answered once, and as this server; called with a slot."""
        if self._is_known:
            return
        with self.conversation() as ask:
            answer: Answer = ask("GET", "/system", self.own_headers())
        if answer.status != 200 or _telling(answer.body) != _telling(self._system()):
            raise _unavailable(f"Not this Orthanc answers at {HOST}:{self._port}, or it refuses its plugins")
        self._is_known = True

    def own_headers(self) -> dict[str, str]:
        """The authority of the server itself: it passes every filter, so our own checks come before."""
        return {"Authorization": self._token()}

    @contextmanager
    def conversation(self) -> Iterator[Ask]:
        """A function that asks over one connection; called with a slot.

        The first answer means that a thread of Orthanc's serves this connection: later requests don't queue.
        Raises ArchiveUnavailable (`loopback-unavailable`).
        """
        connection = self._connection()

        def ask(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("ETag"), answer.read())

        try:
            yield ask
        except (OSError, http.client.HTTPException) as error:
            raise _unavailable(f"Orthanc's own HTTP port doesn't answer: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if not self._is_secure:
            return http.client.HTTPConnection(HOST, self._port, timeout=SECONDS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # it was issued for another name, and nobody else is on this interface
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(HOST, self._port, timeout=SECONDS, context=context)


def _unavailable(details: str) -> ArchiveUnavailable:
    return ArchiveUnavailable(details, reason="loopback-unavailable")


def _telling(system: bytes) -> list[object] | None:
    try:
        facts = json.loads(system)
        return [facts.get(name) for name in TELLING]
    except (ValueError, AttributeError):
        return None
