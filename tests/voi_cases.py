"""The table that server and page share: modality values, a window, and the grey that each must become.

    python -m voi_cases > voi_cases.json    in the folder of the tests

Worked out in exact fractions (and in fifty digits for SIGMOID) from the words of PS3.3 C.11.2.1.2 and
C.11.2.1.3, value by value. Greys are the nearest whole number; values whose grey lies in the middle of
two are left out, since implementations may round either way. `null` is a value without data: black.
"""

import json
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

TABLE = Path(__file__).with_name("voi_cases.json")
NEAR_THE_MIDDLE = Fraction(1, 1000)
PARTS = [Fraction(n, 16) for n in (-16, -9, -8, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 8, 9, 16)]
"""Where values lie around the centre, in widths."""
WINDOWS = [(40.0, 400.0), (40.0, 80.0), (-600.0, 1500.0), (128.0, 256.0), (2048.0, 4096.0), (0.5, 2.0), (8.0, 1.0)]
NARROW = [(0.25, 0.5), (2.5, 5.0), (30000.0, 7.0), (0.0, 0.001)]
Grey = Fraction | Decimal


def grey(value: float, center: float, width: float, function: str) -> Grey:
    """The grey of one value, 0..255, before rounding and inversion."""
    x, c, w = Fraction(value), Fraction(center), Fraction(width)
    if function == "SIGMOID":
        exponent = max(
            Fraction(-1000), min(-4 * (x - c) / w, Fraction(1000))
        )  # further out it is black or white anyway
        power = (Decimal(exponent.numerator) / Decimal(exponent.denominator)).exp()
        return Decimal(255) / (1 + power)
    if function == "LINEAR_EXACT":
        if x <= c - w / 2:
            return Fraction(0)
        return Fraction(255) if x > c + w / 2 else ((x - c) / w + Fraction(1, 2)) * 255
    if x <= c - Fraction(1, 2) - (w - 1) / 2:
        return Fraction(0)
    if x > c - Fraction(1, 2) + (w - 1) / 2:
        return Fraction(255)
    return ((x - (c - Fraction(1, 2))) / (w - 1) + Fraction(1, 2)) * 255


def is_certain(level: Grey) -> bool:
    """Whether the nearest whole number is the same for everybody."""
    return abs(Fraction(level) % 1 - Fraction(1, 2)) > NEAR_THE_MIDDLE


def case(center: float, width: float, function: str, invert: bool, whole: bool) -> dict[str, object]:
    """One window with values around it: whole numbers, or numbers that float32 holds exactly."""
    offered = [Fraction(center) + part * Fraction(width) for part in PARTS]
    offered += [Fraction(n) for n in (-32767, 32767)]
    step = 1 if whole else Fraction(1, 1 << 13)
    values = sorted({float(round(value / step) * step) for value in offered if abs(value) <= 32767})
    levels = [(value, grey(value, center, width, function)) for value in values]
    kept = [(value, level) for value, level in levels if is_certain(level)]
    return {
        "center": center,
        "width": width,
        "function": function,
        "invert": invert,
        "values": [*(value for value, _ in kept), None],
        "expected": [*(round(255 - level if invert else level) for _, level in kept), 0],
    }


def all_cases() -> list[dict[str, object]]:
    """Every function with every window that it takes."""
    getcontext().prec = 50
    return [
        case(center, width, function, invert, whole=width >= 1 and center.is_integer())
        for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID")
        for center, width in (WINDOWS if function == "LINEAR" else WINDOWS + NARROW)
        for invert in (False, True)
    ]


def read_cases() -> list[dict[str, object]]:
    """The table as it is stored."""
    return json.loads(TABLE.read_text())


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(found) for found in all_cases())
    print(f"[\n{lines}\n]")  # noqa: T201
