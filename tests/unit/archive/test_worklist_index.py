"""The index in memory: as a slow second implementation finds and sorts, and kept up whatever happens meanwhile."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.archive.memory import MemoryArchive
from reslice.archive.port import Level
from reslice.archive.studies import FoundStudies, StoredStudy, StudyChanges, StudyQuery
from reslice.archive.worklist import WorkList
from reslice.archive.worklist_index import StudyIndex
from reslice.archive.worklist_order import VALUES, in_order, in_order_again
from reslice.archive.worklist_search import folded, words_of
from reslice.errors import Busy, UnknownResource

ORDERS = [*VALUES, *(f"-{name}" for name in VALUES)]


class ManyStudies(MemoryArchive):
    """Studies without files, as many as one likes; `pause` is how long reading one takes."""

    def __init__(self, studies: Sequence[StoredStudy] = (), pause: float = 0.0) -> None:
        super().__init__()
        self.all = {study.id: study for study in studies}
        self.pause = pause
        self.reads = 0
        self.before_read: Callable[[str], None] = lambda _: None
        self._log: list[str] = []

    def put(self, study: StoredStudy, *, is_logged: bool = True) -> None:
        self.all[study.id] = study
        self._log += [study.id] if is_logged else []

    def study(self, study_id: str) -> StoredStudy:
        self.before_read(study_id)
        self.reads += 1
        time.sleep(self.pause)
        if study_id not in self.all:
            raise UnknownResource("gone")
        return self.all[study_id]

    def all_ids(self, level: Level) -> Sequence[str]:
        if level == "studies":
            return list(self.all)
        return [series for one in self.all.values() for series in one.series_ids]

    def has_so_many(self, level: Level, count: int) -> bool:
        return len(self.all_ids(level)) == count

    def study_of(self, level: Level, resource_id: str) -> str:
        return next(one.id for one in self.all.values() if resource_id in one.series_ids)

    def study_changes(self, since: Hashable | None) -> StudyChanges:
        token = len(self._log)
        return StudyChanges(token, None if since is None else self._log[int(str(since)) : token])


def study(k: int, **texts: object) -> StoredStudy:
    return StoredStudy(f"id-{k}", f"patient-{k % 3}", f"1.2.{k}", f"P{k % 3}", **texts)  # type: ignore[arg-type]


def naive_order(studies: Sequence[StoredStudy], order: str) -> list[StoredStudy]:
    """Selection sort by comparing two at a time."""
    name, left, found = order.removeprefix("-"), list(studies), []
    while left:
        first = left[0]
        for other in left[1:]:
            first = other if comes_before(other, first, name, order.startswith("-")) else first
        left.remove(first)
        found.append(first)
    return found


def comes_before(a: StoredStudy, b: StoredStudy, name: str, is_descending: bool) -> bool:
    for x, y in zip(VALUES[name](a), VALUES[name](b), strict=True):
        if x != y:
            return (x > y if is_descending else x < y) if x and y else bool(x)
    return (a.uid, a.patient_id, a.id) < (b.uid, b.patient_id, b.id)


TEXTS = st.sampled_from(["", "a", "A", "B", "\xe9", "e", "M\xfcller^Anna", "muller anna", "\u5c71\u7530", "10", "9"])
DATES = st.sampled_from(["", "20240131", "20231231", "2024.01.31", "19991231"])
MODALITIES = st.sets(st.sampled_from(["CT", "MR", "US"])).map(lambda found: tuple(sorted(found)))
STUDIES = st.lists(
    st.builds(
        study,
        st.integers(0, 30),
        patient_name=TEXTS,
        description=TEXTS,
        accession_number=TEXTS,
        date=DATES,
        time=st.sampled_from(["", "101010", "101010.5"]),
        last_update=st.sampled_from(["20240131T101010", "20240131T101011"]),
        modalities=MODALITIES,
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)


@given(STUDIES, st.sampled_from(ORDERS))
def test_orders_are_those_of_a_naive_sort(studies: list[StoredStudy], order: str) -> None:
    assert in_order(studies, order) == naive_order(studies, order)


@given(STUDIES, STUDIES, st.sampled_from(ORDERS))
def test_putting_some_into_their_places_is_sorting_all(
    before: list[StoredStudy], changed: list[StoredStudy], order: str
) -> None:
    gone = {one.id for one in before[::3]}
    now = {one.id: one for one in (*before, *changed) if one.id not in gone}
    moved = gone | {one.id for one in changed}
    assert in_order_again(in_order(before, order), moved, now, order) == in_order(now.values(), order)


@given(
    STUDIES,
    st.sampled_from(["", "a", "MULLER", "e a", "1.2", "P1", "nothing"]),
    MODALITIES,
    st.sampled_from([None, ("20240101", "20241231"), ("00010101", "20231231")]),
    st.sampled_from(["", "patient-1"]),
)
def test_finds_what_looking_at_each_study_finds(
    studies: list[StoredStudy], search: str, modalities: tuple[str, ...], dates: tuple[str, str] | None, patient: str
) -> None:
    query = StudyQuery(words_of(search), modalities, dates, patient, limit=500)
    found = WorkList(ManyStudies(studies)).studies(query)
    expected = {
        one.id
        for one in studies
        if all(
            any(
                word in folded(text)
                for text in (one.patient_name, one.patient_id, one.accession_number, one.description)
            )
            for word in words_of(search)
        )
        and (not modalities or set(modalities) & set(one.modalities))
        and (dates is None or dates[0] <= one.date <= dates[1])
        and patient in ("", one.patient)
    }
    assert {one.id for one in found.studies} == expected
    assert found.count == len(expected)


CHANGES = st.lists(st.tuples(st.sampled_from(["put", "delete", "replace"]), st.integers(0, 8)), max_size=12)


@given(st.lists(CHANGES, max_size=5))
def test_follows_whatever_happens_between_two_questions(rounds: list[list[tuple[str, int]]]) -> None:
    archive = ManyStudies()
    work_list = WorkList(archive)
    for changes in rounds:
        for kind, k in changes:
            if kind == "delete":
                archive.all.pop(f"id-{k}", None)
            else:
                archive.put(study(k, description=kind))
        found = work_list.studies(StudyQuery(limit=500))
        assert (found.count, list(found.studies)) == (len(archive.all), in_order(archive.all.values(), "-study-date"))


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("muller", "M\xfcller"),
        ("M\xdcLLER", "muller"),
        ("strasse", "Stra\xdfe"),
        ("lukasz soren", "\u0141ukasz S\xf8ren"),
        ("\uff21\uff22\uff23", "abc"),
        ("\uff94\uff8f\uff80\uff9e", "\u30e4\u30de\u30c0"),
        ("\uac00", "\u1100\u1161"),
        ("\U0001fac0", "Follow-up \U0001fac0"),
        ("\u6d2a", "Hong^Gildong=\u6d2a^\u5409\u6d1e=\ud64d^\uae38\ub3d9"),
        ("cafe\u0301", "CAF\xc9"),
        ("O\u2019Brien", "O'BRIEN"),
        ("Smith\u2011Jones", "smith-jones"),
    ],
)
def test_letters_are_found_in_all_their_forms(search: str, text: str) -> None:
    assert all(word in folded(text) for word in words_of(search))


@pytest.mark.parametrize(
    ("search", "is_found"),
    [("\u6d2a\u5409\u6d1e", True), ("\ud64d\uae38\ub3d9", True), ("\u6d2a \u5409\u6d1e", True), ("gg", False)],
)
def test_east_asian_names_are_found_as_they_are_written(search: str, is_found: bool) -> None:
    """Without a blank between family and given name; Latin ones don't run together."""
    korean = study(1, patient_name="Hong^Gildong=\u6d2a^\u5409\u6d1e=\ud64d^\uae38\ub3d9")
    index = StudyIndex(ManyStudies([korean]))
    assert bool(index.matching(StudyQuery(words=words_of(search)))) is is_found


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("\u306f", "\u3070"),
        ("\uae30", "\uae38\ub3d9"),
        ("*", "anything"),
        ("a.c", "abc"),
    ],
)
def test_other_letters_are_not_found(search: str, text: str) -> None:
    """Voiced kana, and syllables that begin alike, are other letters; signs of patterns are plain signs."""
    assert not all(word in folded(text) for word in words_of(search))


