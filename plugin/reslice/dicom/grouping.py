"""Frames gathered by kind: only frames of one kind can be slices of one volume."""

import itertools
import math
from collections import defaultdict
from functools import lru_cache
from operator import mul

from reslice.dicom.description import Description
from reslice.dicom.instance import Instance
from reslice.dicom.layout import FrameRef

COSINE_STEP = 1e-3
"""Direction cosines that agree within this belong to one orientation."""
SPACING_STEP = 1e-4
"""Pixel spacings that agree within this part of themselves are equal."""

Kind = tuple[object, ...]

DIRECTIONS = ((0.61, -0.83, 0.35, 0.97, 0.53, -0.71), (-0.47, 0.29, 0.91, -0.37, 0.79, 0.67))
"""Two sums of the cosines with these weights find orientations that may agree without comparing each with each."""
CELL = COSINE_STEP * max(sum(map(abs, weights)) for weights in DIRECTIONS)
"""Sums of orientations that agree differ by less."""


class Groups:
    """Frames that may be slices of one volume, gathered."""

    def __init__(self) -> None:
        self._groups: dict[Kind, list[FrameRef]] = defaultdict(list)
        self._cells: dict[Kind, list[Kind]] = defaultdict(list)
        self._kinds: dict[int, Kind] = {}
        self._kept: list[Description] = []

    @property
    def frames(self) -> list[tuple[FrameRef, ...]]:
        """The groups, in the order in which they began."""
        return [tuple(group) for group in self._groups.values()]

    def add(self, instance: Instance) -> None:
        """All frames of an instance."""
        for number in range(instance.frames):
            ref = FrameRef(instance, number)
            self._groups[self._kind(ref.description)].append(ref)

    def _kind(self, description: Description) -> Kind:
        """The group's key; a shared Description is looked at once."""
        found = self._kinds.get(id(description))
        if found is None:
            found = self._kinds[id(description)] = self._known(_kind(description))
            self._kept.append(description)
        return found

    def _known(self, kind: Kind) -> Kind:
        """The kind of a group that is there already, or this one as a new group's."""
        cell = _cell(kind)
        for step in _steps(len(cell)):
            near = (*kind[2:], *(place + by for place, by in zip(cell, step, strict=True)))
            for known in self._cells.get(near, ()):
                if _is_same(known, kind):
                    return known
        self._cells[*kind[2:], *cell].append(kind)
        return kind


def _cell(kind: Kind) -> tuple[int, ...]:
    """Where the orientation's sums and the spacing lie; nowhere without them."""
    cosines, spacing = kind[:2]
    sums = [sum(map(mul, cosines, weights)) / CELL for weights in DIRECTIONS] if isinstance(cosines, tuple) else []
    sizes = [math.log(spacing[0]) / SPACING_STEP] if isinstance(spacing, tuple) else []
    return tuple(map(math.floor, sums + sizes))


@lru_cache(maxsize=8)
def _steps(dimensions: int) -> tuple[tuple[int, ...], ...]:
    """To a cell itself, then to its neighbours."""
    return tuple(sorted(itertools.product((-1, 0, 1), repeat=dimensions), key=lambda step: sum(map(abs, step))))


def _kind(d: Description) -> Kind:
    pixels = d.pixels
    grid = (pixels.rows, pixels.columns, pixels.samples, pixels.photometric) if pixels else ()
    image_type = tuple(d.image_type[k : k + 1] for k in (0, 2, 3))
    return (d.orientation, d.spacing, *grid, d.frame_of_reference, d.rescale_type, d.units, image_type)


def _is_same(a: Kind, b: Kind) -> bool:
    """Equal, but for the noise that files have in directions and spacings."""
    return a[2:] == b[2:] and _near(a[0], b[0], COSINE_STEP, 0) and _near(a[1], b[1], 0, SPACING_STEP)


def _near(a: object, b: object, absolute: float, relative: float) -> bool:
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return a is b
    return all(abs(x - y) <= absolute + relative * abs(y) for x, y in zip(a, b, strict=True))
