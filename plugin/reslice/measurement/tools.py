"""The five types of measurement, their tools, and how many points each takes."""

from typing import Literal

Type = Literal["distance", "angle", "area", "volume", "hu"]
Tool = Literal[
    "line",
    "polyline",
    "angle",
    "cobb",
    "polygon",
    "rectangle",
    "ellipse",
    "threshold",
    "region",
    "polygons",
    "point",
]
Shape = Literal["box", "ellipsoid", "polygons", "everywhere"]

TOOLS: dict[str, tuple[str, ...]] = {
    "distance": ("line", "polyline"),
    "angle": ("angle", "cobb"),
    "area": ("polygon", "rectangle", "ellipse"),
    "volume": ("threshold", "region", "polygons"),
    "hu": ("point",),
}
"""The tools of each type; the first is meant where several would do."""

POINT_COUNTS: dict[str, tuple[int, int | None]] = {
    "line": (2, 2),
    "polyline": (2, None),
    "angle": (3, 3),
    "cobb": (4, 4),
    "polygon": (3, None),
    "rectangle": (4, 4),
    "ellipse": (4, 4),
    "point": (1, 1),
}
"""Least and most points of a planar tool; None: as many as a record holds."""
SHAPE_POINTS = {"box": 2, "ellipsoid": 4}
"""Points of a volume's shape: opposite corners; a centre and the ends of three semi-axes. Others have none."""


def point_counts(tool: str, shape: str | None) -> tuple[int, int | None]:
    """How many points a tool takes, at least and at most."""
    exactly = SHAPE_POINTS.get(shape or "", 0)
    return POINT_COUNTS.get(tool, (exactly, exactly))
