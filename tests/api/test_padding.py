"""Padding is no data, however it is told: by float values, and behind a table."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import Client
from phantoms import Acquisition, noise

GRID = Acquisition(shape=(3, 4, 6))


def float_series(keyword: str, vr: type, padding: float) -> list[Dataset]:
    datasets = noise(GRID)
    for dataset in datasets:
        pixels = np.full((4, 6), 10, vr)
        pixels[:, 0] = padding
        del dataset.PixelData, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
        dataset.BitsAllocated = 8 * pixels.dtype.itemsize
        setattr(dataset, keyword, pixels.tobytes())
        setattr(dataset, keyword.replace("PixelData", "PixelPaddingValue"), padding)
    return datasets


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


def table_series() -> list[Dataset]:
    """Stored 0 is padding; the table gives 0 and 3 the same value."""
    datasets = noise(GRID)
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4, 0, 16], "US"
    table.add_new("LUTData", "US", [0, 500, 1000, 0])
    for dataset in datasets:
        pixels = np.array([[0, 0, 3, 3, 1, 2]] * 4, np.uint16)
        dataset.PixelData, dataset.PixelRepresentation = pixels.tobytes(), 0
        dataset.ModalityLUTSequence, dataset.PixelPaddingValue = [table], 0
        del dataset.RescaleSlope, dataset.RescaleIntercept
        dataset.PhotometricInterpretation, dataset.WindowCenter, dataset.WindowWidth = "MONOCHROME1", 500, 1000
    return datasets


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
