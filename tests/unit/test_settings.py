"""The section of the configuration: safe defaults, one clear line for what is wrong."""

import re

import pytest

from reslice.settings import Settings


def test_every_setting_may_be_left_out() -> None:
    settings = Settings.from_configuration({})
    assert settings.cache_megabytes >= 256
    assert settings.largest_volume_megabytes >= 256
    assert settings.largest_side == 4096
    assert settings.thumbnail_size == 128
    assert settings.pass_through_parameters == ("token",)
    assert settings.allowed_origins == ()
    assert {preset.name for preset in settings.window_presets["CT"]} >= {"bone", "lung", "brain"}


def test_names_are_those_of_orthancs_configuration() -> None:
    settings = Settings.from_configuration(
        {
            "CacheMegabytes": 5,
            "LargestSide": 100,
            "JpegQuality": 50,
            "AllowedOrigins": ["https://a.example"],
            "WindowPresets": {"MR": [{"Name": "my-own", "Center": 5.5, "Width": 10}]},
            "ChangeCallback": False,
        }
    )
    assert (settings.cache_megabytes, settings.largest_side, settings.jpeg_quality) == (5, 100, 50)
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.window_presets["MR"][0].center == 5.5
    assert not settings.change_callback


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"CacheMegabyte": 5}, "CacheMegabyte"),
        ({"CacheMegabytes": 0}, "CacheMegabytes"),
        ({"CacheMegabytes": "much"}, "CacheMegabytes"),
        ({"LargestSide": 1 << 20}, "LargestSide"),
        ({"JpegQuality": 101}, "JpegQuality"),
        ({"ThumbnailSize": 1}, "ThumbnailSize"),
        ({"WindowPresets": {"CT": [{"Name": "Bone Window", "Center": 1, "Width": 2}]}}, "WindowPresets.CT.0.Name"),
        ({"WindowPresets": {"CT": [{"Name": "bone", "Center": 1, "Width": 0}]}}, "WindowPresets.CT.0.Width"),
        ({"WindowPresets": {"CT": [{"Name": "bone", "Center": float("nan"), "Width": 5}]}}, "Center"),
        ({"AllowedOrigins": "https://a.example"}, "AllowedOrigins"),
        ({"AllowedOrigins": ["https://a.example/"]}, "AllowedOrigins"),
        ({"AllowedOrigins": ["https://A.example"]}, "AllowedOrigins"),
        ({"AllowedOrigins": ["null"]}, "AllowedOrigins"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_in_one_line(section: dict, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)) as caught:
        Settings.from_configuration(section)
    assert "\n" not in str(caught.value)
    assert '"Reslice"' in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="LargestSide") as caught:
        Settings.from_configuration({"LargestSide": 1, "JpegQuality": 0})
    assert "JpegQuality" in str(caught.value)


def test_every_setting_has_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert re.fullmatch(r"[A-Z].+\.", field.description or ""), name


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().largest_side = 5


def test_presets_of_pet_are_for_suv() -> None:
    presets = {preset.name: preset for preset in Settings().window_presets["PT"]}
    assert {"suv-5", "suv-10"} <= presets.keys()
    for name, preset in presets.items():
        assert (preset.unit, preset.function) == ("g/ml", "LINEAR_EXACT")
        assert preset.center - preset.width / 2 == 0
        assert preset.center + preset.width / 2 == int(name.removeprefix("suv-"))
    assert all(preset.unit is None for preset in Settings().window_presets["CT"])


def test_presets_may_have_function_and_unit() -> None:
    preset = {"Name": "suv", "Center": 3, "Width": 6, "Function": "SIGMOID", "Unit": "g/ml"}
    (read,) = Settings.from_configuration({"WindowPresets": {"PT": [preset]}}).window_presets["PT"]
    assert (read.function, read.unit) == ("SIGMOID", "g/ml")
    with pytest.raises(ValueError, match="Function"):
        Settings.from_configuration({"WindowPresets": {"PT": [{**preset, "Function": "CUBIC"}]}})
