"""Threads of our own, with a stack deep enough for decoders."""

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reslice.host.workers import STACK_BYTES, Workers


class PthreadAttributes(ctypes.Structure):
    """Opaque, as large as any C library makes it."""

    _fields_ = (("content", ctypes.c_byte * 128),)


def stack_bytes() -> int:
    """How large the stack of the calling thread is, by the C library."""
    library, attributes, size = ctypes.CDLL(None), PthreadAttributes(), ctypes.c_size_t()
    library.pthread_self.restype = ctypes.c_void_p
    library.pthread_getattr_np.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    assert library.pthread_getattr_np(library.pthread_self(), ctypes.byref(attributes)) == 0
    assert library.pthread_attr_getstacksize(ctypes.byref(attributes), ctypes.byref(size)) == 0
    return size.value


@pytest.fixture(scope="module")
def workers() -> Workers:
    return Workers(4)


def test_stack_is_deep_whoever_asks(workers: Workers) -> None:
    """Also when the asking thread has a small one, as an HTTP thread of Orthanc's may."""
    threading.stack_size(128 << 10)
    try:
        with ThreadPoolExecutor(1) as shallow:
            assert shallow.submit(stack_bytes).result() < 1 << 20
            assert shallow.submit(workers.run, stack_bytes).result() >= STACK_BYTES
    finally:
        threading.stack_size(0)


def test_stack_size_of_other_threads_is_left_alone() -> None:
    before = threading.stack_size()
    Workers(2)
    assert threading.stack_size() == before


def test_result_comes_back(workers: Workers) -> None:
    assert workers.run(lambda: 6 * 7) == 42
    assert workers.run(lambda: threading.current_thread().name).startswith("reslice")


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_errors_come_back_and_the_thread_lives_on(workers: Workers, error: BaseException) -> None:
    def fail() -> None:
        raise error

    for _ in range(10):
        with pytest.raises(type(error)):
            workers.run(fail)
    assert workers.run(lambda: "alive") == "alive"


def test_as_many_at_once_as_there_are_threads(workers: Workers) -> None:
    together = threading.Barrier(4)
    with ThreadPoolExecutor(4) as asking:
        waiting = [asking.submit(workers.run, lambda: together.wait(10)) for _ in range(4)]
        assert sorted(future.result(10) for future in waiting) == [0, 1, 2, 3]


def test_more_requests_than_threads_are_all_served(workers: Workers) -> None:
    with ThreadPoolExecutor(30) as asking:
        results = [asking.submit(workers.run, lambda k=k: k * k) for k in range(300)]
        assert [future.result(30) for future in results] == [k * k for k in range(300)]


def test_background_work_is_not_waited_for(workers: Workers) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(10)
        ended.set()

    workers.start(work)
    assert not ended.is_set()
    assert workers.run(lambda: "served meanwhile") == "served meanwhile"
    may_end.set()
    assert ended.wait(10)


def depths_of_threads_begun_at_once(count: int) -> list[int]:
    """As many requests as there are new threads, all at the same moment."""
    workers, begin, together = Workers(0), threading.Barrier(count), threading.Barrier(count)

    def depth() -> int:
        together.wait(10)
        return stack_bytes()

    def ask() -> int:
        begin.wait(10)
        return workers.run(depth)

    with ThreadPoolExecutor(count) as asking:
        return [future.result(20) for future in [asking.submit(ask) for _ in range(count)]]


def test_threads_begun_at_once_are_all_deep() -> None:
    """Python's stack size is one for the whole process: two who begin threads at a time must not mix it up."""
    before = threading.stack_size()
    try:
        for _ in range(60):
            assert min(depths_of_threads_begun_at_once(16)) >= STACK_BYTES
            assert threading.stack_size() == before
    finally:
        threading.stack_size(before)
