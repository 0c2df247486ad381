"""What this server is, and whether it can serve."""

import platform
from typing import Any, get_args

import numpy as np

from reslice import __version__
from reslice.archive.measurements import MOST_RECORDS
from reslice.dicom.decoding import decoders
from reslice.errors import ArchiveUnavailable
from reslice.imaging import compiled
from reslice.imaging.encode import ANIMATED, FORMATS
from reslice.imaging.grids import GRID_FORMATS
from reslice.imaging.resample import Interpolation
from reslice.imaging.slab import PROJECTIONS
from reslice.measurement.tools import TOOLS
from reslice.settings import Settings
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.parameters import ExportFormat
from reslice.web.planes import NAMES
from reslice.web.rendering_parameters import RenderingMethod
from reslice.web.services import Services

LINKS = {
    "Health": "/reslice/health",
    "Cache": "/reslice/cache",
    "Patients": "/reslice/patients",
    "Studies": "/reslice/studies",
    "Viewer": "/reslice/viewer/index.html",
    "OpenApi": "/reslice/openapi.json",
    "Documentation": "/reslice/docs",
}
WAYS_TO_WRITE = {"sdk": "Written by the server's own functions", "loopback": "Written by Orthanc's own HTTP port"}


def description(services: Services, request: Request) -> Response:
    """Name, versions, capabilities, limits and links."""
    facts = services.archive.describe()
    body = {
        "Name": "Reslice for Orthanc",
        "Version": __version__,
        "Orthanc": {"Name": facts.name, "Version": facts.version, "PythonPlugin": facts.plugin},
        "Python": {"Version": platform.python_version(), "NumPy": np.__version__},
        "Capabilities": _capabilities(services, facts.storage),
        "Limits": _limits(services.settings),
        "Links": LINKS,
    }
    return as_json(body, headers=NO_STORE)


def _capabilities(services: Services, storage: str) -> dict[str, Any]:
    return {
        "Formats": list(FORMATS),
        "Animations": list(ANIMATED),
        "Grids": list(GRID_FORMATS),
        "Planes": list(NAMES),
        "Projections": list(PROJECTIONS),
        "Interpolations": list(get_args(Interpolation)),
        "RenderingMethods": list(get_args(RenderingMethod)),
        "Decoders": decoders(),
        "CompiledKernels": compiled.IS_COMPILED,
        "Storage": storage,
        "Measurements": {
            "Types": list(TOOLS),
            "Exports": list(get_args(ExportFormat)),
            "Writes": services.archive.measurement_writes(),
        },
    }


def _limits(settings: Settings) -> dict[str, int]:
    return {
        "LargestSide": settings.largest_side,
        "LargestVolumeMB": settings.largest_volume_megabytes,
        "LargestAnswerMB": settings.largest_answer_megabytes,
        "CacheMB": settings.cache_megabytes,
        "LargestRegionVoxels": settings.largest_region_voxels,
        "MeasurementsOfAStudy": MOST_RECORDS,
    }


def health(services: Services, request: Request) -> Response:
    """Whether pictures can be served: 503 when index, storage or core routes don't answer."""
    archive, is_serving = _archive_check(services)
    checks = [archive, _kernels_check(services), _decoders_check(), _measurements_check(services, is_serving)]
    status = "healthy" if all(check["Status"] == "healthy" for check in checks) else "degraded"
    return as_json({"Status": status, "Checks": checks}, 200 if is_serving else 503, NO_STORE)


def _archive_check(services: Services) -> tuple[dict[str, Any], bool]:
    try:
        services.archive.check()
    except ArchiveUnavailable as error:
        return _check("archive", "degraded", error.details), False
    return _check("archive", "healthy", "Orthanc's index answers"), True


def _kernels_check(services: Services) -> dict[str, Any]:
    if not compiled.IS_COMPILED:
        return _check("kernels", "degraded", "numba is missing: planes are cut by numpy, more slowly")
    if services.warm_up.failure is not None:
        return _check("kernels", "degraded", services.warm_up.failure)
    details = "Compiled" if services.warm_up.is_done else "Being compiled; the first planes wait for it"
    return _check("kernels", "healthy", details)


def _decoders_check() -> dict[str, Any]:
    missing = [name for name, is_there in decoders().items() if not is_there]
    if missing:
        return _check("decoders", "healthy", f"Left to Orthanc's own decoders: {', '.join(missing)}")
    return _check("decoders", "healthy", "Every optional one is here")


def _measurements_check(services: Services, is_serving: bool) -> dict[str, Any]:
    if not is_serving:
        return _check("measurements", "degraded", "Orthanc's index doesn't answer")
    writes = services.archive.measurement_writes()
    if writes == "unavailable":
        details = "They can be read, but not written: Orthanc doesn't answer at its own HTTP port on 127.0.0.1"
        return _check("measurements", "degraded", details)
    return _check("measurements", "healthy", WAYS_TO_WRITE[writes])


def _check(name: str, status: str, details: str) -> dict[str, Any]:
    return {"Name": name, "Status": status, "Details": details}
