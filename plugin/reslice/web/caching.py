"""Entity tags: strong, from the identity of the pixels and everything that decides the bytes."""

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel

from reslice import __version__
from reslice.web.message import NO_STORE, Request, Response

REVALIDATE = "private, no-cache"


def etag(*parts: object) -> str:
    """A strong entity tag of the parts; parameters count by their values, in whatever order they came."""
    canonical = [part.model_dump_json() if isinstance(part, BaseModel) else str(part) for part in parts]
    digest = hashlib.sha256("\x1f".join([__version__, *canonical]).encode("utf-8", "backslashreplace")).hexdigest()
    return f'"{digest[:32]}"'


def headers(tag: str, *, is_final: bool = True) -> dict[str, str]:
    """What goes with an answer that may be kept and asked about again.

    An answer that isn't final may be another one as soon as a file can be read again: it is not kept.
    """
    if not is_final:
        return NO_STORE
    return {"ETag": tag, "Cache-Control": REVALIDATE, "Vary": "Accept"}


def is_current(request: Request, tag: str) -> bool:
    """Whether the client holds this very answer (RFC 9110 13.1.2: weak comparison)."""
    wanted = request.headers.get("if-none-match", "")
    return tag in {part.strip().removeprefix("W/") for part in wanted.split(",")}


def is_kept(response: Response) -> bool:
    """Whether clients may keep the answer and ask whether it is current."""
    return response.headers.get("Cache-Control") == REVALIDATE and "ETag" in response.headers


def holds_any(request: Request) -> bool:
    """Whether the client doesn't want the answer if there is one at all (`If-None-Match: *`)."""
    return request.headers.get("if-none-match", "").strip() == "*"


def not_modified(extra: Mapping[str, str], content_type: str) -> Response:
    """304, without a body."""
    return Response(304, content_type, b"", extra)
