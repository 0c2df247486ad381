"""Planes of a volume: axial, coronal and sagittal in patient axes whatever the acquisition, and oblique ones.

Those that follow the volume's own axes are made in `lattice`.
"""

from dataclasses import dataclass, replace

import numpy as np

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import Gaps
from reslice.imaging.kernels import Plane
from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import Interpolation, cut
from reslice.imaging.sampling import BLOCK
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry

SAMPLES_OF_A_LINE = 16
"""Looking where a line of a picture, or a block of one, meets the volume takes as long as so many samples."""

NEAR_THE_HEAD = 0.9
"""Cosine of the angle to the patient's long axis within which the front is up, not the head."""

ROUNDING = 1e-6
"""Voxels: a range that misses a whole number of steps by less holds that number of them (float noise)."""


@dataclass(frozen=True, eq=False)
class PlaneAxes:
    """How planes of one direction are shown: unit vectors in LPS along a row, down a column, and of their motion."""

    row: Vector
    column: Vector
    axis: Vector

    @classmethod
    def facing(cls, normal: Vector, up: Vector | None = None) -> "PlaneAxes":
        """Those of a plane whose `normal` points away from the viewer; `up` is turned into the plane.

        Neither needs length 1; they may not be parallel. Without `up` see `usual_up`.
        """
        axis = affines.unit(normal)
        upward = affines.unit(usual_up(axis) if up is None else up)
        column = affines.unit(axis * (upward @ axis) - upward)
        return cls(np.cross(column, axis), column, axis)

    @classmethod
    def spanned(cls, row: Vector, column: Vector) -> "PlaneAxes":
        """Those of a plane given by nearly orthonormal directions, made so to the last bit: `row` keeps its own."""
        along = affines.unit(row)
        down = affines.unit(column - along * (column @ along))
        return cls(along, down, np.cross(along, down))


def usual_up(axis: Vector) -> Vector:
    """What is up where nobody tells, for who looks along a unit vector (LPS): the head, or the front near its axis."""
    return affines.frozen((0, -1, 0) if abs(axis[2]) > NEAR_THE_HEAD else (0, 0, 1))


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

    def seen_from(self, origin: float) -> "PlaneSteps":
        """The same planes, their positions counted from another one (mm)."""
        return replace(self, first=self.first - origin, places=tuple(place - origin for place in self.places))

    def thickness(self, index: int) -> float:
        """How much of the volume one step stands for, in mm."""
        return self.thicknesses[index] if self.thicknesses else self.step


def _are_slices_across(geometry: VolumeGeometry, axis: Vector) -> bool:
    """Whether slices lie across an axis, so that they follow each other along it: none leans over half a gap."""
    in_plane = np.abs(geometry.steps[1:] @ axis) @ (np.array(geometry.shape[1:]) - 1)
    gaps = np.diff(geometry.slice_places) * abs(geometry.steps[0] @ axis)
    return bool(in_plane < gaps.min() / 2)


@dataclass(frozen=True, eq=False)
class ParallelPlanes:
    """All planes of one direction through a volume; a position in mm tells them apart.

    `field` is what the plane at position 0 covers, and each mm of position moves it by `motion` (LPS mm). `steps`
    are the positions that an index counts. `position` and `pixel_spacing` (mm) hold unless others are asked for.
    """

    field: FieldOfView
    motion: Vector
    steps: PlaneSteps
    position: float
    pixel_spacing: float

    def plane(self, position: float, size: RequestedSize) -> ImagePlane:
        """The image plane at a position (mm)."""
        return self.field.moved(self.motion * position).plane(size, self.pixel_spacing)

    def position_of(self, plane: ImagePlane) -> float:
        """The position (mm) of one of these planes."""
        normal = plane.normal
        return float((plane.position - self.field.corner) @ normal / (self.motion @ normal))


def patient_planes(geometry: VolumeGeometry, axes: PlaneAxes) -> ParallelPlanes:
    """Planes along patient axes: their position is the LPS coordinate (mm); the middle step unless asked for."""
    field = FieldOfView.across(geometry, axes.row, axes.column, np.zeros(3))
    steps = PlaneSteps.of(geometry, axes)
    return ParallelPlanes(field, axes.axis, steps, steps.at_index(steps.count // 2), geometry.finest_in_plane_spacing)


def oblique_planes(geometry: VolumeGeometry, axes: PlaneAxes, centre: Vector | None = None) -> ParallelPlanes:
    """Planes of any direction: their position is the distance (mm) from the one through a point (LPS mm).

    That one is the default, and pictures of so many pixels of a spacing are cut around the point; it is the
    volume's centre unless given. The index counts from the lowest voxel centre along the normal.
    """
    point = geometry.centre if centre is None else centre
    offset = float(point @ axes.axis)
    field = FieldOfView.across(geometry, axes.row, axes.column, axes.axis * offset)
    from_corner = point - field.corner
    field = replace(field, centre=(float(from_corner @ axes.column), float(from_corner @ axes.row)))
    steps = PlaneSteps.of(geometry, axes).seen_from(offset)
    return ParallelPlanes(field, axes.axis, steps, 0.0, geometry.finest_in_plane_spacing)


def orthogonal_plane(geometry: VolumeGeometry, axes: PlaneAxes, position: float, size: RequestedSize) -> ImagePlane:
    """The image plane of a named plane at an LPS coordinate (mm), covering the whole volume."""
    return patient_planes(geometry, axes).plane(position, size)


@dataclass(frozen=True, eq=False)
class Slice:
    """Modality values on a plane (NaN, or the volume's padding, means no data), and the slice's thickness in mm."""

    plane: ImagePlane
    values: Plane
    thickness: float
    index: int
    count: int


def reslice(
    volume: Volume,
    planes: ParallelPlanes,
    plane: ImagePlane,
    interpolation: Interpolation = "linear",
    gaps: Gaps = "show",
    slab: Slab | None = None,
    crew: Crew = ALONE,
) -> Slice:
    """The volume's values on one of the planes, or of a slab around it."""
    index = planes.steps.nearest(planes.position_of(plane))
    thickness = planes.steps.thickness(index) if slab is None else slab.thickness
    values = cut(volume, plane, interpolation, gaps, slab, crew)
    return Slice(plane, values, thickness, index, planes.steps.count)


def misses(geometry: VolumeGeometry, plane: ImagePlane, slab: Slab | None = None) -> bool:
    """Whether all of a plane, or of a slab around it, lies before or behind the voxels' outer edges."""
    half = 0.0 if slab is None else slab.thickness / 2
    first, last = plane.reach(geometry)
    return last < -half or first > half


def samples(slab: Slab, geometry: VolumeGeometry, plane: ImagePlane) -> int:
    """About how many values a slab is made of, those outside the volume left out.

    What is cut from the plane's rows counts too, whether or not it lies inside: so many samples for each line.
    """
    offsets = slab.offsets_between(geometry, *plane.reach(geometry))
    rows, columns = (int(part.stop - part.start) for part in plane.part_near(geometry))
    everywhere, lines = len(offsets) * rows * columns, len(offsets) * rows * -(-columns // BLOCK)
    if len(offsets) < 2:
        return everywhere + lines * SAMPLES_OF_A_LINE
    of_volume = abs(np.linalg.det(geometry.steps)) * np.prod(np.array(geometry.shape, dtype=np.float64))
    of_sample = plane.spacing[0] * plane.spacing[1] * float(offsets[1] - offsets[0])
    return min(everywhere, int(of_volume / of_sample)) + lines * SAMPLES_OF_A_LINE
