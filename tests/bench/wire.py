"""The one HTTP client of both sides: a connection that stays open, with TCP_NODELAY, never compressed."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 600
IDLE_SECONDS = 0.3
"""Orthanc closes a connection that has been idle for half a second; we do so earlier."""


class Wire:
    """One connection to one server. http.client sets TCP_NODELAY and accepts no encoding by itself."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
        self._used_at = 0.0

    def get(self, path: str, **headers: str) -> bytes:
        """The body of a 200; `_` in the name of a header is sent as `-`."""
        return self.request("GET", path, headers)[1]

    def json(self, path: str) -> Any:
        """The same, parsed."""
        return json.loads(self.get(path))

    def etag(self, path: str) -> str:
        """The entity tag of a 200."""
        tag = self.request("GET", path)[0].getheader("ETag")
        assert tag, path
        return tag

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"", status: int = 200
    ) -> tuple[HTTPResponse, bytes]:
        """Send a request and read its answer; any other status than the expected one ends the benchmark."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self._connection.close()
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        self._connection.request(method, path, body or None, sent)
        response = self._connection.getresponse()
        content = response.read()
        self._used_at = time.monotonic()
        if response.status != status:
            raise RuntimeError(f"{method} {path}: {response.status} instead of {status}: {content[:500]!r}")
        return response, content

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
