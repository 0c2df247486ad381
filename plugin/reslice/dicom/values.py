"""Raw element values as the types that the Standard gives them."""

import math
import re

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


class Values:
    """Raw element values, read as the types that the Standard gives them (PS3.5 6.2)."""

    def __init__(self, values: dict[int, bytes]) -> None:
        self._values = values

    def raw(self, tags: tuple[int, ...]) -> tuple[bytes | None, ...]:
        """The bytes of several elements; None where there is none."""
        return tuple(map(self._values.get, tags))

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
            raise Damaged(f"Element {tag >> 16:04x},{tag & 0xFFFF:04x} holds no number")
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
