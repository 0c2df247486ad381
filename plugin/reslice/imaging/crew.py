"""Threads that share the rows of one large picture; nobody waits for a thread that works for somebody else."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from reslice.errors import Busy

Band = Callable[[int, int], object]
"""Work on the rows from the first to the second number (exclusive). It releases the interpreter's lock."""

IDLE_SECONDS = 5
"""So long a thread waits for the next picture before it ends."""


class Crew:
    """So many threads, the caller among them, that work on bands of rows.

    The caller always works itself and takes whatever band is next, so that it is done at the latest after its
    own time even if all others are busy with somebody else's picture. Any thread may call.
    """

    def __init__(self, threads: int) -> None:
        self.threads = max(1, threads)
        self._is_over = False
        self._waiting: SimpleQueue[_Job] = SimpleQueue()
        self._helpers = 0
        self._counting = threading.Lock()

    def _ask_for_help(self, job: "_Job", helpers: int) -> None:
        """Of threads that wait, or begin now; those with nothing to do for a while have ended."""
        for _ in range(helpers):
            self._waiting.put(job)
        with self._counting:
            missing = min(helpers, self.threads - 1 - self._helpers)
            self._helpers += max(0, missing)
        for _ in range(missing):
            threading.Thread(target=self._help, name="reslice-crew", daemon=True).start()

    def _help(self) -> None:
        try:
            while True:
                self._waiting.get(timeout=IDLE_SECONDS).work()
        except Empty:
            with self._counting:
                self._helpers -= 1

    def end(self) -> None:
        """Give up large pictures that are under way, and those to come: the server stops."""
        self._is_over = True

    def each_band(self, rows: int, work: Band, *, at_once: int = 16, is_worth_it: bool = True) -> None:
        """Do `work` on all rows, `at_once` at a time; on this thread alone where more aren't worth it.

        Raises what the first band that failed raised, when no thread works on any band any more; Busy when the
        server stops.
        """
        if not is_worth_it or rows <= at_once:
            work(0, rows)
            return

        def checked(first: int, end: int) -> None:
            if self._is_over:
                raise Busy("The server is stopping")
            work(first, end)

        job = _Job(rows, at_once, checked)
        self._ask_for_help(job, min(self.threads - 1, -(-rows // at_once) - 1))
        job.work()
        job.wait()


class _Job:
    """The bands of one picture that nobody has begun, and how many are being worked on."""

    def __init__(self, rows: int, at_once: int, work: Band) -> None:
        self._rows, self._at_once, self._band = rows, at_once, work
        self._next = self._busy = 0
        self._error: BaseException | None = None
        self._change = threading.Condition()

    def work(self) -> None:
        """Take bands until none is left; one that fails ends them all."""
        while (first := self._begin()) is not None:
            error: BaseException | None = None
            try:
                self._band(first, min(first + self._at_once, self._rows))
            except BaseException as raised:  # raised again where the picture is awaited
                error = raised
            self._end(error)

    def _begin(self) -> int | None:
        with self._change:
            if self._next >= self._rows:
                return None
            first, self._next = self._next, self._next + self._at_once
            self._busy += 1
            return first

    def _end(self, error: BaseException | None) -> None:
        with self._change:
            self._busy -= 1
            if error is not None:
                self._error, self._next = self._error or error, self._rows
            self._change.notify_all()

    def wait(self) -> None:
        """Until nobody works on it any more; then it holds on to nothing, for busy helpers come to it later."""
        with self._change:
            self._change.wait_for(lambda: not self._busy)
        error, self._error, self._band = self._error, None, _nothing
        if error is not None:
            raise error


def _nothing(first: int, end: int) -> None:
    """The work on the rows of a picture that is finished."""


ALONE = Crew(1)
"""The caller by itself: for small pictures, and where nothing else was built."""
