"""Frames of one kind by their places in the patient: in order, on a line, at even steps or not."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reslice.dicom import phases
from reslice.dicom.layout import FrameRef, LayoutWarning, VolumeLayout, origins_of
from reslice.imaging import affine as affines
from reslice.imaging.volume import VolumeGeometry

Array = NDArray[np.float64]

SAME_POSITION = 0.01
"""Millimetres: slices nearer than this (or 1 % of the median gap) lie at one position."""
SAME_POSITION_OF_GAP = 0.01
OFF_THE_LINE = 0.1
"""Millimetres that an origin may lie off the line through the others (positions are rounded in files)."""
UNEVEN_OF_GAP = 0.05
"""Part of the gap, up to OFF_THE_LINE, that a slice may lie off its even place along the normal."""
TILT_WARNING = 1.0
"""Degrees of gantry tilt from which it is worth telling."""
MISSING = 1.5
"""A gap more than so many times as large as its neighbour, and as its slices are thick, misses slices."""
LEAST_PART = 3
"""Slices that each part of what is taken apart must have: two always lie on a line, at even steps."""

MOST_OUTLIERS = 0.1
"""The part of the frames that may lie off the line of the others and leave them a volume."""


class Placed:
    """Frames in order along their normal, with their places in mm."""

    def __init__(self, frames: Sequence[FrameRef]) -> None:
        d = frames[0].description
        assert d.orientation is not None
        self.row, self.column = affines.unit(d.orientation[:3]), affines.unit(d.orientation[3:])
        self.normal = affines.unit(np.cross(self.row, self.column))
        along = origins_of(frames) @ self.normal
        order = np.argsort(along, kind="stable")
        self.frames = tuple(frames[k] for k in order)
        self.along: Array = along[order]
        self.origins: Array = origins_of(self.frames)

    def part(self, places: Sequence[int] | NDArray[np.intp]) -> "Placed":
        """Some of the frames."""
        return Placed([self.frames[int(k)] for k in places])

    @property
    def gaps(self) -> Array:
        """Between one frame and the next, mm along the normal."""
        return np.diff(self.along)

    @property
    def positions(self) -> NDArray[np.intp]:
        """For each frame the number of its position; frames too near to each other share one."""
        gaps = self.gaps
        apart = gaps[gaps > SAME_POSITION]
        least = max(SAME_POSITION, SAME_POSITION_OF_GAP * float(np.median(apart)) if apart.size else 0.0)
        return np.concatenate([[0], np.cumsum(gaps > least)])

    @property
    def is_line(self) -> bool:
        """Whether the origins lie on one line that isn't across the normal."""
        length = float(self.along[-1] - self.along[0])
        direction = (self.origins[-1] - self.origins[0]) / length if length > SAME_POSITION else self.normal
        expected = self.origins[0] + (self.along - self.along[0])[:, None] * direction
        return bool(np.linalg.norm(self.origins - expected, axis=1).max() <= OFF_THE_LINE)

    @property
    def is_even(self) -> bool:
        """Whether the steps along the normal are equal, within what rounding does."""
        count = len(self.frames)
        gap = float(self.along[-1] - self.along[0]) / (count - 1)
        off = np.abs(self.along - (self.along[0] + np.arange(count) * gap)).max()
        return bool(off <= max(SAME_POSITION, min(OFF_THE_LINE, UNEVEN_OF_GAP * gap)))


def side_by_side(placed: Placed) -> list[Placed] | None:
    """Acquisitions whose origins are shifted against each other within the slice plane; None if they aren't.

    Where they neither lie one after the other nor at the same positions, they must be told apart by their headers:
    origins that merely waver are no two acquisitions.
    """
    across = placed.origins - placed.along[:, None] * placed.normal
    direction = _widest(across - across.mean(axis=0))
    shift = across @ direction
    order = np.argsort(shift, kind="stable")
    cluster = np.empty(len(order), dtype=np.intp)
    cluster[order] = np.concatenate([[0], np.cumsum(np.diff(shift[order]) > OFF_THE_LINE)])
    sizes = np.bincount(cluster)
    if len(sizes) < 2 or sizes.min() < LEAST_PART:
        return None
    parts = [placed.part(np.flatnonzero(cluster == k)) for k in range(len(sizes))]
    return parts if _are_in_turn(parts) or _share_positions(placed) or _are_told_apart(parts) else None


