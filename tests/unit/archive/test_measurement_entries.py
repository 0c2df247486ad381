"""What else lies among the measurements: others' texts, damage, doubles, full ranges, old tombstones."""

import json
from collections.abc import Callable

import pytest

from reslice.archive.measurements import PURGED_AT_ONCE
from reslice.archive.memory import MemoryArchive
from reslice.errors import Busy, Conflict, Gone, StorageFull, UnknownResource
from unit.archive.records import FIRST, STUDY, Clock, an_id, content, document, put, store_over, text_with, with_study

FOREIGN = ["", "hello", "{}", '{"other":1}', '[{"reslice":1}]', '{"Reslice":1,"Id":"x"}', "\u00e4", "[]"]
GOOD = {
    "reslice": 1,
    **document(4),
    "Revision": 3,
    "CreatedAt": "2026-01-01T00:00:00.000Z",
    "UpdatedAt": "2026-01-01T00:00:00.000Z",
}
NULLS = ("Volume", "Plane", "Finding", "Site", "Image")
WRONG = {
    "cut off": text_with(GOOD)[:-20],
    "only the mark": '{"reslice":1',
    "more behind": text_with(GOOD) + "x",
    "another version": text_with(GOOD, reslice=12),
    "nested": '{"reslice":1,"Id":' + "[" * 30_000,
    "not a number": text_with(GOOD).replace("45.2", "NaN"),
    "endless": text_with(GOOD).replace("45.2", "1e999"),
    "no id": text_with(GOOD, Id=None),
    "bad id": text_with(GOOD, Id="4"),
    "id in capitals": text_with(GOOD, Id="0000000A-0000-0000-0000-00000000000A"),
    "number as id": text_with(GOOD, Id=4),
    "no revision": text_with(GOOD, Revision=0),
    "text as revision": text_with(GOOD, Revision="3"),
    "truth as revision": text_with(GOOD, Revision=True),
    "fraction as revision": text_with(GOOD, Revision=3.0),
    "no type": text_with(GOOD, Type=None),
    "no list of values": text_with(GOOD, Values={}),
    "a value without a number": text_with(GOOD, Values=[{"Name": "Length", "Unit": "mm", "Value": "45"}]),
    "a value without a name": text_with(GOOD, Values=[{"Unit": "mm", "Value": 45}]),
    "no time": text_with(GOOD, CreatedAt="yesterday"),
    "no such day": text_with(GOOD, UpdatedAt="2026-02-30T00:00:00.000Z"),
    "label is a list": text_with(GOOD, Label=["x"]),
    "image without a frame": text_with(GOOD, Image={"Instance": "x"}),
    "image that is a list": text_with(GOOD, Image={"Instance": ["x"], "Frame": 0}),
    "geometry without a space": text_with(GOOD, Geometry={"Points": []}),
    "geometry of nothing": text_with(GOOD, Geometry={}),
    "three numbers in pixels": text_with(GOOD, Geometry={"Space": "pixel", "Points": [[1, 2, 3]]}),
    "point that is no number": text_with(GOOD, Geometry={"Space": "pixel", "Points": [["1", 2]]}),
    "finding without a code": text_with(GOOD, Finding={}),
    "a value beyond all measure": text_with(GOOD, Values=[{"Name": "Length", "Unit": "mm", "Value": 10**400}]),
    "geometry is a text": text_with(GOOD, Geometry="line"),
    "volume is a truth": text_with(GOOD, Volume=True),
    "deleted at no time": text_with({"reslice": 1, "Id": an_id(4), "Revision": 2}, DeletedAt=5),
    "deleted without an id": text_with({"reslice": 1, "Revision": 2}, DeletedAt="2026-01-01T00:00:00.000Z"),
}


@pytest.fixture
def archive() -> MemoryArchive:
    """One study."""
    return with_study(MemoryArchive())


def test_what_is_put_is_read(archive: MemoryArchive) -> None:
    """The example that the wrong ones are made from is right, with what doesn't apply being null or absent."""
    put(archive, FIRST, text_with(GOOD))
    put(archive, FIRST + 1, text_with(GOOD, Id=an_id(5), **dict.fromkeys(NULLS)))
    found = store_over(archive).list(STUDY)
    assert [record["Id"] for record in found.records] == [an_id(4), an_id(5)]
    assert found.errors == ()
    assert "reslice" not in found.records[0]


