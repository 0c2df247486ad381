"""A study's measurements in numbers: how many of what, by whom, and statistics that never mix units."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reslice.measurement.principal import Record, principal_of
from reslice.measurement.record import is_computed

Statistics = dict[str, dict[str, dict[str, int | float]]]
"""By type, by unit: Count, Mean, Minimum, Maximum."""


def summarise(study_id: str, records: Sequence[Record], error_count: int = 0) -> dict[str, Any]:
    """Counts by type, series and author, the latest change, and statistics of the principal values.

    `error_count` is how many stored entries couldn't be read; they are in no other number.
    """
    return {
        "Study": study_id,
        "Count": len(records),
        "ErrorCount": error_count,
        "ByType": _counts(records, "Type"),
        "BySeries": _counts(records, "Series"),
        "ByAuthor": _counts(records, "Author"),
        "Latest": _latest(records),
        "Statistics": statistics_of(records),
    }


def _counts(records: Iterable[Record], key: str) -> dict[str, int]:
    return dict(sorted(Counter(str(record.get(key) or "") for record in records).items()))


def _latest(records: Iterable[Record]) -> dict[str, Any] | None:
    """What tells the record that was changed last; of several at one moment, the one with the highest id."""
    last = max(records, key=lambda r: (str(r.get("UpdatedAt")), str(r.get("Id"))), default=None)
    return None if last is None else {key: last.get(key) for key in ("Id", "Type", "Label", "Author", "UpdatedAt")}


def statistics_of(records: Iterable[Record]) -> Statistics:
    """Statistics of the principal values, by type and by unit; records without a finite one don't count.

    Nor do values that this server hasn't computed.
    """
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        entry = principal_of(record)
        if entry is not None and is_computed(record) and math.isfinite(entry["Value"]):
            found[record["Type"]][entry["Unit"]].append(float(entry["Value"]))
    return {
        kind: {unit: _described(values) for unit, values in sorted(units.items())} for kind, units in _sorted(found)
    }


def _sorted(found: Mapping[str, Mapping[str, list[float]]]) -> list[tuple[str, Mapping[str, list[float]]]]:
    return sorted(found.items(), key=lambda item: item[0])


def _described(values: Sequence[float]) -> dict[str, int | float]:
    """The mean is exact before it is rounded: it lies between the extremes, and huge values don't overflow."""
    return {
        "Count": len(values),
        "Mean": statistics.mean(values),
        "Minimum": min(values),
        "Maximum": max(values),
    }
