"""Lengths and angles, anywhere in space, against closed forms and shapely."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement
from reslice.measurement.shapes import angle, cobb, length
from unit.measurement.refused import refused
from unit.measurement.spaces import FLAT, Placement, placements

DEGREES = st.floats(0, 180)
LENGTHS = st.floats(0.5, 400)
COORDINATES = st.tuples(*[st.floats(-300, 300)] * 2)


def leg(degrees: float, size: float) -> np.ndarray:
    return size * np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


@given(placements(), LENGTHS, DEGREES)
def test_a_line_is_as_long_as_it_was_drawn(place: Placement, size: float, turn: float) -> None:
    start = np.array([3.0, -4.0])
    assert length(place([start, start + leg(turn, size)])) == pytest.approx(size, rel=1e-9)


@given(placements(), st.lists(COORDINATES, min_size=2, max_size=9))
def test_a_polyline_is_as_long_as_shapely_says(place: Placement, points: list[tuple[float, float]]) -> None:
    assume((np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-3).all())
    assert length(place(points)) == pytest.approx(shapely.LineString(points).length, rel=1e-9)


@given(placements(), DEGREES, DEGREES, LENGTHS, LENGTHS)
def test_an_angle_is_as_wide_as_it_was_drawn(place: Placement, drawn: float, turn: float, a: float, b: float) -> None:
    vertex = np.array([10.0, 20.0])
    points = place([vertex + leg(turn, a), vertex, vertex + leg(turn + drawn, b)])
    assert angle(points) == pytest.approx(drawn, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("drawn", [0.0, 1e-7, 1e-3, 90.0, 179.999, 180.0])
def test_narrow_and_wide_angles_are_precise(drawn: float) -> None:
    assert angle(FLAT([leg(0, 7), (0, 0), leg(drawn, 3)])) == pytest.approx(drawn, abs=1e-12)


@given(placements(), DEGREES, DEGREES, LENGTHS, LENGTHS)
def test_a_cobb_angle_is_that_between_the_lines_as_drawn(
    place: Placement, drawn: float, turn: float, a: float, b: float
) -> None:
    one, other = np.array([10.0, 20.0]), np.array([12.0, 90.0])
    got = cobb(place([one, one + leg(turn, a), other, other + leg(turn + drawn, b)]))
    assert got == pytest.approx((drawn, 180 - drawn), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("drawn", [0.0, 25.0, 90.0, 130.0, 179.9])
def test_a_cobb_line_starts_where_the_mean_direction_starts(drawn: float) -> None:
    """The rule itself, step by step: the start is the end with the smaller projection on the mean direction."""
    ends = np.array([(0, 0), leg(7, 40), (3, 80), np.add((3, 80), leg(7 + drawn, 25))])
    u, v = leg(7, 1), leg(7 + drawn, 1)
    sorted_ends = [sorted(pair, key=lambda end: float(end @ (u + v))) for pair in (ends[:2], ends[2:])]
    (a0, a1), (b0, b1) = sorted_ends
    between = math.degrees(math.acos((a1 - a0) @ (b1 - b0) / math.dist(a0, a1) / math.dist(b0, b1)))
    assert cobb(FLAT(ends))[0] == pytest.approx(between, abs=1e-5)


def test_cobb_lines_drawn_against_each_other_tell_the_usual_angle_as_the_supplement() -> None:
    assert cobb(FLAT([(0, 0), (9, 0), (9, 5), (0, 5)])) == pytest.approx((180, 0), abs=1e-12)
    assert cobb(FLAT([(0, 0), (9, 0), (9, 7), (0, 5)]))[1] == pytest.approx(math.degrees(math.atan(2 / 9)))


def test_cobb_angles_over_90_degrees_are_told() -> None:
    assert cobb(FLAT([(0, 0), (10, 0), (0, 50), np.add((0, 50), leg(110, 10))]))[0] == pytest.approx(110)


@pytest.mark.parametrize("near", [0, 1e-7])
def test_successive_points_in_one_place_are_refused(near: float) -> None:
    with refused(InvalidMeasurement, "coincident-points"):
        length(FLAT([(0, 0), (4, 4), (4 + near, 4), (9, 9)]))
    for points in ([(1, 1), (1, 1 + near), (5, 5)], [(1, 1), (5, 5 + near), (5, 5)]):
        with refused(InvalidMeasurement, "coincident-points"):
            angle(FLAT(points))
    for points in ([(1, 1), (1 + near, 1), (5, 5), (6, 6)], [(1, 1), (5, 5), (6, 6), (6, 6 + near)]):
        with refused(InvalidMeasurement, "coincident-points"):
            cobb(FLAT(points))


def test_other_points_may_share_a_place() -> None:
    assert length(FLAT([(0, 0), (3, 4), (0, 0)])) == pytest.approx(10)
    assert angle(FLAT([(3, 4), (0, 0), (3, 4)])) == 0
    assert cobb(FLAT([(0, 0), (3, 4), (0, 0), (3, 4)]))[0] == 0


def test_another_number_of_points_is_refused() -> None:
    points = FLAT([(0, 0), (1, 0), (1, 1), (5, 6), (7, 7)])
    for measure, counts in ((length, (0, 1)), (angle, (2, 4)), (cobb, (3, 5))):
        for count in counts:
            with refused(InvalidMeasurement, "wrong-point-count"):
                measure(points[:count])
