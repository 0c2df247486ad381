"""The compiled loops of any plane and any slab through any volume (the GIL is released).

Coordinates are voxel indices in float64; along the slice axis they are places (see SliceIntervals). No-data
voxels never enter an interpolated value: where the nearest voxel is no data, so is the result; elsewhere the
weights of the others are normalised. Rows are clipped to the volume first, so that outside costs nothing.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled, fused
from reslice.imaging.intervals import HALF, NOWHERE, SNAP, IndexVector, Pieces
from reslice.imaging.kernels import MEAN, MINIP, MIP, THIN
from reslice.imaging.sampling_types import Line, Point, Room, Shape, Source, Way
from reslice.imaging.volume import Voxels

BLOCK = 512
"""Pixels whose voxels are fetched at once; all that is noted of them stays in the first cache."""

NEAREST, LINEAR, CUBIC = 0, 1, 2


@compiled
def sample(
    source: Source, how: int, projection: int, rays: IndexVector, offsets: IndexVector, first: int, out: Line
) -> None:
    """The rows of a plane or slab from the `first` on, as many as `out` holds.

    `rays` holds the first pixel's coordinates and the steps down a column, along a row, and of one mm along the
    normal, shape (4, 3); `offsets` where the samples of a slab lie, in mm. A slab's line without data is NaN.
    """
    step = (rays[2, 0], rays[2, 1], rays[2, 2])
    line, room = np.empty(out.shape[1], dtype=np.float32), _room(source[0])
    total = np.empty(out.shape[1], dtype=np.float64)
    count = np.empty(out.shape[1], dtype=np.int64)
    for y in range(out.shape[0]):
        down = float(first + y)
        start = (rays[0, 0] + down * rays[1, 0], rays[0, 1] + down * rays[1, 1], rays[0, 2] + down * rays[1, 2])
        if projection == THIN:
            out[y, :] = np.nan
            _line(source, how, start, step, 0, len(line), room, out[y])
            continue
        count[:] = 0
        total[:] = 0.0 if projection == MEAN else (-np.inf if projection == MIP else np.inf)
        for x in range(0, len(line), BLOCK):
            for t in offsets:
                moved = (start[0] + t * rays[3, 0], start[1] + t * rays[3, 1], start[2] + t * rays[3, 2])
                begin, end = _line(source, how, moved, step, x, min(x + BLOCK, len(line)), room, line)
                _add(projection, line, begin, end, total, count)
        _finish(projection, total, count, out[y])


@compiled
def _room(voxels: Voxels) -> Room:
    indices = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    of_slices, of_rows = np.empty(BLOCK, dtype=np.float32), np.empty(BLOCK, dtype=np.float32)
    weights = of_slices, of_rows, np.empty(BLOCK, dtype=np.float32)
    near = np.empty(2 * BLOCK, dtype=voxels.dtype), np.empty(2 * BLOCK, dtype=voxels.dtype)
    far = np.empty(2 * BLOCK, dtype=voxels.dtype), np.empty(2 * BLOCK, dtype=voxels.dtype)
    return indices, weights, (near[0], near[1], far[0], far[1])


@compiled
def _add(projection: int, line: Line, begin: int, end: int, total: IndexVector, count: NDArray[np.int64]) -> None:
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
def _finish(projection: int, total: IndexVector, count: NDArray[np.int64], row: Line) -> None:
    """What was gathered of each pixel becomes its value."""
    for x in range(len(row)):
        if projection == MEAN:
            row[x] = total[x] / count[x] if count[x] else np.nan
        else:
            row[x] = np.nan if np.isinf(total[x]) else total[x]


@compiled
def _line(
    source: Source, how: int, start: Point, step: Point, first: int, last: int, room: Room, line: Line
) -> tuple[int, int]:
    """Pixels from first to last (exclusive) of a row; the part that lies in the volume, the rest is left alone."""
    starts, (_, rows, columns) = source[1][0], source[0].shape
    first, last = _inside_range(start[0], step[0], starts[0], starts[-1], first, last)
    first, last = _inside_range(start[1], step[1], -0.5 - SNAP, rows - 0.5 + SNAP, first, last)
    first, last = _inside_range(start[2], step[2], -0.5 - SNAP, columns - 0.5 + SNAP, first, last)
    if last <= first:
        return first, first
    if how == LINEAR:
        _linear_line(source, start, step, first, last, room, line)
    else:
        _run(source, how, start, step, first, last, line)
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
def _linear_line(source: Source, start: Point, step: Point, first: int, last: int, room: Room, line: Line) -> None:
    """Pixels of a row by blocks: where they lie, then their voxels, then their values, each in a loop of its own."""
    for x in range(first, last, BLOCK):
        n = min(BLOCK, last - x)
        if source[3]:
            _locate_evenly(source[0].shape, start, step, x, n, room)
        else:
            _locate(source[0].shape, source[1], start, step, x, n, room)
        _fetch(source[7], source[0].shape, n, room)
        _weigh(room, source[4], source[5], source[6], line[x : x + n])
        if not (source[6] and source[3]):
            _mend(source, start, step, x, n, room, line)


@fused
def _locate_evenly(shape: Shape, start: Point, step: Point, first: int, n: int, room: Room) -> None:
    """The eight voxels of `n` pixels and their weights, where a place is an index."""
    (near, far), (u, v, w) = room[:2]
    ends = (shape[0] - 1.0, shape[1] - 1.0, shape[2] - 1.0)
    before = (np.int32(max(shape[0] - 2, 0)), np.int32(max(shape[1] - 2, 0)), np.int32(max(shape[2] - 2, 0)))
    row, layer = np.int64(shape[2]), np.int64(shape[1] * shape[2])
    beyond = layer if shape[0] > 1 else 0
    for x in range(n):
        s = min(max(start[0] + (first + x) * step[0], 0.0), ends[0])
        r = min(max(start[1] + (first + x) * step[1], 0.0), ends[1])
        c = min(max(start[2] + (first + x) * step[2], 0.0), ends[2])
        k, i, j = min(np.int32(s), before[0]), min(np.int32(r), before[1]), min(np.int32(c), before[2])
        u[x], v[x], w[x] = s - k, r - i, c - j
        at = k * layer + i * row + j
        near[x], far[x] = np.uint64(at), np.uint64(at + beyond)


@compiled
def _locate(shape: Shape, pieces: Pieces, start: Point, step: Point, first: int, n: int, room: Room) -> None:
    """The same where slices aren't even; NaN is the weight of pixels in gaps."""
    (near, far), (u, v, w) = room[:2]
    piece = 0
    for x in range(n):
        s = start[0] + (first + x) * step[0]
        piece = _walk(pieces[0], piece, s)
        k, kk, part = _slices_at(pieces, piece, s)
        r = min(max(start[1] + (first + x) * step[1], 0.0), shape[1] - 1.0)
        c = min(max(start[2] + (first + x) * step[2], 0.0), shape[2] - 1.0)
        i, j = min(int(r), max(shape[1] - 2, 0)), min(int(c), max(shape[2] - 2, 0))
        u[x], v[x], w[x] = part if k != NOWHERE else np.nan, r - i, c - j
        near[x] = np.uint64((max(k, 0) * shape[1] + i) * shape[2] + j)
        far[x] = np.uint64((max(kk, 0) * shape[1] + i) * shape[2] + j)


