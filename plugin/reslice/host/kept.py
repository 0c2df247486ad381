"""What is kept with a study under numbers (Orthanc's metadata), and how one is swapped for another.

A single node with an index of its own writes by the SDK, one swap of a study at a time. Where other nodes write to
the same index, or Orthanc insists on revisions, only its own If-Match makes a swap one step; the SDK can't send that.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from reslice.archive.locks import StripedLocks
from reslice.archive.port import Writes
from reslice.errors import ArchiveUnavailable, UnknownResource
from reslice.host.loopback import Answer, Loopback
from reslice.host.rest import Refusal, Rest, got
from reslice.host.room import Room

OF_NOTHING = '"0-00000000000000000000000000000000"'
"""A well-formed entity tag that no text has, the empty one neither: Orthanc takes it only where there is no entry."""
LOST = frozenset({409, 412})


class Writer(Protocol):
    """One way to write."""

    def writing(self) -> AbstractContextManager[None]:
        """What it needs meanwhile."""

    def swap(self, study: str, number: int, expected: str | None, value: str | None) -> bool:
        """As `Archive.swap_entry`."""


class KeptEntries:
    """The entries of Orthanc's studies.

    `is_alone` tells whether nobody else writes to the index and no revisions are asked for; `names` are the
    configured names of some numbers (UserMetadata), under which Orthanc lists them.
    """

    def __init__(
        self, rest: Rest, loopback: Loopback, room: Room, is_alone: Callable[[], bool], names: Mapping[str, int]
    ) -> None:
        self._rest = rest
        self._loopback = loopback
        self._is_alone = is_alone
        self._names = dict(names)
        self._direct, self._checked = DirectWriter(rest, room), LoopbackWriter(rest, loopback, room)

    def of(self, study: str) -> dict[int, str]:
        """All entries of a study. Raises UnknownResource."""
        answer = got(self._rest.get, f"/studies/{study}/metadata?expand")
        listed = json.loads(answer.decode("utf-8", "replace"), strict=False)  # whatever others have written
        numbered = ((_number(name, self._names), text) for name, text in listed.items())
        return {number: text for number, text in numbered if number is not None}

    def mode(self) -> Writes:
        """How they are written at the moment."""
        if self._is_alone():
            return "sdk"
        return "loopback" if self._loopback.is_there() else "unavailable"

    def writing(self) -> AbstractContextManager[None]:
        """As `Archive.writing`."""
        return self._writer.writing()

    def swap(self, study: str, number: int, expected: str | None, value: str | None) -> bool:
        """As `Archive.swap_entry`."""
        return self._writer.swap(study, number, expected, value)

    @property
    def _writer(self) -> Writer:
        return self._direct if self._is_alone() else self._checked


def _number(name: str, names: Mapping[str, int]) -> int | None:
    return int(name) if name.isascii() and name.isdigit() else names.get(name)


def _path(study: str, number: int) -> str:
    return f"/studies/{study}/metadata/{number}"


def _present(rest: Rest, study: str, number: int) -> bytes | None:
    """The entry as it is now, None where there is none. Raises UnknownResource when the study has gone."""
    try:
        return got(rest.get, _path(study, number))
    except UnknownResource:
        got(rest.get, f"/studies/{study}")
        return None


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "replace")


class DirectWriter:
    """By the SDK: reading and writing are one step because nobody else writes."""

    def __init__(self, rest: Rest, room: Room) -> None:
        self._rest = rest
        self._room = room
        self._locks = StripedLocks()

    def writing(self) -> AbstractContextManager[None]:
        """It needs nothing."""
        return nullcontext()

    def swap(self, study: str, number: int, expected: str | None, value: str | None) -> bool:
        """As `Archive.swap_entry`."""
        with self._locks.of(study):
            present = _present(self._rest, study, number)
            if present != _bytes(expected):
                return False
            if value is not None:
                self._write(lambda: self._rest.put(_path(study, number), value.encode()))
            elif present is not None:
                self._write(lambda: self._rest.delete(_path(study, number)))
        return True

    def _write(self, write: Callable[[], object]) -> None:
        try:
            write()
        except Refusal as refusal:
            if refusal.number in Refusal.UNKNOWN:
                raise UnknownResource("The study is no longer there") from refusal
            raise self._room.why(refusal.text) from refusal


class LoopbackWriter:
    """By Orthanc's own HTTP port, with the entity tag of what was read."""

    def __init__(self, rest: Rest, loopback: Loopback, room: Room) -> None:
        self._rest = rest
        self._loopback = loopback
        self._room = room

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One of the few slots."""
        with self._loopback.slot():
            self._loopback.require()
            yield

    def swap(self, study: str, number: int, expected: str | None, value: str | None) -> bool:
        """As `Archive.swap_entry`."""
        try:
            return self._swap(study, number, expected, value)
        except ArchiveUnavailable:  # perhaps after Orthanc had written
            if _present(self._rest, study, number) == _bytes(value) != _bytes(expected):
                return True
            raise

    def _swap(self, study: str, number: int, expected: str | None, value: str | None) -> bool:
        path, own = _path(study, number), self._loopback.own_headers()
        with self._loopback.conversation() as ask:
            tag: str | None = OF_NOTHING
            if expected is not None:
                # The tag that a PUT answers is wrong on some versions: only GET's counts.
                read: Answer = ask("GET", path, own)
                tag = read.etag if read.status == 200 and read.body == _bytes(expected) else None
            if tag is None:
                return self._refused(study)
            method = "DELETE" if value is None else "PUT"
            answer: Answer = ask(method, path, {**own, "If-Match": tag}, _bytes(value))
        return self._meaning(answer, study)

    def _refused(self, study: str) -> bool:
        """False, if the study is still there."""
        got(self._rest.get, f"/studies/{study}")
        return False

    def _meaning(self, answer: Answer, study: str) -> bool:
        if answer.status == 200:
            return True
        if answer.status == 404 or answer.status in LOST:
            return self._refused(study)
        raise self._room.why(answer.body.decode("utf-8", "replace"))
