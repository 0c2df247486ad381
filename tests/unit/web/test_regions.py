"""A region names the same place in every format."""

import numpy as np
import pytest

from clients import InProcessClient
from phantoms import Acquisition, noise

OBLONG = Acquisition(shape=(4, 9, 11), spacing=(2.0, 0.7, 1.3))
REGION = "2,1,5,4"


@pytest.mark.parametrize("route", ["slices/2", "mpr/axial", "mpr/coronal"])
@pytest.mark.parametrize("size", [{}, {"width": 40}, {"pixel_spacing": 0.45}], ids=str)
def test_pictures_and_numbers_show_the_same_place(route: str, size: dict[str, object]) -> None:
    """Pixels that aren't square are made so for a picture; what is cut out mustn't hang on that."""
    client = InProcessClient()
    path = f"/series/{client.store_series(noise(OBLONG))}/{route}"
    picture, numbers = (client.get(path, region=REGION, format=form, **size) for form in ("png", "npy"))
    assert picture.picture().shape == numbers.array().shape == (4, 5)
    assert picture.told("Reslice-Plane") == numbers.told("Reslice-Plane")


@pytest.mark.parametrize("route", ["slices/2", "mpr/axial", "mpr/sagittal"])
def test_region_is_a_part_of_the_whole(route: str) -> None:
    client = InProcessClient()
    path = f"/series/{client.store_series(noise(OBLONG))}/{route}"
    whole, part = client.get(path, width=30), client.get(path, width=30, region="3,2,8,6")
    np.testing.assert_array_equal(part.picture(), whole.picture()[2:8, 3:11])