@compiled
def _fetch(flat: Voxels, shape: Shape, n: int, room: Room) -> None:
    """Neighbours along a row in pairs, so that each pair is one access to memory."""
    (near, far), _, (a, b, c, d) = room
    one, row = np.uint64(1 if shape[2] > 1 else 0), np.uint64(shape[2] if shape[1] > 1 else 0)
    for x in range(n):
        at, beyond = near[x], far[x]
        p, q, r, s = flat[at], flat[at + one], flat[at + row], flat[at + row + one]
        a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1] = p, q, r, s
        p, q, r, s = flat[beyond], flat[beyond + one], flat[beyond + row], flat[beyond + row + one]
        c[2 * x], c[2 * x + 1], d[2 * x], d[2 * x + 1] = p, q, r, s


@fused
def _weigh(room: Room, low: float, high: float, certain: bool, line: Line) -> None:
    """The values in float32; NaN where one of the eight is no data."""
    _, (u, v, w), (a, b, c, d) = room
    for x in range(len(line)):
        p, q = np.float32(a[2 * x]), np.float32(b[2 * x])
        r, s = np.float32(c[2 * x]), np.float32(d[2 * x])
        p += w[x] * (np.float32(a[2 * x + 1]) - p)
        q += w[x] * (np.float32(b[2 * x + 1]) - q)
        r += w[x] * (np.float32(c[2 * x + 1]) - r)
        s += w[x] * (np.float32(d[2 * x + 1]) - s)
        p += v[x] * (q - p)
        r += v[x] * (s - r)
        line[x] = p + u[x] * (r - p)
    if not certain and low <= high:
        for x in range(len(line)):
            is_padding = False
            for side in range(2):
                p, q, r, s = a[2 * x + side], b[2 * x + side], c[2 * x + side], d[2 * x + side]
                is_padding |= ((p >= low) & (p <= high)) | ((q >= low) & (q <= high))
                is_padding |= ((r >= low) & (r <= high)) | ((s >= low) & (s <= high))
            line[x] = np.float32(np.nan) if is_padding else line[x]


