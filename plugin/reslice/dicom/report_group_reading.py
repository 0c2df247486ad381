"""One group of a structured report as a measurement (PS3.16 TID 1501, 1410, 1411)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import category

from reslice.dicom import report_codes as codes
from reslice.dicom.report_items import Code, ReadItem, ReportImage, ReportItem, ReportValue
from reslice.dicom.report_nodes import Node
from reslice.dicom.report_regions import Region, Shape, shape_of
from reslice.errors import InvalidMeasurement

LONGEST_LABEL, LONGEST_DESCRIPTION, LONGEST_AUTHOR = 256, 4096, 256
"""Characters; what is longer is cut, with a warning."""
OLD_FINDING_SITE = Code("SRT", "G-C0E3", "Finding Site")
MEANINGLESS = Code("DCM", "111010", "Center")
"""The number that OHIF hangs a point on: always zero."""
FREE_TEXT = "CORNERSTONEFREETEXT"
"""The code by which older releases of OHIF store a label as a finding or a site."""
EDITORS_SCHEME = "99CS3D"
"""Names OHIF's control points and text positions: no regions that were measured."""
REGIONS = ("SCOORD", "SCOORD3D")
STATISTICS = {
    (code.scheme, code.code): name
    for code, name in (
        (codes.MEAN, "Mean"),
        (codes.DEVIATION, "StandardDeviation"),
        (codes.MINIMUM, "Minimum"),
        (codes.MAXIMUM, "Maximum"),
        (codes.MEDIAN, "Median"),
    )
}
"""What a value is by its derivation."""


@dataclass(frozen=True)
class Sender:
    """What the report says of all its groups."""

    manufacturer: str
    is_highdicom: bool
    series: Mapping[str, str]
    author: str
    created: datetime | None

    def by(self, author: str) -> "Sender":
        """The same with its author."""
        return replace(self, author=author)

    def name(self, identifier: str) -> str:
        """Who wrote a group, as far as it tells."""
        if self.manufacturer == codes.PRODUCT:
            return "reslice"
        if identifier.startswith((codes.CORNERSTONE, codes.OLD_CORNERSTONE)):
            return "cornerstone"
        return "highdicom" if self.is_highdicom else "other"


def read_group(group: Node, sender: Sender, spare_uid: str, taken: set[str]) -> ReadItem:
    """The measurement of one group. `spare_uid` tracks it where it has no tracking UID or one that is `taken`.

    Raises InvalidMeasurement with the reason why it can't be used, Damaged.
    """
    if not group.is_named(codes.GROUP):
        raise InvalidMeasurement("Not a measurement group", reason="unknown-group")
    nodes = group.children
    identifier = _text(nodes, codes.TRACKING_IDENTIFIER)
    values = _values(nodes)
    shape, region = _shape(nodes, identifier, values, sender)
    uid, uid_warnings = _tracking(nodes, spare_uid, taken)
    item, text_warnings = _described(nodes, sender)
    item = replace(
        item,
        tracking_uid=uid,
        type=codes.TYPES[shape.tool],
        tool=shape.tool,
        values=_of_polyline(values) if shape.tool == "polyline" else values,
        image=region.image,
        points=() if region.is_3d else _pairs(shape),
        points3d=_triples(shape) if region.is_3d else (),
        frame_of_reference=region.frame_of_reference,
        created=group.observed() or sender.created,
    )
    return ReadItem(item, sender.name(identifier), (*uid_warnings, *text_warnings, *shape.warnings))


def _pairs(shape: Shape) -> tuple[tuple[float, float], ...]:
    return tuple((point[0], point[1]) for point in shape.points)


def _triples(shape: Shape) -> tuple[tuple[float, float, float], ...]:
    return tuple((point[0], point[1], point[2]) for point in shape.points)


def _text(nodes: Sequence[Node], *concepts: Code) -> str:
    return next((node.text() for node in nodes if node.is_named(*concepts)), "")


def _code(nodes: Sequence[Node], *concepts: Code) -> Code | None:
    return next((node.code() for node in nodes if node.is_named(*concepts)), None)


def _tracking(nodes: Sequence[Node], spare_uid: str, taken: set[str]) -> tuple[str, tuple[str, ...]]:
    uid = next((node.uid() for node in nodes if node.is_named(codes.TRACKING_UID)), "")
    if not uid:
        return spare_uid, ("no-tracking-uid: The group has no tracking UID; one was made of the report's own",)
    if uid in taken:
        return spare_uid, ("repeated-tracking-uid: Another group has the same tracking UID; one was made",)
    return uid, ()


def _values(nodes: Sequence[Node]) -> tuple[ReportValue, ...]:
    found = []
    for node in nodes:
        number = node.number() if node.value_type == "NUM" and not node.is_named(MEANINGLESS) else None
        if number is not None:
            name = _value_name(node)
            found.append(ReportValue(name, number[0], unit_of(number[1], name)))
    return tuple(found)


def _of_polyline(values: tuple[ReportValue, ...]) -> tuple[ReportValue, ...]:
    """OHIF calls the length of an open outline its perimeter."""
    if any(value.name == "Length" for value in values):
        return values
    return tuple(replace(value, name="Length") if value.name == "Perimeter" else value for value in values)


def _value_name(node: Node) -> str:
    concept = node.name or Code("", "", "")
    derivation = _code(node.children, codes.DERIVATION)
    is_suv = (concept.scheme, concept.code) == (codes.SUV_BW.scheme, codes.SUV_BW.code)
    derived = STATISTICS.get((derivation.scheme, derivation.code)) if derivation else None
    if is_suv:
        return f"SUVbw{derived or 'Value'}"
    known = codes.READ_NAMES.get((concept.scheme, concept.code)) or codes.MEANINGS.get(concept.meaning.lower())
    return derived or known or concept.meaning or concept.code


