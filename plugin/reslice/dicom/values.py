"""Raw element values as the types that the Standard gives them."""

import math
import re
import struct

import numpy as np
from numpy.typing import ArrayLike

from reslice.dicom.scan import NotReadable
from reslice.dicom.sequences import item, items
from reslice.dicom.tags import Tag
from reslice.errors import Damaged

Cosines = tuple[float, float, float, float, float, float]
Point = tuple[float, float, float]

COSINE_TOLERANCE = 1e-3
"""How far direction cosines may be from unit length and right angles before they mean nothing."""

LEAST_SPACING, MOST_SPACING = 1e-6, 1e4
"""Millimetres between pixels, from microscopy to a whole body in one pixel; anything else is an error."""

FARTHEST = 1e6
"""Millimetres from the origin at which a pixel can lie."""

DECIMAL_STRING = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""A DS or IS value (PS3.5 table 6.2-1)."""


def points_along(first: Point, along: ArrayLike, direction: ArrayLike, step: float = 1.0) -> list[Point] | None:
    """Points at so many steps (mm) from the first in a direction; None where they can't be in a scanner."""
    with np.errstate(all="ignore"):
        reach = np.multiply.outer(np.asarray(along, dtype=np.float64), np.asarray(direction)) * step
        places = np.array(first) + reach
    if not (np.abs(places) <= FARTHEST).all():
        return None
    return [(float(x), float(y), float(z)) for x, y, z in places]


def _unreadable_sequence(tag: int) -> Damaged:
    return Damaged(f"A sequence that can't be read ({tag >> 16:04x},{tag & 0xFFFF:04x})")


class Values:
    """Raw element values, read as the types that the Standard gives them (PS3.5 6.2)."""

    def __init__(self, values: dict[int, bytes], implicit: bool = False) -> None:
        self._values = values
        self.implicit = implicit

    def raw(self, tags: tuple[int, ...]) -> tuple[bytes | None, ...]:
        """The bytes of several elements; None where there is none."""
        return tuple(map(self._values.get, tags))

    def content(self, tag: int) -> bytes:
        """The bytes of one element; none where it isn't there."""
        return self._values.get(tag, b"")

    def overlaid(self, *others: dict[int, bytes]) -> "Values":
        """These values with those of others in their place."""
        together = dict(self._values)
        for other in others:
            together.update(other)
        return Values(together, self.implicit)

    def sequence(self, tag: int) -> list["Values"]:
        """The items of a sequence; of unknown VR it is implicit, whatever the file is (PS3.5 6.2.2). Raises Damaged."""
        for implicit in (self.implicit, True):
            try:
                return [Values(item, implicit) for item in items(self.content(tag), implicit)]
            except NotReadable:
                continue
        raise _unreadable_sequence(tag)

    def item(self, tag: int, number: int) -> "Values | None":
        """One item of a sequence (0-based); None where it has fewer. Raises Damaged."""
        for implicit in (self.implicit, True):
            try:
                found = item(self.content(tag), implicit, number)
            except NotReadable:
                continue
            return None if found is None else Values(found, implicit)
        raise _unreadable_sequence(tag)

    def reals(self, tag: int) -> tuple[float, ...]:
        """The values of an FD element; empty where they aren't finite."""
        content = self.content(tag)
        numbers = struct.unpack(f"<{len(content) // 8}d", content[: len(content) // 8 * 8])
        return numbers if all(map(math.isfinite, numbers)) else ()

    def singles(self, tag: int) -> tuple[float, ...]:
        """The values of an FL element; empty where they aren't finite."""
        content = self.content(tag)
        numbers = struct.unpack(f"<{len(content) // 4}f", content[: len(content) // 4 * 4])
        return numbers if all(map(math.isfinite, numbers)) else ()

    def words(self, tag: int) -> tuple[int, ...]:
        """The values of a US element."""
        content = self.content(tag)
        return struct.unpack(f"<{len(content) // 2}H", content[: len(content) // 2 * 2])

    def has(self, tag: int) -> bool:
        """Whether the element is there."""
        return tag in self._values

    def texts(self, tag: int) -> tuple[str, ...]:
        """The values of a text, without their padding."""
        content = self._values.get(tag, b"").decode("latin-1").strip("\0 ")
        return tuple(part.strip() for part in content.split("\\")) if content else ()

    def text(self, tag: int) -> str:
        """The first value of a text; empty without one."""
        return next(iter(self.texts(tag)), "")

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Decimal strings; empty where one of them is no finite number."""
        texts = self.texts(tag)
        if not all(map(DECIMAL_STRING.fullmatch, texts)):
            return ()
        numbers = tuple(map(float, texts))
        return numbers if all(map(math.isfinite, numbers)) else ()

    def number(self, tag: int, default: float) -> float:
        """The first decimal string; the default where there is none or it is no number."""
        return next(iter(self.numbers(tag)), default)

    def certain_number(self, tag: int, default: float) -> float:
        """The same where a wrong guess would change values: what is there must be a number. Raises Damaged."""
        if self.texts(tag) and not self.numbers(tag):
            name = Tag(tag).name.replace("_", " ").capitalize()
            raise Damaged(f"{name} (element {tag >> 16:04x},{tag & 0xFFFF:04x}) holds no number")
        return self.number(tag, default)

    def integer(self, tag: int, default: int) -> int:
        """The first integer string."""
        number = self.number(tag, default)
        return int(number)

    def unsigned(self, tag: int, default: int = 0, *, signed: bool = False) -> int:
        """The first value of a US (or SS) element."""
        content = self._values.get(tag, b"")
        return int.from_bytes(content[:2], "little", signed=signed) if len(content) >= 2 else default

    def point(self, tag: int) -> Point | None:
        """Three coordinates in mm."""
        numbers = self.numbers(tag)
        is_sound = len(numbers) == 3 and all(abs(n) <= FARTHEST for n in numbers)
        return (numbers[0], numbers[1], numbers[2]) if is_sound else None

    def orientation_letters(self, tag: int) -> tuple[str, str] | None:
        """Two directions in letters (PS3.3 C.7.6.1.1.1)."""
        texts = self.texts(tag)
        return (texts[0], texts[1]) if len(texts) == 2 and all(texts) else None

    def pair(self, tag: int) -> tuple[float, float] | None:
        """Two spacings, if they can be true of something in a scanner."""
        numbers = self.numbers(tag)
        is_sound = len(numbers) == 2 and all(LEAST_SPACING <= n <= MOST_SPACING for n in numbers)
        return (numbers[0], numbers[1]) if is_sound else None

    def cosines(self, tag: int) -> Cosines | None:
        """Two orthogonal unit vectors; None where they are neither (PS3.3 C.7.6.2.1.1)."""
        numbers = self.numbers(tag)
        if len(numbers) != 6:
            return None
        a, b, c, d, e, f = numbers
        lengths = math.hypot(a, b, c), math.hypot(d, e, f)
        is_sound = all(abs(length - 1) < COSINE_TOLERANCE for length in lengths)
        return (a, b, c, d, e, f) if is_sound and abs(a * d + b * e + c * f) < COSINE_TOLERANCE else None
