"""Functions on 4x4 affines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging import affine as affines
from unit.imaging.expected import SEEDS

POINTS = st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 3), min_size=1, max_size=5)


def test_frozen_copies_and_forbids_writing() -> None:
    source = np.arange(3)
    array = affines.frozen(source)
    source[0] = 99
    assert array.dtype == np.float64
    assert array.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@given(st.tuples(*[st.floats(-1e6, 1e6)] * 3).filter(lambda v: max(map(abs, v)) > 1e-3))
def test_unit_keeps_the_direction(vector: tuple[float, float, float]) -> None:
    unit = affines.unit(vector)
    assert np.linalg.norm(unit) == pytest.approx(1)
    np.testing.assert_allclose(np.cross(unit, vector), 0, atol=1e-6 * np.linalg.norm(vector))
    assert unit @ vector > 0


def test_steps_stand_in_the_columns() -> None:
    affine = affines.from_steps((1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12))
    np.testing.assert_array_equal(affine[:3].T, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
    np.testing.assert_array_equal(affine[3], [0, 0, 0, 1])
    assert not affine.flags.writeable


@given(SEEDS, POINTS)
def test_points_map_as_the_matrix_product_says(seed: int, points: list[tuple[float, float, float]]) -> None:
    affine = np.vstack([np.random.default_rng(seed).normal(size=(3, 4)), [0, 0, 0, 1]])
    homogeneous = [(affine @ [*point, 1])[:3] for point in points]
    np.testing.assert_allclose(affines.map_points(affine, points), homogeneous, atol=1e-9)
    np.testing.assert_allclose(affines.map_points(affine, points[0]), homogeneous[0], atol=1e-9)


@given(SEEDS, POINTS)
def test_directions_forget_the_shift(seed: int, vectors: list[tuple[float, float, float]]) -> None:
    affine = np.vstack([np.random.default_rng(seed).normal(size=(3, 4)), [0, 0, 0, 1]])
    expected = affines.map_points(affine, vectors) - affines.map_points(affine, (0, 0, 0))
    np.testing.assert_allclose(affines.map_directions(affine, vectors), expected, atol=1e-9)
