"""Shapes whose lengths, angles and areas are known by heart, in mm on a plane, and where they lie in the patient."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms import Acquisition

Array = NDArray[np.float64]
Flat = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Shape:
    """Points in mm along the rows and down the columns of a plane, none further than 4 mm from its middle."""

    type: str
    tool: str
    points: Flat
    expected: dict[tuple[str, str], float]


def turned(points: Flat, degrees: float) -> Flat:
    """The same about the middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(c * x - s * y, s * x + c * y) for x, y in points]


def ellipse_perimeter(a: float, b: float, steps: int = 2000) -> float:
    """By the trapezoidal rule, which is exact to float precision on a smooth closed curve."""
    t = np.arange(steps) * (2 * math.pi / steps)
    return float(np.hypot(a * np.sin(t), b * np.cos(t)).mean() * 2 * math.pi)


def area(mm2: float, mm: float) -> dict[tuple[str, str], float]:
    return {("Area", "mm2"): mm2, ("Perimeter", "mm"): mm}


def ray(degrees: float, length: float) -> tuple[float, float]:
    return length * math.cos(math.radians(degrees)), length * math.sin(math.radians(degrees))


L_SHAPE = [(-3.0, -2.0), (3.0, -2.0), (3.0, 0.0), (-1.0, 0.0), (-1.0, 2.0), (-3.0, 2.0)]
SHAPES = {
    "line": Shape("distance", "line", [(-1.5, -2.0), (1.5, 2.0)], {("Length", "mm"): 5.0}),
    "short-line": Shape("distance", "line", [(0.0, 0.0), (0.003, 0.004)], {("Length", "mm"): 0.005}),
    "polyline": Shape(
        "distance", "polyline", [(-1.5, -2.0), (1.5, 2.0), (-2.5, 2.0), (-2.5, -1.0)], {("Length", "mm"): 12.0}
    ),
    "angle": Shape("angle", "angle", [ray(10, 3), (0.0, 0.0), ray(50, 2)], {("Angle", "deg"): 40.0}),
    "obtuse-angle": Shape("angle", "angle", [ray(-100, 3), (0.0, 0.0), ray(70, 3.5)], {("Angle", "deg"): 170.0}),
    "slight-angle": Shape("angle", "angle", [ray(30, 3), (0.0, 0.0), ray(30.01, 3)], {("Angle", "deg"): 0.01}),
    "straight-angle": Shape("angle", "angle", [(-3.0, 1.5), (0.0, 0.0), (3.0, -1.5)], {("Angle", "deg"): 180.0}),
    "cobb": Shape(
        "angle",
        "cobb",
        [ray(190, 3.5), ray(10, 3.5), ray(155, 2.0), ray(-25, 3.0)],
        {("Angle", "deg"): 35.0, ("Supplement", "deg"): 145.0},
    ),
    "polygon": Shape("area", "polygon", turned(L_SHAPE, 20), area(16.0, 20.0)),
    "polygon-other-way": Shape("area", "polygon", turned(L_SHAPE, 20)[::-1], area(16.0, 20.0)),
    "rectangle": Shape(
        "area", "rectangle", turned([(-2.5, -1.5), (2.5, -1.5), (2.5, 1.5), (-2.5, 1.5)], 30), area(15.0, 16.0)
    ),
    "ellipse": Shape(
        "area",
        "ellipse",
        turned([(-3.5, 0.0), (3.5, 0.0), (0.0, -2.0), (0.0, 2.0)], 30),
        area(math.pi * 7.0, ellipse_perimeter(3.5, 2.0)),
    ),
    "circle": Shape(
        "area", "ellipse", [(-3.0, 0.0), (3.0, 0.0), (0.0, 3.0), (0.0, -3.0)], area(math.pi * 9, math.pi * 6)
    ),
}


def middle_of(acquisition: Acquisition, k: int) -> Array:
    """The middle of slice k (LPS mm)."""
    _, rows, columns = acquisition.shape
    return acquisition.affine[:3] @ [k, (rows - 1) / 2, (columns - 1) / 2, 1]


def in_pixels(points: Flat, acquisition: Acquisition) -> list[list[float]]:
    """[column, row] of points about the middle of a slice."""
    _, rows, columns = acquisition.shape
    _, down, right = acquisition.spacing
    return [[(columns - 1) / 2 + x / right, (rows - 1) / 2 + y / down] for x, y in points]


def in_patient(points: Flat, middle: Array, row: Sequence[float], column: Sequence[float]) -> list[list[float]]:
    """LPS mm of points on a plane through `middle`."""
    return (middle + np.array(points) @ np.array([row, column], dtype=float)).tolist()


def plane(position: Array, row: Sequence[float], column: Sequence[float]) -> dict[str, list[float]]:
    """As a body names it."""
    return {"Position": position.tolist(), "Row": [float(c) for c in row], "Column": [float(c) for c in column]}


def directions(about_x: float, about_y: float, about_z: float) -> tuple[Array, Array]:
    """Row and column of a plane turned by so many degrees about the patient's axes, one after the other."""
    matrix = np.eye(3)
    for axis, degrees in enumerate((about_x, about_y, about_z)):
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        i, j = ((1, 2), (2, 0), (0, 1))[axis]
        turn = np.eye(3)
        turn[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
        matrix = turn @ matrix
    return matrix[:, 0], matrix[:, 1]
