"""Reports of others: highdicom's, and the odd ones of real systems. What can't be used is skipped with a reason."""

import io
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from phantoms import file_of, image
from reslice.dicom.structured_report import Code, ReadReport, ReportItem, ReportValue, read_report, write_report
from reslice.errors import Damaged, InvalidMeasurement
from unit.dicom.report_readers import highdicom_reports
from unit.dicom.reports import (
    FRAME_OF_REFERENCE,
    INSTANCE,
    LUNG,
    MASS,
    SERIES,
    SHAPES,
    VALUES,
    VOLUME,
    context,
    in_space,
    item_of,
    measured_image,
    reference,
)

HIGHDICOMS_SHAPES = {
    "line": ("POLYLINE", SHAPES["line"]),
    "polyline": ("POLYLINE", SHAPES["polyline"]),
    "polygon": ("POLYLINE", (*SHAPES["polygon"], SHAPES["polygon"][0])),
    "ellipse": ("ELLIPSE", SHAPES["ellipse"]),
    "point": ("POINT", SHAPES["point"]),
}


def measurements_of(sr: Any, coordinates: Any = None) -> list[Any]:
    return [
        sr.Measurement(codes.SCT.Area, 12.5, codes.UCUM.SquareMillimeter, referenced_coordinates=coordinates),
        sr.Measurement(codes.DCM.AttenuationCoefficient, 41.5, codes.UCUM.HounsfieldUnit, derivation=codes.SCT.Mean),
    ]


def source_image(sr: Any) -> Any:
    return sr.SourceImageForRegion.from_source_image(reference())


def planar_group(sr: Any, region: Any, uid: str = "2.25.500", measurements: Any = None) -> Any:
    """TID 1410: the region beside the numbers."""
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier(uid, "Lesion"),
        referenced_region=region,
        finding_type=codes.SCT.Mass,
        finding_sites=[sr.FindingSite(codes.SCT.Lung)],
        measurements=measurements,
    )


def report_of(sr: Any, groups: list[Any], kind: str = "ComprehensiveSR") -> bytes:
    observer = sr.ObserverContext(codes.DCM.Person, sr.PersonObserverIdentifyingAttributes("Foo^Bar"))
    content = sr.MeasurementReport(
        sr.ObservationContext(observer), codes.SCT.ImagingProcedure, imaging_measurements=groups
    )
    evidence = reference(AccessionNumber="", PatientBirthDate="", PatientSex="", StudyID="", ReferringPhysicianName="")
    written = getattr(sr, kind)(
        evidence=[evidence],
        content=content[0],
        series_instance_uid="2.25.31",
        series_number=1,
        sop_instance_uid="2.25.32",
        instance_number=1,
        manufacturer="Somebody",
    )
    return file_of(written)


@pytest.mark.parametrize("tool", HIGHDICOMS_SHAPES)
def test_highdicoms_regions_are_read(tool: str) -> None:
    sr = highdicom_reports()
    graphic, points = HIGHDICOMS_SHAPES[tool]
    region = sr.ImageRegion(graphic, np.array(points) + 0.5, source_image(sr))
    measurements = measurements_of(sr) if tool in ("polygon", "ellipse") else None
    report = read_report(report_of(sr, [planar_group(sr, region, measurements=measurements)]))
    (found,) = report.items
    item = found.item
    assert (found.sender, found.warnings, report.manufacturer) == ("highdicom", (), "Somebody")
    assert (item.tool, item.points, item.image) == (tool, SHAPES[tool], measured_image())
    assert (item.tracking_uid, item.author) == ("2.25.500", "Foo^Bar")
    assert (item.finding, item.site) == (MASS, LUNG)
    if measurements:
        assert item.values == (ReportValue("Area", 12.5, "mm2"), ReportValue("Mean", 41.5, "HU"))


def test_highdicoms_regions_in_space_are_read() -> None:
    sr = highdicom_reports()
    corners = np.array([[0.0, 0.0, 5.0], [10.0, 0.0, 5.0], [10.0, 8.0, 5.0], [0.0, 0.0, 5.0]])
    region = sr.ImageRegion3D("POLYGON", corners, FRAME_OF_REFERENCE)
    (found,) = read_report(report_of(sr, [planar_group(sr, region)], "Comprehensive3DSR")).items
    assert (found.item.tool, found.item.frame_of_reference) == ("polygon", FRAME_OF_REFERENCE)
    assert found.item.points3d == tuple(map(tuple, corners[:3]))
    assert (found.item.points, found.item.image) == ((), None)


