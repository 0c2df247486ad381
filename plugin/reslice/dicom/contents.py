"""What a header says of each frame: by functional groups, dose grid offsets, detectors, mosaics, or of all alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from reslice.dicom.description import Description
from reslice.dicom.moments import Phase
from reslice.dicom.mosaic import Mosaic
from reslice.dicom.sequences import RawValues, flattened
from reslice.dicom.tags import ALIASES, IN_GROUPS, MACROS, PHASE_TAGS, Tag
from reslice.dicom.values import Cosines, Point, Values, points_along
from reslice.errors import Damaged

NM, SEGMENTATION = "NM", "SEG"
RECONSTRUCTED = "RECON TOMO"
"""NM image type value 3 of slices reconstructed from projections (PS3.3 C.8.4.9.1.1.3)."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame: its description, the centre of its first pixel (LPS mm), and what tells it apart from others there."""

    description: Description
    position: Point | None
    phase: Phase


def frames_of(
    values: Values,
    description: Description,
    count: int,
    mosaic: Mosaic | None,
    describe: Callable[[Values], Description],
) -> tuple[Frame, ...]:
    """One Frame for each of `count`, or one for all where nothing tells them apart. Raises Damaged, NotReadable."""
    if values.has(Tag.PER_FRAME_FUNCTIONAL_GROUPS) and description.modality != SEGMENTATION:
        return _by_functional_groups(values, count, describe)
    phase, position = values.raw(PHASE_TAGS), values.point(Tag.IMAGE_POSITION)
    if mosaic is not None:
        return tuple(Frame(mosaic.description, point, phase) for point in mosaic.positions)
    places = _places(values, description, count)
    if places is not None:
        return tuple(Frame(description, place, phase) for place in places)
    described = _by_detector(values, description, count)
    if described is not None:
        return described
    return (Frame(description, position if count == 1 else None, phase),)


def _by_functional_groups(values: Values, count: int, describe: Callable[[Values], Description]) -> tuple[Frame, ...]:
    """Shared and per-frame functional groups (PS3.3 C.7.6.16) laid over the file's own level."""
    shared: RawValues = {}
    if values.content(Tag.SHARED_FUNCTIONAL_GROUPS):
        shared = next(_groups(values, Tag.SHARED_FUNCTIONAL_GROUPS, 1))
    common = values.overlaid(shared)
    together = (common.overlaid(own) for own in _groups(values, Tag.PER_FRAME_FUNCTIONAL_GROUPS, count))
    return tuple(Frame(describe(v), v.point(Tag.IMAGE_POSITION), v.raw(PHASE_TAGS)) for v in together)


def _groups(values: Values, tag: Tag, count: int) -> Iterator[RawValues]:
    """The items of a functional groups sequence, what has another name there by its usual one. Raises NotReadable."""
    for group in flattened(values.content(tag), values.implicit, MACROS, IN_GROUPS, count):
        for alias, meant in ALIASES.items():
            if alias in group:
                group[meant] = group.pop(alias)
        yield group


def _places(values: Values, d: Description, count: int) -> list[Point] | None:
    """Where the planes of a dose grid lie (PS3.3 C.8.8.3.2): offsets along the normal, or the old form, z itself."""
    if not values.has(Tag.GRID_FRAME_OFFSETS):
        return None
    offsets, first = values.numbers(Tag.GRID_FRAME_OFFSETS), values.point(Tag.IMAGE_POSITION)
    if not offsets or first is None or d.orientation is None:
        return None
    if len(offsets) != count:
        raise Damaged(f"The dose grid has {count} planes and {len(offsets)} offsets")
    along = [offset - offsets[0] for offset in offsets]
    if offsets[0] != 0 and not _is_absolute(offsets[0], first, d.orientation):
        return None
    direction = _normal(d.orientation) if offsets[0] == 0 else np.array([0.0, 0.0, 1.0])
    return points_along(first, along, direction)


def _is_absolute(offset: float, first: Point, orientation: Cosines) -> bool:
    """Whether offsets are z coordinates: only where rows and columns run along x and y."""
    return abs(offset - first[2]) < 1e-3 and abs(abs(float(_normal(orientation)[2])) - 1) < 1e-6


def _by_detector(values: Values, d: Description, count: int) -> tuple[Frame, ...] | None:
    """The slices of a reconstructed NM volume: even steps along the normal from the first (PS3.3 C.8.4.15.1.1)."""
    if d.modality not in (NM, "PT") or d.image_type[2:3] != (RECONSTRUCTED,) or count < 2:
        return None
    detectors = values.sequence(Tag.DETECTOR_INFORMATION)
    step = values.number(Tag.SPACING_BETWEEN_SLICES, 0.0)
    if len(detectors) != 1 or not step:
        return None
    first = detectors[0].point(Tag.IMAGE_POSITION)
    orientation = detectors[0].cosines(Tag.IMAGE_ORIENTATION)
    if first is None or orientation is None:
        return None
    described = replace(d, orientation=orientation)
    numbers = values.words(Tag.SLICE_VECTOR)
    slices = np.array(numbers) - 1 if len(numbers) == count else np.arange(count)
    places = points_along(first, slices, _normal(orientation), step)
    return None if places is None else tuple(Frame(described, place, values.raw(PHASE_TAGS)) for place in places)


def _normal(orientation: Cosines) -> np.ndarray:
    return np.cross(orientation[:3], orientation[3:])
