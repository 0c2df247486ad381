"""Orthanc's Python plugin: its callbacks as Request and Response, its store as an Archive.

The only module that imports `orthanc`. It works with plugin 4.0 (Orthanc 1.10), 5.0 and 7.1.
"""

import gc
import json
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from numpy.typing import NDArray

import orthanc
from reslice.archive.port import Level, ServerFacts, StoredInstance, StoredSeries, Writes
from reslice.errors import (
    ArchiveUnavailable,
    Damaged,
    Forbidden,
    ResliceError,
    StorageFull,
    UnknownResource,
    Unreadable,
)
from reslice.host.callers import file_for_caller
from reslice.host.changes import Changes
from reslice.host.exchange import request_of, send
from reslice.host.images import samples_of
from reslice.host.index import Listing, instances_of, stored_instance, stored_series
from reslice.host.index_file import IndexFile, KeptAnswers
from reslice.host.kept import KeptEntries
from reslice.host.loopback import HTTP_THREADS, Loopback
from reslice.host.passwords import asks_for_passwords, user_of
from reslice.host.rest import Refusal, Rest, got
from reslice.host.room import Room
from reslice.host.workers import Workers
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Response
from reslice.web.routes import ROUTES

ORTHANC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")
SECTION = "Reslice"
DECODING_VERSION = (1, 13)
SHORTEST_LISTING = 64
"""Bytes; an instance's id and file alone are longer."""
TAKEN = frozenset({"Success", "AlreadyStored"})
"""What Orthanc says of an instance that is stored now."""


class OrthancArchive:
    """Orthanc's index and storage, asked through the SDK."""

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self._rest = _rest()
        self._changes = Changes(_get_bytes)
        self._room = Room.of(configuration, orthanc.GetConfigurationPath())
        self._loopback = Loopback(configuration, lambda: self._token, lambda: _get_bytes("/system"))
        self._has_revisions = bool(configuration.get("CheckRevisions", False))
        names = configuration.get("UserMetadata", {})
        self._kept = KeptEntries(self._rest, self._loopback, self._room, self._is_alone, names)
        self._revisions = KeptAnswers(IndexFile(self._room.index_folder).stamp)
        self._is_shared: bool | None = None

    @cached_property
    def _token(self) -> str:
        """It passes every filter of Orthanc's and never leaves this process."""
        return str(orthanc.GenerateRestApiAuthorizationToken())

    def _is_alone(self) -> bool:
        return not self._has_revisions and not self._has_shared_index()

    def instances(self, series_id: str, revision: Hashable | None = None) -> Sequence[StoredInstance]:
        """All instances of a series, in one question."""
        held = revision.take() if isinstance(revision, Listing) else None
        return instances_of(_listing(series_id)) if held is None else held

    def revision(self, series_id: str) -> Hashable | None:
        """The last change of the server that counts, with the ids of the series' instances, as they read.

        A new or replaced instance makes a new change (its number is never used again), a deleted one
        shortens the list: both are seen by the very next request, since Orthanc writes them before it
        answers. Neither is asked again while nothing at all has been written into the index. There is no token while
        the log of changes is empty (somebody may have cleared it). An index shared by several nodes is asked in full
        every time, but only read if it doesn't answer the same.
        """
        if self._has_shared_index():
            return Listing(_listing(series_id))
        return self._revisions.of(_checked(series_id), lambda: self._asked_revision(series_id))

    def _asked_revision(self, series_id: str) -> Hashable | None:
        series = _get_bytes(f"/series/{series_id}")
        change = self._changes.last()
        return None if change is None else (change, series)

    def _has_shared_index(self) -> bool:
        if self._is_shared is None:
            self._is_shared = _get("/system").get("DatabaseBackendPlugin") is not None
        return self._is_shared

    @cached_property
    def delivers_decoded_queries(self) -> bool:
        """Whether this Orthanc decodes queries for plugins; it can't be asked while the script loads."""
        numbers = re.match(r"(\d+)\.(\d+)", str(_get("/system")["Version"]))
        return numbers is None or (int(numbers[1]), int(numbers[2])) >= DECODING_VERSION

    def read(self, instance_id: str) -> bytes:
        """The DICOM file of an instance."""
        try:
            content: bytes = orthanc.GetDicomForInstance(instance_id)
        except orthanc.OrthancException as error:
            raise self._why_not(instance_id) from error
        return content

    def decode(self, content: bytes, frame: int) -> NDArray[Any] | None:
        """One frame by Orthanc's decoders and those of its plugins: DCMTK, and GDCM where that is installed."""
        try:
            image = orthanc.CreateDicomInstance(content).GetInstanceDecodedFrame(frame)
            return samples_of(image, orthanc.PixelFormat)
        except orthanc.OrthancException:
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
        below = _get(f"/{level}/{_checked(resource_id)}/series?expand")
        if not below:  # some versions answer an empty list for what isn't there
            _get_bytes(f"/{level}/{resource_id}")
        return [stored_series(entry) for entry in below]

    def study_of(self, level: Level, resource_id: str) -> str:
        """The study above a series or an instance."""
        return str(_get(f"/{level}/{_checked(resource_id)}/study")["ID"])

    def study_uid(self, study_id: str) -> str:
        """As the index has it."""
        return str(_get(f"/studies/{_checked(study_id)}")["MainDicomTags"]["StudyInstanceUID"])

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""
        return stored_instance(_get(f"/instances/{_checked(instance_id)}"))

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

    def describe(self) -> ServerFacts:
        """Names and versions of Orthanc and of its Python plugin."""
        system, plugin = _get("/system"), _get("/plugins/python")
        storage = system.get("DatabaseBackendPlugin") or "sqlite"
        return ServerFacts(str(system.get("Name", "")), str(system["Version"]), str(plugin["Version"]), storage)

    def check(self) -> None:
        """Raise ArchiveUnavailable unless index and core routes answer."""
        try:
            _get("/statistics")
        except Exception as error:
            raise ArchiveUnavailable(f"Orthanc's index doesn't answer: {type(error).__name__}") from error


