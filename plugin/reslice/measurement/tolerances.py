"""How near is near enough: the tolerances that every measurement shares."""

from collections.abc import Sequence

BORDER = 1e-6
"""mm: what lies no further from a border lies on it, and points no further apart are one (float noise)."""

ROUNDING = 4e-3
"""mm: how far shapes may miss right angles and common centres, less for small ones (see `is_slight`).

A client that rounds coordinates to 1e-3 mm moves each point by up to 0.87e-3 (the half diagonal of a cube of
1e-3). What is compared here are sums of up to four points: 3.5e-3 at worst.
"""

RELATIVE = 1e-6
"""Of the longest length involved: float32 coordinates, and lengths far above a human's."""

PART = 1e-2
"""Of the shortest length involved: what is rounded more than that has no shape left (pixels of a microscope)."""


def is_slight(miss: float, lengths: Sequence[float]) -> bool:
    """Whether a shape whose sides or axes are so long misses its rule by rounding alone, all in mm."""
    return miss <= min(ROUNDING, PART * min(lengths)) + RELATIVE * max(lengths)
