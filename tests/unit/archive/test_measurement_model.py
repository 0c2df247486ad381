"""Whatever is done in whatever order: the store says what a dictionary says."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reslice.archive.memory import MemoryArchive
from reslice.errors import Conflict, Gone, PreconditionFailed, StorageFull, UnknownResource
from unit.archive.records import FIRST, STUDY, Clock, an_id, document, store_over, with_study

NUMBERS = st.integers(0, 7)
ROOM = 6
"""Fewer numbers than ids: most records lie beside their own place, and sometimes there is no room."""
KEPT_DAYS = 30


@dataclass
class Known:
    """What the dictionary remembers of an id."""

    revision: int
    digest: str
    label: str
    deleted_on: float | None = None


class StoreAndDictionary(RuleBasedStateMachine):
    """A store whose numbers are few, beside its model."""

    def __init__(self) -> None:
        super().__init__()
        self.archive, self.clock, self.day = with_study(MemoryArchive()), Clock(), 0.0
        self.store = store_over(self.archive, FIRST, FIRST + ROOM - 1, self.clock)
        self.model: dict[int, Known] = {}
        self.labels = (f"label {n}" for n in itertools.count())

    def known(self, number: int) -> Known | None:
        """None too for what was deleted long ago."""
        found = self.model.get(number)
        is_over = found and found.deleted_on is not None and self.day - found.deleted_on >= KEPT_DAYS
        return None if is_over else found

    def expected_error(self, number: int, revision: int) -> type[Exception] | None:
        known = self.known(number)
        if known is None:
            return UnknownResource
        if known.deleted_on is not None:
            return Gone
        return None if known.revision == revision else PreconditionFailed

    @rule(number=NUMBERS, request=st.sampled_from(["a", "b"]))
    def create(self, number: int, request: str) -> None:
        known, label = self.known(number), next(self.labels)
        body = document(number, RequestDigest=request, Label=label)
        if known is not None and known.deleted_on is not None:
            with pytest.raises(Gone):
                self.store.create(STUDY, body)
        elif known is not None and known.digest != request:
            with pytest.raises(Conflict):
                self.store.create(STUDY, body)
        elif known is not None:
            record, is_new = self.store.create(STUDY, body)
            assert (is_new, record["Revision"], record["Label"]) == (False, known.revision, known.label)
        elif sum(self.known(n) is not None for n in self.model) == ROOM:
            with pytest.raises(StorageFull):
                self.store.create(STUDY, body)
        else:
            assert self.store.create(STUDY, body)[1] is True
            self.model[number] = Known(1, request, label)

    @rule(number=NUMBERS, back=st.integers(0, 1))
    def update(self, number: int, back: int) -> None:
        revision, label = getattr(self.known(number), "revision", 1) - back, next(self.labels)
        error = self.expected_error(number, revision)
        if error is not None:
            with pytest.raises(error):
                self.store.update(STUDY, an_id(number), revision, lambda record: {**record, "Label": label})
            return
        record = self.store.update(STUDY, an_id(number), revision, lambda record: {**record, "Label": label})
        assert (record["Revision"], record["Label"]) == (revision + 1, label)
        self.model[number].revision, self.model[number].label = revision + 1, label

    @rule(number=NUMBERS, back=st.integers(0, 1))
    def delete(self, number: int, back: int) -> None:
        revision = getattr(self.known(number), "revision", 1) - back
        error = self.expected_error(number, revision)
        if error is not None:
            with pytest.raises(error):
                self.store.delete(STUDY, an_id(number), revision)
            return
        self.store.delete(STUDY, an_id(number), revision)
        self.model[number].revision, self.model[number].deleted_on = revision + 1, self.day

    @rule(days=st.sampled_from([0.5, 7, 31]))
    def wait(self, days: float) -> None:
        self.clock.move(days=days)
        self.day += days

    @rule()
    def restart(self) -> None:
        self.store = store_over(self.archive, FIRST, FIRST + ROOM - 1, self.clock)

    @invariant()
    def both_say_the_same(self) -> None:
        found = self.store.list(STUDY)
        live = {an_id(n): k for n, k in self.model.items() if k.deleted_on is None}
        assert {r["Id"]: (r["Revision"], r["Label"]) for r in found.records} == {
            name: (known.revision, known.label) for name, known in live.items()
        }
        assert found.errors == ()
        for number in self.model:
            error = self.expected_error(number, self.model[number].revision)
            if error is None:
                assert self.store.get(STUDY, an_id(number))["Label"] == self.model[number].label
            else:
                with pytest.raises(error):
                    self.store.get(STUDY, an_id(number))


TestStoreAndDictionary = StoreAndDictionary.TestCase
