"""Limits of the settings: what is too large is refused, with its size and the limit."""

import numpy as np
import pytest

from clients import InProcessClient
from phantoms import Acquisition, noise
from refusals import assert_bad_parameter, assert_refused
from reslice.settings import Settings

HALF_A_MEBIBYTE = Acquisition(shape=(16, 128, 128))  # int16: 0.5 MiB


def limited(**section: object) -> InProcessClient:
    """The application with settings of its own."""
    return InProcessClient(Settings.from_configuration(section))


def test_volume_larger_than_its_limit() -> None:
    client = limited(LargestVolumeMegabytes=1)
    grid = Acquisition(shape=(40, 128, 128))
    series = client.store_series(noise(grid))
    body = assert_refused(client.get(f"/series/{series}/mpr/axial"), 413, "too-large")
    assert "1" in str(body)
    np.testing.assert_array_equal(
        client.get(f"/series/{series}/slices/3", format="npy").array(), noise(grid)[3].pixel_array
    )
    assert client.get(f"/series/{series}/thumbnail").status == 200
    assert client.get(f"/series/{series}/slices/3", window_center=1, window_width=2).status == 200


def test_volume_larger_than_the_whole_cache() -> None:
    client = limited(CacheMegabytes=1)
    series = client.store_series(noise(Acquisition(shape=(40, 128, 128))))
    answer = client.get(f"/series/{series}/mpr/axial")
    assert_refused(answer, 413, "too-large")


def test_least_recently_used_volume_leaves() -> None:
    client = limited(CacheMegabytes=1)
    series = [client.store_series(noise(HALF_A_MEBIBYTE, seed)) for seed in range(3)]
    for identifier in (series[0], series[1], series[0], series[2]):
        assert client.get(f"/series/{identifier}/mpr/axial").status == 200
        cache = client.get("/reslice/cache").json()
        assert cache["UsedMB"] <= cache["BudgetMB"] == 1
    assert {volume["Series"] for volume in cache["Volumes"]} == {series[0], series[2]}
    assert cache["Evictions"] == 1
    assert client.get(f"/series/{series[1]}/mpr/axial").status == 200


@pytest.mark.parametrize("name", ["width", "height"])
def test_largest_side(name: str) -> None:
    client = limited(LargestSide=64)
    path = f"/series/{client.store_series(noise(Acquisition(shape=(3, 8, 8))))}/mpr/axial"
    assert client.get(path, **{name: 64}).status == 200
    assert_bad_parameter(client.get(path, **{name: 65}), name)
    assert_refused(client.get(path, pixel_spacing=0.1), 413, "too-large")


def test_stored_frame_larger_than_the_largest_side() -> None:
    client = limited(LargestSide=64)
    path = f"/series/{client.store_series(noise(Acquisition(shape=(3, 8, 80))))}/slices/1"
    assert client.get(path, format="npy").status in (200, 413)
    assert client.get(path, width=40).picture().shape == (4, 40)


def test_thumbnail_size_of_the_settings() -> None:
    client = limited(ThumbnailSize=48)
    series = client.store_series(noise(Acquisition(shape=(3, 100, 50))))
    assert client.get(f"/series/{series}/thumbnail").picture().shape == (48, 24)


def test_modality_without_presets() -> None:
    client = limited()
    series = client.store_series(noise(Acquisition(shape=(3, 8, 8)), Modality="MR"))
    body = assert_bad_parameter(client.get(f"/series/{series}/mpr/axial", preset="bone"), "preset")
    assert body["Allowed"] == ["auto"]
