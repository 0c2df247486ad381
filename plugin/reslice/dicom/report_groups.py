"""A measurement as the group that a structured report holds (PS3.16 TID 1501, 300 and 320).

The groups are such that OHIF takes them over: its tool is the tracking identifier, the region stands inside the
numbers. It stands in each of them while it is small, since older releases of OHIF can't read a group with a number
that holds nothing; of a long one the others only tell that they are of it.
"""

from collections.abc import Sequence

from pydicom import Dataset

from reslice.dicom import report_codes as codes
from reslice.dicom import report_content as content
from reslice.dicom.report_items import Code, ReportItem, ReportValue
from reslice.errors import InvalidMeasurement

TEMPLATE = "1501"
CENTRE = 0.5
"""SCOORD counts from the corner of the first pixel, our points from its centre (PS3.3 C.18.6.1.2)."""
MOST_REPEATED = 64
"""Points of a region that stands in each number."""
CLOSED = frozenset({"polygon", "rectangle"})

Points = Sequence[tuple[float, ...]]


def group_of(item: ReportItem, author: str = "") -> Dataset:
    """The group of one measurement; its author is told where it isn't the report's. Raises InvalidMeasurement."""
    return content.container(
        codes.GROUP,
        [*_tracking(item), *_observer(item, author), *_qualities(item), *_image(item), *_numbers(item)],
        TEMPLATE,
        item.created,
    )


def _tracking(item: ReportItem) -> list[Dataset]:
    name = codes.IDENTIFIERS.get(item.tool)
    identifier = codes.CORNERSTONE + name if name else codes.OWN_IDENTIFIER + item.tool
    return [
        content.text(content.HAS_OBS_CONTEXT, codes.TRACKING_IDENTIFIER, identifier),
        content.uid_reference(content.HAS_OBS_CONTEXT, codes.TRACKING_UID, item.tracking_uid),
    ]


def _observer(item: ReportItem, author: str) -> list[Dataset]:
    return persons(item.author) if item.author and item.author != author else []


def persons(author: str) -> list[Dataset]:
    """A person as observer (TID 1003), with the name as it was where PN can't hold it."""
    name = content.person_name(author)
    found = [content.person(content.HAS_OBS_CONTEXT, codes.PERSON_NAME, name)] if name else []
    if name != author:
        found.append(content.text(content.HAS_OBS_CONTEXT, codes.LOGIN_NAME, author))
    return found


def _qualities(item: ReportItem) -> list[Dataset]:
    found = []
    if item.finding is not None:
        found.append(content.code(content.CONTAINS, codes.FINDING, item.finding))
    if item.site is not None:
        found.append(content.code(content.HAS_CONCEPT_MOD, codes.FINDING_SITE, item.site))
    if item.label:
        found.append(content.text(content.CONTAINS, codes.COMMENT, item.label))
    if item.description:
        found.append(content.text(content.CONTAINS, codes.DESCRIPTION, item.description))
    return found


def _image(item: ReportItem) -> list[Dataset]:
    """An image of what was measured, where no region on that image tells it: coordinates in space name none."""
    if item.image is None or item.points:
        return []
    return [content.image(content.CONTAINS, codes.SOURCE_OF_MEASUREMENT, item.image)]


def _numbers(item: ReportItem) -> list[Dataset]:
    """The values, the tool's own first; what they were taken from stands in each."""
    if not item.values:
        raise InvalidMeasurement(f"Measurement {item.tracking_uid} holds no value", reason="missing-key")
    primary = codes.PRIMARY.get(item.type)
    values = sorted(item.values, key=lambda value: value.name != primary)
    source = _source(item)
    is_long = max(len(item.points), len(item.points3d)) > MOST_REPEATED
    again = content.code(content.HAS_CONCEPT_MOD, codes.METHOD, codes.OF_THE_REGION) if is_long else source
    return [_number(item.tool, value, source if k == 0 else again) for k, value in enumerate(values)]


def _number(tool: str, value: ReportValue, source: Dataset) -> Dataset:
    concept, derivation = concept_of(tool, value)
    children = [source]
    if derivation is not None:
        children.append(content.code(content.HAS_CONCEPT_MOD, codes.DERIVATION, derivation))
    return content.number(concept, value, children)


def concept_of(tool: str, value: ReportValue) -> tuple[Code, Code | None]:
    """What a value is, and how it was derived. Attenuation and Cobb angle have concepts of their own."""
    if value.name == "Value" and value.unit == "HU":
        return codes.ATTENUATION, None
    if value.name == "Angle" and tool == "cobb":
        return codes.COBB_ANGLE, None
    return codes.VALUES.get(value.name, (Code(codes.OWN_SCHEME, value.name, value.name), None))


def _source(item: ReportItem) -> Dataset:
    """The region; of a volume, whose shape a report can't hold, how it was found."""
    if item.points or item.points3d:
        return _region(item)
    method = codes.METHODS.get(item.tool, Code(codes.OWN_SCHEME, item.tool, item.tool))
    return content.code(content.HAS_CONCEPT_MOD, codes.METHOD, method)


def _region(item: ReportItem) -> Dataset:
    name = codes.AREA_OUTLINE if item.type == "area" else codes.PATH
    name = codes.SOURCE_OF_MEASUREMENT if item.tool == "point" else name
    if item.points3d:
        if not item.frame_of_reference:
            raise InvalidMeasurement(
                f"Measurement {item.tracking_uid} names no frame of reference", reason="missing-key"
            )
        numbers = content.flat(outline(item.tool, item.points3d), 0.0)
        return content.region(name, graphic_of(item.tool, True), numbers, None, item.frame_of_reference)
    if item.image is None:
        raise InvalidMeasurement(f"Measurement {item.tracking_uid} names no image", reason="missing-key")
    source = content.image(content.SELECTED_FROM, codes.SOURCE, item.image)
    numbers = content.flat(outline(item.tool, item.points), CENTRE)
    return content.region(name, graphic_of(item.tool, False), numbers, source)


def graphic_of(tool: str, is_3d: bool) -> str:
    """The graphic type of a tool's region; closed outlines have one of their own in space (PS3.3 C.18.9.1.2)."""
    if tool in ("point", "ellipse"):
        return tool.upper()
    return "POLYGON" if is_3d and tool in CLOSED else "POLYLINE"


def outline(tool: str, points: Points) -> Points:
    """The points as OHIF orders them: outlines closed by their first point, an angle as the lines p0 p1 and p1 p2."""
    if tool in CLOSED:
        return [*points, points[0]]
    return [points[0], points[1], points[1], points[2]] if tool == "angle" else points
