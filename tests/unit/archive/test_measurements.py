"""Measurements made, read, changed and deleted."""

import hashlib
import json
import re

import pytest

from reslice.archive.entries import LARGEST_TEXT
from reslice.archive.measurements import MOST_RECORDS, Entries
from reslice.archive.memory import MemoryArchive
from reslice.errors import Conflict, Gone, PreconditionFailed, TooLarge, UnknownResource
from unit.archive.records import FIRST, INSTANCE, LAST, STUDY, Clock, an_id, document, store_over, with_study
from unit.archive.stores import NOWHERE

MADE_AT = "2026-11-24T13:37:00.123Z"


@pytest.fixture
def archive() -> MemoryArchive:
    """One study."""
    return with_study(MemoryArchive())


def test_a_study_without_any(archive: MemoryArchive) -> None:
    assert store_over(archive).list(STUDY) == Entries((), ())


def test_what_is_made_can_be_read(archive: MemoryArchive) -> None:
    store = store_over(archive)
    record, is_new = store.create(STUDY, document())
    assert is_new
    assert record == {**document(), "Revision": 1, "CreatedAt": MADE_AT, "UpdatedAt": MADE_AT}
    assert store.get(STUDY, an_id(1)) == record
    assert store.list(STUDY) == Entries((record,), ())


def test_every_number_comes_back_as_it_was(archive: MemoryArchive) -> None:
    points = [[0.1 + 0.2, -0.0], [1e-300, 123456789.123456789], [1, -7]]
    record, _ = store_over(archive).create(STUDY, document(Geometry={"Space": "pixel", "Points": points}))
    assert repr(store_over(archive).get(STUDY, an_id(1))["Geometry"]["Points"]) == repr(points)
    assert repr(record["Geometry"]["Points"]) == repr(points)


def test_the_text_that_is_kept(archive: MemoryArchive) -> None:
    """Compact, in ASCII, marked first; whether it is stale is not a matter of storage."""
    store_over(archive).create(STUDY, document(Stale=True, Label="\u00fc \U0001f600 \x00"))
    ((number, text),) = archive.study_entries(STUDY).items()
    assert text.startswith(f'{{"reslice":1,"Id":"{an_id(1)}",')
    assert text.isascii()
    assert "\x00" not in text
    assert not re.search(r'": |, "', text)
    assert "Stale" not in text
    assert json.loads(text)["Label"] == "\u00fc \U0001f600 \x00"
    assert number == FIRST + int.from_bytes(hashlib.sha256(an_id(1).encode()).digest()[:8], "big") % 10000


def test_order_is_that_of_making_then_of_ids(archive: MemoryArchive) -> None:
    clock = Clock()
    store = store_over(archive, clock=clock)
    for number in (5, 9, 2):
        store.create(STUDY, document(number))
    clock.move(milliseconds=1)
    store.create(STUDY, document(1))
    assert [record["Id"] for record in store.list(STUDY).records] == [an_id(n) for n in (2, 5, 9, 1)]


def test_times_that_come_with_a_record_are_kept(archive: MemoryArchive) -> None:
    made, changed = "2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"
    record, _ = store_over(archive).create(STUDY, document(CreatedAt=made, UpdatedAt=changed))
    assert (record["CreatedAt"], record["UpdatedAt"]) == (made, changed)


def test_the_same_request_again_is_told_the_record_as_it_is_now(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())
    changed = store.update(STUDY, an_id(1), 1, lambda record: {**record, "Label": "b", "RequestDigest": "other"})
    assert store.create(STUDY, document()) == (changed, False)
    assert len(archive.study_entries(STUDY)) == 1


def test_another_request_with_the_same_id_is_refused(archive: MemoryArchive) -> None:
    store = store_over(archive)
    first, _ = store.create(STUDY, document())
    with pytest.raises(Conflict) as caught:
        store.create(STUDY, document(RequestDigest="another"))
    assert caught.value.reason == "id-in-use"
    assert store.list(STUDY).records == (first,)


