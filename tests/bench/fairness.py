"""F1 and F2: what others notice while a large series is loaded from nothing."""

import time
from collections.abc import Callable
from statistics import median

from bench.crowd import LEAD_SECONDS, LoadClient, load_clients
from bench.loading import first_plane
from bench.study import StoredSeries
from bench.timing import Line, spread, timed
from bench.wire import Wire

HEAD_START_SECONDS = 0.005
"""So long a large load is under way before a small one is asked for."""
IDLE_REQUESTS = 40


class Fairness:
    """A large series that is loaded again and again, and a small one that somebody works with."""

    def __init__(self, wire: Wire, url: str, large: StoredSeries, small: StoredSeries, runs: int) -> None:
        self._wire, self._url, self._runs = wire, url, runs
        self._large, self._small = large, small

    def lines(self) -> list[Line]:
        """Warm slices first, then a cold load of the small series."""
        with load_clients(self._url, 1) as (loader,):
            return [*self._warm_slices(loader), self._small_load(loader)]

    def _warm_slices(self, loader: LoadClient) -> list[Line]:
        first_plane(self._wire, self._small, 0)
        idle, busy = [], []
        for run in range(self._runs + 1):
            idle.append([self._slice(k) for k in range(IDLE_REQUESTS)])
            busy.append(self._slices_meanwhile(loader, run))
        work = f"warm slice while {len(self._large.instances)} slices are loaded"
        return [
            Line("F1", f"{work}: median", "alone: median", None, each(median, busy), each(median, idle)),
            Line(
                "F1",
                f"{work}: slowest of a load",
                f"alone: slowest of {IDLE_REQUESTS}",
                None,
                each(max, busy),
                each(max, idle),
            ),
        ]

    def _slices_meanwhile(self, loader: LoadClient, run: int) -> list[float]:
        """Milliseconds of each answer until the load is done; at least one."""
        self._begin(loader, run)
        taken = [self._slice(0)]
        while not loader.is_done:
            taken.append(self._slice(len(taken)))
        loader.result()
        return taken

    def _begin(self, loader: LoadClient, run: int) -> None:
        """Start a cold load; it is under way for a moment when this returns."""
        forget_series(self._wire, self._large)
        at = time.monotonic() + LEAD_SECONDS
        loader.begin([self._large.path(f"mpr/coronal?index={spread(run, self._large.side)}")], at, 0)
        time.sleep(LEAD_SECONDS + HEAD_START_SECONDS)

    def _slice(self, k: int) -> float:
        path = self._small.path(f"slices/{spread(k, len(self._small.instances))}?format=jpeg")
        return timed(lambda _: self._wire.get(path), 0)

    def _small_load(self, loader: LoadClient) -> Line:
        alone, meanwhile = [], []
        for run in range(self._runs + 1):
            alone.append(self._loaded(run))
            forget_series(self._wire, self._small)
            self._begin(loader, run)
            meanwhile.append(timed(lambda k: first_plane(self._wire, self._small, k), run))
            loader.result()
        small, large = (len(series.instances) for series in (self._small, self._large))
        work = f"cold first plane of {small} slices while {large} are loaded"
        return Line("F2", work, "alone", None, meanwhile[1:], alone[1:])

    def _loaded(self, run: int) -> float:
        forget_series(self._wire, self._small)
        return timed(lambda k: first_plane(self._wire, self._small, k), run)


def each(of: Callable[[list[float]], float], runs: list[list[float]]) -> list[float]:
    """One number a run, without the first."""
    return [of(run) for run in runs[1:]]


def forget_series(wire: Wire, series: StoredSeries) -> None:
    """Drop the volume, the layout and the identity of this series alone."""
    wire.get(f"/bench/forget/{series.id}")
