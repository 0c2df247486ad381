"""What is remembered of studies' entries: never older than the texts, read once, and no more than the budget."""

from reslice.archive.contents import BYTES_A_CHARACTER, KnownContents
from reslice.archive.entries import text_of
from unit.archive.records import FIRST, LAST, an_id, document

NUMBERS = range(FIRST, LAST + 1)
PLENTY = 1 << 30


def texts(*labels: str) -> dict[int, str]:
    """A record of each label, all made at one time."""
    made = {"CreatedAt": "2026-01-01T00:00:00.000Z", "UpdatedAt": "2026-01-01T00:00:00.000Z", "Revision": 1}
    return {
        FIRST + n: text_of({**document(n), **made, "Id": an_id(n), "Label": label}) for n, label in enumerate(labels)
    }


def test_the_same_texts_are_read_once() -> None:
    known = KnownContents(NUMBERS, PLENTY)
    assert known.of("study", texts("a", "b")) is known.of("study", texts("a", "b"))


def test_only_changed_texts_are_read_again() -> None:
    known = KnownContents(NUMBERS, PLENTY)
    before, after = known.of("study", texts("a", "b")), known.of("study", texts("a", "c", "d"))
    assert [entry.record["Label"] for entry in after.live] == ["a", "c", "d"]
    assert after.live[0] is before.live[0]


def test_what_is_gone_is_forgotten() -> None:
    known = KnownContents(NUMBERS, PLENTY)
    known.of("study", texts("a", "b"))
    assert [entry.record["Label"] for entry in known.of("study", texts("a")).live] == ["a"]
    assert known.of("study", {}).live == ()


def test_a_text_that_moved_to_another_number_is_another_entry() -> None:
    known = KnownContents(NUMBERS, PLENTY)
    text = texts("a")[FIRST]
    known.of("study", {FIRST: text})
    assert [entry.number for entry in known.of("study", {FIRST + 7: text}).live] == [FIRST + 7]


def test_studies_are_told_apart() -> None:
    known = KnownContents(NUMBERS, PLENTY)
    for _ in range(2):
        for label in ("a", "b"):
            assert [entry.record["Label"] for entry in known.of(label, texts(label)).live] == [label]


def test_whoever_was_asked_for_longest_ago_leaves_first() -> None:
    one = BYTES_A_CHARACTER * len(texts("a")[FIRST])
    known = KnownContents(NUMBERS, 2 * one)
    first, second = (known.of(study, texts("a")) for study in ("first", "second"))
    assert known.of("first", texts("a")) is first
    known.of("third", texts("a"))
    assert known.of("first", texts("a")) is first
    assert known.of("second", texts("a")) is not second


def test_a_study_beyond_the_budget_is_read_and_not_kept() -> None:
    known = KnownContents(NUMBERS, 1)
    contents = known.of("study", texts("a"))
    assert len(contents.live) == 1
    assert known.of("study", texts("a")) is not contents


def test_what_a_caller_does_to_its_texts_later_changes_nothing() -> None:
    known, given = KnownContents(NUMBERS, PLENTY), texts("a", "b")
    known.of("study", given)
    del given[FIRST]
    assert [entry.record["Label"] for entry in known.of("study", given).live] == ["b"]
