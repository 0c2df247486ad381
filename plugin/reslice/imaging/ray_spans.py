"""The compiled loop that finds which samples of each ray count (the GIL is released).

It is called by itself, before the kernels that look at the samples: those stay in files of their own.
"""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled
from reslice.imaging.rays import Rays

Spans = NDArray[np.int64]
"""The first sample of each ray that counts, and the last (exclusive), shape (rows, columns, 2); of a ray without
any the first comes after the last."""

TILE = 8
"""Rays along each side of what the kernels work on at once."""


def spans_of(rays: Rays, begin: int, end: int, shape: tuple[int, int]) -> Spans:
    """Those of the rows of tiles from `begin` to `end` of a picture of (rows, columns)."""
    top, bottom = begin * TILE, min(end * TILE, shape[0])
    spans = np.empty((bottom - top, shape[1], 2), dtype=np.int64)
    find_spans(rays, top, spans)
    return spans


@compiled
def find_spans(rays: Rays, top: int, spans: Spans) -> None:
    """The spans of the rays of as many rows of pixels as `spans` holds, from `top` on."""
    for y in range(spans.shape[0]):
        for x in range(spans.shape[1]):
            first, last = _span(rays, top + y, x)
            spans[y, x, 0] = first if first < last else rays.samples
            spans[y, x, 1] = last if first < last else 0


@compiled
def _span(rays: Rays, y: int, x: int) -> tuple[int, int]:
    """The samples of a ray whose coordinates are all within bounds, from the first to the last (exclusive)."""
    first, last = 0, rays.samples
    for axis in range(6):
        begin, step = rays.origin[axis] + y * rays.down[axis] + x * rays.right[axis], rays.along[axis]
        low, high = rays.low[axis], rays.high[axis]
        if abs(step) < 1e-12:
            if not low <= begin <= high:
                return 0, 0
            continue
        a, b = ((low if step > 0 else high) - begin) / step, ((high if step > 0 else low) - begin) / step
        first = max(first, int(np.ceil(max(a, -1.0))))
        last = min(last, int(np.floor(min(b, float(last)))) + 1)
    return first, last