@pytest.mark.parametrize("text", FOREIGN)
def test_texts_of_others_are_left_alone(archive: MemoryArchive, text: str) -> None:
    store = store_over(archive, FIRST, FIRST + 2)
    put(archive, FIRST + 1, text)
    for number in range(2):
        store.create(STUDY, document(number))
    with pytest.raises(StorageFull) as caught:
        store.create(STUDY, document(2))
    assert caught.value.reason == "range-full"
    assert archive.study_entries(STUDY)[FIRST + 1] == text
    found = store.list(STUDY)
    assert (len(found.records), found.errors) == (2, ())


def test_entries_outside_our_numbers_are_none_of_ours(archive: MemoryArchive) -> None:
    put(archive, FIRST - 1, text_with(GOOD))
    put(archive, FIRST + 4, '{"reslice":1')
    found = store_over(archive, FIRST, FIRST + 3).list(STUDY)
    assert (found.records, found.errors) == ((), ())


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_corrupt_entry_costs_one_record_and_is_told(archive: MemoryArchive, text: str) -> None:
    store = store_over(archive, FIRST, FIRST + 2)
    store.create(STUDY, document(1))
    damaged = next(n for n in range(FIRST, FIRST + 3) if n not in archive.study_entries(STUDY))
    put(archive, damaged, text)
    store.create(STUDY, document(2))
    with pytest.raises(StorageFull):
        store.create(STUDY, document(3))
    assert archive.study_entries(STUDY)[damaged] == text
    found = store.list(STUDY)
    assert [record["Id"] for record in found.records] == [an_id(1), an_id(2)]
    (error,) = found.errors
    assert (error["Entry"], error["Reason"]) == (damaged, "corrupt-entry")
    assert isinstance(error["Details"], str)
    json.dumps(error, allow_nan=False)
    with pytest.raises(UnknownResource):
        store.get(STUDY, an_id(4))
    store.update(STUDY, an_id(1), 1, lambda record: record)


def test_of_two_with_one_id_the_higher_revision_counts(archive: MemoryArchive) -> None:
    store = store_over(archive)
    put(archive, FIRST + 5, text_with(GOOD, Revision=2, Label="lower"))
    put(archive, FIRST + 3, text_with(GOOD, Revision=3, Label="higher"))
    found = store.list(STUDY)
    assert [record["Label"] for record in found.records] == ["higher"]
    assert [(error["Entry"], error["Reason"]) for error in found.errors] == [(FIRST + 5, "duplicate-id")]
    assert store.get(STUDY, an_id(4))["Label"] == "higher"
    store.update(STUDY, an_id(4), 3, lambda record: {**record, "Label": "changed"})
    assert content(archive, FIRST + 3)["Label"] == "changed"
    assert content(archive, FIRST + 5)["Label"] == "lower"


def test_a_deleted_double_does_not_come_back(archive: MemoryArchive) -> None:
    """Not even when its tombstone is old: that isn't cleared away as long as it hides another."""
    clock = Clock()
    store = store_over(archive, clock=clock)
    put(archive, FIRST + 5, text_with(GOOD, Revision=2))
    put(archive, FIRST + 3, text_with(GOOD, Revision=3))
    store.delete(STUDY, an_id(4), 3)
    assert store.list(STUDY).records == ()
    clock.move(days=99)
    store.create(STUDY, document(1))
    assert [record["Id"] for record in store.list(STUDY).records] == [an_id(1)]
    with pytest.raises(UnknownResource):
        store.get(STUDY, an_id(4))


def test_room_is_found_beside_what_is_taken_and_round_the_end(archive: MemoryArchive) -> None:
    store = store_over(archive, FIRST, FIRST + 6)
    for number in range(7):
        store.create(STUDY, document(number))
        assert [record["Id"] for record in store.list(STUDY).records] == [an_id(n) for n in range(number + 1)]
    assert archive.study_entries(STUDY).keys() == set(range(FIRST, FIRST + 7))
    for number in range(7):
        assert store.get(STUDY, an_id(number))["TrackingUID"] == f"2.25.{number}"
    with pytest.raises(StorageFull) as caught:
        store.create(STUDY, document(7))
    assert caught.value.reason == "range-full"
    assert store.create(STUDY, document(3))[1] is False


