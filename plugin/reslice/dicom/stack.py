"""From the instances of a series to its volumes, or the reason why there is none."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.instance import Description, Instance
from reslice.dicom.values import Point
from reslice.dicom.windows import common_window
from reslice.errors import Damaged, Unreadable
from reslice.imaging import affine as affines
from reslice.imaging.voi import Window
from reslice.imaging.volume import VolumeGeometry

COSINE_STEP = 1e-3
"""Direction cosines that agree within this belong to one orientation."""
SPACING_STEP = 1e-4
"""Pixel spacings that agree within this part of themselves are equal."""
SAME_POSITION = 0.01
"""Millimetres: slices nearer than this (or 1 % of the median gap) lie at one position."""
SAME_POSITION_OF_GAP = 0.01
OFF_THE_LINE = 0.1
"""Millimetres that an origin may lie off the line through the others (positions are rounded in files)."""
UNEVEN_OF_GAP = 0.05
"""Part of the gap, up to OFF_THE_LINE, that a slice may lie off its even place along the normal."""
TILT_WARNING = 1.0
"""Degrees of gantry tilt from which it is worth telling."""


MOST_NAMED = 20
"""So many slices are named in a warning; more are counted."""
INTEGER_PIXELS = 0x7FE00010


@dataclass(frozen=True)
class FrameRef:
    """One frame (0-based) of one instance."""

    instance: Instance
    frame: int

    @property
    def position(self) -> Point | None:
        """The centre of the first pixel; None where the header tells it of another frame, or not at all."""
        return self.instance.position if self.instance.frames == 1 else None


@dataclass(frozen=True)
class LayoutWarning:
    """Something true of a volume that its reader should know; `facts` stand beside it in JSON."""

    reason: str
    details: str
    facts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class VolumeLayout:
    """Frames that make a volume, in order of their position along the normal."""

    geometry: VolumeGeometry
    frames: tuple[FrameRef, ...]
    warnings: tuple[LayoutWarning, ...] = ()

    @property
    def description(self) -> Description:
        """What the frames share."""
        return self.frames[0].instance.description

    @property
    def origins(self) -> NDArray[np.float64]:
        """The centre of each slice's first pixel, shape (slices, 3), LPS mm."""
        return _origins(self.frames)

    @cached_property
    def own_window(self) -> Window | None:
        """The window that the files bring, one for all slices."""
        return common_window([ref.instance.description for ref in self.frames])

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
        fits = all(_may_fit_int16(ref.instance) for ref in self.frames)
        return "int16" if fits else "float32"


@dataclass(frozen=True, eq=False)
class Stack:
    """Frames that can be scrolled through but make no volume."""

    frames: tuple[FrameRef, ...]
    reason: str
    details: str


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
    others: tuple[Other, ...] = field(default=())

    @property
    def is_provisional(self) -> bool:
        """Whether a file couldn't be read just now, so that the next look may tell more."""
        return any(other.reason == Unreadable.reason for other in self.others)

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        """What is true of the series, and so of each of its volumes."""
        lost = sum(other.reason in (Damaged.reason, Unreadable.reason) for other in self.others)
        details = f"{lost} files of the series can't be read, and are missing wherever they belong"
        return (LayoutWarning("damaged", details),) if lost else ()

    @property
    def modality(self) -> str:
        """The modality of the first frame."""
        return self.slices[0][0].instance.description.modality if self.slices else ""

    @cached_property
    def slices(self) -> Sequence[tuple[FrameRef, int | None, int | None]]:
        """Every frame in display order with the index of its volume or of its stack."""
        ordered: list[tuple[FrameRef, int | None, int | None]] = []
        for k, volume in enumerate(self.volumes):
            ordered.extend((ref, k, None) for ref in volume.frames)
        for k, stack in enumerate(self.stacks):
            ordered.extend((ref, None, k) for ref in stack.frames)
        return ordered


