"""Axial, coronal and sagittal planes of a volume, named in patient axes whatever the acquisition."""

from dataclasses import dataclass

import numpy as np

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.kernels import Plane
from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import Interpolation, cut
from reslice.imaging.volume import Volume, VolumeGeometry

ROUNDING = 1e-6
"""Voxels: a range that misses a whole number of steps by less holds that number of them (float noise)."""


@dataclass(frozen=True, eq=False)
class PlaneAxes:
    """How a named plane is shown: directions in LPS along a row, down a column, and along which it moves."""

    row: Vector
    column: Vector
    axis: Vector


def _axes(row: tuple[int, int, int], column: tuple[int, int, int], axis: tuple[int, int, int]) -> PlaneAxes:
    return PlaneAxes(affines.frozen(row), affines.frozen(column), affines.frozen(axis))


PLANES = {
    "axial": _axes((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "coronal": _axes((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "sagittal": _axes((0, 1, 0), (0, 0, -1), (1, 0, 0)),
}
"""Axial is seen from the feet, coronal from the front, sagittal from the patient's left; the head is up."""


@dataclass(frozen=True)
class PlaneSteps:
    """The planes that scrolling visits: from the lowest voxel centre on, one voxel of the nearest axis a step."""

    first: float
    step: float
    count: int

    @classmethod
    def of(cls, geometry: VolumeGeometry, axes: PlaneAxes) -> "PlaneSteps":
        """The steps of a volume along a plane's axis (mm)."""
        low, high = geometry.centres_extent(axes.axis)
        step = geometry.spacing[geometry.nearest_axis(axes.axis)]
        return cls(low, step, int(np.floor((high - low) / step + ROUNDING)) + 1)

    def at_index(self, index: int) -> float:
        """The position in mm of one step."""
        return self.first + index * self.step

    def at_fraction(self, fraction: float) -> float:
        """The position in mm at a part (0 to 1) of the way from the first step to the last."""
        return self.first + fraction * (self.count - 1) * self.step

    def nearest(self, position: float) -> int:
        """The step nearest to a position in mm."""
        return int(np.clip(np.rint((position - self.first) / self.step), 0, self.count - 1))


@dataclass(frozen=True, eq=False)
class Slice:
    """Modality values on a plane (NaN, or the volume's padding, means no data), and the slice's thickness in mm."""

    plane: ImagePlane
    values: Plane
    thickness: float
    index: int
    count: int


def orthogonal_plane(geometry: VolumeGeometry, axes: PlaneAxes, position: float, size: RequestedSize) -> ImagePlane:
    """The image plane of a named plane at an LPS coordinate (mm), covering the whole volume."""
    field = FieldOfView.across(geometry, axes.row, axes.column, axes.axis * position)
    return field.plane(size, geometry.finest_in_plane_spacing)


def reslice(volume: Volume, axes: PlaneAxes, plane: ImagePlane, interpolation: Interpolation = "linear") -> Slice:
    """The volume's values on a plane."""
    geometry = volume.geometry
    steps = PlaneSteps.of(geometry, axes)
    thickness = geometry.spacing[geometry.nearest_axis(axes.axis)]
    position = float(plane.position @ axes.axis)
    values = cut(volume, plane, interpolation)
    return Slice(plane, values, thickness, steps.nearest(position), steps.count)
