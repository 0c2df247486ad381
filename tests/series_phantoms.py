"""Encoders: each writes the voxels of a `Grid` as one kind of DICOM series."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import CTImageStorage, PositronEmissionTomographyImageStorage, RTDoseStorage

from enhanced_phantoms import enhanced
from grids import Array, Grid, common
from phantoms import decimals, image, quantised, store_pixels, with_attributes

NOBODY_KNOWS = 1e-9


def single_frames(values: Array, grid: Grid, **attributes: object) -> list[Dataset]:
    """A classic CT series: signed, one slope and intercept."""
    stored, slope, intercept = quantised(values)
    rescale = {"RescaleSlope": slope, "RescaleIntercept": intercept, "RescaleType": "HU"}
    shared = common(grid, **{**rescale, **attributes})
    return [
        image(pixels, ImagePositionPatient=decimals(origin), InstanceNumber=k + 1, **shared)
        for k, (pixels, origin) in enumerate(zip(stored, grid.origins, strict=True))
    ]


def monochrome1(values: Array, grid: Grid) -> list[Dataset]:
    """The same, unsigned, and shown the other way round."""
    files = single_frames(values, grid, PhotometricInterpretation="MONOCHROME1")
    for file in files:
        signed, slope = file.pixel_array.astype(int), float(file.RescaleSlope)
        store_pixels(file, (signed + 32768).astype(np.uint16))
        file.RescaleIntercept = f"{float(file.RescaleIntercept) - 32768 * slope:.9f}"[:16]
    return files


def own_slopes(values: Array, grid: Grid) -> list[Dataset]:
    """PET: each slice is scaled by its own slope, so that its stored values tell nothing without it."""
    files = single_frames(values, grid, Modality="PT", RescaleType=None, Units="BQML")
    for file, modality in zip(files, values, strict=True):
        slope = max(float(np.abs(modality).max()) / 32000, 1e-6)
        file.SOPClassUID = PositronEmissionTomographyImageStorage
        file.RescaleSlope, file.RescaleIntercept = f"{slope:.9f}", "0"
        store_pixels(file, np.round(modality / float(file.RescaleSlope)).astype(np.int16))
    return files


def lookup_table(values: Array, grid: Grid) -> list[Dataset]:
    """Whole, positive values behind a Modality LUT in which neighbours stand far apart (PS3.3 C.11.1)."""
    whole = np.round(values).astype(int)
    first, last = int(whole.min()), int(whole.max())
    assert np.abs(whole - values).max() < NOBODY_KNOWS
    assert first >= 0
    table = np.random.default_rng(7).permutation(np.arange(first, last + 1))
    index_of = {int(value): k for k, value in enumerate(table)}
    stored = np.vectorize(index_of.get)(whole) + 5
    files = single_frames(stored.astype(float), grid, RescaleSlope=None, RescaleIntercept=None, RescaleType=None)
    for file, pixels in zip(files, stored, strict=True):
        store_pixels(file, pixels.astype(np.uint16))
        file.ModalityLUTSequence = Items([_table(table, first_stored=5)])
    return files


def _table(values: NDArray[np.int_], first_stored: int) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(values), first_stored, 16])
    item.add_new("ModalityLUTType", "LO", "US")
    item.add_new("LUTData", "OW", values.astype("<u2").tobytes())
    return item


def dose_grid(values: Array, grid: Grid) -> list[Dataset]:
    """An RT Dose: one instance, frames placed by their offsets along the normal (PS3.3 C.8.8.3.2), no tilt."""
    assert grid.acquisition.tilt == 0
    scaling = max(float(np.abs(values).max()) / 2**30, 1e-9)
    file = image(np.zeros(grid.shape[1:], np.int32), Modality="RTDOSE")
    with_attributes(file, {**common(grid), "SliceThickness": None, "ImageType": None})
    file.SOPClassUID, file.NumberOfFrames = RTDoseStorage, len(values)
    file.ImagePositionPatient = decimals(grid.origins[0])
    file.GridFrameOffsetVector = decimals(grid.positions)
    file.FrameIncrementPointer = 0x3004000C
    file.DoseGridScaling, file.DoseUnits, file.DoseType = f"{scaling:.10e}"[:16], "GY", "ERROR"
    store_pixels(file, np.round(values / float(file.DoseGridScaling)).astype(np.int32))
    return [file]


def shuffled(files: Sequence[Dataset], seed: int) -> list[Dataset]:
    """Another order of the files, and instance numbers that tell nothing."""
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(len(files)) + 1
    for file, number in zip(files, numbers, strict=True):
        file.InstanceNumber = int(number)
    return [files[k] for k in rng.permutation(len(files))]


def in_one_series(*groups: Sequence[Dataset]) -> list[Dataset]:
    """Files of several builders as one series."""
    files = [file for group in groups for file in group]
    for file in files:
        file.StudyInstanceUID, file.SeriesInstanceUID = files[0].StudyInstanceUID, files[0].SeriesInstanceUID
        file.SOPClassUID = file.get("SOPClassUID", CTImageStorage)
    return files


def marked(grid: Grid, voxel: tuple[int, int, int], mark: float = 1000.0) -> tuple[list[Dataset], Array]:
    """A series of zeros with one bright voxel, and where that lies (LPS mm)."""
    values = np.zeros(grid.shape)
    values[voxel] = mark
    return single_frames(values, grid), grid.coordinates[voxel]


Encoder = Callable[[Array, Grid], list[Dataset]]
ENCODERS: dict[str, Encoder] = {
    "single-frames": single_frames,
    "monochrome1": monochrome1,
    "own-slopes": own_slopes,
    "enhanced-shared": enhanced,
    "enhanced-per-frame": lambda values, grid: enhanced(values, grid, shared=False),
    "enhanced-reversed": lambda values, grid: enhanced(values, grid, order=range(len(values) - 1, -1, -1)),
    "dose-grid": dose_grid,
}
"""Each kind of series that can hold any values."""
