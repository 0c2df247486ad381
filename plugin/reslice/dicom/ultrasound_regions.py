"""Ultrasound regions: the parts of a picture that have a scale of their own (PS3.3 C.8.5.5)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.values import LEAST_SPACING, MOST_SPACING, Values
from reslice.errors import Unmeasurable

TISSUE = 1
"""RegionSpatialFormat of a section through the body, 2-D (PS3.3 C.8.5.5.1.1)."""
CENTIMETRES = 3
"""PhysicalUnitsXDirection and PhysicalUnitsYDirection (PS3.3 C.8.5.5.1.15)."""
MILLIMETRES = 10.0
"""In a centimetre."""

ON_THE_BORDER = 1e-6
"""Pixels that a point may lie off a border and still be on it."""
SAME_SCALE = 1e-3
"""Scales that differ by less than this part are one."""


class RegionTag(IntEnum):
    """The elements of a region that its scale hangs on."""

    SPATIAL_FORMAT = 0x00186012
    MIN_X = 0x00186018
    MIN_Y = 0x0018601A
    MAX_X = 0x0018601C
    MAX_Y = 0x0018601E
    UNITS_X = 0x00186024
    UNITS_Y = 0x00186026
    DELTA_X = 0x0018602C
    DELTA_Y = 0x0018602E


@dataclass(frozen=True)
class Region:
    """A 2-D region in centimetres: its place in the file's sequence (0-based), its first and last columns and
    rows (both belong to it), and mm between rows and between columns."""

    index: int
    columns: tuple[int, int]
    rows: tuple[int, int]
    spacing: tuple[float, float]

    def holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the points (n, 2), [column, row], lie inside or on the border."""
        return _between(points[:, 0], self.columns) & _between(points[:, 1], self.rows)

    def is_scaled_like(self, other: "Region") -> bool:
        """Whether both have one scale."""
        pairs = zip(self.spacing, other.spacing, strict=True)
        return all(math.isclose(a, b, rel_tol=SAME_SCALE) for a, b in pairs)


@dataclass(frozen=True)
class NoScale:
    """Why the points have no scale, in a sentence."""

    why: str


def regions_of(items: Iterable[Values]) -> tuple[Region, ...]:
    """The regions that tell a scale in mm; those of other formats or units, or without a sound scale, are left out."""
    found = (_region(index, item) for index, item in enumerate(items))
    return tuple(region for region in found if region is not None)


def region_for(regions: tuple[Region, ...], points: NDArray[np.float64]) -> Region | NoScale:
    """The region whose scale holds for all points (n, 2), [column, row].

    Between points of one region its scale is true, even where another lies over it with the same one (PS3.3
    C.8.5.5.1.3, figure C.8-6). Raises Unmeasurable where the points lie in two regions: nothing tells how these
    are placed to each other.
    """
    inside = np.array([region.holds(points) for region in regions], dtype=np.bool_).reshape(len(regions), len(points))
    is_held = inside.any(axis=0)
    if not is_held.any():
        return NoScale("No ultrasound region that shows tissue with a scale in centimetres holds the points")
    common = [region for region, within in zip(regions, inside, strict=True) if within[is_held].all()]
    if not common:
        details = "The points lie in two ultrasound regions, and no one region holds them all"
        raise Unmeasurable(details, reason="two-ultrasound-regions")
    if not is_held.all():
        return NoScale("Some of the points lie outside the ultrasound region that holds the others")
    touched = (region for region, within in zip(regions, inside, strict=True) if within.any())
    if not all(common[0].is_scaled_like(region) for region in touched):
        return NoScale("Points lie where ultrasound regions of different scales overlap")
    return common[0]


def _between(coordinates: NDArray[np.float64], ends: tuple[int, int]) -> NDArray[np.bool_]:
    first, last = ends
    return (coordinates >= first - ON_THE_BORDER) & (coordinates <= last + ON_THE_BORDER)


def _region(index: int, item: Values) -> Region | None:
    kind = item.unsigned(RegionTag.SPATIAL_FORMAT)
    units = item.unsigned(RegionTag.UNITS_X), item.unsigned(RegionTag.UNITS_Y)
    if kind != TISSUE or units != (CENTIMETRES, CENTIMETRES):
        return None
    left, right = _place(item, RegionTag.MIN_X), _place(item, RegionTag.MAX_X)
    top, bottom = _place(item, RegionTag.MIN_Y), _place(item, RegionTag.MAX_Y)
    down, across = _spacing(item, RegionTag.DELTA_Y), _spacing(item, RegionTag.DELTA_X)
    if left is None or right is None or top is None or bottom is None or down is None or across is None:
        return None
    return Region(index, (left, right), (top, bottom), (down, across))


def _place(item: Values, tag: RegionTag) -> int | None:
    """A column or a row; some writers give it two bytes instead of four."""
    content = item.content(tag)
    return int.from_bytes(content, "little") if len(content) in (2, 4) else None


def _spacing(item: Values, tag: RegionTag) -> float | None:
    """Mm between pixels; the sign only tells which way an axis runs (PS3.3 C.8.5.5.1.17)."""
    numbers = item.reals(tag)
    spacing = abs(numbers[0]) * MILLIMETRES if len(numbers) == 1 else 0.0
    return spacing if LEAST_SPACING <= spacing <= MOST_SPACING else None
