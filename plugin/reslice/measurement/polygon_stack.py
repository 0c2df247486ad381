"""Polygons drawn on the slices of a volume, one a slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.measurement.places import Inside, Window, require_inside
from reslice.measurement.polygon import Polygon, opened
from reslice.measurement.samples import bounding_pixels, inside_pixels
from reslice.measurement.shapes import Points, dropped
from reslice.measurement.tolerances import BORDER


@dataclass(frozen=True, eq=False)
class PolygonStack:
    """Polygons on slices, one a slice: `indices` increase and tell the slice of each."""

    indices: tuple[int, ...]
    polygons: tuple[Polygon, ...]

    @classmethod
    def of(cls, rings: Sequence[Points], geometry: VolumeGeometry) -> "PolygonStack":
        """From the vertices of each polygon, shape (N, 3), which lie within half of their slice's thickness.

        What is measured is the polygon on its slice: vertices drop there along the slices' normal. Raises
        InvalidMeasurement (`wrong-point-count`: no polygon, and as Polygon.of does) and Unmeasurable
        (`outside-volume`, `off-plane`, `two-polygons-on-a-slice`).
        """
        if not rings:
            raise InvalidMeasurement("A stack has one polygon or more", reason="wrong-point-count")
        placed = sorted((_placed(ring.reshape(-1, 3), geometry) for ring in rings), key=lambda pair: pair[0])
        indices = tuple(k for k, _ in placed)
        for near, far in pairwise(indices):
            if near == far:
                details = "Two polygons lie on one slice"
                raise Unmeasurable(details, reason="two-polygons-on-a-slice", SliceIndex=near)
        return cls(indices, tuple(polygon for _, polygon in placed))

    def check(self, volume: Volume) -> None:
        """Each slice between the first and the last has its polygon (Unmeasurable `skipped-slices`).

        Slices that hold no data can't have one: who asks for gaps refuses those (`missing-slices`).
        """
        between = set(range(self.indices[0], self.indices[-1])) - {*self.indices, *volume.absent}
        if between:
            details = "A slice between the polygons has none"
            raise Unmeasurable(details, reason="skipped-slices", SliceIndex=min(between))

    @property
    def _pairs(self) -> list[tuple[int, Polygon]]:
        return list(zip(self.indices, self.polygons, strict=True))

    def slices(self, geometry: VolumeGeometry) -> range:
        """From the first polygon's to the last one's."""
        return range(self.indices[0], self.indices[-1] + 1)

    def window(self, geometry: VolumeGeometry) -> Window:
        """The rows and columns around all polygons."""
        windows = [bounding_pixels(p, *_grid(geometry, k)) for k, p in self._pairs]
        rows, columns = zip(*windows, strict=True)
        return _around(rows), _around(columns)

    def inside(self, geometry: VolumeGeometry, k: int) -> Inside:
        """The voxels of slice k inside its polygon; none where it has none."""
        if k not in self.indices:
            return slice(0, 0), slice(0, 0), np.zeros((0, 0), dtype=np.bool_)
        return inside_pixels(self.polygons[self.indices.index(k)], *_grid(geometry, k))


def _placed(ring: Points, geometry: VolumeGeometry) -> tuple[int, Polygon]:
    """The slice of a polygon, and the polygon there."""
    if len(ring) < 3:
        raise InvalidMeasurement("A polygon has three points or more", reason="wrong-point-count", Points=len(ring))
    k = _slice_of(opened(ring), geometry)
    return k, Polygon.of(dropped(ring, geometry.origins[k], geometry.normal), 0)


def _slice_of(ring: Points, geometry: VolumeGeometry) -> int:
    """The slice that all of a polygon's vertices lie on, within half of its thickness."""
    require_inside(geometry, ring)
    places = affines.map_points(geometry.inverse, ring)[:, 0]
    k = int(np.argmin(np.abs(geometry.slice_places - places.mean())))
    below, above = geometry.reaches[k] + BORDER / geometry.spacing[0]
    apart = places - geometry.slice_places[k]
    if (apart < -below).any() or (apart > above).any():
        details = "A polygon doesn't lie on one slice"
        distance = float(np.abs(apart).max() * geometry.spacing[0])
        raise Unmeasurable(details, reason="off-plane", SliceIndex=k, Distance=distance)
    return k


def _grid(geometry: VolumeGeometry, k: int) -> tuple[Vector, Vector, Vector, tuple[int, int]]:
    """A slice as `inside_pixels` takes it."""
    _, down, right = geometry.steps
    return geometry.origins[k], right, down, geometry.shape[1:]


def _around(spans: Sequence[slice]) -> slice:
    """The span that holds all that aren't empty."""
    held = [span for span in spans if span.stop > span.start] or [slice(0, 0)]
    return slice(min(span.start for span in held), max(span.stop for span in held))
