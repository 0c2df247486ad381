"""Many clients write measurements at once, on one node and on two that share a PostgreSQL: no update is ever lost."""

import time
import uuid
from collections.abc import Callable, Sequence

import pytest

from server import Orthanc
from writers import GONE, LOST, Writer, at_once, check_list, check_record, ids_of_one_slot, new_study, writers

Nodes = Sequence[Orthanc]
CLIENTS = 16
ROUNDS = 3
SECONDS_FOR_AN_ANSWER = 5


@pytest.fixture(
    scope="module",
    params=[("one_node", False), ("one_node", True), ("two_nodes", False), ("two_nodes", True)],
    ids=["one node", "one node, CheckRevisions", "two nodes", "two nodes, CheckRevisions"],
)
def nodes(request: pytest.FixtureRequest) -> Nodes:
    """Where the clients write."""
    start, check = request.param
    return request.getfixturevalue(start)(CheckRevisions=check)


@pytest.fixture
def crowd(nodes: Nodes) -> list[Writer]:
    """Sixteen clients, half of them on either node, and a new study."""
    return writers(nodes, new_study(nodes[0].emptied()), CLIENTS)


@pytest.mark.slow
def test_no_acknowledged_update_is_lost(crowd: list[Writer]) -> None:
    everybodys, *few = [crowd[0].create() for _ in range(5)]
    own = [writer.create() for writer in crowd]

    def write(number: int) -> None:
        for turn in range(3):
            for record in (everybodys, few[number % len(few)], own[number]):
                crowd[number].append(record, f"client-{number}-write-{turn}")

    at_once(write, range(CLIENTS))
    assert sum(writer.lost for writer in crowd) > 0, "nobody raced"
    for reader in crowd[:2]:
        for record in (everybodys, *few, *own):
            check_record(reader, record, crowd)
        check_list(reader, [everybodys, *few, *own])


@pytest.mark.slow
def test_of_writes_against_one_revision_one_wins(crowd: list[Writer]) -> None:
    for _ in range(ROUNDS):
        record = crowd[0].create()
        seen = crowd[0].read(record)
        answers = at_once(lambda n, seen=seen: crowd[n].replace(seen["Id"], seen, f"client-{n}"), range(CLIENTS))
        assert sorted(answer.status for answer in answers) == [200] + [LOST] * (CLIENTS - 1)
        check_record(crowd[1], record, crowd)


@pytest.mark.slow
def test_creations_with_one_id_and_body_make_one_record(crowd: list[Writer]) -> None:
    for _ in range(ROUNDS):
        name = str(uuid.uuid4())
        answers = at_once(lambda writer, name=name: writer.ask("POST", **writer.study.body(Id=name)), crowd)
        assert sorted(answer.status for answer in answers) == [200] * (CLIENTS - 1) + [201]
        assert len({answer.json()["CreatedAt"] for answer in answers}) == 1
        assert crowd[1].read(name)["Revision"] == 1


@pytest.mark.slow
def test_creations_with_one_id_and_different_bodies_leave_the_winners(crowd: list[Writer]) -> None:
    for _ in range(ROUNDS):
        name = str(uuid.uuid4())

        def create(number: int, name: str = name) -> tuple[int, int]:
            body = crowd[number].study.body(Id=name, Label=str(number))
            return crowd[number].ask("POST", **body).status, number

        (first, winner), *others = sorted(at_once(create, range(CLIENTS)))
        assert (first, {status for status, _ in others}) == (201, {409})
        assert [reader.read(name)["Label"] for reader in crowd[:2]] == [str(winner)] * 2


@pytest.mark.slow
def test_records_that_want_the_same_number_are_all_kept(crowd: list[Writer]) -> None:
    names = ids_of_one_slot(CLIENTS)
    created = at_once(lambda n: crowd[n].create(Id=names[n], Label=str(n)), range(CLIENTS))
    assert created == names
    for reader in crowd[:2]:
        check_list(reader, names)
        assert [reader.read(name)["Label"] for name in names] == [str(n) for n in range(CLIENTS)]


@pytest.mark.slow
def test_a_deleted_record_stays_deleted_whoever_updates_it(crowd: list[Writer]) -> None:
    deleter, *updaters = crowd
    for _ in range(ROUNDS):
        record = deleter.create()

        def update(number: int, record: str = record) -> int:
            writer = updaters[number]
            for turn in range(200):
                current = writer.ask("GET", f"/{record}")
                if current.status != 200:
                    return current.status
                answer = writer.replace(record, current.json(), f"client-{number}-write-{turn}")
                if answer.status == GONE:
                    return GONE
                assert answer.status in {200, LOST}, answer.content
            raise AssertionError("it was updated for ever")

        def delete(record: str = record) -> int:
            time.sleep(0.2)
            for _ in range(200):
                answer = deleter.ask("DELETE", f"/{record}", deleter.read(record)["Revision"])
                if answer.status != LOST:
                    return answer.status
            raise AssertionError("it was never deleted")

        deleted, *ends = at_once(lambda work: work(), [delete, *(lambda n=n: update(n) for n in range(8))])
        assert (deleted, set(ends)) == (200, {GONE})
        for reader in crowd[:2]:
            assert reader.ask("GET", f"/{record}").status == GONE
            assert reader.ask("PUT", f"/{record}", 1, **reader.study.body()).status == GONE
            check_list(reader, [])


@pytest.mark.slow
def test_more_clients_than_threads_are_all_answered(one_node: Callable[..., Nodes]) -> None:
    nodes = one_node(CheckRevisions=True, HttpThreadsCount=10)
    many = writers(nodes, new_study(nodes[0].client()), 24)
    records = [writer.create() for writer in many]

    def write(number: int) -> None:
        for turn in range(3):
            many[number].append(records[number], f"client-{number}-write-{turn}")

    at_once(write, range(len(many)))
    assert max(writer.longest for writer in many) < SECONDS_FOR_AN_ANSWER
    for record in records:
        check_record(many[0], record, many)


def test_a_few_clients_write_one_record(orthanc: Orthanc, real: object) -> None:
    few = writers([orthanc], new_study(orthanc.client()), 4)
    record = few[0].create()
    at_once(lambda n: [few[n].append(record, f"client-{n}-write-{turn}") for turn in range(3)], range(4))
    check_record(few[0], record, few)
