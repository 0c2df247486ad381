"""The compiled loops over rays that project a volume (the GIL is released).

Rays are worked on in tiles, and each tile in chunks of samples, about as deep as wide. Blocks tell what a chunk
can hold at most: what can't change the picture isn't looked at. Kernels that call each other stay in one file:
numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.blocks import SIDE, Blocks
from reslice.imaging.compiled import compiled
from reslice.imaging.intervals import HALF, NOWHERE, SNAP, IndexVector, Pieces
from reslice.imaging.kernels import MEAN, MIP
from reslice.imaging.ray_spans import TILE, Spans
from reslice.imaging.rays import Rays
from reslice.imaging.volume import Voxels

Picture = NDArray[np.float32]
Source = tuple[Voxels, Pieces, bool, float, float, bool]
"""Voxels, the slice intervals, whether they are even, the padding range, and whether every voxel is data."""
Place = tuple[float, float, float]
"""Along the slice axis, of a row and a column; or steps of them."""
Ray = tuple[Place, Place]
"""Where its first sample lies, and the step from one to the next."""
Shape = tuple[int, int, int]
Span = tuple[int, int]
Corner = tuple[int, int]
"""A row and a column of the picture."""
Chunk = tuple[int, int, int, float]
"""The first row, column and sample, and what it can hold at most."""

CHUNK = 16


@compiled
def _slices_at(pieces: Pieces, place: float) -> tuple[int, int, float]:
    """The two slices at a place and the weight of the upper."""
    starts, low, high = pieces[0], 0, len(pieces[0]) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if place >= starts[middle]:
            low = middle
        else:
            high = middle
    weight = (place - pieces[3][low]) * pieces[4][low]
    return pieces[1][low], pieces[2][low], min(max(weight, 0.0), 1.0)


@compiled
def _is_data(value: float, low: float, high: float) -> bool:
    """Neither NaN nor within the padding range."""
    return not (np.isnan(value) or low <= value <= high)


@compiled
def _mean_of_data(source: Source, k: int, kk: int, u: float, r: float, c: float) -> float:
    """The mean of the eight neighbours that are data; NaN where the nearest is none."""
    voxels, _, _, low, high, _ = source
    i, j = int(r), int(c)
    if not _is_data(float(voxels[kk if u >= HALF else k, int(r + 1.0 - HALF), int(c + 1.0 - HALF)]), low, high):
        return np.nan
    total, weights = 0.0, 0.0
    for corner in range(8):
        dk, di, dj = corner >> 2, corner >> 1 & 1, corner & 1
        wk, wi, wj = (u if dk else 1.0 - u), (r - i if di else 1.0 - r + i), (c - j if dj else 1.0 - c + j)
        if min(wk, wi, wj) < SNAP:
            continue
        value = float(voxels[kk if dk else k, i + di, j + dj])
        if _is_data(value, low, high):
            total += wk * wi * wj * value
            weights += wk * wi * wj
    return total / weights


@compiled
def _value(source: Source, s: float, r: float, c: float) -> float:
    """The value at a place, its row and column, within the volume's outer edges; NaN where there is no data."""
    voxels, pieces, even, low, high, certain = source
    slices, rows, columns = voxels.shape
    r, c = min(max(r, 0.0), rows - 1.0), min(max(c, 0.0), columns - 1.0)
    if even:
        s = min(max(s, 0.0), slices - 1.0)
        k = int(s)
        kk, u = min(k + 1, slices - 1), s - k
    else:
        k, kk, u = _slices_at(pieces, s)
        if k == NOWHERE:
            return np.nan
    i, j = int(r), int(c)
    ii, jj = min(i + 1, rows - 1), min(j + 1, columns - 1)
    a, b, d, e = float(voxels[k, i, j]), float(voxels[k, i, jj]), float(voxels[k, ii, j]), float(voxels[k, ii, jj])
    f, g, h, m = float(voxels[kk, i, j]), float(voxels[kk, i, jj]), float(voxels[kk, ii, j]), float(voxels[kk, ii, jj])
    if not certain:
        least, most = min(a, b, d, e, f, g, h, m), max(a, b, d, e, f, g, h, m)
        if (least <= high and most >= low) or np.isnan(a + b + d + e + f + g + h + m):
            return _mean_of_data(source, k, kk, u, r, c)
    v, w = r - i, c - j
    near = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
    far = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
    return near + u * (far - near)


@compiled
def _start(rays: Rays, y: int, x: int) -> tuple[float, float, float]:
    """Where the first sample of a ray lies in the volume."""
    s = rays.origin[0] + y * rays.down[0] + x * rays.right[0]
    r = rays.origin[1] + y * rays.down[1] + x * rays.right[1]
    return s, r, rays.origin[2] + y * rays.down[2] + x * rays.right[2]


