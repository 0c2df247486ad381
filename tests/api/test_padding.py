"""Padding is no data, however it is told: by float values, and behind a table."""

import numpy as np
import pytest

from clients import Client
from padded_phantoms import float_series, table_series


@pytest.mark.parametrize(("keyword", "vr"), [("FloatPixelData", np.float32), ("DoubleFloatPixelData", np.float64)])
def test_padding_of_real_pixels(client: Client, keyword: str, vr: type) -> None:
    series = client.store_series(float_series(keyword, vr, -9999.5))
    plane = client.get(f"/series/{series}/mpr/axial", format="npy").array()
    assert np.isnan(plane[:, 0]).all()
    assert (plane[:, 1:] == 10).all()
    coarse = client.get(f"/series/{series}/mpr/axial", format="npy", pixel_spacing=0.4).array()
    assert np.nanmin(coarse) == 10
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert volume["Range"] == [10, 10]


def test_slices_and_planes_agree_on_padding_behind_a_table(client: Client) -> None:
    series = client.store_series(table_series())
    shown = client.get(f"/series/{series}/slices/1").picture()
    plane = client.get(f"/series/{series}/mpr/axial", index=1).picture()
    np.testing.assert_array_equal(shown, plane)
    assert shown[0].tolist()[:4] == [0, 0, 255, 255]
    values = client.get(f"/series/{series}/mpr/axial", index=1, format="npy").array()
    np.testing.assert_array_equal(values[0], [np.nan, np.nan, 0, 0, 500, 1000])
    stored = client.get(f"/series/{series}/slices/1", format="npy").array()
    assert stored[0].tolist() == [0, 0, 0, 0, 500, 1000]
