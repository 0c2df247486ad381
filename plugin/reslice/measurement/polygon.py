"""A polygon in space that is plane within a tolerance, and knows its area and what lies inside."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.measurement.crossing import is_simple
from reslice.measurement.filling import fill
from reslice.measurement.inside import BandedRing
from reslice.measurement.shapes import Points, steps_between
from reslice.measurement.tolerances import BORDER


@dataclass(frozen=True, eq=False)
class Polygon:
    """A simple polygon; `points`, shape (N, 3), go once around it, the first isn't repeated.

    `area` is half the length of Newell's vector sum, `normal` its unit direction, `perimeter` the sum of edges.
    """

    points: Points
    normal: Vector
    area: float
    perimeter: float

    @classmethod
    def of(cls, points: Points, flatness: float) -> "Polygon":
        """From three or more vertices in order, none further than `flatness` from their mean plane.

        A last point that repeats the first is dropped. Raises InvalidMeasurement (`wrong-point-count`,
        `coincident-points`: along the normal, too, `zero-area`, `self-intersecting`: edges that cross, touch or
        overlap too) and Unmeasurable (`not-planar`).
        """
        ring = affines.frozen(opened(points))
        if len(ring) < 3:
            raise InvalidMeasurement("A polygon has three points or more", reason="wrong-point-count", Points=len(ring))
        perimeter = float(steps_between(ring, closed=True).sum())
        around = ring - ring.mean(axis=0)
        doubled = np.cross(around, np.roll(around, -1, axis=0)).sum(axis=0)  # Newell's vector: twice the area
        area = float(np.linalg.norm(doubled)) / 2
        is_empty = area <= BORDER * perimeter
        normal = _thinnest_direction(around) if is_empty else affines.unit(doubled)
        _require_flat(around, normal, flatness)
        planar = around @ _basis(normal).T
        steps_between(planar, closed=True)  # an edge along the normal has no length in the plane
        if not is_simple(planar):
            details = "The polygon crosses, touches or overlaps itself"
            raise InvalidMeasurement(details, reason="self-intersecting")
        if is_empty:
            raise _no_area()
        return cls(ring, affines.frozen(normal), area, perimeter)

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Which points, shape (..., 3), lie inside or on the border, as seen along the polygon's normal."""
        planar = (np.asarray(points, dtype=np.float64) - self._middle) @ self._axes.T
        return self._ring.covers(planar.reshape(-1, 2)).reshape(planar.shape[:-1])

    def filled(
        self, origin: Vector, step_right: Vector, step_down: Vector, shape: tuple[int, int]
    ) -> NDArray[np.bool_]:
        """The same of the pixels of a grid, (rows, columns) of them, far faster; it doesn't stand upright on the plane.

        `origin` is the centre of the first pixel, all of shape (3,).
        """
        across = step_right - (step_right @ self.normal) * self.normal
        axes = np.stack([affines.unit(across), np.cross(self.normal, affines.unit(across))])
        ring, start = (self.points - self._middle) @ axes.T, axes @ (origin - self._middle)
        return fill(ring, start, float(np.linalg.norm(across)), axes @ step_down, shape)

    @property
    def corners(self) -> Points:
        """Points whose convex hull holds the outline, shape (N, 3)."""
        return self.points

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """The least and the greatest coordinates, shape (3,) each."""
        return self.points.min(axis=0), self.points.max(axis=0)

    @cached_property
    def _middle(self) -> Vector:
        return affines.frozen(self.points.mean(axis=0))

    @cached_property
    def _axes(self) -> NDArray[np.float64]:
        """Turned so that the bands of `_ring` cross as few edges as they can."""
        across, other = _basis(self.normal)
        steps = np.abs(np.diff(self.points, axis=0) @ np.stack([across, other]).T).sum(axis=0)
        return affines.frozen(np.stack([across, other] if steps[1] <= steps[0] else [other, across]))

    @cached_property
    def _ring(self) -> BandedRing:
        return BandedRing.of((self.points - self._middle) @ self._axes.T)


def opened(points: Points) -> Points:
    """Without a last point that repeats the first."""
    is_closed = len(points) > 1 and float(np.linalg.norm(points[-1] - points[0])) <= BORDER
    return points[:-1] if is_closed else points


def _thinnest_direction(around: Points) -> Vector:
    """The normal of the plane that fits points about their mean best, where Newell's sum gives none: a balanced eight.

    Points on one line enclose nothing (`zero-area`).
    """
    _, extents, directions = np.linalg.svd(around, full_matrices=True)
    if extents[1] <= BORDER * np.sqrt(len(around)):
        raise _no_area()
    normal: Vector = directions[2]
    return normal


def _no_area() -> InvalidMeasurement:
    return InvalidMeasurement("The points enclose no area", reason="zero-area")


def _require_flat(around: Points, normal: Vector, flatness: float) -> None:
    furthest = float(np.abs(around @ normal).max())
    if furthest > flatness + BORDER:
        raise Unmeasurable(
            f"A vertex lies {furthest:.3f} mm from the polygon's mean plane, more than {flatness:.3f} mm",
            reason="not-planar",
            Distance=furthest,
            Limit=flatness,
        )


def _basis(normal: Vector) -> NDArray[np.float64]:
    """Two unit directions at right angles to a unit normal and to each other, shape (2, 3)."""
    across = affines.unit(np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))]))
    return np.stack([across, np.cross(normal, across)])
