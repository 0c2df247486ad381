"""The loops over pixels and voxels: compiled (the GIL is released), and in numpy where there is no compiler.

Coordinates are voxel indices in float64. No-data voxels never enter an interpolated value: where the
nearest voxel is no data, so is the result; elsewhere the weights of the others are normalised.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled
from reslice.imaging.volume import Voxels

Plane = NDArray[np.int16] | NDArray[np.float32]
IndexVector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ways = tuple[NDArray[np.int64], NDArray[np.int64], IndexVector, Flags]

NO_PADDING = (np.inf, -np.inf)
"""A padding range that holds no value."""

SNAP = 1e-6
"""Indices: a coordinate nearer than this to a voxel's centre lies on it (float noise)."""


@compiled
def stretch(source: Plane, rows: Ways, columns: Ways, out: NDArray[np.float32]) -> None:
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
def sample(
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


def sample_in_numpy(
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
