"""Measurements kept with their study, one entry each: found, made, changed and deleted without losing an update.

Each change replaces the text that was read by another, in one step of the archive (`Archive.swap_entry`), so that
whoever comes second is refused. Nothing is found by its place: an entry's number only tells where to look for room.
"""

import hashlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reslice.archive.entries import Contents, Entry, Record, text_of, time_text
from reslice.archive.locks import StripedLocks
from reslice.archive.port import Archive
from reslice.errors import Busy, Conflict, Gone, PreconditionFailed, StorageFull, UnknownResource

MOST_RECORDS = 2_000
"""Live measurements of one study."""
TOMBSTONES_KEPT = timedelta(days=30)
"""A late update of a deleted record is refused for so long."""
READ_AGAIN_AFTER = 100
"""New records of one study in a row, made without asking what others have written meanwhile."""
PURGED_AT_ONCE = 32
"""Old tombstones that one creation clears away."""
TRIES = 8
LONGEST_PAUSE_SECONDS = 0.02
KEPT_AT_CHANGES = ("Id", "TrackingUID", "CreatedAt", "RequestDigest")
"""What a record is known by, and what it was made from: no change changes these."""


@dataclass(frozen=True)
class Entries:
    """What a study holds: its records in the order of their making, and what can't be read."""

    records: tuple[Record, ...]
    errors: tuple[Record, ...]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MeasurementStore:
    """The measurements of all studies of an archive, in the entries numbered `first` to `last`."""

    def __init__(self, archive: Archive, first: int, last: int, now: Callable[[], datetime] = _utc_now) -> None:
        self._archive = archive
        self._numbers = range(first, last + 1)
        self._now = now
        self._locks = StripedLocks()

    def list(self, study_id: str) -> Entries:
        """All live records by CreatedAt and Id, and what is wrong. Raises UnknownResource."""
        contents = Contents.of(self._archive.study_entries(study_id), self._numbers)
        return Entries(tuple(contents.live), contents.errors)

    def get(self, study_id: str, uuid: str) -> Record:
        """One record. Raises UnknownResource (`unknown-measurement`), Gone."""
        return self._live_entry(study_id, uuid).record

    def known(self, study_id: str, uuid: str, request_digest: str) -> Record | None:
        """The record of this id if the same request made it; None where there is none. Raises Gone, Conflict."""
        try:
            record = self.get(study_id, uuid)
        except UnknownResource as error:
            if error.reason == "unknown-measurement":
                return None
            raise
        if record["RequestDigest"] != request_digest:
            raise _other(uuid)
        return record

    def create(self, study_id: str, document: Record) -> tuple[Record, bool]:
        """Keep a new record at revision 1 and tell it, or tell the one that the same request made before (False).

        The document has its `Id` and the `RequestDigest` that tells requests apart; both times are added unless they
        are there. Raises Conflict (`id-in-use`, `too-many-measurements`), Gone, StorageFull (`range-full` too),
        TooLarge, Busy, UnknownResource.
        """
        new = self.new_entry(document)
        record, is_new, _ = self.add(study_id, new, lambda: self._purged(study_id, new.id, Contents.concerning))
        return record, is_new

    def creator(self, study_id: str) -> "Creator":
        """For many new records of one study: what it holds needn't be read for each."""
        return Creator(self, study_id)

    def new_entry(self, document: Record) -> Entry:
        """A new record as it would be kept where there is room. Raises TooLarge."""
        made_at = time_text(self._now())
        text = text_of({"Id": document["Id"], "CreatedAt": made_at, "UpdatedAt": made_at, **document, "Revision": 1})
        return Entry.of(self._home(document["Id"]), text)

    def add(self, study_id: str, new: Entry, read: Callable[[], Contents]) -> tuple[Record, bool, Contents]:
        """Keep a new entry as `create` does, and tell what the study holds then.

        `read` tells what it held before, with the new entry's id. It may be out of date: who else took a place is
        noticed when that is written, and then everything is read again.
        """
        with self._archive.writing(), self._locks.of(study_id):
            lost: set[int] = set()
            contents = read()
            for attempt in range(TRIES):
                known = contents.current.get(new.id)
                if known is not None:
                    return self._made_before(known, new), False, contents
                number = self._free_number(new.number, contents, lost)
                if self._archive.swap_entry(study_id, number, None, new.text):
                    return new.record, True, contents.having(replace(new, number=number))
                lost.add(number)
                _pause(attempt)
                contents = self.whole(study_id, new.id)
        raise Busy("Too many others write to this study at the moment")

    def whole(self, study_id: str, uuid: str) -> Contents:
        """Everything that a study holds, after some old tombstones were cleared away, that of this id among the first.

        Within `add` only: it writes.
        """
        return self._purged(study_id, uuid, lambda _, texts, numbers: Contents.of(texts, numbers))

    def _made_before(self, known: Entry, new: Entry) -> Record:
        if known.is_tombstone:
            raise _gone()
        if known.content["RequestDigest"] != new.content["RequestDigest"]:
            raise _other(new.id)
        return known.record

    def _home(self, uuid: str) -> int:
        """Where the search for room begins, the same in every process."""
        digest = hashlib.sha256(uuid.encode()).digest()
        return self._numbers[int.from_bytes(digest[:8], "big") % len(self._numbers)]

    def _free_number(self, home: int, contents: Contents, lost: set[int]) -> int:
        """The first number from home on, round the end, that nobody has; those that others were quicker at left out."""
        if contents.live_count >= MOST_RECORDS:
            details = f"This study has {MOST_RECORDS} measurements already"
            raise Conflict(details, reason="too-many-measurements", Limit=MOST_RECORDS)
        start, count = home - self._numbers.start, len(self._numbers)
        for step in range(count):
            number = self._numbers[(start + step) % count]
            if number not in contents.taken and number not in lost:
                return number
        raise StorageFull("All numbers for measurements of this study are taken", reason="range-full")

    def _purged(self, study_id: str, uuid: str, read: Callable[[str, Mapping[int, str], range], Contents]) -> Contents:
        """What the study holds beside a new record of this id, after some old tombstones were cleared away.

        That of this id goes first. A tombstone that hides another entry of its id stays: the other would count again.
        """
        contents = read(uuid, self._archive.study_entries(study_id), self._numbers)
        old = [entry for entry in contents.current.values() if self._is_over(entry)]
        old = [entry for entry in old if entry.id not in contents.superseded_ids]
        old.sort(key=lambda entry: (entry.id != uuid, entry.number))
        purged = [e for e in old[:PURGED_AT_ONCE] if self._archive.swap_entry(study_id, e.number, e.text, None)]
        return contents.without(purged)

    def _is_over(self, entry: Entry) -> bool:
        return entry.is_older_than(TOMBSTONES_KEPT, self._now())

    def update(self, study_id: str, uuid: str, revision: int, change: Callable[[Record], Record]) -> Record:
        """Replace a record of this revision by what `change` makes of it, and tell the new one.

        `change` is given a copy, may be slow, may raise, and is called once, before any lock is taken.
        Raises PreconditionFailed (`stale-revision`, with the current `Revision`), UnknownResource, Gone, TooLarge,
        StorageFull, Busy.
        """
        entry = self._of_revision(study_id, uuid, revision)
        kept = {name: entry.content[name] for name in KEPT_AT_CHANGES if name in entry.content}
        changed = {**change(entry.record), **kept, "Revision": revision + 1, "UpdatedAt": time_text(self._now())}
        new = Entry.of(entry.number, text_of({"Id": uuid, "CreatedAt": kept["CreatedAt"], **changed}))
        self._replace(study_id, entry, new)
        return new.record

    def delete(self, study_id: str, uuid: str, revision: int) -> None:
        """Leave a tombstone in place of a record of this revision. Raises as `update` does."""
        entry = self._of_revision(study_id, uuid, revision)
        tombstone = {"Id": uuid, "Revision": revision + 1, "DeletedAt": time_text(self._now())}
        self._replace(study_id, entry, Entry.of(entry.number, text_of(tombstone)))

    def _replace(self, study_id: str, entry: Entry, new: Entry) -> None:
        with self._archive.writing(), self._locks.of(study_id):
            for attempt in range(TRIES):
                if self._archive.swap_entry(study_id, entry.number, entry.text, new.text):
                    return
                # Refused: the record has changed, which raises here, or the archive was only busy with it.
                self._of_revision(study_id, entry.id, entry.revision)
                _pause(attempt)
        raise Busy("Others write to this measurement at the moment")

    def _of_revision(self, study_id: str, uuid: str, revision: int) -> Entry:
        entry = self._live_entry(study_id, uuid)
        if entry.revision != revision:
            details = f"The measurement has revision {entry.revision} now"
            raise PreconditionFailed(details, reason="stale-revision", Revision=entry.revision)
        return entry

    def _live_entry(self, study_id: str, uuid: str) -> Entry:
        """The entry that counts; only texts that hold the id are looked into."""
        texts = self._archive.study_entries(study_id)
        holding = {number: text for number, text in texts.items() if uuid in text}
        entry = Contents.of(holding, self._numbers).current.get(uuid)
        if entry is None or self._is_over(entry):
            raise UnknownResource("There is no such measurement", reason="unknown-measurement")
        if entry.is_tombstone:
            raise _gone()
        return entry


class Creator:
    """Makes records of one study, one after the other, and remembers what the study holds."""

    def __init__(self, store: MeasurementStore, study_id: str) -> None:
        self._store = store
        self._study = study_id
        self._held: Contents | None = None
        self._count = 0

    def create(self, document: Record) -> tuple[Record, bool]:
        """As `MeasurementStore.create`."""
        new = self._store.new_entry(document)
        held = self._held if self._count % READ_AGAIN_AFTER else None
        record, is_new, self._held = self._store.add(
            self._study, new, lambda: held or self._store.whole(self._study, new.id)
        )
        self._count += 1
        return record, is_new


def _gone() -> Gone:
    return Gone("This measurement was deleted")


def _other(uuid: str) -> Conflict:
    return Conflict("There is another measurement with this Id", reason="id-in-use", Id=uuid)


def _pause(attempt: int) -> None:
    """A moment whose length no two writers share, longer after each try."""
    time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS) * (attempt + 1) / TRIES)  # noqa: S311