def test_a_change(archive: MemoryArchive) -> None:
    clock = Clock()
    store = store_over(archive, clock=clock)
    before, _ = store.create(STUDY, document())
    clock.move(seconds=1)
    seen: list[dict] = []
    after = store.update(STUDY, an_id(1), 1, lambda record: seen.append(record) or {**record, "Label": "b"})
    assert seen == [before]
    assert after == {**before, "Label": "b", "Revision": 2, "UpdatedAt": "2026-11-24T13:37:01.123Z"}
    assert store.get(STUDY, an_id(1)) == after
    assert len(archive.study_entries(STUDY)) == 1


def test_a_change_cannot_change_what_the_record_is_known_by(archive: MemoryArchive) -> None:
    store = store_over(archive)
    before, _ = store.create(STUDY, document())
    kept = ("Id", "TrackingUID", "CreatedAt", "RequestDigest")
    other = {**document(2), "CreatedAt": "2000-01-01T00:00:00.000Z", "UpdatedAt": "x", "Revision": 77}
    after = store.update(STUDY, an_id(1), 1, lambda _: other)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["Revision"], after["UpdatedAt"], after["Label"]) == (2, MADE_AT, other["Label"])


def test_a_change_may_leave_keys_out(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())
    fewer = {name: value for name, value in document().items() if name not in ("Label", "Id", "TrackingUID")}
    after = store.update(STUDY, an_id(1), 1, lambda _: fewer)
    assert "Label" not in after
    assert (after["Id"], after["TrackingUID"]) == (an_id(1), "2.25.1")


def test_a_change_that_fails_changes_nothing(archive: MemoryArchive) -> None:
    store = store_over(archive)
    before, _ = store.create(STUDY, document())

    def failing(_: dict) -> dict:
        raise TooLarge("too much")

    with pytest.raises(TooLarge):
        store.update(STUDY, an_id(1), 1, failing)
    assert store.get(STUDY, an_id(1)) == before


@pytest.mark.parametrize("revision", [0, 1, 3, -1])
def test_stale_knowledge_is_refused(archive: MemoryArchive, revision: int) -> None:
    store = store_over(archive)
    store.create(STUDY, document())
    current = store.update(STUDY, an_id(1), 1, lambda record: record)
    for write in (
        lambda: store.update(STUDY, an_id(1), revision, lambda _: pytest.fail("computed in vain")),
        lambda: store.delete(STUDY, an_id(1), revision),
    ):
        with pytest.raises(PreconditionFailed) as caught:
            write()
        assert (caught.value.reason, caught.value.facts) == ("stale-revision", {"Revision": 2})
    assert store.get(STUDY, an_id(1)) == current


def test_a_change_made_meanwhile_is_not_lost(archive: MemoryArchive) -> None:
    """The second is computed from what the first has replaced by then."""
    store = store_over(archive)
    store.create(STUDY, document())

    def overtaken(record: dict) -> dict:
        store.update(STUDY, an_id(1), 1, lambda own: {**own, "Label": "the other's"})
        return {**record, "Label": "late"}

    with pytest.raises(PreconditionFailed) as caught:
        store.update(STUDY, an_id(1), 1, overtaken)
    assert caught.value.facts == {"Revision": 2}
    assert store.get(STUDY, an_id(1))["Label"] == "the other's"


def test_deleted_meanwhile(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())

    def overtaken(record: dict) -> dict:
        store.delete(STUDY, an_id(1), 1)
        return record

    with pytest.raises(Gone):
        store.update(STUDY, an_id(1), 1, overtaken)
    assert store.list(STUDY).records == ()


