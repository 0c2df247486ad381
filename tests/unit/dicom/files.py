"""DICOM files in every encoding, and elements written byte by byte."""

import io
import struct
from collections.abc import Iterable

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from phantoms import AXIAL, compressed, file_of, noise
from reslice.dicom.frames import FrameReader
from reslice.dicom.instance import Instance, InstanceReader

ENCODINGS = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big-endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
UNDEFINED = 0xFFFFFFFF
PREAMBLE = 132
LONG_VRS = ("OB", "OW", "SQ", "UN", "UT", "OF", "OD", "OL", "OV", "SV", "UV", "UC", "UR")
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)


def read(content: bytes | Dataset) -> tuple[Instance, bytes]:
    """The instance in a file, with the file's bytes."""
    content = file_of(content) if isinstance(content, Dataset) else content
    return InstanceReader().read("an-id", content), content


def instances(datasets: Iterable[Dataset]) -> list[Instance]:
    """One instance for each dataset, by one reader; the id is the place in the list."""
    reader = InstanceReader()
    return [reader.read(f"id-{k:04d}", file_of(dataset)) for k, dataset in enumerate(datasets)]


def one_slice(**attributes: object) -> Dataset:
    """A slice of noise; the same bytes each time."""
    uids = {f"{level}InstanceUID": f"2.25.{k}" for k, level in enumerate(("Study", "Series", "SOP"), start=1)}
    return noise(AXIAL, **uids, **attributes)[0]


def broken_rle(dataset: Dataset) -> Dataset:
    """The same instance with run-length codes of one segment too few."""
    dataset = compressed(dataset, RLELossless)
    dataset.PixelData = encapsulate([b"\1\0\0\0\x40\0\0\0" + bytes(60)])
    return dataset


def stored_frame(found: Instance, content: bytes, number: int) -> np.ndarray:
    """Stored values of one frame."""
    return FrameReader(found, content).stored(number)


def colour_frame(found: Instance, content: bytes, number: int) -> np.ndarray:
    """One frame as RGB."""
    return FrameReader(found, content).colour(number)


def frame(dataset: Dataset | bytes, number: int = 0) -> np.ndarray:
    """Stored values of one frame of a file."""
    found, content = read(dataset)
    return stored_frame(found, content, number)


def encoded(dataset: Dataset, encoding: str) -> bytes:
    """The file of an uncompressed instance in another encoding of its header; pixels of 16 bits."""
    pixels = np.frombuffer(dataset.PixelData, "<u2")
    dataset.file_meta.TransferSyntaxUID = ENCODINGS[encoding]
    if encoding == "big-endian":
        dataset.PixelData = pixels.astype(">u2").tobytes()
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def pixels_of(content: bytes) -> np.ndarray:
    """Pixels by pydicom, in the machine's byte order."""
    values = dcmread(io.BytesIO(content)).pixel_array
    return values.astype(values.dtype.newbyteorder("="))


def element(tag: tuple[int, int], vr: str, value: bytes, length: int | None = None) -> bytes:
    """One element in explicit little endian; `length` may lie."""
    size = len(value) if length is None else length
    if tag[0] == 0xFFFE:
        return struct.pack("<HHI", *tag, size) + value
    if vr in LONG_VRS:
        return struct.pack("<HH2sHI", *tag, vr.encode(), 0, size) + value
    return struct.pack("<HH2sH", *tag, vr.encode(), size) + value


def implicit(tag: tuple[int, int], value: bytes, length: int | None = None) -> bytes:
    """One element in implicit little endian; `length` may lie."""
    return struct.pack("<HHI", *tag, len(value) if length is None else length) + value


def undefined(tag: tuple[int, int], vr: str, *items: bytes) -> bytes:
    """A sequence of undefined length with items of undefined length."""
    body = b"".join(element(ITEM, "", item, UNDEFINED) + element(ITEM_END, "", b"") for item in items)
    return element(tag, vr, body + element(SEQUENCE_END, "", b""), UNDEFINED)


def with_elements(content: bytes, extra: bytes, before: tuple[int, int] = (0x0010, 0x0010)) -> bytes:
    """An explicit little endian file with further bytes before one of its elements."""
    place = content.index(struct.pack("<HH", *before), PREAMBLE)
    return content[:place] + extra + content[place:]


def with_value(content: bytes, tag: tuple[int, int], vr: str, value: bytes) -> bytes:
    """An explicit little endian file whose element (of a short VR) has another value, whatever it is."""
    place = content.index(struct.pack("<HH2s", *tag, vr.encode()), PREAMBLE)
    length = struct.unpack_from("<H", content, place + 6)[0]
    return content[:place] + element(tag, vr, value) + content[place + 8 + length :]
