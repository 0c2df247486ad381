"""Regions of a volume: by their values, grown from a voxel, or drawn on slices; and the voxels around a point.

A voxel belongs to a shape when its centre lies inside or on its border. Everything works slice by slice within the
shape's window, on views of the volume. A volume in mm3 is never told across slices that are missing or hold no data.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.volume import Volume, VolumeGeometry, Voxels
from reslice.measurement.collecting import Collector, Region, in_range, known, too_large
from reslice.measurement.growing import CANDIDATE, MEMBER, NO_DATA, States, Voxel, flood, neighbouring_slices
from reslice.measurement.places import require_inside
from reslice.measurement.polygon import Polygon
from reslice.measurement.polygon_stack import PolygonStack
from reslice.measurement.tolerances import BORDER
from reslice.measurement.where import Ellipsoid, Everywhere, Where


def threshold(volume: Volume, where: Where, low: float, high: float, cap: int) -> Region:
    """The voxels inside a shape whose values lie in an inclusive range of modality values.

    Raises Unmeasurable (`outside-volume`, `skipped-slices`, `missing-slices`, `empty-region`) and TooLarge
    (`region-too-large`: more than `cap` voxels).
    """
    return _collected(volume, where, low, high, cap).region()


def planimetry(volume: Volume, polygons: PolygonStack, cap: int) -> Region:
    """The volume between outlines on consecutive slices: the sum of their areas, each times its slice's thickness.

    The statistics are those of all voxels inside. Raises as `threshold` does.
    """
    collector = _collected(volume, polygons, -np.inf, np.inf, cap)
    areas = np.array([polygon.area for polygon in polygons.polygons])
    return collector.region(float(areas @ volume.geometry.thicknesses[list(polygons.indices)]))


def grow(volume: Volume, where: Where, seed: Vector, low: float, high: float, connectivity: int, cap: int) -> Region:
    """The voxels that are connected to the one nearest to a seed (LPS mm), within a range of values and a shape.

    `connectivity` is 6, 18 or 26 (see `flood`). Voxels on both sides of slices that are missing or hold no data are
    no neighbours; a region that would go on beyond them is cut off there, and refused (`missing-slices`).
    Raises Unmeasurable (`outside-volume`, `skipped-slices`, `seed-outside`: its voxel isn't in the range or the
    shape, or holds no data) and TooLarge (`region-too-large`).
    """
    where.check(volume)
    voxel, value = nearest_voxel(volume, seed)
    states = _states(volume, where, low, high)
    slices, window = where.slices(volume.geometry), where.window(volume.geometry)
    corner = np.array([slices.start, window[0].start, window[1].start])
    place = _start(voxel, corner, states)
    if value is None or place is None:
        details = "The voxel at the seed lies outside the shape or the range, or holds no data"
        raise Unmeasurable(details, reason="seed-outside", Voxel=list(voxel))
    met, is_cut = flood(states, neighbouring_slices(volume, slices), place, connectivity)
    if is_cut:
        raise _missing_slices()
    collector = Collector(volume, cap)
    collector.excluded = met
    for k in slices:
        collector.add(k, window, states[k - slices.start] == MEMBER)
    return collector.region()


def sphere(volume: Volume, center: Vector, radius_mm: float, cap: int | None = None) -> tuple[Voxels, int]:
    """The values of the voxels with data whose centres lie within a radius (> 0) of a point, a flat array.

    Beside them how many more voxels there hold no data. Raises InvalidMeasurement (`bad-value`), Unmeasurable
    (`outside-volume`: the point is, `missing-slices`: it reaches one that is missing or holds no data), and TooLarge
    (`region-too-large`) as soon as there are more than `cap`.
    """
    if not radius_mm > BORDER:
        raise InvalidMeasurement("A radius is longer than 0", reason="bad-value")
    require_inside(volume.geometry, center[None])
    ball = Ellipsoid(center, radius_mm * np.eye(3))
    if any(k in ball.slices(volume.geometry) for k in volume.absent) or _reaches_missing(ball, volume.geometry):
        raise _missing_slices()
    found, excluded, count = [np.zeros(0, dtype=volume.voxels.dtype)], 0, 0
    for k in ball.slices(volume.geometry):
        rows, columns, mask = ball.inside(volume.geometry, k)
        values = volume.voxels[k, rows, columns][mask]
        found.append(values[known(values, volume.padding)])
        excluded += len(values) - len(found[-1])
        count += len(found[-1])
        if cap is not None and count > cap:
            raise too_large(count, cap)
    return np.concatenate(found), excluded


def nearest_voxel(volume: Volume, point: Vector) -> tuple[Voxel, float | None]:
    """The voxel whose centre is nearest to a point (LPS mm), and its value.

    None for a voxel without data, and for a point between slices of which some are missing, further from them than
    their data reach. Raises Unmeasurable (`outside-volume`).
    """
    geometry = volume.geometry
    require_inside(geometry, point[None])
    place = float(affines.map_points(geometry.inverse, point)[0])
    nearest = int(np.argmin(np.abs(geometry.slice_places - place)))
    voxel = min(_beside(geometry, nearest), key=lambda k: _distance_on(geometry, k, point) - BORDER * (k == nearest))
    index = (voxel, *_nearest_on(geometry, voxel, point))
    below, above = geometry.reaches[nearest] + BORDER / geometry.spacing[0]
    is_near = -below <= place - geometry.slice_places[nearest] <= above
    value = volume.voxels[index]
    has_data = is_near and bool(volume.present[voxel]) and bool(known(value, volume.padding))
    return index, float(value) if has_data else None


def warm_up() -> None:
    """Compile the kernels of measurements."""
    volume = Volume(VolumeGeometry((2, 2, 2), np.eye(4)), np.zeros((2, 2, 2), dtype=np.int16))
    grow(volume, Everywhere(), np.zeros(3), 0, 0, 26, 8)
    triangle = Polygon.of(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), 0)
    triangle.contains(np.zeros((1, 3)))
    triangle.filled(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (2, 2))


def _collected(volume: Volume, where: Where, low: float, high: float, cap: int) -> Collector:
    where.check(volume)
    slices = where.slices(volume.geometry)
    _require_unbroken(volume, slices)
    collector = Collector(volume, cap)
    for k in slices:
        rows, columns, mask = where.inside(volume.geometry, k)
        values = volume.voxels[k, rows, columns]
        is_data = known(values, volume.padding)
        collector.excluded += int(np.count_nonzero(mask & ~is_data))
        collector.add(k, (rows, columns), mask & is_data & in_range(values, low, high))
    return collector


def _states(volume: Volume, where: Where, low: float, high: float) -> States:
    """What the flood may take, in the slices and the window of a shape (see `growing`)."""
    geometry = volume.geometry
    slices, (top, left) = where.slices(geometry), where.window(geometry)
    shape = len(slices), top.stop - top.start, left.stop - left.start
    states = np.zeros(shape, dtype=np.uint8)
    for k in (k for k in slices if volume.present[k]):
        rows, columns, mask = where.inside(geometry, k)
        values = volume.voxels[k, rows, columns]
        is_data = known(values, volume.padding)
        window = _shifted(rows, top), _shifted(columns, left)
        states[k - slices.start][window][mask & is_data & in_range(values, low, high)] = CANDIDATE
        states[k - slices.start][window][mask & ~is_data] = NO_DATA
    return states


def _shifted(span: slice, whole: slice) -> slice:
    """A span of rows or columns, counted from the start of the whole window."""
    return slice(max(span.start - whole.start, 0), max(span.stop - whole.start, 0))


def _require_unbroken(volume: Volume, slices: range) -> None:
    """Refuse slices that hold no data, and gaps between them in which slices are missing."""
    absent = any(k in slices for k in volume.absent)
    if absent or any(k in slices and k + 1 in slices for k in volume.geometry.missing):
        raise _missing_slices()


def _reaches_missing(ball: Ellipsoid, geometry: VolumeGeometry) -> bool:
    """Whether it meets the plane of a missing slice: those stand in a gap from a usual gap behind each of its sides."""
    margin = BORDER / geometry.spacing[0]
    low, high = (float(end[0]) for end in ball.ends(geometry))
    for k in geometry.missing:
        sides = geometry.slice_places[k : k + 2] + 2 * np.array([geometry.reaches[k, 1], -geometry.reaches[k + 1, 0]])
        if low - margin <= sides.max() and sides.min() <= high + margin:
            return True
    return False


def _missing_slices() -> Unmeasurable:
    return Unmeasurable("Slices are missing within the region, or hold no data", reason="missing-slices")


def _start(voxel: Voxel, corner: NDArray[np.int64], states: States) -> Voxel | None:
    """A voxel counted from the corner of what the flood may take; None where it may not be taken itself."""
    k, i, j = (np.array(voxel) - corner).tolist()
    is_there = all(0 <= index < size for index, size in zip((k, i, j), states.shape, strict=True))
    return (k, i, j) if is_there and states[k, i, j] == CANDIDATE else None


def _beside(geometry: VolumeGeometry, k: int) -> list[int]:
    """A slice and its neighbours, but those beyond a gap with missing slices.

    Where slices are shifted against each other (gantry tilt), the voxel nearest to a point isn't always on the
    slice nearest to it.
    """
    below = [k - 1] if k > 0 and k - 1 not in geometry.missing else []
    above = [k + 1] if k + 1 < geometry.shape[0] and k not in geometry.missing else []
    return [k, *below, *above]


def _nearest_on(geometry: VolumeGeometry, k: int, point: Vector) -> tuple[int, int]:
    """Row and column of slice k's voxel that is nearest to a point: rows and columns are at right angles."""
    _, down, right = geometry.steps
    there = point - geometry.origins[k]
    shares = [math.floor(there @ step / (step @ step) + 0.5) for step in (down, right)]
    row, column = (min(max(share, 0), size - 1) for share, size in zip(shares, geometry.shape[1:], strict=True))
    return row, column


def _distance_on(geometry: VolumeGeometry, k: int, point: Vector) -> float:
    """How far the nearest voxel of slice k is from a point."""
    centre = geometry.origins[k] + np.array(_nearest_on(geometry, k, point)) @ geometry.steps[1:]
    return float(np.linalg.norm(point - centre))
