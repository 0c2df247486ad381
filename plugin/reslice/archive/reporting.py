"""Records as a structured report."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reslice import __version__
from reslice.archive.measuring import Measurer
from reslice.archive.port import Archive
from reslice.archive.scenes import FrameScene
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
from reslice.errors import ResliceError, Unmeasurable
from reslice.measurement.document import draft_of_record

WITHOUT_PATIENT_MODULES = frozenset({"SR", "PR", "KO"})
"""Series that are looked at last for what a report says of patient and study."""
Record = Mapping[str, Any]


def report_of(measurer: Measurer, study: str, records: Sequence[Record], author: str, now: datetime) -> bytes:
    """The DICOM file. Raises Unmeasurable where the study holds no image to take patient and study from."""
    reference = _reference(measurer.library.archive, study, records)
    context = context_of(
        reference,
        series_uid=f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, study).int}",  # the reports of a study in one series
        instance_uid=f"2.25.{uuid.uuid4().int}",
        created=now.astimezone(),
        author=author,
        software_version=__version__,
    )
    items = [_item(measurer, study, record) for record in records]
    lost = [item for item in items if not _has_place(item)]
    skipped = [Skipped(item.tracking_uid, "no-geometry", "It lies in no known frame of reference") for item in lost]
    return write_report(context, [item for item in items if item not in lost], skipped)


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
        frame_of_reference=record.get("Source", {}).get("FrameOfReferenceUID", ""),
        author=record.get("Author", ""),
        created=_moment(record.get("CreatedAt")),
    )


def _values(record: Record) -> Iterator[ReportValue]:
    """Its values, and the radius around a point, which no other place in a report tells."""
    yield from (ReportValue(v["Name"], v["Value"], v["Unit"]) for v in record["Values"])
    radius = (record.get("Geometry") or {}).get("Radius")
    if radius is not None:
        yield ReportValue(RADIUS, radius, "mm")


def _image(record: Record) -> ReportImage | None:
    source = record.get("Source", {})
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
