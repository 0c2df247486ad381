"""Threads of our own for the work of requests.

Orthanc's HTTP threads may have a C stack of 100 kB (civetweb's default in Debian's packages). A
decoder, a compiler or a nested JSON text overflows it, and an overflow ends the whole server. So an
HTTP thread only hands its request over and waits; the hop costs some 20 microseconds.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

STACK_BYTES = 16 << 20
"""Address space only: memory is taken as the stack grows."""


class Workers:
    """Threads with a deep stack, so many of them started at once.

    The one that worked last works next: its memory is still in the processor's caches.
    """

    def __init__(self, count: int) -> None:
        self._beginning = threading.Lock()
        self._idle = self._with_deep_stacks(lambda: [_Worker() for _ in range(count)])

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the work on one of the threads and wait for its result, or raise what it raised."""
        worker = self._next()
        try:
            return worker.run(work)
        finally:
            self._idle.append(worker)

    def _next(self) -> "_Worker":
        try:
            return self._idle.pop()
        except IndexError:  # a request of a plugin, made while all HTTP threads are busy
            return self._with_deep_stacks(_Worker)

    def start(self, work: Callable[[], object]) -> None:
        """Do the work in the background."""
        self._with_deep_stacks(lambda: threading.Thread(target=work, name="reslice-background", daemon=True).start())

    def _with_deep_stacks(self, begin: Callable[[], Result]) -> Result:
        """Begin threads whose stacks are deep; the setting is the process's, so one at a time."""
        with self._beginning:
            previous = threading.stack_size(STACK_BYTES)
            try:
                return begin()
            finally:
                threading.stack_size(previous)


class _Worker:
    """One thread, which waits for a piece of work and hands over what came of it."""

    def __init__(self) -> None:
        self._begin, self._end = threading.Lock(), threading.Lock()
        self._begin.acquire()
        self._end.acquire()
        self._work: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        threading.Thread(target=self._serve, name="reslice", daemon=True).start()

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the work and wait for its result."""
        self._work = work
        self._begin.release()
        self._end.acquire()
        result: Result = self._result
        error, self._result, self._error = self._error, None, None
        if error is not None:
            raise error
        return result

    def _serve(self) -> None:
        while True:
            self._begin.acquire()
            try:
                self._result = self._work() if self._work is not None else None
            except BaseException as error:  # raised again where the result is awaited
                self._error = error
            self._work = None
            self._end.release()
