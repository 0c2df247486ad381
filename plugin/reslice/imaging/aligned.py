"""Planes and slabs that run along the voxels: lines of voxels are blended as wholes, or are the pixels themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import as_input
from reslice.imaging.crew import Crew
from reslice.imaging.intervals import HALF, SNAP, IndexVector, SliceIntervals, Ways, even_ways
from reslice.imaging.kernels import MEAN, THIN, Grid, Layer, Plane, Samples, project, turn
from reslice.imaging.volume import Volume, Voxels

Axes = tuple[int, int, int]

FEWEST_ROWS, MOST_ROWS = 16, 256
"""Rows of pixels that are worked on at once; at most twice as many rows of voxels are copied for them."""
COPIED = 1 << 19
"""Voxels: copies of about so many stay in the processor's cache, and each copy costs Python some time."""

WORTH_SHARING = 2_000_000
"""Samples: for fewer of them other threads aren't woken."""


@dataclass(frozen=True, eq=False)
class AlignedGrid:
    """Pixels along two axes of the voxels: `axes` (fixed, down a column, along a row) and coordinates on each.

    A plane has one coordinate on the fixed axis, a slab one for each sample.
    """

    axes: Axes
    depth: IndexVector
    rows: IndexVector
    columns: IndexVector

    @classmethod
    def of(cls, rays: NDArray[np.float64], offsets: IndexVector, shape: tuple[int, int]) -> "AlignedGrid | None":
        """The grid of a plane (see Rays) with samples at `offsets` mm along its normal, if it runs along the voxels."""
        origin, down, right, through = rays
        axes = _axes(down, right)
        if axes is None or (offsets.any() and np.delete(through, axes[0]).any()):
            return None
        fixed, a, b = axes
        rows, columns = origin[a] + down[a] * np.arange(shape[0]), origin[b] + right[b] * np.arange(shape[1])
        return cls(axes, origin[fixed] + through[fixed] * offsets, rows, columns)

    @property
    def lines(self) -> tuple[IndexVector, IndexVector, IndexVector]:
        """The coordinates in the order of `axes`."""
        return self.depth, self.rows, self.columns

    def ways(self, volume: Volume, intervals: SliceIntervals, is_nearest: bool) -> Iterator[Ways]:
        """Which voxels each coordinate takes, in the order of `axes`."""
        for axis, line in zip(self.axes, self.lines, strict=True):
            size = volume.voxels.shape[axis]
            ways = even_ways(line, size, nearest=is_nearest) if axis else intervals.ways(line, nearest=is_nearest)
            yield as_input(ways[0]), as_input(ways[1]), as_input(ways[2]), as_input(ways[3])


def _axes(down: IndexVector, right: IndexVector) -> Axes | None:
    if np.count_nonzero(down) != 1 or np.count_nonzero(right) != 1:
        return None
    a, b = int(np.flatnonzero(down)[0]), int(np.flatnonzero(right)[0])
    return None if a == b else (3 - a - b, a, b)


def stored_plane(volume: Volume, grid: AlignedGrid) -> Plane | None:
    """The plane if each of its pixels is a voxel of a present slice: a view, or a copy with NaN for no data."""
    indices = [_voxels_on(line, volume, axis) for line, axis in zip(grid.lines, grid.axes, strict=True)]
    slices = indices[grid.axes.index(0)]
    if slices is None or not volume.present[slices].all():
        return None
    depth, rows, columns = (_as_slice(k) for k in indices)
    if depth is None or rows is None or columns is None:
        return None
    view: Plane = volume.voxels.transpose(grid.axes)[depth.start][rows, columns]
    return view if volume.is_sound else _with_holes(view, volume.padding)


def _voxels_on(line: IndexVector, volume: Volume, axis: int) -> NDArray[np.int64] | None:
    """The indices of the voxels that lie on a line's coordinates, or None if one lies between them."""
    places = volume.geometry.places
    if axis == 0 and places is not None:
        nearest = np.searchsorted((places[1:] + places[:-1]) / 2, line)
        return nearest if (np.abs(places[nearest] - line) < SNAP).all() else None
    is_on = np.array_equal(line, np.rint(line)) and line.min() >= 0 and line.max() <= volume.voxels.shape[axis] - 1
    return line.astype(np.int64) if is_on else None


def _as_slice(indices: NDArray[np.int64] | None) -> slice | None:
    """The slice that picks these indices, None if they aren't evenly spaced."""
    if indices is None:
        return None
    first, last = int(indices[0]), int(indices[-1])
    step = int(indices[1]) - first if len(indices) > 1 else 1
    if step == 0 or (np.diff(indices) != step).any():
        return None
    stop = last + (1 if step > 0 else -1)
    return slice(first, None if stop < 0 else stop, step)


def _with_holes(values: Plane, padding: tuple[float, float] | None) -> Layer:
    """A float32 copy in C order, NaN where there is no data."""
    layer = values.astype(np.float32, order="C")
    if padding is not None:
        layer[(layer >= padding[0]) & (layer <= padding[1])] = np.nan
    return layer


