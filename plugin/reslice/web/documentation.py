"""The contract for programs, and a page that shows it to people."""

from reslice.web import caching
from reslice.web.message import Request, Response
from reslice.web.served_files import moved
from reslice.web.services import Services

PAGE = "index.html"
"""Its links hold at `/reslice/docs` only."""
FROM_ITS_FOLDER = "docs/"
"""Before what a browser asks for that was sent to `/reslice/docs/`: plugins don't see that slash."""


def openapi(services: Services, request: Request) -> Response:
    """The routes, their parameters and their answers as an OpenAPI 3.1 document."""
    document = services.document
    headers = caching.headers(document.tag)
    if caching.is_current(request, document.tag):
        return caching.not_modified(headers, "application/json")
    return Response(200, "application/json", document.content, headers)


def page(services: Services, request: Request) -> Response:
    """A page to read the document and to try the routes."""
    return services.assets.answer(request, f"docs/{PAGE}")


def page_file(services: Services, request: Request, file: str) -> Response:
    """One of the files of the page."""
    if file == PAGE:
        return moved("../docs", request)
    if file.startswith(FROM_ITS_FOLDER) and file in services.assets.names:
        return moved(f"../{file.removeprefix(FROM_ITS_FOLDER)}", request)
    return services.assets.answer(request, f"docs/{file}")
