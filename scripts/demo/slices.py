"""Parallel slices of a grid of stored values, as DICOM."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from demo.series import DemoSeries


@dataclass(frozen=True)
class Grid:
    """Stored values (slice, row, column) of 16 bits or fewer, and the affine from these indices to LPS mm."""

    stored: NDArray[np.integer[Any]]
    affine: NDArray[np.float64]


def slices(series: DemoSeries, grid: Grid, bits: int = 12) -> Iterator[Dataset]:
    """Make one instance a slice."""
    for index, stored in enumerate(grid.stored):
        image = series.begin(index)
        place(image, series, grid, index)
        image.SamplesPerPixel = 1
        image.PhotometricInterpretation = "MONOCHROME2"
        image.Rows, image.Columns = stored.shape
        image.BitsAllocated, image.BitsStored, image.HighBit = 16, bits, bits - 1
        image.PixelRepresentation = int(stored.dtype.kind == "i")
        image.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
        yield image


def place(image: Dataset, series: DemoSeries, grid: Grid, index: int) -> None:
    """Write where slice `index` lies (PS3.3 C.7.6.2)."""
    slice_step, row_step, column_step = grid.affine[:3, :3].T
    if "FrameOfReferenceUID" not in image:
        image.FrameOfReferenceUID = series.uid("frame of reference")
    image.PositionReferenceIndicator = ""
    image.PixelSpacing = [f"{np.linalg.norm(step):.6g}" for step in (row_step, column_step)]
    image.SliceThickness = f"{np.linalg.norm(slice_step):.6g}"
    directions = np.concatenate([step / np.linalg.norm(step) for step in (column_step, row_step)])
    image.ImageOrientationPatient = [f"{value:.6g}" for value in directions]
    position = grid.affine @ (index, 0, 0, 1)
    image.ImagePositionPatient = [f"{value:.6g}" for value in position[:3]]
    image.SliceLocation = f"{slice_normal(grid.affine) @ position[:3]:.6g}"


def slice_normal(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give row direction x column direction, PS3.3 C.7.6.2.1.1."""
    normal = np.cross(affine[:3, 2], affine[:3, 1])
    return normal / np.linalg.norm(normal)
