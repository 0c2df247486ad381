"""The contract for programs."""

from reslice.web import caching
from reslice.web.message import Request, Response
from reslice.web.services import Services


def openapi(services: Services, request: Request) -> Response:
    """The routes, their parameters and their answers as an OpenAPI 3.1 document."""
    document = services.document
    headers = caching.headers(document.tag)
    if caching.is_current(request, document.tag):
        return caching.not_modified(headers, "application/json")
    return Response(200, "application/json", document.content, headers)
