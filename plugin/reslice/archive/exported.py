"""What an export in JSON brings back."""

from collections.abc import Mapping
from typing import Any

from reslice.archive.importing import Candidate, Outcome
from reslice.dicom.uids import is_uid
from reslice.errors import InvalidMeasurement
from reslice.measurement.carried import carried_of
from reslice.measurement.document import draft_of_record
from reslice.measurement.exchange import from_json

LONGEST_TEXT = 256
REMEMBERED = ("Id", "Author", "CreatedAt", "UpdatedAt", "UpdatedBy", "Revision")
"""What is told of a record as it was where it comes from: nobody has verified it here."""


def candidates_of(document: Any, outcome: Outcome) -> list[Candidate]:
    """The measurements of an export document; what is none is told in `outcome`. Raises InvalidMeasurement."""
    entries = from_json(document)
    for skipped in entries.skipped:
        outcome.skip(skipped.reason, skipped.details, Entry=skipped.index)
    found = []
    for index, record in entries.records:
        try:
            found.append(_candidate(record))
        except InvalidMeasurement as error:
            outcome.skip(error.reason, error.details, Entry=index)
    return found


def _candidate(record: Mapping[str, Any]) -> Candidate:
    tracking_uid = record.get("TrackingUID")
    if not is_uid(tracking_uid):
        raise InvalidMeasurement("The record has no TrackingUID", reason="bad-id", Parameter="TrackingUID")
    is_carried = record.get("Type") == "volume" and not record.get("Geometry")
    draft = None if is_carried else draft_of_record(record)
    claimed = carried_of(dict(record)).to_json() if is_carried else record
    return Candidate(
        tracking_uid=str(tracking_uid),
        draft=draft,
        claimed=claimed,
        origin=_origin(record, is_carried=is_carried),
        identifier=draft.id if draft is not None else None,
    )


def _origin(record: Mapping[str, Any], *, is_carried: bool) -> dict[str, Any]:
    told = {key: record[key] for key in REMEMBERED if _is_plain(record.get(key))}
    return {"Format": "json", **told, **({"NotCarried": ["Geometry"]} if is_carried else {})}


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
