"""Dates and times as DICOM writes them (PS3.5 table 6.2-1)."""

import re
from datetime import datetime, timedelta

from reslice.dicom.tags import PHASE_TAGS, GroupTag, Tag
from reslice.dicom.values import Values

Phase = tuple[bytes | None, ...]
"""Raw values of PHASE_TAGS."""

SOME_DAY = "19000101"
"""Stands in for a date that is missing, where only the order within a day counts."""


ZONE = re.compile(r"([+-])(\d\d)(\d\d)\s*$", re.ASCII)


def zone(text: str) -> timedelta | None:
    """The offset from UTC at the end of a date and time, or by itself; None where there is none."""
    found = ZONE.search(text)
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size


def local_moment(text: str, local: timedelta | None) -> datetime | None:
    """A date and time in the file's own zone; None where its zone is given and the file's isn't."""
    own, found = zone(text), moment(text)
    if found is None or own is None:
        return found
    return None if local is None else found - own + local


def moment(text: str) -> datetime | None:
    """A date and time, its zone left out; None where it is none."""
    digits, _, fraction = text.strip().replace(":", "").partition(".")
    fraction = fraction.partition("+")[0].partition("-")[0][:6]
    digits = digits.partition("+")[0].partition("-")[0]
    if not ((digits + fraction).isascii() and (digits + fraction).isdigit()) or not 10 <= len(digits) <= 14:
        return None
    try:
        found = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return found + timedelta(microseconds=int(fraction.ljust(6, "0"))) if fraction else found


def phase_values(phase: Phase) -> Values:
    """What may tell a frame from others at its position, as typed values."""
    return Values({int(tag): value for tag, value in zip(PHASE_TAGS, phase, strict=True) if value is not None})


def acquired(values: Values, default_date: str = "") -> datetime | None:
    """When a frame was acquired."""
    for tag in (GroupTag.FRAME_ACQUISITION_DATETIME, Tag.ACQUISITION_DATETIME):
        found = moment(values.text(tag))
        if found is not None:
            return found
    return at_time(values, Tag.ACQUISITION_DATE, Tag.ACQUISITION_TIME, default_date)


def acquired_by_the_clock(values: Values) -> datetime | None:
    """The same, by date and time of the file's own zone before a combined one, which may be of another."""
    return at_time(values, Tag.ACQUISITION_DATE, Tag.ACQUISITION_TIME) or acquired(values)


def at_time(values: Values, date: Tag, time: Tag, default_date: str = "") -> datetime | None:
    """The moment in two elements."""
    return moment((values.text(date) or default_date) + values.text(time)) if values.text(time) else None
