"""A quick look at the head of a DICOM file: the raw values of a few elements, and where the pixels lie.

Reading the header of each of hundreds of slices with a full parser costs more than reading their
pixels, and no header may go unchecked. This walks over the top-level elements (PS3.5 7.1) of the two
uncompressed encodings of the header, implicit and explicit little endian; every compressed transfer
syntax but the deflated one uses the latter. Whatever else comes is left to pydicom. The walk is
compiled where numba is installed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.walk import CUT_OFF, END, NOT_READABLE, UNDEFINED, as_bytes, count_items, walk

PREAMBLE = 132
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
OTHER_ENCODINGS = frozenset({"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
"""Big endian and deflated: headers that this module doesn't read."""

TRANSFER_SYNTAX = 0x00020010
META_GROUP = 0x0002


class NotReadable(Exception):
    """The bytes aren't a DICOM file whose header this module reads."""


class CutOff(NotReadable):
    """The bytes end in the middle of the header."""


@dataclass(frozen=True)
class Head:
    """Raw values by tag (padding included), the transfer syntax, and the place of the pixels in the file.

    `pixel_tag` is None without pixels, `pixel_offset` where their place isn't known; `pixel_bytes` are
    those really there, None for encapsulated pixels, of which there are so many `fragments`. The value of
    a sequence is its items as they stand in the file, in the encoding that `implicit` tells.
    """

    transfer_syntax: str
    implicit: bool
    values: dict[int, bytes]
    pixel_tag: int | None
    pixel_offset: int | None
    pixel_bytes: int | None
    fragments: int


def scan(content: bytes, wanted: tuple[int, ...]) -> Head:
    """The wanted top-level elements of a file; `wanted` in ascending order. Raises NotReadable, CutOff."""
    syntax, start = meta(content)
    if syntax in OTHER_ENCODINGS:
        raise NotReadable("Big endian or deflated")
    implicit = syntax == IMPLICIT_LITTLE
    values, status, tag, position, length = _walked(content, start, implicit, wanted, 0)
    if status == END:
        return Head(syntax, implicit, values, None, None, None, 0)
    if length == UNDEFINED:
        return Head(syntax, implicit, values, tag, position, None, count_fragments(content, position))
    return Head(syntax, implicit, values, tag, position, min(length, len(content) - position), 0)


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
    content: bytes, start: int, implicit: bool, wanted: tuple[int, ...], only_group: int
) -> tuple[dict[int, bytes], int, int, int, int]:
    """The wanted values, then how and where the walk ended: status, tag, position, length."""
    found = np.full((len(wanted), 2), -1, dtype=np.int64)
    status, tag, position, length = walk(as_bytes(content), start, implicit, as_array(wanted), only_group, found)
    if status == CUT_OFF:
        raise CutOff("The file ends in the middle of its header")
    if status == NOT_READABLE:
        raise NotReadable("An element that only a full parser understands")
    places = zip(wanted, found.tolist(), strict=True)
    values = {int(t): content[p : p + size] for t, (p, size) in places if p >= 0}
    return values, status, int(tag), int(position), int(length)


@lru_cache(maxsize=8)
def as_array(tags: tuple[int, ...]) -> NDArray[np.int64]:
    """Tags as the walks take them."""
    array = np.array(tags, dtype=np.int64)
    array.setflags(write=False)
    return array


def count_fragments(content: bytes, position: int) -> int:
    """How many fragments of encapsulated pixels there are, the offset table not counted (PS3.5 A.4)."""
    return max(0, int(count_items(as_bytes(content), position)) - 1)


def warm_up() -> None:
    """Compile the walk."""
    content = bytes(PREAMBLE - 4) + b"DICM" + b"\x02\x00\x10\x00UI\x04\x001.2\0"
    scan(content, (TRANSFER_SYNTAX,))
    count_fragments(content, 0)
