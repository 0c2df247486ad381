"""What stands in a written report, to the letter: what OHIF needs, what the Standard demands, and other readers."""

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, ComprehensiveSRStorage

from phantoms import file_of
from reslice.dicom.structured_report import (
    Code,
    ReportImage,
    ReportItem,
    ReportValue,
    Skipped,
    context_of,
    prepared,
    read_report,
    write_prepared,
    write_report,
)
from reslice.errors import InvalidMeasurement, TooLarge
from unit.dicom.report_readers import dsrdump, highdicom_reports
from unit.dicom.reports import (
    FRAME_OF_REFERENCE,
    INSTANCE,
    SERIES,
    SHAPES,
    STUDY,
    VOLUME,
    WRITTEN,
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
LONG = tuple((10 + 9 * math.cos(k / 50), 10 + 9 * math.sin(k / 50)) for k in range(300))
REPORTS = {
    "plane": every_item(),
    "space": [in_space(item) if item.points else item for item in every_item()],
    "nothing": [],
    "foreign-letters": [item_of("line", label="종양 腫瘤", author="Müller")],
    "many-frames": [item_of("point", image=measured_image(7))],
    "uptake": [
        item_of("point", values=(ReportValue("Value", 5e3, "Bq/ml"), ReportValue("SUVbwValue", 2.5, "g/ml"))),
        item_of("ellipse", values=(ReportValue("Area", 3.0, "px2"), ReportValue("SUVbwMean", 1 / 3, "g/ml"))),
    ],
}


def written(items: list[ReportItem], **changes: object) -> Dataset:
    return pydicom.dcmread(io.BytesIO(write_report(context(**changes), items)))


def child(parent: Dataset, code: str) -> Dataset:
    """The only child of that concept."""
    (found,) = children(parent, code)
    return found


def children(parent: Dataset, code: str) -> list[Dataset]:
    return [node for node in parent.ContentSequence if node.ConceptNameCodeSequence[0].CodeValue == code]


def groups(report: Dataset) -> list[Dataset]:
    return children(child(report, "126010"), "125007")


def numbers(group: Dataset) -> list[Dataset]:
    return [node for node in group.ContentSequence if node.ValueType == "NUM"]


@pytest.mark.parametrize("tool", SHAPES)
def test_group_holds_what_ohif_looks_for(tool: str) -> None:
    (group,) = groups(written([item_of(tool)]))
    assert child(group, "112039").TextValue == f"Cornerstone3DTools@^0.1.0:{TOOLS[tool]}"
    tracking_uid = child(group, "112040").UID
    assert tracking_uid == item_of(tool).tracking_uid
    assert child(group, "121106").TextValue == item_of(tool).label
    assert child(group, "121071").ConceptCodeSequence[0].CodeMeaning == "Mass"
    assert child(group, "363698007").ConceptCodeSequence[0].CodeMeaning == "Lung"
    for number in numbers(group):
        region = number.ContentSequence[0]
        assert (region.ValueType, region.RelationshipType) == ("SCOORD", "INFERRED FROM")
        (image,) = region.ContentSequence
        assert (image.ValueType, image.RelationshipType) == ("IMAGE", "SELECTED FROM")
        assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == INSTANCE
        assert "ReferencedFrameNumber" not in image.ReferencedSOPSequence[0]


GRAPHICS = {
    "line": ("POLYLINE", [3.5, 4.5, 14.0, 24.75]),
    "polyline": ("POLYLINE", [3.5, 4.5, 14.0, 24.75, 20.5, 5.5, 30.5, 30.5]),
    "angle": ("POLYLINE", [2.5, 2.5, 10.5, 10.5, 10.5, 10.5, 2.5, 19.0]),
    "cobb": ("POLYLINE", [2.5, 2.5, 20.5, 4.5, 3.5, 30.5, 22.5, 25.5]),
    "polygon": ("POLYLINE", [5.5, 5.5, 25.5, 6.5, 30.5, 20.5, 12.5, 28.5, 4.5, 16.0, 5.5, 5.5]),
    "rectangle": ("POLYLINE", [5.5, 5.5, 25.5, 5.5, 25.5, 18.0, 5.5, 18.0, 5.5, 5.5]),
    "ellipse": ("ELLIPSE", [5.5, 20.5, 35.5, 20.5, 20.5, 12.5, 20.5, 28.5]),
    "point": ("POINT", [17.5, 9.5]),
}


@pytest.mark.parametrize("tool", SHAPES)
def test_coordinates_count_from_the_corner_of_the_first_pixel(tool: str) -> None:
    region = numbers(groups(written([item_of(tool)]))[0])[0].ContentSequence[0]
    data = region.GraphicData
    assert (region.GraphicType, list(data)) == GRAPHICS[tool]


@pytest.mark.parametrize("tool", SHAPES)
def test_off_the_images_a_region_names_its_frame_of_reference(tool: str) -> None:
    report = written([in_space(item_of(tool))])
    region = numbers(groups(report)[0])[0].ContentSequence[0]
    assert report.SOPClassUID == Comprehensive3DSRStorage
    assert (region.ValueType, region.ReferencedFrameOfReferenceUID) == ("SCOORD3D", FRAME_OF_REFERENCE)
    points = in_space(item_of(tool)).points3d
    assert tuple(region.GraphicData[:3]) == points[0]
    assert (region.GraphicType == "POLYGON") == (tool in ("polygon", "rectangle"))
    if tool in ("polygon", "rectangle"):
        assert tuple(region.GraphicData[-3:]) == points[0]


def test_statistics_have_the_names_by_which_ohif_knows_them() -> None:
    names = [n.ConceptNameCodeSequence[0].CodeMeaning for n in numbers(groups(written([item_of("polygon")]))[0])]
    assert names[:6] == ["Area", "Perimeter", "Mean", "Standard Deviation", "Minimum", "Maximum"]


UCUM = [
    *(("Length", "mm", "mm"), ("Angle", "deg", "deg"), ("Area", "mm2", "mm2"), ("Volume", "mm3", "mm3")),
    *(("Mean", "HU", "[hnsf'U]"), ("Mean", "Bq/ml", "Bq/ml"), ("SUVbwMean", "g/ml", "g/ml{SUVbw}")),
    *(("Volume", "cm3", "cm3"), ("Length", "px", "1"), ("Area", "px2", "1"), ("Count", "1", "1")),
]


@pytest.mark.parametrize(("name", "unit", "code"), UCUM)
def test_units_are_ucum(name: str, unit: str, code: str) -> None:
    number = numbers(groups(written([item_of("line", values=(ReportValue(name, 1.0, unit),))]))[0])[0]
    found = number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
    assert (found.CodeValue, found.CodingSchemeDesignator) == (code, "UCUM")
    if unit.startswith("px"):
        assert found.CodeMeaning == "px"


@pytest.mark.parametrize("value", [0.0, 1 / 3, -1e-7 / 3, 12345678.123456789, 1e300, -(2.0**53), 5e-324, 0.1, 1e15])
def test_numbers_are_as_exact_as_they_can_be(value: float) -> None:
    number = numbers(groups(written([item_of("line", values=(ReportValue("Length", value, "mm"),))]))[0])[0]
    measured = number.MeasuredValueSequence[0]
    decimal = str(measured.NumericValue.original_string)
    assert len(decimal) <= 16
    assert math.isclose(float(decimal), value, rel_tol=1e-8)
    assert measured.get("FloatingPointValue", float(decimal)) == value


def test_report_is_of_the_study_and_tells_its_evidence() -> None:
    other = ReportImage("1.2.840.10008.5.1.4.1.1.4", "2.25.77", "2.25.78", 3)
    report = written(
        [item_of("line"), item_of("point", image=other)], evidence=(replace(other, sop_instance="2.25.79"),)
    )
    assert (report.SOPClassUID, report.StudyInstanceUID, report.Modality) == (ComprehensiveSRStorage, STUDY, "SR")
    assert (report.SeriesInstanceUID, report.SOPInstanceUID) == ("2.25.21", "2.25.22")
    assert (report.PatientID, report.StudyDate, report.StudyTime) == ("phantom", "20261124", "070809")
    assert (report.ContentDate, report.ContentTime[:6]) == ("20261125", "080102")
    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    assert study.StudyInstanceUID == STUDY
    found = {
        s.SeriesInstanceUID: [i.ReferencedSOPInstanceUID for i in s.ReferencedSOPSequence] for s in study[0x00081115]
    }
    assert found == {SERIES: [INSTANCE], "2.25.78": ["2.25.77", "2.25.79"]}
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"


def test_image_of_the_study_is_the_evidence_where_nothing_else_is() -> None:
    series = written([VOLUME]).CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == SERIES
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == INSTANCE


def test_every_number_holds_something_and_every_item_has_a_name() -> None:
    """Older releases of OHIF look at the content of each number, and at the name of each item, unasked."""
    report = written([*every_item(), replace(VOLUME, image=measured_image(), tracking_uid="2.25.901")])
    assert all("ConceptNameCodeSequence" in node for node in report.ContentSequence)
    assert child(child(report, "111028"), "126200").ContentSequence[0].ValueType == "IMAGE"
    for group in groups(report):
        assert all("ConceptNameCodeSequence" in node for node in group.ContentSequence)
        assert all(len(number.ContentSequence) > 0 for number in numbers(group))


def test_what_is_not_carried_is_told() -> None:
    report = pydicom.dcmread(io.BytesIO(write_report(context(), [], [Skipped("2.25.7", "no-volume", "It is gone")])))
    sentence = child(report, "C0034375").ContentSequence[0].TextValue
    assert sentence == "Measurement 2.25.7 is not in this report (no-volume): It is gone"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (item_of("line", values=()), "missing-key"),
        (item_of("line", image=None), "missing-key"),
        (replace(in_space(item_of("line")), frame_of_reference=""), "missing-key"),
        (item_of("line", values=(ReportValue("Length", math.inf, "mm"),)), "bad-number"),
    ],
    ids=["no-value", "no-image", "no-frame-of-reference", "infinite"],
)
def test_measurements_that_no_report_can_hold_are_refused(item: ReportItem, reason: str) -> None:
    with pytest.raises(InvalidMeasurement) as refusal:
        write_report(context(), [item])
    assert refusal.value.reason == reason


