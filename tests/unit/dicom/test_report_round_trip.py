"""Our own reports read back: the same measurements, whatever they hold."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phantoms import file_of
from reslice.dicom.structured_report import (
    Code,
    ReportImage,
    ReportItem,
    ReportValue,
    Skipped,
    context_of,
    read_report,
    write_report,
)
from unit.dicom.reports import (
    MASS,
    SHAPES,
    VOLUME,
    context,
    every_item,
    in_space,
    item_of,
    measured_image,
    reference,
)

LETTERS = st.characters(exclude_categories=("Cc", "Cs"))


def texts(most: int) -> st.SearchStrategy[str]:
    """Text without control characters, and without the blanks that DICOM doesn't keep."""
    return st.text(LETTERS, max_size=most).map(str.strip)


def names(most: int) -> st.SearchStrategy[str]:
    """Text of elements in which a backslash separates values."""
    return st.text(LETTERS.filter(lambda c: c != "\\"), min_size=1, max_size=most).map(str.strip).filter(bool)


CODES = st.builds(Code, names(16), st.from_regex(r"[A-Za-z0-9.\-]{1,40}", fullmatch=True), names(64))
UNITS = st.sampled_from(["mm", "deg", "mm2", "mm3", "cm3", "HU", "Bq/ml", "g/ml", "px", "1"])
NAMES = st.sampled_from(
    [
        *("Perimeter", "Mean", "StandardDeviation", "Minimum", "Maximum", "Median", "Percentile5", "Percentile95"),
        *("Count", "SUVbwMean", "SUVbwMaximum", "SUVbwValue", "Supplement"),
    ]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 3),
    max_value=datetime(2999, 1, 1),
    timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30))]),
)
FIRST = {"distance": "Length", "angle": "Angle", "area": "Area", "hu": "Value"}


@st.composite
def items(draw: st.DrawFn) -> ReportItem:
    """A measurement of any tool, on an image or in space, its points to a 64th of a pixel."""
    tool = draw(st.sampled_from(list(SHAPES)))
    item = item_of(tool)
    steps = st.integers(-64 * 1000, 64 * 1000).map(lambda n: n / 64)
    points = draw(st.lists(st.tuples(steps, steps), min_size=3, max_size=9, unique=True))
    first = ReportValue(FIRST[item.type], draw(NUMBERS), draw(UNITS.filter(lambda unit: unit != "px")))
    others = draw(st.lists(st.builds(ReportValue, NAMES, NUMBERS, UNITS), max_size=6))
    item = replace(
        item,
        label=draw(texts(256)),
        description=draw(texts(600)),
        finding=draw(st.none() | CODES),
        site=draw(st.none() | CODES),
        author=draw(texts(80).filter(bool)),
        created=draw(MOMENTS),
        values=(first, *others),
        points=tuple(points) if tool in ("polygon", "polyline") else item.points,
        image=measured_image(draw(st.none() | st.integers(1, 5000))),
    )
    return in_space(item) if draw(st.booleans()) else item


@given(st.lists(items(), max_size=4))
def test_every_measurement_comes_back_as_it_was(written: list[ReportItem]) -> None:
    written = [replace(item, tracking_uid=f"2.25.{k}") for k, item in enumerate(written)]
    report = read_report(write_report(context(), written))
    assert [read.item for read in report.items] == written
    assert report.skipped == ()
    assert all((read.sender, read.warnings) == ("reslice", ()) for read in report.items)


def test_one_of_each_tool_comes_back() -> None:
    report = read_report(write_report(context(), every_item()))
    assert [read.item for read in report.items] == every_item()
    assert (report.study_uid, report.sop_instance) == ("2.25.10", "2.25.22")


def test_volume_keeps_the_image_that_it_was_made_on() -> None:
    volume = replace(VOLUME, image=measured_image(), author="Doe^Jane")
    assert [read.item for read in read_report(write_report(context(), [volume])).items] == [volume]


def test_length_of_a_closed_line_stays_one() -> None:
    """OHIF's tool is that of an outline; what is measured tells them apart."""
    ring = (*SHAPES["polygon"], SHAPES["polygon"][0])
    item = item_of("polyline", points=ring)
    assert read_report(write_report(context(), [item])).items[0].item == item


def test_area_in_pixels_comes_back_as_one() -> None:
    item = item_of("polygon", values=(ReportValue("Area", 7.0, "px2"), ReportValue("Perimeter", 11.0, "px")))
    assert read_report(write_report(context(), [item])).items[0].item == item


def test_value_of_the_tool_comes_first() -> None:
    values = item_of("ellipse").values
    turned = item_of("ellipse", values=(*values[1:], values[0]))
    assert read_report(write_report(context(), [turned])).items[0].item == item_of("ellipse")


def test_points_keep_the_precision_that_the_standard_gives_them() -> None:
    """GraphicData is FL: 24 bits of mantissa."""
    points = ((1000.123456789, 2000.987654321), (3.1, 4.2))
    found = read_report(write_report(context(), [item_of("line", points=points)])).items[0].item.points
    for (x, y), (a, b) in zip(points, found, strict=True):
        assert abs(a - x) <= 2**-14
        assert abs(b - y) <= 2**-13


