"""What a series holds: volumes, stacks, and the rest, as value objects."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.compression import greatest, in_words
from reslice.dicom.instance import Description, Instance
from reslice.dicom.moments import Phase
from reslice.dicom.suv import Suv
from reslice.dicom.values import Point
from reslice.dicom.windows import OwnTransforms, common_transforms
from reslice.errors import Damaged, Unreadable
from reslice.imaging import affine as affines
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import VolumeGeometry

MOST_NAMED = 20
"""So many slices are named in a warning; more are counted."""
INTEGER_PIXELS = 0x7FE00010


@dataclass(frozen=True, eq=False)
class FrameRef:
    """One frame (0-based) of one instance."""

    instance: Instance
    frame: int

    @property
    def description(self) -> Description:
        """What the header says of this frame."""
        return self.instance.frame(self.frame).description

    @property
    def position(self) -> Point | None:
        """The centre of the first pixel; None where the header doesn't tell it."""
        return self.instance.frame(self.frame).position

    @property
    def has_place(self) -> bool:
        """Whether the header tells where it lies in the patient, and how large its pixels are there."""
        d = self.description
        return None not in (self.position, d.orientation, d.spacing)

    @property
    def plane(self) -> ImagePlane:
        """Where it lies; a frame without geometry lies in a frame of its own, in mm or in pixels.

        Only for frames with pixels.
        """
        d = self.description
        shape = (d.pixels.rows, d.pixels.columns) if d.pixels is not None else (0, 0)
        spacing = d.spacing or d.aspect or (1.0, 1.0)
        position = self.position or (0.0, 0.0, 0.0)
        orientation = d.orientation or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        return ImagePlane(
            affines.frozen(position), affines.unit(orientation[:3]), affines.unit(orientation[3:]), spacing, shape
        )

    @property
    def phase(self) -> Phase:
        """Raw values of what may tell it from other frames at its position."""
        return self.instance.frame(self.frame).phase


@dataclass(frozen=True)
class LayoutWarning:
    """Something true of a volume that its reader should know; `facts` stand beside it in JSON."""

    reason: str
    details: str
    facts: tuple[tuple[str, float | str | None], ...] = ()


@dataclass(frozen=True, eq=False)
class VolumeLayout:
    """Frames that make a volume, in order of their position along the normal.

    `suv` is the factor to SUVbw, or why there is none; None for what is no PET.
    """

    geometry: VolumeGeometry
    frames: tuple[FrameRef, ...]
    warnings: tuple[LayoutWarning, ...] = ()
    label: str = ""
    suv: Suv | None = None

    @property
    def description(self) -> Description:
        """What the frames share."""
        return self.frames[0].description

    @property
    def origins(self) -> NDArray[np.float64]:
        """The centre of each slice's first pixel, shape (slices, 3), LPS mm."""
        return origins_of(self.frames)

    @cached_property
    def own_transforms(self) -> OwnTransforms:
        """The windows and tables that the files bring, the same for all slices."""
        return common_transforms([ref.description for ref in self.frames])

    @cached_property
    def losses(self) -> tuple[LayoutWarning, ...]:
        """The warning about slices compressed with loss."""
        return losses(self.frames)

    @property
    def largest_multiframe(self) -> int:
        """Bytes of the largest file that holds several of the frames: it is in memory while they are read."""
        files = (ref.instance for ref in self.frames if ref.instance.frames > 1)
        return max((i.encapsulated_bytes or i.pixel_bytes or 0 for i in files), default=0)

    @property
    def expected_bytes(self) -> int:
        """Memory for the voxels in the type that the headers let expect."""
        return np.dtype(self.likely_type).itemsize * math.prod(self.geometry.shape)

    @property
    def absent(self) -> tuple[int, ...]:
        """The slices whose file is known to be cut short."""
        return tuple(k for k, ref in enumerate(self.frames) if ref.instance.is_truncated)

    @property
    def likely_type(self) -> str:
        """The type that the voxels will have, as far as the headers tell."""
        fits = all(_may_fit_int16(ref) for ref in self.frames)
        return "int16" if fits else "float32"


@dataclass(frozen=True, eq=False)
class Stack:
    """Frames that can be scrolled through but make no volume."""

    frames: tuple[FrameRef, ...]
    reason: str
    details: str
    suv: Suv | None = None


@dataclass(frozen=True)
class Other:
    """An instance that isn't shown."""

    instance_id: str
    sop_class: str
    reason: str
    details: str


@dataclass(frozen=True, eq=False)
class SeriesLayout:
    """What a series holds: volumes, stacks, and the rest."""

    volumes: tuple[VolumeLayout, ...] = ()
    stacks: tuple[Stack, ...] = ()
    others: tuple[Other, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether a file couldn't be read just now, so that the next look may tell more."""
        return any(other.reason == Unreadable.reason for other in self.others)

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        """What is true of the series, and so of each of its volumes."""
        lost = sum(other.reason in (Damaged.reason, Unreadable.reason) for other in self.others)
        details = f"Files of the series that can't be read, and are missing wherever they belong: {lost}"
        return (LayoutWarning("damaged", details),) if lost else ()

    @property
    def modality(self) -> str:
        """The modality of the first frame."""
        return self.slices[0][0].description.modality if self.slices else ""

    @cached_property
    def slices(self) -> Sequence[tuple[FrameRef, int | None, int | None]]:
        """Every frame in display order with the index of its volume or of its stack."""
        ordered: list[tuple[FrameRef, int | None, int | None]] = []
        for k, volume in enumerate(self.volumes):
            ordered.extend((ref, k, None) for ref in volume.frames)
        for k, stack in enumerate(self.stacks):
            ordered.extend((ref, None, k) for ref in stack.frames)
        return ordered


def origins_of(frames: Sequence[FrameRef]) -> NDArray[np.float64]:
    """The centre of each frame's first pixel, shape (frames, 3), LPS mm."""
    return np.array([ref.position for ref in frames], dtype=np.float64)


def damage(slices: Sequence[int]) -> list[LayoutWarning]:
    """The warning about slices that hold no data because their files are damaged."""
    if not slices:
        return []
    more = f", ... ({len(slices)} in all)" if len(slices) > MOST_NAMED else ""
    named = ", ".join(map(str, slices[:MOST_NAMED])) + more
    return [LayoutWarning("damaged", f"Without data, since their files are damaged: slices {named}")]


def losses(frames: Sequence[FrameRef]) -> tuple[LayoutWarning, ...]:
    """The warning about frames that were compressed with loss, with the greatest ratio; none where none was."""
    found = [c for ref in frames if (c := ref.instance.compression) is not None]
    if not found:
        return ()
    worst = greatest(found)
    method = (("Method", "\\".join(worst.methods)),) if worst.methods else ()
    details = in_words(worst, sum(c.is_certain == worst.is_certain for c in found), len(frames))
    return (LayoutWarning("lossy-compression", details, (("Ratio", worst.ratio), *method)),)


def _may_fit_int16(ref: FrameRef) -> bool:
    pixels = ref.description.pixels
    is_small = pixels is not None and pixels.bits_allocated <= 16 and ref.instance.pixel_tag == INTEGER_PIXELS
    return is_small and ref.description.rescale.is_whole
