"""The cache: each value made once, bytes bounded, errors not kept; many threads at once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from reslice.archive.cache import ByteCache
from reslice.errors import Busy, TooLarge

SECONDS = 10
"""So long a thread may wait before the test counts as hanging."""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


class Making:
    """A value under way: it begins, and ends when the test says so."""

    def __init__(self, value: object = "value", size: int = 10) -> None:
        self.calls = 0
        self.begun, self.may_end = threading.Event(), threading.Event()
        self._answer = value, size

    def __call__(self) -> tuple[object, int]:
        self.calls += 1
        self.begun.set()
        assert self.may_end.wait(SECONDS)
        if isinstance(self._answer[0], BaseException):
            raise self._answer[0]
        return self._answer


def begin(pool: ThreadPoolExecutor, cache: ByteCache, key: tuple, making: Making) -> Future:
    future = pool.submit(cache.get, key, making)
    assert making.begun.wait(SECONDS)
    return future


def never() -> tuple[object, int]:
    pytest.fail("it is made again")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_made_once_then_held() -> None:
    cache = ByteCache(100)
    assert cache.get(("a",), lambda: ("A", 10)) == "A"
    assert cache.get(("a",), never) == "A"
    assert cache.peek(("a",)) == "A"
    assert cache.peek(("b",)) is None


def test_all_who_ask_meanwhile_get_the_same_value(pool: ThreadPoolExecutor) -> None:
    cache, making = ByteCache(100), Making(["one list"])
    first = begin(pool, cache, ("a",), making)
    others = [pool.submit(cache.get, ("a",), never) for _ in range(10)]
    until(lambda: cache.counters().hits == 10)
    making.may_end.set()
    values = [future.result(SECONDS) for future in (first, *others)]
    assert all(value is values[0] for value in values)
    assert making.calls == 1


def test_other_keys_do_not_wait(pool: ThreadPoolExecutor) -> None:
    cache, making = ByteCache(100), Making()
    first = begin(pool, cache, ("slow",), making)
    assert cache.get(("quick",), lambda: (1, 1)) == 1
    making.may_end.set()
    first.result(SECONDS)


class Panic(BaseException):
    """What a decoder written in another language may raise."""


@pytest.mark.parametrize("error", [ValueError("broken"), Busy("later"), MemoryError(), Panic()], ids=repr)
def test_errors_reach_all_who_wait_and_are_not_kept(pool: ThreadPoolExecutor, error: BaseException) -> None:
    cache, making = ByteCache(100), Making(error)
    futures = [begin(pool, cache, ("a",), making)]
    futures += [pool.submit(cache.get, ("a",), never) for _ in range(5)]
    until(lambda: cache.counters().hits == 5)
    making.may_end.set()
    for future in futures:
        assert future.exception(SECONDS) is error
    assert cache.state(("a",)) == "absent"
    assert cache.get(("a",), lambda: ("now", 1)) == "now"


def test_states(pool: ThreadPoolExecutor) -> None:
    cache, making = ByteCache(100), Making()
    assert cache.state(("a",)) == "absent"
    first = begin(pool, cache, ("a",), making)
    assert cache.state(("a",)) == "loading"
    making.may_end.set()
    first.result(SECONDS)
    assert cache.state(("a",)) == "ready"


def keys(cache: ByteCache) -> list[str]:
    return [key[0] for key, _ in cache.entries()]


def test_least_recently_used_leaves_first() -> None:
    cache = ByteCache(30)
    for name in "abc":
        cache.get((name,), lambda: (0, 10))
    cache.get(("a",), never)
    cache.peek(("b",))
    cache.get(("d",), lambda: (0, 10))
    assert keys(cache) == ["a", "b", "d"]
    cache.get(("e",), lambda: (0, 20))
    assert keys(cache) == ["d", "e"]
    assert cache.counters().evictions == 3


def test_value_larger_than_everything_is_answered_but_not_held() -> None:
    cache = ByteCache(30)
    assert cache.get(("a",), lambda: ("A", 31)) == "A"
    assert keys(cache) == []
    assert cache.counters().used == 0


def test_budget_is_held_to_the_last_byte() -> None:
    cache = ByteCache(30)
    for name in "abc":
        cache.get((name,), lambda: (0, 10))
    assert keys(cache) == ["a", "b", "c"]
    cache.get(("d",), lambda: (0, 1))
    assert cache.counters().used == 21


def test_counters_tell_how_it_served() -> None:
    cache = ByteCache(30)
    cache.get(("a",), lambda: (0, 10))
    cache.get(("a",), never)
    cache.peek(("a",))
    cache.peek(("b",))
    counters = cache.counters()
    assert (counters.hits, counters.misses, counters.evictions, counters.used) == (2, 1, 0, 10)
    ((_, entry),) = cache.entries()
    assert (entry.value, entry.size, entry.hits) == (0, 10, 2)


def test_looking_is_no_use() -> None:
    cache = ByteCache(20)
    for name in "ab":
        cache.get((name,), lambda: (0, 10))
    assert cache.look(("a",)) == 0
    assert cache.look(("c",)) is None
    assert cache.counters().hits == 0
    cache.get(("c",), lambda: (0, 10))
    assert keys(cache) == ["b", "c"]


def test_what_is_never_kept_throws_nothing_out() -> None:
    cache = ByteCache(30)
    cache.get(("a",), lambda: (0, 10))
    assert cache.get(("b",), lambda: ("B", 1 << 62)) == "B"
    assert keys(cache) == ["a"]
    assert cache.counters().evictions == 0


def test_reservation_makes_room_and_counts() -> None:
    cache = ByteCache(30)
    for name in "abc":
        cache.get((name,), lambda: (0, 10))
    with cache.reserve(15):
        assert keys(cache) == ["c"]
        assert cache.counters().used == 25
    assert cache.counters().used == 10


def test_reservation_is_given_back_after_an_error() -> None:
    cache = ByteCache(30)
    with pytest.raises(ValueError, match="broken"), cache.reserve(30):
        raise ValueError("broken")
    assert cache.counters().used == 0
    with cache.reserve(30):
        pass


def test_what_never_fits_is_too_large() -> None:
    cache = ByteCache(30)
    cache.get(("a",), lambda: (0, 10))
    with pytest.raises(TooLarge) as caught, cache.reserve(31):
        pass
    assert caught.value.facts == {"SizeBytes": 31, "LimitBytes": 30}
    assert keys(cache) == ["a"], "nothing is thrown out for it"


def test_what_does_not_fit_now_is_busy() -> None:
    cache = ByteCache(30)
    cache.get(("a",), lambda: (0, 10))
    with cache.reserve(20):
        with pytest.raises(Busy), cache.reserve(11):
            pass
        with cache.reserve(10):
            pass
    with cache.reserve(30):
        pass


def test_dropped_values_are_gone() -> None:
    cache = ByteCache(100)
    for name in "abc":
        cache.get((name, 1), lambda: (0, 10))
    assert cache.drop(lambda key: key[0] in "ab") == 2
    assert keys(cache) == ["c"]
    assert cache.drop(lambda key: key[0] == "nothing") == 0
    assert cache.counters().used == 10


def test_dropped_while_made_is_answered_but_not_held(pool: ThreadPoolExecutor) -> None:
    cache, making = ByteCache(100), Making("old")
    first = begin(pool, cache, ("a",), making)
    cache.drop(lambda _: True)
    making.may_end.set()
    assert first.result(SECONDS) == "old"
    assert cache.peek(("a",)) is None
    assert cache.get(("a",), lambda: ("new", 1)) == "new"


@pytest.mark.parametrize("ending", ["old", ValueError("broken")], ids=repr)
def test_what_is_made_after_a_drop_is_made_once_and_held(pool: ThreadPoolExecutor, ending: object) -> None:
    """The one under way before, whatever becomes of it, touches nothing of the later one."""
    cache, old, new = ByteCache(100), Making(ending), Making("new")
    before = begin(pool, cache, ("a",), old)
    cache.drop(lambda _: True)
    after = begin(pool, cache, ("a",), new)
    old.may_end.set()
    before.exception(SECONDS)
    assert cache.state(("a",)) == "loading"
    third = pool.submit(cache.get, ("a",), never)
    until(lambda: cache.counters().hits == 1)
    new.may_end.set()
    assert after.result(SECONDS) == third.result(SECONDS) == "new"
    assert cache.get(("a",), never) == "new"


def test_many_threads_keep_the_books(pool: ThreadPoolExecutor) -> None:
    """Any mixture of calls: the budget holds, and nothing stays reserved or under way."""
    cache, wrong = ByteCache(100), []

    def work(seed: int) -> None:
        chance = np.random.default_rng(seed)
        for _ in range(200):
            key, what = (f"k{chance.integers(8)}",), chance.random()
            if what < 0.7:
                value = cache.get(key, lambda name=key[0]: (name, int(chance.integers(60))))
                wrong.extend([value] if value != key[0] else [])
            elif what < 0.85:
                cache.drop(lambda k, name=key: k == name)
            else:
                reserve_a_while(cache, int(chance.integers(1, 70)))
            wrong.extend([cache.counters()] if cache.counters().used > 100 else [])

    for done in [pool.submit(work, seed) for seed in range(12)]:
        done.result(SECONDS * 3)
    assert wrong == []
    assert all(cache.state((f"k{k}",)) != "loading" for k in range(8))
    assert cache.counters().used == sum(entry.size for _, entry in cache.entries()) <= 100


def reserve_a_while(cache: ByteCache, size: int) -> None:
    try:
        with cache.reserve(size):
            time.sleep(0)
    except Busy:
        pass
