"""A client that shows stored numbers by itself, with what comes beside them, shows what the pictures show."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

from clients import Answer, Client
from naive import display_values
from padded_phantoms import float_series, table_series
from phantoms import Acquisition, image, noise, store_pixels, without_geometry
from shared_data import case_files

PIXELS = np.random.default_rng(5).integers(0, 250, (6, 10)).astype(np.int16)
PADDING = -2000
WINDOW = {"window_center": 128, "window_width": 256}
RATIOS = [
    ({"PixelSpacing": [2, 1]}, 2),
    ({"ImagerPixelSpacing": [0.16, 0.1]}, 1.6),
    ({"NominalScannedPixelSpacing": [0.1, 0.3]}, 1 / 3),
    ({"PixelAspectRatio": [1, 4]}, 0.25),
    ({"PixelSpacing": [1, 1], "PixelAspectRatio": [1, 4]}, 1),
    ({}, 1),
]


def shown_by_a_client(answer: Answer) -> NDArray[np.float64]:
    """Numbers, windowed, padding and no data black, each pixel repeated until all are square."""
    values, told, window = answer.array(), answer.told("Reslice-Raw"), answer.told("Reslice-Window")
    greys = display_values(values.astype(float), window["Center"], window["Width"], window["Function"])
    greys = 255 - greys if window["Invert"] else greys
    low, high = told["Padding"] or (np.inf, -np.inf)
    no_data = np.isnan(values) if told["NoData"] == "NaN" else values == told["NoData"]
    greys = np.where(no_data | ((values >= low) & (values <= high)), 0, greys)
    aspect = told["PixelAspect"]
    rows, columns = (repeated(size, factor) for size, factor in zip(values.shape, (aspect, 1 / aspect), strict=True))
    return greys[np.ix_(rows, columns)]


def repeated(size: int, factor: float) -> NDArray[np.int64]:
    """Which of so many pixels each of the square ones lies in."""
    count = int(np.ceil(size * max(factor, 1) - 1e-6))
    return np.floor((np.arange(count) + 0.5) / max(factor, 1)).astype(int)


def assert_shown_alike(client: Client, path: str, **query: object) -> None:
    own = shown_by_a_client(client.get(path, format="npy", **query))
    picture = client.get(path, interpolation="nearest", **query).picture()
    assert own.shape == picture.shape
    assert np.abs(own - picture).max() <= 0.51
    assert len(np.unique(picture)) > 1


def padded(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """With a corner of padding."""
    found = pixels.copy()
    found[:2, :3] = PADDING
    return found


@pytest.mark.parametrize(("attributes", "aspect"), RATIOS, ids=str)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_square_pixels_and_black_padding(
    client: Client, attributes: Mapping[str, list], aspect: float, photometric: str
) -> None:
    file = without_geometry(
        padded(PIXELS), PixelPaddingValue=PADDING, PhotometricInterpretation=photometric, **attributes
    )
    path = f"/series/{client.store_series([file])}/slices/0"
    told = client.get(path, format="raw", **WINDOW).told("Reslice-Raw")
    assert told["PixelAspect"] == pytest.approx(aspect)
    assert told["Padding"] == [PADDING, PADDING]
    for invert in ("false", "true"):
        assert_shown_alike(client, path, invert=invert, **WINDOW)


@pytest.mark.parametrize(
    ("attributes", "span"),
    [
        ({"RescaleSlope": "2", "RescaleIntercept": "-10"}, [-4010, -4010]),
        ({"RescaleSlope": "-2", "RescaleIntercept": "0", "PixelPaddingRangeLimit": -1990}, [3980, 4000]),
        ({"RescaleSlope": "0.1", "RescaleIntercept": "0.3"}, [float(np.float32(-2000 * 0.1 + 0.3))] * 2),
        ({"PixelPaddingRangeLimit": -32768}, [-32768, -2000]),
    ],
    ids=str,
)
def test_padding_is_told_in_modality_values(client: Client, attributes: Mapping[str, object], span: list) -> None:
    file = without_geometry(padded(PIXELS), PixelPaddingValue=PADDING, **attributes)
    path = f"/series/{client.store_series([file])}/slices/0"
    answer = client.get(path, format="npy", preset="auto")
    assert answer.told("Reslice-Raw")["Padding"] == span
    values = answer.array()
    np.testing.assert_array_equal((values >= span[0]) & (values <= span[1]), padded(PIXELS) == PADDING)
    assert_shown_alike(client, path, preset="auto")


def test_slices_of_a_volume_in_memory_and_not(client: Client) -> None:
    grid = Acquisition(shape=(3, 6, 10), spacing=(2.0, 2.0, 1.0))
    files = noise(grid, PixelPaddingValue=PADDING, WindowCenter=128, WindowWidth=256)
    for file in files:
        store_pixels(file, padded(PIXELS))
    series = client.store_series(files)
    for _ in range(2):
        assert_shown_alike(client, f"/series/{series}/slices/1")
        assert client.get(f"/series/{series}/mpr/axial").status == 200


def test_what_is_resampled_has_square_pixels_and_no_padding_left(client: Client) -> None:
    file = without_geometry(padded(PIXELS), PixelPaddingValue=PADDING, PixelAspectRatio=[2, 1])
    answer = client.get(f"/series/{client.store_series([file])}/slices/0", format="npy", width=20)
    told = answer.told("Reslice-Raw")
    assert (told["PixelAspect"], told["Padding"], told["Shape"]) == (1, None, [24, 20])
    assert (answer.array()[0, 0], answer.array().min()) == (told["NoData"], told["NoData"])


def test_padding_of_real_pixels_and_behind_a_table(client: Client) -> None:
    real = f"/series/{client.store_series(float_series('DoubleFloatPixelData', np.float64, -9999.5))}/slices/0"
    assert client.get(real, format="raw").told("Reslice-Raw")["Padding"] == [-9999.5, -9999.5]
    table = f"/series/{client.store_series(table_series())}/slices/0"
    assert client.get(table, format="raw").told("Reslice-Raw")["Padding"] is None, "others have the same values"


def test_padding_beyond_all_floats_is_told_as_the_last_of_them(client: Client) -> None:
    files = float_series("DoubleFloatPixelData", np.float64, 1e300)
    for file in files:
        file.DoubleFloatPixelPaddingRangeLimit = 5e37
    answer = client.get(f"/series/{client.store_series(files)}/slices/0", format="npy")
    assert answer.told("Reslice-Raw")["Padding"] == [float(np.float32(5e37)), float(np.finfo(np.float32).max)]
    assert np.isnan(answer.array()[:, 0]).all()


def test_colour_has_an_aspect_and_no_padding(client: Client) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (6, 7, 3), np.uint8)
    path = f"/series/{client.store_series([image(pixels, PixelAspectRatio=[1, 2])])}/slices/0"
    told = client.get(path, format="raw").told("Reslice-Raw")
    assert (told["PixelAspect"], told["Padding"]) == (0.5, None)
    assert client.get(path).picture().shape == (6, 14, 3)


def test_padding_is_told_in_suv(client: Client) -> None:
    file = dcmread(case_files("pet-single")[0])
    vr = "SS" if file.PixelRepresentation else "US"
    file.add_new("PixelPaddingValue", vr, 0)
    file.add_new("PixelPaddingRangeLimit", vr, 9)
    path = f"/series/{client.store_series([file])}/slices/0"
    highest = float(np.float32(9 * file.RescaleSlope))
    assert client.get(path, format="raw").told("Reslice-Raw")["Padding"] == [0, highest]
    answer = client.get(path, format="npy", unit="suv")
    low, high = answer.told("Reslice-Raw")["Padding"]
    values = answer.array()
    np.testing.assert_array_equal((values >= low) & (values <= high), file.pixel_array <= 9)
    assert_shown_alike(client, path, unit="suv")


def test_planes_tell_neither(client: Client) -> None:
    path = f"/series/{client.store_series(noise(Acquisition(shape=(3, 6, 10))))}/mpr/axial"
    assert not {"PixelAspect", "Padding"} & client.get(path, format="raw").told("Reslice-Raw").keys()
