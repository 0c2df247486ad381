"""Measurements in a real Orthanc: what ends, kills, fills and damages it costs no record that was answered."""

import errno
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients import OrthancClient
from measuring_clients import (
    ENTRIES,
    SLICES,
    MeasuredStudy,
    entries,
    entry,
    measured_study,
    write_entry,
)
from phantoms import noise
from refusals import assert_refused
from server import Orthanc, Servers

pytestmark = pytest.mark.slow

Start = Callable[..., Orthanc]
KILLS = 10
"""For each way to write: 20 altogether."""
SMALL_DISK = "8m"
USERS = {"alice": "correct horse"}
BOTH_WAYS = pytest.mark.parametrize("check_revisions", [False, True], ids=["by the SDK", "by the loopback"])


@pytest.fixture(scope="module", params=[False, True], ids=["by the SDK", "by the loopback"])
def server(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Orthanc]:
    """One server for each way to write."""
    with servers.running(CheckRevisions=request.param) as server:
        yield server
        assert server.alive


@pytest.fixture
def study(server: Orthanc) -> MeasuredStudy:
    """A new study on it."""
    return measured_study(server.emptied())


def home(identifier: str) -> int:
    """The entry that a record is put into where that is free."""
    return ENTRIES[int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "big") % len(ENTRIES)]


@BOTH_WAYS
def test_measurements_are_there_after_a_restart(start_orthanc: Start, check_revisions: bool) -> None:
    server = start_orthanc(CheckRevisions=check_revisions)
    study = measured_study(server.client())
    changed = study.replaced(study.made(Label="a"), Label="b")
    untouched, gone = study.made(), study.made()
    study.deleted(gone)
    before = study.records()
    server.end()
    server.restart()
    study = study.seen_by(server.client())
    assert study.records() == before
    assert [record["Id"] for record in before] == [changed["Id"], untouched["Id"]]
    assert study.replaced(changed, Label="c")["Revision"] == 3
    assert_refused(study.read(gone), 410, "deleted")


@BOTH_WAYS
def test_nothing_that_was_answered_is_lost_when_the_server_is_killed(
    start_orthanc: Start, check_revisions: bool
) -> None:
    server = start_orthanc(CheckRevisions=check_revisions)
    study = measured_study(server.client())
    expected: dict[str, dict] = {}
    for kill in range(KILLS):
        record = study.made(Label=f"made before kill {kill}")
        if kill % 3 > 0:
            record = study.replaced(record, Label=f"changed before kill {kill}")
        expected[record["Id"]] = record
        if kill % 3 > 1:
            study.deleted(record)
            del expected[record["Id"]]
        server.kill()
        server.restart()
        study = study.seen_by(server.client())
        assert {record["Id"]: record for record in study.records()} == expected, f"kill {kill}"


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no byte free in a folder's file system meanwhile."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    try:
        yield
    finally:
        filler.unlink()


def disk_of_its_own(folder: Path) -> Sequence[str]:
    """A command that runs another one with a small disk mounted on the folder, which nobody else sees."""
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    mount = f'mount -t tmpfs -o size={SMALL_DISK} none "$0" && exec "$@"'
    return ("unshare", *rights, "--mount", "sh", "-c", mount, str(folder))


@BOTH_WAYS
def test_a_full_disk_keeps_what_it_holds(start_orthanc: Start, tmp_path: Path, check_revisions: bool) -> None:
    server = start_orthanc(
        launcher=disk_of_its_own(tmp_path),
        CheckRevisions=check_revisions,
        StorageDirectory=str(tmp_path / "storage"),
        IndexDirectory=str(tmp_path / "storage"),
    )
    study = measured_study(server.client())
    record = study.made(Label="before")
    disk = server.root / tmp_path.relative_to("/")
    assert not (tmp_path / "storage").exists(), "it writes to our disk"
    with full(disk):
        # What the journal has room for is still written.
        answers = []
        while not answers or (answers[-1].status == 200 and len(answers) < 200):
            answers.append(study.replace(record, Label="a", Description="y" * 4000))
            record = answers[-1].json() if answers[-1].status == 200 else record
        assert_refused(answers[-1], 507, "storage-full")
        assert_refused(study.create(Description="y" * 4000), 507, "storage-full")
        assert_refused(study.delete(record), 507, "storage-full")
        assert study.read(record).json() == record
        assert study.records() == [record]
    assert study.replaced(record, Label="after")["Label"] == "after"
    assert study.made()["Revision"] == 1


def test_a_corrupt_entry_costs_one_record(study: MeasuredStudy) -> None:
    first, second, third = (study.made(Label=label) for label in ("a", "b", "c"))
    number = next(n for n, text in entries(study).items() if second["Id"] in text)
    damaged = entries(study)[number][:-40].encode()
    write_entry(study, number, damaged)
    listed = study.listed()
    assert listed["Measurements"] == [first, third]
    assert listed["Count"] == 2
    (error,) = listed["Errors"]
    assert (error["Entry"], error["Reason"]) == (number, "corrupt-entry")
    assert_refused(study.read(second), 404, "unknown-measurement")
    again = study.made(Id=second["Id"])
    assert study.read(again).json() == again
    assert study.replaced(first)["Revision"] == 2
    assert entries(study)[number].encode() == damaged


