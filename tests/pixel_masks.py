"""Which pixels of an image an outline holds, told slowly; and the statistics of any numbers, as numpy has them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solids import inside_polygon

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

RECTANGLE = [(2.2, 1.3), (9.8, 1.3), (9.8, 7.6), (2.2, 7.6)]
POLYGON = [(1.2, 1.1), (10.3, 2.4), (8.7, 8.1), (5.4, 4.3), (2.1, 7.8)]
ELLIPSE = [(1.3, 4.6), (10.1, 4.6), (5.7, 1.15), (5.7, 8.05)]
OUTLINES = {"rectangle": RECTANGLE, "polygon": POLYGON, "ellipse": ELLIPSE}
"""By tool, in [column, row]; no pixel centre lies on a border."""


def mask_of(tool: str, points: Sequence[Sequence[float]], shape: tuple[int, int]) -> Flags:
    """The pixels whose centres lie inside."""
    rows, columns = np.indices(shape)
    if tool != "ellipse":
        return inside_polygon(np.stack([columns, rows], axis=-1).astype(float), np.array(points))
    (left, middle), (right, _), (_, top), (_, bottom) = points
    across, down = (right - left) / 2, (bottom - top) / 2
    return ((columns - left - across) / across) ** 2 + ((rows - middle) / down) ** 2 <= 1


def statistics_of(values: Array) -> dict[str, float]:
    """By the names of records; the standard deviation divides by n."""
    numbers = values.astype(np.float64)
    low, high = np.percentile(numbers, [5, 95])
    return {
        "Mean": float(numbers.mean()),
        "StandardDeviation": float(numbers.std()),
        "Minimum": float(numbers.min()),
        "Maximum": float(numbers.max()),
        "Median": float(np.median(numbers)),
        "Percentile5": float(low),
        "Percentile95": float(high),
        "Count": float(numbers.size),
    }
