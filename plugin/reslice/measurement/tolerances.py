"""How near is near enough: the tolerances that every measurement shares."""

BORDER = 1e-6
"""mm: what lies no further from a border lies on it, and points no further apart are one (float noise)."""

ROUNDING = 4e-3
"""mm: how far shapes may miss right angles and common centres, relative 1e-6 besides (see `is_slight`).

A client that rounds coordinates to 1e-3 mm moves each point by up to 0.87e-3 (the half diagonal of a cube of
1e-3). What is compared here are sums of up to four points: 3.5e-3 at worst.
"""

LARGEST_PART = 1e-2
"""Of the longest length: half a degree and a hundredth."""

RELATIVE = 1e-6
"""Of the longest length involved: float32 coordinates, and lengths far above a human's."""


def is_slight(miss: float, length: float) -> bool:
    """Whether a shape of this longest length misses its rule by rounding alone, both in mm.

    A tiny shape, on a microscope's pixels, may miss it by no more than a part of itself.
    """
    return miss <= min(ROUNDING, LARGEST_PART * length) + RELATIVE * length
