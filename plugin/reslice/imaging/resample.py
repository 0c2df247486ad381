"""Cutting planes out of volumes: which voxels a plane passes, and the quickest way to their values.

Coordinates are voxel indices in float64; a voxel's centre lies at its integer index and its edges
half an index further. Between the outermost centres and edges the outermost value is taken.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, as_input
from reslice.imaging.kernels import (
    NO_PADDING,
    SNAP,
    IndexVector,
    Plane,
    Ways,
    sample,
    sample_in_numpy,
    stretch,
)
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import Volume, Voxels

Interpolation = Literal["linear", "nearest"]
Lines = tuple[IndexVector, IndexVector, IndexVector]


def cut(volume: Volume, plane: ImagePlane, interpolation: Interpolation = "linear") -> Plane:
    """The values on a plane, shape `plane.shape`.

    A view of the voxels (their own type) where every pixel is a voxel of a complete volume,
    else float32 with NaN where there is no data.
    """
    to_indices = volume.geometry.inverse @ plane.affine
    origin = _snapped(to_indices[:3, 3], SNAP)
    down, right = (_snapped(to_indices[:3, c], SNAP * 1e-3) for c in (1, 2))
    axes = _aligned_axes(down, right)
    if axes is None:
        return _cut_anywhere(volume, origin, down, right, plane.shape, interpolation)
    lines = _lines(axes, origin, down, right, plane.shape)
    stored = _stored_plane(volume, axes, lines)
    if stored is not None:
        return stored
    if volume.is_complete and interpolation == "linear" and IS_COMPILED:
        return _cut_aligned(volume.voxels, axes, lines, plane.shape)
    return _cut_anywhere(volume, origin, down, right, plane.shape, interpolation)


def _snapped(vector: IndexVector, tolerance: float) -> IndexVector:
    """Components within float noise of a whole number become it, so that lattice planes stay on the lattice."""
    whole = np.rint(vector)
    return np.where(np.abs(vector - whole) < tolerance, whole, vector)


def _aligned_axes(down: IndexVector, right: IndexVector) -> tuple[int, int, int] | None:
    """(fixed, down, right) voxel axes of a plane that runs along two of them, else None."""
    if np.count_nonzero(down) != 1 or np.count_nonzero(right) != 1:
        return None
    a, b = int(np.flatnonzero(down)[0]), int(np.flatnonzero(right)[0])
    return None if a == b else (3 - a - b, a, b)


def _lines(
    axes: tuple[int, int, int], origin: IndexVector, down: IndexVector, right: IndexVector, shape: tuple[int, int]
) -> Lines:
    """The voxel coordinates of a plane along two axes: where it lies, of its rows, of its columns."""
    fixed, a, b = axes
    rows = origin[a] + down[a] * np.arange(shape[0])
    columns = origin[b] + right[b] * np.arange(shape[1])
    return origin[fixed : fixed + 1], rows, columns


def _stored_plane(volume: Volume, axes: tuple[int, int, int], lines: Lines) -> Plane | None:
    """The plane if each of its pixels is a voxel: a view, or a copy with NaN where the volume holds no data."""
    sizes = [volume.voxels.shape[axis] for axis in axes]
    if not all(_are_voxels(line, size) for line, size in zip(lines, sizes, strict=True)):
        return None
    depth, rows, columns = (line.astype(np.int64) for line in lines)
    view: Plane = volume.voxels.transpose(axes)[depth[0]][_as_slice(rows), _as_slice(columns)]
    if volume.is_complete:
        return view
    values = view.astype(np.float32)
    if volume.padding is not None:
        values[(view >= volume.padding[0]) & (view <= volume.padding[1])] = np.nan
    present = [np.ones(size, dtype=np.bool_) for size in sizes]
    present[axes.index(0)] = volume.present
    values[~(present[0][depth[0]] & present[1][rows][:, None] & present[2][columns])] = np.nan
    return values


def _are_voxels(line: IndexVector, size: int) -> bool:
    return bool(np.array_equal(line, np.rint(line)) and line.min() >= 0 and line.max() <= size - 1)


def _cut_aligned(voxels: Voxels, axes: tuple[int, int, int], lines: Lines, shape: tuple[int, int]) -> Plane:
    depth, rows, columns = (_ways(line, voxels.shape[axis]) for line, axis in zip(lines, axes, strict=True))
    out = np.full(shape, np.nan, dtype=np.float32)
    if depth[3][0]:
        stretch(as_input(_source_plane(voxels.transpose(axes), depth)), rows, columns, out)
    return out


def _source_plane(voxels: Voxels, depth: Ways) -> Plane:
    """One plane of voxels, or the blend of two."""
    near, far, weight = depth[0][0], depth[1][0], np.float32(depth[2][0])
    if not weight:
        source: Plane = voxels[near]
        return source
    blended: NDArray[np.float32] = voxels[near] * (1 - weight) + voxels[far] * weight
    return blended.astype(np.float32, copy=False)


def _ways(coordinates: IndexVector, size: int) -> Ways:
    """Lower and upper voxel, weight of the upper, and whether inside, for each coordinate of one axis."""
    inside = (coordinates >= -0.5 - SNAP) & (coordinates <= size - 0.5 + SNAP)
    within = np.clip(coordinates, 0, size - 1)
    lower = np.floor(within).astype(np.int64)
    weight = within - lower
    weight[weight < SNAP] = 0
    lower[weight > 1 - SNAP] += 1
    weight[weight > 1 - SNAP] = 0
    return lower, np.minimum(lower + 1, size - 1), weight, inside


def _as_slice(indices: NDArray[np.int64]) -> slice:
    """The slice that picks evenly spaced indices."""
    first, last = int(indices[0]), int(indices[-1])
    step = int(indices[1]) - first if len(indices) > 1 else 1
    stop = last + (1 if step > 0 else -1)
    return slice(first, None if stop < 0 else stop, step)


def _cut_anywhere(
    volume: Volume,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    shape: tuple[int, int],
    interpolation: Interpolation,
) -> Plane:
    out = np.empty(shape, dtype=np.float32)
    low, high = volume.padding or NO_PADDING
    is_linear = interpolation == "linear"
    if IS_COMPILED:
        ends = (volume.voxels, volume.present, low, high, origin, down, right)
        sample(*ends, is_linear, volume.is_complete, out)
    else:
        sample_in_numpy(volume.voxels, volume.present, low, high, origin, down, right, is_linear, out)
    return out