def test_more_points_than_explicit_vr_holds_come_back() -> None:
    points = tuple((float(k % 1000), float(k // 1000)) for k in range(12_000))
    item = item_of("polygon", points=points)
    content = write_report(context(), [item])
    assert read_report(content).items[0].item == item
    assert pydicom.dcmread(io.BytesIO(content)).file_meta.TransferSyntaxUID == pydicom.uid.ImplicitVRLittleEndian


def test_same_input_gives_the_same_bytes() -> None:
    left_out = [Skipped("2.25.7", "no-volume", "It is gone")]
    assert write_report(context(), every_item(), left_out) == write_report(context(), every_item(), left_out)


def test_evidence_gives_each_image_its_series() -> None:
    other = ReportImage("1.2.840.10008.5.1.4.1.1.4", "2.25.77", "2.25.78", 3)
    found = read_report(write_report(context(), [item_of("line"), item_of("point", image=other)]))
    assert [read.item.image for read in found.items] == [measured_image(), other]


CHARACTER_SETS = {
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "chinese": ("GB18030", "Wang^XiaoDong=王^小东"),
    "cyrillic": ("ISO_IR 144", "Люкс^Иван"),
    "greek": ("ISO_IR 126", "Διονυσιος"),
    "latin": ("ISO_IR 100", "Buc^Jérôme"),
    "utf-8": ("ISO_IR 192", "Müller^Zoë=山^川"),
    "none": (None, "Phantom^Ramp"),
}


@pytest.mark.parametrize(("character_set", "name"), CHARACTER_SETS.values(), ids=CHARACTER_SETS)
def test_names_of_the_study_stay_right(character_set: str | list[str] | None, name: str) -> None:
    dataset = reference(PatientName=name, ReferringPhysicianName=name, StudyDescription="CT")
    if character_set:
        dataset.SpecificCharacterSet = character_set
    found = context_of(file_of(dataset), series_uid="2.25.1", instance_uid="2.25.2", created=datetime(2026, 1, 1))
    report = pydicom.dcmread(io.BytesIO(write_report(found, [item_of("line", label="종양 腫瘤")])))
    assert str(report.PatientName) == name
    assert str(report.ReferringPhysicianName) == name
    assert report.SpecificCharacterSet == "ISO_IR 192"
    assert "종양 腫瘤" in str(report)


def test_plain_text_names_no_character_set() -> None:
    report = pydicom.dcmread(io.BytesIO(write_report(context(), every_item())))
    assert "SpecificCharacterSet" not in report


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"])
def test_report_and_reference_may_be_encoded_otherwise(syntax: str) -> None:
    dataset = pydicom.dcmread(io.BytesIO(write_report(context(), [item_of("line", label="Größe")])))
    dataset.file_meta.TransferSyntaxUID = syntax
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, implicit_vr=syntax.endswith("1.2"), little_endian=not syntax.endswith(".2.2"))
    assert read_report(file.getvalue()).items[0].item == item_of("line", label="Größe")
    found = context_of(file.getvalue(), series_uid="2.25.1", instance_uid="2.25.2", created=datetime(2026, 1, 1))
    assert dict(found.header) == dict(context().header)


def test_studys_elements_are_taken_over_even_if_they_break_rules() -> None:
    dataset = reference(PatientWeight="70.5", TimezoneOffsetFromUTC="+0900", IssuerOfPatientID="Hospital")
    dataset.add(pydicom.DataElement("PatientBirthDate", "DA", "19", validation_mode=pydicom.config.IGNORE))
    dataset.add(pydicom.DataElement("StudyID", "SH", "x" * 40, validation_mode=pydicom.config.IGNORE))
    found = context_of(file_of(dataset), series_uid="2.25.1", instance_uid="2.25.2", created=datetime(2026, 1, 1))
    report = dict(
        context_of(write_report(found, []), series_uid="", instance_uid="", created=datetime(2026, 1, 1)).header
    )
    assert report == dict(found.header)
    assert (report[0x00101030], report[0x00080201], report[0x00100021]) == ("70.5", "+0900", "Hospital")
    assert (report[0x00100030], report[0x00200010]) == ("19", "x" * 40)


def test_halves_of_letters_are_replaced() -> None:
    item = item_of("line", label="a\ud800b")
    assert read_report(write_report(context(), [item])).items[0].item == item_of("line", label="a?b")


def test_bytes_of_the_study_that_are_no_letters_pass_unchanged() -> None:
    content = file_of(reference(StudyTime="070809")).replace(b"070809", b"07\xff\xe909")
    found = context_of(content, series_uid="2.25.1", instance_uid="2.25.2", created=datetime(2026, 1, 1))
    assert b"07\xff\xe909" in write_report(found, [])


def test_authors_are_told_apart() -> None:
    written = [item_of("line"), item_of("point", author="a\\b=c^d")]
    assert [read.item for read in read_report(write_report(context(), written)).items] == written


def test_code_of_an_own_finding_may_be_long() -> None:
    finding = Code("99X", "a-code-longer-than-sixteen-characters", "Something")
    item = item_of("line", finding=finding, site=MASS)
    assert read_report(write_report(context(), [item])).items[0].item == item
