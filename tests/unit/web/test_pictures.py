"""Values to an answer."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from reslice.errors import BadParameter, TooLarge
from reslice.imaging.encode import FORMATS
from reslice.imaging.plane import ImagePlane
from reslice.imaging.voi import Window
from reslice.settings import Settings
from reslice.web import pictures
from reslice.web.parameters import SizeParameters, parse

SETTINGS = Settings(largest_side=100)


def plane(rows: int, columns: int) -> ImagePlane:
    return ImagePlane(np.zeros(3), *np.eye(3)[:2], (1.0, 1.0), (rows, columns))


def sized(where: ImagePlane, **query: str) -> ImagePlane:
    parameters = parse(SizeParameters, {name.replace("_", "-"): value for name, value in query.items()})
    return pictures.sized(where, parameters, SETTINGS)


def test_whole_numbers_are_rounded_half_to_even() -> None:
    values = np.array([[0.5, 1.5, -0.5, 2.4999, np.nan, 32767.0]], dtype=np.float32)
    whole = pictures.as_whole_numbers(values)
    assert whole.dtype == np.int16
    assert whole.tolist() == [[0, 2, 0, 2, -32768, 32767]]
    assert pictures.as_whole_numbers(whole) is whole


def test_size_within_the_limit_is_left_alone() -> None:
    where = plane(100, 100)
    assert sized(where, width="100", height="100") is where


@pytest.mark.parametrize("name", ["width", "height"])
def test_sides_over_the_limit_are_bad(name: str) -> None:
    with pytest.raises(BadParameter) as caught:
        sized(plane(5, 5), **{name: "101"})
    assert (caught.value.facts["Parameter"], caught.value.facts["Allowed"]) == (name, "1 to 100")


@pytest.mark.parametrize("shape", [(101, 5), (5, 101)])
def test_images_over_the_limit_are_too_large(shape: tuple[int, int]) -> None:
    with pytest.raises(TooLarge) as caught:
        sized(plane(*shape))
    assert caught.value.facts == {"Size": [shape[1], shape[0]], "Limit": 100}


def test_region_of_a_large_image_may_be_small() -> None:
    part = sized(plane(5000, 6000), region="10,20,30,40")
    assert part.shape == (40, 30)
    assert part.position.tolist() == [10, 20, 0]


@pytest.mark.parametrize(
    "region", ["-1,0,5,5", "0,-1,5,5", "0,0,0,5", "0,0,5,0", "6,0,5,5", "0,6,5,5", "0,0,11,1", "10,0,1,1"]
)
def test_region_outside_the_image(region: str) -> None:
    with pytest.raises(BadParameter) as caught:
        sized(plane(10, 10), region=region)
    assert caught.value.facts["Value"] == region


def test_region_of_the_last_pixel() -> None:
    assert sized(plane(10, 10), region="9,9,1,1").shape == (1, 1)


@pytest.mark.parametrize(
    ("values", "no_data"),
    [
        (np.zeros((2, 3), np.int16), -32768),
        (np.zeros((2, 3), np.float32), "NaN"),
        (np.zeros((2, 3, 3), np.uint8), None),
    ],
    ids=lambda v: str(getattr(v, "dtype", "")),
)
@pytest.mark.parametrize("form", ["raw", "npy"])
def test_numbers_say_how_they_are_read(values: np.ndarray, no_data: object, form: str) -> None:
    response = pictures.numbers(values, None, FORMATS[form], "HU", {"ETag": "x"})
    assert json.loads(response.headers["Reslice-Raw"]) == {
        "Type": str(values.dtype),
        "Shape": list(values.shape),
        "Slope": 1,
        "Intercept": 0,
        "NoData": no_data,
        "Unit": "HU",
    }
    assert response.headers["ETag"] == "x"
    assert response.content_type == FORMATS[form].media_type


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_picture_tells_its_window_and_colour_has_none(form: str) -> None:
    values = np.arange(12, dtype=np.int16).reshape(3, 4)
    response = pictures.picture(values, Window(5, 10), FORMATS[form], None, SETTINGS, {})
    assert json.loads(response.headers["Reslice-Window"])["Center"] == 5
    with Image.open(io.BytesIO(response.body)) as image:
        assert image.size == (4, 3)
        assert f"image/{image.format.lower()}" == response.content_type
    colour = pictures.picture(np.zeros((3, 4, 3), np.uint8), None, FORMATS[form], None, SETTINGS, {})
    assert "Reslice-Window" not in colour.headers


@pytest.mark.parametrize("form", ["raw", "npy"])
def test_numbers_tell_the_window_that_suits_them(form: str) -> None:
    response = pictures.numbers(np.zeros((2, 3), np.int16), Window(5, 10, invert=True), FORMATS[form], "HU", {})
    told = json.loads(response.headers["Reslice-Window"])
    assert (told["Center"], told["Width"], told["Invert"]) == (5, 10, True)


def test_quality_of_jpeg_is_the_settings_unless_asked_for() -> None:
    image = np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)
    best, worst = Settings(jpeg_quality=100), Settings(jpeg_quality=1)
    jpeg = FORMATS["jpeg"]
    assert len(pictures.encoded(image, jpeg, None, best)) > len(pictures.encoded(image, jpeg, None, worst))
    assert pictures.encoded(image, jpeg, 50, best) == pictures.encoded(image, jpeg, 50, worst)
