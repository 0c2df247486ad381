"""The stamp of the index's log: it differs after every write, and tells nothing where that isn't sure."""

import os
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from reslice.host import index_file
from reslice.host.index_file import LOG, MOST_KEPT, IndexFile, KeptAnswers

WAIT = 0.5
"""Seconds: far longer than a clock's step."""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[BinaryIO]:
    """A log that this process has open, as Orthanc has its own."""
    with (tmp_path / LOG).open("w+b", buffering=0) as log:
        log.write(b"page")
        yield log


def settled(index: IndexFile) -> Hashable:
    """The stamp as soon as there is one."""
    deadline = time.monotonic() + 20 * WAIT
    while (stamp := index.stamp()) is None:
        assert time.monotonic() < deadline
        time.sleep(WAIT / 50)
    return stamp


def told(index: IndexFile) -> set[Hashable]:
    """What it tells within a moment."""
    deadline, stamps = time.monotonic() + WAIT, set()
    while time.monotonic() < deadline:
        stamps.add(index.stamp())
    return stamps


def test_the_stamp_stays_while_nothing_is_written(tmp_path: Path, log: BinaryIO) -> None:
    assert log.name
    index = IndexFile(tmp_path)
    first = settled(index)
    assert [index.stamp() for _ in range(5)] == [first] * 5


def test_every_write_makes_another_stamp_though_the_size_stays(tmp_path: Path, log: BinaryIO) -> None:
    index = IndexFile(tmp_path)
    stamps = {settled(index)}
    for n in range(3):
        log.seek(0)
        log.write(b"%04d" % n)
        stamps.add(settled(index))
    assert len(stamps) == 4


def test_a_write_is_seen_at_once_however_short_the_stamp_has_been_told(tmp_path: Path, log: BinaryIO) -> None:
    index, before = IndexFile(tmp_path), set()
    for n in range(2000):
        before.add(index.stamp())
        log.seek(0)
        log.write(b"%04d" % n)
        stamp = index.stamp()
        assert stamp is None or stamp not in before
    assert settled(index) not in before


def test_a_log_that_this_process_has_not_open_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b"page")
    assert told(IndexFile(tmp_path)) == {None}


def test_a_folder_without_a_log_tells_nothing(tmp_path: Path) -> None:
    assert IndexFile(tmp_path / "elsewhere").stamp() is None


def test_a_file_system_that_isnt_known_to_date_each_write_tells_nothing(
    tmp_path: Path, log: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settled(IndexFile(tmp_path)) is not None
    monkeypatch.setattr(index_file, "TRUE_TO_DATES", frozenset({"ntfs3", "fuseblk"}))
    assert log.name
    assert told(IndexFile(tmp_path)) == {None}


def test_a_clock_that_was_set_ends_the_stamp(tmp_path: Path, log: BinaryIO, monkeypatch: pytest.MonkeyPatch) -> None:
    index = IndexFile(tmp_path)
    before, now = settled(index), time.time
    assert log.name
    monkeypatch.setattr(index_file.time, "time", lambda: now() - 5)
    assert index.stamp() not in (before, None)


@pytest.mark.parametrize(
    "date",
    [10**18, 10**18 + 10**6 + 100, time.time_ns() + 10**14 + 1],
    ids=["seconds", "cut to 100 ns", "ahead of the clock"],
)
def test_a_date_that_proves_nothing_makes_no_stamp(tmp_path: Path, log: BinaryIO, date: int) -> None:
    os.utime(log.name, ns=(date, date))
    assert told(IndexFile(tmp_path)) == {None}


def answers_of(stamps: list[Hashable | None]) -> tuple[KeptAnswers, Callable[[], int]]:
    """Answers while the index has these stamps, one a question, and a question that counts how often it is asked."""
    asked = iter(range(10**6))
    return KeptAnswers(iter(stamps).__next__), lambda: next(asked)


def test_a_question_is_asked_once_for_each_stamp() -> None:
    kept, ask = answers_of([1, 1, 2, 2])
    assert [kept.of("a", ask) for _ in range(4)] == [0, 0, 1, 1]


def test_without_a_stamp_it_is_asked_every_time() -> None:
    kept, ask = answers_of([None, None, 1, None, 1])
    assert [kept.of("a", ask) for _ in range(5)] == [0, 1, 2, 3, 2]


def test_a_refusal_is_not_kept() -> None:
    kept, ask = answers_of([1, 1])

    def refuse() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        kept.of("a", refuse)
    assert kept.of("a", ask) == 0


def test_the_oldest_answers_go_when_there_are_too_many() -> None:
    kept, ask = answers_of([1] * (MOST_KEPT + 2))
    for n in range(MOST_KEPT + 1):
        kept.of(str(n), ask)
    assert kept.of("0", ask) == MOST_KEPT + 1
