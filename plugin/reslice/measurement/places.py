"""Places in a volume: which slices, rows and columns lie between two of them, and what lies outside.

A place is (slice place in mean steps, row index, column index), what `VolumeGeometry.inverse` maps LPS mm to.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reslice.errors import Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.volume import VolumeGeometry
from reslice.measurement.shapes import Points
from reslice.measurement.tolerances import BORDER

Window: TypeAlias = tuple[slice, slice]
"""Rows and columns."""

Inside: TypeAlias = tuple[slice, slice, NDArray[np.bool_]]
"""Rows, columns, and which voxels there lie inside."""


def require_inside(geometry: VolumeGeometry, points: Points) -> None:
    """Refuse points, shape (N, 3), beyond the volume's outer edges (Unmeasurable `outside-volume`)."""
    places = affines.map_points(geometry.inverse, points)
    first = geometry.slice_places[0] - geometry.reaches[0, 0]
    last = geometry.slice_places[-1] + geometry.reaches[-1, 1]
    low = np.array([first, -0.5, -0.5])
    high = np.array([last, *(np.array(geometry.shape[1:]) - 0.5)])
    beyond = np.maximum(low - places, places - high) > BORDER / np.array(geometry.spacing)
    if beyond.any():
        outside = points[int(np.argmax(beyond.any(axis=1)))].tolist()
        raise Unmeasurable("A point lies outside the volume", reason="outside-volume", Point=outside)


def slices_between(geometry: VolumeGeometry, low: float, high: float) -> range:
    """The slices that stand between two places, or on them."""
    margin = BORDER / geometry.spacing[0]
    first = int(np.searchsorted(geometry.slice_places, low - margin, side="left"))
    return range(first, int(np.searchsorted(geometry.slice_places, high + margin, side="right")))


def window_between(geometry: VolumeGeometry, low: Vector, high: Vector) -> Window:
    """The rows and columns whose centres lie between two places, shape (3,), or on them."""
    rows, columns = (_indices_between(float(low[a]), float(high[a]), geometry, a) for a in (1, 2))
    return rows, columns


def _indices_between(low: float, high: float, geometry: VolumeGeometry, axis: int) -> slice:
    margin, size = BORDER / geometry.spacing[axis], geometry.shape[axis]
    first = min(max(math.ceil(low - margin), 0), size)
    return slice(first, max(first, min(math.floor(high + margin) + 1, size)))
