"""`raw` and `npy` tell the window that a picture with the same parameters is shown with."""

import numpy as np
import pytest

from clients import Client
from naive import display_values
from phantoms import Acquisition, image, noise
from refusals import assert_bad_parameter
from shared_data import case_bytes

SMALL = Acquisition(shape=(3, 8, 10), spacing=(2.0, 1.0, 1.0))
ROUTES = ["slices/1", "mpr/axial", "mpr/coronal"]
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES)
EVERY_FORM = pytest.mark.parametrize("form", ["raw", "npy"])
WINDOWED = {"WindowCenter": [900, 40], "WindowWidth": [2500, 400]}
ASKED = [
    {},
    {"window_center": 100, "window_width": 700},
    {"window_center": 100, "window_width": 700, "voi_function": "SIGMOID"},
    {"preset": "bone"},
    {"preset": "dicom-2", "invert": "true"},
    {"preset": "auto"},
    {"invert": "true"},
]


@EVERY_ROUTE
@EVERY_FORM
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_numbers_tell_the_window_of_the_picture(client: Client, route: str, form: str, asked: dict) -> None:
    path = f"/series/{client.store_series(noise(SMALL, **WINDOWED))}/{route}"
    told = client.get(path, format=form, **asked).told("Reslice-Window")
    assert told == client.get(path, **asked).told("Reslice-Window")
    assert told.keys() == {"Center", "Width", "Function", "Invert", "Source"}
    assert told["Invert"] is (asked.get("invert") == "true")


@EVERY_ROUTE
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("invert", ["false", "true"])
def test_numbers_through_their_window_are_the_picture(
    client: Client, route: str, photometric: str, invert: str
) -> None:
    files = noise(SMALL, WindowCenter=900, WindowWidth=2500, PhotometricInterpretation=photometric)
    path = f"/series/{client.store_series(files)}/{route}"
    answer = client.get(path, format="npy", invert=invert)
    told = answer.told("Reslice-Window")
    greys = display_values(answer.array(), told["Center"], told["Width"])
    greys = 255 - greys if told["Invert"] else greys
    shown = client.get(path, invert=invert).picture()
    assert np.abs(shown.astype(float) - greys).max() <= 0.51
    assert len(np.unique(shown)) > 10


@EVERY_ROUTE
def test_a_window_changes_the_header_and_no_number(client: Client, route: str) -> None:
    path = f"/series/{client.store_series(noise(SMALL, **WINDOWED))}/{route}"
    plain, other = client.get(path, format="raw"), client.get(path, format="raw", preset="lung", invert="true")
    assert plain.content == other.content
    assert plain.told("Reslice-Window") != other.told("Reslice-Window")
    assert plain.headers["ETag"] != other.headers["ETag"]


@EVERY_ROUTE
def test_without_a_window_of_their_own_it_is_the_automatic_one(client: Client, route: str) -> None:
    path = f"/series/{client.store_series(noise(SMALL))}/{route}"
    told = client.get(path, format="raw", preset="auto").told("Reslice-Window")
    assert (told["Source"], told) == ("automatic", client.get(path).told("Reslice-Window"))


@EVERY_FORM
def test_numbers_of_a_slice_load_no_volume_for_a_window_nobody_asked_for(client: Client, form: str) -> None:
    series = client.store_series(noise(SMALL))
    path = f"/series/{series}/slices/0"
    assert "Reslice-Window" not in client.get(path, format=form).headers
    assert client.get("/reslice/cache").json()["Volumes"] == []
    in_a_picture = client.get(path).told("Reslice-Window")
    assert client.get(path, format=form).told("Reslice-Window") == in_a_picture


def test_a_frame_with_a_window_needs_no_volume_for_it(client: Client) -> None:
    windowed, bare = (client.store_series(noise(SMALL, **attributes)) for attributes in (WINDOWED, {}))
    assert client.get(f"/series/{windowed}/slices/0", format="raw").status == 200
    assert client.get(f"/series/{bare}/slices/0", format="raw", window_center=1, window_width=2).status == 200
    assert client.get("/reslice/cache").json()["Volumes"] == []


@EVERY_FORM
def test_colour_has_no_window(client: Client, form: str) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (6, 7, 3), np.uint8)
    path = f"/series/{client.store_series([image(pixels)])}/slices/0"
    assert "Reslice-Window" not in client.get(path, format=form).headers


@EVERY_ROUTE
def test_a_preset_that_is_not_there_is_refused_of_numbers_too(client: Client, route: str) -> None:
    path = f"/series/{client.store_series(noise(SMALL))}/{route}"
    assert_bad_parameter(client.get(path, format="raw", preset="nothing"), "preset")


def test_suv_have_their_window(client: Client) -> None:
    path = f"/series/{client.store_series(case_bytes('pet-single'))}/slices/0"
    plain, suv = (client.get(path, format="raw", unit=unit).told("Reslice-Window") for unit in ("stored", "suv"))
    assert suv == client.get(path, unit="suv").told("Reslice-Window")
    assert 0 < suv["Width"] < plain["Width"]
    asked = client.get(path, format="raw", unit="suv", preset="suv-5").told("Reslice-Window")
    assert (asked["Center"], asked["Width"]) == (2.5, 5)
