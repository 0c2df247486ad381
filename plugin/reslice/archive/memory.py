"""An archive in memory: the same contract as Orthanc's, for tests and for use without a server."""

import itertools
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from reslice.archive.port import Level, ServerFacts, StoredInstance, StoredSeries
from reslice.dicom.identifiers import Identifiers, identify
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


class MemoryArchive:
    """Instances in a dictionary; storing one again replaces it under a new file."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._files = itertools.count(1)
        self._lock = threading.Lock()

    def store(self, content: bytes) -> str:
        """Keep a DICOM file and return its instance's Orthanc id."""
        ids = identify(content)
        with self._lock:
            self._entries[ids.instance] = _Entry(ids, f"file-{next(self._files)}", content)
        return ids.instance

    def delete(self, instance_id: str) -> None:
        """Forget an instance."""
        with self._lock:
            del self._entries[instance_id]

    def _below(self, level: Level, resource_id: str) -> list[_Entry]:
        with self._lock:
            found = [e for e in self._entries.values() if PARENT[level](e.ids) == resource_id]
        if not found:
            raise UnknownResource(f"No such resource: {level}")
        return found

    def instances(self, series_id: str) -> Sequence[StoredInstance]:
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
        return StoredSeries(series_id, ids.modality, ids.series_number, members)

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""
        return _stored(self._below("instances", instance_id)[0])

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
