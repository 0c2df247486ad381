"""Axial, coronal and sagittal planes in a volume's own axes: the planes of its lattice of voxels."""

from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.mpr import PLANES, ParallelPlanes, PlaneAxes, PlaneSteps
from reslice.imaging.plane import FieldOfView
from reslice.imaging.volume import VolumeGeometry

NEARLY_SQUARE = 1e-4
"""Cosine up to which two axes of voxels count as orthogonal, so that pixels are voxels: headers round that much."""


def volume_planes(geometry: VolumeGeometry, name: str) -> ParallelPlanes:
    """The planes of a volume that lie nearest to a named one, shown by its display rule.

    Each of the volume's axes has one patient axis for its own, and the plane across it that axis' plane. Position
    is in mm along the volume's axis from its first slice (row, column) on, in the order of the volume's own
    indices and by its `spacing`; index k is slice (row, column) k, wherever unevenly spaced slices lie.

    Rows and columns run along the volume's two other axes. Where these aren't orthogonal (across the slices of a
    tilted gantry) pixels are square all the same: the direction within the stored slices is kept, the other one is
    orthogonal to it and lies in the plane, and the picture covers the whole parallelogram of the voxels.
    """
    axes = PLANES[name]
    own = _own_axes(geometry)
    fixed, down, right = (own[int(np.argmax(np.abs(v)))] for v in (axes.axis, axes.column, axes.row))
    steps = _steps(geometry, fixed)
    row, column = _directions(geometry, axes, down, right)
    field = _field(geometry, (fixed, down, right), row, column)
    motion = geometry.steps[fixed] / geometry.spacing[fixed]
    return ParallelPlanes(field, motion, steps, steps.at_index(steps.count // 2), geometry.finest_in_plane_spacing)


def _normals(geometry: VolumeGeometry) -> NDArray[np.float64]:
    """Unit normals of the lattice planes across each index, shape (3, 3): along increasing index."""
    across = geometry.inverse[:3, :3]
    normals: NDArray[np.float64] = across / np.linalg.norm(across, axis=1, keepdims=True)
    return normals


def _own_axes(geometry: VolumeGeometry) -> tuple[int, ...]:
    """For each patient axis the volume's axis that is its own: together they lie as near as can be."""
    cosines = np.abs(_normals(geometry))
    return max(permutations(range(3)), key=lambda own: float(sum(cosines[own[axis], axis] for axis in range(3))))


def _steps(geometry: VolumeGeometry, fixed: int) -> PlaneSteps:
    """Slices where they lie; rows and columns evenly, as thick as they are across."""
    spacing, count = geometry.spacing[fixed], geometry.shape[fixed]
    if fixed == 0:
        places, thicknesses = geometry.slice_places * spacing, geometry.thicknesses
        return PlaneSteps(0.0, spacing, count, tuple(places.tolist()), tuple(thicknesses.tolist()))
    across = float(geometry.steps[fixed] @ _normals(geometry)[fixed])
    return PlaneSteps(0.0, spacing, count, thicknesses=(across,) * count)


def _directions(geometry: VolumeGeometry, axes: PlaneAxes, down: int, right: int) -> tuple[Vector, Vector]:
    """Along a row and down a column, as the display rule has them run."""
    row, column = _towards(axes.row, geometry.steps[right]), _towards(axes.column, geometry.steps[down])
    overlap = float(row @ column)
    if abs(overlap) <= NEARLY_SQUARE:
        return row, column
    if right == 0:
        return affines.unit(row - column * overlap), column
    return row, affines.unit(column - row * overlap)


def _towards(wanted: Vector, step: Vector) -> Vector:
    direction = affines.unit(step)
    return -direction if direction @ wanted < 0 else direction


def _field(geometry: VolumeGeometry, axes: tuple[int, int, int], row: Vector, column: Vector) -> FieldOfView:
    """The bounding box of the voxels' outer edges on the first plane, by its rows and columns."""
    _, down, right = axes
    corners = np.zeros((4, 3))
    corners[:, [down, right]] = list(product(_edges(geometry, down), _edges(geometry, right)))
    places = affines.map_points(geometry.affine, corners)
    # Not by projection: rows and columns may be off a right angle by as much as the file's own numbers are.
    along = (places - places[0]) @ np.linalg.pinv(np.stack([column, row]))
    low, high = along.min(axis=0), along.max(axis=0)
    height, width = (high - low).tolist()
    return FieldOfView(places[0] + low @ np.stack([column, row]), row, column, height, width)


def _edges(geometry: VolumeGeometry, axis: int) -> tuple[float, float]:
    """Where the voxels of an axis begin and end, in the coordinates of the affine."""
    if axis:
        return -0.5, geometry.shape[axis] - 0.5
    reaches, places = geometry.reaches, geometry.slice_places
    return float(places[0] - reaches[0, 0]), float(places[-1] + reaches[-1, 1])
