"""The compiled loops of planes and slabs that run along the voxels (the GIL is released).

Two neighbouring layers of voxels are blended, then two of their lines, then the line is stretched to the pixels.
No-data voxels never enter an interpolated value: where the nearest voxel is no data, so is the result; elsewhere
the weights of the others are normalised. Other planes are cut by the kernels of `sampling`.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled, fused
from reslice.imaging.intervals import HALF, IndexVector, Ways
from reslice.imaging.volume import Voxels

Plane = NDArray[np.int16] | NDArray[np.float32]

Layer = NDArray[np.float32]
Line = NDArray[np.float32]
Single = np.float32
Way = tuple[int, int, float]
"""Lower and upper voxel on one axis, and the weight of the upper."""

Grid = tuple[Voxels, int, int, float, float, bool]
"""All voxels as one line, what a layer and a row of them count for, padding range, whether all voxels are data."""

Samples = tuple[NDArray[np.int64], NDArray[np.int64], IndexVector, IndexVector]
"""Lower and upper layer, weight of the upper, and how many samples of a slab each one stands for."""

THIN, MIP, MINIP, MEAN = 0, 1, 2, 3


@compiled
def project(grid: Grid, projection: int, samples: Samples, rows: Ways, columns: Ways, out: Layer) -> None:
    """The samples of each pixel become one value; NaN where none is data.

    Columns that lie on voxels, and means where all is data, are stretched once in the end, others each time.
    """
    first, last = columns[0].min(), columns[1].max() + 1
    is_late = not columns[2].any() or (projection == MEAN and grid[5])
    is_whole = is_late and _are_consecutive(columns)
    line, pixels = np.empty(last - first, dtype=np.float32), np.empty(out.shape[1], dtype=np.float32)
    sampled = line if is_late else pixels
    best, total = np.empty(len(sampled), dtype=np.float32), np.empty(len(sampled), dtype=np.float64)
    count = np.empty(len(sampled), dtype=np.float64)
    for y in range(out.shape[0]):
        row = (rows[0][y], rows[1][y], rows[2][y])
        _begin(projection, best, total, count)
        for m in range(len(samples[0]) if rows[3][y] else 0):
            depth = (samples[0][m], samples[1][m], samples[2][m])
            _mix(grid, depth, row, first, line)
            if not is_late:
                _stretch(line, first, columns, pixels)
            if not grid[5]:
                _mend(grid, depth, row, columns, is_late, first, sampled)
            _add(projection, samples[3][m], sampled, best, total, count)
        _finish(projection, total, count, best)
        _write(sampled if projection == THIN and rows[3][y] else best, first, columns, is_late, is_whole, out[y])


@compiled
def _are_consecutive(columns: Ways) -> bool:
    """Whether pixels are voxels that follow each other, all of them within the volume."""
    for x in range(len(columns[0])):
        if columns[0][x] != columns[0][0] + x or columns[1][x] != columns[0][x] or not columns[3][x]:
            return False
    return True


@compiled
def _write(values: Line, first: int, columns: Ways, is_late: bool, is_whole: bool, row: Line) -> None:
    """The values of pixels, or of voxels that are stretched to pixels, into a row of the picture."""
    if is_whole:
        row[:] = values
    elif is_late:
        _stretch(values, first, columns, row)
    else:
        for x in range(len(row)):
            row[x] = values[x] if columns[3][x] else np.nan


@compiled
def _begin(projection: int, best: Line, total: IndexVector, count: IndexVector) -> None:
    best[:] = np.nan if projection == THIN else (-np.inf if projection == MIP else np.inf)
    if projection == MEAN:
        total[:] = 0.0
        count[:] = 0.0


@compiled
def _add(projection: int, share: float, line: Line, best: Line, total: IndexVector, count: IndexVector) -> None:
    """One more sample of each pixel; NaN changes nothing."""
    if projection == MIP:
        for x in range(len(line)):
            best[x] = line[x] if line[x] > best[x] else best[x]
    elif projection == MINIP:
        for x in range(len(line)):
            best[x] = line[x] if line[x] < best[x] else best[x]
    elif projection == MEAN:
        for x in range(len(line)):
            is_data = line[x] == line[x]
            total[x] += share * line[x] if is_data else 0.0
            count[x] += share if is_data else 0.0


@compiled
def _finish(projection: int, total: IndexVector, count: IndexVector, best: Line) -> None:
    """What was gathered of each pixel becomes its value."""
    if projection == MEAN:
        for x in range(len(best)):
            best[x] = total[x] / count[x] if count[x] else np.nan
    elif projection != THIN:
        for x in range(len(best)):
            best[x] = np.nan if np.isinf(best[x]) else best[x]


@fused
def _mix(grid: Grid, depth: Way, row: Way, first: int, line: Line) -> None:
    """A line of voxels between two layers and two rows, from column `first` on; NaN where one is no data."""
    flat, per_layer, per_row, certain = grid[0], grid[1], grid[2], grid[5]
    low, high = np.float32(grid[3]), np.float32(grid[4])
    n, u, v = len(line), np.float32(depth[2]), np.float32(row[2])
    a = depth[0] * per_layer + row[0] * per_row + first
    b = depth[1] * per_layer + row[0] * per_row + first
    if depth[2] == 0.0:  # only rows to blend, or nothing
        b, u, v = depth[0] * per_layer + row[1] * per_row + first, v, np.float32(0.0)
    near, far = flat[a : a + n], flat[b : b + n]
    _lerp(near, far, u, low, high, certain, line)
    if v != 0.0:
        c, d = a + (row[1] - row[0]) * per_row, b + (row[1] - row[0]) * per_row
        _lerp_both(flat[c : c + n], flat[d : d + n], u, v, low, high, certain, line)


@fused
def _lerp(near: Voxels, far: Voxels, u: Single, low: Single, high: Single, certain: bool, line: Line) -> None:
    """Between two lines of voxels."""
    if certain and u == 0.0:
        for x in range(len(line)):
            line[x] = near[x]
    elif certain:
        for x in range(len(line)):
            p, q = np.float32(near[x]), np.float32(far[x])
            line[x] = p + u * (q - p)
    else:
        for x in range(len(line)):
            p, q = np.float32(near[x]), np.float32(far[x])
            value = p + u * (q - p)
            is_padding = ((p >= low) & (p <= high)) | ((q >= low) & (q <= high))
            line[x] = np.float32(np.nan) if is_padding else value


@fused
def _lerp_both(
    near: Voxels,
    far: Voxels,
    u: Single,
    v: Single,
    low: np.float32,
    high: np.float32,
    certain: bool,
    line: Line,
) -> None:
    """Between what `line` holds and a second pair of lines of voxels."""
    for x in range(len(line)):
        p, q = np.float32(near[x]), np.float32(far[x])
        line[x] += v * (p + u * (q - p) - line[x])
    if not certain:
        for x in range(len(line)):
            p, q = np.float32(near[x]), np.float32(far[x])
            is_padding = ((p >= low) & (p <= high)) | ((q >= low) & (q <= high))
            line[x] = np.float32(np.nan) if is_padding else line[x]


@fused
def _stretch(line: Line, first: int, columns: Ways, pixels: Line) -> None:
    """A line of voxels, the first of them in column `first`, to the pixels."""
    for x in range(len(pixels)):
        a = line[columns[0][x] - first]
        value = a + np.float32(columns[2][x]) * (line[columns[1][x] - first] - a)
        pixels[x] = value if columns[3][x] else np.float32(np.nan)


@compiled
def turn(voxels: Voxels, axes: tuple[int, int, int], start: int, rows: NDArray[np.int64], out: Voxels) -> None:
    """A copy of layers from `start` on and of some rows of them, shape (layers, rows, columns).

    `axes` are the voxels' axes in that order; columns don't follow each other in memory.
    """
    flat = voxels.reshape(-1)
    steps = (voxels.shape[1] * voxels.shape[2], voxels.shape[2], 1)
    for i in range(len(rows)):
        for j in range(out.shape[2]):
            at = start * steps[axes[0]] + rows[i] * steps[axes[1]] + j * steps[axes[2]]
            for k in range(out.shape[0]):
                out[k, i, j] = flat[at + k * steps[axes[0]]]


@compiled
def _mend(grid: Grid, depth: Way, row: Way, columns: Ways, is_late: bool, first: int, line: Line) -> None:
    """The values of a line that are NaN though there may be data around them."""
    for x in range(len(line)):
        if np.isnan(line[x]):
            column = (first + x, first + x, 0.0) if is_late else (columns[0][x], columns[1][x], columns[2][x])
            line[x] = _mean_of_data(grid, depth, row, column)


@compiled
def _value_at(grid: Grid, layer: int, row: int, column: int) -> float:
    """A voxel's value, NaN if it is no data."""
    value = float(grid[0][layer * grid[1] + row * grid[2] + column])
    return np.nan if grid[3] <= value <= grid[4] else value


@compiled
def _nearer(way: Way) -> int:
    return way[1] if way[2] >= HALF else way[0]


@compiled
def _mean_of_data(grid: Grid, depth: Way, row: Way, column: Way) -> float:
    """The mean of the neighbours that are data; NaN where the nearest is none."""
    if np.isnan(_value_at(grid, _nearer(depth), _nearer(row), _nearer(column))):
        return np.nan
    total, weights = 0.0, 0.0
    for corner in range(8):
        far = (corner & 4, corner & 2, corner & 1)
        w = (depth[2] if far[0] else 1.0 - depth[2]) * (row[2] if far[1] else 1.0 - row[2])
        w *= column[2] if far[2] else 1.0 - column[2]
        layer, line = (depth[1] if far[0] else depth[0]), (row[1] if far[1] else row[0])
        value = _value_at(grid, layer, line, column[1] if far[2] else column[0])
        if w > 0.0 and not np.isnan(value):
            total += w * value
            weights += w
    return total / weights
