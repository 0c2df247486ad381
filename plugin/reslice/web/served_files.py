"""Files of our own pages, read once: what isn't in the listing can't be asked for, however a path is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from reslice.errors import UnknownResource
from reslice.web import caching
from reslice.web.message import Request, Response

STATIC = Path(__file__).resolve().parent.parent / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; object-src 'none'"
)
"""Scripts, styles and requests of this server only; nothing inline, nothing evaluated."""

HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
ANY_BYTES = "application/octet-stream"
MOVED = 302


@dataclass(frozen=True)
class _Asset:
    content: bytes
    media_type: str
    tag: str


class Assets:
    """The files below one folder, by their paths from there (`viewer/index.html`), as they were when it was read."""

    def __init__(self, folder: Path = STATIC) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        self._assets: Mapping[str, _Asset] = {path.relative_to(folder).as_posix(): _read(path) for path in files}

    def answer(self, request: Request, name: str) -> Response:
        """One of the files, or 304. Raises UnknownResource."""
        asset = self._assets.get(name)
        if asset is None:
            raise UnknownResource("There is no such file")
        headers = {**HEADERS, "ETag": asset.tag}
        if caching.holds_any(request) or caching.is_current(request, asset.tag):
            return caching.not_modified(headers, asset.media_type)
        return Response(200, asset.media_type, asset.content, headers)


def _read(path: Path) -> _Asset:
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _Asset(content, MEDIA_TYPES.get(path.suffix.lower(), ANY_BYTES), tag)


def moved(location: str, request: Request) -> Response:
    """A redirection that keeps the query; a relative location holds behind any proxy's prefix."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {"Location": f"{location}{query}", "Cache-Control": "no-cache"}
    return Response(MOVED, "text/plain; charset=utf-8", b"", headers)
