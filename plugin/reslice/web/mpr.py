"""Planes and slabs of a volume: axial, coronal, sagittal and oblique."""

import numpy as np

from reslice.archive.loaded import LoadedVolume
from reslice.imaging.encode import FORMATS
from reslice.imaging.modality import INT16_HIGHEST, INT16_LOWEST
from reslice.imaging.mpr import Slice, misses, reslice
from reslice.imaging.slab import Slab
from reslice.web import caching, pictures, planes
from reslice.web.headers import header, is_without_data, plane_facts, warning_facts
from reslice.web.message import Request, Response
from reslice.web.negotiation import choose
from reslice.web.parameters import PlaneParameters
from reslice.web.services import Services
from reslice.web.units import scale_of
from reslice.web.volume_answers import volume_facts, window_of
from reslice.web.windows import check_window, own_warnings


def image(services: Services, request: Request, parameters: PlaneParameters, id: str, plane: str) -> Response:
    """One plane as a picture or as numbers."""
    planes.check(plane, parameters)
    check_window(parameters)
    chosen = choose(parameters.format, request.headers.get("accept"), list(FORMATS.values()))
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, chosen.name, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), chosen.media_type)
    loaded = services.library.volume(identity, parameters.volume)
    scale = scale_of(parameters.unit, loaded.layout.description, loaded.layout.suv)
    asked = planes.planes_of(plane, parameters, loaded.volume.geometry)
    where = asked.plane(planes.position_of(parameters, asked), parameters.size)
    where = pictures.sized(where, parameters, services.settings)
    slab = planes.slab_of(parameters, loaded.volume.geometry, where)
    cut = reslice(loaded.volume, asked, where, parameters.interpolation, parameters.gaps, slab, services.crew)
    headers = {**caching.headers(tag, is_final=loaded.is_final), **_headers(loaded, cut, parameters.volume, slab)}
    values, _ = scale.values(cut.values, None)
    window = window_of(services, loaded, parameters, scale)
    if chosen.is_display:
        return pictures.picture(values, window, chosen, parameters.quality, services.settings, headers)
    is_whole = scale.is_plain and loaded.volume.voxels.dtype == np.int16
    return pictures.numbers(_numbers(values, is_whole, chosen.name), window, chosen, scale.unit, headers)


def _headers(loaded: LoadedVolume, cut: Slice, index: int, slab: Slab | None) -> dict[str, str]:
    warnings = [warning_facts(w) for w in (*loaded.warnings, *own_warnings(loaded.layout.own_transforms))]
    if is_without_data(cut.values):
        warnings.append(_without_data(loaded, cut, slab))
    return {
        "Reslice-Plane": header({**plane_facts(cut.plane, cut.thickness, cut.index, cut.count), **_slab_facts(slab)}),
        "Reslice-Volume": header(volume_facts(loaded, index)),
        "Reslice-Warnings": header(warnings),
    }


def _slab_facts(slab: Slab | None) -> dict[str, object]:
    """What a slab adds to `Reslice-Plane`."""
    return {} if slab is None else {"Slab": slab.thickness, "Projection": slab.projection}


def _without_data(loaded: LoadedVolume, cut: Slice, slab: Slab | None) -> dict[str, object]:
    """Why a plane holds no data: it misses the volume, or the volume has none there."""
    if misses(loaded.volume.geometry, cut.plane, slab):
        return {"Reason": "outside-volume", "Details": "The plane misses the volume"}
    return {"Reason": "no-data", "Details": "The volume holds no data where this plane's pixels lie"}


def _numbers(values: pictures.Values, is_whole: bool, form: str) -> pictures.Values:
    """npy is float32 with NaN; raw keeps the volume's own type, which cubic interpolation may overshoot."""
    if form == "npy":
        return values.astype(np.float32, copy=False)
    if not is_whole or values.dtype == np.int16:
        return values
    return pictures.as_whole_numbers(values.clip(INT16_LOWEST, INT16_HIGHEST))
