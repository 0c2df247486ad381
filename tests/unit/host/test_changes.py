"""The log of changes: what is written beside a study's images is passed over, anything else counts."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reslice.host.changes import MOST_LOOKED_AT, Changes


class Log:
    """Orthanc's log, as its REST API tells it."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._next = 1

    def add(self, kind: str = "UpdatedMetadata", level: str = "Study", times: int = 1) -> None:
        for _ in range(times):
            self.changes.append({"ChangeType": kind, "ResourceType": level, "Seq": self._next, "ID": "x"})
            self._next += 1

    def ask(self, path: str) -> bytes:
        self.asked.append(path)
        query = parse_qs(urlsplit(path).query, keep_blank_values=True)
        if "last" in query:
            found = self.changes[-1:]
        else:
            since, limit = int(query["since"][0]), int(query["limit"][0])
            found = [change for change in self.changes if change["Seq"] > since][:limit]
        return json.dumps({"Changes": found, "Done": True, "Last": 0}).encode()


@pytest.fixture
def log() -> Log:
    """Of a server with one instance."""
    log = Log()
    log.add("NewInstance", "Instance")
    return log


def test_measurements_of_a_study_count_for_nothing(log: Log) -> None:
    changes = Changes(log.ask)
    first = changes.last()
    for _ in range(3):
        log.add(times=2)
        assert changes.last() == first
    log.asked.clear()
    assert changes.last() == first
    assert len(log.asked) == 1


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("NewInstance", "Instance"),
        ("UpdatedAttachment", "Instance"),
        ("UpdatedMetadata", "Instance"),
        ("UpdatedMetadata", "Series"),
        ("StableSeries", "Series"),
        ("SomethingNew", "Study"),
    ],
)
def test_any_other_change_counts(log: Log, kind: str, level: str) -> None:
    changes = Changes(log.ask)
    first = changes.last()
    log.add()
    log.add(kind, level)
    log.add()
    second = changes.last()
    assert second != first
    log.add()
    assert changes.last() == second


def test_a_gap_in_the_log_counts(log: Log) -> None:
    """Changes of what has been deleted since are gone from it."""
    changes = Changes(log.ask)
    first = changes.last()
    log.add("NewInstance", "Instance")
    log.add()
    del log.changes[1]
    assert changes.last() != first


def test_a_log_that_ends_earlier_counts(log: Log) -> None:
    log.add(times=3)
    changes = Changes(log.ask)
    first = changes.last()
    del log.changes[2:]
    assert changes.last() != first


def test_many_changes_at_once_count_unseen(log: Log) -> None:
    changes = Changes(log.ask)
    first = changes.last()
    log.add(times=MOST_LOOKED_AT)
    assert changes.last() == first
    log.add(times=MOST_LOOKED_AT + 1)
    assert changes.last() != first


def test_an_empty_log_tells_nothing(log: Log) -> None:
    changes = Changes(log.ask)
    changes.last()
    log.changes.clear()
    assert changes.last() is None
    log.add()
    assert changes.last() == 2  # nothing tells how it came to be empty
