"""Which points of a plane lie within a closed line: compiled, exact on the border."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, as_input, compiled
from reslice.measurement.crossing import distances
from reslice.measurement.tolerances import BORDER

Planar = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_BANDS = 256
"""A polygon's height is cut into no more bands; a point is compared with the edges of its own band alone."""


POINTS_AT_ONCE = 512
"""Points that are compared with all edges of a band at once, where there is no compiler."""


@dataclass(frozen=True, eq=False)
class BandedRing:
    """The edges of a closed line, sorted into bands of its height.

    The edges of band b are `members[first[b]:first[b + 1]]`; band 0 begins at `bottom`, each is `height` high.
    """

    starts: Planar
    ends: Planar
    first: Indices
    members: Indices
    bottom: float
    height: float

    @classmethod
    def of(cls, ring: Planar) -> "BandedRing":
        """From the vertices, shape (N, 2); their extent along the second coordinate isn't 0."""
        ends = np.roll(ring, -1, axis=0)
        bottom, top = ring[:, 1].min() - BORDER, ring[:, 1].max() + BORDER
        count = min(len(ring), MOST_BANDS)
        height = (top - bottom) / count
        low = ((np.minimum(ring, ends)[:, 1] - BORDER - bottom) / height).astype(np.int64).clip(0, count - 1)
        high = ((np.maximum(ring, ends)[:, 1] + BORDER - bottom) / height).astype(np.int64).clip(0, count - 1)
        members = [np.flatnonzero((low <= band) & (band <= high)) for band in range(count)]
        first = np.cumsum([0, *(len(edges) for edges in members)])
        return cls(as_input(ring), as_input(ends), as_input(first), as_input(np.concatenate(members)), bottom, height)

    def covers(self, points: Planar) -> Flags:
        """Which points, shape (N, 2), lie inside or no further than BORDER from an edge."""
        inside = np.zeros(len(points), dtype=np.bool_)
        edges = self.starts, self.ends, self.first, self.members
        work = cover if IS_COMPILED else cover_in_numpy
        work(as_input(points), *edges, self.bottom, self.height, BORDER, inside)
        return inside


@compiled
def cover(
    points: Planar,
    starts: Planar,
    ends: Planar,
    first: Indices,
    members: Indices,
    bottom: float,
    height: float,
    border: float,
    inside: Flags,
) -> None:
    """Count the edges that a ray from each point crosses: an odd number means inside (see BandedRing)."""
    for p in range(points.shape[0]):
        x, y = points[p, 0], points[p, 1]
        if not (bottom <= y <= bottom + height * (first.shape[0] - 1)):
            continue
        band = min(int((y - bottom) / height), first.shape[0] - 2)
        odd, on_border = False, False
        for m in range(first[band], first[band + 1]):
            ax, ay = starts[members[m], 0], starts[members[m], 1]
            top = ends[members[m], 1]
            bx, by = ends[members[m], 0] - ax, top - ay
            part = min(max(((x - ax) * bx + (y - ay) * by) / (bx * bx + by * by), 0.0), 1.0)
            dx, dy = x - ax - part * bx, y - ay - part * by
            if dx * dx + dy * dy <= border * border:
                on_border = True
                break
            if (ay > y) != (top > y) and x < ax + (y - ay) * (bx / by):
                odd = not odd
        inside[p] = odd or on_border


def cover_in_numpy(
    points: Planar,
    starts: Planar,
    ends: Planar,
    first: Indices,
    members: Indices,
    bottom: float,
    height: float,
    border: float,
    inside: Flags,
) -> None:
    """What `cover` does, where there is no compiler: all edges of a band at once, and some of its points."""
    bands = np.floor((points[:, 1] - bottom) / height).clip(-1, len(first) - 1).astype(np.int64)
    bands[points[:, 1] == bottom + height * (len(first) - 1)] -= 1
    order = np.argsort(bands, kind="stable")
    limits = np.searchsorted(bands[order], np.arange(len(first)))
    for band in range(len(first) - 1):
        edges = members[first[band] : first[band + 1]]
        for at in range(limits[band], limits[band + 1], POINTS_AT_ONCE):
            some = order[at : min(at + POINTS_AT_ONCE, limits[band + 1])]
            inside[some] = _within(points[some, None], starts[edges], ends[edges], border)


def _within(points: Planar, starts: Planar, ends: Planar, border: float) -> Flags:
    """Which points, shape (N, 1, 2), lie inside or on the border, by the edges at their height."""
    x, y = points[..., 0], points[..., 1]
    along = ends - starts
    rises = (starts[:, 1] > y) != (ends[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):  # level edges, which no ray crosses
        meets = x < starts[:, 0] + (y - starts[:, 1]) * (along[:, 0] / along[:, 1])
    odd = np.count_nonzero(rises & meets, axis=1) % 2 == 1
    result: Flags = odd | (distances(points, starts, ends) <= border).any(axis=1)
    return result
