"""Volumes loaded ahead of the first request for them, and how far every load has come."""

import threading
from collections import deque
from collections.abc import Callable, Iterable

from reslice.archive.cache import Key
from reslice.errors import ResliceError

AT_ONCE = 2
"""Loads in the background at the same time; more wait for their turn."""
FAILURES_KEPT = 256


class BackgroundLoads:
    """A queue of loads that some threads work off; they end when there is nothing left to do."""

    def __init__(self, load: Callable[[Key], object]) -> None:
        self._load = load
        self._waiting: deque[Key] = deque()
        self._under_way: dict[Key, object] = {}
        self._failures: dict[Key, ResliceError] = {}
        self._threads = 0
        self._lock = threading.Lock()

    def start(self, keys: Iterable[Key]) -> None:
        """Load these, unless they are waiting or under way already."""
        with self._lock:
            for key in keys:
                if not self._holds(key):
                    self._failures.pop(key, None)
                    self._waiting.append(key)
            for _ in range(min(AT_ONCE - self._threads, len(self._waiting))):
                self._threads += 1
                threading.Thread(target=self._work, name="reslice-loading", daemon=True).start()

    def _holds(self, key: Key) -> bool:
        return key in self._under_way or key in self._waiting

    def holds(self, key: Key) -> bool:
        """Whether a load is waiting or under way."""
        with self._lock:
            return self._holds(key)

    def failure(self, key: Key) -> ResliceError | None:
        """Why the last load of a key came to nothing."""
        with self._lock:
            return self._failures.get(key)

    def forget(self, condition: Callable[[Key], bool]) -> None:
        """Drop what waits, and what failed, of the keys that fit; what is under way no longer counts."""
        with self._lock:
            self._under_way = {key: load for key, load in self._under_way.items() if not condition(key)}
            self._waiting = deque(key for key in self._waiting if not condition(key))
            self._failures = {key: error for key, error in self._failures.items() if not condition(key)}

    def _next(self) -> tuple[Key, object] | None:
        """The key to load, with a token that says which load of it is meant."""
        with self._lock:
            if not self._waiting:
                self._threads -= 1
                return None
            key, load = self._waiting.popleft(), object()
            self._under_way[key] = load
            return key, load

    def _work(self) -> None:
        while (following := self._next()) is not None:
            key, load = following
            error: ResliceError | None = None
            try:
                self._load(key)
            except ResliceError as refusal:
                error = refusal
            except Exception as unforeseen:  # it is told where somebody asks for the volume itself
                error = ResliceError(f"Loading failed: {type(unforeseen).__name__}")
            self._end(key, load, error)

    def _end(self, key: Key, load: object, error: ResliceError | None) -> None:
        """Note how a load ended, unless it has been forgotten meanwhile."""
        with self._lock:
            if self._under_way.get(key) is not load:
                return
            del self._under_way[key]
            if error is not None:
                self._failures[key] = error
                while len(self._failures) > FAILURES_KEPT:
                    del self._failures[next(iter(self._failures))]


def share(tick: Callable[[float], None], begin: float, end: float) -> Callable[[float], None]:
    """What one stage of a load is to call, which counts for the part of the whole from `begin` to `end`."""
    return lambda part: tick(begin + part * (end - begin))


class Progress:
    """How far the loads under way have come."""

    def __init__(self) -> None:
        self._parts: dict[Key, float] = {}

    def tick(self, key: Key) -> Callable[[float], None]:
        """What a load is to call with the part that is done."""

        def note(part: float) -> None:
            self._parts[key] = part

        return note

    def of(self, key: Key) -> float:
        """From 0 to 1; 0 where nothing is under way."""
        return self._parts.get(key, 0.0)

    def end(self, key: Key) -> None:
        """The load has ended."""
        self._parts.pop(key, None)
