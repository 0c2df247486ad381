"""From modality values to grey: windows, functions, presets, inversion."""

import numpy as np
import pytest

from clients import Client
from naive import display_values
from phantoms import Acquisition, image, noise, series, store_pixels
from refusals import assert_bad_parameter

SMALL = Acquisition(shape=(3, 12, 16), spacing=(2.0, 1.0, 1.0))
ROUTES = ["slices/1", "mpr/axial", "mpr/coronal"]
ROUNDED = 0.51  # grey levels: a value in the middle of two may become either


@pytest.fixture(params=ROUTES)
def path(request: pytest.FixtureRequest, client: Client) -> str:
    """An image route of a CT of noise, -1000 to 3000 HU, without a window of its own."""
    return f"/series/{client.store_series(noise(SMALL))}/{request.param}"


def assert_shown(client: Client, path: str, center: float, width: float, function: str, **query: object) -> None:
    """The PNG is the naive window of the npy."""
    values = client.get(path, format="npy", **{k: v for k, v in query.items() if k == "index"}).array()
    shown = client.get(path, **query).picture().astype(float)
    expected = display_values(values, center, width, function)
    assert np.abs(shown - expected).max() <= ROUNDED
    assert len(np.unique(shown)) > 1


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(1000, 4000), (40.5, 400), (-600, 1500), (1000, 2)])
def test_window_is_the_standards_formula(client: Client, path: str, center: float, width: float, function: str) -> None:
    query = {"window_center": center, "window_width": width, "voi_function": function}
    assert_shown(client, path, center, width, function, **query)
    told = client.get(path, **query).told("Reslice-Window")
    assert (told["Center"], told["Width"], told["Function"]) == (center, width, function)
    assert told["Invert"] is False


def test_linear_is_the_default_function(client: Client, path: str) -> None:
    told = client.get(path, window_center=40, window_width=400).told("Reslice-Window")
    assert told["Function"] == "LINEAR"


def test_linear_width_one_is_a_threshold(client: Client) -> None:
    values = np.tile(np.arange(16.0), (3, 12, 1))
    path = f"/series/{client.store_series(series(values, SMALL))}/slices/0"
    shown = client.get(path, window_center=8, window_width=1).picture()
    np.testing.assert_array_equal(shown[0], [0] * 8 + [255] * 8)


@pytest.mark.parametrize(
    ("function", "width"),
    [("LINEAR", 0), ("LINEAR", 0.5), ("LINEAR", -1), ("LINEAR_EXACT", 0), ("SIGMOID", 0), ("SIGMOID", -3)],
)
def test_width_too_small(client: Client, path: str, function: str, width: float) -> None:
    answer = client.get(path, window_center=40, window_width=width, voi_function=function)
    assert_bad_parameter(answer, "window-width")


@pytest.mark.parametrize(("function", "width"), [("LINEAR", 1), ("LINEAR_EXACT", 0.25), ("SIGMOID", 0.25)])
def test_smallest_widths(client: Client, path: str, function: str, width: float) -> None:
    answer = client.get(path, window_center=1000.5, window_width=width, voi_function=function)
    assert answer.told("Reslice-Window")["Width"] == width


def test_narrow_window_on_high_values(client: Client) -> None:
    values = np.tile(np.linspace(29990, 30005, 16).round(), (3, 12, 1))
    path = f"/series/{client.store_series(series(values, SMALL))}/slices/0"
    query = {"window_center": 30000, "window_width": 7, "voi_function": "LINEAR_EXACT"}
    assert_shown(client, path, 30000, 7, "LINEAR_EXACT", **query)


def test_center_without_width_is_refused(client: Client, path: str) -> None:
    assert client.get(path, window_center=40).status == 400
    assert client.get(path, window_width=40).status == 400


def test_preset_by_name(client: Client, path: str) -> None:
    told = client.get(path, preset="bone").told("Reslice-Window")
    assert told["Width"] > 1000
    assert_shown(client, path, told["Center"], told["Width"], told["Function"], preset="bone")


def test_unknown_preset_names_the_known_ones(client: Client, path: str) -> None:
    body = assert_bad_parameter(client.get(path, preset="bonne"), "preset")
    assert {"bone", "lung", "auto"} <= set(body["Allowed"])


def test_preset_and_explicit_window_contradict(client: Client, path: str) -> None:
    assert client.get(path, preset="bone", window_center=1, window_width=2).status == 400


