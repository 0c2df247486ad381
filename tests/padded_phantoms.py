"""Series whose padding is told in other ways than by one stored number."""

import numpy as np
from pydicom.dataset import Dataset

from phantoms import Acquisition, noise

GRID = Acquisition(shape=(3, 4, 6))


def float_series(keyword: str, vr: type, padding: float) -> list[Dataset]:
    """Float or double pixels of 10, the first column padding."""
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
