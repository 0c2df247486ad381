"""What the frames of a real file hold: decoded and rescaled by pydicom and SimpleITK alone, none of our code."""

import hashlib
import io
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.uid import ImplicitVRLittleEndian, generate_uid

from shared_data import unavailable

Frame = NDArray[np.generic]
COLOUR = 3


@cache
def dataset(path: Path) -> Dataset:
    """The file with its pixels; some in these cases name no transfer syntax, which is then implicit little endian."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = dcmread(path, force=True)
        found.file_meta.TransferSyntaxUID = found.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
        return found


def completed(path: Path) -> bytes:
    """The file's bytes; with identifiers of its own where it names no study or series (Orthanc refuses such files)."""
    if not _lacks_identifiers(path):
        return path.read_bytes()
    found = dcmread(path)
    found.PatientID = "without identifiers"
    found.StudyInstanceUID, found.SeriesInstanceUID = generate_uid(), generate_uid()
    file = io.BytesIO()
    found.save_as(file)
    return file.getvalue()


def _lacks_identifiers(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = dcmread(path, force=True, specific_tags=["SOPInstanceUID", "SeriesInstanceUID"])
        return "SOPInstanceUID" in found and "SeriesInstanceUID" not in found


def stored_frames(path: Path) -> Frame:
    """Stored values, (frames, rows, columns) or (frames, rows, columns, 3), colour as the file has it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values = pixel_array(dataset(path), raw=True)
        except NotImplementedError:  # a syntax that pydicom's plugins don't read
            return _stored_by_simpleitk(path)
    return values.reshape(-1, *values.shape[-3 if is_colour(path) else -2 :])


def _stored_by_simpleitk(path: Path) -> Frame:
    """ITK rescales as it reads: taken back."""
    if find_spec("SimpleITK") is None:
        unavailable("SimpleITK is not installed")
    import SimpleITK  # noqa: PLC0415

    values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path), SimpleITK.sitkFloat64))
    slope, intercept = _slope_and_intercept(dataset(path))
    return np.rint((values - intercept) / slope).astype(np.uint16)


def is_colour(path: Path) -> bool:
    """Whether each pixel is stored as several samples."""
    return int(dataset(path).get("SamplesPerPixel", 1)) == COLOUR


def is_shown_in_colour(path: Path) -> bool:
    """The same, or a palette makes colour of it."""
    return is_colour(path) or dataset(path).get("PhotometricInterpretation") == "PALETTE COLOR"


def stored_hash(path: Path) -> str:
    """SHA-256 as truth.json has it: C order, little endian."""
    return little_endian_hash(stored_frames(path))


def little_endian_hash(values: Frame) -> str:
    """SHA-256 of the values, C order, little endian."""
    return hashlib.sha256(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()).hexdigest()


def modality_frames(path: Path) -> list[NDArray[np.float64]]:
    """Modality values of each frame in float64, by the rescale or the table of that very frame (PS3.3 C.11.1)."""
    stored = stored_frames(path)
    return [_modality(dataset(path), k, frame) for k, frame in enumerate(stored)]


def _modality(header: Dataset, k: int, stored: Frame) -> NDArray[np.float64]:
    if "ModalityLUTSequence" in header:
        return _looked_up(header.ModalityLUTSequence[0], stored)
    slope, intercept = _slope_and_intercept(header, k)
    return stored.astype(np.float64) * slope + intercept


def _looked_up(table: Dataset, stored: Frame) -> NDArray[np.float64]:
    """The first stored value that is mapped, and what lies beyond the table takes its ends (PS3.3 C.11.1.1)."""
    count, first, _ = table.LUTDescriptor
    return np.array(table.LUTData, np.float64)[np.clip(stored.astype(int) - first, 0, (count or 65536) - 1)]


def _slope_and_intercept(header: Dataset, k: int = 0) -> tuple[float, float]:
    """Of one frame: its functional groups, the shared ones, the header itself; a dose grid has its scaling."""
    for groups in (*functional_groups(header, k), header):
        holder = groups.get("PixelValueTransformationSequence", [groups])[0]
        if "RescaleSlope" in holder:
            return float(holder.RescaleSlope), float(holder.RescaleIntercept)
    return float(header.get("DoseGridScaling", 1)), 0.0


def functional_groups(header: Dataset, k: int) -> list[Dataset]:
    """The functional groups of one frame, then those that all frames share."""
    per_frame = header.get("PerFrameFunctionalGroupsSequence") or []
    return [*per_frame[k : k + 1], *(header.get("SharedFunctionalGroupsSequence") or [])]


def rgb_frames(path: Path) -> NDArray[np.uint8]:
    """Colour frames as RGB of 8 bits, (frames, rows, columns, 3), by pydicom's conversions."""
    header = dataset(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = pixel_array(header)
        if header.PhotometricInterpretation == "PALETTE COLOR":
            values = apply_color_lut(values, header)
    values = values.reshape(-1, *values.shape[-3:])
    return (values >> (8 * values.dtype.itemsize - 8)).astype(np.uint8)