def _widest(points: Array) -> Array:
    """The direction in which points (n, 3) spread most: of their 3 x 3 scatter, so that many cost little."""
    _, vectors = np.linalg.eigh(points.T @ points)
    widest: Array = vectors[:, -1]
    return widest


def _are_in_turn(parts: Sequence[Placed]) -> bool:
    """Whether each part ends before the next begins, along the normal."""
    ordered = sorted(parts, key=lambda part: float(part.along[0]))
    return all(a.along[-1] < b.along[0] for a, b in itertools.pairwise(ordered))


def _share_positions(placed: Placed) -> bool:
    """Whether several frames lie at one place along the normal."""
    return int(placed.positions[-1]) + 1 < len(placed.frames)


def _are_told_apart(parts: Sequence[Placed]) -> bool:
    """Whether the headers know the parts as different acquisitions.

    By an attribute with one value in each part that no other part has; or by InstanceNumber, which runs along
    one part after the other, or begins anew in each.
    """
    return phases.names_of([part.frames for part in parts]) is not None or _are_numbered_apart(parts)


def _are_numbered_apart(parts: Sequence[Placed]) -> bool:
    numbers = [[ref.instance.number for ref in part.frames] for part in parts]
    if not all(map(_is_running, numbers)):
        return False
    ranges = sorted((min(own), max(own)) for own in numbers)
    return len(set(ranges)) == 1 or all(a[1] < b[0] for a, b in itertools.pairwise(ranges))


def _is_running(numbers: Sequence[int]) -> bool:
    """Whether numbers rise all along, or fall."""
    steps = np.diff(numbers)
    return bool((steps > 0).all() or (steps < 0).all())


def _runs(placed: Placed) -> list[Placed]:
    """The longest pieces, from the first frame on, that lie on one line each."""
    found, first = [], 0
    while first < len(placed.frames):
        end = _end_of_line(placed, first)
        found.append(placed.part(range(first, end)))
        first = end
    return found


def broken(placed: Placed) -> list[Placed] | None:
    """The pieces on either side of breaks, where the origins jump aside in one step; None where they don't.

    A line that bends little by little is not broken.
    """
    parts = _runs(placed)
    if len(parts) < 2 or min(len(part.frames) for part in parts) < LEAST_PART:
        return None
    aside = placed.origins - placed.along[:, None] * placed.normal
    jumps = np.linalg.norm(np.diff(aside, axis=0) - np.median(np.diff(aside, axis=0), axis=0), axis=1)
    ends = np.cumsum([len(part.frames) for part in parts])[:-1] - 1
    return parts if (jumps[ends] > OFF_THE_LINE).all() else None


def apart_from_the_line(placed: Placed) -> tuple[Placed | None, tuple[FrameRef, ...]]:
    """The frames on the line through most of them, and the others; None and none where there is no such line."""
    aside = placed.origins - placed.along[:, None] * placed.normal
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.median(np.diff(aside, axis=0) / placed.gaps[:, None], axis=0)
    start = np.median(aside - placed.along[:, None] * slope, axis=0)
    # Half of what is allowed off the line: that goes through the outermost frames, which may be off this one as much.
    off = np.linalg.norm(aside - placed.along[:, None] * slope - start, axis=1) > OFF_THE_LINE / 2
    if off.sum() > MOST_OUTLIERS * len(off) or (~off).sum() < LEAST_PART:
        return None, ()
    on = placed.part(np.flatnonzero(~off))
    return (on, tuple(placed.frames[int(k)] for k in np.flatnonzero(off))) if on.is_line else (None, ())


