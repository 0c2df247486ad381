"""Cutting planes out of volumes: the compiled kernels (numba; the GIL is released) and a numpy fallback.

Coordinates are voxel indices in float64; a voxel's centre lies at its integer index and its edges
half an index further. Between the outermost centres and edges the outermost value is taken.
No-data voxels never enter an interpolated value: where the nearest voxel is no data, so is the
result; elsewhere the weights of the others are normalised.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, as_input, compiled
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import Volume, Voxels

Interpolation = Literal["linear", "nearest"]
Plane = NDArray[np.int16] | NDArray[np.float32]
IndexVector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Lines = tuple[IndexVector, IndexVector, IndexVector]
Ways = tuple[NDArray[np.int64], NDArray[np.int64], IndexVector, Flags]

NO_PADDING = (np.inf, -np.inf)
"""A padding range that holds no value."""

SNAP = 1e-6
"""Indices: a coordinate nearer than this to a voxel's centre lies on it (float noise)."""


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
        _stretch(as_input(_source_plane(voxels.transpose(axes), depth)), rows, columns, out)
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
        _general_kernel(*ends, is_linear, volume.is_complete, out)
    else:
        _general_in_numpy(volume.voxels, volume.present, low, high, origin, down, right, is_linear, out)
    return out


@compiled
def _stretch(source: Plane, rows: Ways, columns: Ways, out: NDArray[np.float32]) -> None:
    """A plane to other pixels along its own axes: two source rows are blended, then stretched along the row."""
    line = np.empty(source.shape[1], dtype=np.float32)
    for i in range(out.shape[0]):
        if not rows[3][i]:
            out[i, :] = np.nan
            continue
        upper, lower, f = rows[0][i], rows[1][i], np.float32(rows[2][i])
        for x in range(source.shape[1]):
            line[x] = source[upper, x] + f * np.float32(source[lower, x] - np.float32(source[upper, x]))
        for j in range(out.shape[1]):
            a = line[columns[0][j]]
            g = np.float32(columns[2][j])
            out[i, j] = a + g * (line[columns[1][j]] - a) if columns[3][j] else np.nan


@compiled
def _inside_range(origin: float, step: float, size: int, first: int, last: int) -> tuple[int, int]:
    """The part of first..last (exclusive) of pixels whose coordinate on one axis lies within the voxels' edges."""
    low, high = -0.5 - SNAP, size - 0.5 + SNAP
    if abs(step) < 1e-12:
        return (first, last) if low <= origin <= high else (first, first)
    a, b = (low - origin) / step, (high - origin) / step
    if a > b:
        a, b = b, a
    a, b = max(a, float(first) - 1), min(b, float(last))
    return max(first, int(np.ceil(a))), min(last, int(np.floor(b)) + 1)


@compiled
def _is_data(value: float, low: float, high: float) -> bool:
    """Neither NaN nor within the padding range (see NO_PADDING)."""
    return value == value and not (low <= value <= high)  # noqa: PLR0124


@compiled
def _blend(
    voxels: Voxels, present: Flags, low: float, high: float, s: float, r: float, c: float, linear: bool
) -> float:
    """The value at one place, its coordinates already within the outermost centres."""
    nearest = (int(np.floor(s + 0.5)), int(np.floor(r + 0.5)), int(np.floor(c + 0.5)))
    value = float(voxels[nearest])
    if not present[nearest[0]] or not _is_data(value, low, high):
        return np.nan
    if not linear:
        return value
    k, i, j = int(np.floor(s)), int(np.floor(r)), int(np.floor(c))
    total, weights = 0.0, 0.0
    for dk in range(2):
        wk = s - k if dk else 1.0 - s + k
        if wk < SNAP or not present[k + dk]:
            continue
        for di in range(2):
            wi = wk * (r - i if di else 1.0 - r + i)
            if wi < SNAP:
                continue
            for dj in range(2):
                w = wi * (c - j if dj else 1.0 - c + j)
                if w < SNAP:
                    continue
                value = float(voxels[k + dk, i + di, j + dj])
                if _is_data(value, low, high):
                    total += w * value
                    weights += w
    return total / weights