def arrange(instances: Iterable[Instance], others: Sequence[Other] = ()) -> SeriesLayout:
    """Volumes, stacks and others of a series; the order of the instances doesn't matter."""
    rest, groups = list(others), _Groups()
    for instance in sorted(instances, key=lambda i: (i.number, i.id)):
        if instance.description.modality == "SEG":
            rest.append(Other(instance.id, instance.description.sop_class, "segmentation", "It marks other images"))
        elif not instance.is_image:
            rest.append(Other(instance.id, instance.description.sop_class, "not-an-image", "It holds no pixels"))
        else:
            groups.add(instance)
    volumes: list[VolumeLayout] = []
    stacks: list[Stack] = []
    for frames in groups.frames:
        made = _volume_or_stack(frames)
        if isinstance(made, VolumeLayout):
            volumes.append(made)
        else:
            stacks.append(made)
    volumes.sort(key=lambda v: (-len(v.frames), v.frames[0].instance.number))
    return SeriesLayout(tuple(volumes), tuple(stacks), tuple(rest))


class _Groups:
    """Frames that may be slices of one volume, gathered."""

    def __init__(self) -> None:
        self._groups: dict[tuple[object, ...], list[FrameRef]] = defaultdict(list)
        self._keys: dict[int, tuple[object, ...]] = {}
        self._kept: list[Description] = []

    @property
    def frames(self) -> list[tuple[FrameRef, ...]]:
        return [tuple(group) for group in self._groups.values()]

    def add(self, instance: Instance) -> None:
        key = self._key(instance.description)
        self._groups[key].extend(FrameRef(instance, frame) for frame in range(instance.frames))

    def _key(self, description: Description) -> tuple[object, ...]:
        """The group's key; a shared Description is looked at once."""
        found = self._keys.get(id(description))
        if found is None:
            kinds = _kind(description)
            found = next((key for key in self._groups if _same_kind(key, kinds)), kinds)
            self._keys[id(description)] = found
            self._kept.append(description)
            self._groups.setdefault(found, [])
        return found


def _kind(d: Description) -> tuple[object, ...]:
    pixels = d.pixels
    grid = (pixels.rows, pixels.columns, pixels.samples, pixels.photometric) if pixels else ()
    image_type = tuple(d.image_type[k : k + 1] for k in (0, 2, 3))
    return (d.orientation, d.spacing, *grid, d.frame_of_reference, d.rescale_type, d.units, image_type)


