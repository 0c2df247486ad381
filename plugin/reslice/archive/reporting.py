"""Records as a structured report."""

import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from reslice import __version__
from reslice.archive.importing import is_uid
from reslice.archive.measuring import Measurer
from reslice.archive.port import Archive
from reslice.archive.scenes import FrameScene
from reslice.dicom.report_groups import group_of
from reslice.dicom.report_items import (
    RADIUS,
    Code,
    PatientPoint,
    PixelPoint,
    ReportImage,
    ReportItem,
    ReportValue,
    Skipped,
)
from reslice.dicom.structured_report import context_of, write_report
from reslice.errors import ResliceError, TooLarge, Unmeasurable
from reslice.measurement.document import draft_of_record

WITHOUT_PATIENT_MODULES = frozenset({"SR", "PR", "KO"})
"""Series that are looked at last for what a report says of patient and study."""
LARGEST_REPORT = 64 << 20
"""Bytes: as many as come back in an import."""
Record = Mapping[str, Any]


def report_of(measurer: Measurer, study: str, records: Sequence[Record], author: str, now: datetime) -> bytes:
    """The DICOM file; what can't be reported is told in it.

    Raises Unmeasurable where nothing can (`no-measurements`), or where the study holds no image to take patient and
    study from, and TooLarge (`report-too-large`).
    """
    archive = measurer.library.archive
    context = context_of(
        _reference(archive, study, records),
        series_uid=_series_uid(study),
        instance_uid=f"2.25.{uuid.uuid4().int}",
        created=now.astimezone(),
        author=author,
        software_version=__version__,
    )
    told = [_told(measurer, study, record) for record in records]
    items = [item for item in told if isinstance(item, ReportItem)]
    if not items:
        raise Unmeasurable("The study has no measurements that can be reported", reason="no-measurements")
    number = sum(len(s.instances) for s in archive.series_of("studies", study) if s.uid == context.series_uid) + 1
    skipped = [item for item in told if isinstance(item, Skipped)]
    content = write_report(replace(context, instance_number=number), items, skipped)
    if len(content) > LARGEST_REPORT:
        details = f"The report would have {len(content)} bytes; the limit is {LARGEST_REPORT}"
        raise TooLarge(details, reason="report-too-large", SizeBytes=len(content), LimitBytes=LARGEST_REPORT)
    return content


def _series_uid(study: str) -> str:
    """The reports of a study are in one series."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, study).int}"


def _told(measurer: Measurer, study: str, record: Record) -> ReportItem | Skipped:
    """A record as a report tells it; one that is odd or out of date costs only itself."""
    uid = record.get("TrackingUID")
    if not is_uid(uid):
        return Skipped("", "bad-id", "A record without a tracking UID")
    if record.get("Stale"):
        return Skipped(str(uid), "stale", "The pixels have changed since it was measured")
    try:
        item = _item(measurer, study, record)
        group_of(item)
    except ResliceError as error:
        return Skipped(str(uid), error.reason, error.details)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, struct.error):
        return Skipped(str(uid), "odd-record", "The record doesn't hold what a report needs")
    if not _has_place(item):
        return Skipped(str(uid), "no-geometry", "It lies in no known frame of reference")
    return item


def _has_place(item: ReportItem) -> bool:
    """Whether it can be told where it was measured; a volume is told by its values alone."""
    return item.type == "volume" or item.image is not None or bool(item.points3d and item.frame_of_reference)


def _reference(archive: Archive, study: str, records: Iterable[Record]) -> bytes:
    """An image file of the study, one that was measured where there is one."""
    series = archive.series_of("studies", study)
    measured = [r["Image"]["Instance"] for r in records if r.get("Image")]
    images = [i for s in series if s.modality not in WITHOUT_PATIENT_MODULES for i in s.instances]
    stored = set(images)
    for instance in [*(i for i in measured if i in stored), *images]:
        try:
            return archive.read(instance)
        except ResliceError:
            continue
    raise Unmeasurable("The study holds no image that a report could be made of", reason="no-volume")


def _item(measurer: Measurer, study: str, record: Record) -> ReportItem:
    image = _image(record)
    points = _pixels(measurer, study, record) if image is not None else None
    points3d = _patient_points(measurer, study, record) if points is None else ()
    return ReportItem(
        tracking_uid=record["TrackingUID"],
        type=record["Type"],
        tool=record["Tool"],
        values=tuple(_values(record)),
        label=record.get("Label", ""),
        description=record.get("Description", ""),
        finding=_code(record.get("Finding")),
        site=_code(record.get("Site")),
        image=image if points is not None else None,
        points=points or (),
        points3d=points3d,
        frame_of_reference=_source(record).get("FrameOfReferenceUID", ""),
        series=_source(record).get("SeriesInstanceUID", ""),
        author=record.get("Author", ""),
        created=_moment(record.get("CreatedAt")),
    )


def _values(record: Record) -> Iterator[ReportValue]:
    """Its values, and the radius around a point, which no other place in a report tells."""
    yield from (ReportValue(v["Name"], v["Value"], v["Unit"]) for v in record["Values"])
    radius = (record.get("Geometry") or {}).get("Radius")
    if radius is not None:
        yield ReportValue(RADIUS, radius, "mm")


def _source(record: Record) -> Mapping[str, Any]:
    return record.get("Source") or {}


def _image(record: Record) -> ReportImage | None:
    source = _source(record)
    if not record.get("Image") or not source.get("SOPInstanceUID") or source.get("Tile") is not None:
        return None  # the pixels of a mosaic's tile aren't those of the stored image
    frame = source["FrameNumber"] if source.get("FrameCount", 1) > 1 else None
    return ReportImage(source["SOPClassUID"], source["SOPInstanceUID"], source["SeriesInstanceUID"], frame)


def _pixels(measurer: Measurer, study: str, record: Record) -> tuple[PixelPoint, ...] | None:
    """The points on the record's image; None where they are in the patient and the image is there no longer."""
    geometry = record["Geometry"]
    if geometry["Space"] == "pixel":
        return tuple((float(column), float(row)) for column, row in geometry["Points"])
    try:
        draft = draft_of_record(record)
        scene = measurer.scene(study, draft)
        assert isinstance(scene, FrameScene)
        return tuple((float(column), float(row)) for column, row in scene.pixels(draft))
    except ResliceError:
        return None


def _patient_points(measurer: Measurer, study: str, record: Record) -> tuple[PatientPoint, ...]:
    geometry = record.get("Geometry") or {}
    if record["Type"] == "volume" or not geometry:
        return ()
    points = geometry["Points"]
    if geometry["Space"] == "pixel":
        try:
            scene = measurer.scene(study, draft_of_record(record))
        except ResliceError:
            return ()
        if not isinstance(scene, FrameScene) or not scene.ref.has_place:
            return ()
        points = scene.ref.plane.map_pixels_to_reference([(row, column) for column, row in points]).tolist()
    return tuple((float(x), float(y), float(z)) for x, y, z in points)


def _code(value: Mapping[str, str] | None) -> Code | None:
    return None if value is None else Code(value["Scheme"], value["Code"], value["Meaning"])


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
