"""The compiled loops that shade a volume from front to back (the GIL is released).

Rays are worked on in tiles, and each tile in chunks of samples from the viewer on. A chunk none of whose blocks
is visible is passed by, and so is each block on a ray's way; a ray ends where nothing more shines through.
Slices are evenly spaced here. Kernels that call each other stay in one file: numba keeps them on disk by the
file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.blocks import SIDE
from reslice.imaging.compiled import compiled
from reslice.imaging.intervals import SNAP, IndexVector
from reslice.imaging.rays import Rays
from reslice.imaging.volume import Voxels

Place = tuple[float, float, float]
Holes = tuple[float, float, bool]
"""The padding range, and whether every voxel is data."""

Indices = NDArray[np.int64]
Entries = NDArray[np.float64]
Flags = NDArray[np.uint8]
Lamp = tuple[float, ...]
"""Ambient, diffuse, specular, power; the cosines of the voxel axes with the normal, per mm (3); the metric (6)."""

TILE = 8
CHUNK = 8
VOID, UNKNOWN = -1, -2
"""Entries of a sample without data, and of one that wasn't looked at."""
NOTHING = 1.0 / 512
"""What shines through and is no longer seen."""
SLIGHT = 0.1
"""The weight of a sample below which its light is told by the nearest voxel's neighbours alone."""


@compiled
def find_visible(
    least: Voxels, most: Voxels, ahead: Indices, low: float, scale: float, begin: int, end: int, out: Flags
) -> None:
    """Which blocks hold values that hide anything; those of the layers from `begin` to `end`."""
    top = len(ahead) - 1
    for b in range(begin, end):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                first = int(min(max((least[b, i, j] - low) * scale, 0.0), top) + 0.5)
                last = int(min(max((most[b, i, j] - low) * scale, 0.0), top) + 0.5)
                out[b, i, j] = least[b, i, j] <= most[b, i, j] and ahead[first] <= last


@compiled
def _mean_of_data(voxels: Voxels, holes: Holes, s: float, r: float, c: float) -> float:
    """The mean of the eight neighbours that are data; NaN where the nearest is none."""
    low, high, _ = holes
    k, i, j = int(s), int(r), int(c)
    nearest = float(voxels[int(s + 0.5), int(r + 0.5), int(c + 0.5)])
    if np.isnan(nearest) or low <= nearest <= high:
        return np.nan
    total, weights = 0.0, 0.0
    for corner in range(8):
        dk, di, dj = corner >> 2, corner >> 1 & 1, corner & 1
        wk, wi, wj = (s - k if dk else 1.0 - s + k), (r - i if di else 1.0 - r + i), (c - j if dj else 1.0 - c + j)
        if min(wk, wi, wj) < SNAP:
            continue
        value = float(voxels[k + dk, i + di, j + dj])
        if not np.isnan(value) and not low <= value <= high:
            total += wk * wi * wj * value
            weights += wk * wi * wj
    return total / weights


@compiled
def _value(voxels: Voxels, holes: Holes, s: float, r: float, c: float) -> float:
    """The value at a place, its row and column; what lies outside has the outermost voxel's."""
    slices, rows, columns = voxels.shape
    s, r, c = min(max(s, 0.0), slices - 1.0), min(max(r, 0.0), rows - 1.0), min(max(c, 0.0), columns - 1.0)
    k, i, j = int(s), int(r), int(c)
    u, v, w = s - k, r - i, c - j
    flat = voxels.reshape(-1)
    near = np.uintp((k * rows + i) * columns + j)
    right, down = np.uintp(1 if j + 1 < columns else 0), np.uintp(columns if i + 1 < rows else 0)
    far = near + np.uintp(rows * columns if k + 1 < slices else 0)
    a, b, d, e = (
        float(flat[near]),
        float(flat[near + right]),
        float(flat[near + down]),
        float(flat[near + down + right]),
    )
    f, g, h, m = float(flat[far]), float(flat[far + right]), float(flat[far + down]), float(flat[far + down + right])
    if not holes[2]:
        least, most = min(a, b, d, e, f, g, h, m), max(a, b, d, e, f, g, h, m)
        if (least <= holes[1] and most >= holes[0]) or np.isnan(a + b + d + e + f + g + h + m):
            return _mean_of_data(voxels, holes, s, r, c)
    lower = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
    upper = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
    return lower + u * (upper - lower)


@compiled
def _rise(voxels: Voxels, holes: Holes, s: float, r: float, c: float) -> Place:
    """By how much the value rises with each index, from what lies one voxel to either side."""
    middle = 0.0 if holes[2] else _value(voxels, holes, s, r, c)
    a, b = _value(voxels, holes, s + 1, r, c), _value(voxels, holes, s - 1, r, c)
    d, e = _value(voxels, holes, s, r + 1, c), _value(voxels, holes, s, r - 1, c)
    f, g = _value(voxels, holes, s, r, c + 1), _value(voxels, holes, s, r, c - 1)
    if not holes[2]:
        a, b = middle if np.isnan(a) else a, middle if np.isnan(b) else b
        d, e = middle if np.isnan(d) else d, middle if np.isnan(e) else e
        f, g = middle if np.isnan(f) else f, middle if np.isnan(g) else g
    return (a - b) / 2, (d - e) / 2, (f - g) / 2


