"""The value at a point of the patient."""

from typing import Any

import numpy as np

from reslice.archive.identity import Identity
from reslice.dicom.layout import VolumeLayout
from reslice.errors import Damaged
from reslice.imaging import affine as affines
from reslice.imaging.intervals import SliceIntervals
from reslice.imaging.nearest import NearestVoxel, nearest_voxel, pixel_at
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, valid_values
from reslice.web import caching
from reslice.web.headers import numbers
from reslice.web.message import Request, Response, as_json
from reslice.web.parameters import ProbeParameters
from reslice.web.services import Services
from reslice.web.units import SUV_UNIT, scale_of, suv_facts

Found = tuple[NearestVoxel | None, float | None]
"""The voxel nearest to the point, and the value there; None outside the volume, and where there is no data."""


def value(services: Services, request: Request, parameters: ProbeParameters, id: str) -> Response:
    """The nearest voxel at a point, or the value between voxels."""
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), "application/json")
    layout = _layout(services, identity, parameters.volume)
    scale = scale_of(parameters.unit, layout.description, layout.suv)
    (voxel, found), is_final = _look(services, identity, layout, parameters)
    body = {
        "Series": id,
        "Volume": parameters.volume,
        "Point": numbers(parameters.point),
        "Interpolation": parameters.interpolation,
        "Value": None if found is None else found if scale.is_plain else found * scale.factor,
        "Unit": scale.unit,
        "Suv": _suv(layout, found),
        **_place(layout, voxel),
        **_reason(voxel, found),
    }
    return as_json(body, headers=caching.headers(tag, is_final=is_final))


def _layout(services: Services, identity: Identity, index: int) -> VolumeLayout:
    """Of one volume. Raises UnknownResource, NotReconstructable."""
    volumes = services.library.layout(identity).volumes
    return volumes[index] if index < len(volumes) else services.library.volume(identity, index).layout


def _look(
    services: Services, identity: Identity, layout: VolumeLayout, parameters: ProbeParameters
) -> tuple[Found, bool]:
    """What is at the point, and whether that is final.

    The nearest voxel is read from its own file where the volume isn't in memory. The volume is needed between voxels,
    and to know which slices hold data: where gaps are filled, and where that file turns out to be damaged.
    """
    held = services.library.peek(identity, parameters.volume)
    if held is None and parameters.interpolation == "nearest" and parameters.gaps == "show":
        try:
            is_final = not services.library.layout(identity).is_provisional
            return _in_its_frame(services, identity, layout, parameters), is_final
        except Damaged:
            pass
    loaded = held or services.library.volume(identity, parameters.volume)
    return _in_the_volume(loaded.volume, parameters), loaded.is_final


def _in_its_frame(services: Services, identity: Identity, layout: VolumeLayout, parameters: ProbeParameters) -> Found:
    """Raises Damaged where the frame can't be read."""
    geometry, present = layout.geometry, np.ones(layout.geometry.shape[0], dtype=np.bool_)
    present[list(layout.absent)] = False
    intervals = SliceIntervals.between(geometry.slice_places, geometry.missing, present, "show")
    voxel = nearest_voxel(geometry, intervals, affines.frozen(parameters.point))
    if voxel is None or not voxel.is_reached:
        return voxel, None
    k, row, column = voxel.index
    ref = layout.frames[k]
    values = services.library.frame(identity, ref, masked=True)
    return voxel, _datum(values[row : row + 1, column], ref.description.modality_padding)


def _in_the_volume(volume: Volume, parameters: ProbeParameters) -> Found:
    point = affines.frozen(parameters.point)
    voxel = nearest_voxel(volume.geometry, volume.intervals(parameters.gaps), point)
    if voxel is None or not voxel.is_reached:
        return voxel, None
    if parameters.interpolation == "linear":
        return voxel, _datum(cut(volume, pixel_at(point), "linear", parameters.gaps)[0], None)
    k, row, column = voxel.index
    return voxel, _datum(volume.voxels[k, row : row + 1, column], volume.padding)


def _datum(values: Any, padding: tuple[float, float] | None) -> float | None:
    data = valid_values(values, padding)
    return float(data[0]) if data.size else None


def _place(layout: VolumeLayout, voxel: NearestVoxel | None) -> dict[str, Any]:
    """The nearest voxel, and the stored frame that holds it."""
    if voxel is None:
        return {"Index": None, "Centre": None, "Instance": None, "Frame": None}
    ref = layout.frames[voxel.index[0]]
    return {
        "Index": list(voxel.index),
        "Centre": numbers(voxel.centre),
        "Instance": ref.instance.id,
        "Frame": ref.frame,
    }


def _suv(layout: VolumeLayout, found: float | None) -> dict[str, Any] | None:
    """`Suv` beside the value: itself, or why there is none; null of what is no PET."""
    suv = layout.suv
    if suv is None or suv.factor is None:
        return suv_facts(suv)
    return {"Value": None if found is None else found * suv.factor, "Unit": SUV_UNIT}


def _reason(voxel: NearestVoxel | None, found: float | None) -> dict[str, str]:
    """Why there is no value."""
    if voxel is None:
        return {"Reason": "outside-volume"}
    return {"Reason": "no-data"} if found is None else {}
