"""The OpenAPI 3.1 document, derived from the routes, the models of their parameters and the table of errors."""

import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

from pydantic.json_schema import models_json_schema

from reslice import __version__
from reslice.measurement.document import Draft
from reslice.settings import Settings
from reslice.web.bodies import LoadRequest
from reslice.web.contracts import BYTES, JSON, Body, Content, Contract
from reslice.web.message import as_text
from reslice.web.openapi_headers import ANSWERED, ASKED
from reslice.web.openapi_measurements import MEASUREMENTS
from reslice.web.openapi_parameters import path_parameters, query_parameters
from reslice.web.openapi_schemas import SERIES, SERVER, VOLUMES
from reslice.web.openapi_words import TEXT, Schema, as_schema, ref
from reslice.web.openapi_work_list import WORK_LIST
from reslice.web.parameters import Parameters
from reslice.web.problems import MESSAGES, STATUSES

VERSION = "3.1.0"
DESCRIPTION = (
    "Planes, slices, thumbnails, renderings, voxels and measurements, made by the DICOM server itself. "
    "Lengths are millimetres in DICOM's patient coordinates (LPS). An unknown parameter is refused. "
    "HEAD and OPTIONS (404) and PATCH (400) never reach a plugin of Orthanc; another method on these paths is 405, "
    "with Allow. POST, PUT and DELETE take no query."
)
UNAUTHORIZED = 401
GROUPS = {
    "assets": "Viewer",
    "cache": "Server",
    "documentation": "Server",
    "exports": "Measurements",
    "imports": "Measurements",
    "measurements": "Measurements",
    "mpr": "Pictures",
    "probe": "Pictures",
    "rendered3d": "Pictures",
    "server": "Server",
    "slices": "Pictures",
    "thumbnails": "Pictures",
    "volumes": "Volumes",
    "voxels": "Volumes",
    "worklist": "Work list",
}
"""The group of a route, by the module of its handler."""
TAGS = {
    "Server": "What this server is, and how it does",
    "Work list": "Patients and studies",
    "Volumes": "What series hold, and whole grids of voxels",
    "Pictures": "Planes, frames, renderings, thumbnails, and the value at a point",
    "Measurements": "Measured by the server, kept with the study",
    "Viewer": "The pages for people",
}
SUCCESSES = {
    200: "What was asked for",
    201: "It was made",
    202: "It has begun",
    302: "It is elsewhere",
    304: "What the client holds is current",
    503: "It can't serve at the moment",
}


class Described(Protocol):
    """What a route tells of itself."""

    @property
    def method(self) -> str:
        """GET, POST, PUT or DELETE."""

    @property
    def template(self) -> str:
        """The path with its placeholders."""

    @property
    def handler(self) -> Callable[..., Any]:
        """What answers."""

    @property
    def parameters(self) -> type[Parameters]:
        """Its query."""

    @property
    def contract(self) -> Contract:
        """What it takes and answers besides."""


