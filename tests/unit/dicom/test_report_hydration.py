"""Reports to and from OHIF, through the viewer's own code in Node: geometry, label, finding and tracking UID."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reslice.dicom.structured_report import ReadItem, ReportItem, ReportValue, read_report, write_report
from unit.dicom.report_readers import hydrated, written_by_ohif
from unit.dicom.reports import (
    FRAME_OF_REFERENCE,
    GRID,
    INSTANCE,
    LUNG,
    MASS,
    SERIES,
    SHAPES,
    STUDY,
    VOLUME,
    context,
    every_item,
    in_space,
    item_of,
    measured_image,
    reference,
)

TOOLS = {
    "line": "Length",
    "polyline": "PlanarFreehandROI",
    "angle": "Angle",
    "cobb": "CobbAngle",
    "polygon": "PlanarFreehandROI",
    "rectangle": "RectangleROI",
    "ellipse": "EllipticalROI",
    "point": "Probe",
}
WORLD_TOLERANCE = 1e-4
"""Millimetres: OHIF counts in single precision."""
PIXEL_TOLERANCE = 1e-4


def known_image(frame: int = 1, frames: int = 1) -> dict[str, Any]:
    """A frame of the measured image as OHIF's metadata."""
    dataset = reference()
    return {
        "SOPInstanceUID": INSTANCE,
        "SOPClassUID": str(dataset.SOPClassUID),
        "SeriesInstanceUID": SERIES,
        "StudyInstanceUID": STUDY,
        "FrameOfReferenceUID": FRAME_OF_REFERENCE,
        "Rows": dataset.Rows,
        "Columns": dataset.Columns,
        "PixelSpacing": list(GRID.spacing[1:]),
        "ImagePositionPatient": GRID.slice_origin(0).tolist(),
        "ImageOrientationPatient": [*GRID.row, *GRID.column],
        "NumberOfFrames": frames,
        "FrameNumber": frame,
        "PatientID": "phantom",
        "PatientName": "Phantom^Ramp",
        "Modality": "CT",
    }


def world(points: Any) -> np.ndarray:
    """Pixels (column, row) of the image in mm."""
    pixels = np.array(points)
    indices = np.column_stack([np.zeros(len(pixels)), pixels[:, 1], pixels[:, 0], np.ones(len(pixels))])
    return (indices @ GRID.affine.T)[:, :3]


def handles(tool: str) -> np.ndarray:
    """Where OHIF holds the points of a measurement: the corners of a rectangle row by row."""
    points = world(SHAPES[tool])
    return points[[0, 1, 3, 2]] if tool == "rectangle" else points


def points_of(measurement: dict[str, Any]) -> np.ndarray:
    return np.array(measurement["Polyline"] or measurement["Points"])


