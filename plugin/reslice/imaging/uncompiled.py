"""The general kernel in numpy, where there is no compiler: correct, and some ten times slower."""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.intervals import SNAP, IndexVector, SliceIntervals, Ways, even_ways
from reslice.imaging.volume import Volume


def sample_in_numpy(
    volume: Volume,
    intervals: SliceIntervals,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    linear: bool,
    out: NDArray[np.float32],
) -> None:
    """Any plane through any volume, a row of pixels at a time."""
    _, rows, columns = volume.voxels.shape
    for y in range(out.shape[0]):
        s, r, c = (origin + y * down + np.arange(out.shape[1])[:, None] * right).T
        ways = intervals.ways(s), even_ways(r, rows), even_ways(c, columns)
        inside = ways[0][3] & ways[1][3] & ways[2][3]
        out[y] = np.where(inside, _blended(volume, ways, linear), np.nan)


def _blended(volume: Volume, ways: tuple[Ways, Ways, Ways], linear: bool) -> IndexVector:
    """The mean of the eight neighbours that are data, by their weights; NaN where the nearest is none."""
    values, is_data = _voxels_at(volume, [np.where(way[2] >= 0.5, way[1], way[0]) for way in ways])
    if not linear:
        return np.where(is_data, values, np.nan)
    total, weights = np.zeros(len(values)), np.zeros(len(values))
    for corner in np.ndindex(2, 2, 2):
        sides = list(zip(corner, ways, strict=True))
        weight = np.prod([way[2] if far else 1 - way[2] for far, way in sides], axis=0)
        near, is_known = _voxels_at(volume, [way[1] if far else way[0] for far, way in sides])
        keep = is_known & (weight >= SNAP)
        total += np.where(keep, weight * np.where(keep, near, 0), 0)
        weights += np.where(keep, weight, 0)
    mean: IndexVector = np.divide(total, weights, out=np.full(len(total), np.nan), where=is_data & (weights > 0))
    return mean


def _voxels_at(volume: Volume, index: list[NDArray[np.int64]]) -> tuple[IndexVector, NDArray[np.bool_]]:
    """Values, and which of them are data."""
    values = volume.voxels[tuple(index)].astype(np.float64)
    return values, _is_data(values, volume.padding)


def _is_data(values: IndexVector, padding: tuple[float, float] | None) -> NDArray[np.bool_]:
    """Which values are neither NaN nor within the inclusive padding range."""
    known: NDArray[np.bool_] = ~np.isnan(values)
    return known if padding is None else known & ((values < padding[0]) | (values > padding[1]))
