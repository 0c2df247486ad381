"""From what a client says of a measurement to its numbers: which images are meant, and what they hold there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reslice import __version__
from reslice.archive.port import StoredSeries
from reslice.archive.scenes import FrameScene, Points, Samples, Scene, VolumeScene
from reslice.archive.volumes import SeriesLibrary
from reslice.archive.voxel_regions import measured_region
from reslice.dicom.calibration import Calibration
from reslice.dicom.layout import FrameRef, SeriesLayout
from reslice.errors import InvalidMeasurement, NotReconstructable, Unmeasurable
from reslice.measurement import shapes
from reslice.measurement.document import Draft
from reslice.measurement.outlines import Ellipse, Outline, Rectangle
from reslice.measurement.polygon import Polygon
from reslice.measurement.regions import nearest_voxel, sphere
from reslice.measurement.statistics import Statistics
from reslice.measurement.values import Value, as_json, statistics_values, volume_values, with_uptake

PIXEL_RULE = "centre inside or on the border"


@dataclass(frozen=True)
class Measured:
    """The numbers of a measurement, and what they were made of: the server's part of a record."""

    series: str
    volume: int | None
    values: Sequence[Value]
    calibration: dict[str, Any]
    method: dict[str, Any]
    inputs_digest: str
    series_digest: str
    source: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As a record holds it."""
        return {
            "Series": self.series,
            "Volume": self.volume,
            "Source": self.source,
            "Values": as_json(self.values),
            "Calibration": self.calibration,
            "Method": self.method,
            "InputsDigest": self.inputs_digest,
            "SeriesDigest": self.series_digest,
        }


@dataclass(frozen=True)
class Found:
    """Numbers, the size of the pixels they hang on, and what else there is to say of how they were made."""

    values: Sequence[Value]
    calibration: Calibration
    notes: dict[str, Any]


class Measurer:
    """Computes measurements on the images of a study; stores nothing."""

    def __init__(self, library: SeriesLibrary, *, largest_region: int) -> None:
        self.library = library
        self._largest_region = largest_region
        self._ways: dict[str, Callable[[Draft, Scene], Found]] = {
            "distance": self._distance,
            "angle": self._angle,
            "area": self._area,
            "volume": self._volume,
            "hu": self._point,
        }

    def measure(self, study_id: str, draft: Draft) -> Measured:
        """The numbers of a draft.

        Raises UnknownResource (no such study), InvalidMeasurement, Unmeasurable and whatever keeps the images from
        being read: NotReconstructable, Damaged, Undecodable, TooLarge.
        """
        series = self.library.archive.series_of("studies", study_id)
        scene = self._scene(series, draft)
        found = self._ways[draft.type](draft, scene)
        return Measured(
            series=scene.identity.series,
            volume=scene.volume,
            values=with_uptake(found.values, scene.suv.factor if scene.suv is not None else None),
            calibration=found.calibration.to_json(),
            method={
                "Software": f"Reslice {__version__}",
                "PixelRule": PIXEL_RULE,
                "Interpolation": scene.interpolation if draft.type == "area" else "none",
                **found.notes,
            },
            inputs_digest=scene.inputs_digest,
            series_digest=scene.identity.digest,
            source=_source(series, scene),
        )

    # --- Which images are meant -------------------------------------------------------------------------

    def scene(self, study_id: str, draft: Draft) -> Scene:
        """What a draft is measured on. Raises as `measure` does."""
        return self._scene(self.library.archive.series_of("studies", study_id), draft)

    def _scene(self, series: Sequence[StoredSeries], draft: Draft) -> Scene:
        return self._frame(series, draft) if draft.image is not None else self._in_volume(series, draft)

    def _frame(self, study: Sequence[StoredSeries], draft: Draft) -> FrameScene:
        image = draft.image
        assert image is not None
        home = next((s for s in study if image.instance in s.instances), None)
        if home is None:
            raise InvalidMeasurement("The study holds no such instance", reason="image-not-in-study")
        self._require_one_frame_of_reference(study, draft, home.id)
        identity = self.library.identity(home.id)
        layout = self.library.layout(identity)
        of_instance = [entry for entry in enumerate(layout.slices) if entry[1][0].instance.id == image.instance]
        if not of_instance:
            raise _not_an_image(layout, image.instance)
        for n, (ref, volume, stack) in of_instance:
            if ref.frame == image.frame:
                _require_volume(draft, volume)
                return FrameScene(self.library, identity, layout, ref, volume, stack, n)
        details = f"The instance has {len(of_instance)} frames, counted from 0"
        raise InvalidMeasurement(details, reason="unknown-frame")

    def _require_one_frame_of_reference(self, study: Sequence[StoredSeries], draft: Draft, home: str) -> None:
        if draft.series in (None, home):
            return
        named = self.library.layout(self._series_of(study, draft.series))
        own = self.library.layout(self.library.identity(home))
        frames_of_reference = [
            {ref.description.frame_of_reference for ref, _, _ in layout.slices} for layout in (named, own)
        ]
        if not set.intersection(*frames_of_reference):
            details = "The image and the series lie in different frames of reference"
            raise Unmeasurable(details, reason="two-frames-of-reference")
        raise InvalidMeasurement("The image isn't one of the series", reason="mixed-references")

    def _series_of(self, study: Sequence[StoredSeries], series_id: str | None) -> Any:
        if series_id is None or series_id not in {s.id for s in study}:
            raise InvalidMeasurement("The study holds no such series", reason="series-not-in-study")
        return self.library.identity(series_id)

    def _in_volume(self, study: Sequence[StoredSeries], draft: Draft) -> VolumeScene:
        identity = self._series_of(study, draft.series)
        layout = self.library.layout(identity)
        return VolumeScene(self.library, identity, layout, _chosen_volume(layout, draft.volume), draft.plane)

    # --- The five types ---------------------------------------------------------------------------------

    def _distance(self, draft: Draft, scene: Scene) -> Found:
        points, calibration = _measured_points(draft, scene)
        return Found([Value("Length", shapes.length(points), calibration.unit)], calibration, {})

    def _angle(self, draft: Draft, scene: Scene) -> Found:
        points, calibration = _measured_points(draft, scene)
        aspect = calibration.aspect
        if calibration.spacing is None and aspect is not None and aspect[0] != aspect[1]:
            details = "The pixels aren't square, and their size isn't known: no angle can be told"
            raise Unmeasurable(details, reason="unequal-pixels")
        if draft.tool == "angle":
            return Found([Value("Angle", shapes.angle(points), "deg")], calibration, {})
        angle, supplement = shapes.cobb(points)
        return Found([Value("Angle", angle, "deg"), Value("Supplement", supplement, "deg")], calibration, {})

    def _area(self, draft: Draft, scene: Scene) -> Found:
        if isinstance(scene, VolumeScene) and scene.plane is None:
            raise InvalidMeasurement("An area lies on an Image or on a Plane", reason="missing-key", Parameter="Plane")
        points, calibration = _measured_points(draft, scene)
        outline = _outline(draft, scene.on_plane(points) if draft.geometry.space == "LPS" else points)
        unit = calibration.unit
        values = [Value("Area", outline.area, f"{unit}2"), Value("Perimeter", outline.perimeter, unit)]
        if isinstance(scene, FrameScene) and scene.is_colour:
            return Found(values, calibration, {})
        if isinstance(scene, FrameScene):
            data, excluded = scene.samples(outline, scene.grid(draft, calibration), self._largest_region)
        else:
            data, excluded = scene.samples(outline, self._largest_region)
        return Found([*values, *_statistics((data, excluded), scene.unit)], calibration, {"Excluded": excluded})

    def _volume(self, draft: Draft, scene: Scene) -> Found:
        assert isinstance(scene, VolumeScene)
        region = measured_region(draft, scene.voxels, self._largest_region)
        values = [*volume_values(region.volume_mm3), *statistics_values(region.statistics, scene.unit)]
        notes = {"Excluded": region.excluded, "MaskDigest": region.mask_digest}
        return Found(values, scene.calibration, notes)

    def _point(self, draft: Draft, scene: Scene) -> Found:
        radius = draft.geometry.radius
        if isinstance(scene, FrameScene):
            return self._on_frame(draft, scene, radius)
        (centre,) = scene.points(draft)
        _, value = nearest_voxel(scene.voxels, centre)
        if value is None:
            raise Unmeasurable("There is no data at this point", reason="no-data")
        values = [Value("Value", value, scene.unit)]
        if radius is None:
            return Found(values, scene.calibration, {})
        around = sphere(scene.voxels, centre, radius, self._largest_region)
        told = [*values, *_statistics(around, scene.unit, is_needed=True)]
        return Found(told, scene.calibration, {"Excluded": around[1]})

    def _on_frame(self, draft: Draft, scene: FrameScene, radius: float | None) -> Found:
        (pixel,) = pixels = scene.pixels(draft)
        calibration = scene.calibration(draft, pixels)
        values = [Value("Value", scene.value_at(pixel), scene.unit)]
        if radius is None:
            return Found(values, calibration, {})
        if calibration.spacing is None:
            raise Unmeasurable("A radius in mm needs the size of the pixels", reason="no-spacing")
        around = scene.within(pixel, radius, calibration.spacing)
        return Found([*values, *_statistics(around, scene.unit, is_needed=True)], calibration, {"Excluded": around[1]})


def _require_volume(draft: Draft, volume: int | None) -> None:
    if draft.volume is not None and draft.volume != volume:
        raise InvalidMeasurement("The image isn't one of that volume", reason="mixed-references")


def _not_an_image(layout: SeriesLayout, instance: str) -> NotReconstructable:
    """Why an instance of the series shows no frames."""
    other = next((o for o in layout.others if o.instance_id == instance), None)
    if other is None or other.reason == "not-an-image":
        return Unmeasurable("The instance is not an image", reason="not-an-image")
    return Unmeasurable(other.details, reason=other.reason)


def _chosen_volume(layout: SeriesLayout, asked: int | None) -> int:
    count = len(layout.volumes)
    if not count:
        stack = next(iter(layout.stacks), None)
        if stack is None:
            raise Unmeasurable("The series holds no images", reason="no-volume")
        raise Unmeasurable(stack.details, reason=stack.reason)
    if asked is None and count > 1:
        details = f"The series has {count} volumes: say which"
        raise InvalidMeasurement(details, reason="ambiguous-volume", Parameter="Volume")
    if (asked or 0) >= count:
        raise InvalidMeasurement(f"The series has {count} volumes", reason="unknown-volume", Parameter="Volume")
    return asked or 0


def _measured_points(draft: Draft, scene: Scene) -> tuple[Points, Calibration]:
    """The points in mm, or in pixels where their size isn't known, shape (N, 3)."""
    if isinstance(scene, VolumeScene):
        return scene.points(draft), scene.calibration
    pixels = scene.pixels(draft)
    calibration = scene.calibration(draft, pixels)
    if draft.geometry.space == "LPS":
        return np.array(draft.geometry.points, dtype=np.float64), calibration
    origin, right, down = scene.grid(draft, calibration)
    return origin + pixels[:, :1] * right + pixels[:, 1:] * down, calibration