@compiled
def _slight_rise(voxels: Voxels, holes: Holes, s: float, r: float, c: float) -> Place:
    """The same at the nearest voxel."""
    slices, rows, columns = voxels.shape
    k = int(min(max(s, 0.0), slices - 1.0) + 0.5)
    i = int(min(max(r, 0.0), rows - 1.0) + 0.5)
    j = int(min(max(c, 0.0), columns - 1.0) + 0.5)
    if not holes[2]:
        return _rise(voxels, holes, float(k), float(i), float(j))
    a, b = voxels[min(k + 1, slices - 1), i, j], voxels[max(k - 1, 0), i, j]
    d, e = voxels[k, min(i + 1, rows - 1), j], voxels[k, max(i - 1, 0), j]
    f, g = voxels[k, i, min(j + 1, columns - 1)], voxels[k, i, max(j - 1, 0)]
    return (float(a) - float(b)) / 2, (float(d) - float(e)) / 2, (float(f) - float(g)) / 2


@compiled
def _lit(rise: Place, lamp: Lamp) -> tuple[float, float]:
    """How bright a surface across the rise is, and its highlight."""
    a, b, c = rise
    square = lamp[7] * a * a + lamp[8] * b * b + lamp[9] * c * c
    square += lamp[10] * a * b + lamp[11] * a * c + lamp[12] * b * c
    if not square > 0:
        return lamp[0] + lamp[1], 0.0
    facing = min(abs(lamp[4] * a + lamp[5] * b + lamp[6] * c) / np.sqrt(square), 1.0)
    return lamp[0] + lamp[1] * facing, lamp[2] * facing ** lamp[3]


@compiled
def _blend(
    entries: Entries, near: int, far: int, step: float, bright: float, highlight: float, light: IndexVector
) -> None:
    """A segment between two entries takes its part of what shines through, and adds its own light."""
    a, b = min(near, far), max(near, far)
    extinction, red, green, blue = entries[a, 0], entries[a, 1], entries[a, 2], entries[a, 3]
    if a != b:
        total = entries[b, 4] - entries[a, 4]
        extinction = total / (b - a)
        if total > 0:
            red = (entries[b, 5] - entries[a, 5]) / total
            green = (entries[b, 6] - entries[a, 6]) / total
            blue = (entries[b, 7] - entries[a, 7]) / total
    weight = -np.expm1(-extinction * step) * light[3]
    light[0] += weight * min(red * bright + highlight, 1.0)
    light[1] += weight * min(green * bright + highlight, 1.0)
    light[2] += weight * min(blue * bright + highlight, 1.0)
    light[3] -= weight


@compiled
def _entry(value: float, low: float, scale: float, top: int) -> int:
    """The entry of a value in the table."""
    return VOID if np.isnan(value) else int(min(max((value - low) * scale, 0.0), float(top)) + 0.5)


@compiled
def _block(visible: Flags, s: float, r: float, c: float) -> tuple[int, int, int]:
    """The block at a place, its row and column."""
    slices, rows, columns = visible.shape
    k, i, j = int(max(s, 0.0)) // SIDE, int(max(r, 0.0)) // SIDE, int(max(c, 0.0)) // SIDE
    return min(k, slices - 1), min(i, rows - 1), min(j, columns - 1)


@compiled
def _exit(start: Place, along: Place, block: tuple[int, int, int]) -> int:
    """The last sample of a ray in a block, or the first beyond it."""
    end = 1e9
    for axis in range(3):
        if abs(along[axis]) > 1e-9:
            edge = block[axis] * SIDE + (SIDE if along[axis] > 0 else 0)
            end = min(end, (edge - start[axis]) / along[axis])
    return int(end)


@compiled
def _march(
    voxels: Voxels,
    holes: Holes,
    visible: Flags,
    table: tuple[Entries, Indices, float, float],
    lamp: Lamp,
    ray: tuple[Place, Place, float],
    span: tuple[int, int, int],
    before: int,
    light: IndexVector,
) -> int:
    """The samples of a ray from span[1] to span[2] (exclusive); its first one of all is span[0].

    `before` is the entry of the sample before them, and so is the answer of the last.
    """
    entries, ahead, low, scale = table
    (s0, r0, c0), (ds, dr, dc), step = ray
    first, t, last = span
    top = len(entries) - 1
    seen = _block(visible, s0 + (t - 1) * ds, r0 + (t - 1) * dr, c0 + (t - 1) * dc)
    while t < last:
        s, r, c = s0 + t * ds, r0 + t * dr, c0 + t * dc
        block = _block(visible, s, r, c)
        if not visible[block]:
            far = abs(block[0] - seen[0]) + abs(block[1] - seen[1]) + abs(block[2] - seen[2])
            if t == first or (far <= 1 and not visible[seen]):
                seen, before = block, UNKNOWN
                t = max(t + 1, min(_exit((s0, r0, c0), (ds, dr, dc), block), last))
                continue
        seen = block
        if before == UNKNOWN:
            before = VOID if t == first else _entry(_value(voxels, holes, s - ds, r - dr, c - dc), low, scale, top)
        entry = _entry(_value(voxels, holes, s, r, c), low, scale, top)
        near = entry if before == VOID else before
        if entry != VOID and ahead[min(near, entry)] <= max(near, entry):
            s, r, c = s - ds / 2, r - dr / 2, c - dc / 2
            slight = light[3] * min(entries[near, 0] + entries[entry, 0], 1.0) * step < SLIGHT
            rise = _slight_rise(voxels, holes, s, r, c) if slight else _rise(voxels, holes, s, r, c)
            bright, highlight = _lit(rise, lamp)
            _blend(entries, near, entry, step, bright, highlight, light)
            if light[3] < NOTHING:
                break
        before = entry
        t += 1
    return before


