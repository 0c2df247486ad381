"""Orthanc's index and storage as an Archive."""

import json
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from reslice.archive.port import ORTHANC_ID, Level, ServerFacts, StoredInstance, StoredSeries, Writes
from reslice.archive.studies import FoundStudies, StoredStudy, StudyChanges, StudyQuery
from reslice.errors import (
    ArchiveUnavailable,
    Damaged,
    Forbidden,
    StorageFull,
    UnknownResource,
    Unreadable,
)
from reslice.host.callers import file_for_caller
from reslice.host.changes import Changes
from reslice.host.index import Listing, instances_of, stored_instance, stored_series
from reslice.host.index_file import IndexFile, KeptAnswers
from reslice.host.kept import KeptEntries
from reslice.host.loopback import Loopback
from reslice.host.rest import Refusal, Rest, got
from reslice.host.room import Room
from reslice.host.worklist import Studies

DECODING_VERSION = (1, 13)
SHORTEST_LISTING = 64
"""Bytes; an instance's id and file alone are longer."""
TAKEN = frozenset({"Success", "AlreadyStored"})
"""What Orthanc says of an instance that is stored now."""


@dataclass(frozen=True)
class Server:
    """What Orthanc's SDK offers to its plugins, as far as an archive needs it. Each function may raise Refusal."""

    rest: Rest
    file: Callable[[str], bytes]
    """The DICOM file of an instance."""
    decoded: Callable[[bytes, int], NDArray[Any] | None]
    """A frame (0-based) of a DICOM file by Orthanc's decoders and those of its plugins."""
    token: Callable[[], str]
    """A header value that passes every filter of Orthanc's; it never leaves this process."""
    configuration_path: str


