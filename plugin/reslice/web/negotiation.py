"""Which image format is answered: `format` first, else the Accept header (RFC 9110 12.5.1)."""

import re
from collections.abc import Sequence

from reslice.errors import NotAcceptable
from reslice.imaging.encode import FORMATS, ImageFormat

QUALITY = re.compile(r"q\s*=\s*([01](\.\d{0,3})?)\s*", re.IGNORECASE | re.ASCII)


def choose(name: str | None, accept: str | None, offered: Sequence[ImageFormat]) -> ImageFormat:
    """The format that the client likes best; ties go to the first offered. Raises NotAcceptable."""
    if name is not None:
        return FORMATS[name]
    if accept is None or not accept.strip():
        return offered[0]
    ranges = _ranges(accept)
    best = max(offered, key=lambda f: _liking(f.media_type, ranges))
    if _liking(best.media_type, ranges) <= 0:
        raise NotAcceptable("None of the accepted media types can be made", Allowed=[f.media_type for f in offered])
    return best


def _ranges(accept: str) -> dict[str, float]:
    """Media ranges with their q-values."""
    ranges = {}
    for part in accept.split(","):
        media_range, *options = part.split(";")
        ranges[media_range.strip().lower()] = _q(options)
    return ranges


def _q(options: Sequence[str]) -> float:
    found = (QUALITY.fullmatch(option.strip()) for option in options)
    return next((min(1.0, float(match[1])) for match in found if match), 1.0)


def _liking(media_type: str, ranges: dict[str, float]) -> float:
    """The q-value of the most specific range that fits."""
    kind = media_type.split("/", maxsplit=1)[0]
    for media_range in (media_type, f"{kind}/*", "*/*"):
        if media_range in ranges:
            return ranges[media_range]
    return 0.0