def _same_kind(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    """Equal, but for the noise that files have in directions and spacings."""
    return a[2:] == b[2:] and _near(a[0], b[0], COSINE_STEP, 0) and _near(a[1], b[1], 0, SPACING_STEP)


def _near(a: object, b: object, absolute: float, relative: float) -> bool:
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return a is b
    return all(abs(x - y) <= absolute + relative * abs(y) for x, y in zip(a, b, strict=True))


def _volume_or_stack(frames: tuple[FrameRef, ...]) -> VolumeLayout | Stack:
    refusal = _refusal(frames)
    if refusal is not None:
        return Stack(frames, *refusal)
    ordered, along = _ordered(frames)
    gaps = np.diff(along)
    if gaps.min() <= max(SAME_POSITION, SAME_POSITION_OF_GAP * float(np.median(gaps))):
        return Stack(ordered, "duplicate-positions", "Several frames lie at one position")
    return _volume(ordered, along)


def _refusal(frames: tuple[FrameRef, ...]) -> tuple[str, str] | None:
    """Why frames of one kind can't be a volume, before looking at their positions."""
    first = frames[0].instance
    d = first.description
    if d.pixels and d.pixels.is_colour:
        return "colour-not-reconstructable", "Colour images are shown one by one"
    if "MOSAIC" in d.image_type:
        return "mosaic", "Each image is a sheet of tiles"
    if d.has_functional_groups:
        return "no-geometry", "The functional groups of enhanced multi-frame objects are not read yet"
    if len(frames) == 1:
        return "single-frame", "There is only one frame"
    if d.orientation is None or d.spacing is None or any(ref.instance.position is None for ref in frames):
        return "no-geometry", "Position, orientation or pixel spacing is missing"
    if any(ref.instance.frames > 1 for ref in frames):
        return "no-geometry", "The frames of a multi-frame image have no positions of their own"
    if d.has_modality_lut:
        return "modality-lut", "Values given by a Modality LUT Sequence are not read yet"
    return None


def _directions(d: Description) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Row direction, column direction and normal."""
    assert d.orientation is not None
    row, column = affines.unit(d.orientation[:3]), affines.unit(d.orientation[3:])
    return row, column, affines.unit(np.cross(row, column))


def _origins(frames: Sequence[FrameRef]) -> NDArray[np.float64]:
    return np.array([ref.instance.position for ref in frames], dtype=np.float64)


def _ordered(frames: tuple[FrameRef, ...]) -> tuple[tuple[FrameRef, ...], NDArray[np.float64]]:
    """The frames by their place along the normal, increasing, and those places in mm."""
    along = _origins(frames) @ _directions(frames[0].instance.description)[2]
    order = np.argsort(along, kind="stable")
    return tuple(frames[k] for k in order), along[order]


def _volume(frames: tuple[FrameRef, ...], along: NDArray[np.float64]) -> VolumeLayout | Stack:
    origins = _origins(frames)
    step = (origins[-1] - origins[0]) / (len(frames) - 1)
    even = origins[0] + np.arange(len(frames))[:, None] * step
    row, column, normal = _directions(frames[0].instance.description)
    gap = float(step @ normal)
    off = np.abs((origins - even) @ normal).max()
    if off > max(SAME_POSITION, min(OFF_THE_LINE, UNEVEN_OF_GAP * gap)):
        gaps = np.diff(along)
        details = f"The gaps between slices vary from {gaps.min():.4g} to {gaps.max():.4g} mm"
        return Stack(frames, "irregular-positions", details)
    if np.linalg.norm(origins - even, axis=1).max() > OFF_THE_LINE:
        return Stack(frames, "irregular-positions", "The slices' origins don't lie on one line")
    geometry = _geometry(frames, step, row, column, origins[0])
    return VolumeLayout(geometry, frames, tuple(_tilt(step, column, gap)))


def _geometry(
    frames: tuple[FrameRef, ...],
    step: NDArray[np.float64],
    row: NDArray[np.float64],
    column: NDArray[np.float64],
    origin: NDArray[np.float64],
) -> VolumeGeometry:
    d = frames[0].instance.description
    assert d.spacing is not None and d.pixels is not None
    affine = affines.from_steps(step, column * d.spacing[0], row * d.spacing[1], origin)
    return VolumeGeometry((len(frames), d.pixels.rows, d.pixels.columns), affine)


def _tilt(step: NDArray[np.float64], column: NDArray[np.float64], gap: float) -> list[LayoutWarning]:
    degrees = float(np.degrees(np.arctan2(step @ column, gap)))
    if abs(degrees) <= TILT_WARNING:
        return []
    details = f"The slices are stacked {degrees:.1f} degrees off their normal; planes are cut true to it"
    return [LayoutWarning("gantry-tilt", details, (("Degrees", round(degrees, 3)),))]


def damage(slices: Sequence[int]) -> list[LayoutWarning]:
    """The warning about slices that hold no data because their files are damaged."""
    if not slices:
        return []
    named = ", ".join(map(str, slices[:MOST_NAMED])) + (", ..." if len(slices) > MOST_NAMED else "")
    return [LayoutWarning("damaged", f"{len(slices)} slices without data, their files are damaged: {named}")]


def _may_fit_int16(instance: Instance) -> bool:
    pixels = instance.description.pixels
    is_small = pixels is not None and pixels.bits_allocated <= 16 and instance.pixel_tag == INTEGER_PIXELS
    return is_small and instance.description.rescale.is_whole
