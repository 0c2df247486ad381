"""Threads of our own for the work of requests.

Orthanc's HTTP threads may have a C stack of 100 kB (civetweb's default in Debian's packages). A
decoder, a compiler or a nested JSON text overflows it, and an overflow ends the whole server. So an
HTTP thread only hands its request over and waits; the hop costs some 20 microseconds.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

STACK_BYTES = 16 << 20
"""Address space only: memory is taken as the stack grows."""


class Workers:
    """A fixed number of threads with a deep stack, started at once."""

    def __init__(self, count: int) -> None:
        previous = threading.stack_size(STACK_BYTES)
        everyone = threading.Barrier(count + 1)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="reslice")
        try:
            for _ in range(count):
                self._pool.submit(everyone.wait)
            everyone.wait()
        except RuntimeError:  # no more threads to be had: those that wait must not wait for ever
            everyone.abort()
            raise
        finally:
            threading.stack_size(previous)

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the work on one of the threads and wait for its result."""
        return self._pool.submit(work).result()

    def start(self, work: Callable[[], object]) -> None:
        """Do the work in the background."""
        self._pool.submit(work)
