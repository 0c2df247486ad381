"""A quick look at the head of a DICOM file: the raw values of a few elements, and where the pixels lie.

Reading the header of each of hundreds of slices with a full parser costs more than reading their
pixels, and no header may go unchecked. This walks over the top-level elements (PS3.5 7.1) of the two
uncompressed encodings of the header, implicit and explicit little endian; every compressed transfer
syntax but the deflated one uses the latter. Whatever else comes is left to pydicom. The walk is
compiled where numba is installed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, compiled

PREAMBLE = 132
UNDEFINED = 0xFFFFFFFF
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
OTHER_ENCODINGS = frozenset({"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
"""Big endian and deflated: headers that this module doesn't read."""

TRANSFER_SYNTAX = 0x00020010
META_GROUP = 0x0002
PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
FIRST_PIXEL_TAG, LAST_PIXEL_TAG = 0x7FE00008, 0x7FE00010
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

Content = NDArray[np.uint8] | bytes
Found = NDArray[np.int64]


class NotReadable(Exception):
    """The bytes aren't a DICOM file whose header this module reads."""


class CutOff(NotReadable):
    """The bytes end in the middle of the header."""


@dataclass(frozen=True)
class Head:
    """Raw values by tag (padding included), the transfer syntax, and the place of the pixels in the file.

    `pixel_tag` is None without pixels, `pixel_offset` where their place isn't known; `pixel_bytes` are
    those really there, None for encapsulated pixels, of which there are so many `fragments`.
    """

    transfer_syntax: str
    values: dict[int, bytes]
    pixel_tag: int | None
    pixel_offset: int | None
    pixel_bytes: int | None
    fragments: int


def scan(content: bytes, wanted: Sequence[int]) -> Head:
    """The wanted top-level elements of a file; `wanted` in ascending order. Raises NotReadable, CutOff."""
    syntax, start = meta(content)
    if syntax in OTHER_ENCODINGS:
        raise NotReadable("Big endian or deflated")
    values, status, tag, position, length = _walked(content, start, syntax == IMPLICIT_LITTLE, wanted, 0)
    if status == END:
        return Head(syntax, values, None, None, None, 0)
    head = Head(syntax, values, tag, position, None, 0)
    if length == UNDEFINED:
        return replace(head, fragments=count_fragments(content, position))
    return replace(head, pixel_bytes=min(length, len(content) - position))


def meta(content: bytes) -> tuple[str, int]:
    """The transfer syntax, and where the data set begins (PS3.10 7.1). Raises NotReadable, CutOff."""
    if content[128:PREAMBLE] != b"DICM":
        raise NotReadable("No DICM prefix")
    values, _, _, position, _ = _walked(content, PREAMBLE, False, (TRANSFER_SYNTAX,), META_GROUP)
    syntax = values.get(TRANSFER_SYNTAX, b"").decode("latin-1").rstrip("\0 ")
    if not syntax:
        raise NotReadable("No transfer syntax")
    return syntax, position


def _walked(
    content: bytes, start: int, implicit: bool, wanted: Sequence[int], only_group: int
) -> tuple[dict[int, bytes], int, int, int, int]:
    """The wanted values, then how and where the walk ended: status, tag, position, length."""
    found = np.full((len(wanted), 2), -1, dtype=np.int64)
    tags = np.array(wanted, dtype=np.int64)
    status, tag, position, length = _walk(_as_bytes(content), start, implicit, tags, only_group, found)
    if status == CUT_OFF:
        raise CutOff("The file ends in the middle of its header")
    if status == NOT_READABLE:
        raise NotReadable("An element that only a full parser understands")
    places = zip(wanted, found.tolist(), strict=True)
    values = {int(t): content[p : p + size] for t, (p, size) in places if p >= 0}
    return values, status, int(tag), int(position), int(length)


def _as_bytes(content: bytes) -> Content:
    """What the walk reads quickest: an array when compiled, else the bytes themselves."""
    return np.frombuffer(content, dtype=np.uint8) if IS_COMPILED else content


def count_fragments(content: bytes, position: int) -> int:
    """How many fragments of encapsulated pixels there are, the offset table not counted (PS3.5 A.4)."""
    return max(0, int(_count_items(_as_bytes(content), position)) - 1)


def warm_up() -> None:
    """Compile the walk."""
    content = bytes(PREAMBLE - 4) + b"DICM" + b"\x02\x00\x10\x00UI\x04\x001.2\0"
    scan(content, (TRANSFER_SYNTAX,))
    count_fragments(content, 0)


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
def _element(content: Content, p: int, implicit: bool) -> tuple[int, int, int, int]:
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
def _after_sequence(content: Content, p: int, implicit: bool) -> int:
    """Where a sequence of undefined length ends, its items and their sequences stepped over; negative as above."""
    open_items = 1
    while open_items > 0:
        tag, length, p, vr = _element(content, p, implicit)
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
def _walk(
    content: Content, p: int, implicit: bool, wanted: Found, only_group: int, found: Found
) -> tuple[int, int, int, int]:
    """Note place and length of the wanted elements up to the pixels, or of one group only.

    Returns (status, tag, position, length) of where it ended.
    """
    while p < len(content):
        start = p
        tag, length, p, vr = _element(content, p, implicit)
        if only_group != 0 and tag >> 16 != only_group:
            return END, tag, start, 0
        if p < 0:
            return -p, tag, start, 0
        if FIRST_PIXEL_TAG <= tag <= LAST_PIXEL_TAG:
            return PIXELS, tag, p, length
        k = np.searchsorted(wanted, tag)
        is_wanted = k < len(wanted) and wanted[k] == tag
        if length == UNDEFINED:
            if is_wanted:
                found[k, 0], found[k, 1] = p, 0
            p = -NOT_READABLE if vr == UNKNOWN_VR else _after_sequence(content, p, implicit)
            if p < 0:
                return -p, tag, start, 0
            continue
        if is_wanted:
            found[k, 0], found[k, 1] = p, length
        p += length
    return END if p == len(content) else CUT_OFF, 0, p, 0


@compiled
def _count_items(content: Content, p: int) -> int:
    """The items of known length in a row."""
    items = 0
    while p + 8 <= len(content):
        tag, length, p, _ = _element(content, p, True)
        if tag != ITEM or length == UNDEFINED:
            break
        items += 1
        p += length
    return items
