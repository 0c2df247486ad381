"""What a structured report brings back: its planar measurements, and the values of its volumes."""

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from reslice.archive.importing import Candidate, Outcome
from reslice.archive.measuring import Measurer
from reslice.archive.volumes import SeriesLibrary
from reslice.dicom.layout import VolumeLayout
from reslice.dicom.report_items import RADIUS, Code, ReadItem, ReportImage, ReportItem, ReportValue
from reslice.dicom.structured_report import read_report
from reslice.dicom.uids import is_uid
from reslice.errors import InvalidMeasurement, ResliceError, Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.volume import VolumeGeometry
from reslice.measurement.carried import carried_of
from reslice.measurement.document import draft_of
from reslice.measurement.fields import LONGEST_CODE, LONGEST_DESCRIPTION, LONGEST_LABEL
from reslice.measurement.tables import INTENSITIES

CORNERSTONE = "cornerstone"
PARALLEL = 1e-6
"""A plane lies along the slices where the cosine between their normals is 1 but for so much: 0.08 degrees."""
ARBITRARY = "[arb'U]"
"""UCUM for numbers that have no unit; what kind of them may follow."""
EVEN = 1e-4
"""Spacings that differ by less, relatively, are one."""


def candidates_of(measurer: Measurer, study: str, content: bytes, outcome: Outcome) -> list[Candidate]:
    """The measurements of a report; what isn't taken is told in `outcome`. Raises InvalidMeasurement, Damaged."""
    report = read_report(content)
    if report.study_uid != measurer.library.archive.study_uid(study):
        raise InvalidMeasurement("The report is of another study", reason="other-study")
    for skipped in report.skipped:
        outcome.skip(skipped.reason, skipped.details, TrackingUID=skipped.tracking_uid)
    images, found = _Images(measurer.library, study), []
    for number, read in enumerate(report.items):
        tracking_uid = _tracking_uid(read.item, report.sop_instance, number)
        origin = {"Format": "sr", "Sender": read.sender, "Manufacturer": _clean(report.manufacturer, LONGEST_LABEL)}
        try:
            found.append(_candidate(images, read, tracking_uid, {**origin, "Report": report.sop_instance}))
        except ResliceError as error:
            outcome.skip(error.reason, error.details, TrackingUID=tracking_uid)
            continue
        outcome.warnings.extend(f"{tracking_uid}: {warning}" for warning in (*read.warnings, *images.doubts(read)))
    return found


def _tracking_uid(item: ReportItem, report: str, number: int) -> str:
    """Its own, else one that is always the same for this place in this report."""
    if is_uid(item.tracking_uid):
        return item.tracking_uid
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{report}/{number}').int}"


def _candidate(images: "_Images", read: ReadItem, tracking_uid: str, origin: dict[str, Any]) -> Candidate:
    item = read.item
    claimed = {
        "Type": item.type,
        "Tool": item.tool,
        **_words(item),
        "Values": [{"Name": v.name, "Value": v.value, "Unit": _unit(v)} for v in item.values if v.name != RADIUS],
    }
    told = {**origin, **({"Author": _clean(item.author, LONGEST_LABEL)} if item.author else {})}
    if item.type == "volume":
        return Candidate(tracking_uid, None, carried_of(claimed).to_json(), {**told, "NotCarried": ["Geometry"]})
    said = {"Type": item.type, "Tool": item.tool, **_words(item), **images.place(item)}
    said["Geometry"] |= _radius(item)
    return Candidate(tracking_uid, draft_of(said), claimed, told, is_reported=True)


def _unit(value: ReportValue) -> str:
    """Grey values that have no unit are OHIF's pixels, or arbitrary units."""
    is_none = value.unit == "px" or value.unit.startswith(ARBITRARY)
    return "1" if value.name in INTENSITIES and is_none else value.unit


def _radius(item: ReportItem) -> dict[str, float]:
    found = next((v.value for v in item.values if (v.name, v.unit) == (RADIUS, "mm")), None)
    return {} if item.type != "hu" or found is None else {"Radius": found}


def _words(item: ReportItem) -> dict[str, Any]:
    label = _clean(item.label, LONGEST_DESCRIPTION)
    description = _clean(item.description, LONGEST_DESCRIPTION) or (label if len(label) > LONGEST_LABEL else "")
    codes = {"Finding": _code(item.finding), "Site": _code(item.site)}
    found = {"Label": label[:LONGEST_LABEL], "Description": description}
    return {**found, **{key: code for key, code in codes.items() if code is not None}}


def _clean(text: str, longest: int) -> str:
    """Without control characters, and no longer than a record takes it."""
    return "".join(c if c.isprintable() else " " for c in text)[:longest].strip()


def _code(code: Code | None) -> dict[str, str] | None:
    if code is None:
        return None
    parts = _clean(code.scheme, LONGEST_CODE), _clean(code.code, LONGEST_CODE), _clean(code.meaning, LONGEST_LABEL)
    return dict(zip(("Scheme", "Code", "Meaning"), parts, strict=True)) if all(parts) else None


