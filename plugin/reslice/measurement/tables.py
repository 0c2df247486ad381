"""Measurements as a table: one row a record, and CSV made of it.

A column never mixes units. Where a value comes in a few units, each has a column whose title ends in it
(`length_mm`, `length_px`); values of pixels share `intensity_unit`, the principal `value` has `unit` beside it.
Titles are lower-case, made for programs as well as for people, and don't change; new columns may come.
"""

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from reslice.measurement.principal import Entry, Record, entries_of, principal_of

Cell = str | int | float | bool | datetime | None
CellType = Literal["text", "number", "boolean", "moment"]
Getter = Callable[[Record], Any]

BYTE_ORDER_MARK = "\ufeff"
"""By it spreadsheets know UTF-8."""

INTENSITIES: Mapping[str, str] = {
    "Value": "intensity",
    "Mean": "mean",
    "StandardDeviation": "sd",
    "Minimum": "min",
    "Maximum": "max",
    "Median": "median",
    "Percentile5": "p5",
    "Percentile95": "p95",
}
"""Values of pixels and their titles: all in the one unit of the images, told in `intensity_unit`."""

NAMED: Mapping[tuple[str, str], str] = {
    ("Length", "mm"): "length_mm",
    ("Length", "px"): "length_px",
    ("Angle", "deg"): "angle_deg",
    ("Supplement", "deg"): "supplement_deg",
    ("Area", "mm2"): "area_mm2",
    ("Area", "px2"): "area_px2",
    ("Perimeter", "mm"): "perimeter_mm",
    ("Perimeter", "px"): "perimeter_px",
    ("Volume", "mm3"): "volume_mm3",
    ("Volume", "cm3"): "volume_cm3",
    ("Count", "1"): "n",
    ("SUVbwValue", "g/ml"): "suvbw",
    ("SUVbwMean", "g/ml"): "suvbw_mean",
    ("SUVbwMaximum", "g/ml"): "suvbw_max",
}
"""Values whose unit the title implies."""

FORMULA_STARTS = "=+\\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
"""What makes spreadsheets see a formula: = + - @, and their small and full-width forms, which some take for it."""

BREAKS = r"\t\r\n"
INVISIBLE = '\\s\\x00-\\x1f"\xad\u200b-\u200f\u2060\ufeff'
"""What may stand before it and be dropped: blanks, controls, zero-width characters, and quotes, which a reader who
takes another separator strips."""

FORMULA = re.compile(
    f"^(?=[{INVISIBLE}]*[{FORMULA_STARTS}]|[{BREAKS}])"
    f"|(?<=[;{BREAKS}])(?=(?:(?![{BREAKS}])[{INVISIBLE}])*[{FORMULA_STARTS}])"
)
"""The places where a cell may become a formula: its own start, and after a line break or what spreadsheets of other
regions take for the separator of cells (there the quotes around the whole cell don't count)."""


@dataclass(frozen=True)
class Column:
    """A title, what a record has under it, and the type that all its cells have."""

    title: str
    getter: Getter
    type: CellType = "text"

    def cell(self, record: Record) -> Cell:
        """The record's value; None where there is none, or none of this type."""
        value = self.getter(record)
        if self.type == "number":
            return number(value)
        if self.type == "boolean":
            return value if isinstance(value, bool) else None
        return moment(value) if self.type == "moment" else text(value)


def number(value: Any) -> int | float | None:
    """A finite number as it is; None for anything else, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= sys.float_info.max else None


def text(value: Any) -> str | None:
    """Text as it is, anything else as compact JSON; None for nothing and for the empty text."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def moment(value: Any) -> datetime | str | None:
    """An ISO 8601 date and time in UTC; what isn't one stays text."""
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return text(value)


def _at(*keys: str) -> Getter:
    """What lies at the end of a path of keys; None where the path ends before."""

    def getter(record: Record) -> Any:
        found: Any = record
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    return getter


def _code(key: str) -> Getter:
    """A coded concept as `SCT:4147007`: a code means nothing without its scheme."""

    def getter(record: Record) -> str | None:
        concept = record.get(key)
        return f"{concept.get('Scheme')}:{concept.get('Code')}" if isinstance(concept, Mapping) else None

    return getter


def _principal(key: str) -> Getter:
    return lambda record: (principal_of(record) or {}).get(key)


def _named(name: str, unit: str) -> Getter:
    return lambda record: _first(e for e in entries_of(record) if (e.get("Name"), e.get("Unit")) == (name, unit))


