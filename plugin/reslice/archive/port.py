"""What the application needs from a store of DICOM instances."""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from reslice.archive.studies import FoundStudies, StoredStudy, StudyChanges, StudyQuery

Level = Literal["patients", "studies", "series", "instances"]
LEVELS: tuple[Level, ...] = ("patients", "studies", "series", "instances")

ORTHANC_ID = "[0-9a-f]{8}(-[0-9a-f]{8}){4}"
"""How an identifier of Orthanc's reads, as a pattern: a SHA-1 digest in five parts."""

Writes = Literal["sdk", "loopback", "unavailable"]
"""How entries are written: by the server's own functions, by its HTTP port, or not at all."""


@dataclass(frozen=True)
class StoredInstance:
    """One instance as the index knows it; `file` changes whenever its bytes do, `uid` is its SOPInstanceUID."""

    id: str
    file: str
    number: int
    frames: int
    position: str
    orientation: str
    uid: str = ""


@dataclass(frozen=True)
class StoredSeries:
    """One series as the index knows it; `uid` is its SeriesInstanceUID."""

    id: str
    modality: str
    number: int
    instances: tuple[str, ...]
    study: str
    uid: str = ""


@dataclass(frozen=True)
class ServerFacts:
    """What the server says about itself."""

    name: str
    version: str
    plugin: str
    storage: str


class Archive(Protocol):
    """A store of instances, asked by Orthanc identifiers. Each call may raise UnknownResource."""

    def instances(self, series_id: str, revision: Hashable | None = None) -> Sequence[StoredInstance]:
        """All instances of a series, in one question, if the token that was taken before doesn't hold them already."""

    def revision(self, series_id: str) -> Hashable | None:
        """A token that differs after any change of the series' instances or of their bytes.

        It must be cheaper than `instances`; None means that there is no such token here.
        """

    def read(self, instance_id: str) -> bytes:
        """The DICOM file of an instance.

        Raises UnknownResource with the reason `unknown-instance` when it has gone, Damaged when its file can't be read.
        """

    def decode(self, content: bytes, frame: int) -> NDArray[Any] | None:
        """One frame (0-based) of a DICOM file by the store's own decoder; None where it has none or can't.

        Stored values of shape (rows, columns), in the type that the decoder gives them, or RGB (rows, columns, 3).
        """

    def series_of(self, level: Level, resource_id: str) -> Sequence[StoredSeries]:
        """The series below (or above, for an instance) a resource."""

    def study_of(self, level: Level, resource_id: str) -> str:
        """The study that a series or an instance belongs to."""

    def study_uid(self, study_id: str) -> str:
        """The StudyInstanceUID of a study."""

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""

    def store(self, content: bytes) -> str:
        """Store a DICOM file and tell its instance's id.

        Raises StorageFull when there is no room for it, Damaged when the store takes it for no DICOM file.
        """

    def read_as(self, instance_id: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bytes:
        """The DICOM file of an instance, read with the rights of the caller whose headers and query these are.

        Raises Forbidden (`forbidden-resource`), UnknownResource (`unknown-instance`), Unreadable, Busy, or
        ArchiveUnavailable (`loopback-unavailable`) where the store can't be asked in somebody's name.
        """

    def study_entries(self, study_id: str) -> Mapping[int, str]:
        """The texts that are kept with a study under numbers, all of them in one question."""

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Write an entry only if it is as expected, in one step; False where it isn't. None: there is no entry.

        Called within `writing`. No update of anybody is ever lost by it, on however many nodes. Raises UnknownResource
        when the study has gone, StorageFull when there is no room (the entry is as it was), ArchiveUnavailable.
        """

    def writing(self) -> AbstractContextManager[None]:
        """What `swap_entry` needs for as long as it is used; entered before any lock is taken.

        Raises Busy when too many write at the moment, ArchiveUnavailable (`loopback-unavailable`) where nobody can.
        """

    def measurement_writes(self) -> Writes:
        """How entries are written here, at the moment."""

    def study(self, study_id: str) -> StoredStudy:
        """One study as it is now."""

    def all_ids(self, level: Level) -> Sequence[str]:
        """All resources of a level, in any order."""

    def has_so_many(self, level: Level, count: int) -> bool:
        """Whether there are exactly so many; cheaper than to list them."""

    def study_changes(self, since: Hashable | None) -> StudyChanges:
        """What has changed since the token of an earlier answer was taken; None: since nothing is known yet."""

    def find_studies(self, query: StudyQuery) -> FoundStudies | None:
        """A page of studies as the store itself finds it; None where it can't, or not rightly and in this order."""

    def describe(self) -> ServerFacts:
        """The server's name, versions and kind of storage."""

    def check(self) -> None:
        """Raise ArchiveUnavailable unless index and storage answer."""
