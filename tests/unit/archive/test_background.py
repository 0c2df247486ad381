"""Loads in the background: each once, forgotten ones again, failures told."""

import threading
import time

import pytest

from reslice.archive.background import FAILURES_KEPT, BackgroundLoads
from reslice.archive.cache import Key
from reslice.errors import Damaged

KEY: Key = ("series", "digest", 0)
SECONDS = 10


class Loads:
    """A load that waits until it is let go, and counts."""

    def __init__(self) -> None:
        self.begun: list[Key] = []
        self.go = threading.Event()
        self.background = BackgroundLoads(self._load)

    def _load(self, key: Key) -> None:
        self.begun.append(key)
        assert self.go.wait(SECONDS)
        if key[0] == "damaged":
            raise Damaged("it is damaged")

    def wait_for(self, begun: int) -> None:
        until(lambda: len(self.begun) == begun)


def until(condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def loads():
    found = Loads()
    yield found
    found.go.set()


def test_asking_again_begins_nothing_again(loads: Loads) -> None:
    for _ in range(3):
        loads.background.start([KEY])
    loads.wait_for(1)
    loads.background.start([KEY])
    assert loads.background.holds(KEY)
    loads.go.set()
    until(lambda: not loads.background.holds(KEY))
    assert loads.begun == [KEY]


def test_what_was_dropped_while_it_loaded_is_loaded_again(loads: Loads) -> None:
    loads.background.start([KEY])
    loads.wait_for(1)
    loads.background.forget(lambda key: key == KEY)
    assert not loads.background.holds(KEY)
    loads.background.start([KEY])
    assert loads.background.holds(KEY)
    loads.wait_for(2)
    loads.go.set()
    until(lambda: not loads.background.holds(KEY))


def test_what_waits_is_dropped(loads: Loads) -> None:
    keys = [("series", "digest", k) for k in range(5)]
    loads.background.start(keys)
    loads.wait_for(2)
    loads.background.forget(lambda key: key in keys[2:])
    loads.go.set()
    until(lambda: not any(map(loads.background.holds, keys)))
    assert sorted(loads.begun) == keys[:2]


def test_failures_are_told_until_the_next_try(loads: Loads) -> None:
    loads.go.set()
    key: Key = ("damaged", "digest", 0)
    loads.background.start([key])
    until(lambda: loads.background.failure(key) is not None)
    assert isinstance(loads.background.failure(key), Damaged)
    loads.go.clear()
    loads.background.start([key])
    assert loads.background.failure(key) is None


def test_the_newest_failures_are_kept(loads: Loads) -> None:
    loads.go.set()
    keys: list[Key] = [("damaged", "digest", k) for k in range(FAILURES_KEPT + 20)]
    loads.background.start(keys)
    until(lambda: not any(map(loads.background.holds, keys)))
    told = [loads.background.failure(key) is not None for key in keys]
    assert told[-1]
    assert sum(told) == FAILURES_KEPT
