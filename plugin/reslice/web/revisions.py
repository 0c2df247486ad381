"""Entity tags of records: the revision alone, and only for If-Match."""

import re
from typing import Any

from reslice.errors import InvalidMeasurement, PreconditionFailed
from reslice.web.message import NO_STORE, Request

TAG = re.compile(r'"([0-9]{1,9})"')


def headers_of(record: dict[str, Any]) -> dict[str, str]:
    """What goes with one record: its tag; and it isn't kept, since `Stale` changes without a new revision."""
    return {"ETag": f'"{record["Revision"]}"', **NO_STORE}


def asked_revision(request: Request) -> int:
    """The revision that the client means to change. Raises PreconditionFailed, InvalidMeasurement."""
    tag = request.headers.get("if-match", "").strip()
    if not tag:
        details = 'Say which revision is meant, by the header If-Match: "<Revision>"'
        raise PreconditionFailed(details, reason="if-match-required")
    found = TAG.fullmatch(tag)
    if found is None:
        raise InvalidMeasurement('If-Match takes one strong tag, like "3"', reason="bad-if-match")
    return int(found[1])
