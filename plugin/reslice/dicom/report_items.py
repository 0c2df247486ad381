"""What a structured report of measurements holds, as values (PS3.16 TID 1500): free of pydicom, web and archive."""

from dataclasses import dataclass
from datetime import datetime

PixelPoint = tuple[float, float]
"""(column, row), integers at pixel centres."""
PatientPoint = tuple[float, float, float]
"""(x, y, z), LPS mm."""


@dataclass(frozen=True)
class Code:
    """A coded concept (PS3.3 8.8): coding scheme designator, code value, code meaning."""

    scheme: str
    code: str
    meaning: str


RADIUS = "Radius"
"""The name of the value that tells how far around a point its statistics reach, in mm."""


@dataclass(frozen=True)
class ReportValue:
    """A number by the name that measurements give it (`Length`, `Mean`, ...), in the unit that people read."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class ReportImage:
    """An image by its UIDs; `frame` counts from 1 in a file of many frames and is None where there is one.

    `series` is empty where a report that was read doesn't tell it.
    """

    sop_class: str
    sop_instance: str
    series: str
    frame: int | None = None


@dataclass(frozen=True)
class ReportItem:
    """One measurement. Its points are pixels of `image`, or of a frame of reference, or there are none (a volume).

    Points stand as measurements have them: an outline isn't closed by repeating its first point, an angle has
    three points (the vertex second), a rectangle its corners in order, an ellipse the ends of its major axis,
    then those of its minor axis. Without points on it, `image` is one of the volume that was measured. `created` is
    None where a report that was read doesn't tell it.
    """

    tracking_uid: str
    type: str
    tool: str
    values: tuple[ReportValue, ...] = ()
    label: str = ""
    description: str = ""
    finding: Code | None = None
    site: Code | None = None
    image: ReportImage | None = None
    points: tuple[PixelPoint, ...] = ()
    points3d: tuple[PatientPoint, ...] = ()
    frame_of_reference: str = ""
    author: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class Skipped:
    """A measurement that a report doesn't carry, or a group of one that can't be read, and why."""

    tracking_uid: str
    reason: str
    details: str


@dataclass(frozen=True)
class ReadItem:
    """A measurement out of a report. Its values are the sender's claims; nothing of it was checked against images.

    `sender` is `reslice`, `cornerstone` (OHIF), `highdicom` or `other`. Each warning is a reason, a colon, a sentence.
    """

    item: ReportItem
    sender: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadReport:
    """What was read: where the report belongs, its measurements, and what had to be left out."""

    study_uid: str
    sop_class: str
    sop_instance: str
    manufacturer: str
    items: tuple[ReadItem, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class ReportContext:
    """All of a report but its measurements.

    `header` holds the elements of patient and study as (tag, decoded text); `reference` is the image they were
    taken from, which is the evidence where nothing else is. `created` is written as it stands, without its zone:
    it should be in the zone of the study's times.
    """

    header: tuple[tuple[int, str], ...]
    reference: ReportImage
    series_uid: str
    instance_uid: str
    created: datetime
    author: str
    software_version: str
    evidence: tuple[ReportImage, ...] = ()
    series_number: int = 9900
    instance_number: int = 1
    series_description: str = "Measurements"
