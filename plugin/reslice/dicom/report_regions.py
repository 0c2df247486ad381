"""Regions of a structured report as our tools' points (PS3.3 C.18.6, C.18.9)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reslice.dicom.report_items import ReportImage
from reslice.errors import InvalidMeasurement

FARTHEST = 1e6
"""Pixels or millimetres beyond which a coordinate is an error."""
MOST_POINTS = 20_000
CENTRE = 0.5
"""SCOORD counts from the corner of the first pixel, our points from its centre."""
COUNTS = {
    "POINT": (1, 1),
    "POLYLINE": (2, MOST_POINTS),
    "POLYGON": (3, MOST_POINTS),
    "ELLIPSE": (4, 4),
    "CIRCLE": (2, 2),
}
"""Least and most points of each graphic type that is read."""

GRAPHICS = {
    **dict.fromkeys(("line", "angle", "cobb", "polygon", "rectangle"), ("POLYLINE", "POLYGON")),
    **{"ellipse": ("ELLIPSE",), "circle": ("CIRCLE",), "point": ("POINT",)},
}
"""What each tool of a sender draws."""

Point = tuple[float, ...]


@dataclass(frozen=True)
class Region:
    """A region as it stands in the report: in pixels from the corner of the first, or in a frame of reference."""

    graphic: str
    coordinates: tuple[float, ...]
    image: ReportImage | None
    frame_of_reference: str
    is_3d: bool


@dataclass(frozen=True)
class Shape:
    """Our tool, its points, and what is worth a warning."""

    tool: str
    points: tuple[Point, ...]
    warnings: tuple[str, ...] = ()


def shape_of(region: Region, tool: str, names: frozenset[str]) -> Shape:
    """The shape of a region. `tool` is what the sender says, empty where it says nothing; `names` are its values.

    Raises InvalidMeasurement.
    """
    points = _points(region)
    if tool and region.graphic not in GRAPHICS[tool]:
        details = f"A {region.graphic} isn't what the tool {tool} draws"
        raise InvalidMeasurement(details, reason="unsupported-graphic")
    if region.graphic == "CIRCLE":
        return _circle(points, region.is_3d)
    if region.graphic == "ELLIPSE":
        return Shape("ellipse", points)
    if region.graphic == "POINT":
        return Shape("point", points)
    return _polyline(points, tool, names, region.graphic == "POLYGON")


def _points(region: Region) -> tuple[Point, ...]:
    size, shift = (3, 0.0) if region.is_3d else (2, CENTRE)
    numbers = region.coordinates
    if not numbers or len(numbers) % size or any(abs(number) > FARTHEST for number in numbers):
        raise InvalidMeasurement("The region's coordinates can't be used", reason="bad-points")
    if region.graphic not in COUNTS:
        raise InvalidMeasurement(f"Graphics of type {region.graphic[:32]!r} aren't read", reason="unsupported-graphic")
    least, most = COUNTS[region.graphic]
    count = len(numbers) // size
    if not least <= count <= most:
        raise InvalidMeasurement(f"A {region.graphic} of {count} points", reason="wrong-point-count")
    return tuple(tuple(n - shift for n in numbers[k : k + size]) for k in range(0, len(numbers), size))


def _circle(points: tuple[Point, ...], is_3d: bool) -> Shape:
    """Centre and a point of the rim as the axes of an ellipse; in space two points tell no plane."""
    if is_3d:
        raise InvalidMeasurement("A circle in space, whose plane isn't told", reason="unsupported-graphic")
    (x, y), (rim_x, rim_y) = points
    dx, dy = rim_x - x, rim_y - y
    axes = ((x - dx, y - dy), (x + dx, y + dy), (x + dy, y - dx), (x - dy, y + dx))
    return Shape("ellipse", axes, ("circle: Drawn as a circle, read as an ellipse of equal axes",))


def _polyline(points: tuple[Point, ...], tool: str, names: frozenset[str], is_polygon: bool) -> Shape:
    is_closed = is_polygon or (len(points) > 3 and points[0] == points[-1])
    outline = points[:-1] if len(points) > 1 and points[0] == points[-1] else points
    if tool == "rectangle":
        return Shape(tool, _around(_counted(outline, 4)))
    if tool in ("angle", "cobb") or (not tool and "Angle" in names and not is_closed):
        return _angle(points, tool)
    if tool == "line":
        return Shape(tool, _counted(points, 2))
    if "Area" not in names and ("Length" in names or not is_closed):
        return Shape("polyline" if len(points) > 2 or tool == "polygon" else "line", points)
    if len(outline) < 3:
        raise InvalidMeasurement("An outline of fewer than three points", reason="wrong-point-count")
    unclosed = () if is_closed else ("unclosed: The outline isn't closed; it is taken as if it were",)
    return Shape("polygon", outline, unclosed)


def _counted(points: tuple[Point, ...], count: int) -> tuple[Point, ...]:
    if len(points) != count:
        raise InvalidMeasurement(f"{len(points)} points where there have to be {count}", reason="wrong-point-count")
    return points


def _angle(points: tuple[Point, ...], tool: str) -> Shape:
    """Three points, or two lines; those that meet are an angle, unless the sender says that they are Cobb's."""
    if len(points) == 3:
        return Shape("angle", points)
    first, vertex, again, last = _counted(points, 4)
    if tool == "angle" or (not tool and vertex == again):
        return Shape("angle", (first, vertex, last))
    return Shape("cobb", points)


def _around(corners: Sequence[Point]) -> tuple[Point, ...]:
    """The corners in their order around the rectangle, also where they were stored row by row."""
    a, b, c, d = corners
    crossed = math.dist(_sum(a, d), _sum(b, c)) < math.dist(_sum(a, c), _sum(b, d))
    return (a, b, d, c) if crossed else (a, b, c, d)


def _sum(a: Point, b: Point) -> Point:
    return tuple(x + y for x, y in zip(a, b, strict=True))
