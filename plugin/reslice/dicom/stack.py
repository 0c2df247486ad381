"""From the instances of a series to its volumes, or the reason why there is none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.instance import Description, Instance
from reslice.dicom.layout import FrameRef, LayoutWarning, Other, SeriesLayout, Stack, VolumeLayout, origins_of
from reslice.imaging import affine as affines
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


def _ordered(frames: tuple[FrameRef, ...]) -> tuple[tuple[FrameRef, ...], NDArray[np.float64]]:
    """The frames by their place along the normal, increasing, and those places in mm."""
    along = origins_of(frames) @ _directions(frames[0].instance.description)[2]
    order = np.argsort(along, kind="stable")
    return tuple(frames[k] for k in order), along[order]


def _volume(frames: tuple[FrameRef, ...], along: NDArray[np.float64]) -> VolumeLayout | Stack:
    origins = origins_of(frames)
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
