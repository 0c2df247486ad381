"""From the geometry of a volume measurement to its region of voxels."""

import numpy as np

from reslice.imaging.volume import Volume
from reslice.measurement.collecting import Region
from reslice.measurement.document import Draft
from reslice.measurement.polygon_stack import PolygonStack
from reslice.measurement.regions import grow, planimetry, threshold
from reslice.measurement.where import Box, Ellipsoid, Everywhere, Where

FEWEST_NEIGHBOURS = 6
"""Voxels of a region touch by their faces unless more is asked for."""


def measured_region(draft: Draft, volume: Volume, most: int) -> Region:
    """The voxels that a draft of type `volume` means. Raises InvalidMeasurement, Unmeasurable, TooLarge."""
    geometry = draft.geometry
    if draft.tool == "polygons":
        return planimetry(volume, _stack(draft, volume), most)
    assert geometry.range is not None
    low, high = geometry.range
    where = _where(draft, volume)
    if draft.tool == "threshold":
        return threshold(volume, where, low, high, most)
    assert geometry.seed is not None
    return grow(volume, where, np.array(geometry.seed), low, high, geometry.connectivity or FEWEST_NEIGHBOURS, most)


def _where(draft: Draft, volume: Volume) -> Where:
    geometry = draft.geometry
    points = np.array(geometry.points, dtype=np.float64)
    if geometry.shape == "box":
        return Box.of(points[0], points[1], volume.geometry)
    if geometry.shape == "ellipsoid":
        return Ellipsoid.of(points[0], points[1:])
    if geometry.shape == "polygons":
        return _stack(draft, volume)
    return Everywhere()


def _stack(draft: Draft, volume: Volume) -> PolygonStack:
    rings = [np.array(polygon, dtype=np.float64) for polygon in draft.geometry.polygons]
    return PolygonStack.of(rings, volume.geometry)
