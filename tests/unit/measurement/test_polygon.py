"""Polygons anywhere in space: area, perimeter, inside and validity, against shapely and scikit-image."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.measurement.crossing import distances, is_simple
from reslice.measurement.inside import cover, cover_in_numpy
from reslice.measurement.polygon import Polygon
from unit.measurement.refused import refused
from unit.measurement.spaces import FLAT, Array, Placement, placements

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
GRID_POINTS = st.tuples(st.integers(0, 6), st.integers(0, 6))
RINGS = st.lists(GRID_POINTS, min_size=3, max_size=8)


@st.composite
def stars(draw: st.DrawFn, most: int = 40) -> Array:
    """A simple polygon about (5, -3): its vertices at increasing angles, at any distance."""
    count = draw(st.integers(3, most))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    turns = (np.arange(count) + generator.uniform(0.1, 0.9, count)) * 2 * np.pi / count
    assume((np.diff(np.r_[turns, turns[0] + 2 * np.pi]) < np.pi - 0.1).all())
    reach = generator.uniform(2, 60, count)
    return np.stack([5 + reach * np.cos(turns), -3 + reach * np.sin(turns)], axis=1)


@given(placements(), stars())
def test_area_and_perimeter_are_what_shapely_says(place: Placement, star: Array) -> None:
    expected, got = shapely.Polygon(star), Polygon.of(place(star), 0.001)
    assert got.area == pytest.approx(expected.area, rel=1e-9)
    assert got.perimeter == pytest.approx(expected.length, rel=1e-9)
    assert abs(got.normal @ place.rotation[:, 2]) == pytest.approx(1)


@given(placements(), stars(), st.integers(0, 2**32 - 1))
def test_inside_is_what_shapely_says(place: Placement, star: Array, seed: int) -> None:
    generator = np.random.default_rng(seed)
    places = np.vstack([generator.uniform(-60, 60, (200, 2)), star, (star + np.roll(star, -1, axis=0)) / 2])
    expected = shapely.distance(shapely.Polygon(star), shapely.points(places)) <= 1e-6
    heights = generator.uniform(-3, 3, (len(places), 1))
    got = Polygon.of(place(star), 0.001).contains(place(np.hstack([places, heights])))
    np.testing.assert_array_equal(got, expected)


@given(stars(), st.integers(0, 2**32 - 1))
def test_a_ray_through_a_vertex_crosses_one_edge_or_two(star: Array, seed: int) -> None:
    """Points at the very height of a vertex, in the polygon's own axes."""
    polygon = Polygon.of(FLAT(star), 0)
    across = np.random.default_rng(seed).uniform(-90, 90, (20, 1, 1))
    places = (across * polygon._axes[0] + polygon.points).reshape(-1, 3)
    expected = shapely.distance(shapely.Polygon(star), shapely.points(places[:, :2])) <= 1e-6
    np.testing.assert_array_equal(polygon.contains(places), expected)


@given(RINGS)
def test_what_crosses_or_touches_itself_is_what_shapely_calls_invalid(ring: list[tuple[int, int]]) -> None:
    """Small whole coordinates: common vertices, vertices on edges and overlapping edges abound."""
    steps = np.abs(np.diff([*ring, ring[0]], axis=0)).sum(axis=1)
    assume((steps > 0).all() and ring[0] != ring[-1])
    expected = shapely.Polygon(ring)
    if expected.is_valid and expected.area > 0:
        assert Polygon.of(FLAT(ring), 0).area == pytest.approx(expected.area)
        return
    with pytest.raises(InvalidMeasurement) as caught:
        Polygon.of(FLAT(ring), 0)
    on_a_line = np.linalg.matrix_rank(np.array(ring) - ring[0]) < 2
    assert caught.value.reason == ("zero-area" if on_a_line else "self-intersecting")


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (10, 10), (10, 0), (0, 10)],  # an eight whose halves are equal
        [(0, 0), (10, 10), (10, 0), (0, 9)],
        [(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)],  # a vertex on an edge
        [(0, 0), (10, 0), (10, 10), (5, 1e-7), (0, 10)],
        [(0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (5, 5)],  # a vertex twice
        [(0, 0), (10, 0), (10, 10), (10, 20), (10, 5), (0, 10)],  # a spike
    ],
)
@given(place=placements())
def test_self_intersection_is_seen_anywhere(ring: list[tuple[float, float]], place: Placement) -> None:
    with refused(InvalidMeasurement, "self-intersecting"):
        Polygon.of(place(ring), 0.001)


def test_a_repeated_first_point_closes_the_polygon() -> None:
    closed = Polygon.of(FLAT([*SQUARE, (0, 1e-8)]), 0)
    assert closed.points.shape == (4, 3)
    assert closed.area == pytest.approx(100)


def test_successive_points_in_one_place_are_refused() -> None:
    for ring in ([(0, 0), (5, 0), (5, 0), (5, 5)], [*SQUARE, (0, 0), (0, 0)]):
        with refused(InvalidMeasurement, "coincident-points"):
            Polygon.of(FLAT(ring), 0)


