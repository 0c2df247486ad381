"""Lookup tables out of their sequences (PS3.3 C.11.1.1, C.11.2.1.1)."""

import struct

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.tags import GroupTag, Tag
from reslice.dicom.values import Values
from reslice.errors import Damaged
from reslice.imaging.modality import LookupTable
from reslice.imaging.voi import VoiLut

ALL_ENTRIES = 1 << 16
"""What a number of entries of 0 stands for."""


def modality_lut(values: Values) -> LookupTable | None:
    """The Modality LUT, if there is one. Raises Damaged."""
    if not values.has(Tag.MODALITY_LUT_SEQUENCE):
        return None
    sequence = values.sequence(Tag.MODALITY_LUT_SEQUENCE)
    if not sequence:
        return None
    first, entries, _ = _table(sequence[0], is_signed=values.unsigned(Tag.PIXEL_REPRESENTATION) == 1)
    return LookupTable(first, entries, sequence[0].text(GroupTag.MODALITY_LUT_TYPE))


def voi_luts(values: Values, *, is_signed: bool) -> tuple[VoiLut, ...]:
    """The VOI LUTs; those that can't be read are left out, since windows and automatic ones remain."""
    found = []
    for item in values.sequence(Tag.VOI_LUT_SEQUENCE):
        try:
            first, entries, bits = _table(item, is_signed=is_signed)
        except Damaged:
            continue
        found.append(VoiLut(first, entries, bits, item.text(GroupTag.LUT_EXPLANATION)))
    return tuple(found)


def _table(item: Values, *, is_signed: bool) -> tuple[int, NDArray[np.uint16], int]:
    """The first value mapped, the entries, and the bits of each. Raises Damaged."""
    descriptor = item.content(GroupTag.LUT_DESCRIPTOR)
    if len(descriptor) != 6:
        raise Damaged("A lookup table without descriptor")
    count, first, bits = struct.unpack("<HhH" if is_signed else "<HHH", descriptor)
    count = count or ALL_ENTRIES
    entries = _entries(item.content(GroupTag.LUT_DATA), count)
    bits = max(bits, int(entries.max()).bit_length())  # some writers tell 8 bits, and mean 16
    if not 1 <= bits <= 16:
        raise Damaged("A lookup table whose entries have no sound number of bits")
    return first, entries, bits


def _entries(data: bytes, count: int) -> NDArray[np.uint16]:
    """So many entries of two bytes, or of one where that is what there are."""
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, dtype="<u2", count=count).astype(np.uint16)
    elif len(data) >= count:
        entries = np.frombuffer(data, dtype=np.uint8, count=count).astype(np.uint16)
    else:
        raise Damaged("A lookup table with fewer entries than it promises")
    entries.setflags(write=False)
    return entries
