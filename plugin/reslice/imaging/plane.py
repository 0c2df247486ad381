"""The image plane: pixels <-> patient coordinates (PS3.3 C.7.6.2.1.1)."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Affine, Vector
from reslice.imaging.volume import VolumeGeometry

ROUNDING = 1e-6
"""Pixels: an extent that exceeds a whole number of them by less is that number (float noise)."""


@dataclass(frozen=True, eq=False)
class ImagePlane:
    """A grid of pixels in the patient, in LPS mm.

    `position` is the centre of the first pixel, `row` the direction along a row (increasing
    column index), `column` the direction down a column, `spacing` (between rows, between
    columns) in mm, `shape` (rows, columns).
    """

    position: Vector
    row: Vector
    column: Vector
    spacing: tuple[float, float]
    shape: tuple[int, int]

    @classmethod
    def of_slice(cls, geometry: VolumeGeometry, k: int) -> "ImagePlane":
        """The plane of one stored slice of a volume."""
        _, row_step, column_step = geometry.steps
        _, between_rows, between_columns = geometry.spacing
        row, column = affines.unit(column_step), affines.unit(row_step)
        return cls(geometry.origins[k], row, column, (between_rows, between_columns), geometry.shape[1:])

    @property
    def normal(self) -> Vector:
        """row x column."""
        return np.cross(self.row, self.column)

    @property
    def affine(self) -> Affine:
        """From (0, row, column) to LPS mm; the first index steps along the normal."""
        return affines.from_steps(self.normal, self.column * self.spacing[0], self.row * self.spacing[1], self.position)

    def map_pixels_to_reference(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """(row, column) pairs, shape (..., 2), to LPS mm, shape (..., 3)."""
        steps = np.stack([self.column * self.spacing[0], self.row * self.spacing[1]])
        result: NDArray[np.float64] = np.asarray(pixels, dtype=np.float64) @ steps + self.position
        return result

    def cropped(self, column: int, row: int, columns: int, rows: int) -> "ImagePlane":
        """The part that begins at (row, column) and has (rows, columns) pixels."""
        return replace(self, position=self.map_pixels_to_reference((row, column)), shape=(rows, columns))

    def reach(self, geometry: VolumeGeometry) -> tuple[float, float]:
        """From where to where the voxels' outer edges reach, in mm from this plane along its normal."""
        at = float(self.position @ self.normal)
        first, last = geometry.extent(self.normal)
        return first - at, last - at

    def part_near(self, geometry: VolumeGeometry) -> "tuple[slice, slice]":
        """The rows and columns that meet a volume, or would if the plane moved along its normal, and a few more."""
        rows, columns = (
            _near(geometry.extent(direction), float(self.position @ direction), spacing, count)
            for direction, spacing, count in zip((self.column, self.row), self.spacing, self.shape, strict=True)
        )
        return rows, columns


def _near(extent: tuple[float, float], first: float, spacing: float, count: int) -> slice:
    """The pixels from `first` mm on that lie within an extent, and one on each side of it."""
    begin, end = (np.array(extent) - first) / spacing
    low = int(np.clip(np.floor(begin), 0, count))
    return slice(low, int(np.clip(np.ceil(end) + 1, low, count)))


@dataclass(frozen=True)
class RequestedSize:
    """What a client asks of an image's size: pixels, their spacing in mm, or neither."""

    width: int | None = None
    height: int | None = None
    pixel_spacing: float | None = None

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked for."""
        return self.width is None and self.height is None and self.pixel_spacing is None

    @property
    def is_centred(self) -> bool:
        """Whether spacing and a number of pixels together cut around the plane's centre."""
        return self.pixel_spacing is not None and not (self.width is None and self.height is None)

    def grid(self, height_mm: float, width_mm: float, default_spacing: float) -> tuple[float, tuple[int, int]]:
        """Spacing in mm and shape (rows, columns) for a field of view of this height and width in mm."""
        spacing = self._spacing(height_mm, width_mm, default_spacing)
        rows = self.height if self.is_centred and self.height else _pixels(height_mm, spacing)
        columns = self.width if self.is_centred and self.width else _pixels(width_mm, spacing)
        return spacing, (rows, columns)

    def _spacing(self, height_mm: float, width_mm: float, default_spacing: float) -> float:
        if self.pixel_spacing is not None:
            return self.pixel_spacing
        fits = []
        if self.height is not None:
            fits.append(height_mm / self.height)
        if self.width is not None:
            fits.append(width_mm / self.width)
        return max(fits, default=default_spacing)


@dataclass(frozen=True, eq=False)
class FieldOfView:
    """A rectangle in the patient, before it is divided into pixels.

    `corner` is the outer corner of the first pixel in LPS mm; `height` and `width` are in mm. `centre` is what a
    number of pixels with a spacing is cut around, in mm (down, across) from the corner: the middle if it is None.
    """

    corner: Vector
    row: Vector
    column: Vector
    height: float
    width: float
    centre: tuple[float, float] | None = None

    @classmethod
    def of_plane(cls, plane: ImagePlane) -> "FieldOfView":
        """The rectangle that a plane's pixels cover."""
        height, width = plane.shape[0] * plane.spacing[0], plane.shape[1] * plane.spacing[1]
        return cls(plane.map_pixels_to_reference((-0.5, -0.5)), plane.row, plane.column, height, width)

    @classmethod
    def across(cls, geometry: VolumeGeometry, row: Vector, column: Vector, offset: Vector) -> "FieldOfView":
        """The bounding box of the voxels' outer edges on the plane through `offset` (LPS mm along its normal)."""
        left, right = geometry.extent(row)
        top, bottom = geometry.extent(column)
        return cls(offset + row * left + column * top, row, column, bottom - top, right - left)

    def moved(self, by: Vector) -> "FieldOfView":
        """The same rectangle elsewhere, so many LPS mm from here."""
        return replace(self, corner=self.corner + by)

    def plane(self, size: RequestedSize, default_spacing: float) -> ImagePlane:
        """Divide into square pixels, from the first corner or around the centre (see RequestedSize).

        A pixel that covers a whole side lies in the middle of it: its centre may not lie beyond what it shows.
        """
        spacing, shape = size.grid(self.height, self.width, default_spacing)
        middles = self._centre(size) if size.is_centred else (self.height / 2, self.width / 2)
        position = self.corner
        for direction, pixels, middle in zip((self.column, self.row), shape, middles, strict=True):
            is_around = size.is_centred or pixels == 1
            position = position + direction * (middle - (pixels - 1) * spacing / 2 if is_around else spacing / 2)
        return ImagePlane(position, self.row, self.column, (spacing, spacing), shape)

    def _centre(self, size: RequestedSize) -> tuple[float, float]:
        """Where the middle of the picture lies; along a side without a number of pixels all is shown, from its middle.

        In mm (down, across) from the corner.
        """
        down, across = self.centre or (self.height / 2, self.width / 2)
        return down if size.height else self.height / 2, across if size.width else self.width / 2


def _pixels(extent_mm: float, spacing: float) -> int:
    return max(1, math.ceil(extent_mm / spacing - ROUNDING))
