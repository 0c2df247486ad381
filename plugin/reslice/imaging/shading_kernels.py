"""The compiled loops that shade a volume from front to back (the GIL is released).

Rays are worked on in tiles, and each tile in chunks from the viewer on. Chunks and blocks that aren't visible are
passed by; a ray ends where nothing more shines through. Slices are evenly spaced here. Kernels that call each
other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.blocks import SIDE, Flags
from reslice.imaging.compiled import compiled
from reslice.imaging.intervals import HALF, SNAP, IndexVector
from reslice.imaging.ray_spans import TILE, Spans
from reslice.imaging.rays import Rays
from reslice.imaging.volume import Voxels

Place = tuple[float, float, float]
Shape = tuple[int, int, int]
Holes = tuple[float, float, bool]
"""The padding range, and whether every voxel is data."""

Indices = NDArray[np.int64]
Entries = NDArray[np.float64]
TableArrays = tuple[Entries, Indices, IndexVector, float, float]
"""Entries, ahead, highlights, low, scale (see Table)."""
Lamp = tuple[float, ...]
"""Ambient and diffuse; the cosines of the voxel axes with the normal, per mm (3); the metric (6);
the square of the rise per mm that is noise (see CALM)."""

Scene = tuple[Voxels, Shape, Holes, Flags, TableArrays, Lamp]
"""The voxels as one line and their shape, holes, which blocks are visible, transfer function and light."""
Ray = tuple[Place, Place, Place, float]
"""Where its first sample lies, the step from one to the next, the inverse of that, and its length in mm."""

CHUNK = 8
VOID, UNKNOWN = -1, -2
"""Entries of a sample without data, and of one that wasn't looked at."""
NOTHING = 1.0 / 128
"""What shines through and is no longer seen."""
SLIGHT = 0.1
"""The weight of a sample below which its light is told by the nearest voxel's neighbours alone."""


@compiled
def _mean_of_data(voxels: Voxels, shape: Shape, holes: Holes, s: float, r: float, c: float) -> float:
    """The mean of the eight neighbours that are data; NaN where the nearest is none."""
    low, high, _ = holes
    s, r, c = min(max(s, 0.0), shape[0] - 1.0), min(max(r, 0.0), shape[1] - 1.0), min(max(c, 0.0), shape[2] - 1.0)
    k, i, j = int(s), int(r), int(c)
    nearest = float(voxels[(int(s + 1.0 - HALF) * shape[1] + int(r + 1.0 - HALF)) * shape[2] + int(c + 1.0 - HALF)])
    if np.isnan(nearest) or low <= nearest <= high:
        return np.nan
    total, weights = 0.0, 0.0
    for corner in range(8):
        dk, di, dj = corner >> 2, corner >> 1 & 1, corner & 1
        wk, wi, wj = (s - k if dk else 1.0 - s + k), (r - i if di else 1.0 - r + i), (c - j if dj else 1.0 - c + j)
        if min(wk, wi, wj) < SNAP:
            continue
        value = float(voxels[((k + dk) * shape[1] + i + di) * shape[2] + j + dj])
        if not np.isnan(value) and not low <= value <= high:
            total += wk * wi * wj * value
            weights += wk * wi * wj
    return total / weights


@compiled
def _plain(voxels: Voxels, shape: Shape, s: float, r: float, c: float) -> float:
    """The value at a place, its row and column; what lies outside has the outermost voxel's."""
    slices, rows, columns = shape
    s, r, c = min(max(s, 0.0), slices - 1.0), min(max(r, 0.0), rows - 1.0), min(max(c, 0.0), columns - 1.0)
    k, i, j = int(s), int(r), int(c)
    u, v, w = s - k, r - i, c - j
    near = np.uintp((k * rows + i) * columns + j)
    right, down = np.uintp(j + 1 < columns), np.uintp(columns * (i + 1 < rows))
    far = near + np.uintp(rows * columns * (k + 1 < slices))
    a, b = float(voxels[near]), float(voxels[near + right])
    d, e = float(voxels[near + down]), float(voxels[near + down + right])
    f, g = float(voxels[far]), float(voxels[far + right])
    h, m = float(voxels[far + down]), float(voxels[far + down + right])
    lower = (a + w * (b - a)) * (1 - v) + (d + w * (e - d)) * v
    upper = (f + w * (g - f)) * (1 - v) + (h + w * (m - h)) * v
    return lower + u * (upper - lower)


@compiled
def _rise(voxels: Voxels, shape: Shape, s: float, r: float, c: float) -> Place:
    """By how much the value rises with each index, from what lies one voxel to either side."""
    return (
        (_plain(voxels, shape, s + 1, r, c) - _plain(voxels, shape, s - 1, r, c)) / 2,
        (_plain(voxels, shape, s, r + 1, c) - _plain(voxels, shape, s, r - 1, c)) / 2,
        (_plain(voxels, shape, s, r, c + 1) - _plain(voxels, shape, s, r, c - 1)) / 2,
    )


