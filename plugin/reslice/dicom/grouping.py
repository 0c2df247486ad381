"""Frames gathered by kind: only frames of one kind can be slices of one volume."""

from collections import defaultdict

from reslice.dicom.description import Description
from reslice.dicom.instance import Instance
from reslice.dicom.layout import FrameRef

COSINE_STEP = 1e-3
"""Direction cosines that agree within this belong to one orientation."""
SPACING_STEP = 1e-4
"""Pixel spacings that agree within this part of themselves are equal."""

Kind = tuple[object, ...]


class Groups:
    """Frames that may be slices of one volume, gathered."""

    def __init__(self) -> None:
        self._groups: dict[Kind, list[FrameRef]] = defaultdict(list)
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
            self._groups[self._kind(ref)].append(ref)

    def _kind(self, ref: FrameRef) -> Kind:
        """The group's key; a shared Description is looked at once."""
        description = ref.description
        found = self._kinds.get(id(description))
        if found is None:
            kind = _kind(description)
            found = next((known for known in self._groups if _is_same(known, kind)), kind)
            self._kinds[id(description)] = found
            self._kept.append(description)
            self._groups.setdefault(found, [])
        return found


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
