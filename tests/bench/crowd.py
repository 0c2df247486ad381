"""P10: eight clients at once against one, each a process of its own that spends as little as Python can."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from bench import machine
from bench.loading import first_plane
from bench.study import StoredSeries
from bench.timing import Line, spread, spread_inside
from bench.wire import Wire
from server import DIES_WITH_US

CLIENTS = 8
LEAD_SECONDS = 0.05
"""From an order to its beginning: long enough for every process to have a connection."""
REQUESTS = 1000
"""Of a client and run; more than can be answered in a run."""
Order = Sequence[str]


class LoadClient:
    """The handle of one such process."""

    def __init__(self, url: str) -> None:
        port = str(urlsplit(url).port)
        script = str(Path(__file__).parent / "load_client.py")
        self._process = subprocess.Popen(  # noqa: S603 - a script of ours
            [*DIES_WITH_US, sys.executable, "-I", script, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def begin(self, paths: Order, at: float, seconds: float) -> None:
        """Order these paths, from a moment of the monotonic clock on, for so many seconds."""
        requests = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" for path in paths]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"Requests": requests, "From": at, "Seconds": seconds}).encode() + b"\n")
        self._process.stdin.flush()

    @property
    def is_done(self) -> bool:
        """Whether the result is there."""
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def result(self) -> dict[str, Any]:
        """Wait for what it measured."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A client of the benchmark has failed")
        result: dict[str, Any] = json.loads(line)
        return result

    def close(self) -> None:
        """No more orders: it ends by itself."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


@contextmanager
def load_clients(url: str, count: int) -> Iterator[list[LoadClient]]:
    """So many processes that wait for orders."""
    with ExitStack() as stack:
        clients = [LoadClient(url) for _ in range(count)]
        for client in clients:
            stack.callback(client.close)
        yield clients


class Crowd:
    """Eight clients and one in turns; no picture is ever asked for twice."""

    def __init__(self, wire: Wire, url: str, series: StoredSeries, runs: int, seconds: float) -> None:
        self._wire, self._url, self._series = wire, url, series
        self._runs, self._seconds = runs, seconds

    def lines(self) -> list[Line]:
        """Throughput, the slowest answers, and what the clients themselves took."""
        first_plane(self._wire, self._series, 0)
        many, one = [], []
        with load_clients(self._url, CLIENTS) as clients:
            for run in range(self._runs + 1):
                one.append(self._asked(clients[:1], run))
                many.append(self._asked(clients, run))
        return self._as_lines(many[1:], one[1:])

    def _asked(self, clients: Sequence[LoadClient], run: int) -> list[dict[str, Any]]:
        at = time.monotonic() + LEAD_SECONDS
        for number, client in enumerate(clients):
            client.begin(self._paths(run, number, len(clients)), at, self._seconds)
        return [client.result() for client in clients]

    def _paths(self, run: int, client: int, clients: int) -> list[str]:
        """Slices, coronal and sagittal planes; the window's centre differs wherever a place comes again."""
        centre = 40 + run + client / 10 + (clients == 1) / 100
        return [self._path(client * 41 + k, f"{centre:.2f}") for k in range(REQUESTS)]

    def _path(self, k: int, centre: str) -> str:
        window = f"format=jpeg&window-center={centre}{k // 256:03}&window-width=400"
        if k % 2:
            return self._series.path(f"slices/{spread(k // 2, len(self._series.instances))}?{window}")
        name = ("coronal", "sagittal")[k // 2 % 2]
        return self._series.path(f"mpr/{name}?index={spread_inside(k // 4, self._series.side)}&{window}")

    def _as_lines(self, many: list[list[dict[str, Any]]], one: list[list[dict[str, Any]]]) -> list[Line]:
        work = f"{CLIENTS} clients at once, slices and MPR, JPEG"
        slowest, middle = zip(*map(percentiles, many), strict=True)
        own = [sum(result["Processor"] for result in run) for run in many]
        all_there_is = [self._seconds * machine.cores()] * len(many)
        return [
            Line("P10", f"{work}: pictures a second", "1 client", 1.7, self._rates(many), self._rates(one), "/s", True),
            Line("P10", f"{work}: 99th percentile", "their median", 10, slowest, middle),
            Line("P10", "what these clients' own processes take", "all processors' time", None, own, all_there_is, "s"),
        ]

    def _rates(self, runs: list[list[dict[str, Any]]]) -> list[float]:
        return [sum(len(result["Milliseconds"]) for result in run) / self._seconds for run in runs]


def percentiles(run: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """The 99th percentile and the median of all answers."""
    cuts = quantiles((taken for result in run for taken in result["Milliseconds"]), n=100, method="inclusive")
    return cuts[98], cuts[49]
