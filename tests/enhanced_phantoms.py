"""Enhanced multi-frame images: what each frame is like stands in functional groups, shared or its own."""

from collections.abc import Iterable, Sequence

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import EnhancedMRImageStorage

from grids import Array, Grid
from phantoms import decimals, instance, quantised, store_pixels, with_attributes


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
