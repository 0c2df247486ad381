"""Axial, coronal and sagittal planes of a volume, named in patient axes whatever the acquisition."""

from dataclasses import dataclass

import numpy as np

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.intervals import Gaps
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
    """The planes that scrolling visits: from the lowest voxel centre on, one voxel of the nearest axis a step.

    Along the slices of an uneven volume each step is a slice: `places` (mm, increasing) and `thicknesses` (mm)
    then hold where it lies and how thick it is, and `step` is the mean.
    """

    first: float
    step: float
    count: int
    places: tuple[float, ...] = ()
    thicknesses: tuple[float, ...] = ()

    @classmethod
    def of(cls, geometry: VolumeGeometry, axes: PlaneAxes) -> "PlaneSteps":
        """The steps of a volume along a plane's axis (mm)."""
        axis = geometry.nearest_axis(axes.axis)
        if axis == 0 and not geometry.is_regular and _are_slices_across(geometry, axes.axis):
            return cls._of_slices(geometry, axes.axis)
        low, high = geometry.centres_extent(axes.axis)
        step = geometry.spacing[axis]
        return cls(low, step, int(np.floor((high - low) / step + ROUNDING)) + 1)

    @classmethod
    def _of_slices(cls, geometry: VolumeGeometry, axis: Vector) -> "PlaneSteps":
        places, thicknesses = geometry.slice_centres @ axis, geometry.thicknesses
        order = np.argsort(places)
        first, step = float(places[order[0]]), geometry.spacing[0]
        ordered = tuple(places[order].tolist()), tuple(thicknesses[order].tolist())
        return cls(first, step, len(places), *ordered)

    def at_index(self, index: int) -> float:
        """The position in mm of one step."""
        return self.places[index] if self.places else self.first + index * self.step

    def at_fraction(self, fraction: float) -> float:
        """The position in mm at a part (0 to 1) of the way from the first step to the last."""
        return self.first + fraction * (self.at_index(self.count - 1) - self.first)

    def nearest(self, position: float) -> int:
        """The step nearest to a position in mm."""
        if self.places:
            return int(np.abs(np.array(self.places) - position).argmin())
        return int(np.clip(np.rint((position - self.first) / self.step), 0, self.count - 1))

    def thickness(self, index: int) -> float:
        """How much of the volume one step stands for, in mm."""
        return self.thicknesses[index] if self.thicknesses else self.step


def _are_slices_across(geometry: VolumeGeometry, axis: Vector) -> bool:
    """Whether slices lie across an axis, so that they follow each other along it: none leans over half a gap."""
    in_plane = np.abs(geometry.steps[1:] @ axis) @ (np.array(geometry.shape[1:]) - 1)
    gaps = np.diff(geometry.slice_places) * abs(geometry.steps[0] @ axis)
    return bool(in_plane < gaps.min() / 2)


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


def reslice(
    volume: Volume,
    axes: PlaneAxes,
    plane: ImagePlane,
    interpolation: Interpolation = "linear",
    gaps: Gaps = "show",
) -> Slice:
    """The volume's values on a plane."""
    steps = PlaneSteps.of(volume.geometry, axes)
    index = steps.nearest(float(plane.position @ axes.axis))
    values = cut(volume, plane, interpolation, gaps)
    return Slice(plane, values, steps.thickness(index), index, steps.count)
