"""What series hold: volumes, stacks, and the rest, each with its reason; and volumes loaded ahead."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from reslice.archive.identity import Identity
from reslice.archive.loaded import LoadedVolume
from reslice.dicom.layout import SeriesLayout, Stack, VolumeLayout, damage
from reslice.dicom.windows import unit
from reslice.errors import BadParameter, UnknownResource
from reslice.imaging.volume import VolumeGeometry
from reslice.web.bodies import LoadRequest
from reslice.web.guard import require_confirmation, require_own_site
from reslice.web.headers import explained_window_facts, numbers, warning_facts
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.parameters import index_in
from reslice.web.services import Services
from reslice.web.units import SUV_UNIT, suv_facts
from reslice.web.windows import own_warnings, preset_facts, presets_of

ORIENTATIONS = ("sagittal", "coronal", "axial")
ALONG_AN_AXIS = 0.9
"""Cosine from which a normal counts as running along a patient axis."""


def of_series(services: Services, request: Request, id: str) -> Response:
    """Volumes, stacks and others of a series."""
    return as_json(series_facts(services, id), headers=NO_STORE)


def of_study(services: Services, request: Request, id: str) -> Response:
    """Volumes, stacks and others of every series of a study, in the order of their numbers."""
    series = sorted(services.archive.series_of("studies", id), key=lambda s: (s.number, s.id))
    measured = Counter(record.get("Series") for record in services.store.list(id).records)
    found = [
        {
            **series_facts(services, s.id),
            "SeriesNumber": s.number,
            "InstanceCount": len(s.instances),
            "MeasurementCount": measured[s.id],
            "Thumbnail": f"/series/{s.id}/thumbnail",
        }
        for s in series
    ]
    return as_json({"Study": id, "Series": found}, headers=NO_STORE)


def one(services: Services, request: Request, id: str, k: str) -> Response:
    """One volume of a series."""
    identity = services.library.identity(id)
    layout = services.library.layout(identity)
    index = index_in(k)
    if index is None or index >= len(layout.volumes):
        raise UnknownResource(f"The series has {len(layout.volumes)} volumes", reason="unknown-volume")
    return as_json(_volume(services, identity, index, layout), headers=NO_STORE)


def load(services: Services, request: Request, id: str) -> Response:
    """Begin to read volumes into memory, in the background."""
    require_own_site(request, services.settings.allowed_origins)
    asked = _asked(request.body)
    identity = services.library.identity(id)
    chosen = services.library.loadable(identity, asked)
    services.library.start(identity, chosen)
    states = [_state(services, identity, k) for k in chosen]
    ready = sum(state["Progress"] for state in states) / len(states)
    status = "ready" if all(state["Status"] == "ready" for state in states) else "loading"
    body = {"Series": id, "Status": status, "Progress": ready, "Volumes": states}
    return as_json(body, 202, NO_STORE)


def drop(services: Services, request: Request, id: str) -> Response:
    """Let the series' volumes leave the memory; they are read again when somebody asks."""
    require_own_site(request, services.settings.allowed_origins)
    require_confirmation(request)
    services.library.identity(id)
    return as_json({"Dropped": services.library.forget(id)}, headers=NO_STORE)


def _asked(body: bytes) -> Sequence[int] | None:
    """The volumes that a body names. Raises BadParameter."""
    try:
        return LoadRequest.model_validate_json(body).Volumes if body.strip() else None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(map(str, problem["loc"])) or "body"
        details = f"The body can't be used: {problem['msg']}"
        raise BadParameter(name[:64], "", '{"Volumes": [0, 1]}, or nothing', details) from None


def _state(services: Services, identity: Identity, k: int) -> dict[str, Any]:
    """How far the loading of a volume has come."""
    status, progress, failure = services.library.state(identity, k)
    facts: dict[str, Any] = {"Index": k, "Status": status, "Progress": round(progress, 4)}
    if failure is not None:
        facts["Failure"] = {"Reason": failure.reason, "Details": failure.details}
    return facts


def series_facts(services: Services, series_id: str) -> dict[str, Any]:
    """What a series holds."""
    identity = services.library.identity(series_id)
    layout = services.library.layout(identity)
    return {
        "Series": series_id,
        "Modality": layout.modality,
        "Volumes": [_volume(services, identity, k, layout) for k in range(len(layout.volumes))],
        **_rest(layout),
    }


def _rest(layout: SeriesLayout) -> dict[str, Any]:
    others = [
        {"Instance": o.instance_id, "SOPClassUID": o.sop_class, "Reason": o.reason, "Details": o.details}
        for o in layout.others
    ]
    return {"Stacks": [_stack(k, stack) for k, stack in enumerate(layout.stacks)], "Others": others}


def _stack(k: int, stack: Stack) -> dict[str, Any]:
    return {
        "Index": k,
        "FrameCount": len(stack.frames),
        "Reason": stack.reason,
        "Details": stack.details,
        "Unit": unit(stack.frames[0].description),
        "Suv": suv_facts(stack.suv),
    }


def _volume(services: Services, identity: Identity, k: int, series: SeriesLayout) -> dict[str, Any]:
    layout = series.volumes[k]
    geometry, description = layout.geometry, layout.description
    return {
        "Label": layout.label,
        "Shape": list(geometry.shape),
        "Spacing": numbers(geometry.spacing),
        "Affine": [numbers(row) for row in geometry.affine],
        "Regular": geometry.is_regular,
        "Orientation": orientation(geometry),
        "FrameOfReferenceUID": description.frame_of_reference,
        "Positions": numbers(layout.origins @ geometry.normal),
        "Origins": [numbers(origin) for origin in layout.origins],
        "Unit": unit(description),
        "Suv": suv_facts(layout.suv),
        "Presets": _presets(services, layout),
        **_state(services, identity, k),
        **_loaded(services.library.look(identity, k), layout, series),
    }


def _presets(services: Services, layout: VolumeLayout) -> list[dict[str, Any]]:
    """Named windows for the modality values, and for SUV where it can be had."""
    units = {unit(layout.description)} | ({SUV_UNIT} if layout.suv is not None and layout.suv.factor else set())
    presets = presets_of(services.settings, layout.description, layout.own_transforms, units)
    return [preset_facts(preset) for preset in presets]


def _loaded(loaded: LoadedVolume | None, layout: VolumeLayout, series: SeriesLayout) -> dict[str, Any]:
    """What is known better, or only, once the voxels are in memory."""
    own = layout.own_transforms
    automatic = replace(loaded.automatic_window, invert=layout.description.is_inverted) if loaded else None
    window = own.first or automatic
    warnings = (
        loaded.warnings if loaded else (*layout.warnings, *layout.losses, *damage(layout.absent), *series.warnings)
    )
    return {
        "Type": str(loaded.volume.voxels.dtype) if loaded else layout.likely_type,
        "Bytes": loaded.volume.voxels.nbytes if loaded else layout.expected_bytes,
        "Range": loaded.volume.value_range if loaded else None,
        "Window": explained_window_facts(window) if window else None,
        "Warnings": [warning_facts(warning) for warning in (*warnings, *own_warnings(own))],
    }


def orientation(geometry: VolumeGeometry) -> str:
    """The plane of the acquisition by its normal: axial, coronal, sagittal, or oblique."""
    cosines = [abs(float(c)) for c in geometry.normal]
    steepest = max(range(3), key=cosines.__getitem__)
    return ORIENTATIONS[steepest] if cosines[steepest] >= ALONG_AN_AXIS else "oblique"