def _outline(draft: Draft, points: Points) -> Outline:
    """Of points on one plane."""
    if draft.tool == "polygon":
        return Polygon.of(points, 0)
    return Rectangle.of(points) if draft.tool == "rectangle" else Ellipse.of(points)


def _statistics(samples: Samples, unit: str, *, is_needed: bool = False) -> list[Value]:
    """The statistics of samples; of none there are none, which is an error where they are asked for."""
    data, excluded = samples
    if data.size:
        return statistics_values(Statistics.of(data), unit)
    if is_needed:
        raise Unmeasurable("No pixel with data lies inside", reason="empty-region", Excluded=excluded)
    return [Value("Count", 0, "1")]


def _source(study: Sequence[StoredSeries], scene: Scene) -> dict[str, Any]:
    """The images by their DICOM identifiers, for whoever reads a record without this server."""
    series = next(s for s in study if s.id == scene.identity.series)
    if isinstance(scene, FrameScene):
        return {"SeriesInstanceUID": series.uid, **_frame_source(scene.ref, scene)}
    description = scene.of_volume.description
    return {
        "SeriesInstanceUID": series.uid,
        "SOPClassUID": description.sop_class,
        "FrameOfReferenceUID": description.frame_of_reference,
        "Modality": description.modality,
    }


def _frame_source(ref: FrameRef, scene: FrameScene) -> dict[str, Any]:
    stored = next((i for i in scene.identity.instances if i.id == ref.instance.id), None)
    return {
        "SOPInstanceUID": stored.uid if stored is not None else "",
        "SOPClassUID": ref.description.sop_class,
        "FrameNumber": ref.frame + 1 if ref.instance.mosaic is None else 1,
        "FrameCount": ref.instance.frames if ref.instance.mosaic is None else 1,
        "Tile": ref.frame if ref.instance.mosaic is not None else None,
        "SliceIndex": scene.slice_index,
        "FrameOfReferenceUID": ref.description.frame_of_reference,
        "Modality": ref.description.modality,
    }
