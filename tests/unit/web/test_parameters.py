"""Query parameters: what is taken, and how refusals name what is wrong."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import BadParameter
from reslice.web.parameters import (
    FormatParameters,
    NoParameters,
    Parameters,
    PlaneParameters,
    SizeParameters,
    SliceParameters,
    ThumbnailParameters,
    WindowParameters,
    parse,
)

GROUPS = [
    FormatParameters,
    NoParameters,
    PlaneParameters,
    SizeParameters,
    SliceParameters,
    ThumbnailParameters,
    WindowParameters,
]


def refused(group: type[Parameters], **query: str) -> BadParameter:
    with pytest.raises(BadParameter) as caught:
        parse(group, {name.replace("_", "-"): value for name, value in query.items()})
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        (" 5", 5),
        ("5 ", 5),
        ("5.", 5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000),
        ("1E-3", 0.001),
        ("1e+2", 100),
        ("0000007", 7),
        ("-0", 0),
    ],
)
def test_numbers_that_are_taken(text: str, value: float) -> None:
    assert parse(PlaneParameters, {"position": text}).position == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e400",
        "-1e999",
        "1e1000",
        "0x10",
        "1_000",
        "1,5",
        "1 2",
        "1\n",
        "\t1",
        "--1",
        "+-1",
        "1e",
        "e5",
        ".",
        "+",
        "٣",
        "\uff11",
        "1\0",
        "true",
        "[1]",
        "null",
        "1e6.5",
    ],
)
def test_numbers_that_are_not(text: str) -> None:
    error = refused(PlaneParameters, position=text)
    assert error.reason == "bad-parameter"
    assert error.facts["Parameter"] == "position"
    assert error.facts["Value"] == text
    assert "from -1e6 to 1e6" in error.facts["Allowed"]


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        position = parse(PlaneParameters, {"position": text}).position
    except BadParameter:
        return
    assert math.isfinite(position)
    assert position == float(text)
    assert re.fullmatch(r"[ 0-9.eE+-]+", text)


@given(st.floats(-1e6, 1e6))
def test_numbers_as_python_prints_them(value: float) -> None:
    assert parse(PlaneParameters, {"position": repr(value)}).position == value


@pytest.mark.parametrize("text", ["0", "7", "007", "+7", " 7 ", "999999999"])
def test_whole_numbers_that_are_taken(text: str) -> None:
    assert parse(PlaneParameters, {"index": text}).index == int(text)


@pytest.mark.parametrize("text", ["", "1.0", "1e2", "-1", "1234567890", "9" * 5000, "0x1", "1_0", "٣", "one", "1\n"])
def test_whole_numbers_that_are_not(text: str) -> None:
    assert refused(PlaneParameters, index=text).facts["Parameter"] == "index"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_flags_that_are_taken(text: str, value: bool) -> None:
    assert parse(WindowParameters, {"invert": text}).invert is value


@pytest.mark.parametrize("text", ["", "True", "FALSE", "yes", "on", "2", " 1"])
def test_flags_that_are_not(text: str) -> None:
    assert refused(WindowParameters, invert=text).facts["Allowed"] == "true or false"


def test_region_is_four_whole_numbers() -> None:
    assert parse(SizeParameters, {"region": "1,2,30,40"}).region == (1, 2, 30, 40)
    for text in ("", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1.5,2,3,4", "1;2;3;4", ",,,"):
        assert refused(SizeParameters, region=text).facts["Parameter"] == "region"


LIMITS = [
    (PlaneParameters, "position", ["-1e6", "1e6"], ["-1000001", "1000001"]),
    (PlaneParameters, "fraction", ["0", "1", "0.5"], ["-0.001", "1.001"]),
    (PlaneParameters, "index", ["0"], ["-1"]),
    (PlaneParameters, "volume", ["0", "5"], ["-1"]),
    (SizeParameters, "width", ["1"], ["0", "-3"]),
    (SizeParameters, "height", ["1"], ["0", "-3"]),
    (SizeParameters, "pixel-spacing", ["0.001", "1000"], ["0.0009", "1000.1", "0", "-1"]),
    (WindowParameters, "window-center", ["-1e9", "1e9"], ["-1.1e9", "1.1e9"]),
    (WindowParameters, "window-width", ["1e-6", "1e9"], ["0", "-1", "1.1e9"]),
    (WindowParameters, "voi-function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"], ["linear", "", "CUBIC"]),
    (SliceParameters, "interpolation", ["linear", "nearest"], ["cubic", "Linear", ""]),
    (PlaneParameters, "interpolation", ["linear", "nearest", "cubic"], ["lanczos", "Cubic", ""]),
    (FormatParameters, "format", ["png", "jpeg", "webp", "raw", "npy"], ["PNG", "jpg", "gif", ""]),
    (FormatParameters, "quality", ["1", "100"], ["0", "101"]),
    (ThumbnailParameters, "size", ["16", "1024"], ["15", "1025"]),
    (ThumbnailParameters, "format", ["png", "jpeg", "webp"], ["raw", "npy"]),
]


@pytest.mark.parametrize(("group", "name", "good", "bad"), LIMITS, ids=lambda p: p if isinstance(p, str) else "")
def test_limits(group: type[Parameters], name: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert getattr(parse(group, {name: text}), name.replace("-", "_")) is not None
    for text in bad:
        error = refused(group, **{name: text})
        assert (error.facts["Parameter"], error.facts["Value"]) == (name, text)
        assert error.facts["Allowed"] not in ("None", "", [])


def test_choices_are_named() -> None:
    assert refused(WindowParameters, voi_function="x").facts["Allowed"] == ["LINEAR", "LINEAR_EXACT", "SIGMOID"]
    assert refused(FormatParameters, format="x").facts["Allowed"] == ["png", "jpeg", "webp", "raw", "npy"]


@pytest.mark.parametrize(
    "name", ["windowcenter", "window_center", "Window-Center", "preset ", "__class__", "ä", "x" * 999]
)
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(BadParameter) as caught:
        parse(SliceParameters, {name: "1"})
    assert caught.value.reason == "unknown-parameter"
    assert caught.value.facts["Parameter"] == name[:64]
    assert "window-center" in caught.value.facts["Allowed"]


def test_routes_without_parameters_take_none() -> None:
    with pytest.raises(BadParameter) as caught:
        parse(NoParameters, {"volume": "0"})
    assert caught.value.facts["Allowed"] == "none"


def test_pass_through_names_are_ignored() -> None:
    assert parse(NoParameters, {"token": "secret"}, ("token",)) == NoParameters()
    assert parse(NoParameters, {"_method": "get"}) == NoParameters()
    assert parse(NoParameters, {"": ""}) == NoParameters(), "a lone & names nothing"
    with pytest.raises(BadParameter):
        parse(NoParameters, {"token": "secret"})


def test_long_values_are_cut_in_the_answer() -> None:
    assert refused(PlaneParameters, position="x" * 10_000).facts["Value"] == "x" * 256


def test_nothing_asked_for_is_the_default() -> None:
    parameters = parse(PlaneParameters, {})
    assert parameters.volume == 0
    assert (parameters.position, parameters.index, parameters.fraction) == (None, None, None)
    assert parameters.size.is_default
    assert not parameters.invert


def test_size_says_what_was_asked() -> None:
    size = parse(PlaneParameters, {"width": "10", "height": "20", "pixel-spacing": "0.5"}).size
    assert (size.width, size.height, size.pixel_spacing) == (10, 20, 0.5)


@pytest.mark.parametrize("group", GROUPS, ids=lambda g: g.__name__)
def test_every_parameter_says_what_it_takes(group: type[Parameters]) -> None:
    """A refusal must name what is allowed: its choices or its sentence."""
    for name in group.model_fields:
        if name != "preset":
            error = refused(group, **{name: "\0"})
            assert error.facts["Parameter"] == name.replace("_", "-")
            assert error.facts["Allowed"] != "None"


def test_parameters_can_not_be_changed() -> None:
    parameters = parse(PlaneParameters, {})
    with pytest.raises(ValueError, match="frozen"):
        parameters.volume = 3
