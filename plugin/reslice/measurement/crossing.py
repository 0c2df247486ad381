"""Whether a closed line in a plane crosses or touches itself."""

import numpy as np
from numpy.typing import NDArray

from reslice.measurement.tolerances import BORDER

Planar = NDArray[np.float64]
Flags = NDArray[np.bool_]


def is_simple(ring: Planar) -> bool:
    """Whether no two edges of a polygon, shape (N, 2), meet but neighbours at their common vertex.

    Edges nearer than BORDER touch. Only edges whose extents overlap are compared, so that outlines of thousands
    of vertices take milliseconds.
    """
    ends = np.roll(ring, -1, axis=0)
    if _turns_back(ring):
        return False
    low, high = np.minimum(ring, ends) - BORDER, np.maximum(ring, ends)
    order = np.argsort(low[:, 0])
    beyond = np.searchsorted(low[order, 0], high[order, 0], side="right")
    for place, edge in enumerate(order):
        others = order[place + 1 : beyond[place]]
        others = others[(low[others, 1] <= high[edge, 1]) & (high[others, 1] >= low[edge, 1])]
        others = others[~_is_neighbour(edge, others, len(ring))]
        if others.size and _meets(ring[edge], ends[edge], ring[others], ends[others]).any():
            return False
    return True


def distances(points: Planar, starts: Planar, ends: Planar) -> NDArray[np.float64]:
    """How far each point lies from its segment, which may be a point; arrays of shape (..., 2) that broadcast."""
    along = ends - starts
    squares = np.maximum((along * along).sum(axis=-1), np.finfo(np.float64).tiny)
    part = ((points - starts) * along).sum(axis=-1) / squares
    nearest = starts + part.clip(0, 1)[..., None] * along
    result: NDArray[np.float64] = np.linalg.norm(points - nearest, axis=-1)
    return result


def _turns_back(ring: Planar) -> bool:
    """Whether an edge runs back over the one before it."""
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    near = np.minimum(distances(before, ring, after), distances(after, before, ring))
    return bool((near <= BORDER).any())


def _is_neighbour(edge: int, others: NDArray[np.int64], count: int) -> Flags:
    step = np.abs(others - edge)
    result: Flags = (step == 1) | (step == count - 1)
    return result


def _meets(start: Planar, end: Planar, starts: Planar, ends: Planar) -> Flags:
    """Whether one segment crosses or touches each of the others."""
    crosses = (_side(start, end, starts) != _side(start, end, ends)) & (
        _side(starts, ends, start) != _side(starts, ends, end)
    )
    own = np.minimum(distances(start, starts, ends), distances(end, starts, ends))
    theirs = np.minimum(distances(starts, start, end), distances(ends, start, end))
    result: Flags = crosses | (np.minimum(own, theirs) <= BORDER)
    return result


def _side(start: Planar, end: Planar, points: Planar) -> Flags:
    """Whether points lie to the left of a line; on it they are found by their distance, if it matters."""
    along, there = end - start, points - start
    left: Flags = along[..., 0] * there[..., 1] > along[..., 1] * there[..., 0]
    return left
