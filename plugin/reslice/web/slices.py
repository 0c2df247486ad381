"""The stored frames of a series, in display order."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from reslice.archive.identity import Identity
from reslice.archive.loaded import LoadedVolume
from reslice.dicom.instance import Description
from reslice.dicom.labels import edge_labels, laterality, view_position
from reslice.dicom.layout import FrameRef, losses
from reslice.errors import BadParameter, NotReconstructable, TooLarge
from reslice.imaging import voi
from reslice.imaging.encode import FORMATS
from reslice.imaging.modality import LARGEST_FLOAT32
from reslice.imaging.plane import ImagePlane
from reslice.imaging.voi import VoiTransform, Window
from reslice.imaging.volume import valid_values
from reslice.web import caching, pictures
from reslice.web.drawing import Drawing, drawing_of
from reslice.web.headers import header, label_facts, numbers, plane_facts, warning_facts
from reslice.web.message import Request, Response, as_json
from reslice.web.negotiation import choose
from reslice.web.parameters import SliceParameters, WindowParameters
from reslice.web.services import Services
from reslice.web.stored import StoredSlice, find_slice, sampled, stored_values
from reslice.web.units import Scale, scale_of
from reslice.web.windows import check_window, own_warnings


def index(services: Services, request: Request, id: str) -> Response:
    """All frames of a series with their places."""
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), "application/json")
    layout = services.library.layout(identity)
    entries = [
        {"Index": n, **_entry(ref), "Volume": volume, "Stack": stack, "Url": f"/series/{id}/slices/{n}"}
        for n, (ref, volume, stack) in enumerate(layout.slices)
    ]
    headers = caching.headers(tag, is_final=not layout.is_provisional)
    return as_json({"Series": id, "Count": len(entries), "Slices": entries}, headers=headers)


def _entry(ref: FrameRef) -> dict[str, Any]:
    description = ref.description
    labels = edge_labels(description)
    return {
        "Instance": ref.instance.id,
        "Frame": ref.frame,
        "Position": numbers(ref.position) if ref.position is not None else None,
        "Labels": label_facts(labels) if labels is not None else None,
        "Laterality": laterality(description),
        "ViewPosition": view_position(description),
    }


def image(services: Services, request: Request, parameters: SliceParameters, id: str, n: str) -> Response:
    """One stored frame as a picture or as numbers."""
    check_window(parameters)
    chosen = choose(parameters.format, request.headers.get("accept"), list(FORMATS.values()))
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, chosen.name, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), chosen.media_type)
    slice_ = find_slice(services, identity, n)
    _require_sense(slice_.description, parameters)
    scale = scale_of(parameters.unit, slice_.description, slice_.suv)
    values, plane = (
        stored_values(services, slice_, masked=chosen.is_display or not parameters.size.is_default),
        slice_.plane,
    )
    shown, where = sampled(slice_, values, parameters, services, chosen)
    drawing = drawing_of(services, identity, slice_.ref, plane, parameters) if chosen.is_display else None
    headers = {**caching.headers(tag, is_final=not slice_.layout.is_provisional), **_headers(slice_, where, drawing)}
    padding = slice_.description.modality_padding if where is plane else None
    if drawing is None:
        more = _raw_facts(where, scale.span(padding))
        transform = _transform(services, slice_, values, parameters, scale, load=parameters.preset is not None)
        return pictures.numbers(_numbers(shown, values, scale), transform, chosen, scale.unit, headers, more)
    transform = _transform(services, slice_, values, parameters, scale, load=True)
    shown, padding = scale.values(shown, padding)
    return pictures.picture(
        shown,
        transform,
        chosen,
        parameters.quality,
        services.settings,
        headers,
        padding,
        lambda image: drawing.on(image, where),
    )


def _numbers(shown: pictures.Values, values: pictures.Values, scale: Scale) -> pictures.Values:
    """In their narrowest exact type; padding stays as it is."""
    whole = pictures.as_whole_numbers(shown) if values.dtype == np.int16 and scale.is_plain else shown
    return scale.values(whole, None)[0]


def _raw_facts(where: ImagePlane, padding: pictures.Padding) -> dict[str, Any]:
    """What a client needs besides to show numbers as pictures are: square pixels, and padding black."""
    return {
        "PixelAspect": where.spacing[0] / where.spacing[1],
        "Padding": None if padding is None else numbers(np.clip(padding, -LARGEST_FLOAT32, LARGEST_FLOAT32)),
    }


def _require_sense(description: Description, parameters: SliceParameters) -> None:
    """Refuse what can't apply to this image. Raises BadParameter, NotReconstructable."""
    if parameters.pixel_spacing is not None and description.spacing is None:
        raise NotReconstructable("The image doesn't tell its pixel spacing in the patient", reason="no-spacing")
    if description.pixels is None or not description.pixels.is_colour:
        return
    for name in WindowParameters.model_fields:
        if name in parameters.model_fields_set:
            asked = str(getattr(parameters, name))
            raise BadParameter(name.replace("_", "-"), asked, "none", "A window doesn't apply to a colour image")