def test_fewer_than_three_points_are_refused() -> None:
    for ring in ([(0, 0), (5, 0)], [(0, 0), (5, 0), (0, 0)]):
        with refused(InvalidMeasurement, "wrong-point-count"):
            Polygon.of(FLAT(ring), 0)


@given(placements())
def test_points_on_a_line_enclose_nothing(place: Placement) -> None:
    with refused(InvalidMeasurement, "zero-area"):
        Polygon.of(place([(0, 0), (5, 5), (9, 9)]), 0.001)


@given(placements(), st.floats(0.1, 3))
def test_a_polygon_is_as_flat_as_demanded(place: Placement, lift: float) -> None:
    """One corner of a square lifted by h: all four lie h / 4 from the mean plane, nearly."""
    square = np.hstack([SQUARE, [[0], [0], [lift], [0]]])
    normal = np.cross(square[2] - square[0], square[3] - square[1])  # Newell's, of a quadrangle
    furthest = np.abs((square - square.mean(axis=0)) @ normal).max() / np.linalg.norm(normal)
    got = Polygon.of(place(square), furthest * 1.001)
    assert got.area == pytest.approx(np.linalg.norm(normal) / 2)
    with refused(Unmeasurable, "not-planar"):
        Polygon.of(place(square), furthest * 0.999)


def test_an_unplanar_ring_without_mean_area_is_not_planar() -> None:
    with refused(Unmeasurable, "not-planar"):
        Polygon.of(np.array([(0.0, 0, 0), (9, 9, 0), (9, 5, 2), (9, 0, 0), (0, 9, 0), (0, 5, -2)]), 0.1)


def test_bounds_hold_all_vertices() -> None:
    low, high = Polygon.of(FLAT([(1, 2), (9, 3), (4, 8)]), 0).bounds
    assert low.tolist() == [1, 2, 0]
    assert high.tolist() == [9, 8, 0]


def test_points_of_any_arrangement_are_asked_at_once() -> None:
    square = Polygon.of(FLAT(SQUARE), 0)
    assert square.contains(np.array([5.0, 5, 0])).tolist() is True
    assert square.contains(np.full((2, 3, 4, 3), 5.0)).shape == (2, 3, 4)
    assert square.contains(np.zeros((0, 3))).shape == (0,)


@pytest.mark.slow
def test_thousands_of_vertices_give_scikit_images_mask() -> None:
    """But on the border, which scikit-image counts in part only; vertices lie off the grid."""
    turns = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    reach = 200 + 40 * np.random.default_rng(3).random(4000)
    ring = 256 + reach[:, None] * np.stack([np.sin(turns), np.cos(turns)], axis=1)
    pixels = np.stack([*np.indices((512, 512)), np.zeros((512, 512))], axis=-1)
    got = Polygon.of(FLAT(ring), 0).contains(pixels)
    np.testing.assert_array_equal(got, polygon2mask((512, 512), ring))


@pytest.mark.parametrize("kernel", [cover.py_func, cover_in_numpy])
@given(stars(12), st.integers(0, 2**32 - 1))
def test_without_a_compiler_the_same_is_found(kernel: Callable[..., None], star: Array, seed: int) -> None:
    """By the kernel as it reads, and by numpy; at the height of vertices, on the border and far away too."""
    ring = Polygon.of(FLAT(star), 0)._ring
    generator = np.random.default_rng(seed)
    level = np.column_stack([generator.uniform(-60, 60, len(star)), ring.starts[:, 1]])
    places = np.vstack([generator.uniform(-80, 80, (50, 2)).round(), ring.starts, level, [(0, 1e9), (0, -1e9)]])
    edges = ring.starts, ring.ends, ring.first, ring.members
    found = np.zeros(len(places), dtype=bool)
    kernel(places, *edges, ring.bottom, ring.height, 1e-6, found)
    np.testing.assert_array_equal(found, ring.covers(places))
    assert found[50 : 50 + len(star)].all()


def test_an_edge_along_the_normal_has_no_length() -> None:
    """However much a polygon may waver; warnings are errors here."""
    with refused(InvalidMeasurement, "coincident-points"):
        Polygon.of(np.array([(0.0, 0, -1), (0, 0, 1), (10, 0, 0), (10, 10, -1), (10, 10, 1), (0, 10, 0)]), 2)


def test_out_and_back_over_itself_is_self_intersecting() -> None:
    for ring in ([(0, 0), (9, 0), (9, 9), (9, 0)], [(0, 0), (9, 0), (9, 9), (5, 9), (9, 9), (9, 0)]):
        with refused(InvalidMeasurement, "self-intersecting"):
            Polygon.of(FLAT(ring), 0)


def test_the_distance_to_a_segment_without_length_is_that_to_its_point() -> None:
    assert distances(np.array([3.0, 4]), np.zeros(2), np.zeros(2)) == 5
    assert not is_simple(np.array([(0.0, 0), (5, 0), (5, 0), (5, 5)]))