@compiled
def _block_at(edges: IndexVector, even: bool, place: float) -> int:
    """The layer of blocks that holds a place."""
    if even:
        return min(max(int(place) // SIDE, 0), len(edges) - 1)
    k = 0
    while k + 1 < len(edges) and place >= edges[k + 1]:
        k += 1
    return k


@compiled
def _bounds(blocks: Blocks, even: bool, rays: Rays, corner: Shape, size: Shape) -> tuple[float, float]:
    """The least and the largest value within `size` (rows, columns, samples) of rays from a corner on.

    The least is above the largest where there is no data.
    """
    ends = np.empty((3, 2), dtype=np.int64)
    for axis in range(3):
        steps = rays.down[axis], rays.right[axis], rays.along[axis]
        low = high = rays.origin[axis]
        for a in range(3):
            low += min(corner[a] * steps[a], (corner[a] + size[a] - 1) * steps[a])
            high += max(corner[a] * steps[a], (corner[a] + size[a] - 1) * steps[a])
        if axis == 0:
            ends[0, 0], ends[0, 1] = _block_at(blocks.edges, even, low), _block_at(blocks.edges, even, high)
        else:
            for a, end in enumerate((low, high)):
                ends[axis, a] = min(max(int(end) // SIDE, 0), blocks.most.shape[axis] - 1)
    least, most = np.inf, -np.inf
    for b in range(ends[0, 0], ends[0, 1] + 1):
        for i in range(ends[1, 0], ends[1, 1] + 1):
            for j in range(ends[2, 0], ends[2, 1] + 1):
                if blocks.least[b, i, j] <= blocks.most[b, i, j]:
                    least = min(least, float(blocks.least[b, i, j]))
                    most = max(most, float(blocks.most[b, i, j]))
    return least, most


@compiled
def _sort(bounds: IndexVector, chunks: NDArray[np.int64], count: int) -> None:
    """The chunks whose bounds are largest come first (Shell's way: there are some hundred)."""
    gap = 57
    while gap:
        for a in range(gap, count):
            bound, chunk, b = bounds[a], chunks[a], a
            while b >= gap and bounds[b - gap] < bound:
                bounds[b], chunks[b] = bounds[b - gap], chunks[b - gap]
                b -= gap
            bounds[b], chunks[b] = bound, chunk
        gap = gap * 4 // 9 if gap > 1 else 0


@compiled
def _project_tile(
    source: Source, blocks: Blocks, rays: Rays, spans: Spans, corner: Corner, sign: float, leap: bool, out: Picture
) -> None:
    """The chunks that can hold the most (`sign` 1, or -1: the least) first; rays that have more leave the rest.

    `spans` and `out` are those of the tile, whose first pixel is the corner.
    """
    top, left = corner
    best = np.full(out.shape, -np.inf)
    first = spans[:, :, 0].min()
    last = max(first, spans[:, :, 1].max())
    count = -(-(last - first) // CHUNK)
    bounds, chunks = np.empty(count), np.empty(count, dtype=np.int64)
    for n in range(count):
        chunks[n] = first + n * CHUNK
        least, most = _bounds(blocks, source[2], rays, (top, left, chunks[n]), (*out.shape, CHUNK))
        bounds[n] = (most if sign > 0 else -least) if leap else np.inf
    _sort(bounds, chunks, count)
    simple, extremes = source[2] and source[5], blocks.most if sign > 0 else blocks.least
    for n in range(count):
        if bounds[n] <= best.min():
            break
        chunk = top, left, chunks[n], bounds[n]
        if simple:
            _look(source[0], extremes, rays, chunk, sign, leap, spans, best)
        else:
            _look_for_data(source, rays, chunk, sign, spans, best)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = best[y, x] * sign if best[y, x] > -np.inf else np.nan


@compiled
def _look(
    voxels: Voxels, extremes: Voxels, rays: Rays, chunk: Chunk, sign: float, leap: bool, spans: Spans, best: IndexVector
) -> None:
    """The samples of a chunk, where a ray may find more than its best so far.

    For volumes of evenly spaced slices and without holes.
    """
    along, flat = (rays.along[0], rays.along[1], rays.along[2]), voxels.reshape(-1)
    for y in range(best.shape[0]):
        for x in range(best.shape[1]):
            if best[y, x] < chunk[3]:
                ray = _start(rays, chunk[0] + y, chunk[1] + x), along
                span = max(spans[y, x, 0], chunk[2]), min(spans[y, x, 1], chunk[2] + CHUNK)
                best[y, x] = _most(flat, voxels.shape, extremes, ray, span, sign, leap, best[y, x])


@compiled
def _most(
    flat: Voxels, shape: Shape, extremes: Voxels, ray: Ray, span: Span, sign: float, leap: bool, most: float
) -> float:
    """The largest value (times the sign) of a span of a ray's samples, or the most so far.

    Blocks, then cells of eight voxels, are passed by.
    """
    (slices, rows, columns), (start, along), (t, last) = shape, ray, span
    inverse = 1 / along[0], 1 / along[1], 1 / along[2]  # infinite ones aren't looked at
    cell, may = np.uintp(flat.size), True
    a = b = d = e = f = g = h = m = 0.0
    while t < last:
        s = min(max(start[0] + t * along[0], 0.0), slices - 1.0)
        r = min(max(start[1] + t * along[1], 0.0), rows - 1.0)
        c = min(max(start[2] + t * along[2], 0.0), columns - 1.0)
        k, i, j = int(s), int(r), int(c)
        near = np.uintp((k * rows + i) * columns + j)
        if near != cell:
            cell = near
            if leap and extremes[k // SIDE, i // SIDE, j // SIDE] * sign <= most:
                t = max(t + 1, _exit(start, along, inverse, (k, i, j)))
                cell = np.uintp(flat.size)
                continue
            right, down = np.uintp(1 if j + 1 < columns else 0), np.uintp(columns if i + 1 < rows else 0)
            far = near + np.uintp(rows * columns if k + 1 < slices else 0)
            a, b = flat[near] * sign, flat[near + right] * sign
            d, e = flat[near + down] * sign, flat[near + down + right] * sign
            f, g = flat[far] * sign, flat[far + right] * sign
            h, m = flat[far + down] * sign, flat[far + down + right] * sign
            may = not leap or max(a, b, d, e, f, g, h, m) > most
        if may:
            u, v, w = s - k, r - i, c - j
            lower = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
            upper = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
            most = max(most, lower + u * (upper - lower))
        t += 1
    return most


@compiled
def _exit(start: Place, along: Place, inverse: Place, voxel: Shape) -> int:
    """The last sample of a ray in the block of a voxel, or the first beyond it; `inverse` of the steps along."""
    s = ((voxel[0] // SIDE + (along[0] > 0)) * SIDE - start[0]) * inverse[0]
    r = ((voxel[1] // SIDE + (along[1] > 0)) * SIDE - start[1]) * inverse[1]
    c = ((voxel[2] // SIDE + (along[2] > 0)) * SIDE - start[2]) * inverse[2]
    return int(min(s if along[0] else 1e9, r if along[1] else 1e9, c if along[2] else 1e9))


@compiled
def _look_for_data(source: Source, rays: Rays, chunk: Chunk, sign: float, spans: Spans, best: IndexVector) -> None:
    """The same in any volume."""
    for y in range(best.shape[0]):
        for x in range(best.shape[1]):
            if best[y, x] >= chunk[3]:
                continue
            s, r, c = _start(rays, chunk[0] + y, chunk[1] + x)
            for t in range(max(spans[y, x, 0], chunk[2]), min(spans[y, x, 1], chunk[2] + CHUNK)):
                value = _value(source, s + t * rays.along[0], r + t * rays.along[1], c + t * rays.along[2]) * sign
                best[y, x] = value if value > best[y, x] else best[y, x]  # not where it is NaN


@compiled
def _mean(source: Source, rays: Rays, y: int, x: int, first: int, last: int) -> float:
    """The mean of the samples of a ray, from the first to the last (exclusive), that are data."""
    total, count = 0.0, 0
    s0, r0, c0 = _start(rays, y, x)
    for t in range(first, last):
        value = _value(source, s0 + t * rays.along[0], r0 + t * rays.along[1], c0 + t * rays.along[2])
        if not np.isnan(value):
            total += value
            count += 1
    return total / count if count else np.nan


@compiled
def project_rows(
    source: Source, blocks: Blocks, rays: Rays, spans: Spans, how: int, leap: bool, top: int, out: Picture
) -> None:
    """MIP, MINIP or MEAN of the rows of pixels from `top` on, as many as `out` holds; NaN where there is no data."""
    for y in range(0, out.shape[0], TILE):
        for x in range(0, out.shape[1], TILE):
            tile, part = spans[y : y + TILE, x : x + TILE], out[y : y + TILE, x : x + TILE]
            if how != MEAN:
                sign = 1.0 if how == MIP else -1.0
                _project_tile(source, blocks, rays, tile, (top + y, x), sign, leap, part)
                continue
            for i in range(part.shape[0]):
                for j in range(part.shape[1]):
                    part[i, j] = _mean(source, rays, top + y + i, x + j, tile[i, j, 0], tile[i, j, 1])
