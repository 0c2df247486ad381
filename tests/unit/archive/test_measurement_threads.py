"""Many at once: nobody's update is lost, no id is there twice."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from reslice.archive.memory import MemoryArchive
from reslice.errors import Conflict, Gone, PreconditionFailed, ResliceError
from unit.archive.records import FIRST, STUDY, an_id, document, store_over, with_study

THREADS = 16
TURNS = 25
NODES = pytest.mark.parametrize("nodes", [1, 2, pytest.param(THREADS, marks=pytest.mark.slow)])


def at_once(work: Callable[[int], None], threads: int = THREADS) -> list[BaseException]:
    """Do the work on so many threads that begin together; what they didn't expect."""
    failures: list[BaseException] = []
    barrier = threading.Barrier(threads)

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    return failures


def stores(count: int, archive: MemoryArchive) -> list:
    """So many stores over one archive, as nodes over one index: their locks know nothing of each other."""
    return [store_over(archive, FIRST, FIRST + 999) for _ in range(count)]


@NODES
def test_every_counted_update_is_there(nodes: int) -> None:
    archive = with_study(MemoryArchive())
    over = stores(nodes, archive)
    over[0].create(STUDY, document(1, Description="0"))
    done: Counter[str] = Counter()

    def count_up(number: int) -> None:
        store = over[number % nodes]
        for _ in range(TURNS):
            record = store.get(STUDY, an_id(1))
            more = str(int(record["Description"]) + 1)
            try:
                store.update(STUDY, an_id(1), record["Revision"], lambda old, more=more: {**old, "Description": more})
                done["written"] += 1
            except PreconditionFailed:
                done["refused"] += 1

    assert at_once(count_up) == []
    record = over[0].get(STUDY, an_id(1))
    assert done["written"] >= TURNS
    assert (int(record["Description"]), record["Revision"]) == (done["written"], done["written"] + 1)


@NODES
def test_one_id_is_made_once(nodes: int) -> None:
    archive = with_study(MemoryArchive())
    over = stores(nodes, archive)
    answers: list[bool | str] = []

    def make(number: int) -> None:
        for turn in range(TURNS):
            request = document(turn, RequestDigest="even" if number % 2 == 0 else "odd")
            try:
                answers.append(over[number % nodes].create(STUDY, request)[1])
            except Conflict as error:
                answers.append(error.reason)

    assert at_once(make) == []
    found = over[0].list(STUDY)
    assert (len(found.records), found.errors) == (TURNS, ())
    assert answers.count(True) == TURNS
    assert answers.count("id-in-use") == TURNS * THREADS // 2


@pytest.mark.slow
def test_all_are_made_in_a_crowded_range() -> None:
    archive = with_study(MemoryArchive())
    store = store_over(archive, FIRST, FIRST + THREADS * TURNS - 1)

    def make(number: int) -> None:
        for turn in range(TURNS):
            assert store.create(STUDY, document(1000 * number + turn))[1] is True

    assert at_once(make) == []
    assert len(store.list(STUDY).records) == THREADS * TURNS


def test_changes_and_deletions_race() -> None:
    """One deletion of each record succeeds, and nothing changes it afterwards."""
    archive = with_study(MemoryArchive())
    store = store_over(archive)
    for turn in range(TURNS):
        store.create(STUDY, document(turn))
    deleted: Counter[int] = Counter()

    def meddle(number: int) -> None:
        for turn in range(TURNS):
            try:
                revision = store.get(STUDY, an_id(turn))["Revision"]
                if number % 4 == 0:
                    store.delete(STUDY, an_id(turn), revision)
                    deleted[turn] += 1
                else:
                    store.update(STUDY, an_id(turn), revision, lambda record: record)
            except (Gone, PreconditionFailed):
                pass

    assert at_once(meddle) == []
    left = {record["Id"] for record in store.list(STUDY).records}
    assert set(deleted.values()) <= {1}
    assert left == {an_id(turn) for turn in range(TURNS) if turn not in deleted}


def test_a_study_that_comes_and_goes() -> None:
    """Each record belongs to the study that was there when it was made; nothing is opaque."""
    archive = with_study(MemoryArchive())
    store = store_over(archive)
    instance = next(iter(archive.instances(document()["Series"]))).id
    surprises: list[ResliceError] = []

    def write(number: int) -> None:
        for turn in range(TURNS):
            try:
                if number == 0:
                    archive.delete(instance)
                    assert archive.store(archive_content) == instance
                else:
                    store.create(STUDY, document(1000 * number + turn))
            except ResliceError as error:
                if error.reason not in ("unknown-resource", "busy"):
                    surprises.append(error)

    archive_content = archive.read(instance)
    assert at_once(write) == []
    assert surprises == []
    archive.delete(instance)
    archive.store(archive_content)
    assert store.list(STUDY).records == ()


def test_studies_do_not_wait_for_a_slow_change() -> None:
    """A change is computed before any lock is taken: another write to the same study passes meanwhile."""
    archive = with_study(MemoryArchive())
    store = store_over(archive)
    store.create(STUDY, document(1))
    passed = threading.Event()

    def slow(record: dict) -> dict:
        other = threading.Thread(target=lambda: (store.create(STUDY, document(2)), passed.set()))
        other.start()
        other.join(20)
        return record

    store.update(STUDY, an_id(1), 1, slow)
    assert passed.is_set()
    assert len(store.list(STUDY).records) == 2
