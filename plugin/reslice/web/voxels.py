"""The voxels of a volume, all of them or fewer larger ones, as one file."""

from dataclasses import dataclass

import numpy as np

from reslice.archive.identity import Identity
from reslice.archive.loaded import LoadedVolume
from reslice.errors import ConflictingParameters, NotReconstructable, TooLarge, UnknownResource
from reslice.imaging.evening import evened, evened_geometry
from reslice.imaging.grids import GRID_FORMATS, NIFTI_LONGEST_SIDE, UNNAMED, Grid, GridFormat, as_int16
from reslice.imaging.reduction import Factors, factors_within, reduced, reduced_geometry
from reslice.imaging.voi import VoiTransform, to_display
from reslice.imaging.volume import NO_DATA_INT16, Volume, VolumeGeometry
from reslice.settings import MEBIBYTE
from reslice.web import caching
from reslice.web.headers import header, numbers, warning_facts, window_facts
from reslice.web.message import Request, Response
from reslice.web.negotiation import choose
from reslice.web.parameters import index_in
from reslice.web.services import Services
from reslice.web.units import Scale, scale_of
from reslice.web.volume_answers import window_of
from reslice.web.voxel_parameters import VoxelParameters
from reslice.web.windows import check_window, own_warnings

ITEM_BYTES = {"uint8": 1, "int16": 2, "float32": 4}
WHOLE = (1, 1, 1)


@dataclass(frozen=True, eq=False)
class Asked:
    """One request for the voxels of one volume."""

    services: Services
    identity: Identity
    index: int
    loaded: LoadedVolume
    parameters: VoxelParameters
    chosen: GridFormat
    scale: Scale

    @property
    def kind(self) -> str:
        """The type of the values that are answered."""
        if self.parameters.type != "native":
            return self.parameters.type
        return "float32" if not self.scale.is_plain else str(self.loaded.volume.voxels.dtype)

    @property
    def evened(self) -> VolumeGeometry:
        """Where the voxels lie before any of them are averaged."""
        own = self.loaded.volume.geometry
        return evened_geometry(own) if self.parameters.resample else own

    @property
    def factors(self) -> Factors:
        """How many voxels become one."""
        longest = self.parameters.max_size
        return WHOLE if longest is None else factors_within(self.evened.shape, longest)

    @property
    def transform(self) -> VoiTransform | None:
        """How values become grey, where they do."""
        if self.kind != "uint8":
            return None
        return window_of(self.services, self.loaded, self.parameters, self.scale)


def grid(services: Services, request: Request, parameters: VoxelParameters, id: str, k: str) -> Response:
    """All voxels of a volume, or their averages, as a file."""
    _check(parameters)
    chosen = _choose(parameters, request)
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, chosen.name, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), chosen.media_type)
    index = _index(k)
    loaded = services.library.volume(identity, index)
    scale = scale_of(parameters.unit, loaded.layout.description, loaded.layout.suv)
    asked = Asked(services, identity, index, loaded, parameters, chosen, scale)
    _require_even(asked)
    _require_allowed(asked)
    transform = asked.transform
    made = _grid(asked, transform)
    unit = UNNAMED if transform is not None else scale.unit
    headers = {**caching.headers(tag, is_final=loaded.is_final), **_headers(asked, made, unit, transform)}
    return Response(200, chosen.media_type, chosen.write(made, unit), headers)


def _check(parameters: VoxelParameters) -> None:
    """Raise BadParameter where parameters contradict each other, whatever the volume."""
    check_window(parameters)
    if parameters.gaps == "interpolate" and not parameters.resample:
        details = "Gaps are filled where slices are resampled only"
        raise ConflictingParameters("gaps", "interpolate", "show, or interpolate with resample=true", details)
    if parameters.type == "int16" and parameters.unit == "suv":
        details = "SUV aren't whole numbers"
        raise ConflictingParameters("type", "int16", "native or uint8 with unit=suv", details)


def _choose(parameters: VoxelParameters, request: Request) -> GridFormat:
    """The format asked for, else the one that the client likes best. Raises NotAcceptable."""
    if parameters.format is not None:
        return GRID_FORMATS[parameters.format]
    return GRID_FORMATS[choose(None, request.headers.get("accept"), list(GRID_FORMATS.values())).name]


def _index(k: str) -> int:
    """Raises UnknownResource where it is no number."""
    index = index_in(k)
    if index is None:
        raise UnknownResource("Volumes are numbered from 0", reason="unknown-volume")
    return index


