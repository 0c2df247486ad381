"""What headers tell of the volume behind a picture."""

from typing import Any

from reslice.archive.loaded import LoadedVolume
from reslice.dicom.windows import unit
from reslice.imaging.volume import VolumeGeometry


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