def unit_of(code: Code, name: str) -> str:
    """The unit that people read; what has no dimension is told by its meaning, as OHIF does for pixels."""
    if code.code != "1":
        return codes.READ_UNITS.get(code.code, code.code)
    if code.meaning.lower() in codes.NO_UNIT_MEANINGS:
        return "1"
    return "px2" if code.meaning == "px" and name == "Area" else code.meaning


def _shape(
    nodes: Sequence[Node], identifier: str, values: Sequence[ReportValue], sender: Sender
) -> tuple[Shape, Region]:
    tool = _tool(identifier)
    if codes.TYPES.get(tool) == "volume":
        reference = _group_image(nodes)
        return Shape(tool, ()), Region("", (), _known(reference[0], sender) if reference else None, "", False)
    region = _region(nodes, sender)
    return shape_of(region, tool, frozenset(value.name for value in values)), region


def _tool(identifier: str) -> str:
    """Our tool by the tracking identifier; empty where that isn't one of OHIF's or ours."""
    if identifier.startswith(codes.OWN_IDENTIFIER):
        tool = identifier.removeprefix(codes.OWN_IDENTIFIER)
        return tool if codes.TYPES.get(tool) == "volume" else ""
    if not identifier.startswith((codes.CORNERSTONE, codes.OLD_CORNERSTONE)):
        return ""
    names = identifier.split(":")[1:3]
    tool = next((codes.CORNERSTONE_TOOLS[name] for name in names if name in codes.CORNERSTONE_TOOLS), "")
    if not tool:
        raise InvalidMeasurement(f"OHIF's tool {':'.join(names)[:64]!r} isn't read", reason="unsupported-tool")
    return tool


def _region(nodes: Sequence[Node], sender: Sender) -> Region:
    """The one region of a group: beside the numbers, else inside them."""
    found = [node for node in nodes if _is_region(node)]
    found = found or [
        child for node in nodes if node.value_type == "NUM" for child in node.children if _is_region(child)
    ]
    regions = list(dict.fromkeys(_read_region(node, _group_image(nodes), sender) for node in found))
    if not regions:
        raise InvalidMeasurement("The group holds no region", reason="no-region")
    if len(regions) > 1:
        raise InvalidMeasurement(f"The group holds {len(regions)} regions", reason="several-regions")
    return regions[0]


def _group_image(nodes: Sequence[Node]) -> tuple[ReportImage, int] | None:
    return next((found for node in nodes if node.value_type == "IMAGE" and (found := node.references())), None)


def _is_region(node: Node) -> bool:
    name = node.name
    return node.value_type in REGIONS and (name is None or name.scheme != EDITORS_SCHEME)


def _read_region(node: Node, of_group: tuple[ReportImage, int] | None, sender: Sender) -> Region:
    graphic, coordinates = node.graphic()
    reference = next((found for child in node.children if (found := child.references())), None) or of_group
    image, frames = _known(reference[0], sender) if reference else None, reference[1] if reference else 0
    if node.value_type == "SCOORD3D":
        if not node.frame_of_reference():
            raise InvalidMeasurement("The region names no frame of reference", reason="no-frame-of-reference")
        return Region(graphic, coordinates, image, node.frame_of_reference(), True)
    if image is None:
        raise InvalidMeasurement("The region names no image", reason="no-image")
    if frames > 1:
        raise InvalidMeasurement(f"The region lies on {frames} frames", reason="several-frames")
    if node.is_of_slide():
        raise InvalidMeasurement("The region lies on a whole slide, not on a frame", reason="unsupported-graphic")
    return Region(graphic, coordinates, image, "", False)


def _known(image: ReportImage, sender: Sender) -> ReportImage:
    return replace(image, series=sender.series.get(image.sop_instance, ""))


def _described(nodes: Sequence[Node], sender: Sender) -> tuple[ReportItem, tuple[str, ...]]:
    """Label, description, codes and author, with OHIF's free text taken for the label that it is."""
    finding = _code(nodes, codes.FINDING)
    sites = [code for n in nodes if n.is_named(codes.FINDING_SITE, OLD_FINDING_SITE) and (code := n.code())]
    free = [code.meaning for code in (*sites, finding) if code and code.code == FREE_TEXT]
    label, label_cut = _cut(_text(nodes, codes.COMMENT) or next(iter(free), ""), LONGEST_LABEL, "label")
    description, cut = _cut(_text(nodes, codes.DESCRIPTION), LONGEST_DESCRIPTION, "description")
    author, author_cut = _cut(
        _text(nodes, codes.LOGIN_NAME) or _text(nodes, codes.PERSON_NAME) or sender.author, LONGEST_AUTHOR, "author"
    )
    item = ReportItem(
        tracking_uid="",
        type="",
        tool="",
        label=label,
        description=description,
        finding=finding if finding and finding.code != FREE_TEXT else None,
        site=next((site for site in sites if site.code != FREE_TEXT), None),
        author=author,
    )
    return item, (*label_cut, *cut, *author_cut)


def _cut(text: str, most: int, what: str) -> tuple[str, tuple[str, ...]]:
    """Text without control characters, and of at most so many others."""
    plain = "".join(" " if category(c) == "Cc" else c for c in text[:most])
    is_changed = plain != text
    return plain, (f"text-changed: The {what} is too long or holds control characters",) if is_changed else ()
