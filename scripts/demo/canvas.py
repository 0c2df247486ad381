"""A grid of Hounsfield units in LPS millimetres, and soft-edged shapes to paint on it.

A shape is a signed distance in millimetres: negative inside, 0 on its surface. Its edge is a ramp of SOFT
millimetres around 0, as a scanner would blur it, so that half its contrast stands at its true size.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]
Distance = Callable[[Array, Array, Array], Array]
Translation = Callable[[Any], Any]

SOFT = 1.4
SHEAF = 100_000  # voxels that are painted together: few enough for the processor's cache


class Canvas:
    """Hounsfield units (slice, row, column); x grows to the left, y to the back, z to the head."""

    def __init__(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> None:
        """Begin with air at the places `x`, `y`, `z` (mm, increasing)."""
        self.x, self.y, self.z = (np.asarray(axis, np.float32) for axis in (x, y, z))
        self.hu = np.full((self.z.size, self.y.size, self.x.size), -1000, np.float32)
        self._translate: Translation | None = None

    @contextmanager
    def translating(self, translate: Translation) -> Iterator[None]:
        """Paint `translate`d values meanwhile: the same anatomy as another way of imaging sees it."""
        before, self._translate = self._translate, translate
        try:
            yield
        finally:
            self._translate = before

    def paint(self, low: ArrayLike, high: ArrayLike, distance: Distance, hu: "float | Distance") -> None:
        """Blend `hu` in where `distance` is negative, within the box from `low` to `high` (x, y, z)."""
        spans = [
            slice(*np.searchsorted(axis, (start - SOFT, stop + SOFT)))
            for axis, start, stop in zip((self.x, self.y, self.z), np.asarray(low), np.asarray(high), strict=True)
        ]
        x = self.x[spans[0]]
        y = self.y[spans[1], None]
        if not (x.size and y.size):
            return
        step = max(1, SHEAF // (x.size * y.size))
        for first in range(spans[2].start, spans[2].stop, step):
            sheaf = slice(first, min(first + step, spans[2].stop))
            z = self.z[sheaf, None, None]
            region = self.hu[sheaf, spans[1], spans[0]]
            value = hu(x, y, z) if callable(hu) else np.float32(hu)
            if self._translate is not None:
                value = np.float32(self._translate(value))
            region += coverage(distance(x, y, z)) * (value - region)

    def ellipsoid(self, center: ArrayLike, radii: ArrayLike, hu: "float | Distance") -> None:
        """Paint an axis-aligned ellipsoid."""
        center, radii = np.asarray(center, np.float32), np.asarray(radii, np.float32)
        self.paint(center - radii, center + radii, ellipsoid(center, radii), hu)

    def tube(self, points: ArrayLike, radii: ArrayLike, hu: "float | Distance") -> None:
        """Paint round cones along a polyline, one radius a point (or one for all)."""
        points = np.asarray(points, np.float32)
        radii = np.broadcast_to(np.asarray(radii, np.float32), len(points))
        for start, end, first, last in zip(points, points[1:], radii, radii[1:], strict=False):
            self.segment(start, end, first, last, hu)

    def segment(self, start: Array, end: Array, first: float, last: float, hu: "float | Distance") -> None:
        """Paint one round cone."""
        reach = max(first, last)
        low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
        self.paint(low, high, round_cone(start, end, first, last), hu)


def coverage(distance: Array) -> Array:
    """Give the part of each voxel that a shape covers."""
    return np.clip(0.5 - distance / SOFT, 0, 1, dtype=np.float32)


def ellipsoid(center: ArrayLike, radii: ArrayLike) -> Distance:
    """Approximate the distance to an ellipsoid by value over gradient; exact for a sphere."""
    (cx, cy, cz), (rx, ry, rz) = np.asarray(center, np.float32), np.asarray(radii, np.float32)

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, v, w = (x - cx) / rx, (y - cy) / ry, (z - cz) / rz
        value = np.sqrt(u * u + v * v + w * w)
        gradient = np.sqrt((u / rx) ** 2 + (v / ry) ** 2 + (w / rz) ** 2)
        return value * (value - 1) / np.maximum(gradient, np.float32(1e-6))

    return distance


def round_cone(start: Array, end: Array, first: float, last: float) -> Distance:
    """Give the distance to a segment, less a radius that runs from `first` to `last`."""
    axis = end - start
    length2 = max(float(axis @ axis), 1e-6)

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, v, w = x - start[0], y - start[1], z - start[2]
        along = np.clip((u * axis[0] + v * axis[1] + w * axis[2]) / length2, 0, 1)
        u, v, w = u - along * axis[0], v - along * axis[1], w - along * axis[2]
        return np.sqrt(u * u + v * v + w * w) - (first + along * (last - first))

    return distance


def texture(wavelength: float, seed: int) -> Distance:
    """Make an irregular pattern between about -1 and 1: plane waves in random directions."""
    random = np.random.default_rng(seed)
    directions = random.normal(size=(7, 3))
    directions *= 2 * np.pi / (wavelength * random.uniform(0.7, 1.5, (7, 1)))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) / np.linalg.norm(directions, axis=1).mean()
    phases = random.uniform(0, 2 * np.pi, 7)

    def pattern(x: Array, y: Array, z: Array) -> Array:
        waves = (
            np.sin(np.float32(u) * x + np.float32(v) * y + np.float32(w) * z + np.float32(phase))
            for (u, v, w), phase in zip(directions, phases, strict=True)
        )
        return sum(waves) * np.float32(0.38)

    return pattern


def smooth_union(first: Array, second: Array, blend: float) -> Array:
    """Join two distances with a fillet of about `blend` millimetres."""
    mix = np.clip(0.5 + 0.5 * (second - first) / blend, 0, 1)
    return second + mix * (first - second) - blend * mix * (1 - mix)


def smooth_curve(points: Sequence[Sequence[float]], step: float = 4) -> Array:
    """Run a Catmull-Rom spline through `points`, sampled about every `step` millimetres."""
    control = np.asarray(points, np.float64)
    control = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    pieces = []
    for before, start, end, after in zip(control, control[1:], control[2:], control[3:], strict=False):
        count = max(2, int(np.linalg.norm(end - start) / step))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.vstack([*pieces, control[-2:-1]]).astype(np.float32)
