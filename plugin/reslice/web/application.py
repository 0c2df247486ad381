"""A request in, a response out; every error becomes an answer here and nowhere else."""

import logging
import secrets
import traceback
from collections.abc import Callable, Iterable

from reslice.archive.port import Archive
from reslice.archive.volumes import while_unchanged
from reslice.errors import Busy, MethodNotAllowed, ResliceError, UnknownResource
from reslice.settings import Settings
from reslice.web import caching, problems
from reslice.web.message import Request, Response
from reslice.web.openapi import Document
from reslice.web.routes import ROUTES, Route
from reslice.web.services import Services

Log = Callable[[str], None]


class Application:
    """All routes over one archive."""

    def __init__(self, archive: Archive, settings: Settings, log_error: Log | None = None) -> None:
        """Raise ValueError for settings that would let a parameter of ours be ignored."""
        _require_foreign(settings.pass_through_parameters)
        self.services = Services.over(archive, settings, Document(ROUTES, settings))
        self._log_error = log_error or logging.getLogger(__name__).error

    def handle(self, request: Request) -> Response:
        """The answer to a request; never raises."""
        try:
            route, parts = _find(request)
            response = while_unchanged(lambda: route.answer(self.services, request, parts))
            if caching.is_kept(response) and caching.holds_any(request):
                return caching.not_modified(response.headers, response.content_type)
            return response
        except ResliceError as error:
            return problems.answer(error, request)
        except MemoryError:
            return problems.answer(Busy("There isn't enough memory for this at the moment"), request)
        except Exception:
            error_id = secrets.token_hex(4)
            self._log_error(f"Reslice {error_id}: {request.method} {request.path}\n{traceback.format_exc()}")
            return problems.unexpected(request, error_id)


def _require_foreign(names: Iterable[str]) -> None:
    ours = {str(field.alias) for route in ROUTES for field in route.parameters.model_fields.values()}
    if taken := sorted(ours.intersection(names)):
        raise ValueError(
            f'Section "Reslice" of the configuration: PassThroughParameters: {taken[0]!r} is a parameter of ours'
        )


def _find(request: Request) -> tuple[Route, dict[str, str]]:
    """The route of a request and the parts of its path. Raises UnknownResource, MethodNotAllowed."""
    matches = [(route, parts) for route in ROUTES if (parts := route.match(request.path)) is not None]
    if not matches:
        raise UnknownResource("There is no such route")
    for route, parts in matches:
        if route.method == request.method:
            return route, parts
    raise MethodNotAllowed([route.method for route, _ in matches])
