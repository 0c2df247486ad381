"""Orthanc's Python plugin: its callbacks as Request and Response, its store as an Archive.

The only module that imports `orthanc`. It works with plugin 4.0 (Orthanc 1.10), 5.0 and 7.1.
"""

import gc
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from numpy.typing import NDArray

import orthanc
from reslice.errors import ResliceError
from reslice.host.archive import OrthancArchive, Server
from reslice.host.exchange import request_of, send
from reslice.host.explorer import VIEWER, explorer_script
from reslice.host.images import samples_of
from reslice.host.loopback import HTTP_THREADS
from reslice.host.passwords import asks_for_passwords, user_of
from reslice.host.rest import Refusal, Rest
from reslice.host.workers import Workers
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Response
from reslice.web.routes import ROUTES

SECTION = "Reslice"
PLUGIN = "python"
"""What Orthanc calls the plugin that runs us."""


def _server() -> Server:
    """Orthanc, with its REST API without that of its plugins: ours never asks itself."""
    calls = (orthanc.RestApiGet, orthanc.RestApiPut, orthanc.RestApiPost, orthanc.RestApiDelete)
    return Server(
        rest=Rest(*map(_with_refusals, calls)),
        file=_with_refusals(orthanc.GetDicomForInstance),
        decoded=_with_refusals(_decoded),
        token=lambda: str(orthanc.GenerateRestApiAuthorizationToken()),
        configuration_path=str(orthanc.GetConfigurationPath()),
    )


def _decoded(content: bytes, frame: int) -> NDArray[Any] | None:
    """By Orthanc's decoders and those of its plugins: DCMTK, and GDCM where that is installed."""
    return samples_of(orthanc.CreateDicomInstance(content).GetInstanceDecodedFrame(frame), orthanc.PixelFormat)


def _with_refusals(call: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except orthanc.OrthancException as error:
            number, text = (*error.args, -1, "")[:2]
            raise Refusal(int(number), str(text)) from error

    return ask


def install(
    settings: Settings | None = None,
    *,
    change_callback: bool = True,
    explorer: bool = True,
    viewer_link: bool = True,
) -> Application:
    """Register all routes with the Orthanc that runs this interpreter, and return the application.

    A site's own Python script calls this. Orthanc has room for one of each of these, which False leaves to the site:
    `change_callback` (which may then hand each change on to a `ChangeHandler(application)`), `explorer` (it may add
    `explorer_script()` to a script of its own), and `viewer_link`, the page that the list of plugins opens.
    """
    configuration = json.loads(orthanc.GetConfiguration())
    chosen = settings or Settings.from_configuration(_section(configuration))
    archive = OrthancArchive(configuration, _server())
    application = Application(archive, chosen, orthanc.LogError)
    workers = Workers(int(configuration.get("HttpThreadsCount", HTTP_THREADS)))
    handler = _RestHandler(application, archive, workers, asks_for_passwords(configuration))
    for pattern in dict.fromkeys(route.pattern for route in ROUTES):
        orthanc.RegisterRestCallback(pattern, handler)
    if change_callback and chosen.change_callback:
        orthanc.RegisterOnChangeCallback(ChangeHandler(application))
    if explorer and chosen.explorer_buttons:
        _extend_explorer(explorer_script())
    if viewer_link and chosen.viewer_link:
        orthanc.SetRootUri(VIEWER)
    workers.start(lambda: _get_ready(application))
    return application


def _extend_explorer(script: str) -> None:
    """Plugins 5.0 and later want their name told; both ways fill the same place, so one of them is enough."""
    if hasattr(orthanc, "ExtendOrthancExplorer2"):
        orthanc.ExtendOrthancExplorer2(PLUGIN, script)
    else:
        orthanc.ExtendOrthancExplorer(script)


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
    """A change callback that lets deleted series leave the memory at once, and long work end with the server."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def __call__(self, change: int, level: int, resource_id: str) -> None:
        """Called by Orthanc, on a thread of its own."""
        if change == orthanc.ChangeType.DELETED and level == orthanc.ResourceType.SERIES:
            self._application.services.library.forget(resource_id)
        if change == orthanc.ChangeType.ORTHANC_STARTED:
            self._application.services.work_list.begin()
        if change == orthanc.ChangeType.ORTHANC_STOPPED:  # told before requests under way are waited for
            self._application.services.crew.end()
            self._application.services.work_list.end()


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
