"""The list of all routes: read it to know the API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reslice.web import (
    assets,
    cache,
    exports,
    imports,
    measurements,
    mpr,
    probe,
    rendered3d,
    server,
    slices,
    thumbnails,
    volumes,
    voxels,
    worklist,
)
from reslice.web.message import Request, Response
from reslice.web.parameters import (
    ExportParameters,
    MeasurementParameters,
    NoParameters,
    PageParameters,
    Parameters,
    PlaneParameters,
    ProbeParameters,
    SliceParameters,
    ThumbnailParameters,
    parse,
)
from reslice.web.rendering_parameters import RenderingParameters
from reslice.web.services import Services
from reslice.web.voxel_parameters import VoxelParameters
from reslice.web.worklist_parameters import StudyListParameters, WorkListParameters

Handler = Callable[..., Response]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SHAPES = {"uuid": "[^/]*[0-9-][^/]*", "file": r"[^/][\s\S]*"}
"""What fits a placeholder, where that isn't any part of a path: an Id has digits, the words beside it have none; a file
may lie in a folder."""


def _shape(placeholder: re.Match[str]) -> str:
    return SHAPES.get(placeholder[1], "[^/]+")


@dataclass(frozen=True)
class Route:
    """One method on one path template; `{name}` stands for one part of the path.

    A handler is given the services, the request, its parameters where the route has any, and the parts of the path.
    """

    method: str
    template: str
    handler: Handler
    parameters: type[Parameters] = NoParameters

    @cached_property
    def pattern(self) -> str:
        """A regular expression without named groups, as Orthanc takes it."""
        return PLACEHOLDER.sub(lambda found: f"({_shape(found)})", self.template)

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return re.compile(PLACEHOLDER.sub(lambda found: f"(?P<{found[1]}>{_shape(found)})", self.template))

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of a path that the template names."""
        found = self._named.fullmatch(path)
        return None if found is None else found.groupdict()

    def answer(self, services: Services, request: Request, parts: Mapping[str, str]) -> Response:
        """What the handler makes of a request. Raises BadParameter before it is called."""
        parameters = parse(self.parameters, request.query, services.settings.pass_through_parameters)
        given = () if self.parameters is NoParameters else (parameters,)
        return self.handler(services, request, *given, **parts)

    def url(self, **parts: object) -> str:
        """A path by the template."""
        return PLACEHOLDER.sub(lambda m: str(parts[m[1]]), self.template)


ROUTES = (
    Route("GET", "/reslice", server.description),
    Route("GET", "/reslice/health", server.health),
    Route("GET", "/reslice/cache", cache.status),
    Route("DELETE", "/reslice/cache", cache.clear),
    Route("GET", "/reslice/viewer", assets.viewer, PageParameters),
    Route("GET", "/reslice/viewer/{file}", assets.viewer_file, PageParameters),
    Route("GET", "/reslice/patients", worklist.patients, WorkListParameters),
    Route("GET", "/reslice/studies", worklist.studies, StudyListParameters),
    Route("GET", "/studies/{id}/volumes", volumes.of_study),
    Route("GET", "/studies/{id}/measurements", measurements.of_study, MeasurementParameters),
    Route("POST", "/studies/{id}/measurements", measurements.create),
    Route("GET", "/studies/{id}/measurements/summary", exports.summary),
    Route("GET", "/studies/{id}/measurements/export", exports.export, ExportParameters),
    Route("POST", "/studies/{id}/measurements/import", imports.load),
    Route("POST", "/studies/{id}/measurements/report", exports.report),
    Route("POST", "/studies/{id}/measurements/compute", measurements.compute),
    Route("GET", "/studies/{id}/measurements/{uuid}", measurements.one),
    Route("PUT", "/studies/{id}/measurements/{uuid}", measurements.update),
    Route("DELETE", "/studies/{id}/measurements/{uuid}", measurements.delete),
    Route("GET", "/series/{id}/measurements", measurements.of_series, MeasurementParameters),
    Route("GET", "/instances/{id}/measurements", measurements.of_instance, MeasurementParameters),
    Route("GET", "/series/{id}/volumes", volumes.of_series),
    Route("POST", "/series/{id}/volumes", volumes.load),
    Route("DELETE", "/series/{id}/volumes", volumes.drop),
    Route("GET", "/series/{id}/volumes/{k}", volumes.one),
    Route("GET", "/series/{id}/volumes/{k}/voxels", voxels.grid, VoxelParameters),
    Route("GET", "/series/{id}/slices", slices.index),
    Route("GET", "/series/{id}/slices/{n}", slices.image, SliceParameters),
    Route("GET", "/series/{id}/mpr/{plane}", mpr.image, PlaneParameters),
    Route("GET", "/series/{id}/rendered3d", rendered3d.image, RenderingParameters),
    Route("GET", "/series/{id}/probe", probe.value, ProbeParameters),
    Route("GET", "/patients/{id}/thumbnail", thumbnails.of_patient, ThumbnailParameters),
    Route("GET", "/studies/{id}/thumbnail", thumbnails.of_study, ThumbnailParameters),
    Route("GET", "/series/{id}/thumbnail", thumbnails.of_series, ThumbnailParameters),
    Route("GET", "/instances/{id}/thumbnail", thumbnails.of_instance, ThumbnailParameters),
)
