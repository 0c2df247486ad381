"""Sequences out of their bytes: items as raw element values (PS3.5 7.5), and the functional groups flattened."""

from collections.abc import Iterator

import numpy as np

from reslice.dicom.scan import NotReadable, as_array
from reslice.dicom.walk import (
    CUT_OFF,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    after_sequence,
    as_bytes,
    read_element,
    walk_groups,
)

LEAST_ITEM = 8
"""Bytes that an item takes at least."""

RawValues = dict[int, bytes]


def items(content: bytes, implicit: bool) -> list[RawValues]:
    """The items of a sequence, each as raw values by tag; sequences in them stay bytes. Raises NotReadable."""
    found: list[RawValues] = []
    source, p = as_bytes(content), 0
    while p < len(content):
        tag, length, p, _ = read_element(source, p, implicit)
        if p < 0 or tag not in (ITEM, SEQUENCE_END):
            raise NotReadable("A sequence that can't be read")
        if tag == ITEM:
            end = len(content) if length == UNDEFINED else p + length
            values, p = _item(content, p, end, implicit)
            found.append(values)
    return found


def item(content: bytes, implicit: bool, number: int) -> RawValues | None:
    """One item of a sequence (0-based), the others stepped over; None where it has fewer. Raises NotReadable."""
    source, p = as_bytes(content), 0
    while p < len(content):
        tag, length, p, _ = read_element(source, p, implicit)
        if p < 0 or tag not in (ITEM, SEQUENCE_END):
            raise NotReadable("A sequence that can't be read")
        if tag == SEQUENCE_END:
            return None
        if number == 0:
            return _item(content, p, len(content) if length == UNDEFINED else p + length, implicit)[0]
        p = after_sequence(source, p, implicit) if length == UNDEFINED else p + length
        if not 0 <= p <= len(content):
            raise NotReadable("An item that can't be read")
        number -= 1
    return None


def _item(content: bytes, p: int, end: int, implicit: bool) -> tuple[RawValues, int]:
    """The raw values of one item, and where it ends."""
    source, values = as_bytes(content), {}
    while p < end:
        tag, length, p, _ = read_element(source, p, implicit)
        if p >= 0 and tag == ITEM_END:
            break
        after = p + length
        if p >= 0 and length == UNDEFINED:
            after = after_sequence(source, p, implicit)
        if p < 0 or not p <= after <= len(content):
            raise NotReadable("An item that can't be read")
        values[int(tag)] = content[p:after]
        p = after
    return values, p


def flattened(
    content: bytes, implicit: bool, macros: tuple[int, ...], wanted: tuple[int, ...], count: int
) -> Iterator[RawValues]:
    """The wanted elements of each of `count` items, and those of the macros in it. Raises NotReadable.

    `macros` and `wanted` are in ascending order. An element that stands several times counts where it is first.
    """
    if count * LEAST_ITEM > len(content):
        raise NotReadable(f"The sequence can't hold {count} items")
    found = np.full((count, len(wanted), 2), -1, dtype=np.int32)
    held = walk_groups(as_bytes(content), implicit, as_array(macros), as_array(wanted), found)
    if held != count:
        reason = "ends too early" if held == -CUT_OFF else f"doesn't hold {count} items"
        raise NotReadable(f"The sequence {reason}")
    for places in found:
        yield _values(content, wanted, places.tolist())


def _values(content: bytes, wanted: tuple[int, ...], places: list[list[int]]) -> RawValues:
    return {tag: content[p : p + size] for tag, (p, size) in zip(wanted, places, strict=True) if p >= 0}
