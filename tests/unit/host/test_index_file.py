"""The stamp of the index's log: it differs after every write, and tells nothing where that isn't sure."""

import os
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from reslice.host.index_file import LOG, MOST_KEPT, SETTLED_SECONDS, IndexFile, KeptAnswers


@pytest.fixture
def log(tmp_path: Path) -> Iterator[BinaryIO]:
    """A log that this process has open, as Orthanc has its own."""
    with (tmp_path / LOG).open("w+b", buffering=0) as log:
        log.write(b"page")
        yield log


def settled(index: IndexFile) -> Hashable:
    """The stamp as soon as there is one."""
    deadline = time.monotonic() + 20 * SETTLED_SECONDS
    while (stamp := index.stamp()) is None:
        assert time.monotonic() < deadline
        time.sleep(SETTLED_SECONDS / 10)
    return stamp


def test_there_is_no_stamp_right_after_a_write(tmp_path: Path, log: BinaryIO) -> None:
    assert log.name
    assert IndexFile(tmp_path).stamp() is None


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
        assert index.stamp() is None
        stamps.add(settled(index))
    assert len(stamps) == 4


def test_a_write_is_seen_at_once_however_short_the_stamp_has_been_told(tmp_path: Path, log: BinaryIO) -> None:
    index = IndexFile(tmp_path)
    settled(index)
    for _ in range(200):
        log.seek(0)
        log.write(b"page")
        assert index.stamp() is None


def test_another_process_s_log_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b"page")
    index = IndexFile(tmp_path)
    deadline = time.monotonic() + 2 * SETTLED_SECONDS
    while time.monotonic() < deadline:
        assert index.stamp() is None
        time.sleep(SETTLED_SECONDS / 10)


def test_a_folder_without_a_log_tells_nothing(tmp_path: Path) -> None:
    assert IndexFile(tmp_path / "elsewhere").stamp() is None


def test_a_date_that_may_be_rounded_must_stand_longer(tmp_path: Path, log: BinaryIO) -> None:
    index = IndexFile(tmp_path)
    os.utime(log.name, ns=(10**18, 10**18))
    assert index.stamp() is None
    time.sleep(1.5 * SETTLED_SECONDS)
    assert index.stamp() is None


def test_a_date_that_lies_ahead_tells_nothing(tmp_path: Path, log: BinaryIO) -> None:
    index = IndexFile(tmp_path)
    ahead = time.time_ns() + 10**12 + 1
    os.utime(log.name, ns=(ahead, ahead))
    assert index.stamp() is None
    time.sleep(1.5 * SETTLED_SECONDS)
    assert index.stamp() is None


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
