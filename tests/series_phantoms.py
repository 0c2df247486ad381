"""Series of every kind whose right answer is known beforehand: ramps whose modality value IS the LPS coordinate.

A `Grid` says where the slices lie, evenly or not; an encoder writes its voxels as one kind of DICOM series.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    PositronEmissionTomographyImageStorage,
    RTDoseStorage,
    generate_uid,
)

from phantoms import Acquisition, decimals, image, instance, quantised, store_pixels, with_attributes

Array = NDArray[np.float64]
NOBODY_KNOWS = 1e-9


@dataclass(frozen=True)
class Grid:
    """Slices at places along the line of an acquisition's origins, in units of its slice step."""

    acquisition: Acquisition
    places: tuple[float, ...]
    thickness: float | None = None  # SliceThickness in mm; None leaves it out

    @property
    def shape(self) -> tuple[int, int, int]:
        return (len(self.places), *self.acquisition.shape[1:])

    @property
    def origins(self) -> Array:
        """ImagePositionPatient of each slice, (slices, 3)."""
        affine = self.acquisition.affine
        return affine[:3, 3] + np.outer(self.places, affine[:3, 0])

    @property
    def coordinates(self) -> Array:
        """LPS mm of every voxel centre, (slices, rows, columns, 3)."""
        affine, (_, rows, columns) = self.acquisition.affine, self.shape
        down = np.arange(rows)[:, None, None] * affine[:3, 1]
        along = np.arange(columns)[None, :, None] * affine[:3, 2]
        return self.origins[:, None, None, :] + down + along

    @property
    def positions(self) -> Array:
        """Mm along the normal, from the first slice."""
        return (np.array(self.places) - self.places[0]) * self.acquisition.spacing[0]

    def places_of(self, points: Array) -> tuple[Array, Array, Array]:
        """Where LPS points lie: mm along the normal from the first slice, fractional row, fractional column."""
        affine = self.acquisition.affine
        indices = np.linalg.solve(affine[:3, :3], (points - self.origins[0]).reshape(-1, 3).T)
        slices, rows, columns = (axis.reshape(points.shape[:-1]) for axis in indices)
        return slices * self.acquisition.spacing[0], rows, columns

    def within(self, points: Array, margin: float = 1e-4) -> NDArray[np.bool_]:
        """Which points lie between the outermost voxel centres."""
        mm, rows, columns = self.places_of(points)
        _, height, width = self.shape
        inside = (rows >= margin) & (rows <= height - 1 - margin)
        inside &= (columns >= margin) & (columns <= width - 1 - margin)
        return inside & (mm >= margin) & (mm <= self.positions[-1] - margin)


def even(acquisition: Acquisition) -> Grid:
    """The acquisition itself."""
    return Grid(acquisition, tuple(map(float, range(acquisition.shape[0]))), acquisition.spacing[0])


def with_gaps(acquisition: Acquisition, gaps: Sequence[float], thickness: float | None = None) -> Grid:
    """The same line, the gaps between its slices given in slice steps."""
    places = np.concatenate([[0.0], np.cumsum(gaps)])
    return Grid(replace(acquisition, shape=(len(places), *acquisition.shape[1:])), tuple(places.tolist()), thickness)


def missing_gaps(grid: Grid) -> list[int]:
    """The gaps in which slices are missing: too wide for their neighbours, and for both slices' thickness."""
    gaps = np.diff(grid.positions)
    return [k for k in range(len(gaps)) if _is_missing(gaps, k, grid.thickness)]


def _is_missing(gaps: Array, k: int, thickness: float | None) -> bool:
    neighbours = [gaps[n] for n in (k - 1, k + 1) if 0 <= n < len(gaps)]
    if not neighbours or thickness is None:
        return False
    return bool(gaps[k] > 1.5 * min(neighbours) and gaps[k] > 1.5 * thickness)


def without_data(grid: Grid, mm: Array, margin: float) -> NDArray[np.bool_]:
    """Places (mm along the normal) further than half the smaller neighbouring gap from both slices of a missing gap.

    `margin` mm are taken off on both sides: negative, and it is what may be without data.
    """
    gaps, positions, result = np.diff(grid.positions), grid.positions, np.zeros(mm.shape, bool)
    for k in missing_gaps(grid):
        reach = min(gaps[n] for n in (k - 1, k + 1) if 0 <= n < len(gaps)) / 2 + margin
        result |= (mm > positions[k] + reach) & (mm < positions[k + 1] - reach)
    return result


def common(grid: Grid, **attributes: object) -> dict[str, object]:
    """What all instances of one series share."""
    thickness = None if grid.thickness is None else decimals([grid.thickness])[0]
    return {
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "FrameOfReferenceUID": "2.25.1",
        "ImageOrientationPatient": decimals([*grid.acquisition.row, *grid.acquisition.column]),
        "PixelSpacing": decimals(grid.acquisition.spacing[1:]),
        "SliceThickness": thickness,
        **attributes,
    }


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


def enhanced(values: Array, grid: Grid, shared: bool = True, order: Sequence[int] | None = None) -> list[Dataset]:
    """One Enhanced MR instance; frames stand in `order`. What is equal is shared, or repeated for each frame."""
    order = list(range(len(values)) if order is None else order)
    stored, slope, intercept = quantised(values)
    file = instance(EnhancedMRImageStorage)
    with_attributes(file, {"Modality": "MR", "ImageType": ["ORIGINAL", "PRIMARY", "M", "NONE"]})
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.Rows, file.Columns, file.NumberOfFrames = *stored.shape[1:], len(order)
    store_pixels(file, stored[order])
    file.FrameOfReferenceUID = "2.25.1"
    constant = _constant_groups(grid, slope, intercept)
    file.SharedFunctionalGroupsSequence = Items([_merged(constant) if shared else Dataset()])
    frames = [[_place(grid.origins[k], k), *(() if shared else constant)] for k in order]
    file.PerFrameFunctionalGroupsSequence = Items([_merged(parts) for parts in frames])
    return [file]


def _constant_groups(grid: Grid, slope: str, intercept: str) -> list[Dataset]:
    orientation, measures, transformation = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = decimals([*grid.acquisition.row, *grid.acquisition.column])
    measures.PixelSpacing = decimals(grid.acquisition.spacing[1:])
    if grid.thickness is not None:
        measures.SliceThickness = decimals([grid.thickness])[0]
    transformation.RescaleSlope, transformation.RescaleIntercept, transformation.RescaleType = slope, intercept, "US"
    return [
        _group("PlaneOrientationSequence", orientation),
        _group("PixelMeasuresSequence", measures),
        _group("PixelValueTransformationSequence", transformation),
    ]


def _place(origin: Array, k: int) -> Dataset:
    position, content = Dataset(), Dataset()
    position.ImagePositionPatient = decimals(origin)
    content.StackID, content.InStackPositionNumber = "1", k + 1
    return _merged([_group("PlanePositionSequence", position), _group("FrameContentSequence", content)])


def _group(keyword: str, item: Dataset) -> Dataset:
    holder = Dataset()
    setattr(holder, keyword, Items([item]))
    return holder


def _merged(parts: Iterable[Dataset]) -> Dataset:
    whole = Dataset()
    for part in parts:
        whole.update(part)
    return whole


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
