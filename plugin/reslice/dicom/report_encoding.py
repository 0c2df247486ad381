"""The content tree of a report as bytes (PS3.5 7.1, 7.5): pydicom takes seconds for one of many measurements."""

import struct
from collections.abc import Sequence

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.multival import MultiValue

CONTENT = (0x0040, 0xA730)
ITEM = (0xFFFE, 0xE000)
LONG = frozenset({"SQ", "UC", "UT"})
"""The VRs here whose length has 32 bits in explicit VR too (PS3.5 table 7.1-1)."""
BINARY = {"FL": "<f4", "FD": "<f8"}


class Encoder:
    """Encodes data sets whose values are texts, FL, FD and sequences, in UTF-8; one that recurs is encoded once."""

    def __init__(self, *, is_explicit: bool) -> None:
        self._is_explicit = is_explicit
        self._made: dict[int, bytes] = {}

    def content(self, nodes: Sequence[Dataset]) -> bytes:
        """The element that holds these content items; they must live as long as this object."""
        return self._element(CONTENT, "SQ", self._items(nodes))

    def _items(self, datasets: Sequence[Dataset]) -> bytes:
        return b"".join(map(self._item, datasets))

    def _item(self, dataset: Dataset) -> bytes:
        known = self._made.get(id(dataset))
        if known is None:
            content = b"".join(
                self._element((element.tag.group, element.tag.element), element.VR, self._value(element))
                for element in dataset
            )
            known = self._made[id(dataset)] = struct.pack("<HHL", *ITEM, len(content)) + content
        return known

    def _element(self, tag: tuple[int, int], vr: str, value: bytes) -> bytes:
        if not self._is_explicit:
            return struct.pack("<HHL", *tag, len(value)) + value
        if vr in LONG:
            return struct.pack("<HH2sHL", *tag, vr.encode(), 0, len(value)) + value
        return struct.pack("<HH2sH", *tag, vr.encode(), len(value)) + value

    def _value(self, element: DataElement) -> bytes:
        if element.VR == "SQ":
            return self._items(element.value)
        if element.VR in BINARY:
            return np.asarray(element.value, dtype=BINARY[element.VR]).tobytes()
        several = element.value if isinstance(element.value, MultiValue) else [element.value]
        text = "\\".join("" if value is None else str(value) for value in several).encode()
        return text + (b"\0" if element.VR == "UI" else b" ") * (len(text) % 2)