@pytest.fixture(scope="module")
def viewed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What OHIF makes of a report with one measurement of each tool and a volume, by tracking UID."""
    report = write_report(context(), every_item())
    found = hydrated(report, [known_image()], tmp_path_factory.mktemp("ohif"))
    return {measurement["TrackingUniqueIdentifier"]: measurement for measurement in found["Measurements"]}


@pytest.mark.parametrize("tool", SHAPES)
def test_ohif_takes_over_every_tool(tool: str, viewed: dict[str, dict[str, Any]]) -> None:
    item = item_of(tool)
    found = viewed[item.tracking_uid]
    assert found["Tool"] == TOOLS[tool]
    assert np.abs(points_of(found) - handles(tool)).max() < WORLD_TOLERANCE
    assert found["Label"] == item.label
    assert found["Finding"] == {"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"}
    assert found["Sites"] == [{"Scheme": "SCT", "Code": "39607008", "Meaning": "Lung"}]
    assert (found["SOPInstanceUID"], found["FrameOfReferenceUID"]) == (INSTANCE, FRAME_OF_REFERENCE)


@pytest.mark.parametrize(
    ("tool", "statistic", "value"),
    [
        ("line", "length", 17.1234567890123),
        ("polyline", "length", 71.5),
        ("angle", "angle", 89.1),
        ("cobb", "angle", 21.25),
        ("polygon", "area", 123.456789012346),
        ("rectangle", "area", 123.456789012346),
        ("ellipse", "area", 123.456789012346),
        ("ellipse", "mean", 41.0625),
        ("polygon", "stdDev", 1 / 3),
        ("rectangle", "max", 3071),
        ("ellipse", "min", -1024),
        ("polygon", "perimeter", 44.4),
        ("point", "value", 55),
    ],
)
def test_ohif_shows_our_numbers(tool: str, statistic: str, value: float, viewed: dict[str, dict[str, Any]]) -> None:
    assert viewed[item_of(tool).tracking_uid]["Statistics"][statistic] == pytest.approx(value, rel=1e-12)


def test_outlines_are_closed_and_lines_open(viewed: dict[str, dict[str, Any]]) -> None:
    assert viewed[item_of("polygon").tracking_uid]["Closed"] is True
    assert viewed[item_of("polyline").tracking_uid]["Closed"] is False


def test_ohif_passes_over_a_volume_and_nothing_else(viewed: dict[str, dict[str, Any]]) -> None:
    assert viewed.keys() == {item.tracking_uid for item in every_item()} - {VOLUME.tracking_uid}


@pytest.mark.slow
def test_ohif_has_no_complaint_about_planar_measurements(tmp_path: Path) -> None:
    report = write_report(context(), [item_of(tool, label="", finding=None, site=None) for tool in SHAPES])
    found = hydrated(report, [known_image()], tmp_path)
    assert found["Warnings"] == []
    assert len(found["Measurements"]) == len(SHAPES)
    assert {measurement["Label"] for measurement in found["Measurements"]} == {None}


@pytest.mark.slow
def test_ohif_finds_the_frame(tmp_path: Path) -> None:
    report = write_report(context(), [item_of("line", image=measured_image(3))])
    found = hydrated(report, [known_image(k, frames=4) for k in (1, 2, 3, 4)], tmp_path)
    assert (found["Measurements"][0]["FrameNumber"], found["Warnings"]) == (3, [])


@pytest.mark.slow
def test_ohif_takes_over_what_lies_in_space(tmp_path: Path) -> None:
    items = [in_space(item_of(tool)) for tool in SHAPES]
    found = hydrated(write_report(context(), items), [known_image()], tmp_path)
    assert found["Warnings"] == []
    viewed = {measurement["TrackingUniqueIdentifier"]: measurement for measurement in found["Measurements"]}
    for item in items:
        points = np.array(item.points3d)[[0, 1, 3, 2] if item.tool == "rectangle" else slice(None)]
        assert np.abs(points_of(viewed[item.tracking_uid]) - points).max() < WORLD_TOLERANCE
        assert viewed[item.tracking_uid]["Label"] == item.label


@pytest.mark.slow
def test_ohif_reads_foreign_letters(tmp_path: Path) -> None:
    report = write_report(context(), [item_of("line", label="종양 腫瘤 Größe")])
    assert hydrated(report, [known_image()], tmp_path)["Measurements"][0]["Label"] == "종양 腫瘤 Größe"


OF_AREA = {
    **{"area": 100.5, "perimeter": 44.5, "areaUnit": "mm2", "modalityUnit": "HU"},
    **{"mean": 41.5, "stdDev": 2.5, "max": 99.5, "min": -9.5},
}
STATISTICS = {
    **{"polygon": OF_AREA, "rectangle": OF_AREA, "ellipse": OF_AREA},
    "line": {"length": 17.25, "unit": "mm"},
    "polyline": {"length": 71.5},
    "angle": {"angle": 89.5},
    "cobb": {"angle": 21.5},
    "point": {},
}


def drawn(tool: str, label_as: str = "comment") -> dict[str, Any]:
    """What OHIF is asked to write of one tool."""
    return {
        "Tool": TOOLS[tool],
        "SOPInstanceUID": INSTANCE,
        "Points": handles(tool).tolist(),
        "Label": "Größe 1",
        "LabelAs": label_as,
        "Finding": {"Scheme": MASS.scheme, "Code": MASS.code, "Meaning": MASS.meaning},
        "Sites": [{"Scheme": LUNG.scheme, "Code": LUNG.code, "Meaning": LUNG.meaning}],
        "Closed": tool != "polyline",
        "Statistics": STATISTICS[tool],
    }


def task_of(*measurements: dict[str, Any]) -> dict[str, Any]:
    """The whole of it."""
    series = {"SeriesDescription": "OHIF", "SeriesNumber": 99}
    return {"Images": [known_image()], "Series": series, "Measurements": list(measurements)}


@pytest.fixture(scope="module", params=["comment", "site"])
def from_ohif(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReadItem]:
    """What we make of OHIF's report with one measurement of each tool, by tool; older releases hide labels in sites."""
    task = task_of(*(drawn(tool, request.param) for tool in SHAPES))
    report = read_report(written_by_ohif(task, tmp_path_factory.mktemp("ohif")))
    assert (report.study_uid, report.skipped, len(report.items)) == (STUDY, (), len(SHAPES))
    return {read.item.tool: read for read in report.items}


