"""Pages of studies and of patients. What a page shows is read anew, so that it is always true."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from reslice.archive.port import Archive
from reslice.archive.studies import FoundStudies, StoredStudy, StudyQuery
from reslice.archive.worklist_index import StudyIndex
from reslice.errors import ResliceError, UnknownResource

MOST_TRIES = 8
"""Pages that are read in a row, while what stands on them is being deleted or changed."""


@dataclass(frozen=True)
class ListedPatient:
    """A patient with all studies, the latest first."""

    id: str
    studies: tuple[StoredStudy, ...]

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those of all series."""
        return tuple(sorted({modality for study in self.studies for modality in study.modalities}))


@dataclass(frozen=True)
class FoundPatients:
    """One page of patients, and how many there are on all pages."""

    count: int
    patients: Sequence[ListedPatient]


Item = TypeVar("Item")


class WorkList:
    """The studies of an archive, page by page: by the archive itself where it can, else by an index in memory."""

    def __init__(self, archive: Archive, index: StudyIndex | None = None) -> None:
        self._archive = archive
        self._index = index or StudyIndex(archive)

    def studies(self, query: StudyQuery) -> FoundStudies:
        """One page of studies. Raises Busy while the index is being read."""
        found = self._archive.find_studies(query)
        return found if found is not None else self._indexed_studies(query)

    def patients(self, query: StudyQuery) -> FoundPatients:
        """One page of the patients that have a study which the query means, each with all studies."""

        def attempt() -> tuple[FoundPatients, bool]:
            ids = list(dict.fromkeys(study.patient for study in self._index.matching(query)))
            known = self._index.of_patients(ids[query.since : query.since + query.limit])
            read = {patient: self._read(studies, query.order) for patient, studies in known.items()}
            patients = [ListedPatient(patient, studies) for patient, (studies, _) in read.items() if studies]
            return FoundPatients(len(ids), patients), all(is_as_known for _, is_as_known in read.values())

        return _settled(attempt)

    def begin(self) -> None:
        """Get ready, where the archive can't find pages itself; without it, whoever asks first begins."""
        with suppress(ResliceError):
            if self._archive.find_studies(StudyQuery(limit=1)) is None:
                self._index.begin()

    def end(self) -> None:
        """Do nothing more in the background."""
        self._index.end()

    def _indexed_studies(self, query: StudyQuery) -> FoundStudies:
        def attempt() -> tuple[FoundStudies, bool]:
            matching = self._index.matching(query)
            studies, is_as_known = self._read(matching[query.since : query.since + query.limit], query.order)
            return FoundStudies(len(matching), studies), is_as_known

        return _settled(attempt)

    def _read(self, known: Sequence[StoredStudy], order: str) -> tuple[tuple[StoredStudy, ...], bool]:
        """Those that are still there as they are now, and whether they belong where the index has put them."""
        now = {study.id: self._now(study.id) for study in known}
        for study_id, study in now.items():
            self._index.correct(study_id, study)
        is_as_known = all(_is_placed_alike(study, now[study.id], order) for study in known)
        return tuple(study for study in now.values() if study is not None), is_as_known

    def _now(self, study_id: str) -> StoredStudy | None:
        try:
            return self._archive.study(study_id)
        except UnknownResource:
            return None


def _is_placed_alike(known: StoredStudy, now: StoredStudy | None, order: str) -> bool:
    """Whether nothing has changed that a query looks at; more images alone move a study in one order only."""
    if now is None:
        return False
    alike = replace(now, series=known.series, instances=known.instances, series_ids=known.series_ids)
    if not order.endswith("last-update"):
        alike = replace(alike, last_update=known.last_update)
    return alike == known


def _settled(attempt: Callable[[], tuple[Item, bool]]) -> Item:
    """The first page that is as the index has it; the last one, where everything changes as fast as it is read."""
    for _ in range(MOST_TRIES):
        found, is_as_known = attempt()
        if is_as_known:
            break
    return found
