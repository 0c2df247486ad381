"""What is measured on: a stored frame, a plane through a volume, or the volume itself."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.archive.identity import Identity
from reslice.archive.inputs import digest_of
from reslice.archive.volumes import SeriesLibrary
from reslice.dicom.calibration import Calibration, calibrate, spacing_facts
from reslice.dicom.layout import FrameRef, SeriesLayout, VolumeLayout
from reslice.dicom.suv import Suv
from reslice.dicom.windows import unit
from reslice.errors import TooLarge, Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry, valid_values
from reslice.measurement.document import Draft, PlaneReference
from reslice.measurement.outlines import Outline
from reslice.measurement.places import require_inside
from reslice.measurement.samples import bounding_pixels, inside_pixels
from reslice.measurement.shapes import dropped
from reslice.measurement.tolerances import BORDER, ROUNDING

IN_PATIENT = "patient-geometry"
"""The source of a calibration by the place in the patient."""
Points = NDArray[np.float64]
Samples = tuple[NDArray[Any], int]
"""Values inside an outline, and how many more there were without data."""


@dataclass(frozen=True, eq=False)
class FrameScene:
    """One stored frame."""

    library: SeriesLibrary
    identity: Identity
    layout: SeriesLayout
    ref: FrameRef
    volume: int | None
    stack: int | None
    slice_index: int

    interpolation = "none"

    @property
    def unit(self) -> str:
        """Of the pixels' values."""
        return unit(self.ref.description)

    @property
    def suv(self) -> Suv | None:
        """The factor to SUVbw of its volume or stack."""
        if self.volume is not None:
            return self.layout.volumes[self.volume].suv
        return self.layout.stacks[self.stack].suv if self.stack is not None else None

    @property
    def inputs_digest(self) -> str:
        """Of the frame."""
        return digest_of(self.identity, [self.ref])

    @property
    def is_colour(self) -> bool:
        """Whether it has no values to measure."""
        pixels = self.ref.description.pixels
        return pixels is not None and pixels.is_colour

    @property
    def half_thickness(self) -> float:
        """How far from the plane a point still lies in the slice, in mm: by rounding, where none knows how thick."""
        gap = self.layout.volumes[self.volume].geometry.spacing[0] if self.volume is not None else 0.0
        return max((self.ref.description.thickness or gap) / 2, ROUNDING)

    def calibration(self, draft: Draft, points: Points) -> Calibration:
        """The size of its pixels around the points (as [column, row]). Raises Unmeasurable."""
        found = calibrate(spacing_facts(self.file, self.ref.frame), points)
        if draft.geometry.space == "LPS" and found.source != IN_PATIENT:
            raise Unmeasurable("The image is no section through the patient: give pixels", reason="no-geometry")
        return found

    def pixels(self, draft: Draft) -> Points:
        """The points as [column, row], shape (N, 2). Raises Unmeasurable where they lie elsewhere."""
        given = np.array(draft.geometry.points, dtype=np.float64)
        plane = self.ref.plane
        if draft.geometry.space == "LPS":
            if not self.ref.has_place:
                raise Unmeasurable("The image doesn't tell where it lies in the patient", reason="no-geometry")
            given = self._projected(given, plane)
        rows, columns = plane.shape
        edge = 0.5 + BORDER / min(1.0, *plane.spacing)
        if (given < -edge).any() or (given > np.array([columns, rows]) - 1 + edge).any():
            raise Unmeasurable("A point lies outside the image", reason="outside-image")
        return given

    def _projected(self, points: Points, plane: ImagePlane) -> Points:
        offset = points - plane.position
        if np.abs(offset @ plane.normal).max() > self.half_thickness + BORDER:
            raise Unmeasurable("A point lies off the image's plane", reason="off-plane")
        return np.stack([offset @ plane.row / plane.spacing[1], offset @ plane.column / plane.spacing[0]], axis=1)

    def on_plane(self, points: Points) -> Points:
        """Points of the patient, shape (N, 3), seen along the image's normal."""
        return dropped(points, self.ref.plane.position, self.ref.plane.normal)

    def grid(self, draft: Draft, calibration: Calibration) -> tuple[Vector, Vector, Vector]:
        """Origin, and the steps along a row and down a column, in the coordinates of `measured_points`."""
        plane = self.ref.plane
        if draft.geometry.space == "LPS":
            return plane.position, plane.row * plane.spacing[1], plane.column * plane.spacing[0]
        down, right = calibration.spacing or (1.0, 1.0)
        return np.zeros(3), np.array([right, 0, 0]), np.array([0, down, 0])

    @cached_property
    def file(self) -> bytes:
        """The file that it is in, read once."""
        return self.library.file(self.identity, self.ref)

    @cached_property
    def values(self) -> NDArray[Any]:
        """Modality values, shape (rows, columns). Raises Unmeasurable of a colour, Damaged, Undecodable."""
        if self.is_colour:
            raise Unmeasurable("A colour image has no values to measure", reason="colour")
        return self.library.frame(self.identity, self.ref, masked=True, file=self.file)

    def samples(self, outline: Outline, grid: tuple[Vector, Vector, Vector], most: int) -> Samples:
        """The values of the pixels whose centres lie inside or on the border. Raises TooLarge (`region-too-large`)."""
        window = bounding_pixels(outline, *grid, self.ref.plane.shape)
        _require_at_most(most, *(span.stop - span.start for span in window))
        rows, columns, mask = inside_pixels(outline, *grid, self.ref.plane.shape)
        if np.count_nonzero(mask) > most:
            raise TooLarge("The area holds more pixels than a region may", reason="region-too-large", LimitVoxels=most)
        return _data_of(self.values[rows, columns][mask], self.ref.description.modality_padding)

    def within(self, centre: Points, radius: float, spacing: tuple[float, float]) -> Samples:
        """The values of the pixels whose centres lie within so many mm of a [column, row]."""
        window = [
            _indices_within(middle, (radius + BORDER) / step, size)
            for middle, step, size in zip(centre[::-1], spacing, self.ref.plane.shape, strict=True)
        ]
        down, right = (
            (np.arange(span.start, span.stop) - middle) * step
            for span, middle, step in zip(window, centre[::-1], spacing, strict=True)
        )
        mask = np.hypot(down[:, None], right[None]) <= radius + BORDER
        return _data_of(self.values[window[0], window[1]][mask], self.ref.description.modality_padding)

    def value_at(self, pixel: Points) -> float:
        """The value of the nearest pixel. Raises Unmeasurable where it holds no data."""
        last = np.array(self.ref.plane.shape[::-1]) - 1
        column, row = np.floor(pixel + 0.5).clip(0, last).astype(np.int64).tolist()
        nearest = self.values[row : row + 1, column : column + 1].ravel()
        data, _ = _data_of(nearest, self.ref.description.modality_padding)
        if not len(data):
            raise Unmeasurable("There is no data at this point", reason="no-data")
        return float(data[0])


