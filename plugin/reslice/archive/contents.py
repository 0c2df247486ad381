"""A study's entries as a whole: what counts for each id; and the wholes that were read lately."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from reslice.archive.entries import MARK, Entry, Record

BYTES_A_CHARACTER = 12
"""A cautious estimate of what a character of an entry costs in memory: the text, what it says, and how it is shown."""


@dataclass(frozen=True)
class Contents:
    """A study's entries sorted out: what counts for each id, what doesn't, and what can't be read."""

    current: Mapping[str, Entry]
    outdone: tuple[Entry, ...]
    corrupt: Mapping[int, str]
    taken: frozenset[int]

    @classmethod
    def of(cls, texts: Mapping[int, str], numbers: range, known: Mapping[int, Entry] | None = None) -> "Contents":
        """Of a study's texts under these numbers. Of entries with one id the highest revision counts.

        Entries that are `known` are not read again where their texts are the same.
        """
        ours, corrupt = _readable(texts, numbers, known or {})
        current: dict[str, Entry] = {}
        outdone: list[Entry] = []
        for entry in sorted(ours, key=_precedence):
            if entry.id in current:
                outdone.append(current[entry.id])
            current[entry.id] = entry
        return cls(current, tuple(outdone), corrupt, frozenset(texts))

    @cached_property
    def live(self) -> tuple[Entry, ...]:
        """The records that aren't deleted, in the order of their making."""
        entries = (entry for entry in self.current.values() if not entry.is_tombstone)
        return tuple(sorted(entries, key=lambda entry: (entry.content["CreatedAt"], entry.id)))

    @property
    def by_number(self) -> dict[int, Entry]:
        """All entries that could be read."""
        return {entry.number: entry for entry in (*self.current.values(), *self.outdone)}

    def having(self, entry: Entry, instead_of: Entry | None) -> "Contents":
        """The same with a new entry of an id that counts from now on, in the place of another, or of none."""
        current = {name: other for name, other in self.current.items() if other is not instead_of}
        return replace(self, current={**current, entry.id: entry}, taken=self.taken | {entry.number})

    @property
    def errors(self) -> tuple[Record, ...]:
        """What lies there and is no record, each with its entry's number, a reason and a sentence."""
        unread = [_error(number, "corrupt-entry", why) for number, why in self.corrupt.items()]
        doubled = [
            _error(entry.number, "duplicate-id", f"Another entry of {entry.id} has a higher revision or number")
            for entry in self.outdone
            if not entry.is_tombstone
        ]
        return tuple(sorted([*unread, *doubled], key=lambda error: error["Entry"]))

    @property
    def superseded_ids(self) -> frozenset[str]:
        """Ids of which there is more than one entry: the one that counts hides another."""
        return frozenset(entry.id for entry in self.outdone)


def _error(number: int, reason: str, details: str) -> Record:
    return {"Entry": number, "Reason": reason, "Details": details}


def _precedence(entry: Entry) -> tuple[int, bool, int]:
    """Later in this order counts; a deletion counts more than a change of the same revision."""
    return entry.revision, entry.is_tombstone, entry.number


def _readable(
    texts: Mapping[int, str], numbers: range, known: Mapping[int, Entry]
) -> tuple[list[Entry], dict[int, str]]:
    """Entries of ours, and why the others of ours can't be read."""
    ours: list[Entry] = []
    corrupt: dict[int, str] = {}
    for number in sorted(n for n, text in texts.items() if n in numbers and MARK.match(text)):
        before = known.get(number)
        if before is not None and before.text == texts[number]:
            ours.append(before)
            continue
        try:
            ours.append(Entry.of(number, texts[number]))
        except ValueError as error:
            corrupt[number] = f"The entry can't be read: {error}"
    return ours, corrupt


@dataclass(frozen=True)
class _Known:
    texts: Mapping[int, str]
    contents: Contents
    cost: int


class KnownContents:
    """What was read of studies lately, so that only texts that are new are read; any thread may ask.

    Nothing is answered by memory alone: the texts are those that the archive holds now.
    """

    def __init__(self, numbers: range, budget: int) -> None:
        self._numbers, self._budget = numbers, budget
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, study_id: str, texts: Mapping[int, str]) -> Contents:
        """The contents of a study whose texts these are; they are remembered within the budget."""
        with self._lock:
            before = self._known.get(study_id)
        if before is not None and before.texts == texts:
            return self._remembered(study_id, before)
        known = before.contents.by_number if before is not None else {}
        contents = Contents.of(texts, self._numbers, known)
        cost = BYTES_A_CHARACTER * sum(map(len, texts.values()))
        return self._remembered(study_id, _Known(dict(texts), contents, cost))

    def _remembered(self, study_id: str, known: _Known) -> Contents:
        with self._lock:
            self._known[study_id] = known
            self._known.move_to_end(study_id)
            while sum(other.cost for other in self._known.values()) > self._budget:
                self._known.popitem(last=False)
        return known.contents
