"""Frames to the voxels of a volume, in the narrowest exact type."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.frames import FrameReader
from reslice.dicom.instance import Description
from reslice.dicom.layout import FrameRef, VolumeLayout
from reslice.imaging.modality import ModalityTransform, Stored, modality_values
from reslice.imaging.volume import Volume, Voxels


class VolumeBuilder:
    """Collects slices as int16 until one of them doesn't fit, then as float32, in the same memory.

    The int16 voxels take the first half of it; the other half isn't touched, and so costs nothing,
    until they are widened. `grow` is asked for the bytes of the second half before that.
    """

    def __init__(self, shape: tuple[int, int, int], grow: Callable[[int], object] = int) -> None:
        self._wide = np.empty(shape, dtype=np.float32)
        self._grow = grow
        self.voxels: Voxels = self._wide.reshape(-1).view(np.int16)[: self._wide.size].reshape(shape)

    def put(self, k: int, description: Description, stored: Stored, *, mask_padding: bool = False) -> None:
        """Write the modality values of one frame into slice k. Raises what `grow` raises."""
        padding = description.padding if mask_padding else None
        if self.voxels.dtype == np.int16 and (padding or not description.rescale.fits_int16(stored)):
            self._widen()
        self._write(k, stored, description.rescale, padding)

    def clear(self, k: int) -> None:
        """Leave slice k without data."""
        self.voxels[k] = 0

    def _widen(self) -> None:
        """From the last slice to the first, so that none is overwritten before it has been read."""
        self._grow(self._wide.nbytes)
        for k in range(len(self._wide) - 1, -1, -1):
            self._wide[k] = self.voxels[k].copy()
        self.voxels = self._wide

    def _write(self, k: int, stored: Stored, rescale: ModalityTransform, padding: tuple[float, float] | None) -> None:
        target = self.voxels[k]
        if target.dtype == np.int16:
            rescale.to_int16(stored, target)
            return
        rescale.to_float32(stored, target)
        if padding is not None:
            target[_is_padding(stored, padding)] = np.nan


def stored_values(ref: FrameRef, reader: FrameReader) -> Stored:
    """The stored values of one grey frame, a tile of a mosaic too. Raises Damaged, Undecodable."""
    mosaic = ref.instance.mosaic
    return reader.stored(ref.frame) if mosaic is None else mosaic.tile(reader.sheet(), ref.frame)


def frame_values(ref: FrameRef, reader: FrameReader, *, masked: bool = False) -> NDArray[Any]:
    """One frame: modality values (rows, columns), or RGB (rows, columns, 3). Raises Damaged, Undecodable.

    If it is to be masked, padding that no range of modality values tells is NaN, and the values are float32.
    """
    description = ref.description
    if description.pixels is not None and description.pixels.is_colour:
        return reader.colour(ref.frame)
    stored = stored_values(ref, reader)
    values: NDArray[Any] = modality_values(stored, description.rescale)
    if masked and description.has_hidden_padding and description.padding is not None:
        values = values.astype(np.float32)
        values[_is_padding(stored, description.padding)] = np.nan
    return values


def _is_padding(stored: Stored, padding: tuple[float, float]) -> NDArray[np.bool_]:
    return (stored >= padding[0]) & (stored <= padding[1])


def has_common_values(layout: VolumeLayout) -> bool:
    """Whether all slices share slope, intercept and padding, so that padding is one range of modality values."""
    first = _value_rule(layout.description)
    return all(_value_rule(ref.description) == first for ref in layout.frames)


def _value_rule(description: Description) -> tuple[ModalityTransform, tuple[float, float] | None]:
    return description.rescale, description.padding


def needs_padding_mask(layout: VolumeLayout) -> bool:
    """Whether padding must become NaN by its stored values, because no range of modality values says it exactly."""
    descriptions = [ref.description for ref in layout.frames]
    if all(d.padding is None for d in descriptions):
        return False
    return not (has_common_values(layout) and layout.description.rescale.keeps_whole_numbers_apart)


def volume_of(layout: VolumeLayout, voxels: Voxels, absent: tuple[int, ...] = ()) -> Volume:
    """The volume of a layout, once its voxels are there; `absent` slices hold no data."""
    padding = None if needs_padding_mask(layout) else layout.description.modality_padding
    return Volume(layout.geometry, voxels, padding, absent)
