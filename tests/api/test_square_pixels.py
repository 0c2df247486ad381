"""Pictures have square pixels, whatever tells how high and wide a stored one is."""

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import image, multiframe, without_geometry

PIXELS = np.arange(60, dtype=np.uint8).reshape(6, 10)
TALL = [
    {"PixelSpacing": [2, 1]},
    {"ImagerPixelSpacing": [0.2, 0.1]},
    {"NominalScannedPixelSpacing": [0.2, 0.1]},
    {"PixelAspectRatio": [2, 1]},
    {"PixelSpacing": [2, 1], "ImagerPixelSpacing": [1, 5], "PixelAspectRatio": [1, 5]},
    {"ImagerPixelSpacing": [2, 1], "NominalScannedPixelSpacing": [1, 5]},
    {"NominalScannedPixelSpacing": [2, 1], "PixelAspectRatio": [1, 5]},
]


@pytest.mark.parametrize("attributes", TALL, ids=str)
@pytest.mark.parametrize("kind", ["grey", "colour", "frames"])
def test_tall_pixels_make_a_tall_picture(client: Client, attributes: dict[str, list], kind: str) -> None:
    if kind == "grey":
        file = without_geometry(PIXELS, **attributes)
    elif kind == "colour":
        file = image(np.stack([PIXELS] * 3, axis=-1), **attributes)
    else:
        file = multiframe(np.stack([PIXELS] * 2), **attributes)
    path = f"/series/{client.store_series([file])}/slices/0"
    answer = client.get(path)
    assert answer.picture().shape[:2] == (12, 10)
    assert client.get(path, format="npy").array().shape[:2] == (6, 10)
    told = answer.told("Reslice-Plane")["Spacing"]
    assert told == ([1, 1] if "PixelSpacing" in attributes else None), "millimetres only where they are the patient's"
    small = client.get(f"/instances/{orthanc_ids(file)['instances']}/thumbnail", size=16).picture()
    assert small.shape[0] > small.shape[1]


def test_wide_pixels_make_a_wide_picture(client: Client) -> None:
    path = f"/series/{client.store_series([without_geometry(PIXELS, PixelAspectRatio=[1, 3])])}/slices/0"
    assert client.get(path).picture().shape == (6, 30)


@pytest.mark.parametrize("ratio", [[0, 1], [1, 0], [1], [-2, 1]])
def test_ratios_that_mean_nothing_are_passed_over(client: Client, ratio: list[int]) -> None:
    path = f"/series/{client.store_series([without_geometry(PIXELS, PixelAspectRatio=ratio)])}/slices/0"
    assert client.get(path).picture().shape == (6, 10)