def cut_aligned(
    volume: Volume, intervals: SliceIntervals, grid: AlignedGrid, projection: int, is_nearest: bool, crew: Crew
) -> Layer:
    """All samples of each pixel as one value, shape (rows, columns)."""
    depth, rows, columns = grid.ways(volume, intervals, is_nearest)
    out = np.full((len(rows[0]), len(columns[0])), np.nan, dtype=np.float32)
    samples = telling_samples(depth, projection, volume.is_sound)
    if not len(samples[0]):
        return out
    voxels, padding = as_input(volume.voxels), single_precision(volume.padding_range)
    at_once = _rows_at_once(grid, samples, volume.voxels.shape)
    is_copied = grid.axes[2] != 2

    def work(first: int, end: int) -> None:
        step = at_once if is_copied else max(1, end - first)
        for y in range(first, end, step):
            below = min(y + step, end)
            part, of_rows, of_samples = _part(voxels, grid.axes, _rows(rows, y, below), samples)
            source: Grid = (*part, *padding, volume.is_sound)
            project(source, projection, of_samples, of_rows, columns, out[y:below])

    crew.each_band(len(out), work, at_once=at_once, is_worth_it=out.size * len(samples[0]) > WORTH_SHARING)
    return out


def _rows_at_once(grid: AlignedGrid, samples: Samples, shape: tuple[int, ...]) -> int:
    """Few enough that the voxels copied for them stay near; where nothing is copied, few enough to be shared."""
    if grid.axes[2] == 2:
        return FEWEST_ROWS
    layers = int(samples[1].max() - samples[0].min()) + 1
    return min(max(COPIED // (layers * shape[grid.axes[2]]), FEWEST_ROWS), MOST_ROWS)


def telling_samples(depth: Ways, projection: int, is_sound: bool) -> Samples:
    """The samples that can make a difference, and how many each stands for; those without data are left out.

    Between two layers a value changes steadily, so that its extremes are those of the outermost samples there
    (where voxels may be missing: of the outermost in each half, for the nearer voxel decides). A mean of sound
    voxels is a weighted sum of whole layers.
    """
    lower, upper, weight = depth[0][depth[3]], depth[1][depth[3]], depth[2][depth[3]]
    if projection == MEAN and is_sound:
        return _layers(lower, upper, weight)
    keep = np.ones(len(lower), dtype=np.bool_)
    if projection not in (THIN, MEAN):
        group = np.stack([lower, upper, (weight >= HALF) & (not is_sound)])
        is_new = (np.diff(group, axis=1) != 0).any(axis=0)
        keep = np.r_[True, is_new] | np.r_[is_new, True] if len(lower) else keep
    ones = np.ones(np.count_nonzero(keep))
    return as_input(lower[keep]), as_input(upper[keep]), as_input(weight[keep]), as_input(ones)


def _layers(lower: NDArray[np.int64], upper: NDArray[np.int64], weight: IndexVector) -> Samples:
    """Each layer by itself, and the sum of its weights in all samples."""
    both = np.concatenate([lower, upper])
    layers, which = np.unique(both, return_inverse=True)
    share = np.bincount(which, weights=np.concatenate([1 - weight, weight])).astype(np.float64)
    return as_input(layers), as_input(layers), as_input(np.zeros(len(layers))), as_input(share)


def _rows(ways: Ways, first: int, end: int) -> Ways:
    return ways[0][first:end], ways[1][first:end], ways[2][first:end], ways[3][first:end]


def _part(voxels: Voxels, axes: Axes, rows: Ways, samples: Samples) -> tuple[tuple[Voxels, int, int], Ways, Samples]:
    """The voxels as one line in which columns follow each other, with the steps of layers and rows.

    Where memory runs along another axis, the layers and rows that are needed are copied.
    """
    if axes[2] == 2:
        steps = voxels.shape[1] * voxels.shape[2], voxels.shape[2], 1
        return (voxels.reshape(-1), steps[axes[0]], steps[axes[1]]), rows, samples
    used = np.unique([rows[0], rows[1]])
    first, last = samples[0].min(), samples[1].max() + 1
    block = np.empty((last - first, len(used), voxels.shape[axes[2]]), dtype=voxels.dtype)
    turn(voxels, axes, first, as_input(used), block)
    block = as_input(block)
    at = as_input(np.searchsorted(used, rows[0])), as_input(np.searchsorted(used, rows[1])), rows[2], rows[3]
    moved = as_input(samples[0] - first), as_input(samples[1] - first), samples[2], samples[3]
    return (block.reshape(-1), block.shape[1] * block.shape[2], block.shape[2]), at, moved


def single_precision(padding: tuple[float, float]) -> tuple[float, float]:
    """The padding range with ends that float32 can hold; the same float32 values lie in it."""
    low, high = np.float32(padding[0]), np.float32(padding[1])
    low = np.nextafter(low, np.float32(np.inf)) if float(low) < padding[0] else low
    high = np.nextafter(high, np.float32(-np.inf)) if float(high) > padding[1] else high
    return float(low), float(high)