@dataclass(frozen=True, eq=False)
class VolumeScene:
    """A volume, or a plane through it; its voxels are read only where they are needed."""

    library: SeriesLibrary
    identity: Identity
    layout: SeriesLayout
    volume: int
    plane: PlaneReference | None = None

    @property
    def interpolation(self) -> str:
        """How values are sampled."""
        return "none" if self.plane is None else "linear"

    @property
    def of_volume(self) -> VolumeLayout:
        """What the headers say."""
        return self.layout.volumes[self.volume]

    @property
    def geometry(self) -> VolumeGeometry:
        """Where the voxels lie."""
        return self.of_volume.geometry

    @property
    def unit(self) -> str:
        """Of the voxels."""
        return unit(self.of_volume.description)

    @property
    def suv(self) -> Suv | None:
        """The factor to SUVbw."""
        return self.of_volume.suv

    @property
    def inputs_digest(self) -> str:
        """Of all its frames."""
        return digest_of(self.identity, self.of_volume.frames)

    @property
    def calibration(self) -> Calibration:
        """Millimetres of the patient."""
        return in_patient(self.geometry.spacing[1:])

    @cached_property
    def voxels(self) -> Volume:
        """The volume itself. Raises TooLarge, Undecodable, Damaged."""
        return self.library.volume(self.identity, self.volume).volume

    def points(self, draft: Draft) -> Points:
        """The points in LPS mm, shape (N, 3). Raises Unmeasurable where they lie elsewhere."""
        points = np.array(draft.geometry.points, dtype=np.float64).reshape(-1, 3)
        require_inside(self.geometry, points)
        if self.plane is not None:
            off = np.linalg.norm(points - self.on_plane(points), axis=1).max()
            if off > self.geometry.finest_in_plane_spacing / 2 + BORDER:
                raise Unmeasurable("A point lies off the plane", reason="off-plane")
        return points

    def on_plane(self, points: Points) -> Points:
        """Points, shape (N, 3), seen along the plane's normal."""
        assert self.plane is not None
        normal = affines.unit(np.cross(self.plane.row, self.plane.column))
        return dropped(points, np.array(self.plane.position), normal)

    def samples(self, outline: Outline, most: int) -> Samples:
        """Values inside an outline on the plane: linear, as far apart as the finest in-plane spacing."""
        grid = self._grid(outline)
        _require_at_most(most, *grid.shape)
        steps = grid.row * grid.spacing[1], grid.column * grid.spacing[0]
        rows, columns, mask = inside_pixels(outline, grid.position, *steps, grid.shape)
        return _data_of(cut(self.voxels, grid, "linear")[rows, columns][mask], None)

    def _grid(self, outline: Outline) -> ImagePlane:
        """The samples around an outline, at whole steps from the plane's Position."""
        assert self.plane is not None
        row, column = affines.unit(self.plane.row), affines.unit(self.plane.column)
        step = self.geometry.finest_in_plane_spacing
        offset = outline.corners - np.array(self.plane.position)
        first = np.floor([(offset @ column).min() / step, (offset @ row).min() / step])
        last = np.ceil([(offset @ column).max() / step, (offset @ row).max() / step])
        position = np.array(self.plane.position) + first[0] * step * column + first[1] * step * row
        shape = int(last[0] - first[0]) + 1, int(last[1] - first[1]) + 1
        return ImagePlane(position, row, column, (step, step), shape)


def in_patient(spacing: tuple[float, float]) -> Calibration:
    """The size of pixels whose place in the patient is known."""
    return Calibration(IN_PATIENT, spacing)


Scene = FrameScene | VolumeScene


def _indices_within(middle: float, reach: float, size: int) -> slice:
    """The indices of so many that may lie within reach of a place."""
    first, last = np.clip([np.floor(middle - reach), np.ceil(middle + reach) + 1], 0, size).astype(int).tolist()
    return slice(first, last)


def _require_at_most(most: int, rows: int, columns: int) -> None:
    """Refuse an area whose window holds more samples."""
    if rows * columns > most:
        raise TooLarge("The area holds more samples than a region may", reason="region-too-large", LimitVoxels=most)


def _data_of(values: NDArray[Any], padding: tuple[float, float] | None) -> Samples:
    data = valid_values(values, padding)
    return data, values.size - data.size
