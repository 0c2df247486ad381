"""Measurements out of a structured report, whoever wrote it (PS3.16 TID 1500 with TID 1501, 1410 and 1411).

Read leniently: OHIF's reports (Enhanced SR, the region inside the first number), highdicom's (the region beside the
numbers), ours. A group that can't be used is skipped with its reason; only a file that is no such report is refused.
"""

import hashlib
from collections.abc import Iterator

from pydicom.uid import Comprehensive3DSRStorage, ComprehensiveSRStorage, EnhancedSRStorage

from reslice.dicom import report_codes as codes
from reslice.dicom.report_group_reading import Sender, read_group
from reslice.dicom.report_items import ReadItem, ReadReport, Skipped
from reslice.dicom.report_nodes import (
    CONCEPT_NAME,
    CONTENT,
    REFERENCED_SOP_INSTANCE,
    REFERENCED_SOP_SEQUENCE,
    Node,
    moment,
    sound_uid,
)
from reslice.dicom.report_raw import CHARACTER_SET, Charset, decoded, read_raw
from reslice.dicom.values import Values
from reslice.errors import Damaged, InvalidMeasurement

SOP_CLASSES = frozenset(map(str, (EnhancedSRStorage, ComprehensiveSRStorage, Comprehensive3DSRStorage)))
MOST_GROUPS = 10_000
"""Measurements of one report that are read."""

SOP_CLASS, SOP_INSTANCE, CONTENT_DATE, CONTENT_TIME = 0x00080016, 0x00080018, 0x00080023, 0x00080033
MANUFACTURER, ZONE, STUDY_UID, SERIES_UID = 0x00080070, 0x00080201, 0x0020000D, 0x0020000E
EVIDENCE, OTHER_EVIDENCE, TEMPLATES, REFERENCED_SERIES = 0x0040A375, 0x0040A385, 0x0040A504, 0x00081115
TEMPLATE_IDENTIFIER = 0x0040DB00
TAGS = tuple(
    sorted(
        (
            *(CHARACTER_SET, SOP_CLASS, SOP_INSTANCE, CONTENT_DATE, CONTENT_TIME, MANUFACTURER, ZONE, STUDY_UID),
            *(CONCEPT_NAME, EVIDENCE, OTHER_EVIDENCE, TEMPLATES, CONTENT),
        )
    )
)
META = slice(132, 1024)
"""Where file meta information stands."""


def read_report(content: bytes) -> ReadReport:
    """The measurements of a report, and what had to be skipped.

    Raises InvalidMeasurement (`not-a-report`) where it is no report by TID 1500 of the three SOP classes, Damaged
    where its bytes contradict themselves.
    """
    values, charset = _opened(content)
    sender = Sender(
        manufacturer=decoded(values.content(MANUFACTURER), charset).strip(),
        is_highdicom=b"highdicom" in content[META],
        series=_series_of(values),
        author="",
        created=moment(values.text(CONTENT_DATE) + values.text(CONTENT_TIME) + values.text(ZONE)),
    )
    root = Node(values, charset)
    top = root.children
    sender = sender.by(_author(top))
    items, skipped = _read(_groups(top), sender, values.text(SOP_INSTANCE))
    return ReadReport(
        study_uid=sound_uid(values.text(STUDY_UID)),
        sop_class=values.text(SOP_CLASS),
        sop_instance=values.text(SOP_INSTANCE),
        manufacturer=sender.manufacturer,
        items=items,
        skipped=skipped,
    )


def _opened(content: bytes) -> tuple[Values, Charset]:
    """The report's own elements, once it is known to be one."""
    try:
        values, charset = read_raw(content, TAGS)
    except Damaged:
        if content[128:132] == b"DICM":
            raise
        raise InvalidMeasurement("This is no DICOM file", reason="not-a-report") from None
    if values.text(SOP_CLASS) not in SOP_CLASSES:
        details = "This is no Enhanced, Comprehensive or Comprehensive 3D SR"
        raise InvalidMeasurement(details, reason="not-a-report")
    is_template = any(item.text(TEMPLATE_IDENTIFIER) == "1500" for item in values.sequence(TEMPLATES))
    if not is_template and not Node(values, charset).is_named(codes.REPORT):
        raise InvalidMeasurement("This is no measurement report by TID 1500", reason="not-a-report")
    return values, charset


def _series_of(values: Values) -> dict[str, str]:
    """The series of each instance that is named as evidence (PS3.3 C.17.2.1)."""
    found = {}
    for tag in (EVIDENCE, OTHER_EVIDENCE):
        for study in values.sequence(tag):
            for series in study.sequence(REFERENCED_SERIES):
                for instance in series.sequence(REFERENCED_SOP_SEQUENCE):
                    found[instance.text(REFERENCED_SOP_INSTANCE)] = sound_uid(series.text(SERIES_UID))
    return found


def _author(top: list[Node]) -> str:
    logins = [node.text() for node in top if node.is_named(codes.LOGIN_NAME)]
    names = [node.text() for node in top if node.is_named(codes.PERSON_NAME)]
    return next(iter((*logins, *names)), "")


def _groups(top: list[Node]) -> Iterator[Node]:
    for node in top:
        if node.is_named(codes.MEASUREMENTS, codes.DERIVED_MEASUREMENTS):
            yield from node.children


def _read(groups: Iterator[Node], sender: Sender, report: str) -> tuple[tuple[ReadItem, ...], tuple[Skipped, ...]]:
    items: list[ReadItem] = []
    skipped: list[Skipped] = []
    taken: set[str] = set()
    for k, group in enumerate(groups):
        if k == MOST_GROUPS:
            skipped.append(Skipped("", "too-many-groups", f"Only the first {MOST_GROUPS} groups are read"))
            break
        found = _read_one(group, sender, own_uid(report, k), taken)
        if isinstance(found, ReadItem):
            taken.add(found.item.tracking_uid)
            items.append(found)
        else:
            skipped.append(found)
    return tuple(items), tuple(skipped)


def _read_one(group: Node, sender: Sender, spare_uid: str, taken: set[str]) -> ReadItem | Skipped:
    try:
        return read_group(group, sender, spare_uid, taken)
    except (InvalidMeasurement, Damaged) as error:
        return Skipped(_tracking_uid(group), error.reason, error.details)


def _tracking_uid(group: Node) -> str:
    try:
        return next((node.uid() for node in group.children if node.is_named(codes.TRACKING_UID)), "")
    except Damaged:
        return ""


def own_uid(report: str, position: int) -> str:
    """A tracking UID for a group that has none, the same each time that its report is read."""
    digest = hashlib.sha256(f"{report}|{position}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
