"""Smaller copies of a volume: each box of voxels becomes one, its mean, largest or smallest value."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging import affine as affines
from reslice.imaging.compiled import IS_COMPILED, compiled
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import Flags
from reslice.imaging.volume import NO_DATA_INT16, Volume, VolumeGeometry, Voxels

Reduction = Literal["mean", "max", "min"]

Factors = tuple[int, int, int]
"""How many voxels a box holds along each axis: slices, rows, columns."""
Sums = NDArray[np.int32] | NDArray[np.int64] | NDArray[np.float64]

VOXELS_AT_ONCE = 1 << 20
"""Of the volume, that one thread takes on at a time."""
MOST_IN_INT32 = 65535
"""As many int16 values never overflow a sum in int32."""


def reduced(volume: Volume, factors: Factors, how: Reduction, crew: Crew = ALONE) -> Volume:
    """A volume with one voxel for each box of so many slices, rows and columns; the type stays.

    Voxels without data (padding, NaN, absent slices) never enter, and a box without any holds none: then int16
    has padding of -32768 and float32 NaN. An int16 mean is rounded to the nearest whole number, halves to even.
    The last box of an axis may be cut by the volume's edge: it is made of the voxels that are there, and stands
    where a whole box would. Raises ValueError unless the slices are even, none missing, and factors 1 or more.
    """
    if not volume.geometry.is_regular or min(factors) < 1:
        raise ValueError("Boxes hold 1 voxel or more on each axis, and only of evenly spaced slices")
    geometry = reduced_geometry(volume.geometry, factors)
    out: Voxels = np.empty(geometry.shape, dtype=volume.voxels.dtype)
    if IS_COMPILED:
        _reduce(volume, factors, how, out, crew)
    else:
        for k in range(len(out)):
            out[k] = _reduced_slice(volume, k, factors, how)
    present = np.logical_or.reduceat(volume.present, np.arange(0, len(volume.voxels), factors[0]))
    may_have_holes = volume.padding is not None or not volume.present.all()
    padding = (NO_DATA_INT16, NO_DATA_INT16) if may_have_holes and out.dtype == np.int16 else None
    return Volume(geometry, out, padding, tuple(np.flatnonzero(~present).tolist()))


def factors_within(shape: tuple[int, int, int], longest: int) -> Factors:
    """The smallest boxes that leave no side longer than so many voxels: 1 along sides that aren't now.

    The long sides of a volume are those with the small voxels, so that these come nearer to cubes.
    """
    slices, rows, columns = (-(-size // longest) for size in shape)
    return slices, rows, columns


def reduced_geometry(geometry: VolumeGeometry, factors: Factors) -> VolumeGeometry:
    """Where the boxes lie: a box of f voxels is centred (f - 1) / 2 voxels behind its first one, on each axis."""
    slices, rows, columns = (-(-size // f) for size, f in zip(geometry.shape, factors, strict=True))
    origin = geometry.affine[:3, 3] + (np.array(factors) - 1) / 2 @ geometry.steps
    through, down, along = geometry.steps * np.array(factors)[:, None]
    return VolumeGeometry((slices, rows, columns), affines.from_steps(through, down, along, origin))


def _reduce(volume: Volume, factors: Factors, how: Reduction, out: Voxels, crew: Crew) -> None:
    """All rows of all slices of boxes, shared by the crew."""
    lines, columns = factors[0] * factors[1], volume.voxels.shape[2]
    low, high = volume.padding_range
    kind = np.float64 if out.dtype != np.int16 else np.int32 if lines <= MOST_IN_INT32 else np.int64
    sign = {"mean": 0, "max": 1, "min": -1}[how]

    def work(first: int, end: int) -> None:
        sums: NDArray[Any] = np.empty(columns, dtype=kind)
        counts = np.empty(columns, dtype=np.int32)
        rule = sign, low, high, out.dtype == np.int16
        reduce_rows(volume.voxels, volume.present, factors, rule, first, end, sums, counts, out)

    crew.each_band(out.shape[0] * out.shape[1], work, at_once=max(1, VOXELS_AT_ONCE // (lines * columns)))


@compiled
def reduce_rows(
    voxels: Voxels,
    present: Flags,
    factors: Factors,
    rule: tuple[int, float, float, bool],
    first: int,
    end: int,
    sums: Sums,
    counts: NDArray[np.int32],
    out: Voxels,
) -> None:
    """The rows `first` to `end` (exclusive) of the result, counted through all its slices.

    Whole rows of voxels are gathered first, column by column, since that is what processors do many at a time.
    The rule is a sign (0 mean, 1 largest, -1 smallest), the padding range, and whether values are whole numbers.
    """
    deep, tall, wide = factors
    sign, low, high, is_whole = rule
    for line in range(first, end):
        k, r = line // out.shape[1], line % out.shape[1]
        sums[:] = 0
        counts[:] = 0
        for z in range(k * deep, min((k + 1) * deep, voxels.shape[0])):
            for y in range(r * tall, min((r + 1) * tall, voxels.shape[1])):
                if present[z]:
                    _gather(voxels[z, y], sign, low, high, sums, counts)
        _fold(sums, counts, sign, wide, is_whole, out[k, r])


@compiled
def _gather(row: Voxels, sign: int, low: float, high: float, sums: Sums, counts: NDArray[np.int32]) -> None:
    """One row of voxels into the sums (or the extremes) and counts of its columns; NaN is in no range."""
    if sign == 0:
        for x in range(row.size):
            is_data = row[x] < low or row[x] > high
            sums[x] += row[x] if is_data else 0
            counts[x] += is_data
        return
    for x in range(row.size):
        is_data = row[x] < low or row[x] > high
        value = sign * row[x]
        sums[x] = value if is_data and (counts[x] == 0 or value > sums[x]) else sums[x]
        counts[x] += is_data


@compiled
def _fold(sums: Sums, counts: NDArray[np.int32], sign: int, wide: int, is_whole: bool, out: Voxels) -> None:
    """The columns of each box become one voxel."""
    for c in range(out.size):
        total, count = 0.0, 0
        for x in range(c * wide, min((c + 1) * wide, sums.size)):
            if sign == 0:
                total += sums[x]
            elif counts[x] and (count == 0 or sums[x] > total):
                total = float(sums[x])
            count += counts[x]
        value = total / max(1, count) if sign == 0 else sign * total
        if is_whole:
            out[c] = np.rint(value) if count else NO_DATA_INT16
        else:
            out[c] = value if count else np.nan


def _reduced_slice(volume: Volume, k: int, factors: Factors, how: Reduction) -> NDArray[np.float64]:
    """One slice of boxes in numpy, where there is no compiler."""
    slices = slice(k * factors[0], (k + 1) * factors[0])
    values = volume.voxels[slices][volume.present[slices]].astype(np.float64)
    low, high = volume.padding_range
    is_data = (values < low) | (values > high)
    starts = [np.arange(0, size, f) for size, f in zip(volume.voxels.shape[1:], factors[1:], strict=True)]

    def folded(ufunc: np.ufunc, array: NDArray[np.float64], start: float) -> NDArray[np.float64]:
        column = ufunc.reduce(array, axis=0, initial=start)
        result: NDArray[np.float64] = ufunc.reduceat(ufunc.reduceat(column, starts[0], axis=0), starts[1], axis=1)
        return result

    count = folded(np.add, is_data.astype(np.float64), 0)
    if how == "mean":
        result = folded(np.add, np.where(is_data, values, 0), 0) / np.maximum(count, 1)
    elif how == "max":
        result = folded(np.maximum, np.where(is_data, values, -np.inf), -np.inf)
    else:
        result = folded(np.minimum, np.where(is_data, values, np.inf), np.inf)
    is_whole = volume.voxels.dtype == np.int16
    return np.where(count > 0, np.rint(result) if is_whole else result, NO_DATA_INT16 if is_whole else np.nan)


def warm_up() -> None:
    """Compile the kernel for both types of voxels."""
    geometry = VolumeGeometry((2, 2, 2), np.eye(4))
    both: tuple[Voxels, ...] = (np.zeros((2, 2, 2), dtype=np.int16), np.zeros((2, 2, 2), dtype=np.float32))
    for voxels in both:
        reduced(Volume(geometry, voxels), (2, 2, 2), "mean")
