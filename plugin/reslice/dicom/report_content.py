"""Content items of a structured report, made with pydicom (PS3.3 C.17.3)."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from pydicom import DataElement, Dataset
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.tag import Tag
from pydicom.valuerep import format_number_as_ds

from reslice.dicom.report_codes import UNITS
from reslice.dicom.report_items import Code, ReportImage, ReportValue
from reslice.dicom.report_regions import FARTHEST
from reslice.errors import InvalidMeasurement

CONTAINS = "CONTAINS"
HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
INFERRED_FROM = "INFERRED FROM"
SELECTED_FROM = "SELECTED FROM"

LONGEST_CODE_VALUE, LONGEST_MEANING = 16, 64
"""Characters of SH and LO (PS3.5 6.2)."""
LONGEST_DECIMAL = 16
"""Characters of DS."""
LONGEST_NAME = 64
"""Characters of a component group of a PN."""
UNIT_SCHEME = "UCUM"


def put(dataset: Dataset, tag: int | str, value: object) -> None:
    """Set an element by its tag or keyword, whatever the value: what a study already holds is passed on as it is."""
    number = Tag(tag)
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs have no encoding
    dataset[number] = DataElement(number, dictionary_VR(number), value, validation_mode=IGNORE)


def dataset_of(**values: object) -> Dataset:
    """A data set of elements by keyword; None leaves one out."""
    dataset = Dataset()
    for keyword, value in values.items():
        if value is not None:
            put(dataset, keyword, value)
    return dataset


def one_line(text: str, most: int) -> str:
    """Text as SH, LO and PN allow it: no backslash, which separates values, and no more than so many characters."""
    return text.replace("\\", "/")[:most].strip()


def code_item(code: Code) -> Dataset:
    """The item of a code sequence (PS3.3 8.8); a long value goes into an element of its own."""
    is_long = len(code.code) > LONGEST_CODE_VALUE
    return dataset_of(
        CodeValue=None if is_long else one_line(code.code, LONGEST_CODE_VALUE),
        LongCodeValue=code.code if is_long else None,
        CodingSchemeDesignator=one_line(code.scheme, LONGEST_CODE_VALUE),
        CodeMeaning=one_line(code.meaning, LONGEST_MEANING),
    )


def item(
    relationship: str | None, value_type: str, name: Code, children: Sequence[Dataset] = (), **values: object
) -> Dataset:
    """A content item; without a relationship it is the root."""
    return dataset_of(
        RelationshipType=relationship,
        ValueType=value_type,
        ConceptNameCodeSequence=[code_item(name)],
        ContentSequence=list(children) or None,
        **values,
    )


def container(
    name: Code,
    children: Sequence[Dataset],
    template: str | None = None,
    created: datetime | None = None,
    relationship: str | None = CONTAINS,
) -> Dataset:
    """A CONTAINER, of a template of PS3.16 on wish, and with the time of its observation."""
    templates = [dataset_of(MappingResource="DCMR", TemplateIdentifier=template)] if template else None
    observed = date_time(created) if created else None
    return item(
        relationship,
        "CONTAINER",
        name,
        children,
        ContinuityOfContent="SEPARATE",
        ContentTemplateSequence=templates,
        ObservationDateTime=observed,
    )


def text(relationship: str, name: Code, value: str) -> Dataset:
    """A TEXT item."""
    return item(relationship, "TEXT", name, TextValue=value)


def code(relationship: str, name: Code, value: Code) -> Dataset:
    """A CODE item."""
    return item(relationship, "CODE", name, ConceptCodeSequence=[code_item(value)])


def uid_reference(relationship: str, name: Code, uid: str) -> Dataset:
    """A UIDREF item."""
    return item(relationship, "UIDREF", name, UID=uid)


def person_name(text: str) -> str:
    """A free name as PN allows it: not more component groups than it has."""
    return one_line(text.replace("=", " "), LONGEST_NAME)


def person(relationship: str, name: Code, value: str) -> Dataset:
    """A PNAME item."""
    return item(relationship, "PNAME", name, PersonName=person_name(value))


def image(relationship: str, name: Code, referenced: ReportImage) -> Dataset:
    """An IMAGE item."""
    return item(relationship, "IMAGE", name, ReferencedSOPSequence=[image_reference(referenced)])


def image_reference(referenced: ReportImage) -> Dataset:
    """The reference to an image, or to one of its frames (PS3.3 C.18.4)."""
    return dataset_of(
        ReferencedSOPClassUID=referenced.sop_class,
        ReferencedSOPInstanceUID=referenced.sop_instance,
        ReferencedFrameNumber=referenced.frame,
    )


def number(name: Code, value: ReportValue, children: Sequence[Dataset]) -> Dataset:
    """A NUM item (PS3.3 C.18.1), with the value in binary too where 16 characters don't hold it.

    Raises InvalidMeasurement.
    """
    if not math.isfinite(value.value):
        raise InvalidMeasurement(f"{value.name} is no finite number", reason="bad-number")
    decimal = decimal_string(float(value.value))
    measured = dataset_of(
        MeasurementUnitsCodeSequence=[code_item(unit_code(value.unit))],
        NumericValue=decimal,
        FloatingPointValue=None if float(decimal) == value.value else float(value.value),
    )
    return item(CONTAINS, "NUM", name, children, MeasuredValueSequence=[measured])


def decimal_string(number: float) -> str:
    """A DS value as exact as its 16 characters allow."""
    whole = f"{number:.0f}"
    return whole if len(whole) <= LONGEST_DECIMAL and float(whole) == number else format_number_as_ds(number)


def unit_code(unit: str) -> Code:
    """The UCUM code of a unit; one that isn't known has no dimension, and its name as meaning."""
    value, meaning = UNITS.get(unit, ("1", unit))
    return Code(UNIT_SCHEME, value, meaning)


def region(
    name: Code, graphic: str, numbers: Sequence[float], source: Dataset | None, frame_of_reference: str = ""
) -> Dataset:
    """An SCOORD (PS3.3 C.18.6), or with a frame of reference an SCOORD3D (C.18.9)."""
    return item(
        INFERRED_FROM,
        "SCOORD3D" if frame_of_reference else "SCOORD",
        name,
        [source] if source is not None else [],
        GraphicType=graphic,
        GraphicData=list(numbers),
        ReferencedFrameOfReferenceUID=frame_of_reference or None,
    )


def flat(points: Iterable[Iterable[float]], shift: float) -> list[float]:
    """The coordinates of points in a row, each moved. Raises InvalidMeasurement beyond all measure."""
    numbers = [float(coordinate) + shift for point in points for coordinate in point]
    if not all(abs(number) <= FARTHEST for number in numbers):
        raise InvalidMeasurement("A coordinate is beyond all measure", reason="bad-number")
    return numbers


def date_time(moment: datetime) -> str:
    """A DT value; the offset from UTC where the moment has a zone.

    UTC itself is told in another zone: DCMTK up to 3.6.7 takes the offset +0000 for an error.
    """
    if moment.utcoffset() == timedelta():
        moment = moment.astimezone(timezone(timedelta(hours=1)))
    return moment.strftime("%Y%m%d%H%M%S.%f%z")[:26]