def test_a_record_is_found_wherever_it_lies(archive: MemoryArchive) -> None:
    """Numbers before its own may have become free, or the range may be another one now."""
    store_over(archive, FIRST, FIRST + 6).create(STUDY, document(1))
    ((number, text),) = archive.study_entries(STUDY).items()
    put(archive, number, None)
    put(archive, FIRST + 5000, text)
    store = store_over(archive)
    assert store.update(STUDY, an_id(1), 1, lambda record: record)["Revision"] == 2
    assert store.create(STUDY, document(1))[1] is False
    assert archive.study_entries(STUDY).keys() == {FIRST + 5000}


def test_tombstones_are_cleared_away_after_thirty_days(archive: MemoryArchive) -> None:
    clock = Clock()
    store = store_over(archive, clock=clock)
    store.create(STUDY, document(1))
    store.delete(STUDY, an_id(1), 1)
    clock.move(days=29, hours=23)
    store.create(STUDY, document(2))
    assert len(archive.study_entries(STUDY)) == 2
    with pytest.raises(Gone):
        store.get(STUDY, an_id(1))
    clock.move(hours=1)
    with pytest.raises(UnknownResource) as caught:
        store.get(STUDY, an_id(1))
    assert caught.value.reason == "unknown-measurement"
    store.create(STUDY, document(3))
    assert len(archive.study_entries(STUDY)) == 2
    assert [record["Id"] for record in store.list(STUDY).records] == [an_id(2), an_id(3)]


def test_an_id_is_free_again_when_its_tombstone_is_old(archive: MemoryArchive) -> None:
    clock = Clock()
    store = store_over(archive, clock=clock)
    for number in range(PURGED_AT_ONCE + 5):
        store.create(STUDY, document(number))
        store.delete(STUDY, an_id(number), 1)
    clock.move(days=31)
    last = an_id(PURGED_AT_ONCE + 4)
    record, is_new = store.create(STUDY, document(PURGED_AT_ONCE + 4))
    assert (record["Id"], record["Revision"], is_new) == (last, 1, True)
    assert store.get(STUDY, last) == record
    assert len(archive.study_entries(STUDY)) == 1 + 4  # its own tombstone gave way to it, and so many others went


def test_old_tombstones_make_room(archive: MemoryArchive) -> None:
    clock = Clock()
    store = store_over(archive, FIRST, FIRST, clock)
    store.create(STUDY, document(1))
    store.delete(STUDY, an_id(1), 1)
    with pytest.raises(StorageFull):
        store.create(STUDY, document(2))
    clock.move(days=30)
    assert store.create(STUDY, document(2))[1] is True


def test_a_record_written_back_with_blanks_is_still_ours(archive: MemoryArchive) -> None:
    """A tool that restores metadata may write the same JSON in another way."""
    put(archive, FIRST, " " + json.dumps(GOOD, indent=1))
    store = store_over(archive)
    assert [record["Id"] for record in store.list(STUDY).records] == [an_id(4)]
    store.delete(STUDY, an_id(4), 3)
    assert store.list(STUDY).records == ()


def test_a_record_whose_keys_come_in_another_order_is_found_all_the_same(archive: MemoryArchive) -> None:
    """No text of ours has them so, but a person may have written it."""
    other = {"reslice": 1, "Label": "x", **{key: value for key, value in GOOD.items() if key != "reslice"}}
    put(archive, FIRST, text_with(other))
    store = store_over(archive)
    assert store.get(STUDY, an_id(4))["Label"] == GOOD["Label"]
    assert store.create(STUDY, document(4))[1] is False
    assert store.update(STUDY, an_id(4), 3, lambda record: record)["Revision"] == 4


