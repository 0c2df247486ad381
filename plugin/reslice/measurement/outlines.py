"""Rectangles and ellipses in space, and what all outlines of areas have in common."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.measurement.polygon import Polygon
from reslice.measurement.shapes import Points, require_count, steps_between
from reslice.measurement.tolerances import BORDER, is_slight


@dataclass(frozen=True, eq=False)
class Rectangle:
    """A corner and the two sides that start there, at right angles, each of shape (3,)."""

    corner: Vector
    u: Vector
    v: Vector

    @classmethod
    def of(cls, points: Points) -> "Rectangle":
        """From four corners in order around it.

        Raises InvalidMeasurement (`wrong-point-count`, `coincident-points`, `not-a-rectangle`, `zero-area`).
        """
        require_count(points, 4, "A rectangle has four corners")
        sides = steps_between(points, closed=True).tolist()
        u, v = points[1] - points[0], points[3] - points[0]
        _require_area(u, v)
        open_by = float(np.linalg.norm(points[2] - points[1] - v))
        if not (is_slight(open_by, sides) and is_slight(abs(float(u @ v)) / max(sides), sides)):
            details = "Opposite sides of a rectangle are equal, and neighbouring ones at right angles"
            raise InvalidMeasurement(details, reason="not-a-rectangle")
        return cls(affines.frozen(points[0]), affines.frozen(u), affines.frozen(v))

    @property
    def area(self) -> float:
        """|u x v|."""
        return float(np.linalg.norm(np.cross(self.u, self.v)))

    @property
    def perimeter(self) -> float:
        """2 (|u| + |v|)."""
        return 2 * float(np.linalg.norm(self.u) + np.linalg.norm(self.v))

    @property
    def normal(self) -> Vector:
        """The unit direction of u x v."""
        return affines.unit(np.cross(self.u, self.v))

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Which points, shape (..., 3), lie inside or on the border, as seen along the normal."""
        inside = np.ones(np.shape(points)[:-1], dtype=np.bool_)
        for side, other in ((self.u, self.v), (self.v, self.u)):
            across = affines.unit(side - other * (side @ other) / (other @ other))
            place = (points - self.corner) @ across
            inside &= (place >= -BORDER) & (place <= side @ across + BORDER)
        return inside

    @property
    def corners(self) -> Points:
        """The four corners in order, shape (4, 3)."""
        return self.corner + np.stack([0 * self.u, self.u, self.u + self.v, self.v])

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """The least and the greatest coordinates, shape (3,) each."""
        return self.corners.min(axis=0), self.corners.max(axis=0)


@dataclass(frozen=True, eq=False)
class Ellipse:
    """A centre and two semi-axes at right angles, each of shape (3,)."""

    center: Vector
    a: Vector
    b: Vector

    @classmethod
    def of(cls, points: Points) -> "Ellipse":
        """From the ends of one axis and the ends of the other; which is longer doesn't matter.

        Raises InvalidMeasurement (`wrong-point-count`, `coincident-points`, `axes-not-perpendicular`: or not about
        one centre, `zero-area`).
        """
        require_count(points, 4, "An ellipse has four points: the ends of its axes")
        axes = [float(steps_between(ends)[0]) for ends in (points[:2], points[2:])]
        u, v = points[1] - points[0], points[3] - points[2]
        _require_area(u, v)
        apart = float(np.linalg.norm(points[:2].mean(axis=0) - points[2:].mean(axis=0)))
        if not (is_slight(abs(float(u @ v)) / max(axes), axes) and is_slight(apart, axes)):
            details = "The axes of an ellipse are at right angles in mm, and have one centre"
            raise InvalidMeasurement(details, reason="axes-not-perpendicular")
        return cls(affines.frozen(points.mean(axis=0)), affines.frozen(u / 2), affines.frozen(v / 2))

    @property
    def semi_axes(self) -> tuple[float, float]:
        """The lengths of both."""
        return float(np.linalg.norm(self.a)), float(np.linalg.norm(self.b))

    @property
    def area(self) -> float:
        """Pi a b."""
        return math.pi * math.prod(self.semi_axes)

    @property
    def perimeter(self) -> float:
        """4 a E(e), to float precision (see `ellipse_perimeter`)."""
        return ellipse_perimeter(*self.semi_axes)

    @property
    def normal(self) -> Vector:
        """The unit direction of a x b."""
        return affines.unit(np.cross(self.a, self.b))

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Which points, shape (..., 3), lie inside or on the border, as seen along the normal."""
        there = points - self.center
        return is_within([there @ axis / (axis @ axis) for axis in (self.a, self.b)], self.semi_axes)

    @property
    def corners(self) -> Points:
        """The corners of the rectangle around it, along its axes, shape (4, 3)."""
        return self.center + np.stack([self.a + self.b, self.b - self.a, -self.a - self.b, self.a - self.b])

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """The least and the greatest coordinates, shape (3,) each."""
        reach = np.hypot(self.a, self.b)
        return self.center - reach, self.center + reach


Outline: TypeAlias = Polygon | Rectangle | Ellipse
"""What encloses an area: `area`, `perimeter`, `normal`, `contains`, `corners` and `bounds`."""


def is_within(parts: list[NDArray[np.float64]], semi_axes: tuple[float, ...]) -> NDArray[np.bool_]:
    """Whether places lie inside an ellipse or ellipsoid, or no further than BORDER from it.

    `parts` are the coordinates along each axis, in units of the semi-axis. With f = the sum of their squares - 1,
    the distance to the border is f / |gradient of f|, to the second order in the distance itself.
    """
    excess = sum(part * part for part in parts) - 1
    slope = np.sqrt(sum((part / axis) ** 2 for part, axis in zip(parts, semi_axes, strict=True)))
    inside: NDArray[np.bool_] = np.less_equal(excess, 2 * BORDER * slope)
    return inside


def ellipse_perimeter(a: float, b: float) -> float:
    """The perimeter of an ellipse of semi-axes a and b > 0, by the arithmetic-geometric mean.

    4 a E(e) = 2 pi / M(a, b) * (a^2 - sum of 2^(n-1) c_n^2), c_0^2 = a^2 - b^2, c_n = (a_(n-1) - b_(n-1)) / 2
    (Abramowitz and Stegun 17.6.4, scaled by a). Each step doubles the digits that are right.
    """
    long, short = max(a, b), min(a, b)
    total, power = (long * long + short * short) / 2, 1.0  # a^2 - c_0^2 / 2
    while long - short > 1e-15 * long:
        total -= power * ((long - short) / 2) ** 2
        long, short, power = (long + short) / 2, math.sqrt(long * short), 2 * power
    return 2 * math.pi * total / long


def _require_area(u: Vector, v: Vector) -> None:
    """Refuse two directions that enclose less than float noise (`zero-area`)."""
    longest = max(float(np.linalg.norm(u)), float(np.linalg.norm(v)))
    if float(np.linalg.norm(np.cross(u, v))) <= BORDER * longest:
        raise InvalidMeasurement("The points enclose no area", reason="zero-area")
