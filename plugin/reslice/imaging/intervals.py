"""Along the slice axis: where slices stand, how far each reaches, and which two are blended between them.

Places are in units of the volume's mean slice step, like the slice coordinate of its affine. Between two
neighbouring slices values are linear. Where slices are missing between two, or hold no data, there is a gap:
each side keeps its own value as far as it reaches, and beyond there is no data.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging import affine as affines

IndexVector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ways = tuple[NDArray[np.int64], NDArray[np.int64], IndexVector, Flags]
"""Lower and upper voxel, weight of the upper, and whether there is data, for each coordinate of one axis."""

Pieces = tuple[IndexVector, NDArray[np.int64], NDArray[np.int64], IndexVector, IndexVector]
"""What kernels walk along: starts, lower, upper, base, scale (see SliceIntervals)."""

Gaps = Literal["show", "interpolate"]
"""What becomes of gaps: they hold no data, or are filled linearly from slice to slice."""

SNAP = 1e-6
"""Indices: a coordinate nearer than this to a voxel's centre lies on it (float noise)."""

HALF = 0.5 - SNAP
"""From this weight on the upper of two voxels is the nearer: half-way it is, whatever float noise does."""

UNEVEN = 1e-3
"""Slice steps: neighbouring gaps that differ by more aren't even."""

NOWHERE = -1
"""The slice of a piece without data."""

Piece = tuple[float, int, int]


def usual_gaps(places: IndexVector, missing: Sequence[int]) -> IndexVector:
    """The gaps between neighbouring slices; where slices are missing, the smaller of the nearest usual gaps.

    A lone slice has one gap, of one step. Where every gap misses slices, the smallest is taken for usual.
    """
    if len(places) == 1:
        return np.ones(1)
    gaps = np.diff(places)
    usual = np.setdiff1d(np.arange(len(gaps)), missing)
    if not len(usual):
        return np.full(len(gaps), gaps.min())
    right = np.searchsorted(usual, np.arange(len(gaps)))
    nearest = usual[np.stack([right - 1, right]).clip(0, len(usual) - 1)]
    smaller: IndexVector = np.minimum(gaps, gaps[nearest].min(axis=0))
    return np.where(np.isin(np.arange(len(gaps)), usual), gaps, smaller)


def reaches_of(places: IndexVector, missing: Sequence[int]) -> NDArray[np.float64]:
    """How far each slice reaches below and above itself, shape (slices, 2): half of the usual gap there."""
    half = usual_gaps(places, missing) / 2
    if len(places) == 1:
        return affines.frozen([[half[0], half[0]]])
    return affines.frozen(np.stack([np.r_[half[0], half], np.r_[half, half[-1]]], axis=1))


@dataclass(frozen=True, eq=False)
class SliceIntervals:
    """The slice axis cut into pieces; in each, one slice or a blend of two holds, or there is no data.

    Piece i lies from `starts[i]` to `starts[i + 1]`; borders lie SNAP aside, so that float noise decides nothing.
    There `upper` weighs `(place - base) * scale` (0 to 1) and `lower` the rest; both are NOWHERE without data.
    `is_even` says that all slices hold data, stand one step apart and are blended with their neighbours, so that a
    coordinate is an index. In a piece that is `smooth`, cubic curves may be laid: both slices and their next
    neighbours (where there are any) hold data and stand evenly.
    """

    starts: IndexVector
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    base: IndexVector
    scale: IndexVector
    is_even: bool
    smooth: Flags

    @classmethod
    def between(cls, places: IndexVector, missing: Sequence[int], present: Flags, gaps: Gaps) -> "SliceIntervals":
        """The pieces of slices at `places`; slices are `missing` in some gaps, and `present` tells which hold data."""
        reaches, real = reaches_of(places, missing), np.flatnonzero(present).tolist()
        holes = frozenset(missing)

        def is_blended(near: int, far: int) -> bool:
            return gaps == "interpolate" or (far == near + 1 and near not in holes)

        pieces = list(_pieces(places, reaches, real, is_blended)) or [(0.0, NOWHERE, NOWHERE)]
        end = float(places[real[-1]] + reaches[real[-1], 1] + SNAP) if real else 0.0
        is_even = len(real) == len(pieces) - 1 == len(places) and np.array_equal(places, np.arange(len(places)))
        return cls._of(pieces, end, places, is_even, _smooth(pieces, places, holes, present))

    @classmethod
    def _of(
        cls, pieces: Sequence[Piece], end: float, places: IndexVector, is_even: bool, smooth: Flags
    ) -> "SliceIntervals":
        starts = affines.frozen([*(start for start, _, _ in pieces), end])
        lower, upper = (np.array([piece[side] for piece in pieces], dtype=np.int64) for side in (1, 2))
        width = places[upper] - places[lower]
        scale = affines.frozen(np.divide(1, width, out=np.zeros(len(width)), where=width > 0))
        lower.setflags(write=False)
        upper.setflags(write=False)
        return cls(starts, lower, upper, affines.frozen(places[lower]), scale, is_even, smooth)

    @property
    def pieces(self) -> Pieces:
        """The arrays that kernels take."""
        return self.starts, self.lower, self.upper, self.base, self.scale

    def ways(self, coordinates: IndexVector, *, nearest: bool = False) -> Ways:
        """The slices of each coordinate and their weights; one slice where only the nearest is wanted."""
        piece = self._piece_at(coordinates)
        lower, upper = self.lower[piece], self.upper[piece]
        inside = (coordinates >= self.starts[0]) & (coordinates <= self.starts[-1]) & (lower != NOWHERE)
        weight = ((coordinates - self.base[piece]) * self.scale[piece]).clip(0, 1)
        return settled(lower.clip(0), upper.clip(0), weight, inside, nearest=nearest)

    def smooth_at(self, coordinates: IndexVector) -> Flags:
        """Whether the piece of each coordinate is smooth."""
        return self.smooth[self._piece_at(coordinates)]

    def _piece_at(self, coordinates: IndexVector) -> NDArray[np.int64]:
        return (np.searchsorted(self.starts, coordinates, side="right") - 1).clip(0, len(self.lower) - 1)


