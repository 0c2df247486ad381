"""The table of values and greys that the page is held against too."""

import numpy as np
import pytest

from reslice.imaging import voi
from reslice.imaging.voi import VOI_FUNCTIONS, Window, to_display
from voi_cases import all_cases, read_cases

CASES = read_cases()
EVERY_CASE = pytest.mark.parametrize(
    "case", CASES, ids=lambda c: f"{c['function']} {c['center']:g}/{c['width']:g}{' inverted' * c['invert']}"
)


def window(case: dict) -> Window:
    return Window(case["center"], case["width"], case["function"], case["invert"])


def as_floats(case: dict) -> np.ndarray:
    return np.array([[np.nan if value is None else value for value in case["values"]]], dtype=np.float32)


def test_the_table_is_the_one_that_is_worked_out() -> None:
    assert all_cases() == CASES


def test_the_table_says_something_about_everything() -> None:
    assert {case["function"] for case in CASES} == set(VOI_FUNCTIONS)
    assert all(len(case["values"]) == len(case["expected"]) >= 3 for case in CASES)
    assert len({grey for case in CASES for grey in case["expected"]}) > 40
    assert {case["expected"][-1] for case in CASES} == {0}, "no data is black"


@EVERY_CASE
def test_float32(case: dict) -> None:
    assert to_display(as_floats(case), window(case)).tolist() == [case["expected"]]


@EVERY_CASE
def test_float32_without_the_compiler(case: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voi, "IS_COMPILED", False)
    assert to_display(as_floats(case), window(case)).tolist() == [case["expected"]]


@EVERY_CASE
def test_int16(case: dict) -> None:
    pairs = [(v, g) for v, g in zip(case["values"], case["expected"], strict=True) if v is None or v.is_integer()]
    values = np.array([[voi.NO_DATA_INT16 if v is None else v for v, _ in pairs]], dtype=np.int16)
    assert to_display(values, window(case)).tolist() == [[g for _, g in pairs]]