@compiled
def _is_visible(visible: Flags, rays: Rays, corner: tuple[int, int, int], size: tuple[int, int, int]) -> bool:
    """Whether any block within `size` (rows, columns, samples) of rays from a corner on is visible."""
    ends = np.empty((3, 2), dtype=np.int64)
    for axis in range(3):
        steps = rays.down[axis], rays.right[axis], rays.along[axis]
        low = rays.origin[axis]
        for a in range(3):
            low += corner[a] * steps[a]
        high = low
        for a in range(3):
            low += min(0.0, (size[a] - 1) * steps[a])
            high += max(0.0, (size[a] - 1) * steps[a])
        for a, end in enumerate((low, high)):
            ends[axis, a] = min(max(int(end) // SIDE, 0), visible.shape[axis] - 1)
    for b in range(ends[0, 0], ends[0, 1] + 1):
        for i in range(ends[1, 0], ends[1, 1] + 1):
            for j in range(ends[2, 0], ends[2, 1] + 1):
                if visible[b, i, j]:
                    return True
    return False


@compiled
def _span(rays: Rays, y: int, x: int) -> tuple[int, int]:
    """The samples of a ray that count, from the first to the last (exclusive)."""
    first, last = 0, rays.samples
    for axis in range(6):
        begin, step = rays.origin[axis] + y * rays.down[axis] + x * rays.right[axis], rays.along[axis]
        low, high = rays.low[axis], rays.high[axis]
        if abs(step) < 1e-12:
            if not low <= begin <= high:
                return 0, 0
            continue
        a, b = (low - begin) / step, (high - begin) / step
        if a > b:
            a, b = b, a
        first = max(first, int(np.ceil(max(a, -1.0))))
        last = min(last, int(np.floor(min(b, float(last)))) + 1)
    return first, last


@compiled
def shade_rows(
    voxels: Voxels,
    holes: Holes,
    visible: Flags,
    table: tuple[Entries, Indices, float, float],
    lamp: Lamp,
    rays: Rays,
    begin: int,
    end: int,
    light: NDArray[np.float64],
) -> None:
    """The rows of tiles from `begin` to `end`; `light`, shape (rows, columns, 4), is black and lets all through."""
    for top in range(begin * TILE, min(end * TILE, light.shape[0]), TILE):
        for left in range(0, light.shape[1], TILE):
            tile = light[top : top + TILE, left : left + TILE]
            _shade_tile(voxels, holes, visible, table, lamp, rays, (top, left), tile)


@compiled
def _shade_tile(
    voxels: Voxels,
    holes: Holes,
    visible: Flags,
    table: tuple[Entries, Indices, float, float],
    lamp: Lamp,
    rays: Rays,
    corner: tuple[int, int],
    light: NDArray[np.float64],
) -> None:
    """The rays of a tile, chunk after chunk."""
    rows, columns = light.shape[:2]
    spans, before = np.empty((rows, columns, 2), dtype=np.int64), np.full((rows, columns), UNKNOWN)
    first, last = rays.samples, 0
    for y in range(rows):
        for x in range(columns):
            a, b = _span(rays, corner[0] + y, corner[1] + x)
            spans[y, x, 0], spans[y, x, 1] = a, b
            if a < b:
                first, last = min(first, a), max(last, b)
    along = rays.along[0], rays.along[1], rays.along[2]
    for chunk in range(first, last, CHUNK):
        if not _is_visible(visible, rays, (corner[0], corner[1], max(chunk - 1, 0)), (rows, columns, CHUNK + 1)):
            before[:] = UNKNOWN
            continue
        for y in range(rows):
            for x in range(columns):
                a, b = max(spans[y, x, 0], chunk), min(spans[y, x, 1], chunk + CHUNK)
                if a < b and light[y, x, 3] >= NOTHING:
                    p = corner[0] + y, corner[1] + x
                    start = (
                        rays.origin[0] + p[0] * rays.down[0] + p[1] * rays.right[0],
                        rays.origin[1] + p[0] * rays.down[1] + p[1] * rays.right[1],
                        rays.origin[2] + p[0] * rays.down[2] + p[1] * rays.right[2],
                    )
                    ray = start, along, rays.step
                    span = spans[y, x, 0], a, b
                    before[y, x] = _march(voxels, holes, visible, table, lamp, ray, span, before[y, x], light[y, x])