def test_highdicoms_coordinates_inside_a_number_are_read() -> None:
    sr = highdicom_reports()
    graphic, points = HIGHDICOMS_SHAPES["polygon"]
    coordinates = sr.CoordinatesForMeasurement(graphic, np.array(points) + 0.5, source_image(sr))
    group = sr.MeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier("2.25.501", "Lesion"), measurements=measurements_of(sr, [coordinates])
    )
    (found,) = read_report(report_of(sr, [group])).items
    assert (found.item.tool, found.item.points) == ("polygon", SHAPES["polygon"])


def test_groups_without_a_region_are_skipped_and_the_others_read() -> None:
    sr = highdicom_reports()
    group = sr.MeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier("2.25.501", "Lesion"), measurements=measurements_of(sr)
    )
    regions = [sr.ImageRegion("POINT", np.array([[k + 0.5, 0.5]]), source_image(sr)) for k in (1, 2)]
    volume = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier("2.25.502", "Lesion"), referenced_regions=regions, measurements=measurements_of(sr)
    )
    report = read_report(report_of(sr, [group, planar_group(sr, regions[0]), volume]))
    assert [read.item.points for read in report.items] == [((1.0, 0.0),)]
    assert [(skipped.tracking_uid, skipped.reason) for skipped in report.skipped] == [
        ("2.25.501", "no-region"),
        ("2.25.502", "several-regions"),
    ]


# --- Odd reports, made of ours ---------------------------------------------------------------------------------


def changed(change: Callable[[Dataset], None], *items: ReportItem) -> bytes:
    """Our report of these measurements (a line), changed."""
    dataset = pydicom.dcmread(io.BytesIO(write_report(context(), items or [item_of("line")])))
    change(dataset)
    return file_of(dataset)


def groups_of(report: Dataset) -> list[Dataset]:
    return report.ContentSequence[-1].ContentSequence


def named(group: Dataset, code: str) -> Dataset:
    return next(node for node in group.ContentSequence if node.ConceptNameCodeSequence[0].CodeValue == code)


def region_of(report: Dataset) -> Dataset:
    number = next(node for node in groups_of(report)[0].ContentSequence if node.ValueType == "NUM")
    return number.ContentSequence[0]


def of_group(change: Callable[[Dataset], None], *items: ReportItem) -> ReadReport:
    """The report read again after a change to its first group."""
    return read_report(changed(lambda report: change(groups_of(report)[0]), *items))


def of_region(*items: ReportItem, **values: object) -> ReadReport:
    """The same with elements of its only region changed; None takes one away."""

    def change(report: Dataset) -> None:
        region = region_of(report)
        for keyword, value in values.items():
            delattr(region, keyword) if value is None else setattr(region, keyword, value)

    return read_report(changed(change, *items))


def retold(code: str, **values: object) -> Callable[[Dataset], None]:
    """A change of the item of a group that has this concept."""

    def change(group: Dataset) -> None:
        for keyword, value in values.items():
            setattr(named(group, code), keyword, value)

    return change


def without(code: str) -> Callable[[Dataset], None]:
    def change(group: Dataset) -> None:
        group.ContentSequence.remove(named(group, code))

    return change


