"""The one value that a measurement is made for, among those it has."""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
"""A measurement as it is stored and answered: JSON's own types under CamelCase keys."""

Entry = Mapping[str, Any]
"""One of a record's `Values`: Name, Value, Unit, Code."""

PRINCIPAL: Mapping[str, str] = {
    "distance": "Length",
    "angle": "Angle",
    "area": "Area",
    "volume": "Volume",
    "hu": "Value",
}
"""The name of the principal value by type of measurement."""


def entries_of(record: Record) -> list[Entry]:
    """The values of a record, in its own order; none where it has none."""
    values = record.get("Values")
    return [entry for entry in values if isinstance(entry, Mapping)] if isinstance(values, list) else []


def principal_of(record: Record) -> Entry | None:
    """The principal value, the first of its name (a volume has mm3 before cm3); None where the record has none."""
    name = PRINCIPAL.get(record.get("Type", ""))
    return next((entry for entry in entries_of(record) if entry.get("Name") == name), None)
