"""Axial, coronal and sagittal planes of a volume."""

import numpy as np

from reslice.archive.loaded import LoadedVolume
from reslice.dicom.windows import unit
from reslice.errors import BadParameter, UnknownResource
from reslice.imaging.encode import FORMATS
from reslice.imaging.mpr import PLANES, PlaneAxes, PlaneSteps, Slice, orthogonal_plane, reslice
from reslice.imaging.voi import VoiTransform
from reslice.imaging.volume import VolumeGeometry
from reslice.web import caching, pictures
from reslice.web.headers import header, is_without_data, plane_facts, warning_facts
from reslice.web.message import Request, Response
from reslice.web.negotiation import choose
from reslice.web.parameters import PlaneParameters, WindowParameters, parse
from reslice.web.services import Services
from reslice.web.units import Scale, scale_of
from reslice.web.windows import check_window, own_warnings


def image(services: Services, request: Request, id: str, plane: str) -> Response:
    """One plane as a picture or as numbers."""
    axes = _axes(plane)
    parameters = parse(PlaneParameters, request.query, services.settings.pass_through_parameters)
    _check(parameters)
    chosen = choose(parameters.format, request.headers.get("accept"), list(FORMATS.values()))
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, chosen.name, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), chosen.media_type)
    loaded = services.library.volume(identity, parameters.volume)
    scale = scale_of(parameters.unit, loaded.layout.description, loaded.layout.suv)
    position = _position(parameters, PlaneSteps.of(loaded.volume.geometry, axes))
    where = orthogonal_plane(loaded.volume.geometry, axes, position, parameters.size)
    where = pictures.sized(where, parameters, services.settings)
    cut = reslice(loaded.volume, axes, where, parameters.interpolation, parameters.gaps)
    headers = {**caching.headers(tag, is_final=loaded.is_final), **_headers(loaded, cut, parameters.volume)}
    values, _ = scale.values(cut.values, None)
    if chosen.is_display:
        window = window_of(services, loaded, parameters, scale)
        return pictures.picture(values, window, chosen, parameters.quality, services.settings, headers)
    is_whole = scale.is_plain and loaded.volume.voxels.dtype == np.int16
    return pictures.numbers(_numbers(values, is_whole, chosen.name), chosen, scale.unit, headers)


def _axes(name: str) -> PlaneAxes:
    if name not in PLANES:
        raise UnknownResource("There is no such plane", reason="unknown-plane", Allowed=sorted(PLANES))
    return PLANES[name]


def _check(parameters: PlaneParameters) -> None:
    check_window(parameters)
    places = {name: getattr(parameters, name) for name in ("position", "index", "fraction")}
    given = [name for name, value in places.items() if value is not None]
    if len(given) > 1:
        raise BadParameter(
            given[1],
            str(places[given[1]]),
            "one of position, index, fraction",
            "More than one was given",
            reason="conflicting-parameters",
        )


def _position(parameters: PlaneParameters, steps: PlaneSteps) -> float:
    """Where the plane lies, in mm along its axis; the middle step unless asked for."""
    if parameters.position is not None:
        return parameters.position
    if parameters.fraction is not None:
        return steps.at_fraction(parameters.fraction)
    index = parameters.index if parameters.index is not None else steps.count // 2
    if index >= steps.count:
        raise BadParameter("index", str(index), f"0 to {steps.count - 1}", "The volume ends before this index")
    return steps.at_index(index)


def _headers(loaded: LoadedVolume, cut: Slice, index: int) -> dict[str, str]:
    warnings = [warning_facts(w) for w in (*loaded.warnings, *own_warnings(loaded.layout.own_transforms))]
    if is_without_data(cut.values):
        warnings.append(_without_data(loaded, cut))
    return {
        "Reslice-Plane": header(plane_facts(cut.plane, cut.thickness, cut.index, cut.count)),
        "Reslice-Volume": header(volume_facts(loaded, index)),
        "Reslice-Warnings": header(warnings),
    }


def _without_data(loaded: LoadedVolume, cut: Slice) -> dict[str, object]:
    """Why a plane holds no data: it misses the volume, or the volume has none there."""
    normal = cut.plane.normal
    first, last = loaded.volume.geometry.extent(normal)
    if first <= cut.plane.position @ normal <= last:
        return {"Reason": "no-data", "Details": "The volume holds no data where this plane's pixels lie"}
    return {"Reason": "outside-volume", "Details": "The plane misses the volume"}


def volume_facts(loaded: LoadedVolume, index: int) -> dict[str, object]:
    """`Reslice-Volume`."""
    geometry: VolumeGeometry = loaded.volume.geometry
    return {
        "Index": index,
        "Shape": list(geometry.shape),
        "Spacing": list(geometry.spacing),
        "Type": str(loaded.volume.voxels.dtype),
        "Unit": unit(loaded.layout.description),
    }


def window_of(services: Services, loaded: LoadedVolume, parameters: WindowParameters, scale: Scale) -> VoiTransform:
    """The window of a plane: one for the whole volume."""
    description, own = loaded.layout.description, loaded.layout.own_transforms
    return scale.transform(services.settings, description, parameters, own, lambda: loaded.automatic_window)


def _numbers(values: pictures.Values, is_whole: bool, form: str) -> pictures.Values:
    """npy is float32 with NaN; raw keeps the volume's own type."""
    if form == "npy":
        return values.astype(np.float32, copy=False)
    return pictures.as_whole_numbers(values) if is_whole else values
