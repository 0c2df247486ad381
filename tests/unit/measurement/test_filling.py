"""Filling a polygon row by row finds the pixels that asking each of them finds, and in bounded time."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.measurement import filling
from reslice.measurement.filling import BORDER, LEVEL, fill, mark_near, scan
from reslice.measurement.inside import BandedRing
from reslice.measurement.polygon import Polygon
from reslice.measurement.samples import inside_pixels
from unit.measurement.spaces import FLAT, Array

SHAPE = (24, 31)


@st.composite
def rings(draw: st.DrawFn) -> Array:
    """Of a few vertices, whole (on pixel centres and rows), or anywhere: simple or not, which filling doesn't ask."""
    count = draw(st.integers(3, 30))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ring = generator.uniform(-5, 35, (count, 2))
    ring = ring.round() if draw(st.booleans()) else ring
    steps = np.abs(ring - np.roll(ring, -1, axis=0)).sum(axis=1)
    ring = ring[steps > 0]
    return ring if len(ring) > 2 and np.ptp(ring[:, 1]) > 0 else np.array([(2.0, 2), (9, 3), (4, 11)])


def places(origin: Array, step: float, down: Array) -> Array:
    rows, columns = np.indices(SHAPE)[..., None]
    return origin + rows * down + columns * [step, 0]


@given(rings(), st.sampled_from([1.0, 0.5, 0.73]), st.sampled_from([(0, 1.0), (0, -1.0), (0.3, 0.7), (-0.2, -1.3)]))
def test_each_pixel_is_what_asking_it_alone_tells(ring: Array, step: float, down: tuple[float, float]) -> None:
    origin = np.array([-2.0, 0 if down[1] > 0 else 28])
    got = fill(ring, origin, step, np.array(down), SHAPE)
    expected = BandedRing.of(ring).covers(places(origin, step, np.array(down)).reshape(-1, 2))
    np.testing.assert_array_equal(got, expected.reshape(SHAPE))


@given(rings())
def test_pixels_near_the_border_count_within_a_millionth(ring: Array) -> None:
    """The grid is laid so that a pixel lies at a little more or less than the limit from an edge."""
    along = np.roll(ring, -1, axis=0) - ring
    outward = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
    oracle = BandedRing.of(ring)
    for distance in (-1.1e-6, -0.9e-6, 0.9e-6, 1.1e-6):
        points = ring + 0.37 * along + distance * outward
        found = [fill(ring, point - [2, 3], 1.0, np.array([0.0, 1]), (5, 5))[3, 2] for point in points]
        np.testing.assert_array_equal(found, oracle.covers(points))
        assert all(found) or abs(distance) > 1e-6


@given(rings())
def test_the_interpreter_finds_what_the_compiler_finds(ring: Array) -> None:
    origin, down, ends = np.array([-2.0, 1]), np.array([0.3, 1]), np.roll(ring, -1, axis=0)
    found = []
    for near, kernel in ((mark_near, scan), (mark_near.py_func, scan.py_func)):
        masks = np.zeros((2, *SHAPE), dtype=bool)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(filling, "mark_near", near)
            kernel(ring, ends, origin, down, 0.8, BORDER, LEVEL, *masks)
        found.append(masks)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("upright", [False, True])
def test_a_comb_of_two_thousand_vertices_costs_no_more_than_its_edges(upright: bool) -> None:
    size = 1024
    teeth = [(1022 * k / 1990, size - 1.0 if k % 2 else 1.0) for k in range(1990)]
    ring = np.array([*teeth, (size - 1.0, 0.0), (0.0, 0.0)])[:, :: 1 if upright else -1]
    comb = Polygon.of(FLAT(ring), 0)
    grid = np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (size, size)
    inside_pixels(comb, *grid)
    begin = time.process_time()
    rows, columns, mask = inside_pixels(comb, *grid)
    assert time.process_time() - begin < 1
    assert (rows, columns) == (slice(0, size), slice(0, size))
    assert mask.sum() == pytest.approx(comb.area, rel=0.01)
