"""DICOM made in memory, whose right answer is known beforehand.

The chief one is the ramp: each voxel's modality value IS the LPS coordinate (x, y or z, in mm) of its
centre, so whatever plane is cut through it, every pixel says where it really lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

Array = NDArray[np.float64]
Direction = tuple[float, float, float]


@dataclass(frozen=True)
class Acquisition:
    """Where the voxels of a series lie: (slices, rows, columns), mm, patient LPS."""

    shape: tuple[int, int, int] = (8, 10, 12)
    spacing: tuple[float, float, float] = (
        2.5,
        1.0,
        1.0,
    )  # gap along the normal, between rows, between columns
    row: Direction = (1.0, 0.0, 0.0)  # direction along a row
    column: Direction = (0.0, 1.0, 0.0)  # direction down a column
    center: Direction = (0.0, 0.0, 0.0)
    tilt: float = 0.0  # degrees of gantry tilt: each slice is shifted along the column direction

    @property
    def affine(self) -> Array:
        """From (slice, row, column, 1) to LPS mm."""
        gap, between_rows, between_columns = self.spacing
        row, column = np.asarray(self.row), np.asarray(self.column)
        matrix = np.eye(4)
        matrix[:3, 0] = gap * (np.cross(row, column) + np.tan(np.radians(self.tilt)) * column)
        matrix[:3, 1] = between_rows * column
        matrix[:3, 2] = between_columns * row
        matrix[:3, 3] = np.asarray(self.center) - matrix[:3, :3] @ (np.array(self.shape) - 1) / 2
        return matrix

    @property
    def coordinates(self) -> Array:
        """LPS mm of every voxel centre, (slices, rows, columns, 3)."""
        indices = np.stack(np.meshgrid(*map(np.arange, self.shape), indexing="ij"), axis=-1)
        return indices @ self.affine[:3, :3].T + self.affine[:3, 3]

    def slice_origin(self, k: int) -> Array:
        """ImagePositionPatient of slice k."""
        return self.affine[:3, 3] + k * self.affine[:3, 0]


def rotated(acquisition: Acquisition, degrees: float, axis: int) -> Acquisition:
    """The same grid turned around one patient axis: an oblique acquisition."""
    angle = np.radians(degrees)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    matrix = np.eye(3)
    matrix[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    row, column = matrix @ acquisition.row, matrix @ acquisition.column
    return replace(acquisition, row=tuple(map(float, row)), column=tuple(map(float, column)))


AXIAL = Acquisition()
ACQUISITIONS = {
    "axial": AXIAL,
    "axial-feet-first": replace(AXIAL, row=(-1.0, 0.0, 0.0)),
    "axial-prone": replace(AXIAL, row=(-1.0, 0.0, 0.0), column=(0.0, -1.0, 0.0)),
    "decubitus-right": replace(AXIAL, row=(0.0, 1.0, 0.0), column=(-1.0, 0.0, 0.0)),
    "decubitus-left": replace(AXIAL, row=(0.0, -1.0, 0.0), column=(1.0, 0.0, 0.0)),
    "coronal": replace(AXIAL, column=(0.0, 0.0, -1.0)),
    "coronal-feet-up": replace(AXIAL, row=(-1.0, 0.0, 0.0), column=(0.0, 0.0, 1.0)),
    "sagittal": replace(AXIAL, row=(0.0, 1.0, 0.0), column=(0.0, 0.0, -1.0)),
    "sagittal-from-right": replace(AXIAL, row=(0.0, -1.0, 0.0), column=(0.0, 0.0, -1.0)),
    "oblique": rotated(AXIAL, 20.0, axis=0),
    "double-oblique": rotated(rotated(AXIAL, 25.0, axis=1), -35.0, axis=2),
    "gantry-tilt": replace(AXIAL, tilt=-18.5),
    "tilted-oblique": replace(rotated(AXIAL, 10.0, axis=2), tilt=12.0),
}


def ramp(axis: int, acquisition: Acquisition = AXIAL, **attributes: object) -> list[Dataset]:
    """A CT series whose modality value is the LPS coordinate `axis` (0 x, 1 y, 2 z) of the voxel."""
    return series(acquisition.coordinates[..., axis], acquisition, **attributes)


def box(
    low: Sequence[float], high: Sequence[float], acquisition: Acquisition = AXIAL, **attributes: object
) -> list[Dataset]:
    """A CT series of 0 with a box of 1000 whose voxel centres lie between two LPS corners."""
    inside = ((acquisition.coordinates >= low) & (acquisition.coordinates <= high)).all(axis=-1)
    assert inside.any(), "no voxel centre lies in the box"
    return series(np.where(inside, 1000.0, 0.0), acquisition, **attributes)


def noise(acquisition: Acquisition = AXIAL, seed: int = 0, **attributes: object) -> list[Dataset]:
    """A CT series of whole numbers without any pattern: no two voxels can be confused."""
    values = np.random.default_rng(seed).integers(-1000, 3000, acquisition.shape).astype(float)
    return series(values, acquisition, **attributes)


def series(
    values: Array,
    acquisition: Acquisition = AXIAL,
    instance_numbers: Iterable[int] | None = None,
    **attributes: object,
) -> list[Dataset]:
    """One single-frame CT instance for each slice, in order of position; `attributes` go onto each."""
    stored, slope, intercept = quantised(values)
    common = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    numbers = list(instance_numbers or range(1, len(stored) + 1))
    datasets = []
    for k, pixels in enumerate(stored):
        dataset = image(pixels, **common, InstanceNumber=numbers[k], **geometry(acquisition, k))
        dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = slope, intercept, "HU"
        datasets.append(with_attributes(dataset, attributes))
    return datasets


def quantised(values: Array) -> tuple[NDArray[np.int16], str, str]:
    """Stored int16 values with slope and intercept: exact for whole numbers, else the finest step."""
    if np.array_equal(values, np.round(values)) and np.abs(values).max() < 32768:
        return values.astype(np.int16), "1", "0"
    middle = f"{(values.max() + values.min()) / 2:.6f}"
    slope = f"{max(float(np.ptp(values)) / 65000, 1e-6):.9f}"
    return np.round((values - float(middle)) / float(slope)).astype(np.int16), slope, middle


def geometry(acquisition: Acquisition, k: int) -> dict[str, object]:
    """The attributes of the Image Plane module for slice k."""
    return {
        "FrameOfReferenceUID": "2.25.1",
        "ImagePositionPatient": decimals(acquisition.slice_origin(k)),
        "ImageOrientationPatient": decimals([*acquisition.row, *acquisition.column]),
        "PixelSpacing": decimals(acquisition.spacing[1:]),
        "SliceThickness": decimals(acquisition.spacing[:1])[0],
    }


def decimals(numbers: Iterable[float]) -> list[str]:
    """Decimal strings of at most 16 characters (PS3.5 VR DS)."""
    return [f"{number:.10f}"[:16] for number in numbers]


def image(pixels: NDArray[np.generic], **attributes: object) -> Dataset:
    """One image instance from stored pixels: (rows, columns), or (rows, columns, 3) for RGB."""
    dataset = instance(MRImageStorage if attributes.get("Modality") == "MR" else CTImageStorage)
    dataset.Modality, dataset.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        dataset.SOPClassUID, dataset.PlanarConfiguration = SecondaryCaptureImageStorage, 0
    store_pixels(dataset, pixels)
    return with_attributes(dataset, attributes)


def store_pixels(dataset: Dataset, pixels: NDArray[np.generic]) -> None:
    """Put stored pixels into an instance, uncompressed."""
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    raw = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"


def multiframe(frames: NDArray[np.generic], **attributes: object) -> Dataset:
    """A secondary capture of several grey frames (frames, rows, columns), without geometry."""
    dataset = image(frames[0])
    dataset.SOPClassUID, dataset.Modality = MultiFrameGrayscaleWordSecondaryCaptureImageStorage, "OT"
    store_pixels(dataset, frames)
    dataset.NumberOfFrames = len(frames)
    return with_attributes(dataset, attributes)


def without_geometry(pixels: NDArray[np.generic], **attributes: object) -> Dataset:
    """A secondary capture of one frame that has no place in the patient."""
    dataset = image(pixels, Modality="OT", **attributes)
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    return dataset


def structured_report(**attributes: object) -> Dataset:
    """An SR document: an instance that is no image."""
    dataset = instance(ComprehensiveSRStorage)
    dataset.Modality, dataset.ValueType, dataset.ContinuityOfContent = "SR", "CONTAINER", "SEPARATE"
    return with_attributes(dataset, attributes)


def instance(sop_class: str) -> Dataset:
    """The attributes that every instance has; explicit VR little endian."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientID, dataset.PatientName = "phantom", "Phantom^Ramp"
    return dataset


def with_attributes(dataset: Dataset, attributes: dict[str, object]) -> Dataset:
    """Set attributes by keyword; None removes one."""
    for keyword, value in attributes.items():
        if value is not None:
            setattr(dataset, keyword, value)
        elif keyword in dataset:
            delattr(dataset, keyword)
    return dataset


def file_of(dataset: Dataset) -> bytes:
    """The DICOM file of an instance."""
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def compressed(dataset: Dataset, transfer_syntax: str) -> Dataset:
    """Compress an instance in place, by pydicom's encoders."""
    dataset.compress(transfer_syntax, generate_instance_uid=False)
    return dataset
