"""Threads that share a picture: every row once, errors are told, nobody waits for somebody else's picture."""

import gc
import threading
import time
import weakref

import numpy as np
import pytest

from reslice.errors import Busy
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume
from unit.imaging.expected import upright
from unit.imaging.slabs import coronal, slanted


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(("rows", "at_once"), [(0, 4), (1, 4), (4, 4), (5, 4), (103, 7), (3, 100)])
def test_every_row_is_worked_on_once(threads: int, rows: int, at_once: int) -> None:
    seen = np.zeros(rows, dtype=int)

    def work(first: int, end: int) -> None:
        seen[first:end] += 1

    Crew(threads).each_band(rows, work, at_once=at_once)
    assert (seen == 1).all()


def test_several_threads_work() -> None:
    names = set()
    both = threading.Barrier(2, timeout=10)

    def work(first: int, end: int) -> None:
        names.add(threading.current_thread().name)
        both.wait()

    Crew(2).each_band(2, work, at_once=1)
    assert len(names) == 2


def test_what_is_not_worth_it_stays_with_the_caller() -> None:
    threads = set()
    Crew(3).each_band(100, lambda first, end: threads.add(threading.current_thread()), at_once=1, is_worth_it=False)
    assert threads == {threading.current_thread()}


def test_an_error_reaches_the_caller_and_ends_the_others() -> None:
    done = []

    def work(first: int, end: int) -> None:
        if first == 3:
            raise ValueError("band 3")
        time.sleep(0.001)
        done.append(first)

    crew = Crew(3)
    with pytest.raises(ValueError, match="band 3"):
        crew.each_band(1000, work, at_once=1)
    assert len(done) < 900
    done.clear()
    crew.each_band(3, work, at_once=1)
    assert sorted(done) == [0, 1, 2]


def test_a_caller_finishes_while_all_helpers_are_busy_elsewhere() -> None:
    crew, release = Crew(3), threading.Event()
    held = threading.Barrier(4, timeout=10)

    def hold(first: int, end: int) -> None:
        held.wait()
        release.wait(30)

    other = threading.Thread(target=crew.each_band, args=(3, hold), kwargs={"at_once": 1})
    other.start()
    held.wait()  # all three threads of the first picture hang in it
    seen = []
    crew.each_band(50, lambda first, end: seen.append(first), at_once=1)
    assert sorted(seen) == list(range(50))
    assert other.is_alive()
    release.set()
    other.join(10)
    assert not other.is_alive()


@pytest.mark.parametrize("fails", [False, True])
def test_a_finished_picture_is_let_go_while_helpers_are_busy_elsewhere(fails: bool) -> None:
    crew, release = Crew(2), threading.Event()
    held = threading.Barrier(3, timeout=10)

    def hold(first: int, end: int) -> None:
        held.wait()
        release.wait(30)

    other = threading.Thread(target=crew.each_band, args=(2, hold), kwargs={"at_once": 1})
    other.start()
    held.wait()
    picture = np.zeros(100)
    gone = weakref.ref(picture)
    paint_with(crew, picture, fails=fails)
    del picture
    gc.collect()
    assert gone() is None
    assert other.is_alive()
    release.set()
    other.join(10)


def paint_with(crew: Crew, picture: np.ndarray, *, fails: bool) -> None:
    def work(first: int, end: int) -> None:
        picture[first:end] = 1
        if fails:
            raise ValueError(first)

    if not fails:
        crew.each_band(len(picture), work, at_once=1)
        assert picture.all()
        return
    with pytest.raises(ValueError, match="0"):
        crew.each_band(len(picture), work, at_once=1)


def test_several_pictures_at_the_same_time() -> None:
    crew, sums = Crew(3), [0] * 8

    def picture(k: int) -> None:
        seen = np.zeros(200, dtype=int)

        def work(first: int, end: int) -> None:
            seen[first:end] += k

        crew.each_band(200, work, at_once=3)
        sums[k] = int(seen.sum())

    threads = [threading.Thread(target=picture, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sums == [200 * k for k in range(8)]


@pytest.mark.parametrize("interpolation", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("make", [coronal, slanted])
def test_threads_make_no_difference(make: object, interpolation: str) -> None:
    """To the last bit, for slabs and planes large enough to be shared."""
    voxels = np.random.default_rng(0).integers(-1000, 3000, (40, 120, 110)).astype(np.int16)
    crew = Crew(3)
    for volume in (Volume(upright(voxels.shape), voxels), Volume(upright(voxels.shape), voxels, (-1000.0, -800.0))):
        for slab in (None, Slab(9.3, "mip"), Slab(9.3, "mean")):
            plane = make(700 if slab is None else 260)
            alone = cut(volume, plane, interpolation, slab=slab, crew=ALONE)
            np.testing.assert_array_equal(cut(volume, plane, interpolation, slab=slab, crew=crew), alone)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_crew_that_has_ended_gives_large_pictures_up(threads: int) -> None:
    crew, done = Crew(threads), []

    def work(first: int, end: int) -> None:
        done.append(first)
        if len(done) == 2:
            crew.end()

    with pytest.raises(Busy):
        crew.each_band(1000, work, at_once=10)
    assert 2 <= len(done) <= 2 + threads
    crew.each_band(5, work, at_once=10)  # small ones are still made


def test_helpers_end_when_there_is_nothing_to_do_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reslice.imaging.crew.IDLE_SECONDS", 0.05)
    crew = Crew(3)
    for _ in range(2):
        workers: set[int] = set()

        def work(first: int, end: int, workers: set[int] = workers) -> None:
            workers.add(threading.get_ident())
            time.sleep(0.01)

        crew.each_band(100, work, at_once=2)
        assert len(workers) == 3
        time.sleep(0.5)
    seen = weakref.ref(crew)
    del crew
    deadline = time.monotonic() + 10
    while seen() is not None:  # a helper that waits holds on to its crew
        assert time.monotonic() < deadline
        gc.collect()
        time.sleep(0.02)
