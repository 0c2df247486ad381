"""Writes that another site's page could trick a browser into are refused."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from reslice.errors import Forbidden
from reslice.web.message import Request

CONFIRMATION = "reslice-confirm"
OPAQUE_ORIGIN = "null"
"""What sandboxed pages send: anybody's, so nobody's."""
OWN_FETCH_SITES = frozenset({"same-origin", "none"})


def require_own_site(request: Request, allowed_origins: Collection[str]) -> None:
    """Raise Forbidden unless the write comes from our own pages or from no browser at all."""
    headers = request.headers
    if not _is_own_site(headers, allowed_origins):
        raise Forbidden("A page of another site may not write here")


def _is_own_site(headers: Mapping[str, str], allowed_origins: Collection[str]) -> bool:
    fetch_site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()  # each proxy adds its own behind it
    own = {headers.get("host"), forwarded} - {None, ""}
    if fetch_site in OWN_FETCH_SITES:
        return True
    if origin is not None:
        return (origin in allowed_origins and origin != OPAQUE_ORIGIN) or _host(origin) in own
    referer = headers.get("referer")
    return fetch_site is None and (referer is None or _host(referer) in own)


def _host(url: str) -> str | None:
    """The host and port of a URL; None where it is none."""
    try:
        return urlsplit(url).netloc or None
    except ValueError:
        return None


def require_confirmation(request: Request) -> None:
    """Raise Forbidden unless the header that no image tag can send is there."""
    if request.headers.get(CONFIRMATION) != "1":
        raise Forbidden("Send the header Reslice-Confirm: 1 to confirm", reason="confirmation-required")
