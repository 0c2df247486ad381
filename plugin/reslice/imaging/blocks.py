"""The least and the largest value of each block of a volume: what rays needn't look at can be leapt over."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.aligned import single_precision
from reslice.imaging.compiled import as_input, compiled
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import NOWHERE, IndexVector, SliceIntervals
from reslice.imaging.volume import Volume, Voxels

Flags = NDArray[np.uint8]
"""Not 0 for each block that is visible."""

SIDE = 4
"""Voxels along each side of a block."""
SMALLEST, LARGEST = -32768, 32767
"""Of int16."""


class Blocks(NamedTuple):
    """The extremes of blocks of SIDE x SIDE x SIDE voxels, their far borders included, of the voxels' type.

    Whatever is interpolated within a block lies between them. A block without data has the least above the most.
    `edges` are the places along the slice axis at which blocks begin.
    """

    least: Voxels
    most: Voxels
    edges: IndexVector

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return self.least.nbytes + self.most.nbytes + self.edges.nbytes


def blocks_of(volume: Volume, intervals: SliceIntervals, crew: Crew = ALONE) -> Blocks:
    """The blocks of a volume whose slices are blended as the intervals say."""
    shape = tuple(-(-size // SIDE) for size in volume.voxels.shape)
    least, most = (np.empty(shape, dtype=volume.voxels.dtype) for _ in range(2))
    edges = as_input(volume.geometry.slice_places[::SIDE])
    first, last = _slices_within(intervals, edges)
    padding = _padding_as(volume)

    def work(begin: int, end: int) -> None:
        find_extremes(volume.voxels, padding, volume.present, first, last, begin, end, least, most)

    crew.each_band(shape[0], work, at_once=1)
    for array in (least, most):
        array.setflags(write=False)
    return Blocks(least, most, edges)


def _padding_as(volume: Volume) -> Voxels:
    """The inclusive padding range in the type of the voxels: the same voxels lie in it; empty where none can."""
    low, high = single_precision(volume.padding_range)
    if volume.voxels.dtype != np.int16:
        return np.array([low, high], dtype=np.float32)
    low, high = np.ceil(low), np.floor(high)
    is_empty = low > LARGEST or high < SMALLEST
    ends = (LARGEST, SMALLEST) if is_empty else (max(low, SMALLEST), min(high, LARGEST))
    return np.array(ends, dtype=np.int16)


def _slices_within(intervals: SliceIntervals, edges: IndexVector) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and last slice that enter what is interpolated between each edge and the next."""
    starts, ends = intervals.starts[:-1], intervals.starts[1:]
    highs = np.r_[edges[1:], np.inf]
    lows = np.r_[-np.inf, edges[1:]]
    first, last = np.zeros(len(edges), dtype=np.int64), np.full(len(edges), -1, dtype=np.int64)
    for b, (low, high) in enumerate(zip(lows, highs, strict=True)):
        used = (starts <= high) & (ends >= low) & (intervals.lower != NOWHERE)
        if used.any():
            first[b], last[b] = intervals.lower[used].min(), intervals.upper[used].max()
    return first, last


@compiled
def find_extremes(
    voxels: Voxels,
    padding: Voxels,
    present: NDArray[np.bool_],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    begin: int,
    end: int,
    least: Voxels,
    most: Voxels,
) -> None:
    """The blocks of the layers from `begin` to `end`: rows become one another's extremes, then columns."""
    _, rows, columns = voxels.shape
    empty_least, empty_most = padding.dtype.type(LARGEST), padding.dtype.type(SMALLEST)
    if voxels.itemsize == 4:
        empty_least, empty_most = padding.dtype.type(np.inf), padding.dtype.type(-np.inf)
    low, high = padding[0], padding[1]
    small, large = np.empty(columns, dtype=voxels.dtype), np.empty(columns, dtype=voxels.dtype)
    for b in range(begin, end):
        for i in range(least.shape[1]):
            small[:] = empty_least
            large[:] = empty_most
            for k in range(first[b], last[b] + 1):
                if not present[k]:
                    continue
                for y in range(i * SIDE, min(i * SIDE + SIDE + 1, rows)):
                    line = voxels[k, y]
                    for x in range(columns):
                        value = line[x]
                        hidden = low <= value <= high
                        small[x] = value if value < small[x] and not hidden else small[x]
                        large[x] = value if value > large[x] and not hidden else large[x]
            for j in range(least.shape[2]):
                lowest, highest = small[j * SIDE], large[j * SIDE]
                for x in range(j * SIDE + 1, min(j * SIDE + SIDE + 1, columns)):
                    lowest = min(lowest, small[x])
                    highest = max(highest, large[x])
                least[b, i, j], most[b, i, j] = lowest, highest


@compiled
def find_visible(
    least: Voxels,
    most: Voxels,
    ahead: NDArray[np.int64],
    low: float,
    scale: float,
    begin: int,
    end: int,
    out: NDArray[np.uint8],
) -> None:
    """Which blocks hold values that hide anything; those of the layers from `begin` to `end`."""
    top = len(ahead) - 1
    for b in range(begin, end):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                first = int(min(max((least[b, i, j] - low) * scale, 0.0), top) + 0.5)
                last = int(min(max((most[b, i, j] - low) * scale, 0.0), top) + 0.5)
                out[b, i, j] = least[b, i, j] <= most[b, i, j] and ahead[first] <= last
