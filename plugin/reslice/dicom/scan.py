"""A quick look at the head of a DICOM file: the raw values of a few elements, and where the pixels lie.

Reading the header of each of hundreds of slices with a full parser costs more than reading their
pixels, and no header may go unchecked. This walks over the top-level elements (PS3.5 7.1) of the two
uncompressed encodings of the header, implicit and explicit little endian; every compressed transfer
syntax but the deflated one uses the latter. Whatever else comes is left to pydicom.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass, replace

PREAMBLE = 132
UNDEFINED = 0xFFFFFFFF
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
OTHER_ENCODINGS = frozenset({"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
"""Big endian and deflated: headers that this module doesn't read."""

TRANSFER_SYNTAX = 0x00020010
GROUP_LENGTH = 0x00020000
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

LONG_LENGTH_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Explicit VRs with two reserved bytes and a 32-bit length (PS3.5 table 7.1-1)."""

_SHORT = struct.Struct("<HH2sH")
_IMPLICIT = struct.Struct("<HHI")
_LONG = struct.Struct("<I")


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


def scan(content: bytes, wanted: Collection[int]) -> Head:
    """The wanted top-level elements of a file. Raises NotReadable, CutOff."""
    try:
        return _scan(content, wanted)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise CutOff("The header ends in the middle of an element") from error


def _scan(content: bytes, wanted: Collection[int]) -> Head:
    if content[128:PREAMBLE] != b"DICM":
        raise NotReadable("No DICM prefix")
    syntax, start = _meta(content)
    if syntax in OTHER_ENCODINGS:
        raise NotReadable("Big endian or deflated")
    walk = _Walk(content, syntax == IMPLICIT_LITTLE)
    values: dict[int, bytes] = {}
    position, end = start, len(content)
    while position < end:
        tag, length, position, vr = walk.element(position)
        if tag in PIXEL_TAGS:
            return _with_pixels(content, Head(syntax, values, tag, position, None, 0), length)
        if length == UNDEFINED:
            if vr == b"UN":  # its content is implicit, whatever the file is (PS3.5 6.2.2)
                raise NotReadable("A sequence of unknown VR and undefined length")
            values[tag] = b""
            position = walk.after_sequence(position)
            continue
        if tag in wanted:
            values[tag] = content[position : position + length]
        position += length
    if position > end:
        raise CutOff("An element reaches beyond the end of the file")
    return Head(syntax, values, None, None, None, 0)


def _with_pixels(content: bytes, head: Head, length: int) -> Head:
    """The head of a file whose pixels begin at its offset and have this length."""
    start = head.pixel_offset or 0
    if length == UNDEFINED:
        return replace(head, fragments=count_fragments(content, start))
    return replace(head, pixel_bytes=min(length, len(content) - start))


def count_fragments(content: bytes, position: int) -> int:
    """How many fragments of encapsulated pixels there are, the offset table not counted (PS3.5 A.4)."""
    items = 0
    while position + 8 <= len(content):
        group, number, length = _IMPLICIT.unpack_from(content, position)
        if group << 16 | number != ITEM or length == UNDEFINED:
            break
        items += 1
        position += 8 + length
    return max(0, items - 1)


def meta(content: bytes) -> tuple[str, int]:
    """The transfer syntax, and where the data set begins (PS3.10 7.1). Raises NotReadable."""
    try:
        return _meta(content)
    except (struct.error, UnicodeDecodeError) as error:
        raise CutOff("The file meta information ends in the middle of an element") from error


def _meta(content: bytes) -> tuple[str, int]:
    walk, position, syntax = _Walk(content, False), PREAMBLE, ""
    while content[position : position + 2] == b"\x02\x00":
        tag, length, position, _ = walk.element(position)
        if tag == TRANSFER_SYNTAX:
            syntax = content[position : position + length].decode("ascii").rstrip("\0 ")
        position += length
    if not syntax:
        raise NotReadable("No transfer syntax")
    return syntax, position


class _Walk:
    """Steps from element to element."""

    def __init__(self, content: bytes, implicit: bool) -> None:
        self.content = content
        self.element = self._implicit if implicit else self._explicit

    def _explicit(self, position: int) -> tuple[int, int, int, bytes]:
        """(tag, length, position of the value, VR) of the element at a position."""
        group, number, vr, length = _SHORT.unpack_from(self.content, position)
        if vr in LONG_LENGTH_VRS:
            return group << 16 | number, _LONG.unpack_from(self.content, position + 8)[0], position + 12, vr
        if group == 0xFFFE:
            return group << 16 | number, _LONG.unpack_from(self.content, position + 4)[0], position + 8, b""
        if not vr.isalpha() or not vr.isupper():
            raise NotReadable("Not an explicit VR")
        return group << 16 | number, length, position + 8, vr

    def _implicit(self, position: int) -> tuple[int, int, int, bytes]:
        group, number, length = _IMPLICIT.unpack_from(self.content, position)
        return group << 16 | number, length, position + 8, b""

    def after_sequence(self, position: int) -> int:
        """Where a sequence of undefined length ends, its items and their sequences stepped over."""
        open_items = 1
        while open_items:
            tag, length, position, vr = self.element(position)
            if tag in (ITEM_END, SEQUENCE_END):
                open_items -= 1
            elif length == UNDEFINED:
                if vr == b"UN":
                    raise NotReadable("A sequence of unknown VR and undefined length")
                open_items += 1
            else:
                position += length
        return position
