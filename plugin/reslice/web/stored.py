"""A stored frame, where it belongs, and its values as asked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reslice.archive.identity import Identity
from reslice.archive.volumes import SeriesLibrary
from reslice.dicom.calibration import Calibration, calibrate
from reslice.dicom.instance import Description
from reslice.dicom.layout import FrameRef, SeriesLayout
from reslice.dicom.suv import Suv
from reslice.dicom.windows import OwnTransforms, own_transforms
from reslice.errors import Damaged, UnknownResource
from reslice.imaging.encode import ImageFormat
from reslice.imaging.plane import FieldOfView, ImagePlane
from reslice.imaging.resample import Interpolation, cut
from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.web import pictures
from reslice.web.parameters import SliceParameters, index_in
from reslice.web.services import Services


@dataclass(frozen=True, eq=False)
class StoredSlice:
    """One frame of a series, and where it belongs."""

    library: SeriesLibrary
    identity: Identity
    number: int
    count: int
    ref: FrameRef
    volume: int | None
    stack: int | None
    layout: SeriesLayout

    @property
    def description(self) -> Description:
        """What its header says."""
        return self.ref.description

    @cached_property
    def own_transforms(self) -> OwnTransforms:
        """What its files bring to show it with: the same for all slices of a volume."""
        if self.volume is not None:
            return self.layout.volumes[self.volume].own_transforms
        return own_transforms(self.description)

    @property
    def suv(self) -> Suv | None:
        """The factor to SUVbw of its volume or stack."""
        if self.volume is not None:
            return self.layout.volumes[self.volume].suv
        return self.layout.stacks[self.stack].suv if self.stack is not None else None

    @property
    def place(self) -> int:
        """Its index in its volume."""
        return self.number - sum(len(v.frames) for v in self.layout.volumes[: self.volume])

    @cached_property
    def plane(self) -> ImagePlane:
        """Where it lies; see `FrameRef.plane`."""
        return self.ref.plane

    @cached_property
    def file(self) -> bytes:
        """The file that it is in. Raises UnknownResource, Damaged."""
        return self.library.file(self.identity, self.ref)

    @cached_property
    def calibration(self) -> Calibration:
        """How the size of a pixel is known at the middle of the image, as measurements tell it."""
        rows, columns = self.plane.shape
        middle = np.array([[(columns - 1) / 2, (rows - 1) / 2]])
        try:
            return calibrate(self.library.spacing_facts(self.identity, self.ref, lambda: self.file), middle)
        except Damaged:  # in what only the size of pixels hangs on
            return Calibration("none", None)


def find_slice(services: Services, identity: Identity, n: str) -> StoredSlice:
    """Slice n of a series, in display order. Raises UnknownResource."""
    layout = services.library.layout(identity)
    index = index_in(n)
    if index is None or index >= len(layout.slices):
        raise UnknownResource(f"The series has {len(layout.slices)} slices", reason="unknown-slice")
    ref, volume, stack = layout.slices[index]
    return StoredSlice(services.library, identity, index, len(layout.slices), ref, volume, stack, layout)


def stored_values(services: Services, slice_: StoredSlice, *, masked: bool) -> pictures.Values:
    """From the volume in memory if it is there, else from the one file; `masked` as in `SeriesLibrary.frame`."""
    if slice_.volume is not None:
        held = services.library.frame_in_memory(slice_.identity, slice_.volume, slice_.place)
        if held is not None:
            return held
    return services.library.frame(slice_.identity, slice_.ref, masked=masked, file=slice_.file)


def sampled(
    slice_: StoredSlice,
    values: pictures.Values,
    parameters: SliceParameters,
    services: Services,
    chosen: ImageFormat,
) -> tuple[pictures.Values, ImagePlane]:
    """The values as asked for: the stored grid, or other pixels on the same plane.

    A display format always has square pixels; numbers stay as stored unless a size is asked for.
    """
    plane = slice_.plane
    is_square = plane.spacing[0] == plane.spacing[1]
    is_plain = parameters.size.is_default and (is_square or not (chosen.is_display or parameters.region))
    where = plane if is_plain else FieldOfView.of_plane(plane).plane(parameters.size, min(plane.spacing))
    where = pictures.sized(where, parameters, services.settings)
    if where is plane:
        return values, plane
    shown = _resampled(values, plane, where, slice_.description, parameters.interpolation)
    return shown, where


def _resampled(
    values: pictures.Values,
    plane: ImagePlane,
    where: ImagePlane,
    description: Description,
    interpolation: Interpolation,
) -> pictures.Values:
    if values.ndim == 3:
        channels = [
            _resampled(values[..., c].astype(np.int16), plane, where, description, interpolation) for c in range(3)
        ]
        colour: pictures.Values = np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255).astype(np.uint8)
        return colour
    geometry = VolumeGeometry((1, *values.shape), plane.affine)
    single = Volume(geometry, np.ascontiguousarray(values)[None], description.modality_padding)
    return cut(single, where, interpolation)
