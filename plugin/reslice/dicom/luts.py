"""Lookup tables out of their sequences (PS3.3 C.11.1.1, C.11.2.1.1)."""

import struct

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.tags import GroupTag, Tag
from reslice.dicom.values import Values
from reslice.errors import Damaged
from reslice.imaging.modality import LookupTable
from reslice.imaging.voi import VoiLut

Entries = NDArray[np.uint16]

ALL_ENTRIES = 1 << 16
"""What a number of entries of 0 stands for."""
LARGEST_DEPTH = 16
"""Bits of an entry."""


def modality_lut(values: Values) -> LookupTable | None:
    """The Modality LUT, if there is one. Raises Damaged."""
    sequence = values.sequence(Tag.MODALITY_LUT_SEQUENCE)
    if not sequence:
        return None
    signed = values.unsigned(Tag.PIXEL_REPRESENTATION) == 1
    told, entries, bits = _table(sequence[0])
    if bits > LARGEST_DEPTH:
        raise Damaged(f"A Modality LUT of {bits} bits")
    first = told - ((told & 0x8000) << 1) if signed else told
    return LookupTable(first, entries, sequence[0].text(GroupTag.MODALITY_LUT_TYPE))


def voi_luts(values: Values, lowest: float, highest: float) -> tuple[VoiLut, ...]:
    """The usable VOI LUTs, in the file's order; damaged ones are left out, since windows remain.

    `lowest` and `highest` are the modality values that the image can hold.
    """
    try:
        sequence = values.sequence(Tag.VOI_LUT_SEQUENCE)
    except Damaged:
        return ()
    return tuple(lut for item in sequence if (lut := _voi_lut(item, lowest, highest)) is not None)


def _voi_lut(item: Values, lowest: float, highest: float) -> VoiLut | None:
    try:
        told, entries, bits = _table(item)
    except Damaged:
        return None
    depth = _depth(bits, int(entries.max()))
    return VoiLut(_first(told, lowest, highest), entries, depth, item.text(GroupTag.LUT_EXPLANATION))


def _table(item: Values) -> tuple[int, Entries, int]:
    """The first value mapped (16 bits, no sign), the entries, and the bits that each is said to have; or Damaged."""
    descriptor = item.content(GroupTag.LUT_DESCRIPTOR)
    if len(descriptor) != 6:
        raise Damaged("A lookup table without a sound descriptor")
    count, first, told = struct.unpack("<HHH", descriptor)
    return first, *_entries(item.content(GroupTag.LUT_DATA), count or ALL_ENTRIES, told)


def _entries(data: bytes, count: int, bits: int) -> tuple[Entries, int]:
    """So many entries of two bytes, or of one where that is what there are, and their bits. Raises Damaged."""
    if len(data) >= 2 * count:
        return np.frombuffer(data, dtype="<u2", count=count).astype(np.uint16), bits
    if len(data) >= count:
        return np.frombuffer(data, dtype=np.uint8, count=count).astype(np.uint16), 8
    raise Damaged("A lookup table with fewer entries than it promises")


def _depth(told: int, largest: int) -> int:
    """Bits of an entry: as told, but never fewer than the largest entry needs."""
    needed = max(1, largest.bit_length())
    return told if needed <= told <= LARGEST_DEPTH else max(needed, 8)


def _first(told: int, lowest: float, highest: float) -> float:
    """The first value mapped.

    Whether its 16 bits have a sign depends on the values that the table is for, which files get wrong: so that
    reading counts under which it is one of those values.
    """
    readings = (told, told - ((told & 0x8000) << 1))
    return float(next((reading for reading in readings if lowest <= reading <= highest), told))