BAD_REGIONS: dict[str, tuple[dict[str, object], str]] = {
    "nan": ({"GraphicData": [1.0, math.nan, 3.0, 4.0]}, "bad-points"),
    "infinite": ({"GraphicData": [1.0, math.inf, 3.0, 4.0]}, "bad-points"),
    "huge": ({"GraphicData": [1.0, 1e30, 3.0, 4.0]}, "bad-points"),
    "odd-count": ({"GraphicData": [1.0, 2.0, 3.0]}, "bad-points"),
    "none": ({"GraphicData": None}, "bad-points"),
    "one-point": ({"GraphicData": [1.0, 2.0]}, "wrong-point-count"),
    "three-points": ({"GraphicData": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}, "wrong-point-count"),
    "other-graphic": ({"GraphicType": "POINT", "GraphicData": [1.0, 2.0]}, "unsupported-graphic"),
    "unknown-graphic": ({"GraphicType": "SPIRAL"}, "unsupported-graphic"),
    "no-graphic": ({"GraphicType": None}, "unsupported-graphic"),
    "whole-slide": ({"PixelOriginInterpretation": "VOLUME"}, "unsupported-graphic"),
    "no-image": ({"ContentSequence": None}, "no-image"),
    "in-nothing": ({"ValueType": "SCOORD3D", "GraphicData": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}, "no-frame-of-reference"),
    "other-item": ({"ValueType": "TEXT"}, "no-region"),
}


@pytest.mark.parametrize(("values", "reason"), BAD_REGIONS.values(), ids=BAD_REGIONS)
def test_region_that_can_not_be_used_is_skipped(values: dict[str, object], reason: str) -> None:
    report = of_region(**values)
    assert (report.items, [(s.tracking_uid, s.reason) for s in report.skipped]) == ((), [("2.25.100", reason)])


def test_one_bad_group_harms_no_other() -> None:
    def change(group: Dataset) -> None:
        group.ContentSequence[-1].ContentSequence[0].GraphicData = [math.nan, 1.0]

    report = of_group(change, item_of("line"), item_of("point"))
    assert [read.item for read in report.items] == [item_of("point")]
    assert [skipped.reason for skipped in report.skipped] == ["bad-points"]


def test_container_of_another_concept_is_skipped() -> None:
    def change(group: Dataset) -> None:
        group.ConceptNameCodeSequence[0].CodeValue = "1"

    assert [skipped.reason for skipped in of_group(change).skipped] == ["unknown-group"]


def test_region_on_several_frames_is_skipped() -> None:
    def change(report: Dataset) -> None:
        region_of(report).ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber = [3, 4]

    assert [skipped.reason for skipped in read_report(changed(change)).skipped] == ["several-frames"]


@pytest.mark.parametrize("uid", ["", "no-uid", "1..2", "1." + "2" * 80, "1.02"])
def test_group_without_a_tracking_uid_gets_the_same_one_each_time(uid: str) -> None:
    def change(group: Dataset) -> None:
        element = pydicom.DataElement("UID", "UI", uid, validation_mode=pydicom.config.IGNORE)
        named(group, "112040")[0x0040A124] = element

    first, second = of_group(change).items[0], of_group(change).items[0]
    assert first == second
    assert [warning.split(":")[0] for warning in first.warnings] == ["no-tracking-uid"]
    assert first.item.tracking_uid.startswith("2.25.")


def test_tracking_uid_of_two_groups_is_the_first_ones() -> None:
    report = read_report(changed(lambda report: None, item_of("line"), item_of("point", tracking_uid="2.25.100")))
    assert report.items[0].item.tracking_uid == "2.25.100"
    assert report.items[1].item.tracking_uid != "2.25.100"
    assert [warning.split(":")[0] for warning in report.items[1].warnings] == ["repeated-tracking-uid"]


IDENTIFIERS = {
    "Cornerstone3DTools@^0.1.0:Length": "line",
    "Cornerstone3DTools@^0.1.0:Length:Series": "line",
    "cornerstoneTools@^4.0.0:Length": "line",
    "": "line",
    "Lesion 1": "line",
    "Reslice:line": "line",
    "Reslice:nothing": "line",
}


@pytest.mark.parametrize(("identifier", "tool"), IDENTIFIERS.items())
def test_identifiers_of_all_senders_are_understood(identifier: str, tool: str) -> None:
    assert of_group(retold("112039", TextValue=identifier)).items[0].item.tool == tool


@pytest.mark.parametrize(
    ("tool", "code", "read_as"),
    [
        ("angle", "1483009", "angle"),
        ("cobb", "285285000", "cobb"),
        ("polygon", "42798000", "polygon"),
        ("rectangle", "42798000", "polygon"),
        ("polyline", "410668003", "polyline"),
    ],
)
def test_shape_tells_the_tool_where_the_sender_does_not(tool: str, code: str, read_as: str) -> None:
    item = of_group(retold("112039", TextValue="Finding"), item_of(tool)).items[0].item
    assert (item.tool, item.points) == (read_as, SHAPES[tool])


