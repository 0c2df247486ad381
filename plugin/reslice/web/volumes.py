"""What a series holds: volumes, stacks, and the rest, each with its reason."""

from typing import Any

from reslice.archive.identity import Identity
from reslice.dicom.layout import LayoutWarning, SeriesLayout, VolumeLayout, damage
from reslice.dicom.windows import unit
from reslice.imaging.volume import VolumeGeometry
from reslice.web.headers import explained_window_facts, numbers, warning_facts
from reslice.web.message import Request, Response, as_json
from reslice.web.parameters import NoParameters, parse
from reslice.web.services import Services
from reslice.web.windows import own_warnings, preset_facts, presets_of

NO_STORE = {"Cache-Control": "no-store"}
"""The status of loading changes while the pixels don't."""

ORIENTATIONS = ("sagittal", "coronal", "axial")
ALONG_AN_AXIS = 0.9
"""Cosine from which a normal counts as running along a patient axis."""


def of_series(services: Services, request: Request, id: str) -> Response:
    """Volumes, stacks and others of a series."""
    parse(NoParameters, request.query, services.settings.pass_through_parameters)
    identity = services.library.identity(id)
    layout = services.library.layout(identity)
    body = {
        "Series": id,
        "Modality": layout.modality,
        "Volumes": [_volume(services, identity, k, layout) for k in range(len(layout.volumes))],
        **_rest(layout),
    }
    return as_json(body, headers=NO_STORE)


def _rest(layout: SeriesLayout) -> dict[str, Any]:
    stacks = [
        {"Index": k, "FrameCount": len(s.frames), "Reason": s.reason, "Details": s.details}
        for k, s in enumerate(layout.stacks)
    ]
    others = [
        {"Instance": o.instance_id, "SOPClassUID": o.sop_class, "Reason": o.reason, "Details": o.details}
        for o in layout.others
    ]
    return {"Stacks": stacks, "Others": others}


def _volume(services: Services, identity: Identity, k: int, series: SeriesLayout) -> dict[str, Any]:
    layout = series.volumes[k]
    geometry, description = layout.geometry, layout.description
    presets = presets_of(services.settings, description, layout.own_transforms)
    return {
        "Index": k,
        "Label": "",
        "Shape": list(geometry.shape),
        "Spacing": numbers(geometry.spacing),
        "Affine": [numbers(row) for row in geometry.affine],
        "Regular": True,
        "Orientation": orientation(geometry),
        "FrameOfReferenceUID": description.frame_of_reference,
        "Positions": numbers(layout.origins @ geometry.normal),
        "Origins": [numbers(origin) for origin in layout.origins],
        "Unit": unit(description),
        "Suv": None,
        "Presets": [preset_facts(preset) for preset in presets],
        **_loading(services, identity, k, layout, series.warnings),
    }


def _loading(
    services: Services, identity: Identity, k: int, layout: VolumeLayout, series_warnings: tuple[LayoutWarning, ...]
) -> dict[str, Any]:
    """What is known better, or only, once the voxels are in memory."""
    status = services.library.volumes.state((*identity.key, k))
    loaded = services.library.look(identity, k)
    own = layout.own_transforms
    window = own.first or (loaded.automatic_window if loaded else None)
    warnings = loaded.warnings if loaded else (*layout.warnings, *damage(layout.absent), *series_warnings)
    return {
        "Type": str(loaded.volume.voxels.dtype) if loaded else layout.likely_type,
        "Bytes": loaded.volume.voxels.nbytes if loaded else layout.expected_bytes,
        "Range": loaded.volume.value_range if loaded else None,
        "Window": explained_window_facts(window) if window else None,
        "Status": status,
        "Progress": 1.0 if loaded else 0.0,
        "Warnings": [warning_facts(warning) for warning in (*warnings, *own_warnings(own))],
    }


def orientation(geometry: VolumeGeometry) -> str:
    """The plane of the acquisition by its normal: axial, coronal, sagittal, or oblique."""
    cosines = [abs(float(c)) for c in geometry.normal]
    steepest = max(range(3), key=cosines.__getitem__)
    return ORIENTATIONS[steepest] if cosines[steepest] >= ALONG_AN_AXIS else "oblique"
