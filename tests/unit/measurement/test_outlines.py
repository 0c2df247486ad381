"""Rectangles and ellipses anywhere in space, against closed forms, shapely, scipy and scikit-image."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ellipe
from skimage.measure import perimeter_crofton

from reslice.errors import InvalidMeasurement
from reslice.measurement.outlines import Ellipse, Outline, Rectangle
from reslice.measurement.polygon import Polygon
from unit.measurement.refused import refused
from unit.measurement.spaces import FLAT, Array, Placement, placements

SIZES = st.floats(0.5, 200)
TURNS = st.floats(0, 360)


def corners(width: float, height: float, turn: float = 0.0) -> Array:
    return turned(np.array([(0, 0), (width, 0), (width, height), (0, height)]), turn)


def axis_ends(a: float, b: float, turn: float = 0.0) -> Array:
    return turned(np.array([(-a, 0), (a, 0), (0, -b), (0, b)]), turn)


def turned(points: Array, degrees: float) -> Array:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return points @ np.array([[c, s], [-s, c]])


@given(placements(), SIZES, SIZES, TURNS)
def test_a_rectangle_is_base_times_height(place: Placement, width: float, height: float, turn: float) -> None:
    got = Rectangle.of(place(corners(width, height, turn)))
    assert got.area == pytest.approx(width * height, rel=1e-9)
    assert got.perimeter == pytest.approx(2 * (width + height), rel=1e-9)
    assert abs(got.normal @ place.rotation[:, 2]) == pytest.approx(1)


@given(placements(), SIZES, SIZES, TURNS)
def test_an_ellipse_is_pi_a_b(place: Placement, a: float, b: float, turn: float) -> None:
    got = Ellipse.of(place(axis_ends(a, b, turn)))
    assert got.area == pytest.approx(math.pi * a * b, rel=1e-9)
    assert got.perimeter == pytest.approx(4 * max(a, b) * ellipe(1 - (min(a, b) / max(a, b)) ** 2), rel=1e-12)
    assert abs(got.normal @ place.rotation[:, 2]) == pytest.approx(1)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (3, 1), (1, 3), (1, 1e-3), (1e5, 1e-2), (1e-3, 2e-3)])
def test_the_perimeter_is_right_to_a_billionth(a: float, b: float) -> None:
    exact = 4 * max(a, b) * ellipe(1 - (min(a, b) / max(a, b)) ** 2)
    assert Ellipse(np.zeros(3), np.array([a, 0, 0]), np.array([0, b, 0])).perimeter == pytest.approx(exact, rel=1e-9)


def test_the_perimeter_is_that_of_a_polygon_of_many_sides() -> None:
    turns = np.linspace(0, 2 * np.pi, 20001)
    ring = shapely.LineString(np.stack([30 * np.cos(turns), 8 * np.sin(turns)], axis=1))
    assert Ellipse.of(FLAT(axis_ends(30, 8))).perimeter == pytest.approx(ring.length, rel=1e-7)


def test_area_and_perimeter_are_near_those_of_pixels() -> None:
    ellipse = Ellipse.of(FLAT(axis_ends(60, 35, 20)))
    mask = ellipse.contains(pixels(150)).astype(np.uint8)
    assert mask.sum() == pytest.approx(ellipse.area, rel=0.005)
    assert perimeter_crofton(mask) == pytest.approx(ellipse.perimeter, rel=0.02)


def pixels(size: int) -> Array:
    grid = np.stack([*np.indices((size, size)), np.zeros((size, size))], axis=-1)
    return grid - [size // 2, size // 2, 0]


@given(placements(), SIZES, SIZES, TURNS, st.integers(0, 2**32 - 1))
def test_inside_a_rectangle_is_what_shapely_says(
    place: Placement, width: float, height: float, turn: float, seed: int
) -> None:
    ring = corners(width, height, turn)
    got = Rectangle.of(place(ring))
    check_inside(got, shapely.Polygon(ring), ring, place, seed)


@given(placements(), SIZES, SIZES, TURNS, st.integers(0, 2**32 - 1))
def test_inside_an_ellipse_is_where_the_normal_form_is_at_most_1(
    place: Placement, a: float, b: float, turn: float, seed: int
) -> None:
    ends = axis_ends(a, b, turn)
    near = np.vstack([ends, ends * (1 + 0.5e-6 / np.linalg.norm(ends, axis=1)[:, None])])
    far = ends * (1 + 2e-6 / np.linalg.norm(ends, axis=1)[:, None])
    places = np.vstack([near, far, np.random.default_rng(seed).uniform(-1.2 * a, 1.2 * a, (100, 2))])
    straight = turned(places, -turn)
    expected = (straight[:, 0] / a) ** 2 + (straight[:, 1] / b) ** 2 <= 1
    expected[:8] = True
    got = Ellipse.of(place(ends)).contains(place(places))
    np.testing.assert_array_equal(got, expected)


def check_inside(outline: Outline, oracle: shapely.Polygon, ring: Array, place: Placement, seed: int) -> None:
    low, high = ring.min(axis=0) - 1, ring.max(axis=0) + 1
    along = (ring + np.roll(ring, -1, axis=0)) / 2
    places = np.vstack([np.random.default_rng(seed).uniform(low, high, (100, 2)), ring, along])
    expected = shapely.distance(oracle, shapely.points(places)) <= 1e-6
    assert expected[-8:].all()
    np.testing.assert_array_equal(outline.contains(place(places)), expected)


@pytest.mark.parametrize("make", [Rectangle.of, Ellipse.of])
@given(st.integers(0, 2**32 - 1))
def test_points_rounded_to_a_thousandth_are_accepted(make: Callable[[Array], Outline], seed: int) -> None:
    generator = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    place = Placement(rotation, generator.uniform(-300, 300, 3))
    sizes = generator.uniform(1, 150, 2)
    exact = place((corners if make == Rectangle.of else axis_ends)(*sizes))
    assert make(exact.round(3)).area == pytest.approx(make(exact).area, rel=1e-2)


@pytest.mark.parametrize("off", [0.05, 3.0])
def test_four_other_corners_are_no_rectangle(off: float) -> None:
    square = corners(10, 6)
    for corner in range(4):
        moved = square.copy()
        moved[corner, 0] += off
        with refused(InvalidMeasurement, "not-a-rectangle"):
            Rectangle.of(FLAT(moved))
    with refused(InvalidMeasurement, "not-a-rectangle"):  # a parallelogram
        Rectangle.of(FLAT(np.add(square, [[0, 0], [0, 0], [off, 0], [off, 0]])))
    with refused(InvalidMeasurement, "not-a-rectangle"):  # out of its plane
        Rectangle.of(FLAT(np.hstack([square, [[0], [0], [off], [0]]])))
    with refused(InvalidMeasurement, "not-a-rectangle"):  # not around it
        Rectangle.of(FLAT(square[[0, 2, 1, 3]]))


@pytest.mark.parametrize("off", [0.05, 3.0])
def test_axes_at_other_angles_or_apart_are_no_ellipse(off: float) -> None:
    ends = axis_ends(10, 6)
    with refused(InvalidMeasurement, "axes-not-perpendicular"):
        Ellipse.of(FLAT(np.add(ends, [[0, 0], [0, 0], [-off, 0], [off, 0]])))
    with refused(InvalidMeasurement, "axes-not-perpendicular"):
        Ellipse.of(FLAT(np.add(ends, [[0, 0], [0, 0], [off, 0], [off, 0]])))


def test_points_in_one_place_are_refused() -> None:
    for ring in ([(0, 0), (0, 0), (5, 5), (5, 5)], [(0, 0), (5, 0), (5, 5), (0, 1e-8)]):
        with refused(InvalidMeasurement, "coincident-points"):
            Rectangle.of(FLAT(ring))
    for ends in (axis_ends(10, 0), axis_ends(0, 10)):
        with refused(InvalidMeasurement, "coincident-points"):
            Ellipse.of(FLAT(ends))


def test_shapes_without_area_are_refused() -> None:
    """Sides that differ by more than float noise, and yet enclose nothing."""
    with refused(InvalidMeasurement, "zero-area"):
        Rectangle.of(FLAT([(0, 0), (10, 0), (10.003, 0), (0.003, 0)]))
    with refused(InvalidMeasurement, "zero-area"):
        Ellipse.of(FLAT([(-10, 0), (10, 0), (-0.001, 0), (0.001, 0)]))


@pytest.mark.parametrize("make", [Rectangle.of, Ellipse.of])
@pytest.mark.parametrize("count", [3, 5])
def test_another_number_of_points_is_refused(make: Callable[[Array], Outline], count: int) -> None:
    with refused(InvalidMeasurement, "wrong-point-count"):
        make(FLAT([(0, 0), (5, 0), (5, 5), (0, 5), (1, 1)][:count]))


@given(placements(), SIZES, SIZES)
def test_bounds_and_corners_hold_the_outline(place: Placement, a: float, b: float) -> None:
    turns = np.linspace(0, 2 * np.pi, 400)
    around = place(np.stack([a * np.cos(turns), b * np.sin(turns)], axis=1))
    ellipse = Ellipse.of(place(axis_ends(a, b)))
    low, high = ellipse.bounds
    np.testing.assert_allclose(around.min(axis=0), low, atol=1e-3 * max(a, b))
    np.testing.assert_allclose(around.max(axis=0), high, atol=1e-3 * max(a, b))
    assert Polygon.of(ellipse.corners, 0.001).contains(around).all()
    rectangle = Rectangle.of(place(corners(a, b)))
    np.testing.assert_allclose(rectangle.corners, place(corners(a, b)), atol=1e-9)
    np.testing.assert_allclose(rectangle.bounds, [rectangle.corners.min(axis=0), rectangle.corners.max(axis=0)])


@pytest.mark.parametrize("size", [2.5e-4, 2.5e-3, 1.0])
def test_a_shape_of_microscopic_pixels_is_no_less_a_rectangle_than_a_large_one(size: float) -> None:
    """Of ten pixels each way, drawn askew; and what is right stays accepted."""
    assert Rectangle.of(FLAT(corners(10, 6, 20) * size)).area == pytest.approx(60 * size**2)
    assert Ellipse.of(FLAT(axis_ends(10, 6, 20) * size)).area == pytest.approx(60 * math.pi * size**2)
    with refused(InvalidMeasurement, "not-a-rectangle"):
        Rectangle.of(FLAT(np.array([(0, 0), (10, 0), (16, 9), (-1, 11)]) * size))
    with refused(InvalidMeasurement, "axes-not-perpendicular"):
        Ellipse.of(FLAT(np.array([(-10, -3), (10, 3), (0, -6), (0, 6)]) * size))