ENCODED = {
    **REPORTS,
    "too-many-points-for-explicit-vr": [item_of("polygon", points=LONG * 30)],
    "long-code": [item_of("line", finding=Code("SCT", "1" * 41, "Ä" * 80), description="é")],
}


@pytest.mark.parametrize("items", ENCODED.values(), ids=ENCODED)
def test_bytes_are_those_that_pydicom_writes(items: list[ReportItem]) -> None:
    content = write_report(context(), items, [Skipped("2.25.7", "no-volume", "ö")])
    report = pydicom.dcmread(io.BytesIO(content))
    assert sum(1 for _ in report.iterall()) > 50, "every value was decoded, to be encoded anew"
    again = io.BytesIO()
    report.save_as(again, enforce_file_format=True)
    assert again.getvalue() == content


@pytest.mark.parametrize("items", REPORTS.values(), ids=REPORTS)
def test_dcmtk_reads_it_without_a_word(items: list[ReportItem], tmp_path: Path) -> None:
    report = write_report(context(), items, [Skipped("2.25.7", "no-volume", "It is gone")])
    printed, complaints = dsrdump(report, tmp_path)
    assert complaints == []
    assert printed.count("Tracking Unique Identifier") == len(items)


@pytest.mark.parametrize(
    "items", [items for items in REPORTS.values() if items], ids=[k for k, v in REPORTS.items() if v]
)
def test_highdicom_reads_it_without_a_warning(items: list[ReportItem], tmp_path: Path) -> None:
    file = tmp_path / "report.dcm"
    file.write_bytes(write_report(context(), items))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = highdicom_reports().srread(file).content.get_image_measurement_groups()
        assert [str(group.tracking_uid) for group in found] == [item.tracking_uid for item in items]
        for group, item in zip(found, items, strict=True):
            assert [m.value for m in group.get_measurements()] == pytest.approx([v.value for v in item.values])
            assert (group.finding_type.value if group.finding_type else None) == (item.finding and item.finding.code)


