"""All studies of an archive in memory: read in small steps, and kept up by its changes.

An archive's calls may keep the whole interpreter waiting, so each is short: one study at a time.
"""

import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from reslice.archive.port import Archive
from reslice.archive.studies import StoredStudy, StudyQuery
from reslice.archive.worklist_order import in_order, in_order_again
from reslice.archive.worklist_search import condition_of, searched_text
from reslice.errors import Busy, ResliceError, UnknownResource

PATIENCE_SECONDS = 3.0
"""How long a request takes part in reading what isn't read yet, before it is told to come again."""
STEP_SECONDS = 0.02
"""How long the background keeps the index to itself."""
REST_SECONDS = 0.01
"""How long it leaves the interpreter to others then."""
MOST_ROUNDS = 5
"""Looks at the list of ids in a row, while studies come and go."""


class StudyIndex:
    """One record a study, with the text that is searched. Any thread may ask."""

    def __init__(self, archive: Archive, patience: float = PATIENCE_SECONDS) -> None:
        self._archive = archive
        self._patience = patience
        self._lock = threading.Lock()
        self._studies: dict[str, StoredStudy] = {}
        self._texts: dict[str, str] = {}
        self._series_count = 0
        self._token: Hashable | None = None
        self._unread: dict[str, None] = {}
        self._ordered: dict[str, list[StoredStudy]] = {}
        """By order, as it was before those studies came, changed or went that `_moved` names for that order."""
        self._moved: dict[str, set[str]] = {}
        self._is_reading = False
        self._has_ended = False

    def begin(self) -> None:
        """Read in the background what isn't read yet; a failure is told to who asks."""
        with self._lock:
            self._go_on_in_the_background()

    def matching(self, query: StudyQuery) -> list[StoredStudy]:
        """All studies that a query means, in its order, as they are now or were a moment ago.

        Raises Busy where reading them isn't done within a few seconds.
        """
        with self._up_to_date():
            ordered, texts = self._in_order(query.order), self._texts if query.words else {}
            condition = condition_of(query)
            found = ordered if condition is None else filter(condition, ordered)
            return [study for study in found if all(word in texts[study.id] for word in query.words)]

    def _in_order(self, order: str) -> list[StoredStudy]:
        moved = self._moved.get(order)
        if moved is None:
            self._ordered[order] = in_order(self._studies.values(), order)
        elif moved:
            self._ordered[order] = in_order_again(self._ordered[order], moved, self._studies, order)
        self._moved[order] = set()
        return self._ordered[order]

    def of_patients(self, patients: Sequence[str]) -> dict[str, list[StoredStudy]]:
        """All that is known of these patients, the latest study first, as of the last `matching`."""
        found: dict[str, list[StoredStudy]] = {patient: [] for patient in patients}
        with self._lock:
            studies = [study for study in self._studies.values() if study.patient in found]
        for study in in_order(studies, "-study-date"):
            found[study.patient].append(study)
        return found

    def correct(self, study_id: str, study: StoredStudy | None) -> None:
        """Take what was read of a study just now; None: it has gone."""
        with self._lock:
            self._put(study_id, study)

    def end(self) -> None:
        """Read nothing more in the background."""
        self._has_ended = True

    @contextmanager
    def _up_to_date(self) -> Iterator[None]:
        """With the lock held, and everything read that was changed before. Raises Busy."""
        deadline = time.monotonic() + self._patience
        if not self._lock.acquire(timeout=self._patience / 4):  # each waits on one of Orthanc's own threads
            raise self._busy()
        try:
            if not self._advance(deadline):
                self._go_on_in_the_background()
                raise self._busy()
            self._settle(deadline)
            yield
        finally:
            self._lock.release()

    def _advance(self, deadline: float) -> bool:
        """Follow the changes, and read what they name, at least a little; whether that is all."""
        is_last = False
        while not is_last:
            is_last = self._look_for_changes()
            if not self._read_until(deadline) or (not is_last and time.monotonic() > deadline):
                return False
        return True

    def _look_for_changes(self) -> bool:
        """Note what is to be read; whether that is all for now."""
        changes = self._archive.study_changes(self._token)
        ids = changes.ids
        if ids is None:
            ids = self._archive.all_ids("studies")
            self._forget_all_but(ids)
        self._unread.update(dict.fromkeys(ids))
        self._token = changes.token
        return changes.is_last

    def _settle(self, deadline: float) -> None:
        """Make studies and series those of the archive: deletions are among no changes."""
        for _ in range(MOST_ROUNDS):
            if not self._has_other_studies() and not self._has_other_series():
                return
            if not self._read_until(deadline):
                self._go_on_in_the_background()
                raise self._busy()

    def _has_other_studies(self) -> bool:
        """Whether the archive has other studies; those that have gone are forgotten, new ones noted."""
        if self._archive.has_so_many("studies", len(self._studies)):
            return False
        ids = self._archive.all_ids("studies")
        self._forget_all_but(ids)
        self._unread.update(dict.fromkeys(id_ for id_ in ids if id_ not in self._studies))
        return True

    def _has_other_series(self) -> bool:
        """The same of series; the studies whose they were or are must be read anew."""
        if self._archive.has_so_many("series", self._series_count):
            return False
        ids = set(self._archive.all_ids("series"))
        known = {series for study in self._studies.values() for series in study.series_ids}
        shrunk = (study.id for study in self._studies.values() if not ids.issuperset(study.series_ids))
        self._unread.update(dict.fromkeys(shrunk))
        self._unread.update(dict.fromkeys(_studies_of(self._archive, ids - known)))
        return True

    def _forget_all_but(self, ids: Sequence[str]) -> None:
        for gone in self._studies.keys() - set(ids):
            self._put(gone, None)

    def _read_until(self, deadline: float) -> bool:
        """Read what is still to be read, at least one study; whether nothing is left."""
        while self._unread:
            study_id = next(iter(self._unread))
            self._put(study_id, _study(self._archive, study_id))
            del self._unread[study_id]
            if time.monotonic() > deadline:
                break
        return not self._unread

    def _put(self, study_id: str, study: StoredStudy | None) -> None:
        if self._studies.get(study_id) == study:
            return
        before = self._studies.get(study_id)
        self._series_count += len(study.series_ids if study else ()) - len(before.series_ids if before else ())
        for moved in self._moved.values():
            moved.add(study_id)
        if study is None:
            self._studies.pop(study_id, None)
            self._texts.pop(study_id, None)
        else:
            self._studies[study_id], self._texts[study_id] = study, searched_text(study)

    def _busy(self) -> Busy:
        left, done = len(self._unread), len(self._studies.keys() - self._unread.keys())
        details = f"The work list is being read: {done} studies are, {left} are left"
        return Busy(details, StudiesRead=done, StudiesLeft=left)

    def _go_on_in_the_background(self) -> None:
        if not self._is_reading and not self._has_ended:
            self._is_reading = True
            threading.Thread(target=self._read_on, name="reslice-worklist", daemon=True).start()

    def _read_on(self) -> None:
        """Until everything is read, in steps between which others get their turn; a failure is told to who asks."""
        try:
            while not self._has_ended:
                with self._lock:
                    if self._advance(time.monotonic() + STEP_SECONDS):
                        return
                time.sleep(REST_SECONDS)
        except ResliceError:
            return
        finally:
            self._is_reading = False


def _studies_of(archive: Archive, series: Iterable[str]) -> Iterator[str]:
    for one in series:
        with suppress(UnknownResource):
            yield archive.study_of("series", one)


def _study(archive: Archive, study_id: str) -> StoredStudy | None:
    try:
        return archive.study(study_id)
    except UnknownResource:
        return None
