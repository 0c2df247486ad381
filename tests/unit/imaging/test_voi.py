"""Windows: held against the Standard's formula, pixel by pixel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from naive import display_values
from reslice.imaging import voi
from reslice.imaging.compiled import IS_COMPILED
from reslice.imaging.voi import VOI_FUNCTIONS, Window, automatic, automatic_of, to_display
from reslice.imaging.volume import Volume
from unit.imaging.expected import upright

ROUNDED = 0.51
"""Grey levels: the nearest whole one, or either of two where float noise decides."""
EVERY_FUNCTION = pytest.mark.parametrize("function", VOI_FUNCTIONS)
MANY = hypothesis_settings(max_examples=150)


def assert_shown(values: np.ndarray, window: Window) -> None:
    """The grey levels are the naive ones."""
    shown = to_display(values, window)
    expected = display_values(values.astype(float), window.center, window.width, window.function)
    if window.invert:
        expected = 255 - expected
    assert shown.dtype == np.uint8
    assert shown.shape == values.shape
    assert np.abs(shown - expected).max() <= ROUNDED


@EVERY_FUNCTION
@MANY
@given(
    center=st.floats(-5000, 5000),
    width=st.floats(1.5, 20000),
    invert=st.booleans(),
    values=st.lists(st.integers(-32767, 32767), min_size=1, max_size=30),
)
def test_int16_through_any_window(function: str, center: float, width: float, invert: bool, values: list[int]) -> None:
    near = [int(np.clip(center + width * part, -32767, 32767)) for part in (-0.51, -0.5, -0.2, 0, 0.3, 0.5, 0.51)]
    assert_shown(np.array([values + near], dtype=np.int16), Window(center, width, function, invert))


@EVERY_FUNCTION
@MANY
@given(
    center=st.floats(-40000, 40000),
    width=st.floats(1e-2, 20000),
    invert=st.booleans(),
    parts=st.lists(st.floats(-0.7, 0.7), min_size=1, max_size=30),
)
def test_float32_through_any_window(
    function: str, center: float, width: float, invert: bool, parts: list[float]
) -> None:
    """Narrow windows far from zero too: a PET or a quantitative MR has them."""
    width = width + 1 if function == "LINEAR" else width
    values = np.array([[center + part * width for part in parts]], dtype=np.float32)
    assert_shown(values, Window(center, width, function, invert))


@EVERY_FUNCTION
@given(values=st.lists(st.floats(-100, 100, width=32), min_size=6, max_size=6), center=st.floats(-50, 50))
def test_every_shape_and_layout_is_shown_alike(function: str, values: list[float], center: float) -> None:
    """The compiled way takes images only; what it leaves to numpy looks the same."""
    window = Window(center, 40.0, function)
    image = np.array(values, dtype=np.float32).reshape(2, 3)
    expected = to_display(image, window)
    np.testing.assert_array_equal(to_display(image.reshape(-1), window), expected.reshape(-1))
    np.testing.assert_array_equal(to_display(image.reshape(1, 2, 3), window), expected.reshape(1, 2, 3))
    np.testing.assert_array_equal(to_display(image[::-1, ::-1], window), expected[::-1, ::-1])
    np.testing.assert_array_equal(to_display(image.T, window), expected.T)


def test_int16_of_every_shape_is_looked_up() -> None:
    values = np.arange(-12, 12, dtype=np.int16)
    window = Window(0, 10)
    expected = to_display(values.reshape(4, 6), window)
    np.testing.assert_array_equal(to_display(values, window), expected.reshape(-1))
    np.testing.assert_array_equal(to_display(values.reshape(4, 6)[:, ::-2], window), expected[:, ::-2])
    np.testing.assert_array_equal(to_display(values.reshape(4, 6).astype(np.float32), window), expected)


def test_width_one_is_a_threshold() -> None:
    """LINEAR with width 1: black up to and including c - 0.5, white above (PS3.3 C.11.2.1.2.1)."""
    for dtype in (np.int16, np.float32):
        values = np.array([[-5, 7, 8, 9]], dtype=dtype)
        assert to_display(values, Window(8, 1)).tolist() == [[0, 0, 255, 255]]
        assert to_display(values, Window(8.5, 1)).tolist() == [[0, 0, 0, 255]]
        assert to_display(values, Window(8, 1, invert=True)).tolist() == [[255, 255, 0, 0]]
    halves = np.array([[7.4, 7.5, 7.6, np.nan]], dtype=np.float32)
    assert to_display(halves, Window(8, 1)).tolist() == [[0, 0, 255, 0]]
    assert to_display(halves, Window(8, 1, invert=True)).tolist() == [[255, 255, 0, 0]]


@EVERY_FUNCTION
@pytest.mark.parametrize("invert", [False, True])
def test_no_data_is_black(function: str, invert: bool) -> None:
    for values in (np.full((2, 2), np.nan, np.float32), np.full((2, 2), -32768, np.int16)):
        assert (to_display(values, Window(5, 10, function, invert)) == 0).all()


@EVERY_FUNCTION
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_padding_is_black(function: str, invert: bool, dtype: type) -> None:
    values = np.array([[-2000, -1995, -1990, -1989, 0]], dtype=dtype)
    window = Window(0, 8000, function, invert)
    shown = to_display(values, window, (-2000.0, -1990.0))
    assert shown[0, :3].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(shown[0, 3:], to_display(values, window)[0, 3:])
    assert (to_display(values, window) != 0).all(), "without padding these values are grey"


@EVERY_FUNCTION
def test_inversion_is_the_negative(function: str) -> None:
    values = np.arange(-200, 200, dtype=np.int16).reshape(20, 20)
    plain, turned = (to_display(values, Window(3, 150, function, invert)) for invert in (False, True))
    difference = plain.astype(int) + turned - 255
    assert np.abs(difference).max() <= 1, "a middle between two levels rounds either way"
    assert plain.min() <= 1
    assert plain.max() >= 254


@EVERY_FUNCTION
@pytest.mark.parametrize(
    ("center", "width"), [(0.0, 1e-6), (0.0, 1e9), (1e9, 1e9), (-1e9, 1.0), (1e9, 1e-6), (-1e9, 1e-6)]
)
def test_absurd_windows_raise_nothing(function: str, center: float, width: float) -> None:
    """The furthest that a request or a file may go; warnings count as errors here."""
    window = Window(center, max(width, 1.0) if function == "LINEAR" else width, function)
    for dtype in (np.int16, np.float32):
        shown = to_display(np.array([[-30000, -1, 1, 30000]], dtype=dtype), window)
        assert shown.tolist() == [sorted(shown[0].tolist())], "brighter with the value"


@pytest.mark.parametrize(
    ("function", "width", "is_valid"),
    [
        ("LINEAR", 1, True),
        ("LINEAR", 0.999, False),
        ("LINEAR", 0, False),
        ("LINEAR_EXACT", 1e-9, True),
        ("LINEAR_EXACT", 0, False),
        ("SIGMOID", 0.5, True),
        ("SIGMOID", -1, False),
    ],
)
def test_valid_widths(function: str, width: float, is_valid: bool) -> None:
    assert Window(0, width, function).is_valid is is_valid


def test_the_callers_array_is_left_alone() -> None:
    for function in VOI_FUNCTIONS:
        values = np.array([[1.0, np.nan, 5.0]], dtype=np.float32)
        values.setflags(write=False)
        to_display(values, Window(2, 3, function), (5.0, 5.0))
        np.testing.assert_array_equal(values, [[1, np.nan, 5]])


def test_the_quick_way_is_there() -> None:
    assert IS_COMPILED, "else half of this module tests nothing"


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=200))
def test_automatic_window_spans_the_percentiles(values: list[float]) -> None:
    window = automatic_of(np.array(values, dtype=np.float32))
    low, high = np.percentile(np.array(values, dtype=np.float32), (0.1, 99.9))
    assert window.center == pytest.approx((low + high) / 2, abs=1e-3)
    assert window.width == pytest.approx(max(high - low, 1e-6), rel=1e-3, abs=1e-3)
    assert (window.function, window.source, window.invert) == ("LINEAR_EXACT", "automatic", False)
    assert window.is_valid


@pytest.mark.parametrize("constant", [0.0, 100.0, 100.3, -31000.0, 1e-30, 1e9])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_constant_images_are_middle_grey(constant: float, dtype: type) -> None:
    if dtype is np.int16 and abs(constant) > 32767:
        constant = 12345.0
    values = np.full((3, 3), constant, dtype=dtype)
    shown = to_display(values, automatic_of(values.reshape(-1)))
    assert np.isin(shown, (127, 128)).all(), shown


def test_no_values_make_a_window_all_the_same() -> None:
    window = automatic_of(np.array([], dtype=np.float32))
    assert window.is_valid
    assert math.isfinite(window.center)


def volume(values: list[float], **facts: object) -> Volume:
    voxels = np.array(values, dtype=np.float32).reshape(-1, 1, 1)
    return Volume(upright(voxels.shape), voxels, **facts)


@pytest.mark.parametrize(
    ("found", "low", "high"),
    [
        (volume([0, 10]), 0, 10),
        (volume([0, 10, np.nan, np.inf]), 0, 10),
        (volume([-2000, 0, 10], padding=(-2000.0, -2000.0)), 0, 10),
        (volume([9999, 0, 10], absent=(0,)), 0, 10),
        (volume([9999, 0, 10, -3000], absent=(0,), padding=(-3000.0, -3000.0)), 0, 10),
    ],
)
def test_no_data_has_no_part_in_the_automatic_window(found: Volume, low: float, high: float) -> None:
    window = automatic(found)
    assert window.center - window.width / 2 == pytest.approx(low, abs=0.02)
    assert window.center + window.width / 2 == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize("found", [volume([np.nan]), volume([5, 5], padding=(5.0, 5.0)), volume([1], absent=(0,))])
def test_volume_without_data_has_a_window_all_the_same(found: Volume) -> None:
    assert automatic(found).is_valid


def test_large_volumes_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    voxels = np.arange(10_000, dtype=np.float32).reshape(10, 10, 100)
    exact = automatic(Volume(upright(voxels.shape), voxels))
    monkeypatch.setattr(voi, "SAMPLES_FOR_PERCENTILES", 999)
    sampled = automatic(Volume(upright(voxels.shape), voxels))
    assert sampled.center == pytest.approx(exact.center, abs=30)
    assert sampled.width == pytest.approx(exact.width, rel=0.01)
    assert sampled == automatic(Volume(upright(voxels.shape), voxels.copy()))