def test_many_new_records_replace_nobodys(archive: MemoryArchive) -> None:
    """What the study holds is read once for many of them, with the ids of all others."""
    store = store_over(archive)
    store.create(STUDY, document(7, Label="original"))
    creator = store.creator(STUDY)
    assert creator.create(document(1))[1] is True
    with pytest.raises(Conflict):
        creator.create(document(7, RequestDigest="other"))
    assert creator.create(document(7, Label="original"))[1] is False
    assert [record["Label"] for record in store.list(STUDY).records if record["Id"] == an_id(7)] == ["original"]
    assert store.list(STUDY).errors == ()


def test_two_who_make_the_same_records_in_other_orders_make_each_once(archive: MemoryArchive) -> None:
    one, other = (store_over(archive, first=FIRST, last=FIRST + 12) for _ in range(2))
    creators = one.creator(STUDY), other.creator(STUDY)
    numbers = range(6)
    made = [
        creator.create(document(number))[1]
        for pair in zip(numbers, reversed(numbers), strict=True)
        for creator, number in zip(creators, pair, strict=True)
    ]
    assert sum(made) == 6
    assert len(one.list(STUDY).records) == 6
    assert one.list(STUDY).errors == ()


class ClearedBefore(MemoryArchive):
    """Before the first swap of a tombstone another node, whose record wants this place, replaces it."""

    def __init__(self) -> None:
        super().__init__()
        self.other: Callable[[], object] | None = None

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Let the other go first."""
        if self.other is not None and expected is not None and "DeletedAt" in expected:
            other, self.other = self.other, None
            other()
        return super().swap_entry(study_id, number, expected, value)


def test_two_nodes_that_want_the_place_of_an_old_tombstone() -> None:
    """Both make one id; its home holds an old tombstone of another id: one record comes of it, and one is told."""
    archive, clock = ClearedBefore(), Clock()
    with_study(archive)
    nodes = [store_over(archive, first=FIRST, last=FIRST + 1, clock=clock) for _ in range(2)]
    nodes[0].create(STUDY, document(1))
    nodes[0].delete(STUDY, an_id(1), 1)
    clock.move(days=31)
    told: list[tuple[dict, bool]] = []
    archive.other = lambda: told.append(nodes[1].create(STUDY, document(2)))
    told.append(nodes[0].create(STUDY, document(2)))
    assert sorted(is_new for _, is_new in told) == [False, True]
    assert told[0][0] == told[1][0]
    assert nodes[0].list(STUDY).errors == ()
    assert len(nodes[0].list(STUDY).records) == 1


class QuickerOthers(MemoryArchive):
    """Before each of so many first swaps somebody else writes that entry."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Lose while there are others."""
        if self.times and expected is None:
            self.times -= 1
            return super().swap_entry(study_id, number, None, "somebody's") and False
        return super().swap_entry(study_id, number, expected, value)


def test_others_being_quicker_at_a_number() -> None:
    archive = with_study(QuickerOthers(7))
    assert store_over(archive).create(STUDY, document(1))[1] is True
    assert sorted(archive.study_entries(STUDY).values(), key=len)[:7] == ["somebody's"] * 7


def test_others_being_quicker_every_time() -> None:
    archive = with_study(QuickerOthers(99))
    with pytest.raises(Busy):
        store_over(archive).create(STUDY, document(1))
    assert archive.times == 99 - 8
    assert store_over(archive).list(STUDY).records == ()


class RefusingArchive(MemoryArchive):
    """Refuses so many swaps although the entry is as expected, as an index does that is busy with it."""

    refusals = 0

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Refuse while it has to."""
        if self.refusals:
            self.refusals -= 1
            return False
        return super().swap_entry(study_id, number, expected, value)


@pytest.mark.parametrize("refusals", [1, 7, 8])
def test_refusals_without_a_change_are_tried_again(refusals: int) -> None:
    archive = with_study(RefusingArchive())
    store = store_over(archive)
    store.create(STUDY, document(1))
    archive.refusals = refusals
    if refusals < 8:
        assert store.update(STUDY, an_id(1), 1, lambda record: record)["Revision"] == 2
    else:
        with pytest.raises(Busy):
            store.update(STUDY, an_id(1), 1, lambda record: record)
        assert store.get(STUDY, an_id(1))["Revision"] == 1
