"""Measurements as texts: one record is one entry of its study, and what is no record of ours is left alone."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from reslice.errors import TooLarge
from reslice.measurement.record import shown

MARK = re.compile(r'\s*\{\s*"reslice"\s*:\s*1')
"""What a text of ours begins with; whatever begins otherwise belongs to somebody else."""
LARGEST_TEXT = 64 << 10
"""Bytes of one entry."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

Record = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One entry of ours: its number, its text as stored, and what the text says."""

    number: int
    text: str
    content: Record

    @classmethod
    def of(cls, number: int, text: str) -> "Entry":
        """Read a text of ours. Raises ValueError when it can't be read."""
        return cls(number, text, content_of(text))

    @property
    def id(self) -> str:
        """The record's UUID."""
        return str(self.content["Id"])

    @property
    def revision(self) -> int:
        """1 when it was made, one more at each change."""
        return int(self.content["Revision"])

    @property
    def is_tombstone(self) -> bool:
        """Whether it only remembers that the record was deleted."""
        return "DeletedAt" in self.content

    def is_older_than(self, age: timedelta, now: datetime) -> bool:
        """Whether it is a tombstone of at least this age."""
        return self.is_tombstone and now - datetime.fromisoformat(self.content["DeletedAt"]) >= age

    @cached_property
    def record(self) -> Record:
        """The record, without the mark of its storage: shared by all who read it, so not to be changed."""
        return {name: value for name, value in self.content.items() if name != "reslice"}

    @cached_property
    def shown_text(self) -> str:
        """The record as clients see it, in compact JSON: lists are joined of these, not written anew each time."""
        return json.dumps(shown(self.record), allow_nan=False, separators=(",", ":"))


def time_text(moment: datetime) -> str:
    """UTC to the millisecond, as `2026-11-24T13:37:00.123Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def text_of(record: Mapping[str, Any]) -> str:
    """The text of a record or of a tombstone: compact JSON in ASCII, the mark first, `Stale` left out.

    Raises TooLarge (`record-too-large`), and ValueError for what isn't JSON.
    """
    own = {name: value for name, value in record.items() if name not in ("reslice", "Stale")}
    text = json.dumps({"reslice": 1, **own}, allow_nan=False, separators=(",", ":"))
    if len(text) > LARGEST_TEXT:
        raise TooLarge(
            f"The record has {len(text)} bytes, at most {LARGEST_TEXT} are kept",
            reason="record-too-large",
            Limit=LARGEST_TEXT,
        )
    return text


def content_of(text: str) -> Record:
    """What a text of ours says. Raises ValueError when it is no record and no tombstone of a readable form."""
    try:
        content = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if type(content) is not dict or content.get("reslice") != 1:
        raise ValueError("not of a version that is known here")
    wrong = _tombstone_problems(content) if "DeletedAt" in content else _record_problems(content)
    if wrong:
        raise ValueError(f"missing or wrong: {', '.join(wrong)}")
    return content


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


LARGEST_NUMBER = 1e300
"""Whole numbers beyond it are no floats."""
CODE_KEYS = ("Scheme", "Code", "Meaning")
COORDINATES = {"pixel": 2, "LPS": 3}
"""How many numbers a point has in each space."""

Check = Callable[[Any], bool]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_revision(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_object(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_index(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < LARGEST_NUMBER)


def _is_image(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and _is_text(value.get("Instance")) and _is_index(value.get("Frame", -1))
    )


def _is_code(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(_is_text(value.get(key)) for key in CODE_KEYS))


def _is_geometry(value: Any) -> bool:
    """None, or points of two numbers in pixels, of three in the patient."""
    if value is None:
        return True
    if not isinstance(value, dict) or value.get("Space") not in COORDINATES:
        return False
    polygons = value.get("Polygons", [])
    if not isinstance(polygons, list):
        return False
    return all(_are_points(points, COORDINATES[value["Space"]]) for points in (value.get("Points"), *polygons))


def _are_points(value: Any, size: int) -> bool:
    return isinstance(value, list) and all(
        isinstance(point, list) and len(point) == size and all(map(_is_number, point)) for point in value
    )


def _are_values(values: Any) -> bool:
    """A list of {"Name", "Value", "Unit", ...}."""
    return isinstance(values, list) and all(
        isinstance(value, dict)
        and isinstance(value.get("Name"), str)
        and isinstance(value.get("Unit"), str)
        and _is_number(value.get("Value"))
        for value in values
    )


REQUIRED: tuple[tuple[str, Check], ...] = (
    ("Id", _is_id),
    ("Revision", _is_revision),
    ("Type", _is_text),
    ("Tool", _is_text),
    ("Values", _are_values),
    ("RequestDigest", _is_text),
    ("CreatedAt", _is_time),
    ("UpdatedAt", _is_time),
)
OPTIONAL: tuple[tuple[str, Check], ...] = (
    *((name, _is_text_or_null) for name in ("TrackingUID", "Study", "Series", "Label", "Description")),
    *((name, _is_text_or_null) for name in ("InputsDigest", "SeriesDigest", "Author", "UpdatedBy")),
    *((name, _is_object) for name in ("Plane", "Calibration", "Method", "Source")),
    *((name, _is_code) for name in ("Finding", "Site")),
    ("Image", _is_image),
    ("Geometry", _is_geometry),
    ("Volume", _is_index),
)
OF_A_TOMBSTONE: tuple[tuple[str, Check], ...] = (("Id", _is_id), ("Revision", _is_revision), ("DeletedAt", _is_time))


def _record_problems(content: Record) -> list[str]:
    """The keys that readers rely on and whose values are missing or of a wrong type."""
    wrong = [name for name, is_right in REQUIRED if not is_right(content.get(name))]
    return wrong + [name for name, is_right in OPTIONAL if name in content and not is_right(content[name])]


def _tombstone_problems(content: Record) -> list[str]:
    return [name for name, is_right in OF_A_TOMBSTONE if not is_right(content.get(name))]
