"""Files read whole by pydicom, lenient about what real files lack."""

import io
import zlib

import pydicom
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from reslice.dicom import scan
from reslice.errors import Damaged

ALWAYS_INFLATED = 1 << 25
"""Bytes that any deflated data set may become."""
LARGEST_INFLATED = 1 << 29
"""Bytes that none may exceed."""
USUAL_EXPANSION = 50
"""So many times its size a deflated data set may become; images come nowhere near it, bombs do."""
CHUNK = 1 << 20


def read_dataset(content: bytes, *, pixels: bool = True) -> pydicom.FileDataset:
    """The data set of a file, on wish only what comes before its pixels.

    Without file meta information its encoding is told by the bytes themselves.
    """
    _require_harmless_deflate(content)
    dataset = pydicom.dcmread(io.BytesIO(content), force=True, stop_before_pixels=not pixels)
    if not getattr(dataset.file_meta, "TransferSyntaxUID", None):
        is_implicit, is_little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else explicit
    return dataset


def _require_harmless_deflate(content: bytes) -> None:
    """Raise Damaged where a small file would inflate to a huge one (PS3.5 A.5: raw deflate)."""
    try:
        syntax, start = scan.meta(content)
    except scan.NotReadable:
        return
    if syntax != DeflatedExplicitVRLittleEndian:
        return
    most = min(max(ALWAYS_INFLATED, USUAL_EXPANSION * len(content)), LARGEST_INFLATED)
    inflater, size, rest = zlib.decompressobj(-zlib.MAX_WBITS), 0, content[start:]
    while rest and not inflater.eof:
        size += len(inflater.decompress(rest, CHUNK))
        rest = inflater.unconsumed_tail
        if size > most:
            raise Damaged(f"The deflated data set is larger than {most} bytes")