class _NotInMemory(Exception):
    """A window hangs on a volume that nobody has asked for."""


def _transform(
    services: Services,
    slice_: StoredSlice,
    values: pictures.Values,
    parameters: WindowParameters,
    scale: Scale,
    *,
    load: bool,
) -> VoiTransform | None:
    """The volume's window for its slices, so that they don't flicker; a stack's frame has its own.

    None for colour, and where it hangs on a volume that isn't in memory unless that may be loaded for it.
    """
    d = slice_.description
    if d.pixels is not None and d.pixels.is_colour:
        return None
    automatic = partial(_automatic, services, slice_, values, load)
    try:
        return scale.transform(services.settings, d, parameters, slice_.own_transforms, automatic)
    except _NotInMemory:
        return None


def _automatic(services: Services, slice_: StoredSlice, values: pictures.Values, load: bool) -> Window:
    """By the whole volume where there is one and it isn't too large, else by the frame alone. Raises _NotInMemory."""
    if slice_.volume is not None:
        try:
            return _volume(services, slice_.identity, slice_.volume, load).automatic_window
        except TooLarge:
            pass
    return voi.automatic_of(valid_values(values, slice_.description.modality_padding))


def _volume(services: Services, identity: Identity, index: int, load: bool) -> LoadedVolume:
    if load:
        return services.library.volume(identity, index)
    held = services.library.look(identity, index)
    if held is None:
        raise _NotInMemory
    return held


def _calibration_facts(slice_: StoredSlice, where: ImagePlane) -> dict[str, Any]:
    """`Calibration` of a picture that lies `where`: of its own pixels, which needn't be the stored ones."""
    found, stored = slice_.calibration, slice_.plane.spacing
    if where is slice_.plane:
        return found.to_json()
    if found.spacing is None:
        return replace(found, aspect=None).to_json()
    down, across = (mm * now / then for mm, now, then in zip(found.spacing, where.spacing, stored, strict=True))
    return replace(found, spacing=(down, across)).to_json()


def _headers(slice_: StoredSlice, where: ImagePlane, drawing: Drawing | None) -> dict[str, str]:
    layout = slice_.layout
    in_volume = slice_.volume is not None
    gap = layout.volumes[slice_.volume or 0].geometry.spacing[0] if in_volume else None
    thickness = slice_.description.thickness or gap
    facts: dict[str, Any] = plane_facts(where, thickness, slice_.number, slice_.count)
    if slice_.ref.position is None or slice_.description.orientation is None:
        facts |= {"Position": None, "Row": None, "Column": None}
    if slice_.description.spacing is None:
        facts["Spacing"] = None
    facts |= {"Instance": slice_.ref.instance.id, "Frame": slice_.ref.frame}
    facts["Calibration"] = _calibration_facts(slice_, where)
    of_volume = layout.volumes[slice_.volume or 0].warnings if in_volume else ()
    drawn = drawing.warnings if drawing is not None else ()
    warnings = (*of_volume, *losses([slice_.ref]), *layout.warnings, *own_warnings(slice_.own_transforms), *drawn)
    return {
        "Reslice-Plane": header(facts),
        "Reslice-Volume": header({"Index": slice_.volume, "Stack": slice_.stack}),
        "Reslice-Warnings": header([warning_facts(w) for w in warnings]),
    }
