"""What comes in and what goes out, free of any server."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NO_STORE = {"Cache-Control": "no-store"}
"""With what changes without its pixels: it is asked for anew each time."""


@dataclass(frozen=True)
class Request:
    """One request: decoded path and query, lower-case header names.

    `user` is who has shown the server a password that it knows; None where it asks for none.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str | None = None


@dataclass(frozen=True)
class Response:
    """One answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def as_text(value: Any) -> str:
    """Compact JSON in ASCII; NaN is impossible."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON (ASCII-escaped, NaN impossible)."""
    return Response(status, "application/json", as_text(value).encode("ascii"), headers or {})


def as_list(facts: Mapping[str, Any], name: str, texts: Iterable[str], headers: Mapping[str, str]) -> Response:
    """An answer in JSON whose last key holds a list of what is JSON (in ASCII) already."""
    body = f"{as_text({**facts, name: []})[:-2]}{','.join(texts)}]}}".encode("ascii")
    return Response(200, "application/json", body, headers)