@compiled
def _mend(source: Source, start: Point, step: Point, first: int, n: int, room: Room, line: Line) -> None:
    """The values that are NaN though there may be data around them."""
    voxels, pieces, _, _, low, high, _, _ = source
    piece = 0
    for x in range(n):
        if np.isnan(line[first + x]) and not np.isnan(room[1][0][x]):
            r = min(max(start[1] + (first + x) * step[1], 0.0), voxels.shape[1] - 1.0)
            c = min(max(start[2] + (first + x) * step[2], 0.0), voxels.shape[2] - 1.0)
            piece = _walk(pieces[0], piece, start[0] + (first + x) * step[0])
            line[first + x] = _blend(
                voxels, low, high, _slices_at(pieces, piece, start[0] + (first + x) * step[0]), r, c
            )


@compiled
def _run(source: Source, how: int, start: Point, step: Point, first: int, last: int, line: Line) -> None:
    """Pixels anywhere in a volume, its pieces walked along."""
    if last <= first:
        return
    voxels, pieces, smooth, _, low, high, certain, _ = source
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
    """Neither NaN nor within the padding range (one without padding holds no value)."""
    return not (np.isnan(value) or low <= value <= high)


@compiled
def _nearest(voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float) -> float:
    """The voxel nearest to one place, its coordinates already within the outermost centres."""
    k, kk, u = slice_
    value = float(voxels[kk if u >= HALF else k, int(r + 1.0 - HALF), int(c + 1.0 - HALF)])
    return value if _is_data(value, low, high) else np.nan


@compiled
def _blend(voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float) -> float:
    """The mean of the eight neighbours that are data; NaN where the nearest is none."""
    if np.isnan(_nearest(voxels, low, high, slice_, r, c)):
        return np.nan
    i, j, total, weights = int(r), int(c), 0.0, 0.0
    for corner in range(8):
        dk, di, dj = corner >> 2, (corner >> 1) & 1, corner & 1
        w = slice_[2] if dk else 1.0 - slice_[2]
        w *= r - i if di else 1.0 - r + i
        w *= c - j if dj else 1.0 - c + j
        if w < SNAP:
            continue
        value = float(voxels[slice_[1] if dk else slice_[0], i + di, j + dj])
        if _is_data(value, low, high):
            total += w * value
            weights += w
    return total / weights


@compiled
def _catmull_rom(t: float) -> tuple[float, float, float, float]:
    """The weights of the four voxels around a place that lies `t` beyond the second of them."""
    before, here = t * (t * (1.0 - 0.5 * t) - 0.5), t * t * (1.5 * t - 2.5) + 1.0
    return before, here, t * (t * (2.0 - 1.5 * t) + 0.5), t * t * (0.5 * t - 0.5)


@compiled
def _tricubic(
    voxels: Voxels, low: float, high: float, slice_: Way, r: float, c: float, certain: bool, smooth: bool
) -> float:
    """Sixty-four neighbours (at the border the outermost again); linear if one is no data or slices aren't even."""
    if not smooth:
        return _blend(voxels, low, high, slice_, r, c)
    k, i, j = slice_[0], int(r), int(c)
    of_slices, of_rows, of_columns = _catmull_rom(slice_[2]), _catmull_rom(r - i), _catmull_rom(c - j)
    slices, rows, columns = voxels.shape
    total = 0.0
    for dk in range(4):
        if abs(of_slices[dk]) < SNAP:
            continue
        kk = min(max(k + dk - 1, 0), slices - 1)
        for di in range(4):
            if abs(of_rows[di]) < SNAP:
                continue
            weight = of_slices[dk] * of_rows[di]
            ii = min(max(i + di - 1, 0), rows - 1)
            for dj in range(4):
                value = float(voxels[kk, ii, min(max(j + dj - 1, 0), columns - 1)])
                if abs(of_columns[dj]) >= SNAP:
                    if not certain and not _is_data(value, low, high):
                        return _blend(voxels, low, high, slice_, r, c)
                    total += weight * of_columns[dj] * value
    return total
