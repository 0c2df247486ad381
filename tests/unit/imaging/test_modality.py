"""Stored values to modality values: held against Python's exact whole numbers and fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quickly import mostly_slow
from reslice.imaging.modality import Rescale, modality_values

TYPES = {np.dtype(t).name: t for t in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32)}
EVERY_TYPE = pytest.mark.parametrize("dtype", **mostly_slow(TYPES, "uint16", "int16"))
MANY = hypothesis_settings(max_examples=200)


def stored_of(dtype: type) -> st.SearchStrategy[list[int]]:
    """Values of a type, often at its ends and near zero."""
    ends = np.iinfo(dtype)
    low, high = int(ends.min), int(ends.max)
    value = st.one_of(st.integers(low, high), st.integers(max(low, -40), 40), st.sampled_from([low, high]))
    return st.lists(value, min_size=1, max_size=9)


def whole_numbers(limit: int) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(-3, 3), st.integers(-limit, limit))


@EVERY_TYPE
@MANY
@given(data=st.data())
def test_whole_slopes_and_intercepts_are_exact(dtype: type, data: st.DataObject) -> None:
    """int16 exactly when every result is within -32767..32767; its arithmetic wraps on the way, never at the end."""
    stored = data.draw(stored_of(dtype))
    slope, intercept = data.draw(whole_numbers(70000)), data.draw(whole_numbers(200000))
    values = modality_values(np.array([stored], dtype=dtype), Rescale(float(slope), float(intercept)))
    expected = [value * slope + intercept for value in stored]
    if all(-32767 <= value <= 32767 for value in expected):
        assert values.dtype == np.int16
        assert values[0].tolist() == expected
    else:
        assert values.dtype == np.float32
        assert values[0].tolist() == [float(np.float32(value)) for value in expected]


@EVERY_TYPE
@MANY
@given(data=st.data())
def test_other_slopes_and_intercepts_are_rounded_once(dtype: type, data: st.DataObject) -> None:
    """Computed in float64 and then rounded: never further from the truth than half a step of float32."""
    stored = data.draw(stored_of(dtype))
    slope = data.draw(st.floats(1e-3, 1e3).filter(lambda s: not s.is_integer()))
    intercept = data.draw(st.floats(-1e4, 1e4))
    values = modality_values(np.array([stored], dtype=dtype), Rescale(slope, intercept))
    assert values.dtype == np.float32
    for value, result in zip(stored, values[0], strict=True):
        truth = Fraction(value) * Fraction(slope) + Fraction(intercept)
        noise = Fraction(abs(value) * slope + abs(intercept)) / 2**51
        assert abs(Fraction(float(result)) - truth) <= Fraction(float(np.spacing(abs(result)))) / 2 + noise


@pytest.mark.parametrize(
    ("stored", "slope", "intercept", "fits"),
    [
        ([0, 65535], 1, -32767, False),
        ([0, 65534], 1, -32767, True),
        ([0, 65535], 1, -32768, False),
        ([32767], 1, 0, True),
        ([32768], 1, 0, False),
        ([32768], -1, 0, False),
        ([32767], -1, 0, True),
        ([5, 9], 0, 12, True),
        ([5, 9], 0, 40000, False),
        ([1], 0.5, 0, False),
        ([2], 1, 0.5, False),
        ([0, 4], 8191, 0, True),
        ([0, 5], 8191, 0, False),
    ],
)
def test_bounds_of_int16(stored: list[int], slope: float, intercept: float, fits: bool) -> None:
    """-32768 stays free for "no data"."""
    assert Rescale(float(slope), float(intercept)).fits_int16(np.array(stored, dtype=np.uint16)) is fits


def test_float_pixels_never_become_whole() -> None:
    stored = np.array([[1.0, 2.0]], dtype=np.float32)
    assert modality_values(stored, Rescale()).dtype == np.float32
    np.testing.assert_array_equal(modality_values(stored, Rescale(2.0, 1.0)), [[3, 5]])


def test_double_pixels_are_rounded_once() -> None:
    third = 1 / 3
    stored = np.array([[third, 1e-40, 16777217.0]], dtype=np.float64)
    np.testing.assert_array_equal(modality_values(stored, Rescale()), stored.astype(np.float32))


def test_read_only_and_strided_pixels_are_left_alone() -> None:
    stored = np.arange(24, dtype=np.uint16).reshape(4, 6)[::2, ::-1]
    stored.setflags(write=False)
    before = stored.copy()
    np.testing.assert_array_equal(modality_values(stored, Rescale(3.0, -1.0)), before.astype(int) * 3 - 1)
    np.testing.assert_array_equal(stored, before)


def test_values_that_float32_can_not_hold_are_no_data() -> None:
    stored = np.array([[0, 4_000_000_000]], dtype=np.uint32)
    values = modality_values(stored, Rescale(1e30, 0.0))
    np.testing.assert_array_equal(values, [[0, np.nan]])
    infinite = np.array([[1.0, np.inf, -np.inf, np.nan]], dtype=np.float32)
    np.testing.assert_array_equal(modality_values(infinite, Rescale()), [[1, np.nan, np.nan, np.nan]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32])
def test_what_float32_cannot_hold_is_no_data_whatever_was_stored(dtype: type) -> None:
    stored = np.array([[0, 1, 100]], dtype=dtype)
    for slope in (1e37, -1e37):
        np.testing.assert_allclose(modality_values(stored, Rescale(slope)), [[0, slope, np.nan]], rtol=1e-6)
    assert np.isnan(modality_values(stored, Rescale(0.5, 1e39))).all()


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_whole_means_both_numbers_are(slope: float, intercept: float) -> None:
    assert Rescale(slope, intercept).is_whole == (slope == int(slope) and intercept == int(intercept))
