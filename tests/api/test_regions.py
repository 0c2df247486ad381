"""`region`: a part of the image that the other parameters define, in its pixels."""

import numpy as np
import pytest

from clients import Client
from naive import pixel_positions
from phantoms import Acquisition, noise
from refusals import assert_bad_parameter

GRID = Acquisition(shape=(6, 20, 30), spacing=(3.0, 1.0, 1.0), tilt=8.0)
ROUTES = ["slices/2", "mpr/axial", "mpr/coronal"]


ROUNDING = 5e-4
"""HU: planes are interpolated in single precision, and the part's first pixel is rounded by itself."""


@pytest.fixture(params=ROUTES)
def path(request: pytest.FixtureRequest, client: Client) -> str:
    """An image route of a stored series."""
    return f"/series/{client.store_series(noise(GRID))}/{request.param}"


@pytest.mark.parametrize("size", [{}, {"width": 60}])
def test_region_is_cut_out_of_the_whole(client: Client, path: str, size: dict) -> None:
    whole = client.get(path, format="npy", **size)
    for x, y, w, h in ((0, 0, 5, 4), (7, 3, 11, 9), (29, 17, 1, 1)):
        part = client.get(path, format="npy", region=f"{x},{y},{w},{h}", **size)
        np.testing.assert_allclose(part.array(), whole.array()[y : y + h, x : x + w], rtol=0, atol=ROUNDING)
        told = part.told("Reslice-Plane")
        assert told["Size"] == [h, w]
        positions = pixel_positions(whole.told("Reslice-Plane"))[y : y + h, x : x + w]
        np.testing.assert_allclose(pixel_positions(told), positions, atol=1e-6)


def test_region_of_a_picture(client: Client, path: str) -> None:
    window = {"window_center": 1000, "window_width": 4000}
    whole, part = client.get(path, **window), client.get(path, region="7,3,11,9", **window)
    np.testing.assert_array_equal(part.picture(), whole.picture()[3:12, 7:18])


def test_no_region(client: Client, path: str) -> None:
    malformed = ["", "1", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,0,4", "0,0,4,0", "-1,0,4,4", "0,0,1.5,2", "nan,0,1,1"]
    beyond = ["30,0,1,1", "0,100,4,4", "28,0,4,4", "0,0,31,5", "999999999,0,1,1"]
    for region in malformed + beyond:
        assert_bad_parameter(client.get(path, region=region), "region")
