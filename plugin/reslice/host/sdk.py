"""Orthanc's Python plugin: its callbacks as Request and Response, its store as an Archive.

The only module that imports `orthanc`. It works with plugin 4.0 (Orthanc 1.10), 5.0 and 7.1.
"""

import gc
import json
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from numpy.typing import NDArray

import orthanc
from reslice.archive.port import Level, ServerFacts, StoredInstance, StoredSeries
from reslice.errors import ArchiveUnavailable, ResliceError, UnknownResource, Unreadable
from reslice.host.images import samples_of
from reslice.host.index import stored_instance, stored_series
from reslice.host.workers import Workers
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Request, Response
from reslice.web.routes import ROUTES

ORTHANC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")
NOT_THERE = frozenset({5, 17})
"""Orthanc's errors for an id that names nothing, and for one that names something of another level."""
SECTION = "Reslice"
DECODING_VERSION = (1, 13)
HTTP_THREADS = 50
"""Orthanc's own default for HttpThreadsCount."""


class OrthancArchive:
    """Orthanc's index and storage, asked through the SDK."""

    def __init__(self) -> None:
        self._is_shared: bool | None = None

    def instances(self, series_id: str) -> Sequence[StoredInstance]:
        """All instances of a series, in one question."""
        return [stored_instance(entry) for entry in _get(f"/series/{_checked(series_id)}/instances?expand")]

    def revision(self, series_id: str) -> Hashable | None:
        """The last change of the server with the ids of the series' instances, as they read.

        A new or replaced instance makes a new change (its number is never used again), a deleted one
        shortens the list: both are seen by the very next request, since Orthanc writes them before it
        answers. There is no token while the log of changes is empty (somebody may have cleared it), nor for
        an index shared by several nodes: these are asked in full every time.
        """
        series = _get_bytes(f"/series/{_checked(series_id)}")
        if self._has_shared_index():
            return None
        change = _get_bytes("/changes?last")
        return (change, series) if b'"Seq"' in change else None

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

    def instance(self, instance_id: str) -> StoredInstance:
        """One instance."""
        return stored_instance(_get(f"/instances/{_checked(instance_id)}"))

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
    try:
        answer: bytes = orthanc.RestApiGet(path)
    except orthanc.OrthancException as error:
        if error.args and error.args[0] in NOT_THERE:
            raise UnknownResource("There is no such resource") from error
        raise ArchiveUnavailable(f"Orthanc's index doesn't answer: {error.args[:1]}") from error
    return answer


def _get(path: str) -> Any:
    return json.loads(_get_bytes(path))


def install(settings: Settings | None = None, *, change_callback: bool = True) -> Application:
    """Register all routes with the Orthanc that runs this interpreter, and return the application.

    A site's own Python script calls this; `change_callback=False` leaves Orthanc's only change
    callback to the site, which may then hand each change on to a `ChangeHandler(application)`.
    """
    configuration = json.loads(orthanc.GetConfiguration())
    chosen = settings or Settings.from_configuration(_section(configuration))
    archive = OrthancArchive()
    application = Application(archive, chosen, orthanc.LogError)
    workers = Workers(int(configuration.get("HttpThreadsCount", HTTP_THREADS)))
    for pattern in dict.fromkeys(route.pattern for route in ROUTES):
        orthanc.RegisterRestCallback(pattern, _RestHandler(application, archive, workers))
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
    """A change callback that lets deleted series leave the memory at once."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def __call__(self, change: int, level: int, resource_id: str) -> None:
        """Called by Orthanc, on a thread of its own."""
        if change == orthanc.ChangeType.DELETED and level == orthanc.ResourceType.SERIES:
            self._application.services.library.forget(resource_id)


class _RestHandler(_Registered):
    """One of Orthanc's REST callbacks."""

    def __init__(self, application: Application, archive: OrthancArchive, workers: Workers) -> None:
        super().__init__()
        self._application = application
        self._archive = archive
        self._workers = workers

    def __call__(self, output: Any, uri: str, **request: Any) -> None:
        _send(output, self._workers.run(lambda: self._answer(uri, request)))

    def _answer(self, uri: str, request: Mapping[str, Any]) -> Response:
        try:
            decode = str if self._archive.delivers_decoded_queries else unquote
        except ResliceError:  # the index is in trouble: the request will say so itself
            decode = unquote
        return self._application.handle(_request(uri, request, decode))


def _request(uri: str, request: Mapping[str, Any], decode: Callable[[str], str]) -> Request:
    """Paths come decoded. Queries do from Orthanc 1.13 on; before, that depends on how it was built.

    There only percent escapes are decoded: that changes nothing in a value that is decoded already,
    unless it holds a literal percent sign before two digits, which none of ours does.
    """
    return Request(
        method=request["method"],
        path=uri,
        query={decode(name): decode(value) for name, value in request.get("get", {}).items()},
        headers=request["headers"],
        body=request.get("body", b""),
    )


def _send(output: Any, response: Response) -> None:
    if response.status == 405:
        output.SendMethodNotAllowed(response.headers["Allow"])
        return
    for name, value in response.headers.items():
        output.SetHttpHeader(name, value)
    if response.status == 200:
        output.AnswerBuffer(response.body, response.content_type)
        return
    output.SetHttpHeader("Content-Type", response.content_type)
    if response.status == 304:
        output.SendHttpStatusCode(304)
    else:
        _send_status(output, response.status, response.body)


def _send_status(output: Any, status: int, body: bytes) -> None:
    """Plugin 4.0 wants a text and its length, later ones the body alone."""
    try:
        output.SendHttpStatus(status, body)
    except TypeError:
        text = body.decode("ascii")
        output.SendHttpStatus(status, text, len(text))