def _require_even(asked: Asked) -> None:
    """Raise NotReconstructable where what is asked for knows even slices only, and these aren't."""
    if asked.evened.is_regular or not (asked.chosen.is_even or asked.parameters.max_size is not None):
        return
    details = (
        "The slices aren't evenly spaced, or some are missing: ask with resample=true for even ones, or for"
        " format=raw or npy without max-size, whose slices lie where Origins of the volume says"
    )
    raise NotReconstructable(details, reason="uneven-gaps")


def _require_allowed(asked: Asked) -> None:
    """Raise TooLarge before anything is made that the settings don't allow."""
    final = reduced_geometry(asked.evened, asked.factors).shape if asked.factors != WHOLE else asked.evened.shape
    sizes = [int(np.prod(final)) * ITEM_BYTES[asked.kind]]
    if asked.parameters.resample:
        sizes.append(int(np.prod(asked.evened.shape)) * asked.loaded.volume.voxels.itemsize)
    limit = asked.services.settings.largest_answer_megabytes * MEBIBYTE
    if max(sizes) > limit:
        details = f"The voxels take {max(sizes)} bytes; the limit is {limit}. Ask for fewer with max-size"
        raise TooLarge(details, SizeBytes=max(sizes), LimitBytes=limit)
    if asked.chosen.name == "nifti" and max(final) > NIFTI_LONGEST_SIDE:
        details = f"NIfTI-1 takes at most {NIFTI_LONGEST_SIDE} voxels on a side. Ask for fewer with max-size"
        raise TooLarge(details, Size=max(final), Limit=NIFTI_LONGEST_SIDE)


def _grid(asked: Asked, transform: VoiTransform | None) -> Grid:
    """What is answered; small grey copies are kept, since viewers ask for them again and again."""
    if transform is None:
        return _scaled(Grid.of_volume(_source(asked)), asked.scale)
    if asked.factors == WHOLE or not asked.loaded.is_final:
        return _grey(_source(asked), asked.scale, transform)

    def make() -> tuple[Grid, int]:
        made = _grey(_source(asked), asked.scale, transform).computed(asked.services.crew)
        return made, made.nbytes

    name = f"voxels {asked.parameters.model_dump_json(exclude={'format'})}"
    return asked.services.library.derived(asked.identity, asked.index, name, make)


def _source(asked: Asked) -> Volume:
    """The volume in the type, on the slices and with the boxes that were asked for."""
    parameters, volume = asked.parameters, asked.loaded.volume
    if parameters.type == "int16":
        volume = _whole(volume)
    if parameters.resample:
        volume = evened(volume, parameters.gaps)
    return volume if asked.factors == WHOLE else reduced(volume, asked.factors, "mean", asked.services.crew)


def _whole(volume: Volume) -> Volume:
    """Raises NotReconstructable where int16 can't hold each value as it is."""
    whole = as_int16(volume)
    if whole is None:
        raise NotReconstructable(
            "The volume has values that aren't whole numbers from -32767 to 32767: ask for type=native",
            reason="not-whole-numbers",
        )
    return whole


def _scaled(grid: Grid, scale: Scale) -> Grid:
    """In the unit of the answer."""
    if scale.is_plain:
        return grid
    padding = (NO_DATA_INT16, NO_DATA_INT16) if grid.dtype == np.int16 else None
    return grid.mapped(lambda values: scale.values(values, padding)[0], np.float32)


def _grey(volume: Volume, scale: Scale, transform: VoiTransform) -> Grid:
    return _scaled(Grid.of_volume(volume), scale).mapped(lambda values: to_display(values, transform), np.uint8)


def _headers(asked: Asked, made: Grid, unit: str, transform: VoiTransform | None) -> dict[str, str]:
    geometry = made.geometry
    affine = [numbers(row) for row in geometry.affine]
    volume = {
        "Index": asked.index,
        "Shape": list(geometry.shape),
        "Spacing": numbers(geometry.spacing),
        "Affine": affine,
        "Regular": geometry.is_regular,
        "Factors": list(asked.factors),
        "Type": str(made.dtype),
        "Unit": unit,
    }
    raw = {
        "Type": str(made.dtype),
        "Shape": list(geometry.shape),
        "Slope": 1,
        "Intercept": 0,
        "NoData": made.no_data if made.dtype != np.float32 else "NaN",
        "Unit": unit,
        "Affine": affine,
    }
    warnings = (*asked.loaded.warnings, *own_warnings(asked.loaded.layout.own_transforms))
    name = f"{asked.identity.series}-volume-{asked.index}.{asked.chosen.suffix}"
    grey = {} if transform is None else {"Reslice-Window": header(window_facts(transform))}
    return {
        "Reslice-Volume": header(volume),
        "Reslice-Raw": header(raw),
        "Reslice-Warnings": header([warning_facts(warning) for warning in warnings]),
        "Content-Disposition": f'attachment; filename="{name}"',
        **grey,
    }