@pytest.mark.parametrize("make", [lambda item: item, in_space], ids=["plane", "space"])
def test_long_region_stands_in_the_first_number_alone(make: Callable[[ReportItem], ReportItem], tmp_path: Path) -> None:
    item = make(item_of("polygon", points=LONG))
    content = write_report(context(), [item])
    assert len(content) < 4 * 3 * len(LONG) + 16_000
    first, *others = numbers(groups(pydicom.dcmread(io.BytesIO(content)))[0])
    assert first.ContentSequence[0].ValueType.startswith("SCOORD")
    assert {number.ContentSequence[0].ValueType for number in others} == {"CODE"}
    assert dsrdump(content, tmp_path)[1] == []
    (found,) = read_report(content).items
    assert len(found.item.points or found.item.points3d) == len(LONG)
    assert [value.name for value in found.item.values] == [value.name for value in item.values]


def test_image_of_a_volume_stands_beside_coordinates_in_space(tmp_path: Path) -> None:
    """An SCOORD3D may be selected from no image (PS3.3 A.35.13.3.1.2), so the group names one of what was measured."""
    item = replace(in_space(item_of("line")), image=measured_image(3))
    content = write_report(context(), [item])
    assert dsrdump(content, tmp_path)[1] == []
    report = pydicom.dcmread(io.BytesIO(content))
    (group,) = groups(report)
    assert "ContentSequence" not in numbers(group)[0].ContentSequence[0]
    assert child(group, "121112").ReferencedSOPSequence[0].ReferencedFrameNumber == 3
    (found,) = read_report(content).items
    assert (found.item.image, found.item.points3d) == (item.image, item.points3d)


