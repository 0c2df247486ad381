"""The pixels of a grid within a closed line, found row by row from where its edges cross: compiled."""

import math

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import as_input, compiled
from reslice.measurement.tolerances import BORDER

Planar = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL = 1e-3 * BORDER
"""An edge that rises less is near a row as a whole, or not at all."""


def fill(ring: Planar, origin: Planar, step: float, down: Planar, shape: tuple[int, int]) -> Flags:
    """Which pixel centres lie inside a polygon, shape (N, 2), or no further than BORDER from an edge.

    Rows run along the first coordinate: pixel (i, j) lies at origin + i * down + (j * step, 0), step > 0, and `down`
    has a second coordinate that isn't 0. An edge is only looked at in the rows that it spans.
    """
    flips, border = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    ends = np.roll(ring, -1, axis=0)
    scan(as_input(ring), as_input(ends), as_input(origin), as_input(down), float(step), BORDER, LEVEL, flips, border)
    inside: Flags = np.logical_xor.accumulate(flips, axis=1)
    inside |= border
    return inside


@compiled
def scan(
    starts: Planar,
    ends: Planar,
    origin: Planar,
    down: Planar,
    step: float,
    reach: float,
    level: float,
    flips: Flags,
    border: Flags,
) -> None:
    """Mark in each row the pixels from which on an edge has been crossed, and those on an edge (see `fill`).

    Two marks in one place are none: the number of marks up to a pixel tells whether it lies inside.
    """
    rows, columns = flips.shape
    for e in range(starts.shape[0]):
        ax, ay, bx, by = starts[e, 0], starts[e, 1], ends[e, 0], ends[e, 1]
        one, other = (min(ay, by) - reach - origin[1]) / down[1], (max(ay, by) + reach - origin[1]) / down[1]
        top = int(min(max(math.floor(min(one, other)), 0.0), float(rows)))
        bottom = int(min(max(math.ceil(max(one, other)) + 1.0, 0.0), float(rows)))
        for i in range(top, bottom):
            x, y = origin[0] + i * down[0], origin[1] + i * down[1]
            if (ay > y) != (by > y):
                crossing = math.ceil((ax + (y - ay) * ((bx - ax) / (by - ay)) - x) / step)
                if crossing < columns:
                    flips[i, int(max(crossing, 0.0))] ^= True
            mark_near(ax - x, ay - y, bx - ax, by - ay, step, reach, level, border[i])


@compiled
def mark_near(
    x: float, y: float, along: float, rise: float, step: float, reach: float, level: float, row: Flags
) -> None:
    """Mark the pixels of a row that lie within reach of the edge from (x, y), counted from the row's first pixel."""
    first, last = 0.0, 1.0
    if abs(rise) > level:  # only the part of the edge within reach of the row
        one, other = (-reach - y) / rise, (reach - y) / rise
        first, last = max(min(one, other), 0.0), min(max(one, other), 1.0)
    if first > last:
        return
    left, right = min(x + first * along, x + last * along), max(x + first * along, x + last * along)
    begin = int(min(max(math.floor((left - reach) / step), 0.0), float(row.shape[0])))
    end = int(min(max(math.ceil((right + reach) / step) + 1.0, 0.0), float(row.shape[0])))
    for j in range(begin, end):
        there = j * step - x
        part = min(max((there * along - y * rise) / (along * along + rise * rise), 0.0), 1.0)
        dx, dy = there - part * along, -y - part * rise
        if dx * dx + dy * dy <= reach * reach:
            row[j] = True
