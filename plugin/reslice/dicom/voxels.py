"""Frames to the voxels of a volume, in the narrowest exact type."""

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.instance import Description, Instance
from reslice.dicom.pixels import stored_frame
from reslice.dicom.stack import VolumeLayout
from reslice.imaging.modality import Rescale, Stored
from reslice.imaging.volume import Volume, Voxels


class VolumeBuilder:
    """Collects slices as int16 until one of them doesn't fit, then as float32."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.voxels: Voxels = np.empty(shape, dtype=np.int16)
        self._filled: list[int] = []

    def put(self, k: int, instance: Instance, content: bytes, frame: int, *, mask_padding: bool = False) -> None:
        """Decode one frame into slice k. Raises Damaged, Undecodable."""
        stored = stored_frame(instance, content, frame)
        description = instance.description
        padding = description.padding if mask_padding else None
        if self.voxels.dtype == np.int16 and (padding or not description.rescale.fits_int16(stored)):
            self._widen()
        self._write(k, stored, description.rescale, padding)
        self._filled.append(k)

    def clear(self, k: int) -> None:
        """Leave slice k without data."""
        self.voxels[k] = 0

    def _widen(self) -> None:
        wide = np.empty(self.voxels.shape, dtype=np.float32)
        for k in self._filled:
            wide[k] = self.voxels[k]
        self.voxels = wide

    def _write(self, k: int, stored: Stored, rescale: Rescale, padding: tuple[int, int] | None) -> None:
        target = self.voxels[k]
        if target.dtype == np.int16:
            rescale.to_int16(stored, target)
            return
        rescale.to_float32(stored, target)
        if padding is not None:
            target[_is_padding(stored, padding)] = np.nan


def _is_padding(stored: Stored, padding: tuple[int, int]) -> NDArray[np.bool_]:
    return (stored >= padding[0]) & (stored <= padding[1])


def has_common_values(layout: VolumeLayout) -> bool:
    """Whether all slices share slope, intercept and padding, so that padding is one range of modality values."""
    first = _value_rule(layout.description)
    return all(_value_rule(ref.instance.description) == first for ref in layout.frames)


def _value_rule(description: Description) -> tuple[Rescale, tuple[int, int] | None]:
    return description.rescale, description.padding


def needs_padding_mask(layout: VolumeLayout) -> bool:
    """Whether padding must become NaN slice by slice."""
    return not has_common_values(layout) and any(ref.instance.description.padding is not None for ref in layout.frames)


def volume_of(layout: VolumeLayout, voxels: Voxels, absent: tuple[int, ...] = ()) -> Volume:
    """The volume of a layout, once its voxels are there; `absent` slices hold no data."""
    padding = None if needs_padding_mask(layout) else layout.description.modality_padding
    return Volume(layout.geometry, voxels, padding, absent)