@dataclass(frozen=True)
class _Images:
    """The images of a study, found by their DICOM identifiers."""

    library: SeriesLibrary
    study: str

    @cached_property
    def _series(self) -> list[str]:
        return list(self._by_series_uid.values())

    @cached_property
    def _by_series_uid(self) -> dict[str, str]:
        series = self.library.archive.series_of("studies", self.study)
        return {s.uid: s.id for s in sorted(series, key=lambda s: (s.number, s.id))}

    @cached_property
    def _by_uid(self) -> dict[str, tuple[str, str]]:
        """Orthanc's instance and series of each SOPInstanceUID."""
        identities = [self.library.identity(series) for series in self._series]
        return {stored.uid: (stored.id, i.series) for i in identities for stored in i.instances}

    def place(self, item: ReportItem) -> dict[str, Any]:
        """Image or volume, and geometry. Raises InvalidMeasurement, Unmeasurable."""
        if item.image is None or not item.points:
            return self._in_patient(item)
        if item.image.sop_instance not in self._by_uid:
            raise InvalidMeasurement("The study holds no such image", reason="image-not-in-study")
        instance, series = self._by_uid[item.image.sop_instance]
        if self._is_mosaic(series, instance):
            details = "Pixels of a mosaic can't be told from those of its tiles"
            raise Unmeasurable(details, reason="mosaic")
        image = {"Instance": instance, "Frame": (item.image.frame or 1) - 1}
        return {"Image": image, "Geometry": {"Space": "pixel", "Points": [list(p) for p in item.points]}}

    def _is_mosaic(self, series: str, instance: str) -> bool:
        slices = self.library.layout(self.library.identity(series)).slices
        return any(ref.instance.id == instance and ref.instance.mosaic is not None for ref, _, _ in slices)

    def _in_patient(self, item: ReportItem) -> dict[str, Any]:
        if not item.points3d:
            raise InvalidMeasurement("The report doesn't say where it was measured", reason="missing-key")
        points = np.array(item.points3d, dtype=np.float64)
        geometry = {"Space": "LPS", "Points": points.tolist()}
        found = self._volumes_around(item)
        if len(found) > 1:
            details = f"{len(found)} volumes hold these points, and the report doesn't tell which was measured"
            raise Unmeasurable(details, reason="ambiguous-volume")
        ((series, volume),) = found
        place = {"Series": series, "Volume": volume, "Geometry": geometry}
        if item.type != "area":
            return place
        grid = self.library.layout(self.library.identity(series)).volumes[volume].geometry
        return {**place, "Plane": _plane_of(item.tool, points, grid)}

    def _volumes_around(self, item: ReportItem) -> list[tuple[str, int]]:
        """The volumes of its frame of reference that hold all its points; there is one at least.

        Where the item names an image: those that it belongs to, else those of its series.
        """
        points, found, exact = np.array(item.points3d, dtype=np.float64), [], []
        for series in self._series if item.image is None else [self._series_of(item.image)]:
            try:
                volumes = self.library.layout(self.library.identity(series)).volumes
            except ResliceError:
                continue
            for k, volume in enumerate(volumes):
                is_there = volume.description.frame_of_reference == item.frame_of_reference
                if is_there and _holds(volume.geometry, points):
                    found.append((series, k))
                    exact += [(series, k)] if self._is_made_of(volume, item.image) else []
        if not found:
            raise Unmeasurable("No volume that was measured holds these points", reason="outside-volume")
        return exact or found

    def _series_of(self, image: ReportImage) -> str:
        if image.sop_instance in self._by_uid:
            return self._by_uid[image.sop_instance][1]
        if image.series not in self._by_series_uid:
            raise InvalidMeasurement("The study holds no such series", reason="series-not-in-study")
        return self._by_series_uid[image.series]

    def _is_made_of(self, volume: VolumeLayout, image: ReportImage | None) -> bool:
        instance = self._by_uid[image.sop_instance][0] if image and image.sop_instance in self._by_uid else None
        number = image.frame - 1 if image and image.frame else None
        return any(ref.instance.id == instance and number in (None, ref.frame) for ref in volume.frames)

    def doubts(self, read: ReadItem) -> list[str]:
        """What must be told of an item that was taken."""
        image = read.item.image
        if read.sender != CORNERSTONE or image is None or image.sop_instance not in self._by_uid:
            return []
        instance, series = self._by_uid[image.sop_instance]
        slices = self.library.layout(self.library.identity(series)).slices
        spacing = next((ref.description.spacing for ref, _, _ in slices if ref.instance.id == instance), None)
        if spacing is None or abs(spacing[0] - spacing[1]) <= EVEN * spacing[0]:
            return []
        return ["unequal-pixels: the pixels aren't square, and the sender's software mixes up their sides: check it"]


def _holds(geometry: VolumeGeometry, points: Any) -> bool:
    indices = geometry.map_reference_to_indices(points)
    return bool(((indices >= -0.5) & (indices <= np.array(geometry.shape) - 0.5)).all())


def _plane_of(tool: str, points: Any, grid: VolumeGeometry) -> dict[str, list[float]]:
    """The plane of an outline.

    Along the slices its samples are those of the voxels. Elsewhere it begins in the first point, rows along the
    first side or the major axis.
    """
    row = _direction(points[1] - points[0])
    across = points[3] - points[2] if tool == "ellipse" else _normal_side(points, row)
    column = _direction(across - (across @ row) * row)
    position = points[0]
    if abs(np.cross(row, column) @ grid.normal) > 1 - PARALLEL:
        place, *pixel = grid.map_reference_to_indices(points[0])
        position = grid.map_indices_to_reference([place, *np.rint(pixel)])
        row, column = affines.unit(grid.steps[2]), affines.unit(grid.steps[1])
    return {"Position": position.tolist(), "Row": row.tolist(), "Column": column.tolist()}


def _direction(vector: Any) -> Any:
    if not np.linalg.norm(vector) > 0:
        raise InvalidMeasurement("Two points of the outline are one", reason="coincident-points")
    return affines.unit(vector)


def _normal_side(points: Any, row: Any) -> Any:
    normal = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0)
    return np.cross(normal, row)
