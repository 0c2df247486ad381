"""Outlines on slices: their place among the slices, the volume between them, and what isn't accepted."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reslice.errors import InvalidMeasurement, TooLarge, Unmeasurable
from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.measurement.polygon_stack import PolygonStack
from reslice.measurement.regions import grow, planimetry, threshold
from reslice.measurement.statistics import Statistics
from unit.imaging.expected import rotations
from unit.measurement.refused import refused
from unit.measurement.spaces import Array, centres, geometry_of, noise, ramp

MANY = 10**9
SHAPE = (6, 30, 40)
GAPS = np.array([1.0, 2, 1.5, 1, 0.5])
RING = [(5.2, 5.3), (5.2, 30.1), (20.4, 30.1), (25.5, 9.7)]
GEOMETRIES = {
    "anisotropic": geometry_of(SHAPE, (2.5, 0.7, 0.3)),
    "sheared": geometry_of(SHAPE, (2.5, 0.7, 0.3), tilt=0.4),
    "uneven": geometry_of(SHAPE, (1, 0.7, 0.3), gaps=GAPS),
}
EVERY_GEOMETRY = pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
AREA = shapely.Polygon(np.multiply(RING, (0.7, 0.3))).area


def ring_on(geometry: VolumeGeometry, k: float, ring: list[tuple[float, float]] = RING, lift: float = 0) -> Array:
    """(row, column) indices on slice k; the first vertex lifted by mm along the normal."""
    points = geometry.map_indices_to_reference([(k, *pair) for pair in ring])
    points[0] += lift * geometry.normal
    return points


def stack(geometry: VolumeGeometry, *indices: float) -> PolygonStack:
    return PolygonStack.of([ring_on(geometry, k) for k in indices], geometry)


def mask_of(geometry: VolumeGeometry, *indices: int) -> NDArray[np.bool_]:
    """Voxels inside the ring on some slices, by shapely."""
    rows, columns = np.indices(geometry.shape[1:])
    inside = shapely.covers(shapely.Polygon(RING), shapely.points(rows, columns))
    mask = np.zeros(geometry.shape, dtype=bool)
    mask[list(indices)] = inside
    return mask


@EVERY_GEOMETRY
def test_the_volume_is_the_sum_of_areas_times_extents(geometry: VolumeGeometry) -> None:
    extents = [1, 1.5, 1.75, 1.25, 0.75, 0.5] if geometry.places is not None else [2.5] * 6
    for indices in ((2,), (3, 2, 1), range(6)):
        got = planimetry(noise(geometry), stack(geometry, *indices), MANY)
        assert got.volume_mm3 == pytest.approx(AREA * sum(extents[k] for k in indices), rel=1e-6)


@EVERY_GEOMETRY
def test_its_statistics_are_those_of_the_voxels_inside(geometry: VolumeGeometry) -> None:
    volume = noise(geometry)
    mask = mask_of(geometry, 1, 2, 3)
    got = planimetry(volume, stack(geometry, 1, 2, 3), MANY)
    assert got.statistics == Statistics.of(volume.voxels[mask])
    assert got.count == mask.sum()


@EVERY_GEOMETRY
def test_polygons_limit_a_range_and_a_growth(geometry: VolumeGeometry) -> None:
    volume = noise(geometry)
    mask = mask_of(geometry, 2, 3)
    where = stack(geometry, 3, 2)
    assert (
        threshold(volume, where, 0, 900, MANY).count
        == (volume.voxels[mask] >= 0).sum() - (volume.voxels[mask] > 900).sum()
    )
    seed = geometry.map_indices_to_reference((2, 10, 20))
    assert grow(volume, where, seed, -2000, 4000, 6, MANY).count == mask.sum()
    with refused(Unmeasurable, "seed-outside"):
        grow(volume, where, geometry.map_indices_to_reference((2, 1, 1)), -2000, 4000, 6, MANY)


@given(rotations(), st.floats(-0.5, 0.5), st.floats(10, 30))
def test_a_cylinder_has_its_volume_however_it_lies(rotation: NDArray[np.float64], tilt: float, radius: float) -> None:
    geometry = geometry_of((5, 200, 230), (2, 0.7, 0.6), rotation=rotation, tilt=tilt)
    turns = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    around = np.stack([100 + radius / 0.7 * np.cos(turns), 115 + radius / 0.6 * np.sin(turns)], axis=1)
    polygons = [ring_on(geometry, k, list(map(tuple, around))) for k in (1, 2, 3)]
    volume = Volume(geometry, np.zeros(geometry.shape, dtype=np.int16))
    got = planimetry(volume, PolygonStack.of(polygons, geometry), MANY)
    assert got.volume_mm3 == pytest.approx(math.pi * radius**2 * 6, rel=1e-4)
    assert got.count * 2 * 0.7 * 0.6 == pytest.approx(got.volume_mm3, rel=0.03)


@EVERY_GEOMETRY
def test_a_polygon_may_waver_within_its_slices_extent(geometry: VolumeGeometry) -> None:
    reach = geometry.reaches[2, 1] * geometry.spacing[0]
    assert PolygonStack.of([ring_on(geometry, 2, lift=reach)], geometry).indices == (2,)
    with refused(Unmeasurable, "off-plane"):
        PolygonStack.of([ring_on(geometry, 2, lift=reach + 1e-5)], geometry)


@EVERY_GEOMETRY
def test_a_polygon_that_leans_within_its_slice_is_that_seen_along_the_normal(geometry: VolumeGeometry) -> None:
    volume, (below, above) = noise(geometry), geometry.reaches[2] * geometry.spacing[0]
    up = np.sign(geometry.normal @ geometry.steps[0]) * geometry.normal
    flat = ring_on(geometry, 2)
    leaning = flat + np.outer([-below, above, above, -below], up)
    expected = planimetry(volume, PolygonStack.of([flat], geometry), MANY)
    got = planimetry(volume, PolygonStack.of([leaning], geometry), MANY)
    assert got.volume_mm3 == pytest.approx(expected.volume_mm3)
    assert got.mask_digest == expected.mask_digest


def test_vertices_above_each_other_are_refused() -> None:
    geometry = GEOMETRIES["anisotropic"]
    upright = ring_on(geometry, 2, [(5, 5), (5, 30), (5, 30), (20, 30)]) + np.outer([0, -1, 1, 0], geometry.normal)
    with refused(InvalidMeasurement, "coincident-points"):
        PolygonStack.of([upright], geometry)
    back = ring_on(geometry, 2, [(5, 5), (5, 30), (20, 30), (5, 30)]) + np.outer([0, -1, 0, 1], geometry.normal)
    with refused(InvalidMeasurement, "self-intersecting"):
        PolygonStack.of([back], geometry)


def test_a_polygon_across_slices_is_refused() -> None:
    geometry = GEOMETRIES["sheared"]
    points = geometry.map_indices_to_reference([(1, 5, 5), (1, 20, 5), (4, 20, 30), (4, 5, 30)])
    with refused(Unmeasurable, "off-plane"):
        PolygonStack.of([points], geometry)


def test_a_polygon_in_a_gap_is_refused() -> None:
    geometry = geometry_of(SHAPE, (1, 0.7, 0.3), gaps=np.array([1.0, 1, 4, 1, 1]), missing=(2,))
    assert stack(geometry, 2.1).indices == (2,)
    with refused(Unmeasurable, "off-plane"):
        stack(geometry, 2.5)


@EVERY_GEOMETRY
def test_a_polygon_off_the_volume_is_refused(geometry: VolumeGeometry) -> None:
    assert stack(geometry, -0.4).indices == (0,)
    for k in (-0.6, 5.6, 40):
        with refused(Unmeasurable, "outside-volume"):
            stack(geometry, k)
    beside = [(5, 5), (5, 39.6), (20, 20)]
    with refused(Unmeasurable, "outside-volume"):
        PolygonStack.of([ring_on(geometry, 2, beside)], geometry)


@EVERY_GEOMETRY
def test_two_polygons_on_a_slice_are_refused(geometry: VolumeGeometry) -> None:
    with refused(Unmeasurable, "two-polygons-on-a-slice"):
        stack(geometry, 1, 2.2, 3, 1.9)


def test_no_polygon_is_refused() -> None:
    with refused(InvalidMeasurement, "wrong-point-count"):
        PolygonStack.of([], GEOMETRIES["sheared"])


@EVERY_GEOMETRY
def test_a_slice_without_its_polygon_is_refused(geometry: VolumeGeometry) -> None:
    volume, where = noise(geometry), stack(geometry, 0, 1, 3)
    seed = geometry.map_indices_to_reference((0, 10, 20))
    with refused(Unmeasurable, "skipped-slices"):
        planimetry(volume, where, MANY)
    with refused(Unmeasurable, "skipped-slices"):
        threshold(volume, where, 0, 9, MANY)
    with refused(Unmeasurable, "skipped-slices"):
        grow(volume, where, seed, -2000, 4000, 6, MANY)


def test_polygons_on_both_sides_of_missing_slices_are_refused() -> None:
    geometry = geometry_of(SHAPE, (1, 0.7, 0.3), gaps=np.array([1.0, 1, 4, 1, 1]), missing=(2,))
    with refused(Unmeasurable, "missing-slices"):
        planimetry(noise(geometry), stack(geometry, 2, 3), MANY)
    assert planimetry(noise(geometry), stack(geometry, 1, 2), MANY).volume_mm3 == pytest.approx(AREA * 2)


def test_polygons_around_a_slice_without_data_are_refused() -> None:
    geometry = GEOMETRIES["anisotropic"]
    volume = Volume(geometry, noise(geometry).voxels, absent=(2,))
    for indices in ((1, 3), (1, 2), (2,)):
        with refused(Unmeasurable, "missing-slices"):
            planimetry(volume, stack(geometry, *indices), MANY)


def test_padding_inside_is_left_out_and_counted() -> None:
    """Of the statistics; the volume is that of the outlines."""
    geometry = GEOMETRIES["anisotropic"]
    volume = ramp(geometry, padding=(1300.0, 1700.0))
    mask = mask_of(geometry, 1)
    padded = mask & (volume.voxels >= 1300) & (volume.voxels <= 1700)
    got = planimetry(volume, stack(geometry, 1), MANY)
    assert 0 < got.excluded == padded.sum()
    assert got.count == mask.sum() - padded.sum()
    assert got.volume_mm3 == pytest.approx(AREA * 2.5)


def test_a_polygon_between_voxels_is_an_empty_region() -> None:
    geometry = GEOMETRIES["anisotropic"]
    polygon = ring_on(geometry, 1, [(5.2, 5.2), (5.2, 5.8), (5.8, 5.4)])
    with refused(Unmeasurable, "empty-region"):
        planimetry(noise(geometry), PolygonStack.of([polygon], geometry), MANY)


def test_more_voxels_than_the_cap_are_refused() -> None:
    geometry = GEOMETRIES["anisotropic"]
    with refused(TooLarge, "region-too-large"):
        planimetry(noise(geometry), stack(geometry, 1), 10)


def test_centres_lie_where_the_polygons_are_drawn() -> None:
    """The tests' own two maps agree."""
    for geometry in GEOMETRIES.values():
        np.testing.assert_allclose(centres(geometry)[3, 4, 5], geometry.map_indices_to_reference((3, 4, 5)))
