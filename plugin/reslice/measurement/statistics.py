"""Statistics of values, exact, in memory that the number of integer values doesn't grow."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.errors import Unmeasurable

Values = NDArray[Any]
Counts = NDArray[np.int64]

CHUNK = 1 << 20
"""Values that are widened to 64 bits at once."""

SMALL_INTEGERS = ("i1", "u1", "i2", "u2")
"""Types whose every value has a bin of its own: 65,536 at most."""


@dataclass(frozen=True)
class Statistics:
    """Of `count` values: float64 arithmetic, standard deviation divided by n, percentiles linear between neighbours."""

    count: int
    mean: float
    minimum: float
    maximum: float
    median: float
    standard_deviation: float
    percentile5: float
    percentile95: float

    @classmethod
    def of(cls, values: Values) -> "Statistics":
        """Of an array of any shape and real type, without NaN.

        Raises Unmeasurable (`empty-region`) where there is none.
        """
        tally = Tally(values.dtype)
        tally.add(values)
        return tally.statistics()


@dataclass(eq=False)
class Tally:
    """Collects values of one type bit by bit: as a histogram where integers are small, else as they are."""

    dtype: np.dtype[Any]
    _counts: Counts | None = field(init=False, default=None)
    _kept: list[Values] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.dtype.str[1:] in SMALL_INTEGERS:
            self._counts = np.zeros(1 << (8 * self.dtype.itemsize), dtype=np.int64)

    def add(self, values: Values) -> None:
        """Take in an array of any shape; the array itself may be kept, not copied."""
        flat = values.reshape(-1)
        if self._counts is None:
            self._kept.append(flat)
            return
        for start in range(0, len(flat), CHUNK):
            bins = flat[start : start + CHUNK].astype(np.int64) - self._least
            self._counts += np.bincount(bins, minlength=len(self._counts))

    def statistics(self) -> Statistics:
        """Of everything taken in so far. Raises Unmeasurable (`empty-region`) where that is nothing."""
        if self._counts is not None:
            held = np.flatnonzero(self._counts)
            return _of_histogram((held + self._least).astype(np.float64), self._counts[held])
        return _of_values(self._kept[0] if len(self._kept) == 1 else np.concatenate([self._none, *self._kept]))

    @property
    def _none(self) -> Values:
        return np.zeros(0, dtype=self.dtype)

    @property
    def _least(self) -> int:
        return int(np.iinfo(self.dtype).min)


def _of_histogram(values: NDArray[np.float64], counts: Counts) -> Statistics:
    """Of distinct values, increasing, and how often each occurs."""
    ranks = np.cumsum(counts)
    count = _required(int(counts.sum()))
    mean = float(values @ counts) / count
    squares = float((values - mean) ** 2 @ counts)

    def at(rank: int) -> float:
        return float(values[np.searchsorted(ranks, rank, side="right")])

    return _summary(count, mean, squares, at)


def _of_values(values: Values) -> Statistics:
    count = _required(len(values))
    mean = math.fsum(float(chunk.sum(dtype=np.float64)) for chunk in _chunks(values)) / count
    squares = math.fsum(float(((chunk.astype(np.float64) - mean) ** 2).sum()) for chunk in _chunks(values))
    ranks = sorted({rank for q in (0, 0.05, 0.5, 0.95, 1) for rank in _neighbours(count, q)[:2]})
    ordered = np.partition(values, ranks)
    return _summary(count, mean, squares, lambda rank: float(ordered[rank]))


def _chunks(values: Values) -> list[Values]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]


def _required(count: int) -> int:
    if not count:
        raise Unmeasurable("No pixel or voxel with data lies inside", reason="empty-region")
    return count


def _summary(count: int, mean: float, squares: float, at: Callable[[int], float]) -> Statistics:
    """From the sum of squared deviations, and a function that gives the value of a rank, 0 the least."""
    percentile = partial(_percentile, count, at)
    median = (at((count - 1) // 2) + at(count // 2)) / 2
    deviation = math.sqrt(squares / count)
    return Statistics(count, mean, at(0), at(count - 1), median, deviation, percentile(0.05), percentile(0.95))


def _percentile(count: int, at: Callable[[int], float], q: float) -> float:
    """Linear between the two nearest ranks (Hyndman and Fan 1996, definition 7), rounded as numpy rounds it."""
    below, above, part = _neighbours(count, q)
    low, high = at(below), at(above)
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


def _neighbours(count: int, q: float) -> tuple[int, int, float]:
    place = q * (count - 1)
    below = math.floor(place)
    return below, min(below + 1, count - 1), place - below
