"""What is drawn onto display images: overlay planes (PS3.3 C.9.2) and shutters (PS3.3 C.7.6.11).

Masks are boolean arrays on the stored grid, shape (rows, columns); rows and columns count from 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry

Mask = NDArray[np.bool_]
Display = NDArray[np.uint8]

BRIGHT = 200
"""Mean grey level under an overlay from which black is seen better than white."""
HIDDEN_FROM = 0.5
"""Share of a shutter in an interpolated pixel from which the pixel is hidden."""
WHITE, BLACK = 255, 0


@dataclass(frozen=True, eq=False)
class Overlay:
    """A plane of bits whose first one lies at (row, column) of the image, perhaps outside of it."""

    row: int
    column: int
    bits: Mask

    def mask(self, shape: tuple[int, int]) -> Mask:
        """The bits on the image's grid; what lies outside is cut off."""
        mask = np.zeros(shape, dtype=np.bool_)
        rows, columns = (
            slice(max(0, start), max(0, min(size, start + bits)))
            for start, bits, size in zip((self.row, self.column), self.bits.shape, shape, strict=True)
        )
        inside = self.bits[max(0, -self.row) :, max(0, -self.column) :]
        target = mask[rows, columns]
        target[...] = inside[: target.shape[0], : target.shape[1]]
        return mask


@dataclass(frozen=True)
class Rectangle:
    """Its edges are rows and columns that are still seen."""

    top: int
    bottom: int
    left: int
    right: int

    def mask(self, shape: tuple[int, int]) -> Mask:
        """The pixels inside."""
        rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
        inside: Mask = (rows >= self.top) & (rows <= self.bottom) & (columns >= self.left) & (columns <= self.right)
        return inside


@dataclass(frozen=True)
class Circle:
    """A circle on the screen: its radius counts pixels along a row, `height` is that of a pixel of width 1."""

    row: float
    column: float
    radius: float
    height: float = 1.0

    def mask(self, shape: tuple[int, int]) -> Mask:
        """The pixels inside."""
        down = (np.arange(shape[0])[:, None] - self.row) * self.height
        across = np.arange(shape[1]) - self.column
        inside: Mask = down**2 + across**2 <= self.radius**2
        return inside


@dataclass(frozen=True)
class Polygon:
    """Corners as (row, column); the last is joined to the first."""

    corners: tuple[tuple[float, float], ...]

    def mask(self, shape: tuple[int, int]) -> Mask:
        """The pixels inside or on the edge, by the even-odd rule."""
        mask = np.zeros(shape, dtype=np.bool_)
        ends = np.array(self.corners, dtype=np.float64).reshape(-1, 2)
        starts = np.roll(ends, 1, axis=0)
        low, high = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
        for row in range(max(0, math.ceil(low.min())), min(shape[0] - 1, math.floor(high.max())) + 1):
            for crossed in ((low <= row) & (row < high), (low < row) & (row <= high)):  # from below, and from above
                _fill(mask[row], _crossings(starts[crossed], ends[crossed], row))
        return mask


def _crossings(starts: NDArray[np.float64], ends: NDArray[np.float64], row: int) -> list[float]:
    """The columns, in order, at which edges cross a row."""
    shares = (row - starts[:, 0]) / (ends[:, 0] - starts[:, 0])
    columns: list[float] = np.sort(starts[:, 1] + shares * (ends[:, 1] - starts[:, 1])).tolist()
    return columns


def _fill(line: Mask, crossings: Sequence[float]) -> None:
    for begin, end in zip(crossings[::2], crossings[1::2], strict=True):
        line[max(0, math.ceil(begin)) : max(0, math.floor(end) + 1)] = True


Shape = Rectangle | Circle | Polygon


@dataclass(frozen=True, eq=False)
class Shutter:
    """What may be seen: the pixels inside all shapes and not under the bitmap; the others get `level` (0..255)."""

    shapes: tuple[Shape, ...] = ()
    bitmap: Overlay | None = None
    level: int = BLACK

    def hidden(self, shape: tuple[int, int]) -> Mask:
        """The pixels that are not to be seen."""
        hidden = self.bitmap.mask(shape) if self.bitmap is not None else np.zeros(shape, dtype=np.bool_)
        for part in self.shapes:
            hidden |= ~part.mask(shape)
        return hidden


def with_shutter(image: Display, shutter: Shutter, plane: ImagePlane, where: ImagePlane) -> Display:
    """A grey or RGB image on `where`, which lies on the stored `plane`, with the shutter closed."""
    hidden = shutter.hidden(plane.shape)
    hidden = hidden if where is plane else _sampled(hidden, plane, where) >= HIDDEN_FROM
    image = image.copy()
    image[hidden] = shutter.level
    return image


def with_overlays(image: Display, overlays: Sequence[Overlay], plane: ImagePlane, where: ImagePlane) -> Display:
    """The same with overlays drawn in white, or in black where it is bright under them."""
    if not overlays:
        return image
    mask = np.zeros(plane.shape, dtype=np.bool_)
    for overlay in overlays:
        mask |= overlay.mask(plane.shape)
    coverage = _coverage(mask, plane, where)
    drawn = coverage > 0
    if not drawn.any():
        return image
    level = BLACK if image[drawn].mean() >= BRIGHT else WHITE
    share = coverage[drawn].reshape(-1, *[1] * (image.ndim - 2))
    image = image.copy()
    image[drawn] = np.rint(image[drawn] * (1 - share) + level * share).astype(np.uint8)
    return image


def _coverage(mask: Mask, plane: ImagePlane, where: ImagePlane) -> NDArray[np.float32]:
    """The share 0..1 of a drawing in each pixel of another plane; no line gets lost where the image shrinks."""
    if where is plane:
        return mask.astype(np.float32)
    down, across = (math.ceil(new / old - 1e-6) for new, old in zip(where.spacing, plane.spacing, strict=True))
    return _sampled(_grown(_grown(mask, down, 0), across, 1), plane, where)


def _sampled(mask: Mask, plane: ImagePlane, where: ImagePlane) -> NDArray[np.float32]:
    """A mask on other pixels, interpolated; nothing outside of it."""
    volume = Volume(VolumeGeometry((1, *mask.shape), plane.affine), mask[None].astype(np.float32))
    return np.nan_to_num(cut(volume, where), nan=0.0).astype(np.float32, copy=False)


def _grown(mask: Mask, size: int, axis: int) -> Mask:
    """Each bit made `size` pixels long along an axis."""
    if size <= 1:
        return mask
    places = np.arange(mask.shape[axis])
    sums = np.insert(np.cumsum(mask, axis=axis, dtype=np.int32), 0, 0, axis=axis)
    after = np.minimum(places + size // 2 + 1, len(places))
    before = np.maximum(places - (size - 1) // 2, 0)
    grown: Mask = sums.take(after, axis=axis) > sums.take(before, axis=axis)
    return grown