@compiled
def _trilinear(
    voxels: Voxels, present: Flags, low: float, high: float, s: float, r: float, c: float, certain: bool
) -> float:
    """Eight neighbours and their weights; `certain` says that all voxels are data, else it is looked at."""
    k, i, j = int(s), int(r), int(c)
    kk, ii, jj = min(k + 1, voxels.shape[0] - 1), min(i + 1, voxels.shape[1] - 1), min(j + 1, voxels.shape[2] - 1)
    a, b = np.float64(voxels[k, i, j]), np.float64(voxels[k, i, jj])
    d, e = np.float64(voxels[k, ii, j]), np.float64(voxels[k, ii, jj])
    f, g = np.float64(voxels[kk, i, j]), np.float64(voxels[kk, i, jj])
    h, m = np.float64(voxels[kk, ii, j]), np.float64(voxels[kk, ii, jj])
    if not certain:
        least, most = min(a, b, d, e, f, g, h, m), max(a, b, d, e, f, g, h, m)
        is_sound = (
            present[k] and present[kk] and (least > high or most < low) and not np.isnan(a + b + d + e + f + g + h + m)
        )
        if not is_sound:
            return _blend(voxels, present, low, high, s, r, c, True)
    u, v, w = s - k, r - i, c - j
    near = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
    far = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
    return near + u * (far - near)


@compiled
def _general_kernel(
    voxels: Voxels,
    present: Flags,
    low: float,
    high: float,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    linear: bool,
    certain: bool,
    out: NDArray[np.float32],
) -> None:
    """Any plane through any volume: rows are clipped to the volume first, so that outside costs nothing."""
    slices, rows, columns = voxels.shape
    for y in range(out.shape[0]):
        out[y, :] = np.nan
        s0, r0, c0 = origin[0] + y * down[0], origin[1] + y * down[1], origin[2] + y * down[2]
        first, last = _inside_range(s0, right[0], slices, 0, out.shape[1])
        first, last = _inside_range(r0, right[1], rows, first, last)
        first, last = _inside_range(c0, right[2], columns, first, last)
        for x in range(first, last):
            s = min(max(s0 + x * right[0], 0.0), slices - 1.0)
            r = min(max(r0 + x * right[1], 0.0), rows - 1.0)
            c = min(max(c0 + x * right[2], 0.0), columns - 1.0)
            if linear:
                out[y, x] = _trilinear(voxels, present, low, high, s, r, c, certain)
            else:
                out[y, x] = _blend(voxels, present, low, high, s, r, c, False)


def _general_in_numpy(
    voxels: Voxels,
    present: Flags,
    low: float,
    high: float,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    linear: bool,
    out: NDArray[np.float32],
) -> None:
    """The general kernel without a compiler: correct, and some ten times slower."""
    for y in range(out.shape[0]):
        coordinates = origin + y * down + np.arange(out.shape[1])[:, None] * right
        limits = np.array(voxels.shape) - 1.0
        inside = np.all((coordinates >= -0.5 - SNAP) & (coordinates <= limits + 0.5 + SNAP), axis=1)
        out[y, ~inside] = np.nan
        within = np.clip(coordinates[inside], 0, limits)
        out[y, inside] = _blend_in_numpy(voxels, present, low, high, within, linear)


def _blend_in_numpy(
    voxels: Voxels, present: Flags, low: float, high: float, coordinates: IndexVector, linear: bool
) -> IndexVector:
    """Values at coordinates of shape (n, 3)."""
    nearest = tuple(np.floor(coordinates + 0.5).astype(np.int64).T)
    values = voxels[nearest].astype(np.float64)
    is_data = present[nearest[0]] & ~np.isnan(values) & ~((values >= low) & (values <= high))
    if linear:
        values = _weighted_mean_in_numpy(voxels, present, low, high, coordinates)
    return np.where(is_data, values, np.nan)


def _weighted_mean_in_numpy(
    voxels: Voxels, present: Flags, low: float, high: float, coordinates: IndexVector
) -> IndexVector:
    """The mean of the eight neighbours that are data, by their trilinear weights; NaN where none is."""
    lower = np.floor(coordinates).astype(np.int64)
    fraction = coordinates - lower
    total, weights = np.zeros(len(coordinates)), np.zeros(len(coordinates))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, fraction, 1 - fraction), axis=1)
        index = tuple(np.minimum(lower + corner, np.array(voxels.shape) - 1).T)
        values = voxels[index].astype(np.float64)
        keep = present[index[0]] & (weight >= SNAP) & ~np.isnan(values) & ~((values >= low) & (values <= high))
        total += np.where(keep, weight * np.where(keep, values, 0), 0)
        weights += np.where(keep, weight, 0)
    mean: IndexVector = np.divide(total, weights, out=np.full(len(total), np.nan), where=weights > 0)
    return mean
