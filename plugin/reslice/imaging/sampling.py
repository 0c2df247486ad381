"""The compiled loops of any plane and any slab through any volume (the GIL is released).

Coordinates are voxel indices in float64; along the slice axis they are places (see SliceIntervals). No-data
voxels never enter an interpolated value: where the nearest voxel is no data, so is the result; elsewhere the
weights of the others are normalised. Rows are clipped to the volume first, so that outside costs nothing.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled, fused
from reslice.imaging.intervals import NOWHERE, SNAP, IndexVector, Pieces
from reslice.imaging.volume import Voxels

Way = tuple[int, int, float]
"""Lower and upper voxel on one axis, and the weight of the upper."""

Point = tuple[float, float, float]
"""Slice place, row and column index."""

Source = tuple[Voxels, Pieces, NDArray[np.bool_], bool, float, float, bool]
"""Voxels; pieces, which of them are smooth, whether slices are even; padding range; whether all voxels are data."""

NEAREST, LINEAR, CUBIC = 0, 1, 2
THIN, MIP, MINIP, MEAN = 0, 1, 2, 3


@compiled
def sample(
    source: Source,
    how: int,
    projection: int,
    rays: NDArray[np.float64],
    offsets: IndexVector,
    first: int,
    out: NDArray[np.float32],
) -> None:
    """The rows of a plane or slab from the `first` on, as many as `out` holds.

    `rays` holds the first pixel's coordinates and the steps down a column, along a row, and of one mm along the
    normal, shape (4, 3); `offsets` where the samples of a slab lie, in mm. A slab's line without data is NaN.
    """
    step = (rays[2, 0], rays[2, 1], rays[2, 2])
    line = np.empty(out.shape[1], dtype=np.float32)
    total = np.empty(out.shape[1], dtype=np.float64)
    count = np.empty(out.shape[1], dtype=np.int64)
    for y in range(out.shape[0]):
        down = float(first + y)
        start = (rays[0, 0] + down * rays[1, 0], rays[0, 1] + down * rays[1, 1], rays[0, 2] + down * rays[1, 2])
        if projection == THIN:
            out[y, :] = np.nan
            _line(source, how, start, step, out[y])
            continue
        _begin(projection, total, count)
        for t in offsets:
            moved = (start[0] + t * rays[3, 0], start[1] + t * rays[3, 1], start[2] + t * rays[3, 2])
            begin, end = _line(source, how, moved, step, line)
            _add(projection, line, begin, end, total, count)
        _finish(projection, total, count, out[y])


@compiled
def _begin(projection: int, total: IndexVector, count: NDArray[np.int64]) -> None:
    count[:] = 0
    total[:] = 0.0 if projection == MEAN else (-np.inf if projection == MIP else np.inf)


@compiled
def _add(
    projection: int, line: NDArray[np.float32], begin: int, end: int, total: IndexVector, count: NDArray[np.int64]
) -> None:
    """One more sample of each pixel; NaN changes nothing."""
    if projection == MIP:
        for x in range(begin, end):
            total[x] = line[x] if line[x] > total[x] else total[x]
    elif projection == MINIP:
        for x in range(begin, end):
            total[x] = line[x] if line[x] < total[x] else total[x]
    else:
        for x in range(begin, end):
            is_data = line[x] == line[x]
            total[x] += line[x] if is_data else 0.0
            count[x] += 1 if is_data else 0


@compiled
def _finish(projection: int, total: IndexVector, count: NDArray[np.int64], row: NDArray[np.float32]) -> None:
    """What was gathered of each pixel becomes its value."""
    for x in range(len(row)):
        if projection == MEAN:
            row[x] = total[x] / count[x] if count[x] else np.nan
        else:
            row[x] = np.nan if np.isinf(total[x]) else total[x]


@compiled
def _line(source: Source, how: int, start: Point, step: Point, line: NDArray[np.float32]) -> tuple[int, int]:
    """One row of pixels; the part of it that lies in the volume, outside which `line` is left alone."""
    starts, (_, rows, columns) = source[1][0], source[0].shape
    first, last = _inside_range(start[0], step[0], starts[0], starts[-1], 0, len(line))
    first, last = _inside_range(start[1], step[1], -0.5 - SNAP, rows - 0.5 + SNAP, first, last)
    first, last = _inside_range(start[2], step[2], -0.5 - SNAP, columns - 0.5 + SNAP, first, last)
    if last <= first:
        return first, first
    begin, end = first, first
    if how == LINEAR and source[3]:
        begin, end = _between_centres(source[0].shape, start, step, first, last)
        _linear_run(source, start, step, begin, end, line)
    _run(source, how, start, step, first, begin, line)
    _run(source, how, start, step, end, last, line)
    return first, last


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
def _between_centres(shape: tuple[int, int, int], start: Point, step: Point, first: int, last: int) -> tuple[int, int]:
    """The part of first..last whose pixels have eight voxels around them, to the last bit."""
    begin, end = first, last
    for axis in range(3):
        begin, end = _inside_range(start[axis], step[axis], 0.0, shape[axis] - 1.0, begin, end)
    begin = min(max(begin, first), last)
    end = min(max(end, begin), last)
    while begin < end and not _has_eight(shape, start, step, begin):
        begin += 1
    while begin < end and not _has_eight(shape, start, step, end - 1):
        end -= 1
    return begin, end


@compiled
def _has_eight(shape: tuple[int, int, int], start: Point, step: Point, x: int) -> bool:
    s, r, c = start[0] + x * step[0], start[1] + x * step[1], start[2] + x * step[2]
    return 0 <= s < shape[0] - 1 and 0 <= r < shape[1] - 1 and 0 <= c < shape[2] - 1


@fused
def _linear_run(source: Source, start: Point, step: Point, first: int, last: int, line: NDArray[np.float32]) -> None:
    """Pixels that have eight voxels around them, slices being even: no bounds to heed, values in float32."""
    voxels, low, high, certain = source[0], source[4], source[5], source[6]
    flat = voxels.reshape(-1)
    one, row, slice_ = np.uint64(1), np.uint64(voxels.shape[2]), np.uint64(voxels.shape[1] * voxels.shape[2])
    for x in range(first, last):
        s, r, c = start[0] + x * step[0], start[1] + x * step[1], start[2] + x * step[2]
        k, i, j = np.int32(s), np.int32(r), np.int32(c)
        u, v, w = np.float32(s - k), np.float32(r - i), np.float32(c - j)
        near = np.uint64(k) * slice_ + np.uint64(i) * row + np.uint64(j)
        far = near + slice_
        a, b = np.float32(flat[near]), np.float32(flat[near + one])
        d, e = np.float32(flat[near + row]), np.float32(flat[near + row + one])
        f, g = np.float32(flat[far]), np.float32(flat[far + one])
        h, m = np.float32(flat[far + row]), np.float32(flat[far + row + one])
        ab, de, fg, hm = a + w * (b - a), d + w * (e - d), f + w * (g - f), h + w * (m - h)
        upper, lower = ab + v * (de - ab), fg + v * (hm - fg)
        line[x] = upper + u * (lower - upper)
        if not certain:
            least, most = min(a, b, d, e, f, g, h, m), max(a, b, d, e, f, g, h, m)
            if (least <= high and most >= low) or np.isnan(line[x]):
                line[x] = _blend(voxels, low, high, (int(k), int(k) + 1, s - k), r, c)


@compiled
def _run(source: Source, how: int, start: Point, step: Point, first: int, last: int, line: NDArray[np.float32]) -> None:
    """Pixels anywhere in a volume, its pieces walked along."""
    if last <= first:
        return
    voxels, pieces, smooth, _, low, high, certain = source
    _, rows, columns = voxels.shape
    starts = pieces[0]
    piece = int(np.searchsorted(starts, start[0] + first * step[0], side="right")) - 1
    piece = max(min(piece, len(starts) - 2), 0)
    for x in range(first, last):
        s = start[0] + x * step[0]
        r = min(max(start[1] + x * step[1], 0.0), rows - 1.0)
        c = min(max(start[2] + x * step[2], 0.0), columns - 1.0)
        piece = _walk(starts, piece, s)
        way = _slices_at(pieces, piece, s)
        if way[0] == NOWHERE:
            line[x] = np.nan
        elif how == LINEAR:
            line[x] = _trilinear(voxels, low, high, way, r, c, certain)
        elif how == CUBIC:
            line[x] = _tricubic(voxels, low, high, way, r, c, certain, smooth[piece])
        else:
            line[x] = _nearest(voxels, low, high, way, r, c)


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
def _catmull_rom(t: float) -> tuple[float, float, float, float]:
    """The weights of the four voxels around a place that lies `t` beyond the second of them."""
    return (
        t * (t * (1.0 - 0.5 * t) - 0.5),
        t * t * (1.5 * t - 2.5) + 1.0,
        t * (t * (2.0 - 1.5 * t) + 0.5),
        t * t * (0.5 * t - 0.5),
    )


@compiled
def _tricubic(
    voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float, certain: bool, smooth: bool
) -> float:
    """Sixty-four neighbours (at the border the outermost again); linear if one is no data or slices aren't even."""
    if not smooth:
        return _trilinear(voxels, low, high, slice_, r, c, certain)
    k, i, j = slice_[0], int(r), int(c)
    of_slices, of_rows, of_columns = _catmull_rom(slice_[2]), _catmull_rom(r - i), _catmull_rom(c - j)
    slices, rows, columns = voxels.shape
    total = 0.0
    for dk in range(4):
        if of_slices[dk] == 0.0:
            continue
        kk = min(max(k + dk - 1, 0), slices - 1)
        for di in range(4):
            weight = of_slices[dk] * of_rows[di]
            if weight == 0.0:
                continue
            ii = min(max(i + di - 1, 0), rows - 1)
            for dj in range(4):
                value = float(voxels[kk, ii, min(max(j + dj - 1, 0), columns - 1)])
                if of_columns[dj] != 0.0:
                    if not certain and not _is_data(value, low, high):
                        return _trilinear(voxels, low, high, slice_, r, c, certain)
                    total += weight * of_columns[dj] * value
    return total
