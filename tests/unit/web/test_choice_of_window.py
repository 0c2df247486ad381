"""Which window an image is shown with."""

from dataclasses import replace

import numpy as np
import pytest

from reslice.dicom.windows import OwnTransforms
from reslice.errors import BadParameter
from reslice.imaging.voi import VoiLut, VoiTransform, Window
from reslice.settings import Preset, Settings
from reslice.web.parameters import WindowParameters, parse
from reslice.web.windows import NamedTransform, check_window, choose_window, own_warnings, preset_facts, presets_of
from unit.dicom.files import one_slice, read

OWN = Window(50, 300, "SIGMOID", False, "dicom-median")
AUTOMATIC = Window(5, 7, "LINEAR_EXACT", False, "automatic")
CT = read(one_slice(RescaleType="HU"))[0].description
PT = replace(CT, modality="PT", units="BQML", rescale_type="")
TABLE = VoiLut(0, np.array([0, 0, 8, 15, 15], np.uint16), 4, "STRONG")
SETTINGS = Settings(
    window_presets={
        "CT": (Preset(name="bone", center=350, width=2000), Preset(name="lung", center=-600, width=1500)),
        "PT": Settings().window_presets["PT"],
    }
)
PRESETS = presets_of(SETTINGS, CT, OwnTransforms())


def chosen(own: VoiTransform | None = OWN, inverted: bool = False, **query: str) -> VoiTransform:
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


def test_tables_are_shown_where_there_is_no_window() -> None:
    assert chosen(own=TABLE) == TABLE
    assert chosen(own=TABLE, window_center="1", window_width="9") == Window(1, 9, "LINEAR", False, "request")


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("asked", ["false", "true"])
def test_tables_are_inverted_once_too(inverted: bool, asked: str) -> None:
    own = replace(TABLE, invert=inverted)
    assert chosen(own, inverted, invert=asked).invert is (inverted != (asked == "true"))


def test_tables_have_no_function() -> None:
    with pytest.raises(BadParameter) as caught:
        chosen(own=TABLE, voi_function="SIGMOID")
    assert (caught.value.reason, caught.value.facts["Parameter"]) == ("conflicting-parameters", "voi-function")
    assert chosen(own=TABLE, voi_function="SIGMOID", window_center="1", window_width="9").function == "SIGMOID"


def named(own: OwnTransforms, **facts: object) -> dict[str, NamedTransform]:
    return {preset.name: preset for preset in presets_of(SETTINGS, CT, own, **facts)}


def test_presets_that_the_files_bring() -> None:
    windows = (Window(1, 2, explanation="FIRST"), Window(1, 2), Window(3, 4))
    found = named(OwnTransforms(windows, (TABLE, replace(TABLE, first=9.0))))
    assert list(found) == ["bone", "lung", "dicom-1", "dicom-3", "voi-lut", "voi-lut-2"]
    assert found["dicom-1"].transform == replace(windows[0], source="preset-dicom-1")
    assert found["dicom-3"].transform.center == 3
    assert (found["voi-lut"].transform, found["voi-lut-2"].transform.first) == (TABLE, 9)


def test_one_window_is_no_choice() -> None:
    assert list(named(OwnTransforms((Window(1, 2), Window(1, 2))))) == ["bone", "lung"]


def test_presets_are_for_their_unit() -> None:
    own = OwnTransforms()
    assert presets_of(SETTINGS, PT, own) == ()
    suv = presets_of(SETTINGS, PT, own, {"Bq/ml", "g/ml"})
    assert [p.name for p in suv] == ["suv-5", "suv-7", "suv-10", "suv-20"]
    assert suv[0].transform == Window(2.5, 5, "LINEAR_EXACT", False, "preset-suv-5")
    assert presets_of(SETTINGS, replace(PT, modality="MR"), own) == ()


def test_facts_of_presets() -> None:
    assert preset_facts(NamedTransform("bone", Window(350, 2000))) == {
        "Name": "bone",
        "Center": 350,
        "Width": 2000,
        "Function": "LINEAR",
    }
    assert preset_facts(NamedTransform("voi-lut", TABLE, "g/ml")) == {
        "Name": "voi-lut",
        "Center": 2,
        "Width": 2,
        "Function": "LINEAR_EXACT",
        "Explanation": "STRONG",
        "Unit": "g/ml",
    }


def test_windows_of_stored_values_are_told() -> None:
    assert own_warnings(OwnTransforms((Window(1, 2, source="dicom"),))) == ()
    (warning,) = own_warnings(OwnTransforms((Window(1, 2, source="dicom-stored"),)))
    assert warning.reason == "dicom-stored-window"
