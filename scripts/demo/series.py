"""What a demonstration series is, and how it becomes DICOM."""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

SOP_CLASSES = {"CT": CTImageStorage, "MR": MRImageStorage}
# Version 5 UUIDs of these names: the same UIDs on every machine, so that a second load adds nothing.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://reslice.invalid/demo")


@dataclass(frozen=True)
class Grid:
    """Stored values (slice, row, column) of 12 bits, and the affine from these indices to LPS mm."""

    stored: NDArray[np.uint16]
    affine: NDArray[np.float64]


@dataclass(frozen=True)
class DemoSeries:
    """One series of one study of one patient, with all it takes to write it."""

    key: str  # names the study in its UIDs and in the links
    title: str
    modality: str
    slice_count: int
    attributes: Mapping[str, Any]  # DICOM keyword -> value, for every slice
    make_grid: Callable[[], Grid]
    views: Mapping[str, str]  # what to look at: label -> path below /series/{id}
    notes: Sequence[str] = ()  # told after the links

    def uid(self, *parts: object) -> str:
        """Derive a UID from the series and `parts` (PS3.5 B.2)."""
        return f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(map(str, (self.key, *parts)))).int}"

    def orthanc_id(self, level: str) -> str:
        """Orthanc's identifier of the patient, study or series: a hash of the DICOM identifiers down to it."""
        identifiers = (self.attributes["PatientID"], self.uid("study"), self.uid("series"))
        depth = {"patients": 1, "studies": 2, "series": 3}[level]
        digest = hashlib.sha1("|".join(identifiers[:depth]).encode(), usedforsecurity=False).hexdigest()
        return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


def dicom_files(series: DemoSeries) -> Iterator[bytes]:
    """Make the series, one DICOM file a slice."""
    grid = series.make_grid()
    for index, stored in enumerate(grid.stored):
        image = shared_attributes(series, grid)
        image.SOPInstanceUID = series.uid("instance", index)
        image.InstanceNumber = index + 1
        position = grid.affine @ (index, 0, 0, 1)
        image.ImagePositionPatient = [f"{value:.6g}" for value in position[:3]]
        image.SliceLocation = f"{slice_normal(grid.affine) @ position[:3]:.6g}"
        image.PixelData = stored.astype("<u2").tobytes()
        yield encoded(image)


def shared_attributes(series: DemoSeries, grid: Grid) -> Dataset:
    """Build what all images of a series have in common."""
    slice_step, row_step, column_step = grid.affine[:3, :3].T
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 100"
    image.SOPClassUID = SOP_CLASSES[series.modality]
    image.Modality = series.modality
    image.StudyInstanceUID = series.uid("study")
    image.SeriesInstanceUID = series.uid("series")
    image.FrameOfReferenceUID = series.uid("frame of reference")
    image.PositionReferenceIndicator = ""
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = grid.stored.shape[1:]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.PixelSpacing = [f"{np.linalg.norm(step):.6g}" for step in (row_step, column_step)]
    image.SliceThickness = f"{np.linalg.norm(slice_step):.6g}"
    directions = np.concatenate([step / np.linalg.norm(step) for step in (column_step, row_step)])
    image.ImageOrientationPatient = [f"{value:.6g}" for value in directions]
    for keyword, value in series.attributes.items():
        setattr(image, keyword, value)
    return image


def slice_normal(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give row direction x column direction, PS3.3 C.7.6.2.1.1."""
    normal = np.cross(affine[:3, 2], affine[:3, 1])
    return normal / np.linalg.norm(normal)


def encoded(image: Dataset) -> bytes:
    """Encode `image` as a DICOM file, Explicit VR Little Endian."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    FileDataset(file, image, preamble=b"\0" * 128, file_meta=meta).save_as(file, enforce_file_format=True)
    return file.getvalue()