@pytest.mark.parametrize("tool", SHAPES)
def test_what_ohif_writes_is_read(tool: str, from_ohif: dict[str, ReadItem]) -> None:
    found = from_ohif[tool]
    item = found.item
    assert (item.type, found.sender, found.warnings) == (item_of(tool).type, "cornerstone", ())
    assert np.abs(np.array(item.points) - SHAPES[tool]).max() < PIXEL_TOLERANCE
    assert (item.label, item.finding, item.site, item.image) == ("Größe 1", MASS, LUNG, measured_image())
    assert item.tracking_uid


@pytest.mark.parametrize(
    ("tool", "values"),
    [
        ("line", (ReportValue("Length", 17.25, "mm"),)),
        ("polyline", (ReportValue("Length", 71.5, "mm"),)),
        ("angle", (ReportValue("Angle", 89.5, "deg"),)),
        ("cobb", (ReportValue("Angle", 21.5, "deg"),)),
        ("point", ()),
    ],
)
def test_what_ohif_claims_is_told(tool: str, values: tuple[ReportValue, ...], from_ohif: dict[str, ReadItem]) -> None:
    assert from_ohif[tool].item.values == values


@pytest.mark.parametrize("tool", ["polygon", "rectangle", "ellipse"])
def test_what_ohif_claims_of_an_area_is_told(tool: str, from_ohif: dict[str, ReadItem]) -> None:
    values = {value.name: (value.value, value.unit) for value in from_ohif[tool].item.values}
    assert values["Area"] == (100.5, "mm2")
    assert values["Mean"] == (41.5, "HU")
    assert values["StandardDeviation"] == (2.5, "HU")
    assert values["Maximum"] == (99.5, "HU")


@pytest.mark.slow
def test_circle_is_read_as_an_ellipse(tmp_path: Path) -> None:
    circle = drawn("ellipse") | {"Tool": "CircleROI", "Points": world([(20.0, 15.0), (23.0, 19.0)]).tolist()}
    (found,) = read_report(written_by_ohif(task_of(circle), tmp_path)).items
    assert np.allclose(found.item.points, [(17, 11), (23, 19), (24, 12), (16, 18)], atol=PIXEL_TOLERANCE)
    assert [warning.split(":")[0] for warning in found.warnings] == ["circle"]


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["Bidirectional", "ArrowAnnotate"])
def test_tools_that_we_have_not_are_skipped(tool: str, tmp_path: Path) -> None:
    other = drawn("cobb") | {"Tool": tool, "Statistics": {"length": 3, "width": 2, "unit": "mm"}}
    report = read_report(written_by_ohif(task_of(other), tmp_path))
    assert (report.items, [skipped.reason for skipped in report.skipped]) == ((), ["unsupported-tool"])
    assert tool in report.skipped[0].details


@pytest.mark.slow
def test_from_us_to_ohif_and_back(tmp_path: Path) -> None:
    """Everything that OHIF can hold survives the way through it, but its own tracking UIDs."""
    items: list[ReportItem] = [item_of(tool) for tool in SHAPES]
    viewed = hydrated(write_report(context(), items), [known_image()], tmp_path)["Measurements"]
    again = [measurement | {"Points": points_of(measurement).tolist()} for measurement in viewed]
    back = [read.item for read in read_report(written_by_ohif(task_of(*again), tmp_path)).items]
    assert sorted(item.label for item in back) == sorted(item.label for item in items)
    by_label = {item.label: item for item in back}
    for item in items:
        found = by_label[item.label]
        assert (found.tool, found.finding, found.site) == (item.tool, item.finding, item.site)
        assert np.abs(np.array(found.points) - item.points).max() < PIXEL_TOLERANCE
