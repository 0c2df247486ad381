"""What all answers made of a volume have in common: how its headers tell of it, and its window."""

from typing import Any

from reslice.archive.loaded import LoadedVolume
from reslice.dicom.windows import unit
from reslice.imaging.voi import VoiTransform
from reslice.imaging.volume import VolumeGeometry
from reslice.web.parameters import WindowParameters
from reslice.web.services import Services
from reslice.web.units import Scale


def volume_facts(loaded: LoadedVolume, index: int) -> dict[str, Any]:
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
    """The window that is asked for, or the volume's: one for all of its planes and projections."""
    description, own = loaded.layout.description, loaded.layout.own_transforms
    return scale.transform(services.settings, description, parameters, own, lambda: loaded.automatic_window)