@compiled
def _rise_of_data(voxels: Voxels, shape: Shape, holes: Holes, s: float, r: float, c: float) -> Place:
    """The same where voxels may hold no data: what isn't known is as in the middle."""
    middle = _mean_of_data(voxels, shape, holes, s, r, c)
    rise = np.empty(3)
    for axis in range(3):
        ahead = _mean_of_data(voxels, shape, holes, s + (axis == 0), r + (axis == 1), c + (axis == 2))
        behind = _mean_of_data(voxels, shape, holes, s - (axis == 0), r - (axis == 1), c - (axis == 2))
        ahead, behind = middle if np.isnan(ahead) else ahead, middle if np.isnan(behind) else behind
        rise[axis] = 0.0 if np.isnan(middle) else (ahead - behind) / 2
    return rise[0], rise[1], rise[2]


@compiled
def _slight_rise(voxels: Voxels, shape: Shape, s: float, r: float, c: float) -> Place:
    """The same at the nearest voxel."""
    slices, rows, columns = shape
    k = int(min(max(s, 0.0), slices - 1.0) + 0.5)
    i = int(min(max(r, 0.0), rows - 1.0) + 0.5)
    j = int(min(max(c, 0.0), columns - 1.0) + 0.5)
    base, layer = (k * rows + i) * columns + j, rows * columns
    a, b = voxels[base + layer * (k + 1 < slices)], voxels[base - layer * (k > 0)]
    d, e = voxels[base + columns * (i + 1 < rows)], voxels[base - columns * (i > 0)]
    f, g = voxels[base + (j + 1 < columns)], voxels[base - (j > 0)]
    return (float(a) - float(b)) / 2, (float(d) - float(e)) / 2, (float(f) - float(g)) / 2


@compiled
def _lit(rise: Place, lamp: Lamp, highlights: IndexVector) -> tuple[float, float]:
    """How bright a surface across the rise is, and its highlight."""
    a, b, c = rise
    square = lamp[5] * a * a + lamp[6] * b * b + lamp[7] * c * c
    square += lamp[8] * a * b + lamp[9] * a * c + lamp[10] * b * c
    if not square > 0:
        return lamp[0] + lamp[1], 0.0
    facing = min(abs(lamp[2] * a + lamp[3] * b + lamp[4] * c) / np.sqrt(square), 1.0)
    facing = 1.0 - (1.0 - facing) * square / (square + lamp[11])
    return lamp[0] + lamp[1] * facing, highlights[int(facing * (len(highlights) - 1) + 0.5)]


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
def _block(shape: Shape, s: float, r: float, c: float) -> tuple[int, int, int]:
    """The block at a place, its row and column."""
    slices, rows, columns = shape
    k, i, j = int(max(s, 0.0)) // SIDE, int(max(r, 0.0)) // SIDE, int(max(c, 0.0)) // SIDE
    return min(k, slices - 1), min(i, rows - 1), min(j, columns - 1)


@compiled
def _exit(start: Place, along: Place, inverse: Place, block: Shape) -> int:
    """The last sample of a ray in a block, or the first beyond it; `inverse` of the steps along."""
    s = ((block[0] + (along[0] > 0)) * SIDE - start[0]) * inverse[0]
    r = ((block[1] + (along[1] > 0)) * SIDE - start[1]) * inverse[1]
    c = ((block[2] + (along[2] > 0)) * SIDE - start[2]) * inverse[2]
    return int(min(s if along[0] else 1e9, r if along[1] else 1e9, c if along[2] else 1e9))


