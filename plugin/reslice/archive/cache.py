"""A cache bounded in bytes whose values are made once, however many ask at the same time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reslice.errors import Busy, TooLarge

Value = TypeVar("Value")
Key = tuple[str | int, ...]


@dataclass
class Entry(Generic[Value]):
    """One value held, and what is known of its use."""

    value: Value
    size: int
    made_at: float = field(default_factory=time.monotonic)
    hits: int = 0


@dataclass(frozen=True)
class Counters:
    """How the cache has served so far."""

    hits: int
    misses: int
    evictions: int
    used: int


class ByteCache(Generic[Value]):
    """Least recently used values leave first. All methods may be called from any thread.

    Bytes are reserved before a value is made, so that values under way count too.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._entries: OrderedDict[Key, Entry[Value]] = OrderedDict()
        self._making: dict[Key, Future[Value]] = {}
        self._reserved = 0
        self._hits = self._misses = self._evictions = 0
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], tuple[Value, int]]) -> Value:
        """The value of a key. `make` answers the value and its bytes; it runs once for all who wait."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                return self._hit(key, entry)
            future = self._making.get(key)
            if future is not None:
                self._hits += 1
            else:
                mine = self._making[key] = Future()
                self._misses += 1
        return future.result() if future is not None else self._make(key, mine, make)

    def peek(self, key: Key) -> Value | None:
        """The value if it is held; counts as a use."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else self._hit(key, entry)

    def state(self, key: Key) -> str:
        """Whether the value is `absent`, `loading` or `ready`."""
        with self._lock:
            return "ready" if key in self._entries else "loading" if key in self._making else "absent"

    def look(self, key: Key) -> Value | None:
        """The same, without counting as a use."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else entry.value

    def _hit(self, key: Key, entry: Entry[Value]) -> Value:
        self._entries.move_to_end(key)
        entry.hits += 1
        self._hits += 1
        return entry.value

    def _make(self, key: Key, future: Future[Value], make: Callable[[], tuple[Value, int]]) -> Value:
        try:
            value, size = make()
        except BaseException as error:
            with self._lock:
                self._end_making(key, future)
            future.set_exception(error)
            raise
        with self._lock:
            if self._end_making(key, future):
                self._keep(key, Entry(value, size))
        future.set_result(value)
        return value

    def _end_making(self, key: Key, future: Future[Value]) -> bool:
        """Whether the key was still being made by this future: a drop, and another try, may have come between."""
        is_own = self._making.get(key) is future
        if is_own:
            del self._making[key]
        return is_own

    def _keep(self, key: Key, entry: Entry[Value]) -> None:
        if self._reserved + entry.size > self.budget:
            return
        self._make_room(entry.size)
        self._entries[key] = entry

    def _make_room(self, size: int) -> None:
        while self._entries and self._used() + size > self.budget:
            self._entries.popitem(last=False)
            self._evictions += 1

    def _used(self) -> int:
        return sum(entry.size for entry in self._entries.values()) + self._reserved

    def reserve(self, size: int) -> "Reservation[Value]":
        """Bytes for a value under way, as a context. Raises TooLarge when they never fit, Busy when not now."""
        return Reservation(self, size)

    def _take(self, size: int) -> None:
        with self._lock:
            if size > self.budget:
                raise TooLarge(
                    f"The volume needs {size} bytes, more than the {self.budget} that the cache may use",
                    SizeBytes=size,
                    LimitBytes=self.budget,
                )
            if self._reserved + size > self.budget:
                raise Busy("Other volumes are being loaded into the memory that this one needs")
            self._make_room(size)
            self._reserved += size

    def _give_back(self, size: int) -> None:
        with self._lock:
            self._reserved -= size

    def drop(self, condition: Callable[[Key], bool]) -> int:
        """Forget the values whose key fits, those under way too; return how many were held."""
        with self._lock:
            doomed = [key for key in self._entries if condition(key)]
            for key in doomed:
                del self._entries[key]
            for key in [key for key in self._making if condition(key)]:
                del self._making[key]
            return len(doomed)

    def entries(self) -> list[tuple[Key, Entry[Value]]]:
        """What is held, least recently used first."""
        with self._lock:
            return list(self._entries.items())

    def counters(self) -> Counters:
        """Hits, misses, evictions and bytes in use."""
        with self._lock:
            return Counters(self._hits, self._misses, self._evictions, self._used())


@dataclass
class Reservation(Generic[Value]):
    """Bytes set aside while a value is made."""

    cache: ByteCache[Value]
    size: int

    def __enter__(self) -> None:
        self.cache._take(self.size)

    def __exit__(self, *_: object) -> None:
        self.cache._give_back(self.size)
