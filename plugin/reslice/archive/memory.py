"""An archive in memory: the same contract as Orthanc's, for tests and for use without a server."""

import itertools
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from numpy.typing import NDArray

from reslice.archive.port import Level, ServerFacts, StoredInstance, StoredSeries, Writes
from reslice.archive.studies import FoundStudies, StoredStudy, StudyChanges, StudyQuery
from reslice.dicom.identifiers import Identifiers, identify, study_texts
from reslice.errors import UnknownResource

PARENT: dict[str, Callable[[Identifiers], str]] = {
    "patients": lambda ids: ids.patient,
    "studies": lambda ids: ids.study,
    "series": lambda ids: ids.series,
    "instances": lambda ids: ids.instance,
}


@dataclass(frozen=True)
class _Entry:
    ids: Identifiers
    file: str
    content: bytes
    stored_at: str


class MemoryArchive:
    """Instances in a dictionary; storing one again replaces it under a new file."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._texts: dict[str, dict[int, str]] = {}
        self._files = itertools.count(1)
        self._lock = threading.Lock()

    def store(self, content: bytes) -> str:
        """Keep a DICOM file and return its instance's Orthanc id."""
        ids, now = identify(content), datetime.now().strftime("%Y%m%dT%H%M%S")
        with self._lock:
            self._entries[ids.instance] = _Entry(ids, f"file-{next(self._files)}", content, now)
        return ids.instance

    def delete(self, instance_id: str) -> None:
        """Forget an instance, and what was kept with its study if it was the study's last."""
        with self._lock:
            study = self._entries.pop(instance_id).ids.study
            if not self._members("studies", study):
                self._texts.pop(study, None)

    def _members(self, level: Level, resource_id: str) -> list[_Entry]:
        """With the lock held."""
        return [e for e in self._entries.values() if PARENT[level](e.ids) == resource_id]

    def _below(self, level: Level, resource_id: str) -> list[_Entry]:
        with self._lock:
            found = self._members(level, resource_id)
        if not found:
            raise UnknownResource(f"No such resource: {level}")
        return found

    def instances(self, series_id: str, revision: Hashable | None = None) -> Sequence[StoredInstance]:
        """All instances of a series."""
        return [_stored(entry) for entry in self._below("series", series_id)]

    def revision(self, series_id: str) -> Hashable | None:
        """The files of the series."""
        return tuple(entry.file for entry in self._below("series", series_id))

    def read(self, instance_id: str) -> bytes:
        """The DICOM file of an instance."""
        try:
            return self._below("instances", instance_id)[0].content
        except UnknownResource as error:
            raise UnknownResource("The instance is no longer there", reason="unknown-instance") from error

    def decode(self, content: bytes, frame: int) -> NDArray[Any] | None:
        """There is no other decoder here."""
        return None

    def series_of(self, level: Level, resource_id: str) -> Sequence[StoredSeries]:
        """The series that hold the resource's instances."""
        found = {entry.ids.series: entry.ids for entry in self._below(level, resource_id)}
        return [self._series(series_id, ids) for series_id, ids in found.items()]

    def _series(self, series_id: str, ids: Identifiers) -> StoredSeries:
        members = tuple(entry.ids.instance for entry in self._below("series", series_id))
        return StoredSeries(series_id, ids.modality, ids.series_number, members, ids.study, ids.series_uid)

    def study_of(self, level: Level, resource_id: str) -> str:
        """The study of any of its instances."""
        return self._below(level, resource_id)[0].ids.study

    def study_uid(self, study_id: str) -> str:
        """As its instances have it."""
        return self._below("studies", study_id)[0].ids.study_uid

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""
        return _stored(self._below("instances", instance_id)[0])

    def read_as(self, instance_id: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bytes:
        """The DICOM file: everybody may read everything here."""
        return self.read(instance_id)

    def study_entries(self, study_id: str) -> Mapping[int, str]:
        """The texts that are kept with a study, as they are now."""
        with self._lock:
            return dict(self._texts_of(study_id))

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Write an entry if it is as expected."""
        with self._lock:
            texts = self._texts_of(study_id)
            if texts.get(number) != expected:
                return False
            if value is None:
                texts.pop(number, None)
            else:
                texts[number] = value
        return True

    def _texts_of(self, study_id: str) -> dict[int, str]:
        """With the lock held."""
        if not self._members("studies", study_id):
            raise UnknownResource("No such resource: studies")
        return self._texts.setdefault(study_id, {})

    def writing(self) -> AbstractContextManager[None]:
        """Anybody may write at any time."""
        return nullcontext()

    def measurement_writes(self) -> Writes:
        """By its own functions."""
        return "sdk"

    def study(self, study_id: str) -> StoredStudy:
        """As its first instance has it."""
        members = self._below("studies", study_id)
        first, series = members[0], {entry.ids.series: entry.ids.modality for entry in members}
        return StoredStudy(
            id=study_id,
            patient=first.ids.patient,
            uid=first.ids.study_uid,
            last_update=max(entry.stored_at for entry in members),
            modalities=tuple(sorted({modality for modality in series.values() if modality})),
            series=len(series),
            instances=len(members),
            series_ids=tuple(sorted(series)),
            **study_texts(first.content),
        )

    def all_ids(self, level: Level) -> Sequence[str]:
        """All resources of a level."""
        with self._lock:
            return list(dict.fromkeys(PARENT[level](entry.ids) for entry in self._entries.values()))

    def has_so_many(self, level: Level, count: int) -> bool:
        """Whether there are so many."""
        return len(self.all_ids(level)) == count

    def study_changes(self, since: Hashable | None) -> StudyChanges:
        """Those whose files aren't those of the token."""
        now = self._files_of_studies()
        before = dict(since) if isinstance(since, frozenset) else {}
        changed = [study for study, files in now.items() if before.get(study) != files]
        return StudyChanges(frozenset(now.items()), changed)

    def _files_of_studies(self) -> dict[str, frozenset[str]]:
        with self._lock:
            entries = list(self._entries.values())
        found: dict[str, set[str]] = {}
        for entry in entries:
            found.setdefault(entry.ids.study, set()).add(entry.file)
        return {study: frozenset(files) for study, files in found.items()}

    def find_studies(self, query: StudyQuery) -> FoundStudies | None:
        """Nothing is found here: that is left to the index."""
        return None

    def describe(self) -> ServerFacts:
        """A server that has no versions."""
        return ServerFacts("memory", "", "", "memory")

    def check(self) -> None:
        """Memory always answers."""


def _stored(entry: _Entry) -> StoredInstance:
    ids = entry.ids
    return StoredInstance(
        id=ids.instance,
        file=entry.file,
        uid=ids.instance_uid,
        number=ids.instance_number,
        frames=ids.frames,
        position=ids.position,
        orientation=ids.orientation,
    )