class OrthancArchive:
    """Orthanc's index and storage, asked through the SDK."""

    def __init__(self, configuration: Mapping[str, Any], server: Server) -> None:
        self._server, self._rest = server, server.rest
        self._changes = Changes(self._get_bytes)
        self._room = Room.of(configuration, server.configuration_path)
        self._loopback = Loopback(configuration, lambda: self._token, lambda: self._get_bytes("/system"))
        self._has_revisions = bool(configuration.get("CheckRevisions", False))
        names = configuration.get("UserMetadata", {})
        self._kept = KeptEntries(self._rest, self._loopback, self._room, self._is_alone, names)
        self._revisions = KeptAnswers(IndexFile(self._room.index_folder).stamp)
        self._is_shared: bool | None = None
        self._studies = Studies(self._get_bytes, self._post, int(configuration.get("LimitFindResults", 0)))

    @cached_property
    def _token(self) -> str:
        """It passes every filter of Orthanc's and never leaves this process."""
        return self._server.token()

    def _is_alone(self) -> bool:
        return not self._has_revisions and not self._has_shared_index()

    def instances(self, series_id: str, revision: Hashable | None = None) -> Sequence[StoredInstance]:
        """All instances of a series, in one question."""
        held = revision.take() if isinstance(revision, Listing) else None
        return instances_of(self._listing(series_id)) if held is None else held

    def revision(self, series_id: str) -> Hashable | None:
        """The last change of the server that counts, with the ids of the series' instances, as they read.

        A new or replaced instance makes a new change (its number is never used again), a deleted one
        shortens the list: both are seen by the very next request, since Orthanc writes them before it
        answers. Neither is asked again while nothing at all has been written into the index. There is no token while
        the log of changes is empty (somebody may have cleared it). An index shared by several nodes is asked in full
        every time, but only read if it doesn't answer the same.
        """
        if self._has_shared_index():
            return Listing(self._listing(series_id))
        return self._revisions.of(_checked(series_id), lambda: self._asked_revision(series_id))

    def _asked_revision(self, series_id: str) -> Hashable | None:
        series = self._get_bytes(f"/series/{series_id}")
        change = self._changes.last()
        return None if change is None else (change, series)

    def _has_shared_index(self) -> bool:
        if self._is_shared is None:
            self._is_shared = self._get("/system").get("DatabaseBackendPlugin") is not None
        return self._is_shared

    @cached_property
    def delivers_decoded_queries(self) -> bool:
        """Whether this Orthanc decodes queries for plugins; it can't be asked while the script loads."""
        numbers = re.match(r"(\d+)\.(\d+)", str(self._get("/system")["Version"]))
        return numbers is None or (int(numbers[1]), int(numbers[2])) >= DECODING_VERSION

    def read(self, instance_id: str) -> bytes:
        """The DICOM file of an instance."""
        try:
            return self._server.file(instance_id)
        except Refusal as refusal:
            raise self._why_not(instance_id) from refusal

    def decode(self, content: bytes, frame: int) -> NDArray[Any] | None:
        """One frame by Orthanc's decoders and those of its plugins: DCMTK, and GDCM where that is installed."""
        try:
            return self._server.decoded(content, frame)
        except Refusal:
            return None

    def _why_not(self, instance_id: str) -> Unreadable | UnknownResource:
        """A file that the index knows can't be read, perhaps for a moment only; else the instance is gone."""
        try:
            self.instance(instance_id)
        except UnknownResource:
            return UnknownResource("The instance is no longer there", reason="unknown-instance")
        return Unreadable(f"Orthanc's storage doesn't give the file of instance {instance_id}")

    def series_of(self, level: Level, resource_id: str) -> Sequence[StoredSeries]:
        """The series below a resource."""
        below = self._get(f"/{level}/{_checked(resource_id)}/series?expand")
        if not below:  # some versions answer an empty list for what isn't there
            self._get_bytes(f"/{level}/{resource_id}")
        return [stored_series(entry) for entry in below]

    def study_of(self, level: Level, resource_id: str) -> str:
        """The study above a series or an instance."""
        return str(self._get(f"/{level}/{_checked(resource_id)}/study")["ID"])

    def study_uid(self, study_id: str) -> str:
        """As the index has it."""
        return str(self._get(f"/studies/{_checked(study_id)}")["MainDicomTags"]["StudyInstanceUID"])

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""
        return stored_instance(self._get(f"/instances/{_checked(instance_id)}"))

    def store(self, content: bytes) -> str:
        """Store a DICOM file and tell its instance's id."""
        try:
            answer = json.loads(self._rest.post("/instances", content))
        except Refusal as refusal:
            if refusal.number == Refusal.NO_DICOM:
                raise Damaged("Orthanc takes this for no DICOM file") from refusal
            if refusal.number == Refusal.FULL:
                raise StorageFull("The storage is full") from refusal
            raise self._room.why(refusal.text) from refusal
        if answer["Status"] not in TAKEN:
            raise Forbidden(f"Orthanc refuses the instance: {answer['Status']}", reason="forbidden-resource")
        return str(answer["ID"])

    def read_as(self, instance_id: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bytes:
        """The DICOM file, if Orthanc gives it to the sender of these headers."""
        return file_for_caller(self._loopback, _checked(instance_id), headers, query)

    def study_entries(self, study_id: str) -> Mapping[int, str]:
        """The study's metadata with a number."""
        return self._kept.of(_checked(study_id))

    def swap_entry(self, study_id: str, number: int, expected: str | None, value: str | None) -> bool:
        """Write one of them only if it is as expected."""
        return self._kept.swap(_checked(study_id), number, expected, value)

    def writing(self) -> AbstractContextManager[None]:
        """One of the few ways through Orthanc's own port, where these are needed."""
        return self._kept.writing()

    def measurement_writes(self) -> Writes:
        """How entries are written here, at the moment."""
        return self._kept.mode()

    def study(self, study_id: str) -> StoredStudy:
        """One study."""
        return self._studies.study(_checked(study_id))

    def all_ids(self, level: Level) -> Sequence[str]:
        """All of them."""
        return self._studies.ids(level)

    def has_so_many(self, level: Level, count: int) -> bool:
        """Whether there are exactly so many."""
        return self._studies.are(level, count)

    def study_changes(self, since: Hashable | None) -> StudyChanges:
        """By the log of changes, which all nodes of an index share."""
        return self._studies.changes(since)

    def find_studies(self, query: StudyQuery) -> FoundStudies | None:
        """By `tools/find`, from Orthanc 1.12.5 on."""
        return self._studies.find(query)

    def describe(self) -> ServerFacts:
        """Names and versions of Orthanc and of its Python plugin."""
        system, plugin = self._get("/system"), self._get("/plugins/python")
        storage = system.get("DatabaseBackendPlugin") or "sqlite"
        return ServerFacts(str(system.get("Name", "")), str(system["Version"]), str(plugin["Version"]), storage)

    def check(self) -> None:
        """Raise ArchiveUnavailable unless index and core routes answer."""
        try:
            self._get("/statistics")
        except Exception as error:
            raise ArchiveUnavailable(f"Orthanc's index doesn't answer: {type(error).__name__}") from error

    def _get_bytes(self, path: str) -> bytes:
        return got(self._rest.get, path)

    def _post(self, path: str, body: bytes) -> bytes:
        return got(lambda asked: self._rest.post(asked, body), path)

    def _get(self, path: str) -> Any:
        return json.loads(self._get_bytes(path))

    def _listing(self, series_id: str) -> bytes:
        """All instances of a series as the index tells them."""
        text = self._get_bytes(f"/series/{_checked(series_id)}/instances?expand")
        if len(text) < SHORTEST_LISTING:  # some versions answer an empty list for what isn't there
            self._get_bytes(f"/series/{series_id}")
        return text


def _checked(resource_id: str) -> str:
    """The id, if it is one of Orthanc's; anything else could name another core route."""
    if not re.fullmatch(ORTHANC_ID, resource_id):
        raise UnknownResource("That is no identifier of Orthanc's")
    return resource_id