@pytest.mark.parametrize("text", [b"", b"hello", b"\xff\xfe\x80 \xe4", b"a\x00b", '{"\u00e4": 1}'.encode()])
def test_entries_of_others_are_never_overwritten(study: MeasuredStudy, text: bytes) -> None:
    """Not even an empty one, at the very place that a record would take."""
    identifier = str(uuid.uuid4())
    number = home(identifier)
    for taken in (number, number + 1):
        write_entry(study, taken, text)
    record = study.made(Id=identifier)
    assert study.records() == [record]
    for taken in (number, number + 1):
        assert study.client.get(entry(study, taken)).content == text
    assert record["Id"] in entries(study)[number + 2]
    study.deleted(study.replaced(record))
    assert study.client.get(entry(study, number)).content == text


def test_measurements_go_with_their_study(server: Orthanc) -> None:
    files = noise(SLICES)
    study = measured_study(server.emptied(), files)
    record = study.made()
    study.client.delete(f"/studies/{study.study}")
    for answer in (
        study.client.get(study.path),
        study.read(record),
        study.create(),
        study.create(Id=record["Id"]),
        study.replace(record),
        study.delete(record),
    ):
        assert_refused(answer, 404, "unknown-resource")
    assert study.client.get(f"/studies/{study.study}").status == 404
    again = measured_study(study.client, files)
    assert (again.study, again.records(), entries(again)) == (study.study, [], {})
    assert again.made(Id=record["Id"])["Revision"] == 1


def test_an_entry_deleted_by_others_is_no_measurement_any_more(study: MeasuredStudy) -> None:
    record = study.made()
    ((number, _),) = entries(study).items()
    tag = study.client.get(entry(study, number)).headers["ETag"]
    assert study.client.delete(entry(study, number), {"If-Match": tag}).status == 200
    assert_refused(study.replace(record), 404, "unknown-measurement")
    assert_refused(study.delete(record), 404, "unknown-measurement")
    assert (study.records(), entries(study)) == ([], {})


def test_an_entry_changed_by_others_is_read_anew(study: MeasuredStudy) -> None:
    """As another node would change it."""
    record = study.made(Label="a")
    ((number, text),) = entries(study).items()
    write_entry(study, number, text.replace('"Revision":1', '"Revision":5').replace('"a"', '"b"').encode())
    assert_refused(study.replace(record), 412, "stale-revision", Revision=5)
    assert study.read(record).json()["Label"] == "b"
    assert study.replaced({**record, "Revision": 5})["Revision"] == 6


def test_the_entry_as_orthanc_tells_it(study: MeasuredStudy) -> None:
    study.made(Label="\u00c4 \U0001f600 \u2028")
    ((_, text),) = entries(study).items()
    assert text.startswith('{"reslice":1,"Id":"')
    assert text.isascii()
    assert study.records()[0]["Label"] == "\u00c4 \U0001f600 \u2028"


@BOTH_WAYS
def test_only_users_write_where_there_are_users(start_orthanc: Start, check_revisions: bool) -> None:
    """The server's own authority, which the loopback needs, helps nobody and is told to nobody."""
    server = start_orthanc(
        credentials=("alice", USERS["alice"]),
        AuthenticationEnabled=True,
        RegisteredUsers=USERS,
        CheckRevisions=check_revisions,
    )
    study = measured_study(server.client())
    record = study.made()
    assert record["Author"] == "alice"
    for stranger in (OrthancClient(server.url), OrthancClient(server.url, ("alice", "wrong"))):
        theirs = study.seen_by(stranger)
        for answer in (theirs.create(), theirs.replace(record), theirs.delete(record), theirs.read(record)):
            assert answer.status == 401
        stranger.close()
    assert study.records() == [record]
    study.deleted(study.replaced(record))
    for secret in ("Bearer", *USERS.values()):
        assert secret not in server.log
        assert secret not in "".join(entries(study).values())


def test_where_it_cannot_write_safely_it_does_not_write(start_orthanc: Start) -> None:
    """Orthanc insists on revisions, and has no second thread to be told them by."""
    study = measured_study(start_orthanc(CheckRevisions=True, HttpThreadsCount=1).client())
    answer = study.create()
    assert_refused(answer, 503, "loopback-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert (study.records(), entries(study)) == ([], {})
    assert_refused(study.delete({"Id": uuid.uuid4(), "Revision": 1}), 404, "unknown-measurement")
    assert study.client.get("/reslice").json()["Capabilities"]["Measurements"]["Writes"] == "unavailable"
    health = study.client.get("/reslice/health")
    (check,) = (check for check in health.json()["Checks"] if check["Name"] == "measurements")
    assert (health.status, health.json()["Status"], check["Status"]) == (200, "degraded", "degraded")
    assert check["Details"]


def test_the_server_tells_how_it_writes(server: Orthanc) -> None:
    client = server.client()
    is_checked = client.get("/system").json()["CheckRevisions"]
    told = client.get("/reslice").json()["Capabilities"]["Measurements"]["Writes"]
    assert told == ("loopback" if is_checked else "sdk")
