"""The compiled loops over pixels and voxels (the GIL is released).

Coordinates are voxel indices in float64; along the slice axis they are places (see SliceIntervals). No-data
voxels never enter an interpolated value: where the nearest voxel is no data, so is the result; elsewhere the
weights of the others are normalised.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled
from reslice.imaging.intervals import NOWHERE, SNAP, IndexVector, Pieces, Ways
from reslice.imaging.volume import Voxels

Plane = NDArray[np.int16] | NDArray[np.float32]

Layer = NDArray[np.float32]
Way = tuple[int, int, float]
"""Lower and upper voxel on one axis, and the weight of the upper."""

NO_PADDING = (np.inf, -np.inf)
"""A padding range that holds no value."""


@compiled
def stretch(source: Plane, rows: Ways, columns: Ways, out: Layer) -> None:
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
def mend(near: Layer, far: Layer, weight: float, rows: Ways, columns: Ways, out: Layer) -> None:
    """The pixels that `stretch` left without a value, though there is data around them.

    `near` and `far` are the two planes of voxels that were blended, NaN where they hold no data.
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if rows[3][i] and columns[3][j] and np.isnan(out[i, j]):
                up = rows[0][i], rows[1][i], rows[2][i]
                out[i, j] = _mean_of_data(near, far, weight, up, (columns[0][j], columns[1][j], columns[2][j]))


@compiled
def _mean_of_data(near: Layer, far: Layer, weight: float, row: Way, column: Way) -> float:
    """The mean of the neighbours that are data; NaN where the nearest is none."""
    y, x = (row[1] if row[2] >= 0.5 else row[0]), (column[1] if column[2] >= 0.5 else column[0])
    if np.isnan(far[y, x] if weight >= 0.5 else near[y, x]):
        return np.nan
    total, weights = 0.0, 0.0
    for d in range(2):
        for i in range(2):
            for j in range(2):
                part = weight if d else 1.0 - weight
                w = part * (row[2] if i else 1.0 - row[2]) * (column[2] if j else 1.0 - column[2])
                y, x = (row[1] if i else row[0]), (column[1] if j else column[0])
                value = far[y, x] if d else near[y, x]
                if not np.isnan(value):
                    total += w * value
                    weights += w
    return total / weights


@compiled
def _inside_range(origin: float, step: float, low: float, high: float, first: int, last: int) -> tuple[int, int]:
    """The part of first..last (exclusive) of pixels whose coordinate on one axis lies from low to high."""
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
def _nearest(voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float) -> float:
    """The voxel nearest to one place, its coordinates already within the outermost centres."""
    k, kk, u = slice_
    value = float(voxels[kk if u >= 0.5 else k, int(r + 0.5), int(c + 0.5)])
    return value if _is_data(value, low, high) else np.nan


@compiled
def _blend(voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float) -> float:
    """The mean of the eight neighbours that are data; NaN where the nearest is none."""
    if np.isnan(_nearest(voxels, low, high, slice_, r, c)):
        return np.nan
    k, kk, u = slice_
    i, j = int(r), int(c)
    total, weights = 0.0, 0.0
    for dk in range(2):
        wk = u if dk else 1.0 - u
        if wk < SNAP:
            continue
        for di in range(2):
            wi = wk * (r - i if di else 1.0 - r + i)
            if wi < SNAP:
                continue
            for dj in range(2):
                w = wi * (c - j if dj else 1.0 - c + j)
                if w < SNAP:
                    continue
                value = float(voxels[kk if dk else k, i + di, j + dj])
                if _is_data(value, low, high):
                    total += w * value
                    weights += w
    return total / weights


@compiled
def _trilinear(voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float, certain: bool) -> float:
    """Eight neighbours and their weights; `certain` says that all voxels are data, else it is looked at."""
    k, kk, u = slice_
    i, j = int(r), int(c)
    ii, jj = min(i + 1, voxels.shape[1] - 1), min(j + 1, voxels.shape[2] - 1)
    a, b = np.float64(voxels[k, i, j]), np.float64(voxels[k, i, jj])
    d, e = np.float64(voxels[k, ii, j]), np.float64(voxels[k, ii, jj])
    f, g = np.float64(voxels[kk, i, j]), np.float64(voxels[kk, i, jj])
    h, m = np.float64(voxels[kk, ii, j]), np.float64(voxels[kk, ii, jj])
    if not certain:
        least, most = min(a, b, d, e, f, g, h, m), max(a, b, d, e, f, g, h, m)
        if (least <= high and most >= low) or np.isnan(a + b + d + e + f + g + h + m):
            return _blend(voxels, low, high, slice_, r, c)
    v, w = r - i, c - j
    near = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
    far = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
    return near + u * (far - near)


@compiled
def _walk(starts: IndexVector, piece: int, s: float) -> int:
    """The piece that holds a place, found from one nearby."""
    while piece > 0 and s < starts[piece]:
        piece -= 1
    while piece + 2 < len(starts) and s >= starts[piece + 1]:
        piece += 1
    return piece


@compiled
def _slices_at(pieces: Pieces, piece: int, s: float) -> Way:
    """The two slices of a piece and the weight of the upper at a place in it."""
    return pieces[1][piece], pieces[2][piece], min(max((s - pieces[3][piece]) * pieces[4][piece], 0.0), 1.0)


@compiled
def sample(
    voxels: Voxels,
    pieces: Pieces,
    even: bool,
    low: float,
    high: float,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    linear: bool,
    certain: bool,
    out: Layer,
) -> None:
    """Any plane through any volume: rows are clipped to the volume first, so that outside costs nothing.

    Where slices are `even`, a place is an index; else the pieces are walked along each row.
    """
    slices, rows, columns = voxels.shape
    starts = pieces[0]
    for y in range(out.shape[0]):
        out[y, :] = np.nan
        s0, r0, c0 = origin[0] + y * down[0], origin[1] + y * down[1], origin[2] + y * down[2]
        first, last = _inside_range(s0, right[0], starts[0], starts[-1], 0, out.shape[1])
        first, last = _inside_range(r0, right[1], -0.5 - SNAP, rows - 0.5 + SNAP, first, last)
        first, last = _inside_range(c0, right[2], -0.5 - SNAP, columns - 0.5 + SNAP, first, last)
        piece = max(min(np.searchsorted(starts, s0 + first * right[0], side="right"), len(starts) - 1) - 1, 0)
        for x in range(first, last):
            s = s0 + x * right[0]
            r = min(max(r0 + x * right[1], 0.0), rows - 1.0)
            c = min(max(c0 + x * right[2], 0.0), columns - 1.0)
            if even:
                s = min(max(s, 0.0), slices - 1.0)
                slice_ = (int(s), min(int(s) + 1, slices - 1), s - int(s))
            else:
                piece = _walk(starts, piece, s)
                slice_ = _slices_at(pieces, piece, s)
            if slice_[0] == NOWHERE:
                continue
            if linear:
                out[y, x] = _trilinear(voxels, low, high, slice_, r, c, certain)
            else:
                out[y, x] = _nearest(voxels, low, high, slice_, r, c)