def test_automatic_window_spans_the_data(client: Client, path: str) -> None:
    told = client.get(path, preset="auto").told("Reslice-Window")
    low, high = told["Center"] - told["Width"] / 2, told["Center"] + told["Width"] / 2
    assert -1000 <= low < -900
    assert 2900 < high <= 3000
    assert told == client.get(path).told("Reslice-Window")


def test_window_of_a_volume_is_the_median_of_its_slices(client: Client) -> None:
    files = noise(SMALL)
    for file, center, width in zip(files, (10, 50, 900), (100, 300, 500), strict=True):
        file.WindowCenter, file.WindowWidth = [center, 1], [width, 2]
    identifier = client.store_series(files)
    for route in (*ROUTES, "slices/0"):
        told = client.get(f"/series/{identifier}/{route}").told("Reslice-Window")
        assert (told["Center"], told["Width"], told["Source"]) == (50, 300, "dicom-median")
    (volume,) = client.get(f"/series/{identifier}/volumes").json()["Volumes"]
    assert volume["Window"]["Center"] == 50


def test_function_of_the_image_holds_for_a_requested_window(client: Client) -> None:
    attributes = {"WindowCenter": 50, "WindowWidth": 300, "VOILUTFunction": "SIGMOID"}
    path = f"/series/{client.store_series(noise(SMALL, **attributes))}/slices/0"
    assert client.get(path).told("Reslice-Window")["Function"] == "SIGMOID"
    told = client.get(path, window_center=1, window_width=500).told("Reslice-Window")
    assert told["Function"] == "SIGMOID"


def test_invert_turns_white_to_black(client: Client, path: str) -> None:
    query = {"window_center": 1000, "window_width": 3000}
    plain, inverted = (client.get(path, invert=flag, **query) for flag in ("false", "true"))
    np.testing.assert_array_equal(inverted.picture(), 255 - plain.picture())
    assert inverted.told("Reslice-Window")["Invert"] is True


@pytest.mark.parametrize(
    "attributes",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    ],
)
@pytest.mark.parametrize("route", ROUTES)
def test_white_is_low_where_the_image_says_so_once(client: Client, attributes: dict, route: str) -> None:
    query = {"window_center": 1000, "window_width": 3000}
    plain = client.store_series(noise(SMALL))
    turned = client.store_series(noise(SMALL, **attributes))
    expected = 255 - client.get(f"/series/{plain}/{route}", **query).picture()
    answer = client.get(f"/series/{turned}/{route}", **query)
    np.testing.assert_array_equal(answer.picture(), expected)
    assert answer.told("Reslice-Window")["Invert"] is True
    back = client.get(f"/series/{turned}/{route}", invert="true", **query)
    np.testing.assert_array_equal(back.picture(), 255 - expected)
    assert back.told("Reslice-Window")["Invert"] is False


def test_no_data_is_black_after_inversion_too(client: Client) -> None:
    identifier = client.store_series(noise(SMALL))
    for flag in ("false", "true"):
        picture = client.get(f"/series/{identifier}/mpr/axial", position=99, invert=flag).picture()
        assert (picture == 0).all()


def test_padding_is_no_data(client: Client) -> None:
    files = noise(SMALL, PixelPaddingValue=-2000)
    for file in files:
        pixels = file.pixel_array.copy()
        pixels[:4] = -2000
        store_pixels(file, pixels)
    identifier = client.store_series(files)
    cut = client.get(f"/series/{identifier}/mpr/axial", format="npy", index=1).array()
    assert np.isnan(cut[:4]).all()
    assert np.isfinite(cut[4:]).all()
    assert (client.get(f"/series/{identifier}/mpr/axial", index=1, invert="true").picture()[:4] == 0).all()
    stored = client.get(f"/series/{identifier}/slices/1", format="npy").array()
    np.testing.assert_array_equal(stored, files[1].pixel_array)


def test_colour_takes_no_window(client: Client) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (6, 7, 3), np.uint8)
    path = f"/series/{client.store_series([image(pixels)])}/slices/0"
    plain = client.get(path)
    assert "Reslice-Window" not in plain.headers
    np.testing.assert_array_equal(plain.picture(), pixels)


def test_the_automatic_window_of_a_volume_knows_what_is_white(client: Client) -> None:
    for interpretation, inverts in (("MONOCHROME2", False), ("MONOCHROME1", True)):
        files = noise(Acquisition(shape=(3, 8, 8)), PhotometricInterpretation=interpretation)
        series = client.store_series(files)
        shown = client.get(f"/series/{series}/mpr/axial").told("Reslice-Window")
        (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
        assert (volume["Window"]["Source"], volume["Window"]["Invert"]) == ("automatic", inverts)
        assert volume["Window"] == shown