@pytest.mark.parametrize(("offset", "expected"), [("+0530", "133102"), ("-0330", "043102"), ("", "080102")])
def test_times_are_in_the_offset_that_the_report_names(offset: str, expected: str) -> None:
    found = context_of(
        file_of(reference(TimezoneOffsetFromUTC=offset) if offset else reference()),
        series_uid="2.25.21",
        instance_uid="2.25.22",
        created=WRITTEN,
    )
    content = write_report(found, [item_of("line", created=None)])
    report = pydicom.dcmread(io.BytesIO(content))
    assert (report.get("TimezoneOffsetFromUTC", ""), report.ContentTime[:6]) == (offset, expected)
    assert report.InstanceCreationTime == report.ContentTime
    if offset:
        assert read_report(content).items[0].item.created == WRITTEN


def test_series_has_no_times_of_one_report_and_reports_have_numbers() -> None:
    report = written([item_of("line")], instance_number=7)
    assert ("SeriesDate" in report, "SeriesTime" in report, report.InstanceNumber) == (False, False, 7)


@pytest.mark.parametrize("largest", [40, 5_000], ids=["by-its-points", "by-its-bytes"])
def test_report_that_is_too_large_is_refused(largest: int) -> None:
    items = [prepared(context(), item_of("polygon"))]
    with pytest.raises(TooLarge) as refusal:
        write_prepared(context(), items, largest=largest)
    assert (refusal.value.reason, refusal.value.facts["LimitBytes"]) == ("report-too-large", largest)
    assert 5_000 < len(write_prepared(context(), items)) < 50_000


@pytest.mark.parametrize("far", [1e7, -1e300])
def test_coordinates_beyond_all_measure_are_refused(far: float) -> None:
    with pytest.raises(InvalidMeasurement) as refusal:
        write_report(context(), [item_of("line", points=((0.0, 0.0), (far, 1.0)))])
    assert refusal.value.reason == "bad-number"
