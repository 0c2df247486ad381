"""The head of a file: by the quick look where that reads it, else by pydicom, in one and the same form."""

import struct
from typing import Any

import pydicom
from pydicom.multival import MultiValue

from reslice.dicom import scan
from reslice.dicom.dataset import read_dataset
from reslice.dicom.tags import WANTED_TAGS, Tag
from reslice.dicom.values import Values
from reslice.dicom.walk import ITEM, PIXEL_TAGS
from reslice.errors import Damaged

REALS = {"FD": "d", "FL": "f"}
WHOLES = {"US": 2, "SS": 2, "UL": 4, "SL": 4}
WORDS = frozenset({"OW", "OB or OW", "US or SS", "US or OW", "US or SS or OW"})
LONG_LENGTH_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})


def head_of(content: bytes, wanted: tuple[int, ...] = WANTED_TAGS) -> scan.Head:
    """The elements that decide what an image is, or others, the SOP class among them, in order. Raises Damaged."""
    try:
        return scan.scan(content, wanted)
    except scan.NotReadable as error:
        head = head_by_pydicom(content, wanted)
        is_whole = Tag.SOP_CLASS in head.values and not isinstance(error, scan.CutOff)
        if head.pixel_tag is None and not is_whole:
            raise Damaged("The file ends in the middle of its header") from error
        return head


def sop_class_of(content: bytes) -> str:
    """The SOP class of a file that may be damaged; empty where it can't be read."""
    try:
        return Values(head_of(content).values).text(Tag.SOP_CLASS)
    except Damaged:
        return ""


def head_by_pydicom(content: bytes, wanted: tuple[int, ...] = WANTED_TAGS) -> scan.Head:
    """The same by pydicom, for the encodings that the quick look leaves out. Raises Damaged."""
    try:
        return _head(read_dataset(content), wanted)
    except Exception as error:  # a hostile header can make the parser raise anything
        raise Damaged(f"The header can't be read: {type(error).__name__}") from error


def _head(dataset: pydicom.FileDataset, wanted: tuple[int, ...]) -> scan.Head:
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    is_swapped = not dataset.original_encoding[1]
    values = {tag: raw_value(dataset[tag], is_swapped) for tag in wanted if tag in dataset}
    pixel_tag = next((tag for tag in PIXEL_TAGS if tag in dataset), None)
    if pixel_tag is None:
        return scan.Head(syntax, False, values, None, None, None, 0)
    element = dataset[pixel_tag]
    content = element.value or b""
    if element.is_undefined_length:
        return scan.Head(syntax, False, values, pixel_tag, None, None, scan.count_fragments(content, 0))
    return scan.Head(syntax, False, values, pixel_tag, None, len(content), 0)


def raw_value(element: pydicom.DataElement, is_swapped: bool) -> bytes:
    """A value in the bytes that explicit little endian gives it; `is_swapped` says that its file is big endian."""
    if element.VR == "SQ":
        return b"".join(_item(dataset, is_swapped) for dataset in element.value)
    value: Any = element.value
    if isinstance(value, bytes):
        return _swapped(value) if is_swapped and element.VR in WORDS else value
    parts = [part for part in (value if isinstance(value, list | MultiValue) else [value]) if part not in (None, "")]
    if element.VR in REALS:
        return struct.pack(f"<{len(parts)}{REALS[element.VR]}", *map(float, parts))
    if element.VR in WHOLES or element.VR in WORDS:
        return _whole_numbers(parts, WHOLES.get(element.VR, 2))
    every = value if isinstance(value, list | MultiValue) else [value]
    return b"\\".join(str("" if part is None else part).encode("utf-8", "replace") for part in every)


def _whole_numbers(parts: list[Any], size: int) -> bytes:
    mask = (1 << 8 * size) - 1
    return b"".join((int(part) & mask).to_bytes(size, "little") for part in parts)


def _swapped(content: bytes) -> bytes:
    """Words of two bytes in the other order."""
    whole = bytearray(content[: len(content) // 2 * 2])
    whole[0::2], whole[1::2] = whole[1::2], whole[0::2]
    return bytes(whole)


def _item(dataset: pydicom.Dataset, is_swapped: bool) -> bytes:
    """An item of a sequence in explicit little endian."""
    body = b"".join(_element(element, is_swapped) for element in dataset)
    return _tag(ITEM) + struct.pack("<I", len(body)) + body


def _element(element: pydicom.DataElement, is_swapped: bool) -> bytes:
    value = raw_value(element, is_swapped)
    vr = element.VR if len(element.VR) == 2 else "OW"
    if vr in LONG_LENGTH_VRS or len(value) > 0xFFFF:
        vr = vr if vr in LONG_LENGTH_VRS else "UN"
        return _tag(int(element.tag)) + vr.encode() + struct.pack("<HI", 0, len(value)) + value
    return _tag(int(element.tag)) + vr.encode() + struct.pack("<H", len(value)) + value


def _tag(tag: int) -> bytes:
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)
