"""The Reslice-* headers: compact ASCII JSON of at most 4 KB that nobody can break out of."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.dicom.layout import LayoutWarning
from reslice.imaging.plane import ImagePlane
from reslice.imaging.voi import Window
from reslice.web.headers import (
    LONGEST,
    header,
    is_without_data,
    no_data_of,
    numbers,
    plane_facts,
    warning_facts,
    window_facts,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)


@given(JSON)
def test_any_value_is_a_safe_header(value: object) -> None:
    text = header(value)
    assert len(text) <= LONGEST
    assert text.isascii()
    assert text.isprintable(), "no control character, no line break"
    assert json.loads(text) == value


def test_compact() -> None:
    assert header({"A": [1, 2.5], "B": None}) == '{"A":[1,2.5],"B":null}'


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x=1", "\0", "\x7f", "\u2028", "Müller^Jürgen", "\ud800"])
def test_line_breaks_and_names_are_escaped(text: str) -> None:
    value = header({"Details": text})
    assert value.isascii()
    assert not set(value) & set(map(chr, [*range(32), 127]))


@given(st.lists(st.text(max_size=60), min_size=60, max_size=400))
def test_long_lists_are_cut_and_say_so(values: list[str]) -> None:
    text = header(values)
    found = json.loads(text)
    assert len(text) <= LONGEST
    if found != values:
        assert found[-1] == {"Truncated": True}
        kept = found[:-1]
        assert kept == values[: len(kept)]
        longer = [*values[: len(kept) + 1], {"Truncated": True}]
        assert len(json.dumps(longer, separators=(",", ":"))) > LONGEST, "no more is cut than must be"


def test_what_else_is_too_long_says_so() -> None:
    assert header({"Details": "x" * 5000}) == '{"Truncated":true}'
    assert header([{"Details": "x" * 5000}]) == '[{"Truncated":true}]'
    assert len(header("x" * (LONGEST - 2))) == LONGEST


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_know_never_leave(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        header({"Center": value})


def test_numbers_keep_their_last_bit_and_lose_the_sign_of_zero() -> None:
    values = [0.1, 1 / 3, -0.0, 1e-300, 123456789.123456789]
    assert json.loads(header(numbers(values))) == values
    assert "-0" not in header(numbers([-0.0]))
    assert numbers(np.array([1, 2], dtype=np.int16)) == [1.0, 2.0]


def test_facts_of_a_plane() -> None:
    plane = ImagePlane(np.array([1.0, -2.0, 3.5]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), (0.5, 0.25), (7, 9))
    assert plane_facts(plane, 2.5, 3, 8) == {
        "Position": [1, -2, 3.5],
        "Row": [1, 0, 0],
        "Column": [0, 0, -1],
        "Spacing": [0.5, 0.25],
        "Thickness": 2.5,
        "Size": [7, 9],
        "Index": 3,
        "Count": 8,
    }


def test_facts_of_a_window() -> None:
    assert window_facts(Window(40, 80, "SIGMOID", True, "preset-brain")) == {
        "Center": 40,
        "Width": 80,
        "Function": "SIGMOID",
        "Invert": True,
        "Source": "preset-brain",
    }


def test_facts_of_a_warning() -> None:
    warning = LayoutWarning("gantry-tilt", "leans", (("Degrees", -18.5),))
    assert warning_facts(warning) == {"Reason": "gantry-tilt", "Details": "leans", "Degrees": -18.5}


def test_no_data_of_each_type() -> None:
    assert no_data_of(np.dtype(np.int16)) == -32768
    assert no_data_of(np.dtype(np.float32)) == "NaN"


def test_outside_is_no_data_at_all() -> None:
    assert is_without_data(np.full((2, 2), np.nan, np.float32))
    assert not is_without_data(np.array([[np.nan, 1]], np.float32))
    assert not is_without_data(np.full((2, 2), -32768, np.int16))
