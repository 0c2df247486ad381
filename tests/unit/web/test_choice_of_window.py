"""Which window an image is shown with."""

import pytest

from reslice.errors import BadParameter
from reslice.imaging.voi import Window
from reslice.settings import Preset
from reslice.web.parameters import WindowParameters, parse
from reslice.web.windows import check_window, choose_window

OWN = Window(50, 300, "SIGMOID", False, "dicom-median")
AUTOMATIC = Window(5, 7, "LINEAR_EXACT", False, "automatic")
PRESETS = (Preset(name="bone", center=350, width=2000), Preset(name="lung", center=-600, width=1500))


def chosen(own: Window | None = OWN, inverted: bool = False, **query: str) -> Window:
    parameters = parse(WindowParameters, {name.replace("_", "-"): value for name, value in query.items()})
    return choose_window(parameters, own, inverted, PRESETS, lambda: AUTOMATIC)


def test_the_images_own_window_is_the_default() -> None:
    assert chosen() == OWN


def test_automatic_where_it_has_none() -> None:
    assert chosen(own=None) == AUTOMATIC


def test_request_comes_first_with_the_images_function() -> None:
    assert chosen(window_center="1", window_width="9") == Window(1, 9, "SIGMOID", False, "request")
    assert chosen(own=None, window_center="1", window_width="9").function == "LINEAR"


def test_function_of_the_request_beats_the_images() -> None:
    assert chosen(voi_function="LINEAR") == Window(50, 300, "LINEAR", False, "dicom-median")
    assert chosen(window_center="1", window_width="0.5", voi_function="LINEAR_EXACT").width == 0.5


def test_presets() -> None:
    assert chosen(preset="bone") == Window(350, 2000, "LINEAR", False, "preset-bone")
    assert chosen(preset="auto") == AUTOMATIC
    with pytest.raises(BadParameter) as caught:
        chosen(preset="bonne")
    assert caught.value.facts["Allowed"] == ["bone", "lung", "auto"]


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("asked", ["false", "true"])
@pytest.mark.parametrize(
    "query", [{}, {"preset": "bone"}, {"preset": "auto"}, {"window_center": "1", "window_width": "9"}]
)
def test_inversion_counts_once_and_is_toggled(inverted: bool, asked: str, query: dict[str, str]) -> None:
    own = Window(50, 300, "LINEAR", inverted, "dicom")
    assert chosen(own, inverted, invert=asked, **query).invert is (inverted != (asked == "true"))


def test_automatic_is_worked_out_only_when_needed() -> None:
    def never() -> Window:
        pytest.fail("it isn't needed")

    for query in ({}, {"preset": "bone"}, {"window-center": "1", "window-width": "9"}):
        choose_window(parse(WindowParameters, query), OWN, False, PRESETS, never)


@pytest.mark.parametrize("width", ["0.5", "0.999999"])
def test_linear_needs_a_width_of_one(width: str) -> None:
    with pytest.raises(BadParameter) as caught:
        chosen(window_center="1", window_width=width, voi_function="LINEAR")
    assert caught.value.facts["Parameter"] == "window-width"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"window-center": "1"}, "window-width"),
        ({"window-width": "9"}, "window-center"),
        ({"preset": "bone", "window-center": "1", "window-width": "9"}, "preset"),
    ],
    ids=str,
)
def test_contradictions(query: dict[str, str], parameter: str) -> None:
    with pytest.raises(BadParameter) as caught:
        check_window(parse(WindowParameters, query))
    assert caught.value.reason == "conflicting-parameters"
    assert caught.value.facts["Parameter"] == parameter


@pytest.mark.parametrize(
    "query", [{}, {"preset": "bone"}, {"window-center": "1", "window-width": "9"}, {"invert": "1"}]
)
def test_sound_combinations(query: dict[str, str]) -> None:
    check_window(parse(WindowParameters, query))
