"""Files of our own pages, read once: what isn't in the listing can't be asked for, however a path is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from reslice.errors import UnknownResource
from reslice.web import caching, page_files
from reslice.web.message import Request, Response

STATIC = Path(__file__).resolve().parent.parent / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; object-src 'none'"
)
"""Scripts, styles and requests of this server only; nothing inline, nothing evaluated."""

REVALIDATE = "no-cache"
LASTING = "public, max-age=31536000, immutable"
"""A year, without ever asking: another file has another address."""
HEADERS = {
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
VIEWER = "viewer/"


@dataclass(frozen=True)
class _Asset:
    content: bytes
    media_type: str
    tag: str
    caching: str = REVALIDATE


class Assets:
    """The files below one folder, by their paths from there (`viewer/index.html`), as they were when it was read.

    Those of the viewer are in a folder of their own too (`viewer/files-<digest>/viewer.js`), where they never change.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        self._assets = {name: _asset(name, content) for name, content in files.items()}
        viewer = {name.removeprefix(VIEWER): content for name, content in files.items() if name.startswith(VIEWER)}
        if page_files.PAGE in viewer:
            self._version(viewer)

    def _version(self, viewer: Mapping[str, bytes]) -> None:
        """Keep the viewer's files under lasting addresses, and let its page refer to them there."""
        folder, page = page_files.folder_of(viewer), page_files.PAGE
        others = {name: self._assets[f"{VIEWER}{name}"] for name in viewer if name != page}
        lasting = {f"{VIEWER}{folder}{name}": replace(asset, caching=LASTING) for name, asset in others.items()}
        led = _asset(page, page_files.with_references(viewer, folder))
        self._assets = {**self._assets, **lasting, f"{VIEWER}{page}": led}

    def answer(self, request: Request, name: str) -> Response:
        """One of the files, or 304. Raises UnknownResource."""
        asset = self._assets.get(name)
        if asset is None:
            is_old = page_files.is_folder(name.removeprefix(VIEWER))
            details = "There is no such file in this version of the page: load the page again"
            raise UnknownResource(details if is_old else "There is no such file")
        headers = {**HEADERS, "Cache-Control": asset.caching, "ETag": asset.tag}
        if caching.holds_any(request) or caching.is_current(request, asset.tag):
            return caching.not_modified(headers, asset.media_type)
        return Response(200, asset.media_type, asset.content, headers)


def _asset(name: str, content: bytes) -> _Asset:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _Asset(content, MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), ANY_BYTES), tag)


def moved(location: str, request: Request) -> Response:
    """A redirection that keeps the query; a relative location holds behind any proxy's prefix."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {"Location": f"{location}{query}", "Cache-Control": "no-cache"}
    return Response(MOVED, "text/plain; charset=utf-8", b"", headers)
