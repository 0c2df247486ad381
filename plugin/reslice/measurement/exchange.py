"""The JSON document in which measurements leave and come back, and what is kept of a sender's numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reslice.errors import InvalidMeasurement
from reslice.measurement.principal import Record, entries_of
from reslice.measurement.tables import number

FORMAT = "reslice-measurements"
FORMAT_VERSION = 1
MOST_RECORDS = 2000
"""As many live records as a study may have; an export has no more."""

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-6, 1e-12
"""Within which a sender's number agrees with ours; the second is for values that are zero but for float noise."""
REPORT_TOLERANCE = 1e-4
"""The same, relative, for structured reports: their coordinates are in single precision (PS3.3 C.18.6.1)."""

MOST_CLAIMED, LONGEST_TEXT = 64, 64
"""What is kept of a sender's values: no more than this many, with names and units no longer than this."""


@dataclass(frozen=True)
class StudyFacts:
    """What an export says of its study."""

    study: str
    study_instance_uid: str
    exported_at: str


@dataclass(frozen=True)
class Skipped:
    """An entry that wasn't taken: its place in the document, the reason, and a sentence."""

    index: int
    reason: str
    details: str


@dataclass(frozen=True)
class Entries:
    """The records of a document, each with its place in it, and the entries that are none."""

    records: tuple[tuple[int, Record], ...]
    skipped: tuple[Skipped, ...]


def to_json(facts: StudyFacts, records: Sequence[Record]) -> dict[str, Any]:
    """The export document; records stand in it as they are, so nothing is lost."""
    return {
        "Format": FORMAT,
        "FormatVersion": FORMAT_VERSION,
        "Study": facts.study,
        "StudyInstanceUID": facts.study_instance_uid,
        "ExportedAt": facts.exported_at,
        "Count": len(records),
        "Measurements": list(records),
    }


def from_json(document: Any) -> Entries:
    """The records of an export document, as they stand in it: whether each can be measured isn't looked at here.

    Raises InvalidMeasurement: `not-an-export`, `unsupported-version`, `too-many-measurements`.
    """
    found = list(enumerate(_measurements_of(document)))
    skipped = tuple(
        Skipped(index, "not-an-object", f"Entry {index} isn't a JSON object")
        for index, entry in found
        if not isinstance(entry, Mapping)
    )
    return Entries(tuple((index, entry) for index, entry in found if isinstance(entry, Mapping)), skipped)


def _measurements_of(document: Any) -> list[Any]:
    if not isinstance(document, Mapping) or document.get("Format") != FORMAT:
        raise InvalidMeasurement(f"The document's Format isn't {FORMAT}", reason="not-an-export")
    version = document.get("FormatVersion")
    if type(version) is not int or version != FORMAT_VERSION:
        details = f"This server reads FormatVersion {FORMAT_VERSION} of {FORMAT}"
        raise InvalidMeasurement(details, reason="unsupported-version", Supported=[FORMAT_VERSION])
    measurements = document.get("Measurements")
    if not isinstance(measurements, list):
        raise InvalidMeasurement("The document has no list of Measurements", reason="not-an-export")
    if len(measurements) > MOST_RECORDS:
        details = f"The document holds {len(measurements)} measurements, more than a study can have"
        raise InvalidMeasurement(details, reason="too-many-measurements", Count=len(measurements), Limit=MOST_RECORDS)
    return measurements


def claimed_of(
    record: Record, fresh_values: Sequence[Mapping[str, Any]], *, is_reported: bool = False
) -> dict[str, Any] | None:
    """The sender's numbers, to be kept beside ours, and whether they differ; None where it sent none.

    `Mismatch` is true where a name is on one side only, where both have it but in no common unit, and where values
    of one name and unit differ by more than RELATIVE_TOLERANCE. Only well-formed entries of the sender are kept.
    A structured report (`is_reported`) holds what its sender cares for: there the names that both have count, and
    REPORT_TOLERANCE.
    """
    sent = record.get("Values")
    if not isinstance(sent, list) or not sent:
        return None
    values = [_kept(entry) for entry in entries_of({"Values": sent}) if _is_value(entry)][:MOST_CLAIMED]
    theirs, ours = _by_name(values), _by_name(fresh_values)
    if is_reported:
        common = theirs.keys() & ours.keys()
        is_mismatch = not all(_agree(theirs[name], ours[name], REPORT_TOLERANCE) for name in common)
    else:
        is_mismatch = _is_mismatch(theirs, ours)
    return {"Values": values, "Mismatch": is_mismatch}


def _is_value(entry: Mapping[str, Any]) -> bool:
    texts = (entry.get("Name"), entry.get("Unit"))
    return number(entry.get("Value")) is not None and all(
        isinstance(t, str) and 0 < len(t) <= LONGEST_TEXT and t.isprintable() for t in texts
    )


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("Name", "Value", "Unit")}


def _by_name(values: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The values by name, then by unit: a volume has two units."""
    found: dict[str, dict[str, float]] = {}
    for entry in values:
        found.setdefault(entry["Name"], {})[entry["Unit"]] = entry["Value"]
    return found


def _is_mismatch(theirs: Mapping[str, Mapping[str, float]], ours: Mapping[str, Mapping[str, float]]) -> bool:
    return theirs.keys() != ours.keys() or not all(
        _agree(theirs[name], ours[name], RELATIVE_TOLERANCE) for name in ours
    )


def _agree(theirs: Mapping[str, float], ours: Mapping[str, float], tolerance: float) -> bool:
    """Whether the values of one name are the same in each unit that both have, and there is one."""
    common = theirs.keys() & ours.keys()
    return bool(common) and all(
        math.isclose(theirs[unit], ours[unit], rel_tol=tolerance, abs_tol=ABSOLUTE_TOLERANCE) for unit in common
    )