def _smooth(pieces: Sequence[Piece], places: IndexVector, holes: frozenset[int], present: Flags) -> Flags:
    """Which pieces are smooth (see SliceIntervals)."""
    gaps, whole = np.diff(places).tolist(), present.tolist()

    def is_smooth(lower: int, upper: int) -> bool:
        first, last = max(lower - 1, 0), min(upper + 1, len(whole) - 1)
        if lower == NOWHERE or upper - lower > 1 or not all(whole[first : last + 1]):
            return False
        between = gaps[first:last]
        return holes.isdisjoint(range(first, last)) and (not between or max(between) - min(between) < UNEVEN)

    flags = np.array([is_smooth(lower, upper) for _, lower, upper in pieces])
    flags.setflags(write=False)
    return flags


def _pieces(
    places: IndexVector, reaches: NDArray[np.float64], real: Sequence[int], is_blended: Callable[[int, int], bool]
) -> Iterator[Piece]:
    """Start, lower and upper slice of each piece: the outer halves, the intervals, and within gaps three parts."""
    if real:
        yield float(places[real[0]] - reaches[real[0], 0] - SNAP), real[0], real[0]
    for near, far in pairwise(real):
        if is_blended(near, far):
            yield float(places[near] - SNAP), near, far
            continue
        yield float(places[near] - SNAP), near, near
        end, start = float(places[near] + reaches[near, 1]), float(places[far] - reaches[far, 0])
        if start - end > 2 * SNAP:
            yield end + SNAP, NOWHERE, NOWHERE
        yield start - SNAP, far, far
    if real:
        yield float(places[real[-1]] - SNAP), real[-1], real[-1]


def even_ways(coordinates: IndexVector, size: int, *, nearest: bool = False) -> Ways:
    """The ways of an axis whose voxels stand one step apart; the outer half voxel has its voxel's value."""
    inside = (coordinates >= -0.5 - SNAP) & (coordinates <= size - 0.5 + SNAP)
    within = np.clip(coordinates, 0, size - 1)
    lower = np.floor(within).astype(np.int64)
    return settled(lower, np.minimum(lower + 1, size - 1), within - lower, inside, nearest=nearest)


def settled(
    lower: NDArray[np.int64], upper: NDArray[np.int64], weight: IndexVector, inside: Flags, *, nearest: bool
) -> Ways:
    """Ways in which a coordinate on a voxel has that voxel alone, and any coordinate where `nearest` is wanted."""
    is_far = weight >= HALF if nearest else weight > 1 - SNAP
    lower = np.where(is_far, upper, lower)
    is_single = is_far | (weight < SNAP) if not nearest else np.ones(len(weight), dtype=np.bool_)
    return lower, np.where(is_single, lower, upper), np.where(is_single, 0.0, weight), inside
