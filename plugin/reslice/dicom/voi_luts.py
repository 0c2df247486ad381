"""The tables of a VOI LUT Sequence (PS3.3 C.11.2.1.1)."""

import warnings
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from reslice.dicom.dataset import read_dataset
from reslice.imaging.voi import VoiLut

LONGEST_EXPLANATION = 64
"""Characters of a LO (PS3.5 6.2); longer ones are cut."""
MOST_ENTRIES = 1 << 16
"""What a descriptor of 0 entries means."""


def read_voi_luts(content: bytes) -> tuple[VoiLut, ...]:
    """The usable tables at the top level of a file, in its order; damaged ones are left out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return voi_luts_of(read_dataset(content))
    except Exception:  # a hostile header can make the parser raise anything
        return ()


def voi_luts_of(dataset: Dataset) -> tuple[VoiLut, ...]:
    """The usable tables of a data set that has a VOI LUT Sequence (see PS3.3 C.11.2 and C.7.6.16.2.10)."""
    lowest, highest = _possible_values(dataset)
    is_little = dataset.original_encoding[1] is not False
    luts = (_voi_lut(item, lowest, highest, is_little) for item in dataset.get("VOILUTSequence") or ())
    return tuple(lut for lut in luts if lut is not None)


def _voi_lut(item: Dataset, lowest: float, highest: float, is_little: bool) -> VoiLut | None:
    """One table; None where descriptor and data don't agree."""
    descriptor = item.get("LUTDescriptor")
    if descriptor is None or len(descriptor) != 3 or "LUTData" not in item:
        return None
    count = int(descriptor[0]) & 0xFFFF or MOST_ENTRIES
    words = _words(item["LUTData"].value, is_little)
    if len(words) >= count:
        entries, bits = words[:count], int(descriptor[2])
    elif 2 * len(words) >= count:  # two entries of 8 bits in a word
        entries, bits = words.view(np.uint8)[:count].astype(np.uint16), 8
    else:
        return None
    first = _first(int(descriptor[1]), lowest, highest)
    explanation = str(item.get("LUTExplanation") or "")[:LONGEST_EXPLANATION]
    return VoiLut(first, entries.copy(), _depth(bits, int(entries.max())), explanation)


def _words(value: Any, is_little: bool) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """LUT Data as little-endian words: pydicom gives numbers (US, SS) or the file's own bytes (OW)."""
    if isinstance(value, bytes):
        return np.frombuffer(value[: len(value) // 2 * 2], "<u2" if is_little else ">u2").astype("<u2")
    return (np.atleast_1d(np.asarray(value)).astype(np.int64) & 0xFFFF).astype("<u2")


def _depth(told: int, largest: int) -> int:
    """Bits of an entry: as told, but never fewer than the largest entry needs."""
    needed = max(1, largest.bit_length())
    return told if needed <= told <= 16 else max(needed, 8)


def _first(told: int, lowest: float, highest: float) -> float:
    """The first value mapped.

    Whether its 16 bits have a sign depends on the values that the table is for, which files and
    parsers get wrong: so that reading counts under which it is one of those values.
    """
    readings = (told, (told & 0xFFFF) - ((told & 0x8000) << 1), told & 0xFFFF)
    return float(next((reading for reading in readings if lowest <= reading <= highest), told))


def _possible_values(dataset: Dataset) -> tuple[float, float]:
    """The least and the greatest modality value that the stored bits allow."""
    bits = int(dataset.get("BitsStored") or 16)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if dataset.get("PixelRepresentation") else (0, (1 << bits) - 1)
    slope, intercept = (float(dataset.get(k, d) or d) for k, d in (("RescaleSlope", 1), ("RescaleIntercept", 0)))
    ends = low * slope + intercept, high * slope + intercept
    return min(ends), max(ends)
