"""VOI tables: each value looked up by hand (PS3.3 C.11.2.1.1)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.voi import NO_DATA_INT16, VoiLut, Window, to_display

GAMMA = VoiLut(-100, (np.linspace(0, 1, 301) ** 2 * 4095).astype(np.uint16), 12, "GAMMA")


def by_hand(lut: VoiLut, value: float) -> float:
    """The grey of a value that the table has, or of one beyond its ends."""
    entry = min(max(int(value - lut.first), 0), len(lut.values) - 1)
    share = int(lut.values[entry]) / (2**lut.bits - 1)
    return 255 * (1 - share if lut.invert else share)


@given(
    st.integers(-40000, 40000),
    st.lists(st.integers(0, 1023), min_size=1, max_size=50),
    st.sampled_from([10, 12, 16]),
    st.booleans(),
    st.lists(st.integers(-32767, 32767), min_size=1, max_size=20),
)
def test_every_value_has_its_entry(first: int, entries: list[int], bits: int, invert: bool, far: list[int]) -> None:
    lut = VoiLut(first, np.array(entries, np.uint16), bits, invert=invert)
    near = np.clip(first + np.arange(-2, len(entries) + 2), -32767, 32767)
    values = np.array([[*far, *near]])
    for dtype in (np.int16, np.float32):
        shown = to_display(values.astype(dtype), lut)
        expected = [by_hand(lut, v) for v in values[0]]
        assert shown.dtype == np.uint8
        assert np.abs(shown[0] - expected).max() <= 0.5 + 1e-9


def test_every_shape_is_shown_alike() -> None:
    """The compiled way takes images only."""
    values = np.linspace(-200, 300, 24, dtype=np.float32)
    values[5] = np.nan
    expected = to_display(values.reshape(4, 6), GAMMA)
    np.testing.assert_array_equal(to_display(values, GAMMA), expected.reshape(-1))
    np.testing.assert_array_equal(to_display(values.reshape(4, 6)[::-1].T, GAMMA), expected[::-1].T)


def test_lower_values_take_the_first_entry_and_higher_the_last() -> None:
    lut = VoiLut(10, np.array([100, 200, 150], np.uint16), 8)
    for dtype in (np.int16, np.float32):
        values = np.array([[-30000, 9, 10, 11, 12, 13, 30000]], dtype)
        assert to_display(values, lut).tolist() == [[100, 100, 100, 200, 150, 150, 150]]


def test_between_entries_the_nearest_counts() -> None:
    lut = VoiLut(0, np.array([0, 255], np.uint16), 8)
    assert to_display(np.array([[0.4, 0.6, 1.4]], np.float32), lut).tolist() == [[0, 255, 255]]


@pytest.mark.parametrize("invert", [False, True])
def test_no_data_and_padding_are_black(invert: bool) -> None:
    lut = VoiLut(0, np.array([100, 200], np.uint16), 8, invert=invert)
    assert to_display(np.array([[np.nan, 1]], np.float32), lut)[0, 0] == 0
    assert to_display(np.array([[NO_DATA_INT16, 1]], np.int16), lut)[0, 0] == 0
    for dtype in (np.int16, np.float32):
        assert to_display(np.array([[-5, 1]], dtype), lut, (-5.0, -5.0)).tolist()[0][0] == 0
        assert (to_display(np.array([[-5, 1]], dtype), lut) > 0).all()


def test_infinite_values_take_the_ends() -> None:
    assert to_display(np.array([[-np.inf, np.inf]], np.float32), GAMMA).tolist() == [[0, 255]]


@pytest.mark.parametrize(
    ("entries", "center", "width", "invert"),
    [
        ([0, 0, 0, 5, 9, 9], 3, 2, False),
        ([9, 9, 5, 0, 0, 0], 2, 2, True),
        ([0, 3, 6, 9], 1.5, 3, False),
        ([7, 7, 7], 1, 2, False),
        ([7], 0.5, 1, False),
    ],
)
def test_equivalent_window(entries: list[int], center: float, width: float, invert: bool) -> None:
    lut = VoiLut(0, np.array(entries, np.uint16), 4, "X")
    assert lut.equivalent == Window(center, width, "LINEAR_EXACT", invert, "dicom-voi-lut", "X")
    assert lut.equivalent.is_valid
    assert replace(lut, invert=True).equivalent.invert is not invert


def test_the_table_of_a_straight_line_is_its_window() -> None:
    lut = VoiLut(-50, (np.arange(256) * 257).astype(np.uint16), 16)
    values = np.arange(-100, 300, dtype=np.int16).reshape(20, 20)
    np.testing.assert_array_equal(to_display(values, lut), to_display(values, lut.equivalent))


def test_scaled_values_look_the_same() -> None:
    values = np.arange(-150, 250, dtype=np.float32).reshape(20, 20)
    scaled = to_display(values * np.float32(0.25), GAMMA.scaled(0.25))
    np.testing.assert_array_equal(scaled, to_display(values, GAMMA))
    window = Window(40, 81)
    scaled = to_display(values * np.float32(0.25), window.scaled(0.25))
    np.testing.assert_array_equal(scaled, to_display(values, window))


def test_tables_compare_by_what_they_hold() -> None:
    twin = replace(GAMMA, values=GAMMA.values.copy())
    assert twin == GAMMA
    assert hash(twin) == hash(GAMMA)
    assert replace(GAMMA, first=0.0) != GAMMA
    assert replace(GAMMA, values=GAMMA.values[::-1].copy()) != GAMMA
    assert GAMMA != "a table"
    with pytest.raises(ValueError, match="read-only"):
        GAMMA.values[0] = 1
