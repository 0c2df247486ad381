"""The voxel nearest to a point of the patient."""

from dataclasses import dataclass

import numpy as np

from reslice.imaging.affine import Vector, map_points
from reslice.imaging.intervals import SNAP, SliceIntervals, even_ways
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import VolumeGeometry


@dataclass(frozen=True, eq=False)
class NearestVoxel:
    """Its index (slice, row, column), its centre (LPS mm), and whether its slice's data reaches as far as the point."""

    index: tuple[int, int, int]
    centre: Vector
    is_reached: bool


def nearest_voxel(geometry: VolumeGeometry, intervals: SliceIntervals, point: Vector) -> NearestVoxel | None:
    """The voxel that `nearest` interpolation takes at a point (LPS mm); None outside the voxels' outer edges.

    Where slices are missing or hold no data it is one of the nearest slice, unless `intervals` fill that gap.
    """
    place, down, along = (np.array([coordinate]) for coordinate in map_points(geometry.inverse, point))
    rows, columns = (even_ways(at, n, nearest=True) for at, n in zip((down, along), geometry.shape[1:], strict=True))
    if not (rows[3][0] and columns[3][0] and _is_between_the_ends(geometry, float(place[0]))):
        return None
    slices = intervals.ways(place, nearest=True)
    is_reached = bool(slices[3][0])
    k = int(slices[0][0]) if is_reached else int(np.abs(geometry.slice_places - place).argmin())
    index = k, int(rows[0][0]), int(columns[0][0])
    return NearestVoxel(index, geometry.map_indices_to_reference(index), is_reached)


def _is_between_the_ends(geometry: VolumeGeometry, place: float) -> bool:
    low = geometry.slice_places[0] - geometry.reaches[0, 0]
    high = geometry.slice_places[-1] + geometry.reaches[-1, 1]
    return bool(low - SNAP <= place <= high + SNAP)


def pixel_at(point: Vector) -> ImagePlane:
    """A plane of one pixel whose centre is the point (LPS mm)."""
    return ImagePlane(point, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]), (1.0, 1.0), (1, 1))
