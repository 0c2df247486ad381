"""Where in a volume to look: everywhere, in a box, in an ellipsoid, or in polygons drawn on slices.

Each of these tells which slices it reaches (`slices`), in which window of rows and columns (`window`), and which
voxel centres of a slice's window lie inside or on its border (`inside`). `check` refuses what doesn't lie within a
volume. Slices are counted along the normal; a slice that the shape reaches needn't hold a voxel centre inside.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.measurement.outlines import is_within
from reslice.measurement.places import Inside, Window, require_inside, slices_between, window_between
from reslice.measurement.polygon_stack import PolygonStack
from reslice.measurement.shapes import Points
from reslice.measurement.tolerances import BORDER, is_slight


@dataclass(frozen=True)
class Everywhere:
    """The whole volume."""

    def check(self, volume: Volume) -> None:
        """Nothing lies outside."""

    def slices(self, geometry: VolumeGeometry) -> range:
        """All."""
        return range(geometry.shape[0])

    def window(self, geometry: VolumeGeometry) -> Window:
        """All."""
        return slice(0, geometry.shape[1]), slice(0, geometry.shape[2])

    def inside(self, geometry: VolumeGeometry, k: int) -> Inside:
        """Every voxel of slice k."""
        return _full(self.window(geometry))


@dataclass(frozen=True, eq=False)
class Box:
    """The voxels between two opposite corners along the volume's own axes: a parallelepiped where it is sheared.

    `low` and `high` are the corners' least and greatest places (slice place in mean steps, row, column index).
    """

    low: Vector
    high: Vector

    @classmethod
    def of(cls, corner: Vector, opposite: Vector, geometry: VolumeGeometry) -> "Box":
        """From two opposite corners in LPS mm; a box may be flat, on a slice or along a row.

        Raises InvalidMeasurement (`coincident-points`) and Unmeasurable (`outside-volume`).
        """
        if float(np.linalg.norm(opposite - corner)) <= BORDER:
            raise InvalidMeasurement("The corners of a box differ", reason="coincident-points")
        corners = np.stack([corner, opposite])
        require_inside(geometry, corners)
        places = affines.map_points(geometry.inverse, corners)
        return cls(affines.frozen(places.min(axis=0)), affines.frozen(places.max(axis=0)))

    def check(self, volume: Volume) -> None:
        """Was done when it was made."""

    def slices(self, geometry: VolumeGeometry) -> range:
        """Those whose centres lie between the corners."""
        return slices_between(geometry, float(self.low[0]), float(self.high[0]))

    def window(self, geometry: VolumeGeometry) -> Window:
        """The rows and columns between the corners."""
        return window_between(geometry, self.low, self.high)

    def inside(self, geometry: VolumeGeometry, k: int) -> Inside:
        """The whole window on each of its slices."""
        return _full(self.window(geometry))


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """A centre, shape (3,), and three semi-axes at right angles, one a row, shape (3, 3), in LPS mm."""

    center: Vector
    axes: NDArray[np.float64]

    @classmethod
    def of(cls, center: Vector, ends: Points) -> "Ellipsoid":
        """From the centre and one end of each axis, shape (3, 3).

        Raises InvalidMeasurement (`coincident-points`: an axis without length, `axes-not-perpendicular`).
        """
        axes = ends - center
        lengths = np.linalg.norm(axes, axis=1)
        if (lengths <= BORDER).any():
            raise InvalidMeasurement("An axis of the ellipsoid has no length", reason="coincident-points")
        for one, other in ((0, 1), (0, 2), (1, 2)):
            both = lengths[[one, other]].tolist()
            if not is_slight(abs(float(axes[one] @ axes[other])) / max(both), both):
                details = "The axes of an ellipsoid are at right angles in mm"
                raise InvalidMeasurement(details, reason="axes-not-perpendicular")
        return cls(affines.frozen(center), affines.frozen(axes))

    def check(self, volume: Volume) -> None:
        """The centre and the ends of the axes lie in the volume (Unmeasurable `outside-volume`)."""
        require_inside(volume.geometry, np.vstack([self.center, self.center + self.axes]))

    def slices(self, geometry: VolumeGeometry) -> range:
        """Those whose planes it meets, within the volume."""
        low, high = self.ends(geometry)
        return slices_between(geometry, float(low[0]), float(high[0]))

    def window(self, geometry: VolumeGeometry) -> Window:
        """The rows and columns of the parallelepiped around it."""
        return window_between(geometry, *self.ends(geometry))

    def inside(self, geometry: VolumeGeometry, k: int) -> Inside:
        """The voxels of slice k inside it."""
        rows, columns = self.window(geometry)
        _, down, right = geometry.steps
        i, j = np.arange(rows.start, rows.stop)[:, None], np.arange(columns.start, columns.stop)
        first = geometry.origins[k] - self.center
        duals = [axis / (axis @ axis) for axis in self.axes]
        parts = [first @ dual + i * (down @ dual) + j * (right @ dual) for dual in duals]
        return rows, columns, is_within(parts, self._lengths)

    @cached_property
    def _lengths(self) -> tuple[float, ...]:
        return tuple(float(length) for length in np.linalg.norm(self.axes, axis=1))

    def ends(self, geometry: VolumeGeometry) -> tuple[Vector, Vector]:
        """The least and greatest places that it reaches: along a direction d, the root of the sum of (axis . d)^2."""
        reach = np.linalg.norm(geometry.inverse[:3, :3] @ self.axes.T, axis=1)
        middle = affines.map_points(geometry.inverse, self.center)
        return middle - reach, middle + reach


Where: TypeAlias = Everywhere | Box | Ellipsoid | PolygonStack
"""Each shape of where to look."""


def _full(window: Window) -> Inside:
    rows, columns = window
    return rows, columns, np.ones((rows.stop - rows.start, columns.stop - columns.start), dtype=np.bool_)
