"""The file of an index that is this server's alone: whether anything has been written into it, without asking.

Orthanc's own index is an SQLite database with a write-ahead log: whatever changes, its last page is in the log before
Orthanc answers the change. So as long as the log's file is as it was, the index is.
"""

import os
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

Answer = TypeVar("Answer")

LOG = "index-wal"
"""What Orthanc calls the log; it keeps it open, and locked against every other process."""
OPEN_FILES = Path("/proc/self/fd")
COARSE_CLOCK = getattr(time, "CLOCK_REALTIME_COARSE", 5)
"""The one by which Linux dates what is written. Python has no name for it."""

MOUNTS = Path("/proc/self/mountinfo")
TRUE_TO_DATES = frozenset({"ext4", "xfs", "tmpfs", "overlay"})
"""File systems that date each write at once, by the clock that is compared here, to the nanosecond."""
FINEST = 100
"""Nanoseconds: a date that is a multiple of so many may have been cut to them, and proves nothing."""
MOST_KEPT = 256
"""Answers; more begin anew."""


class IndexFile:
    """The log of the index in a folder; any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG
        self._ours: tuple[int, int] | None = None

    def stamp(self) -> Hashable | None:
        """What differs after anything was written; None where that can't be told, or not yet.

        Two writes may have the same date. So a stamp counts when its date has passed: whatever is written from then
        on is dated later. It holds how far the clock is from one that nobody sets, so that it ends when somebody does.
        """
        clock, drift = _coarse_clock(), round(time.time() - time.monotonic())
        try:
            found = self._path.stat()
        except OSError:
            return None
        has_passed = clock > found.st_mtime_ns and found.st_mtime_ns % FINEST
        if not has_passed or not self._is_ours(found):
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, drift

    def _is_ours(self, found: os.stat_result) -> bool:
        """Whether this very process has the file open, on a file system whose dates are true.

        Another index of the same name wouldn't tell anything.
        """
        file = found.st_dev, found.st_ino
        if self._ours != file and _is_open(file) and _file_system(found.st_dev) in TRUE_TO_DATES:
            self._ours = file
        return self._ours == file


def _coarse_clock() -> int:
    try:
        return time.clock_gettime_ns(COARSE_CLOCK)
    except OSError:  # pragma: no cover - not Linux
        return 0


def _file_system(device: int) -> str:
    """The type of the file system on a device; empty where that isn't told."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = [line.split() for line in MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    return next((mount[mount.index("-") + 1] for mount in mounts if mount[2] == number), "")


def _is_open(file: tuple[int, int]) -> bool:
    """Looked up by name, never opened: closing it again would take away SQLite's locks."""
    try:
        names = list(OPEN_FILES.iterdir())
    except OSError:
        return False
    return any(_identity(name) == file for name in names)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # closed meanwhile
        return None
    return found.st_dev, found.st_ino


class KeptAnswers:
    """Answers of the index, kept until something is written into it; any thread may ask."""

    def __init__(self, stamp: Callable[[], Hashable | None]) -> None:
        self._stamp = stamp
        self._kept: tuple[Hashable, dict[str, Any]] = (None, {})

    def of(self, question: str, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question.

        It is asked after the stamp was taken: what is written meanwhile is seen next time.
        """
        stamp = self._stamp()
        if stamp is None:
            return ask()
        known, answers = self._kept
        if stamp != known or len(answers) >= MOST_KEPT:
            answers = {}
            self._kept = stamp, answers
        if question not in answers:
            answers[question] = ask()
        answer: Answer = answers[question]
        return answer
