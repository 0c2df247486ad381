"""Measurements of every tool, as reports hold them, and the image that they lie on."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from pydicom.dataset import Dataset

from phantoms import Acquisition, file_of, geometry, image
from reslice.dicom.structured_report import (
    Code,
    ReportContext,
    ReportImage,
    ReportItem,
    ReportValue,
    context_of,
)

STUDY, SERIES, INSTANCE = "2.25.10", "2.25.11", "2.25.12"
FRAME_OF_REFERENCE = "2.25.1"
CREATED = datetime(2026, 11, 24, 13, 37, 0, 123000, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 25, 8, 1, 2, 5, tzinfo=UTC)
MASS = Code("SCT", "4147007", "Mass")
LUNG = Code("SCT", "39607008", "Lung")
GRID = Acquisition(shape=(1, 40, 50), spacing=(3.0, 0.75, 0.75), center=(3.0, -7.0, 11.0))
SQUARE = "mm2"

SHAPES = {
    "line": ((3.0, 4.0), (13.5, 24.25)),
    "polyline": ((3.0, 4.0), (13.5, 24.25), (20.0, 5.0), (30.0, 30.0)),
    "angle": ((2.0, 2.0), (10.0, 10.0), (2.0, 18.5)),
    "cobb": ((2.0, 2.0), (20.0, 4.0), (3.0, 30.0), (22.0, 25.0)),
    "polygon": ((5.0, 5.0), (25.0, 6.0), (30.0, 20.0), (12.0, 28.0), (4.0, 15.5)),
    "rectangle": ((5.0, 5.0), (25.0, 5.0), (25.0, 17.5), (5.0, 17.5)),
    "ellipse": ((5.0, 20.0), (35.0, 20.0), (20.0, 12.0), (20.0, 28.0)),
    "point": ((17.0, 9.0),),
}
STATISTICS = (
    *(ReportValue("Mean", 41.0625, "HU"), ReportValue("StandardDeviation", 1 / 3, "HU")),
    *(ReportValue("Minimum", -1024.0, "HU"), ReportValue("Maximum", 3071.0, "HU"), ReportValue("Median", 40.0, "HU")),
    *(
        ReportValue("Percentile5", -3.2, "HU"),
        ReportValue("Percentile95", 97.25, "HU"),
        ReportValue("Count", 312.0, "1"),
    ),
)
AREA = (ReportValue("Area", 123.45678901234567, SQUARE), ReportValue("Perimeter", 44.4, "mm"), *STATISTICS)
VALUES = {
    "line": (ReportValue("Length", 17.123456789012345, "mm"),),
    "polyline": (ReportValue("Length", 71.5, "mm"),),
    "angle": (ReportValue("Angle", 89.1, "deg"), ReportValue("Supplement", 90.9, "deg")),
    "cobb": (ReportValue("Angle", 21.25, "deg"), ReportValue("Supplement", 158.75, "deg")),
    "polygon": AREA,
    "rectangle": AREA,
    "ellipse": AREA,
    "point": (ReportValue("Value", 55.0, "HU"), *STATISTICS),
}
TYPES = {
    **dict.fromkeys(("line", "polyline"), "distance"),
    **dict.fromkeys(("angle", "cobb"), "angle"),
    **dict.fromkeys(("polygon", "rectangle", "ellipse"), "area"),
    "point": "hu",
}
VOLUME = ReportItem(
    tracking_uid="2.25.900",
    type="volume",
    tool="region",
    values=(ReportValue("Volume", 1234.5, "mm3"), ReportValue("Volume", 1.2345, "cm3"), *STATISTICS),
    label="Tumour",
    created=CREATED,
)


def reference(**attributes: object) -> Dataset:
    """The image that is measured."""
    dataset = image(
        np.zeros((40, 50), np.int16),
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        StudyDate="20261124",
        StudyTime="070809",
        **geometry(GRID, 0),
    )
    dataset.SOPInstanceUID = INSTANCE
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def measured_image(frame: int | None = None) -> ReportImage:
    """A reference to it."""
    return ReportImage(str(reference().SOPClassUID), INSTANCE, SERIES, frame)


def item_of(tool: str, **changes: object) -> ReportItem:
    """A measurement with one tool, on the image."""
    number = 100 + list(SHAPES).index(tool)
    item = ReportItem(
        tracking_uid=f"2.25.{number}",
        type=TYPES[tool],
        tool=tool,
        values=VALUES[tool],
        label=f"Lesion {number}",
        description=f"Drawn with the {tool}",
        finding=MASS,
        site=LUNG,
        image=measured_image(),
        points=SHAPES[tool],
        author="Doe^Jane",
        created=CREATED,
    )
    return replace(item, **changes)


def in_space(item: ReportItem) -> ReportItem:
    """The same away from any image, in the frame of reference."""
    points = tuple((x, y, 0.5 * x - 0.25 * y) for x, y in item.points)
    return replace(item, points=(), points3d=points, image=None, frame_of_reference=FRAME_OF_REFERENCE)


def every_item() -> list[ReportItem]:
    """One of each tool, and a volume."""
    return [*(item_of(tool) for tool in SHAPES), replace(VOLUME, author="Doe^Jane")]


def context(**changes: object) -> ReportContext:
    """The context of a report on the image's study."""
    found = context_of(
        file_of(reference()),
        series_uid="2.25.21",
        instance_uid="2.25.22",
        created=WRITTEN,
        author="Doe^Jane",
        software_version="0.1.0",
    )
    return replace(found, **changes)
