"""Measurements kept with their study, one entry each: found, made, changed and deleted without losing an update.

Each change replaces the text that was read by another, in one step of the archive (`Archive.swap_entry`), so that
whoever comes second is refused. Nothing is found by its place: an entry's number only tells where to look for room.
"""

import hashlib
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reslice.archive.contents import Contents, KnownContents
from reslice.archive.entries import Entry, Record, text_of, time_text
from reslice.archive.locks import StripedLocks
from reslice.archive.port import Archive
from reslice.errors import Busy, Conflict, Gone, PreconditionFailed, ResliceError, StorageFull, UnknownResource

MOST_RECORDS = 2_000
"""Live measurements of one study."""
TOMBSTONES_KEPT = timedelta(days=30)
"""A late update of a deleted record is refused for so long."""
KNOWN_BUDGET = 64 << 20
"""Bytes of entries that were read lately and needn't be read again."""
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
        self._known = KnownContents(self._numbers, KNOWN_BUDGET)

    def list(self, study_id: str) -> Entries:
        """All live records by CreatedAt and Id, and what is wrong. Raises UnknownResource."""
        contents = self.contents(study_id)
        return Entries(tuple(entry.record for entry in contents.live), contents.errors)

    def contents(self, study_id: str) -> Contents:
        """The same with the texts, which were read before where they haven't changed. Raises UnknownResource."""
        return self._known.of(study_id, self._archive.study_entries(study_id))

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
        return self.creator(study_id).create(document)

    def creator(self, study_id: str) -> "Creator":
        """For many new records of one study: what it holds needn't be read for each."""
        return Creator(self, study_id)

    def new_entry(self, document: Record) -> Entry:
        """A new record as it would be kept where there is room. Raises TooLarge."""
        made_at = time_text(self._now())
        text = text_of({"Id": document["Id"], "CreatedAt": made_at, "UpdatedAt": made_at, **document, "Revision": 1})
        return Entry.of(self._home(document["Id"]), text)

    def add(self, study_id: str, new: Entry, held: Contents | None = None) -> tuple[Record, bool, Contents]:
        """Keep a new entry as `create` does, and tell what the study holds then, as far as it is known.

        `held` is that from before. It may be out of date: who else took an entry's place is noticed when it is written.
        """
        with self._archive.writing(), self._locks.of(study_id):
            for attempt in range(TRIES):
                contents = held if held is not None and attempt == 0 else self.contents(study_id)
                known = contents.current.get(new.id)
                if known is not None and not self._is_room(known, contents):
                    return self._made_before(known, new), False, contents
                number, before = (known.number, known) if known is not None else self._room(new.number, contents)
                if self._archive.swap_entry(study_id, number, before.text if before is not None else None, new.text):
                    made = contents.having(replace(new, number=number), before)
                    self._purge(study_id, made)
                    return new.record, True, made
                _pause(attempt)
        raise Busy("Too many others write to this study at the moment")

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

    def _room(self, home: int, contents: Contents) -> tuple[int, Entry | None]:
        """The first number from home on, round the end, where there is nothing or an old tombstone.

        Whoever looks for room for one id goes the same way, whatever old tombstones were cleared away before: two
        of them meet at one number, and the second is refused there.
        """
        if len(contents.live) >= MOST_RECORDS:
            details = f"This study has {MOST_RECORDS} measurements already"
            raise Conflict(details, reason="too-many-measurements", Limit=MOST_RECORDS)
        old = {entry.number: entry for entry in contents.current.values() if self._is_room(entry, contents)}
        start, count = home - self._numbers.start, len(self._numbers)
        for step in range(count):
            number = self._numbers[(start + step) % count]
            if number in old or number not in contents.taken:
                return number, old.get(number)
        raise StorageFull("All numbers for measurements of this study are taken", reason="range-full")

    def _is_room(self, entry: Entry, contents: Contents) -> bool:
        """Whether it is a tombstone that may go: an old one which hides no other entry, that would count again."""
        return self._is_over(entry) and entry.id not in contents.superseded_ids

    def _purge(self, study_id: str, contents: Contents) -> None:
        """Clear some old tombstones away; whoever was quicker at one of them is welcome."""
        old = [entry for entry in contents.current.values() if self._is_room(entry, contents)]
        with suppress(ResliceError):  # a record was made, whatever happens to these
            for entry in old[:PURGED_AT_ONCE]:
                self._archive.swap_entry(study_id, entry.number, entry.text, None)

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
        record, is_new, self._held = self._store.add(self._study, new, held)
        self._count += 1
        return record, is_new


def _gone() -> Gone:
    return Gone("This measurement was deleted")


def _other(uuid: str) -> Conflict:
    return Conflict("There is another measurement with this Id", reason="id-in-use", Id=uuid)


def _pause(attempt: int) -> None:
    """A moment whose length no two writers share, longer after each try."""
    time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS) * (attempt + 1) / TRIES)  # noqa: S311
