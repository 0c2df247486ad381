"""Lengths and angles between points (the outlines of areas stand in `outlines`).

Points are float64, shape (N, 3): LPS mm, or pixels that the caller has scaled, with z = 0. The unit of a length is
theirs.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement
from reslice.imaging.affine import Vector
from reslice.measurement.tolerances import BORDER

Points = NDArray[np.float64]


def length(points: Points) -> float:
    """The length of a line through two or more points: the sum of Euclidean distances from one to the next.

    Raises InvalidMeasurement (`wrong-point-count`, `coincident-points`).
    """
    if len(points) < 2:
        raise InvalidMeasurement("A line has two points or more", reason="wrong-point-count", Points=len(points))
    return float(steps_between(points).sum())


def angle(points: Points) -> float:
    """The angle at the second of three points, 0 to 180 degrees: atan2(|u x v|, u . v), precise near both ends.

    Raises InvalidMeasurement (`wrong-point-count`, `coincident-points`).
    """
    require_count(points, 3, "An angle has three points, its vertex second")
    first, vertex, last = points
    steps_between(points)
    return angle_between(first - vertex, last - vertex)


def cobb(points: Points) -> tuple[float, float]:
    """The angle between two lines a0 a1 b0 b1, 0 to 180 degrees, and its supplement.

    A line starts at the end with the smaller projection on the mean direction of both lines as drawn. With unit
    directions u and v, the projection of u on the mean is (1 + u . v) / 2, and so is that of v: never negative.
    So each line keeps the direction in which it was drawn, and lines drawn against each other have no mean
    direction that could turn them: the angle is that between u and v, up to 180 degrees. Whoever drew one of
    the lines the other way reads the usual angle in the supplement.

    Raises InvalidMeasurement (`wrong-point-count`, `coincident-points`).
    """
    require_count(points, 4, "A Cobb angle has four points: the ends of two lines")
    steps_between(points[:2])
    steps_between(points[2:])
    between = angle_between(points[1] - points[0], points[3] - points[2])
    return between, 180 - between


def angle_between(u: Vector, v: Vector) -> float:
    """The angle between two directions of any length but 0, 0 to 180 degrees."""
    # The unit vectors keep products of very short or very long ones within the range of numbers.
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    return math.degrees(math.atan2(float(np.linalg.norm(np.cross(u, v))), float(u @ v)))


def dropped(points: Points, origin: Vector, normal: Vector) -> Points:
    """Points, shape (N, 3), moved along a unit normal to the plane through an origin; those on it stay."""
    return points - ((points - origin) @ normal)[:, None] * normal


def require_count(points: Points, count: int, details: str) -> None:
    """Refuse another number of points (InvalidMeasurement `wrong-point-count`)."""
    if len(points) != count:
        raise InvalidMeasurement(details, reason="wrong-point-count", Points=len(points))


def steps_between(points: Points, *, closed: bool = False) -> NDArray[np.float64]:
    """The distances from each point to the next, and where `closed` from the last to the first.

    Raises InvalidMeasurement (`coincident-points`) where one is 0.
    """
    following = np.roll(points, -1, axis=0)
    distances: NDArray[np.float64] = np.linalg.norm(following - points, axis=1)
    distances = distances if closed else distances[:-1]
    if (distances <= BORDER).any():
        raise InvalidMeasurement(
            "Two successive points coincide", reason="coincident-points", Index=int(np.argmin(distances))
        )
    return distances
