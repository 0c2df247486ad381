"""Bodies in JSON, read strictly: what can be understood in two ways is refused."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from reslice.errors import InvalidMeasurement, TooLarge

LARGEST_BODY = 1 << 20
"""Bytes of one measurement's description; the largest record takes a sixteenth of it."""
LARGEST_IMPORT = 64 << 20
"""Bytes of a file of measurements."""
MOST_VOLUMES = 4096
"""That can be named in one request."""


class LoadRequest(BaseModel):
    """The body of a request to load: which volumes; all without it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    Volumes: list[Annotated[int, Field(ge=0, le=MOST_VOLUMES)]] | None = Field(
        None, min_length=1, max_length=MOST_VOLUMES
    )


def require_size(body: bytes, limit: int) -> None:
    """Raise TooLarge for a body over the limit."""
    if len(body) > limit:
        details = f"The body has {len(body)} bytes; the limit is {limit}"
        raise TooLarge(details, reason="body-too-large", SizeBytes=len(body), LimitBytes=limit)


def decoded(body: bytes, limit: int = LARGEST_BODY) -> Any:
    """The JSON of a body. Raises TooLarge, InvalidMeasurement (`malformed-json`, `bad-number`)."""
    require_size(body, limit)
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InvalidMeasurement(f"The body isn't JSON: {_why(error)}", reason="malformed-json") from None


def _why(error: ValueError | RecursionError) -> str:
    return "It is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)[:200]


def _refuse(name: str) -> NoReturn:
    raise InvalidMeasurement(f"{name} is no number that can be measured with", reason="bad-number")


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) != len(listed):
        raise ValueError("a key is given twice")
    return found
