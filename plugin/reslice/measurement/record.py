"""A record: what the client said, what the server computed, and who did it when."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reslice.measurement.document import Draft

NOT_COMPUTED = "These numbers are the sender's: without their geometry they could not be computed here"

HIDDEN = frozenset({"SeriesDigest"})
"""Keys that only speed up the question whether pixels have changed."""

CARRIED = ("Type", "Tool", "Series", "Label", "Description", "Finding", "Site", "Values", "Source")
"""What is kept of a measurement whose geometry wasn't carried."""


def timestamp(moment: datetime) -> str:
    """UTC, to the millisecond, as records tell it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uid_of(identifier: str) -> str:
    """A DICOM UID made of a UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.UUID(identifier).int}"


def new_record(
    study: str, draft: Draft, measured: Mapping[str, Any], author: str, now: datetime, identifier: str
) -> dict[str, Any]:
    """The first revision of a record."""
    moment = timestamp(now)
    return {
        "Id": identifier,
        "TrackingUID": uid_of(identifier),
        "Revision": 1,
        "Author": author,
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Study": study,
        "RequestDigest": draft.digest,
        **_content(draft, measured),
    }


def is_computed(record: Mapping[str, Any]) -> bool:
    """Whether this server has computed its values; else they are what a sender says."""
    return (record.get("Method") or {}).get("Computed") is not False


def changed_record(
    current: Mapping[str, Any], draft: Draft, measured: Mapping[str, Any], author: str, now: datetime
) -> dict[str, Any]:
    """The same record, saying something else; what a sender once claimed of it no longer applies.

    `RequestDigest` stays that of its creation, so that a creation sent again is recognised.
    """
    kept = ("Id", "TrackingUID", "Revision", "Author", "CreatedAt", "Study", "RequestDigest")
    origin = {key: value for key, value in (current.get("Origin") or {}).items() if key != "NotCarried"}
    return {
        **{key: current[key] for key in kept if key in current},
        **({"Origin": origin} if origin else {}),
        "UpdatedAt": timestamp(now),
        "UpdatedBy": author,
        **_content(draft, measured),
    }


def _content(draft: Draft, measured: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in draft.to_json().items() if key != "Id"}
    return {**said, **{key: value for key, value in measured.items() if value is not None}}


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as clients see it."""
    return {key: value for key, value in record.items() if key not in HIDDEN}


def carried_record(
    study: str, carried: Mapping[str, Any], author: str, now: datetime, identifier: str
) -> dict[str, Any]:
    """A record of values whose geometry didn't come along: they are the sender's, and can't be computed here."""
    moment = timestamp(now)
    content = {key: carried[key] for key in CARRIED if carried.get(key) is not None}
    return {
        "Id": identifier,
        "TrackingUID": uid_of(identifier),
        "Revision": 1,
        "Author": author,
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Study": study,
        "RequestDigest": hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        **content,
        "Calibration": {"Source": "none", "Spacing": None, "Warning": NOT_COMPUTED},
        "Method": {"Software": "", "Computed": False},
    }
