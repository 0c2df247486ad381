"""Two or more ways to do the same work, timed in turns."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Work = Callable[[int], object]


def nothing(_run: int) -> None:
    """No preparation."""


@dataclass(frozen=True)
class Side:
    """One way to do the work: `work(run)` is timed, `prepare(run)` before it is not."""

    work: Work
    prepare: Work = nothing


@dataclass(frozen=True)
class Line:
    """One line of the table: what we took and what the reference took, run by run.

    The aim is the highest ratio that is good, or with `is_least` the lowest; without one the line informs.
    """

    number: str
    work: str
    reference: str
    aim: float | None
    ours: Sequence[float]
    theirs: Sequence[float]
    unit: str = "ms"
    is_least: bool = False

    @property
    def ratio(self) -> float:
        """Ours to the reference's, median to median."""
        return median(self.ours) / median(self.theirs)

    @property
    def is_met(self) -> bool | None:
        """Whether the ratio is as low, or as high, as it should be; None where nothing is aimed at."""
        if self.aim is None:
            return None
        return self.ratio >= self.aim if self.is_least else self.ratio <= self.aim


@dataclass(frozen=True)
class LeftOut:
    """A line that couldn't be measured, and why: it stays visible."""

    number: str
    work: str
    reason: str


def in_turns(sides: Mapping[str, Side], runs: int) -> dict[str, list[float]]:
    """Milliseconds of every run: A B C A B C ...; a first round warms up everyone and isn't counted."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for run in range(runs + 1):
        for name, side in sides.items():
            side.prepare(run)
            milliseconds = timed(side.work, run)
            if run:
                taken[name].append(milliseconds)
    return taken


def timed(work: Work, run: int) -> float:
    """Milliseconds that one run takes."""
    started = time.perf_counter()
    work(run)
    return (time.perf_counter() - started) * 1000


def spread(run: int, count: int) -> int:
    """Another place of 0..count-1 at each run, far from the one before."""
    return (run * 37 + 11) % count


def spread_inside(run: int, count: int) -> int:
    """The same within the middle half, where a picture isn't just air."""
    return count // 4 + spread(run, max(1, count // 2))
