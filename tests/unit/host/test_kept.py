"""Entries swapped in Orthanc's ways: never a write over something else, never a wrong word about the outcome."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reslice.errors import ArchiveUnavailable, StorageFull, UnknownResource
from reslice.host.kept import KeptEntries
from reslice.host.loopback import Loopback
from reslice.host.rest import Refusal
from reslice.host.room import Room
from unit.host.metadata_server import STUDY, SYSTEM, TOKEN, MetadataServer, metadata_server

PATH = f"{STUDY}/metadata/50000"
WAYS = pytest.mark.parametrize("is_alone", [True, False], ids=["by the SDK", "by the loopback"])


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    """A server that listens."""
    with metadata_server() as server:
        yield server


def kept(server: MetadataServer, *, is_alone: bool, names: dict[str, int] | None = None) -> KeptEntries:
    """Its entries."""
    loopback = Loopback({"HttpPort": server.port}, lambda: TOKEN, lambda: SYSTEM)
    return KeptEntries(server.rest, loopback, Room(()), lambda: is_alone, names or {})


def swap(entries: KeptEntries, expected: str | None, value: str | None) -> bool:
    """As the store does it."""
    with entries.writing():
        return entries.swap("s", 50000, expected, value)


@WAYS
def test_only_what_is_expected_is_replaced(server: MetadataServer, is_alone: bool) -> None:
    entries = kept(server, is_alone=is_alone)
    assert not swap(entries, "a", "b")
    assert swap(entries, None, "a")
    assert not swap(entries, None, "b")
    assert not swap(entries, "b", "c")
    assert server.texts == {PATH: b"a"}
    assert swap(entries, "a", "b")
    assert not swap(entries, "a", None)
    assert swap(entries, "b", None)
    assert server.texts == {}


@WAYS
def test_an_empty_entry_of_others_is_an_entry(server: MetadataServer, is_alone: bool) -> None:
    server.texts[PATH] = b""
    assert not swap(kept(server, is_alone=is_alone), None, "a")
    assert server.texts == {PATH: b""}


@WAYS
@pytest.mark.parametrize(("expected", "value"), [(None, "a"), ("a", "b"), ("a", None)])
def test_a_study_that_has_gone(server: MetadataServer, is_alone: bool, expected: str | None, value: str | None) -> None:
    server.has_study = False
    with pytest.raises(UnknownResource):
        swap(kept(server, is_alone=is_alone), expected, value)


def test_loopback_never_writes_without_a_condition(server: MetadataServer) -> None:
    entries = kept(server, is_alone=False)
    for expected, value in ((None, "a"), ("a", "b"), ("b", None), ("x", "y")):
        swap(entries, expected, value)
    writes = [headers for method, _, headers in server.seen if method != "GET"]
    assert len(writes) == 3
    assert all("if-match" in headers for headers in writes)
    assert entries.mode() == "loopback"


def test_an_answer_that_was_lost_after_the_write(server: MetadataServer) -> None:
    """What is there then tells how it went."""
    entries = kept(server, is_alone=False)
    server.hangs_up_after_writing = True
    assert swap(entries, None, "a")
    assert swap(entries, "a", "b")
    assert server.texts == {PATH: b"b"}
    assert swap(entries, "b", None)
    assert server.texts == {}


def test_a_write_that_fails_before_anything_is_written(server: MetadataServer) -> None:
    entries = kept(server, is_alone=False)
    swap(entries, None, "a")
    server.fails_with = (500, b'{"Message": "Error with the database engine"}')
    for expected, value in ((None, "b"), ("a", "b"), ("a", None)):
        with pytest.raises(ArchiveUnavailable):
            kept(server, is_alone=False).swap("s", 50000, expected, value)
    assert server.texts == {PATH: b"a"}


@pytest.mark.parametrize(
    "said",
    [
        b'could not extend file "base/1/2": No space left on device',
        b"database or disk is full",
        b"The storage is full",
        b"Disk quota exceeded",
    ],
)
def test_a_full_disk_of_a_distant_database(server: MetadataServer, said: bytes) -> None:
    server.fails_with = (500, said)
    with pytest.raises(StorageFull):
        swap(kept(server, is_alone=False), None, "a")


def test_without_its_port_nothing_is_written_in_any_other_way(server: MetadataServer) -> None:
    server.system = b"somebody else"
    entries = kept(server, is_alone=False)
    assert entries.mode() == "unavailable"
    with pytest.raises(ArchiveUnavailable) as caught:
        swap(entries, None, "a")
    assert caught.value.reason == "loopback-unavailable"
    assert server.texts == {}


def test_only_numbers_and_names_of_numbers_are_entries(server: MetadataServer) -> None:
    """The name that a site has given to one of our numbers must not make it look free."""
    listed = {"50000": "a", "LastUpdate": "x", "site-name": "b", "\u0663": "c", "-1": "d"}
    server.texts[f"{STUDY}/metadata?expand"] = json.dumps(listed).encode()
    assert kept(server, is_alone=True, names={"site-name": 50007}).of("s") == {50000: "a", 50007: "b"}


def test_a_text_that_is_no_utf8_costs_only_itself(server: MetadataServer) -> None:
    server.texts[f"{STUDY}/metadata?expand"] = b'{"50000": "\xff\xe4\x01", "50001": "a"}'
    assert kept(server, is_alone=True).of("s")[50001] == "a"


def test_an_index_that_does_not_answer(server: MetadataServer) -> None:
    def refuse(_: str) -> bytes:
        raise Refusal(11, "Error with the database engine")

    rest = replace(server.rest, get=refuse)
    entries = KeptEntries(rest, Loopback({}, lambda: TOKEN, lambda: SYSTEM), Room(()), lambda: True, {})
    with pytest.raises(ArchiveUnavailable):
        entries.of("s")


def test_folders_of_index_and_files(tmp_path: Path) -> None:
    file = tmp_path / "orthanc.json"
    file.touch()
    for place in (str(file), str(tmp_path)):
        assert Room.of({}, place) == Room((tmp_path / "OrthancStorage",) * 2)
        told = Room.of({"StorageDirectory": "a", "IndexDirectory": "/b"}, place)
        assert told == Room((tmp_path / "a", Path("/b")))


def test_room_is_told_apart_from_other_trouble(tmp_path: Path) -> None:
    assert Room((tmp_path,)).is_left()
    assert list(tmp_path.iterdir()) == []
    assert Room((tmp_path / "nowhere",)).is_left()
    assert isinstance(Room((tmp_path,)).why("Error with the database engine"), ArchiveUnavailable)