def _intensity(name: str) -> Getter:
    return lambda record: _first(e for e in _intensities(record) if e.get("Name") == name)


def _first(entries: Iterable[Entry]) -> Any:
    return next((entry.get("Value") for entry in entries), None)


def _intensities(record: Record) -> list[Entry]:
    """The values of pixels, those in the unit of the first."""
    found = [entry for entry in entries_of(record) if entry.get("Name") in INTENSITIES]
    return [entry for entry in found if entry.get("Unit") == found[0].get("Unit")]


def _intensity_unit(record: Record) -> Any:
    return next((entry.get("Unit") for entry in _intensities(record)), None)


def _others(record: Record) -> list[Entry] | None:
    """The values that have no column of their own, so that none is lost in silence."""
    shown = _intensities(record)
    return [e for e in entries_of(record) if (e.get("Name"), e.get("Unit")) not in NAMED and e not in shown] or None


def _points(record: Record) -> Any:
    """The points in their order, of planimetry one list of points a slice."""
    geometry = record.get("Geometry") or {}
    return geometry.get("Points") or geometry.get("Polygons")


def _region(record: Record) -> dict[str, Any] | None:
    """What the geometry says beside points: shape, range, seed, connectivity, radius."""
    geometry = record.get("Geometry") or {}
    return {k: v for k, v in geometry.items() if k not in ("Space", "Points", "Polygons") and v is not None} or None


COLUMNS: tuple[Column, ...] = (
    Column("id", _at("Id")),
    Column("type", _at("Type")),
    Column("tool", _at("Tool")),
    Column("label", _at("Label")),
    Column("description", _at("Description")),
    Column("finding", _at("Finding", "Meaning")),
    Column("finding_code", _code("Finding")),
    Column("site", _at("Site", "Meaning")),
    Column("site_code", _code("Site")),
    Column("series", _at("Series")),
    Column("series_uid", _at("Source", "SeriesInstanceUID")),
    Column("sop_instance_uid", _at("Source", "SOPInstanceUID")),
    Column("frame", _at("Source", "FrameNumber"), "number"),
    Column("slice", _at("Source", "SliceIndex"), "number"),
    Column("value", _principal("Value"), "number"),
    Column("unit", _principal("Unit")),
    *(Column(title, _named(*key), "number") for key, title in NAMED.items()),
    *(Column(title, _intensity(name), "number") for name, title in INTENSITIES.items()),
    Column("intensity_unit", _intensity_unit),
    Column("excluded", _at("Method", "Excluded"), "number"),
    Column("other_values", _others),
    Column("calibration", _at("Calibration", "Source")),
    Column("warning", _at("Calibration", "Warning")),
    Column("claimed_mismatch", _at("Claimed", "Mismatch"), "boolean"),
    Column("space", _at("Geometry", "Space")),
    Column("points", _points),
    Column("region", _region),
    Column("author", _at("Author")),
    Column("created", _at("CreatedAt"), "moment"),
    Column("updated", _at("UpdatedAt"), "moment"),
    Column("updated_by", _at("UpdatedBy")),
    Column("revision", _at("Revision"), "number"),
    Column("stale", _at("Stale"), "boolean"),
    Column("tracking_uid", _at("TrackingUID")),
    Column("study", _at("Study")),
)
"""`frame` counts from 1 as DICOM does, `slice` from 0 as `/series/{id}/slices/{n}`; `points` and `region` are compact
JSON; `created` and `updated` are UTC; `n` counts samples, `excluded` those without data; `claimed_mismatch` tells
whether an imported record's sender had other numbers."""


def to_csv(records: Sequence[Record]) -> bytes:
    """A table in UTF-8 with a byte order mark: RFC 4180, titles first, then one row a record.

    Numbers have every digit that tells them apart, moments are ISO 8601, what is absent is empty. Text that a
    spreadsheet would run as a formula is guarded by an apostrophe; half a surrogate pair becomes its escape.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.title for column in COLUMNS])
    writer.writerows([_written(column.cell(record)) for column in COLUMNS] for record in records)
    return (BYTE_ORDER_MARK + stream.getvalue()).encode("utf-8", errors="backslashreplace")


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return guarded(cell) if isinstance(cell, str) else "" if cell is None else repr(cell)


def guarded(cell: str) -> str:
    """Text with an apostrophe before whatever a spreadsheet could take for the beginning of a formula."""
    return FORMULA.sub("'", cell)