class Document:
    """The document of some routes under some settings; made when it is first asked for, and kept."""

    def __init__(self, routes: Sequence[Described], settings: Settings) -> None:
        self._routes, self._settings = routes, settings

    @cached_property
    def content(self) -> bytes:
        """The document in JSON."""
        return as_text(self.value).encode("ascii")

    @cached_property
    def tag(self) -> str:
        """Its strong entity tag."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @property
    def value(self) -> Schema:
        """The document."""
        tags = [{"name": name, "description": told} for name, told in TAGS.items()]
        return {
            "openapi": VERSION,
            "info": {
                "title": "Reslice for Orthanc",
                "version": __version__,
                "description": DESCRIPTION,
                "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            },
            "servers": [{"url": "..", "description": "The Orthanc that answers this document"}],
            "security": [{}, *({name: []} for name in _schemes(self._settings))],
            "tags": tags,
            "paths": {
                template: self._path_item(template) for template in dict.fromkeys(r.template for r in self._routes)
            },
            "components": {
                "schemas": {**_models(), **SERVER, **VOLUMES, **SERIES, **WORK_LIST, **MEASUREMENTS},
                "responses": {_name(status): _problem(status) for status in (UNAUTHORIZED, *MESSAGES)},
                "securitySchemes": _schemes(self._settings),
            },
        }

    def _path_item(self, template: str) -> Schema:
        here = [route for route in self._routes if route.template == template]
        parameters = path_parameters(template)
        of_path = {"parameters": parameters} if parameters else {}
        return {**of_path, **{route.method.lower(): self._operation(route) for route in here}}

    def _operation(self, route: Described) -> Schema:
        summary, _, rest = inspect.cleandoc(route.handler.__doc__ or "").partition("\n\n")
        contract = route.contract
        headers = [{"name": name, "in": "header", **ASKED[name]} for name in contract.takes]
        parameters = [*query_parameters(route.parameters, self._settings), *headers]
        return {
            "operationId": f"{_module(route)}_{route.handler.__name__}",
            "tags": [_group(route)],
            "summary": " ".join(summary.split()),
            **({"description": " ".join(rest.split())} if rest else {}),
            **({"parameters": parameters} if parameters else {}),
            **({"requestBody": _body(contract.body)} if contract.body else {}),
            "responses": dict(_responses(contract)),
        }


def _module(route: Described) -> str:
    return route.handler.__module__.rpartition(".")[2]


def _group(route: Described) -> str:
    return GROUPS[_module(route)]


def _responses(contract: Contract) -> Iterator[tuple[str, Schema]]:
    for status in sorted({*contract.statuses, UNAUTHORIZED}):
        content = contract.answers.get(status)
        if content is None:
            yield str(status), {"$ref": f"#/components/responses/{_name(status)}"}
        else:
            yield str(status), _answer(status, content)


def _answer(status: int, content: Content) -> Schema:
    headers = {name: ANSWERED[name] for name in content.headers}
    return {
        "description": SUCCESSES[status],
        **({"headers": headers} if headers else {}),
        **({"content": _media(content.media.items())} if content.media else {}),
    }


def _media(media: Iterable[tuple[str, str]]) -> Schema:
    return {media_type: {"schema": _content(media_type, schema)} for media_type, schema in media}


def _content(media_type: str, schema: str) -> Schema:
    """JSON Schema says nothing of bytes; the format is what generators of clients look for."""
    if schema != BYTES:
        return ref(schema)
    return TEXT if media_type.startswith("text/") else {"type": "string", "format": "binary"}


def _body(body: Body) -> Schema:
    content = _media(body.media.items())
    content[JSON]["example"] = body.example
    return {"required": body.is_required, "content": content}


def _name(status: int) -> str:
    return "Unauthorized" if status == UNAUTHORIZED else re.sub("[^A-Za-z]", "", MESSAGES[status])


def _problem(status: int) -> Schema:
    """An error, described by what the classes of the table say of themselves."""
    if status == UNAUTHORIZED:
        return {"description": "Orthanc wants a name and a password that it knows"}
    sentences = [inspect.cleandoc(error.__doc__ or "") for error, number in STATUSES.items() if number == status]
    description = " ".join(sentences) or "Something unforeseen; Id finds the details in Orthanc's log."
    headers = {"headers": {"Retry-After": ANSWERED["Retry-After"]}} if status == 503 else {}
    return {"description": description, **headers, "content": {JSON: {"schema": ref("Problem")}}}


def _schemes(settings: Settings) -> Schema:
    """How whoever asks can say who they are; which of them counts is a matter of the server's configuration."""
    names = settings.pass_through_parameters
    in_query = {f"Query-{n}": {"type": "apiKey", "in": "query", "name": name} for n, name in enumerate(names, 1)}
    return {
        "Password": {"type": "http", "scheme": "basic", "description": "A user of Orthanc's own"},
        "Token": {"type": "http", "scheme": "bearer", "description": "For whatever stands before Orthanc"},
        **in_query,
    }


def _models() -> Schema:
    """The bodies of requests, as their models read them."""
    _, found = models_json_schema(
        [(model, "validation") for model in (Draft, LoadRequest)], ref_template="#/components/schemas/{model}"
    )
    return {name: as_schema(schema) for name, schema in found["$defs"].items()}