def test_what_is_deleted_stays_deleted(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())
    store.delete(STUDY, an_id(1), 1)
    ((_, text),) = archive.study_entries(STUDY).items()
    assert json.loads(text) == {"reslice": 1, "Id": an_id(1), "Revision": 2, "DeletedAt": MADE_AT}
    assert store.list(STUDY) == Entries((), ())
    for ask in (
        lambda: store.get(STUDY, an_id(1)),
        lambda: store.create(STUDY, document()),
        lambda: store.update(STUDY, an_id(1), 2, lambda record: record),
        lambda: store.update(STUDY, an_id(1), 1, lambda record: record),
        lambda: store.delete(STUDY, an_id(1), 2),
    ):
        with pytest.raises(Gone) as caught:
            ask()
        assert caught.value.reason == "deleted"
    assert list(archive.study_entries(STUDY).values()) == [text]


def test_unknown_measurements(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())
    for ask in (
        lambda: store.get(STUDY, an_id(2)),
        lambda: store.get(STUDY, ""),
        lambda: store.get(STUDY, "distance"),
        lambda: store.update(STUDY, an_id(2), 1, lambda record: record),
        lambda: store.delete(STUDY, an_id(2), 1),
    ):
        with pytest.raises(UnknownResource) as caught:
            ask()
        assert caught.value.reason == "unknown-measurement"


def test_unknown_studies(archive: MemoryArchive) -> None:
    store = store_over(archive)
    for ask in (
        lambda: store.list(NOWHERE),
        lambda: store.get(NOWHERE, an_id(1)),
        lambda: store.create(NOWHERE, document()),
        lambda: store.update(NOWHERE, an_id(1), 1, lambda record: record),
        lambda: store.delete(NOWHERE, an_id(1), 1),
    ):
        with pytest.raises(UnknownResource) as caught:
            ask()
        assert caught.value.reason == "unknown-resource"


def test_a_study_deleted_meanwhile_is_not_resurrected(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document())

    def overtaken(record: dict) -> dict:
        archive.delete(INSTANCE)
        return record

    with pytest.raises(UnknownResource):
        store.update(STUDY, an_id(1), 1, overtaken)
    with_study(archive)
    assert archive.study_entries(STUDY) == {}


def test_a_record_that_is_too_large(archive: MemoryArchive) -> None:
    store = store_over(archive)
    before, _ = store.create(STUDY, document())
    for write in (
        lambda: store.create(STUDY, document(2, Description="x" * LARGEST_TEXT)),
        lambda: store.update(STUDY, an_id(1), 1, lambda record: {**record, "Description": "x" * LARGEST_TEXT}),
    ):
        with pytest.raises(TooLarge) as caught:
            write()
        assert caught.value.reason == "record-too-large"
    assert store.list(STUDY).records == (before,)


def test_the_largest_record(archive: MemoryArchive) -> None:
    store = store_over(archive)
    store.create(STUDY, document(2))
    ((_, text),) = archive.study_entries(STUDY).items()
    room = LARGEST_TEXT - len(text) - len(',"Description":""')
    store.create(STUDY, document(1, Description="x" * room))
    assert max(len(text) for text in archive.study_entries(STUDY).values()) == LARGEST_TEXT
    with pytest.raises(TooLarge):
        store.create(STUDY, document(3, Description="x" * (room + 1)))


def test_no_more_records_than_allowed(archive: MemoryArchive) -> None:
    """Deleted ones don't count, and the same request again is told its record all the same."""
    clock = Clock()
    store = store_over(archive, clock=clock)
    store.create(STUDY, document(0))
    ((_, text),) = archive.study_entries(STUDY).items()
    for number in range(1, MOST_RECORDS):
        other = text.replace(an_id(0), an_id(number)).replace("digest-0", f"digest-{number}")
        free = set(range(FIRST, LAST + 1)) - archive.study_entries(STUDY).keys()
        assert archive.swap_entry(STUDY, min(free), None, other)
    assert len(store.list(STUDY).records) == MOST_RECORDS
    with pytest.raises(Conflict) as caught:
        store.create(STUDY, document(MOST_RECORDS))
    assert caught.value.reason == "too-many-measurements"
    assert store.create(STUDY, document(7))[1] is False
    store.delete(STUDY, an_id(7), 1)
    assert store.create(STUDY, document(MOST_RECORDS))[1] is True
