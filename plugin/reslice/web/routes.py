"""The list of all routes: read it to know the API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reslice.web import (
    assets,
    cache,
    contracts,
    documentation,
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
from reslice.web.contracts import Contract
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
    Nothing of the contract is enforced: it says what the handler does, and tests hold it to that.
    """

    method: str
    template: str
    handler: Handler
    contract: Contract
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
    Route("GET", "/reslice", server.description, contracts.SERVER),
    Route("GET", "/reslice/health", server.health, contracts.HEALTH),
    Route("GET", "/reslice/openapi.json", documentation.openapi, contracts.DOCUMENT),
    Route("GET", "/reslice/docs", assets.documentation, contracts.PAGE),
    Route("GET", "/reslice/docs/{file}", assets.documentation_file, contracts.PAGE_FILE),
    Route("GET", "/reslice/cache", cache.status, contracts.CACHE),
    Route("DELETE", "/reslice/cache", cache.clear, contracts.DROPPED),
    Route("GET", "/reslice/patients", worklist.patients, contracts.PATIENTS, WorkListParameters),
    Route("GET", "/reslice/studies", worklist.studies, contracts.STUDIES, StudyListParameters),
    Route("GET", "/reslice/viewer", assets.viewer, contracts.MOVED, PageParameters),
    Route("GET", "/reslice/viewer/{file}", assets.viewer_file, contracts.VIEWER_FILE, PageParameters),
    Route("GET", "/studies/{id}/volumes", volumes.of_study, contracts.STUDY_VOLUMES),
    Route("GET", "/studies/{id}/measurements", measurements.of_study, contracts.LISTED, MeasurementParameters),
    Route("POST", "/studies/{id}/measurements", measurements.create, contracts.CREATED),
    Route("GET", "/studies/{id}/measurements/summary", exports.summary, contracts.SUMMARY),
    Route("GET", "/studies/{id}/measurements/export", exports.export, contracts.EXPORT, ExportParameters),
    Route("POST", "/studies/{id}/measurements/import", imports.load, contracts.IMPORTED),
    Route("POST", "/studies/{id}/measurements/report", exports.report, contracts.REPORTED),
    Route("POST", "/studies/{id}/measurements/compute", measurements.compute, contracts.COMPUTED),
    Route("GET", "/studies/{id}/measurements/{uuid}", measurements.one, contracts.MEASUREMENT),
    Route("PUT", "/studies/{id}/measurements/{uuid}", measurements.update, contracts.CHANGED),
    Route("DELETE", "/studies/{id}/measurements/{uuid}", measurements.delete, contracts.DELETED),
    Route("GET", "/series/{id}/measurements", measurements.of_series, contracts.LISTED, MeasurementParameters),
    Route("GET", "/instances/{id}/measurements", measurements.of_instance, contracts.LISTED, MeasurementParameters),
    Route("GET", "/series/{id}/volumes", volumes.of_series, contracts.SERIES_VOLUMES),
    Route("POST", "/series/{id}/volumes", volumes.load, contracts.LOADED),
    Route("DELETE", "/series/{id}/volumes", volumes.drop, contracts.SERIES_DROPPED),
    Route("GET", "/series/{id}/volumes/{k}", volumes.one, contracts.VOLUME),
    Route("GET", "/series/{id}/volumes/{k}/voxels", voxels.grid, contracts.VOXELS, VoxelParameters),
    Route("GET", "/series/{id}/slices", slices.index, contracts.SLICES),
    Route("GET", "/series/{id}/slices/{n}", slices.image, contracts.PICTURE, SliceParameters),
    Route("GET", "/series/{id}/mpr/{plane}", mpr.image, contracts.PICTURE, PlaneParameters),
    Route("GET", "/series/{id}/rendered3d", rendered3d.image, contracts.RENDERING, RenderingParameters),
    Route("GET", "/series/{id}/probe", probe.value, contracts.PROBE, ProbeParameters),
    Route("GET", "/patients/{id}/thumbnail", thumbnails.of_patient, contracts.THUMBNAIL, ThumbnailParameters),
    Route("GET", "/studies/{id}/thumbnail", thumbnails.of_study, contracts.THUMBNAIL, ThumbnailParameters),
    Route("GET", "/series/{id}/thumbnail", thumbnails.of_series, contracts.THUMBNAIL, ThumbnailParameters),
    Route("GET", "/instances/{id}/thumbnail", thumbnails.of_instance, contracts.THUMBNAIL, ThumbnailParameters),
)
