"""The viewer page and its files."""

from reslice.web.message import Request, Response
from reslice.web.parameters import PageParameters
from reslice.web.served_files import moved
from reslice.web.services import Services

FROM_ITS_FOLDER = "viewer/index.html"
"""What a browser makes of our redirection when it has asked for `/reslice/viewer/`: plugins don't see that slash."""


def viewer(services: Services, request: Request, parameters: PageParameters) -> Response:
    """To the page, whatever its query says."""
    return moved("viewer/index.html", request)


def viewer_file(services: Services, request: Request, parameters: PageParameters, file: str) -> Response:
    """One of the files of the page."""
    if file == FROM_ITS_FOLDER:
        return moved("../index.html", request)
    return services.assets.answer(request, f"viewer/{file}")