@compiled
def _march(scene: Scene, ray: Ray, span: tuple[int, int, int], before: int, light: IndexVector) -> int:
    """The samples of a ray from span[1] to span[2] (exclusive); its first one of all is span[0].

    `before` is the entry of the sample before them, and so is the answer of the last.
    """
    voxels, shape, holes, visible, table, lamp = scene
    entries, ahead, highlights, low, scale = table
    (s0, r0, c0), (ds, dr, dc), inverse, step = ray
    first, t, last = span
    top, sound = len(entries) - 1, holes[2]
    seen = _block(visible.shape, s0 + (t - 1) * ds, r0 + (t - 1) * dr, c0 + (t - 1) * dc)
    while t < last:
        s, r, c = s0 + t * ds, r0 + t * dr, c0 + t * dc
        block = _block(visible.shape, s, r, c)
        if not visible[block]:
            far = abs(block[0] - seen[0]) + abs(block[1] - seen[1]) + abs(block[2] - seen[2])
            if t == first or (far <= 1 and not visible[seen]):
                seen, before = block, UNKNOWN
                t = max(t + 1, min(_exit((s0, r0, c0), (ds, dr, dc), inverse, block), last))
                continue
        seen = block
        if before == UNKNOWN and t > first:
            p, q, o = s - ds, r - dr, c - dc
            value = _plain(voxels, shape, p, q, o) if sound else _mean_of_data(voxels, shape, holes, p, q, o)
            before = _entry(value, low, scale, top)
        value = _plain(voxels, shape, s, r, c) if sound else _mean_of_data(voxels, shape, holes, s, r, c)
        entry = _entry(value, low, scale, top)
        if entry >= 0 and before >= 0 and ahead[min(before, entry)] <= max(before, entry):
            s, r, c = s - ds / 2, r - dr / 2, c - dc / 2
            if not sound:
                rise = _rise_of_data(voxels, shape, holes, s, r, c)
            elif light[3] * (entries[before, 0] + entries[entry, 0]) * step < SLIGHT:
                rise = _slight_rise(voxels, shape, s, r, c)
            else:
                rise = _rise(voxels, shape, s, r, c)
            bright, highlight = _lit(rise, lamp, highlights)
            _blend(entries, before, entry, step, bright, highlight, light)
            if light[3] < NOTHING:
                break
        before = entry
        t += 1
    return before


@compiled
def _is_visible(visible: Flags, rays: Rays, corner: Shape, size: Shape) -> bool:
    """Whether any block within `size` (rows, columns, samples) of rays from a corner on is visible."""
    ends = np.empty((3, 2), dtype=np.int64)
    for axis in range(3):
        steps = rays.down[axis], rays.right[axis], rays.along[axis]
        low = high = rays.origin[axis]
        for a in range(3):
            low += min(corner[a] * steps[a], (corner[a] + size[a] - 1) * steps[a])
            high += max(corner[a] * steps[a], (corner[a] + size[a] - 1) * steps[a])
        for a, end in enumerate((low, high)):
            ends[axis, a] = min(max(int(end) // SIDE, 0), visible.shape[axis] - 1)
    for b in range(ends[0, 0], ends[0, 1] + 1):
        for i in range(ends[1, 0], ends[1, 1] + 1):
            for j in range(ends[2, 0], ends[2, 1] + 1):
                if visible[b, i, j]:
                    return True
    return False


@compiled
def shade_rows(scene: Scene, rays: Rays, spans: Spans, background: Place, top: int, out: NDArray[np.uint8]) -> None:
    """The rows of pixels from `top` on, as many as `out` holds, before a background (red, green, blue, 0 to 1)."""
    whole = np.empty((TILE, TILE, 4))
    for y in range(0, out.shape[0], TILE):
        for x in range(0, out.shape[1], TILE):
            tile, part = spans[y : y + TILE, x : x + TILE], out[y : y + TILE, x : x + TILE]
            light = whole[: part.shape[0], : part.shape[1]]
            light[:, :, :3] = 0
            light[:, :, 3] = 1
            _shade_tile(scene, rays, tile, (top + y, x), light)
            for i in range(part.shape[0]):
                for j in range(part.shape[1]):
                    for k in range(3):
                        bright = light[i, j, k] + light[i, j, 3] * background[k]
                        part[i, j, k] = np.uint8(np.rint(min(max(bright, 0.0), 1.0) * 255))


@compiled
def _shade_tile(scene: Scene, rays: Rays, spans: Spans, corner: tuple[int, int], light: NDArray[np.float64]) -> None:
    """The rays of a tile, chunk after chunk; `light` (rows, columns, 4) is black and lets all through."""
    (rows, columns), (top, left) = light.shape[:2], corner
    before = np.full((rows, columns), UNKNOWN)
    along = rays.along[0], rays.along[1], rays.along[2]
    inverse = 1 / along[0], 1 / along[1], 1 / along[2]  # infinite ones aren't looked at
    for chunk in range(spans[:, :, 0].min(), spans[:, :, 1].max(), CHUNK):
        if not _is_visible(scene[3], rays, (top, left, max(chunk - 1, 0)), (rows, columns, CHUNK + 1)):
            before[:] = UNKNOWN
            continue
        for y in range(rows):
            for x in range(columns):
                a, b = max(spans[y, x, 0], chunk), min(spans[y, x, 1], chunk + CHUNK)
                if a < b and light[y, x, 3] >= NOTHING:
                    ray = _start(rays, top + y, left + x), along, inverse, rays.step
                    before[y, x] = _march(scene, ray, (spans[y, x, 0], a, b), before[y, x], light[y, x])


@compiled
def _start(rays: Rays, y: int, x: int) -> Place:
    """Where the first sample of a ray lies in the volume."""
    s = rays.origin[0] + y * rays.down[0] + x * rays.right[0]
    r = rays.origin[1] + y * rays.down[1] + x * rays.right[1]
    return s, r, rays.origin[2] + y * rays.down[2] + x * rays.right[2]