def test_angle_of_three_points_is_one() -> None:
    data = (np.array(SHAPES["angle"]) + 0.5).ravel().tolist()
    item = of_region(item_of("angle", values=VALUES["angle"][:1]), GraphicData=data).items[0].item
    assert (item.tool, item.points) == ("angle", SHAPES["angle"])


def test_outline_that_is_not_closed_is_taken_as_if_it_were() -> None:
    data = (np.array(SHAPES["polygon"]) + 0.5).ravel().tolist()
    found = of_region(item_of("polygon", values=VALUES["polygon"][:1]), GraphicData=data).items[0]
    assert (found.item.tool, found.item.points) == ("polygon", SHAPES["polygon"])
    assert [warning.split(":")[0] for warning in found.warnings] == ["unclosed"]


def test_rectangle_stored_row_by_row_is_put_in_order() -> None:
    a, b, c, d = SHAPES["rectangle"]
    data = (np.array([a, b, d, c, a]) + 0.5).ravel().tolist()
    found = of_region(item_of("rectangle", values=VALUES["rectangle"][:1]), GraphicData=data).items[0]
    assert found.item.points == (a, b, c, d)


def test_regions_that_serve_editing_only_are_passed_over() -> None:
    def change(group: Dataset) -> None:
        number = group.ContentSequence[-1]
        extra = pydicom.Dataset()
        extra.update(number.ContentSequence[0])
        extra.GraphicType, extra.GraphicData = "MULTIPOINT", [1.0, 2.0, 3.0, 4.0]
        name = pydicom.Dataset()
        name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "ControlPoints", "99CS3D", "Control Points"
        extra.ConceptNameCodeSequence = [name]
        number.ContentSequence.append(extra)
        group.ContentSequence.append(extra)

    assert of_group(change).items[0].item == item_of("line")


def test_image_of_the_group_serves_a_region_without_one() -> None:
    def change(group: Dataset) -> None:
        region = group.ContentSequence[-1].ContentSequence[0]
        group.ContentSequence.append(region.ContentSequence[0])
        del region.ContentSequence

    assert of_group(change).items[0].item == item_of("line")


OLD_CODES = [
    *(("G-D7FE", "SRT", "Length"), ("G-A166", "SRT", "Area"), ("R-00317", "SRT", "Mean")),
    *(("R-10047", "SRT", "StandardDeviation"), ("121", "99X", "Minimum")),
]


@pytest.mark.parametrize(("value", "scheme", "name"), OLD_CODES)
def test_older_codes_and_known_meanings_name_the_same_values(value: str, scheme: str, name: str) -> None:
    def change(group: Dataset) -> None:
        code = group.ContentSequence[-1].ConceptNameCodeSequence[0]
        meaning = "minimum" if name == "Minimum" else "Whatever"
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning

    assert of_group(change).items[0].item.values[0].name == name


def test_older_code_of_the_finding_site_is_read() -> None:
    def change(group: Dataset) -> None:
        site = named(group, "363698007")
        name = site.ConceptNameCodeSequence[0]
        name.CodeValue, name.CodingSchemeDesignator = "G-C0E3", "SRT"
        code = site.ConceptCodeSequence[0]
        code.CodeValue, code.CodingSchemeDesignator = "T-28000", "SRT"

    assert of_group(change).items[0].item.site == Code("SRT", "T-28000", "Lung")


@pytest.mark.parametrize(
    ("code", "meaning", "unit"), [("cm", "centimeter", "cm"), ("1", "ratio", "ratio"), ("1", "px", "px")]
)
def test_units_of_others_are_told(code: str, meaning: str, unit: str) -> None:
    def change(group: Dataset) -> None:
        found = group.ContentSequence[-1].MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
        found.CodeValue, found.CodeMeaning = code, meaning

    assert of_group(change).items[0].item.values[0].unit == unit