def _checked(resource_id: str) -> str:
    """The id, if it is one of Orthanc's; anything else could name another core route."""
    if not ORTHANC_ID.fullmatch(resource_id):
        raise UnknownResource("That is no identifier of Orthanc's")
    return resource_id


def _get_bytes(path: str) -> bytes:
    return got(_with_refusals(orthanc.RestApiGet), path)


def _listing(series_id: str) -> bytes:
    """All instances of a series as the index tells them."""
    text = _get_bytes(f"/series/{_checked(series_id)}/instances?expand")
    if len(text) < SHORTEST_LISTING:  # some versions answer an empty list for what isn't there
        _get_bytes(f"/series/{series_id}")
    return text


def _get(path: str) -> Any:
    return json.loads(_get_bytes(path))


def _rest() -> Rest:
    """Orthanc's REST API without that of its plugins: ours never asks itself."""
    calls = (orthanc.RestApiGet, orthanc.RestApiPut, orthanc.RestApiPost, orthanc.RestApiDelete)
    return Rest(*map(_with_refusals, calls))


def _with_refusals(call: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except orthanc.OrthancException as error:
            number, text = (*error.args, -1, "")[:2]
            raise Refusal(int(number), str(text)) from error

    return ask


def install(settings: Settings | None = None, *, change_callback: bool = True) -> Application:
    """Register all routes with the Orthanc that runs this interpreter, and return the application.

    A site's own Python script calls this; `change_callback=False` leaves Orthanc's only change
    callback to the site, which may then hand each change on to a `ChangeHandler(application)`.
    """
    configuration = json.loads(orthanc.GetConfiguration())
    chosen = settings or Settings.from_configuration(_section(configuration))
    archive = OrthancArchive(configuration)
    application = Application(archive, chosen, orthanc.LogError)
    workers = Workers(int(configuration.get("HttpThreadsCount", HTTP_THREADS)))
    handler = _RestHandler(application, archive, workers, asks_for_passwords(configuration))
    for pattern in dict.fromkeys(route.pattern for route in ROUTES):
        orthanc.RegisterRestCallback(pattern, handler)
    if change_callback and chosen.change_callback:
        orthanc.RegisterOnChangeCallback(ChangeHandler(application))
    workers.start(lambda: _get_ready(application))
    return application


def _get_ready(application: Application) -> None:
    """Compile, then exempt what lives for ever from garbage collection, which would else delay some request."""
    application.services.warm_up.run()
    gc.collect()
    gc.freeze()


def _section(configuration: Mapping[str, Any]) -> Mapping[str, object]:
    section = configuration.get(SECTION, {})
    if not isinstance(section, dict):
        raise ValueError(f'Section "{SECTION}" of the configuration must be an object')
    return section


class _Registered:
    """What Orthanc holds on to.

    Orthanc lets go of its callbacks at the end without holding the interpreter's lock; were that the
    last reference, freeing it would end the process by a signal. So each keeps itself alive.
    """

    def __init__(self) -> None:
        self._itself = self


class ChangeHandler(_Registered):
    """A change callback that lets deleted series leave the memory at once, and large pictures end with the server."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def __call__(self, change: int, level: int, resource_id: str) -> None:
        """Called by Orthanc, on a thread of its own."""
        if change == orthanc.ChangeType.DELETED and level == orthanc.ResourceType.SERIES:
            self._application.services.library.forget(resource_id)
        if change == orthanc.ChangeType.ORTHANC_STOPPED:  # told before requests under way are waited for
            self._application.services.crew.end()


class _RestHandler(_Registered):
    """One of Orthanc's REST callbacks."""

    def __init__(self, application: Application, archive: OrthancArchive, workers: Workers, has_users: bool) -> None:
        super().__init__()
        self._has_users = has_users
        self._application = application
        self._archive = archive
        self._workers = workers

    def __call__(self, output: Any, uri: str, **request: Any) -> None:
        send(output, self._workers.run(lambda: self._answer(uri, request)))

    def _answer(self, uri: str, request: Mapping[str, Any]) -> Response:
        try:
            decode = str if self._archive.delivers_decoded_queries else unquote
        except ResliceError:  # the index is in trouble: the request will say so itself
            decode = unquote
        user = user_of(request["headers"]) if self._has_users else None
        return self._application.handle(request_of(uri, request, decode, user))
