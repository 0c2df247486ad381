"""A record as an item of a structured report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from reslice.archive.measuring import Measurer
from reslice.archive.port import StoredInstance
from reslice.archive.scenes import FrameScene
from reslice.dicom.report_items import RADIUS, Code, PatientPoint, PixelPoint, ReportImage, ReportItem, ReportValue
from reslice.dicom.uids import is_uid
from reslice.errors import InvalidMeasurement, ResliceError, Unmeasurable
from reslice.measurement.document import draft_of_record

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Reportable:
    """Makes items of a study's records; `zone` is that of the report's times."""

    measurer: Measurer
    study: str
    zone: tzinfo | None

    def item(self, record: Record) -> ReportItem:
        """The item. Raises InvalidMeasurement, Unmeasurable with the reason why a report can't hold the record.

        Of a record that isn't as we write them it raises whatever that comes to.
        """
        if record.get("Stale"):
            raise Unmeasurable("The pixels have changed since it was measured", reason="stale")
        if not is_uid(record.get("TrackingUID")):
            raise InvalidMeasurement("It has no tracking UID", reason="bad-id")
        image = self._measured_image(record)
        points = self._pixels(record) if image is not None and not _is_tile(record) else None
        points3d = self._patient_points(record) if points is None else ()
        item = ReportItem(
            tracking_uid=record["TrackingUID"],
            type=record["Type"],
            tool=record["Tool"],
            values=tuple(_values(record)),
            label=record.get("Label") or "",
            description=record.get("Description") or "",
            finding=_code(record.get("Finding")),
            site=_code(record.get("Site")),
            image=image or self._image_of_volume(record),
            points=points or (),
            points3d=points3d,
            frame_of_reference=_source(record).get("FrameOfReferenceUID") or "",
            author=record.get("Author") or "",
            created=_moment(record.get("CreatedAt"), self.zone),
        )
        _require_place(item)
        return item

    @cached_property
    def _series(self) -> dict[str, str]:
        """The SeriesInstanceUID of each series of the study."""
        return {series.id: series.uid for series in self.measurer.library.archive.series_of("studies", self.study)}

    def _stored(self, series: str) -> dict[str, StoredInstance]:
        """The instances of a series of the study; none where it isn't there."""
        if series not in self._series:
            return {}
        return {stored.id: stored for stored in self.measurer.library.identity(series).instances}

    def _measured_image(self, record: Record) -> ReportImage | None:
        """The image it was measured on. Raises InvalidMeasurement where that isn't in the study."""
        if not record.get("Image"):
            return None
        source = _source(record)
        stored = self._stored(record["Series"]).get(record["Image"]["Instance"])
        if stored is None or stored.uid != source["SOPInstanceUID"]:
            raise InvalidMeasurement("The study holds its image no longer", reason="image-not-in-study")
        frame = source["FrameNumber"] if source.get("FrameCount", 1) > 1 else None
        if not is_uid(source["SOPClassUID"]) or not (frame is None or (type(frame) is int and frame > 0)):
            raise InvalidMeasurement("It doesn't tell which image it was measured on", reason="bad-value")
        return ReportImage(source["SOPClassUID"], stored.uid, self._series[record["Series"]], frame)

    def _image_of_volume(self, record: Record) -> ReportImage | None:
        """One image of the volume it was measured in, by which whoever reads the report finds that."""
        stored, volume = self._stored(record.get("Series") or ""), record.get("Volume")
        if not stored or volume is None:
            return None
        library = self.measurer.library
        volumes = library.layout(library.identity(record["Series"])).volumes
        if volume >= len(volumes):
            raise InvalidMeasurement("The series holds its volume no longer", reason="unknown-volume")
        first = volumes[volume].frames[0]
        has_frames = first.instance.mosaic is None and first.instance.frames > 1
        uid, series_uid = stored[first.instance.id].uid, self._series[record["Series"]]
        return ReportImage(first.description.sop_class, uid, series_uid, first.frame + 1 if has_frames else None)

    def _pixels(self, record: Record) -> tuple[PixelPoint, ...] | None:
        """The points on the record's image; None where they are in the patient and don't lie on it."""
        geometry = record["Geometry"]
        if geometry["Space"] == "pixel":
            return tuple((float(column), float(row)) for column, row in geometry["Points"])
        try:
            draft = draft_of_record(record)
            scene = self.measurer.scene(self.study, draft)
            if not isinstance(scene, FrameScene):
                return None
            return tuple((float(column), float(row)) for column, row in scene.pixels(draft))
        except ResliceError:
            return None

    def _patient_points(self, record: Record) -> tuple[PatientPoint, ...]:
        geometry = record.get("Geometry") or {}
        if record["Type"] == "volume" or not geometry:
            return ()
        points = geometry["Points"]
        if geometry["Space"] == "pixel":
            scene = self.measurer.scene(self.study, draft_of_record(record))
            if not isinstance(scene, FrameScene) or not scene.ref.has_place:
                return ()
            points = scene.ref.plane.map_pixels_to_reference([(row, column) for column, row in points]).tolist()
        return tuple((float(x), float(y), float(z)) for x, y, z in points)


def _source(record: Record) -> Mapping[str, Any]:
    return record.get("Source") or {}


def _is_tile(record: Record) -> bool:
    """Whether its image is a mosaic: the pixels of a tile aren't those of the stored image."""
    return _source(record).get("Tile") is not None


def _require_place(item: ReportItem) -> None:
    """A volume is told by its values alone; of all else it has to be told where it was measured."""
    if item.type != "volume" and not item.points and not (item.points3d and item.frame_of_reference):
        raise Unmeasurable("It lies in no known frame of reference", reason="no-geometry")


def _values(record: Record) -> Iterator[ReportValue]:
    """Its values, and the radius around a point, which no other place in a report tells."""
    yield from (ReportValue(v["Name"], float(v["Value"]), v["Unit"]) for v in record["Values"])
    radius = (record.get("Geometry") or {}).get("Radius")
    if radius is not None:
        yield ReportValue(RADIUS, float(radius), "mm")


def _code(value: Mapping[str, str] | None) -> Code | None:
    return None if value is None else Code(value["Scheme"], value["Code"], value["Meaning"])


def _moment(text: str | None, zone: tzinfo | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(zone) if text else None