@pytest.mark.parametrize("numeric", [None, "", "nan", "1e999", "many"])
def test_number_that_is_none_is_no_claim(numeric: str | None) -> None:
    def change(group: Dataset) -> None:
        measured = group.ContentSequence[-1].MeasuredValueSequence[0]
        del measured.FloatingPointValue
        element = pydicom.DataElement("NumericValue", "LO", numeric, validation_mode=pydicom.config.IGNORE)
        measured[0x0040A30A] = element

    found = of_group(change).items[0].item
    assert (found.values, found.points) == ((), SHAPES["line"])


def test_text_is_cut_and_freed_of_control_characters() -> None:
    found = of_group(retold("121106", TextValue="a\tb\n" + "x" * 100_000)).items[0]
    assert found.item.label == "a b " + "x" * 252
    assert [warning.split(":")[0] for warning in found.warnings] == ["text-changed"]


def test_time_of_the_report_is_that_of_its_groups() -> None:
    def change(report: Dataset) -> None:
        del groups_of(report)[0].ObservationDateTime
        report.TimezoneOffsetFromUTC = "+0900"

    created = read_report(changed(change)).items[0].item.created
    assert created == datetime.strptime("20261125080102.000005+0900", "%Y%m%d%H%M%S.%f%z")


@pytest.mark.parametrize("moment", ["", "yesterday", "20261350", "20261124250000", "20261124+9999"])
def test_times_that_are_none_are_not_guessed(moment: str) -> None:
    def change(report: Dataset) -> None:
        element = pydicom.DataElement("ObservationDateTime", "DT", moment, validation_mode=pydicom.config.IGNORE)
        groups_of(report)[0][0x0040A032] = element
        report.ContentDate = ""

    assert read_report(changed(change)).items[0].item.created is None


def test_sender_is_told() -> None:
    def foreign(report: Dataset) -> None:
        report.Manufacturer = "Somebody"

    assert read_report(changed(foreign)).items[0].sender == "cornerstone"
    volume = read_report(changed(foreign, VOLUME)).items[0]
    assert (volume.sender, volume.item.tool) == ("other", "region")


def test_series_that_the_evidence_does_not_name_stays_empty() -> None:
    def change(report: Dataset) -> None:
        del report.CurrentRequestedProcedureEvidenceSequence

    image_found = read_report(changed(change)).items[0].item.image
    assert (image_found.sop_instance, image_found.series) == (INSTANCE, "")
    assert read_report(changed(lambda report: None)).items[0].item.image.series == SERIES


def test_report_is_known_by_its_template_or_its_title() -> None:
    def without_template(report: Dataset) -> None:
        del report.ContentTemplateSequence

    def without_title(report: Dataset) -> None:
        report.ConceptNameCodeSequence[0].CodeValue = "1"

    assert len(read_report(changed(without_template)).items) == 1
    assert len(read_report(changed(without_title)).items) == 1


def neither_template_nor_title(report: Dataset) -> None:
    del report.ContentTemplateSequence
    report.ConceptNameCodeSequence[0].CodeValue = "1"


def basic_text(report: Dataset) -> None:
    report.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"


NO_REPORTS = {
    "nothing": b"",
    "text": b"Length: 12 mm\n" * 30,
    "zeros": bytes(4096),
    "json": b'{"Type": "distance"}',
    "image": file_of(image(np.zeros((4, 4), np.int16))),
    "other-class": changed(basic_text),
    "other-template": changed(neither_template_nor_title),
}


@pytest.mark.parametrize("content", NO_REPORTS.values(), ids=NO_REPORTS)
def test_what_is_no_measurement_report_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidMeasurement) as refusal:
        read_report(content)
    assert refusal.value.reason == "not-a-report"


def test_report_without_measurements_is_empty() -> None:
    report = read_report(write_report(context(), []))
    assert (report.items, report.skipped) == ((), ())


def test_report_that_ends_too_early_is_damaged() -> None:
    content = write_report(context(), [item_of("line")])
    with pytest.raises(Damaged):
        read_report(content[:-100])


def test_measurement_in_space_may_name_an_image_too() -> None:
    item = in_space(item_of("line"))
    item = replace(item, image=measured_image())
    assert read_report(write_report(context(), [item])).items[0].item == item