def test_small_archives_answer_at_once_and_large_ones_say_how_far_they_are() -> None:
    archive = ManyStudies([study(k) for k in range(60)], pause=0.005)
    index = StudyIndex(archive, patience=0.05)
    with pytest.raises(Busy) as refused:
        index.matching(StudyQuery())
    facts = refused.value.facts
    assert facts["StudiesRead"] + facts["StudiesLeft"] == 60
    assert facts["StudiesRead"] > 0
    assert len(asked_until_ready(index)) == 60
    assert archive.reads == 60


def asked_until_ready(index: StudyIndex) -> list[StoredStudy]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return index.matching(StudyQuery())
        except Busy:
            time.sleep(0.01)
    raise AssertionError("never ready")


def test_the_background_reads_on_while_nobody_asks_and_ends() -> None:
    archive = ManyStudies([study(k) for k in range(40)], pause=0.005)
    index = StudyIndex(archive, patience=0.02)
    with pytest.raises(Busy):
        index.matching(StudyQuery())
    deadline = time.monotonic() + 20
    while archive.reads < 40 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert archive.reads == 40
    while any(thread.name == "reslice-worklist" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_all_is_read_before_anybody_asks_where_it_is_begun() -> None:
    archive = ManyStudies([study(k) for k in range(40)])
    work_list = WorkList(archive)
    work_list.begin()
    deadline = time.monotonic() + 20
    while archive.reads < 40 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert archive.reads == 40
    assert work_list.studies(StudyQuery(limit=1)).count == 40
    assert archive.reads == 41


class LongLog(ManyStudies):
    """So many changes, all of one study, that even to learn of them takes long."""

    def study_changes(self, since: Hashable | None) -> StudyChanges:
        time.sleep(0.02)
        place = int(str(since or 0))
        return StudyChanges(place + 1, ["id-0"], is_last=place >= 100)


def test_who_asks_is_not_kept_waiting_by_a_long_log() -> None:
    index = StudyIndex(LongLog([study(0)]), patience=0.1)
    started = time.monotonic()
    with pytest.raises(Busy):
        index.matching(StudyQuery())
    assert time.monotonic() - started < 1
    assert len(asked_until_ready(index)) == 1


def test_the_background_ends_when_it_is_told() -> None:
    archive = ManyStudies([study(k) for k in range(2000)], pause=0.005)
    index = StudyIndex(archive, patience=0.02)
    with pytest.raises(Busy):
        index.matching(StudyQuery())
    index.end()
    deadline = time.monotonic() + 5
    while any(thread.name == "reslice-worklist" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert archive.reads < 2000


def test_a_series_that_is_deleted_is_missed_though_no_change_tells() -> None:
    two = study(1, modalities=("CT", "NM"), series=2, series_ids=("a", "b"))
    archive = ManyStudies([study(0, modalities=("CT",), series=1, series_ids=("c",)), two])
    index, nuclear = StudyIndex(archive), StudyQuery(modalities=("NM",))
    assert [one.id for one in index.matching(nuclear)] == ["id-1"]
    archive.put(study(1, modalities=("CT",), series=1, series_ids=("a",)), is_logged=False)
    assert index.matching(nuclear) == []
    archive.put(two, is_logged=False)
    assert [one.id for one in index.matching(nuclear)] == ["id-1"]


def test_a_study_that_vanishes_while_its_page_is_read_is_filled_up() -> None:
    archive = ManyStudies([study(k, date=f"202401{k + 10}") for k in range(9)])
    work_list = WorkList(archive)
    work_list.studies(StudyQuery())
    archive.before_read = lambda read: archive.all.pop("id-7", None) and None
    found = work_list.studies(StudyQuery(limit=3))
    assert [one.id for one in found.studies] == ["id-8", "id-6", "id-5"]
    assert found.count == 8


def test_a_study_that_changed_without_a_word_is_put_right_when_it_is_shown() -> None:
    archive = ManyStudies([study(k, date="20240101", description="old") for k in range(4)])
    work_list = WorkList(archive)
    work_list.studies(StudyQuery())
    archive.put(study(0, date="20230101", description="new"), is_logged=False)
    found = work_list.studies(StudyQuery(limit=2))
    assert [one.id for one in found.studies] == ["id-1", "id-2"]
    assert work_list.studies(StudyQuery(words=("new",))).count == 1


def test_a_study_that_changes_with_every_look_is_shown_all_the_same() -> None:
    archive = ManyStudies([study(0)])
    work_list = WorkList(archive)

    def change(_read: str) -> None:
        archive.put(study(0, description=str(archive.reads)), is_logged=False)

    archive.before_read = change
    assert work_list.studies(StudyQuery()).studies[0].description == str(archive.reads - 1)


def test_patients_stand_where_their_first_study_does_and_bring_all_their_studies() -> None:
    archive = ManyStudies(
        [study(k, date=f"2024010{k + 1}", modalities=("CT", "MR")[k % 2 : k % 2 + 1]) for k in range(8)]
    )
    found = WorkList(archive).patients(StudyQuery(modalities=("CT",)))
    assert [(one.id, len(one.studies)) for one in found.patients] == [
        ("patient-0", 3),
        ("patient-1", 3),
        ("patient-2", 2),
    ]
    assert [one.date for one in found.patients[0].studies] == ["20240107", "20240104", "20240101"]
    assert found.patients[0].modalities == ("CT", "MR")
    second = WorkList(archive).patients(StudyQuery(since=1, limit=1))
    assert ([one.id for one in second.patients], second.count) == (["patient-0"], 3)


def test_what_the_archive_finds_itself_is_taken() -> None:
    class Finding(ManyStudies):
        def find_studies(self, query: StudyQuery) -> FoundStudies | None:
            return FoundStudies(7, [study(1)])

    archive = Finding([study(0)])
    assert WorkList(archive).studies(StudyQuery()) == FoundStudies(7, [study(1)])
    assert archive.reads == 0