def _end_of_line(placed: Placed, first: int) -> int:
    """Where the line that begins at a frame ends: by steps of doubling length, then by halving the last."""
    count = len(placed.frames)
    good, step = min(first + 2, count), 1
    while good < count and placed.part(range(first, min(good + step, count))).is_line:
        good, step = min(good + step, count), 2 * step
    bad = min(good + step, count + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if placed.part(range(first, middle)).is_line else (good, middle)
    return good


def interleaved(placed: Placed) -> list[Placed] | None:
    """Two acquisitions, each at even steps on a line, whose slices alternate; None if they aren't.

    One acquisition with every third slice lost looks the same, so the headers must tell the two apart.
    """
    halves = [placed.part(range(first, len(placed.frames), 2)) for first in (0, 1)]
    if len(halves[1].frames) < LEAST_PART:
        return None
    are_even = all(half.is_line and half.is_even for half in halves)
    return halves if are_even and _are_told_apart(halves) else None


def volume(placed: Placed, label: str = "", warnings: tuple[LayoutWarning, ...] = ()) -> VolumeLayout:
    """The volume of frames on one line, each at a position of its own."""
    step = (placed.origins[-1] - placed.origins[0]) / (len(placed.frames) - 1)
    d = placed.frames[0].description
    assert d.spacing is not None and d.pixels is not None
    affine = affines.from_steps(step, placed.column * d.spacing[0], placed.row * d.spacing[1], placed.origins[0])
    shape = (len(placed.frames), d.pixels.rows, d.pixels.columns)
    found = [*warnings, *_unfolded(placed), *_tilt(step, placed)]
    if placed.is_even:
        return VolumeLayout(VolumeGeometry(shape, affine), placed.frames, tuple(found), label)
    missing = _missing(placed)
    places = affines.frozen((placed.along - placed.along[0]) / (placed.along[-1] - placed.along[0]) * (shape[0] - 1))
    found += [_uneven(placed), *_lost(placed, missing)]
    return VolumeLayout(VolumeGeometry(shape, affine, places, missing), placed.frames, tuple(found), label)


def _unfolded(placed: Placed) -> list[LayoutWarning]:
    if placed.frames[0].instance.mosaic is None:
        return []
    details = "The slices are tiles of one image; a private header of the vendor's tells where they lie"
    return [LayoutWarning("mosaic", details)]


def _missing(placed: Placed) -> tuple[int, ...]:
    """The gaps in which slices are missing: wider than their neighbours, and than their slices are thick."""
    gaps = placed.gaps
    if len(gaps) < 2:
        return ()
    beside = np.minimum(np.concatenate([[np.inf], gaps[:-1]]), np.concatenate([gaps[1:], [np.inf]]))
    thickness = np.array([ref.description.thickness or 0.0 for ref in placed.frames])
    thick = np.maximum(thickness[:-1], thickness[1:])
    return tuple(np.flatnonzero((gaps > MISSING * beside) & (gaps > MISSING * thick)).tolist())


def _uneven(placed: Placed) -> LayoutWarning:
    gaps = placed.gaps
    details = (
        f"The gaps between slices vary from {gaps.min():.4g} to {gaps.max():.4g} mm; planes follow the true places"
    )
    return LayoutWarning("uneven-gaps", details)


def _lost(placed: Placed, missing: tuple[int, ...]) -> list[LayoutWarning]:
    if not missing:
        return []
    places = ", ".join(f"{placed.along[k]:.4g} and {placed.along[k + 1]:.4g}" for k in missing[:20])
    details = (
        f"Slices are missing between {places} mm along the normal; beyond half a usual gap from either nothing is shown"
    )
    return [LayoutWarning("missing-slices", details)]


def _tilt(step: Array, placed: Placed) -> list[LayoutWarning]:
    degrees = float(np.degrees(np.arctan2(step @ placed.column, step @ placed.normal)))
    if abs(degrees) <= TILT_WARNING:
        return []
    details = f"The gantry was tilted by {abs(degrees):.1f} degrees; planes are cut true to the patient all the same"
    return [LayoutWarning("gantry-tilt", details, (("Degrees", round(degrees, 3)),))]
