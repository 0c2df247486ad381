"""The pages for people, the viewer and the documentation, and their files."""

from reslice.web.message import Request, Response
from reslice.web.page_files import PAGE
from reslice.web.parameters import PageParameters
from reslice.web.served_files import moved
from reslice.web.services import Services


def viewer(services: Services, request: Request, parameters: PageParameters) -> Response:
    """To the viewer page, whatever its query says."""
    return moved(f"viewer/{PAGE}", request)


def viewer_file(services: Services, request: Request, parameters: PageParameters, file: str) -> Response:
    """One of the files of the viewer page."""
    return _file(services, request, "viewer", file)


def documentation(services: Services, request: Request) -> Response:
    """To a page that shows this contract and tries its routes."""
    return moved(f"docs/{PAGE}", request)


def documentation_file(services: Services, request: Request, file: str) -> Response:
    """One of the files of that page."""
    return _file(services, request, "docs", file)


def _file(services: Services, request: Request, folder: str, file: str) -> Response:
    """Plugins see no slash at the end: of `viewer/` and our redirection a browser makes `viewer/viewer/index.html`."""
    if file == f"{folder}/{PAGE}":
        return moved(f"../{PAGE}", request)
    return services.assets.answer(request, f"{folder}/{file}")
