"""The compiled walks over the elements of a data set (PS3.5 7.1), little endian, implicit or explicit.

Kernels that call each other stay in one file: numba keeps them on disk by the file that they stand in.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, compiled

UNDEFINED = 0xFFFFFFFF
PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
FIRST_PIXEL_TAG, LAST_PIXEL_TAG = PIXEL_TAGS[0], PIXEL_TAGS[-1]
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
ITEM_GROUP = 0xFFFE

UNKNOWN_VR = int.from_bytes(b"UN", "little")
LONG_LENGTH_VRS = tuple(
    int.from_bytes(vr, "little")
    for vr in (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
"""Explicit VRs with two reserved bytes and a 32-bit length (PS3.5 table 7.1-1), as little-endian numbers."""

END, PIXELS, CUT_OFF, NOT_READABLE = 0, 1, 2, 3
"""How a walk ends: after the last element, at the pixels, or for want of bytes or understanding."""

DEEPEST = 24
"""Sequences within sequences; files that go deeper are not read."""

Content = NDArray[np.uint8] | bytes
Found = NDArray[np.int64]


def as_bytes(content: bytes) -> Content:
    """What the walks read quickest: an array when compiled, else the bytes themselves."""
    return np.frombuffer(content, dtype=np.uint8) if IS_COMPILED else content


@compiled
def _two(content: Content, p: int) -> int:
    return np.int64(content[p]) | np.int64(content[p + 1]) << 8  # type: ignore[return-value] # numba needs the width


@compiled
def _four(content: Content, p: int) -> int:
    return _two(content, p) | _two(content, p + 2) << 16


@compiled
def _is_letter(byte: int) -> bool:
    return 65 <= byte <= 90


@compiled
def read_element(content: Content, p: int, implicit: bool) -> tuple[int, int, int, int]:
    """(tag, length, position of the value, VR) of the element at p; position -CUT_OFF or -NOT_READABLE."""
    if p + 8 > len(content):
        return 0, 0, -CUT_OFF, 0
    group = _two(content, p)
    tag = group << 16 | _two(content, p + 2)
    if implicit or group == ITEM_GROUP:
        return tag, _four(content, p + 4), p + 8, 0
    if not (_is_letter(content[p + 4]) and _is_letter(content[p + 5])):
        return tag, 0, -NOT_READABLE, 0
    vr = _two(content, p + 4)
    if vr not in LONG_LENGTH_VRS:
        return tag, _two(content, p + 6), p + 8, vr
    if p + 12 > len(content):
        return tag, 0, -CUT_OFF, vr
    return tag, _four(content, p + 8), p + 12, vr


@compiled
def after_sequence(content: Content, p: int, implicit: bool) -> int:
    """Where a sequence of undefined length ends, its items and their sequences stepped over; negative as above."""
    open_items = 1
    while open_items > 0:
        tag, length, p, vr = read_element(content, p, implicit)
        if p < 0:
            return p
        if tag in (ITEM_END, SEQUENCE_END):
            open_items -= 1
        elif length != UNDEFINED:
            p += length
        elif vr == UNKNOWN_VR:  # its content is implicit, whatever the file is (PS3.5 6.2.2)
            return -NOT_READABLE
        else:
            open_items += 1
    return p


@compiled
def walk(
    content: Content, p: int, implicit: bool, wanted: Found, only_group: int, found: Found
) -> tuple[int, int, int, int]:
    """Note place and length of the wanted elements up to the pixels, or of one group only.

    Returns (status, tag, position, length) of where it ended.
    """
    while p < len(content):
        start = p
        tag, length, p, vr = read_element(content, p, implicit)
        if only_group != 0 and tag >> 16 != only_group:
            return END, tag, start, 0
        if p < 0:
            return -p, tag, start, 0
        if FIRST_PIXEL_TAG <= tag <= LAST_PIXEL_TAG:
            return PIXELS, tag, p, length
        k = np.searchsorted(wanted, tag)
        is_wanted = k < len(wanted) and wanted[k] == tag
        begin = p
        if length != UNDEFINED:
            p += length
        else:
            p = -NOT_READABLE if vr == UNKNOWN_VR else after_sequence(content, p, implicit)
            if p < 0:
                return -p, tag, start, 0
        if is_wanted:
            found[k, 0], found[k, 1] = begin, p - begin
    return END if p == len(content) else CUT_OFF, 0, p, 0


@compiled
def walk_groups(content: Content, implicit: bool, macros: Found, wanted: Found, found: NDArray[np.int32]) -> int:
    """Note place and length of the wanted elements in each item of a sequence, those in its macros too.

    `macros` are the sequences that are looked into, at any depth; all others are stepped over. `found` has
    the shape (items, wanted, 2). Returns how many items there are, or the negative status.
    """
    ends = np.empty(DEEPEST, dtype=np.int64)
    depth, item, p = 0, -1, 0
    while p < len(content):
        while depth > 0 and ends[depth - 1] == p:
            depth -= 1
        tag, length, p, vr = read_element(content, p, implicit)
        if p < 0:
            return p
        if tag in (ITEM_END, SEQUENCE_END):
            depth = max(depth - 1, 0)
            continue
        k = np.searchsorted(macros, tag)
        if tag == ITEM or (k < len(macros) and macros[k] == tag):
            if tag == ITEM and depth == 0:
                item += 1
            if depth == DEEPEST or item >= len(found) or item < 0:
                return -NOT_READABLE
            ends[depth] = -1 if length == UNDEFINED else p + length
            depth += 1
            continue
        begin = p
        if length == UNDEFINED:
            p = after_sequence(content, p, implicit or vr == UNKNOWN_VR)
            if p < 0:
                return p
        else:
            p += length
        if p > len(content):
            return -CUT_OFF
        k = np.searchsorted(wanted, tag)
        if item >= 0 and k < len(wanted) and wanted[k] == tag and found[item, k, 0] < 0:
            found[item, k, 0], found[item, k, 1] = begin, p - begin
    return item + 1


@compiled
def count_items(content: Content, p: int) -> int:
    """The items of known length in a row."""
    items = 0
    while p + 8 <= len(content):
        tag, length, p, _ = read_element(content, p, True)
        if tag != ITEM or length == UNDEFINED:
            break
        items += 1
        p += length
    return items
