"""The kernels in numpy, where there is no compiler: correct, and some ten times slower."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.intervals import HALF, SNAP, IndexVector, SliceIntervals, Ways, even_ways
from reslice.imaging.volume import Volume


def sample_in_numpy(
    volume: Volume,
    intervals: SliceIntervals,
    origin: IndexVector,
    down: IndexVector,
    right: IndexVector,
    interpolation: str,
    out: NDArray[np.float32],
) -> None:
    """Any plane through any volume, a row of pixels at a time."""
    _, rows, columns = volume.voxels.shape
    for y in range(out.shape[0]):
        s, r, c = (origin + y * down + np.arange(out.shape[1])[:, None] * right).T
        ways = intervals.ways(s), even_ways(r, rows), even_ways(c, columns)
        inside = ways[0][3] & ways[1][3] & ways[2][3]
        values = _blended(volume, ways, interpolation != "nearest")
        if interpolation == "cubic":
            curved = _curved(volume, ways)
            values = np.where(np.isnan(curved) | ~intervals.smooth_at(s), values, curved)
        out[y] = np.where(inside, values, np.nan)


def combined(layers: Iterable[NDArray[np.float32]], shape: tuple[int, int], projection: str) -> NDArray[np.float32]:
    """All samples of a slab as one value; a line without any data is NaN."""
    total = np.full(shape, np.nan, dtype=np.float64)
    count = np.zeros(shape)
    for layer in layers:
        count += ~np.isnan(layer)
        if projection == "mean":
            total = np.where(np.isnan(total), layer, total + np.nan_to_num(layer))
        else:
            total = (np.fmax if projection == "mip" else np.fmin)(total, layer)
    result: NDArray[np.float32] = (total / np.maximum(count, 1) if projection == "mean" else total).astype(np.float32)
    return result


def _curved(volume: Volume, ways: tuple[Ways, Ways, Ways]) -> IndexVector:
    """Catmull-Rom through 4 x 4 x 4 voxels, at the border the outermost again; NaN if one of them is no data."""
    taps = [_taps(way, size) for way, size in zip(ways, volume.voxels.shape, strict=True)]
    total = np.zeros(len(ways[0][0]))
    for corner in np.ndindex(4, 4, 4):
        chosen = [tap[k] for k, tap in zip(corner, taps, strict=True)]
        weight = np.prod([part for _, part in chosen], axis=0)
        values, is_data = _voxels_at(volume, [index for index, _ in chosen])
        total += np.where(weight == 0, 0, np.where(is_data, weight * np.where(is_data, values, 0), np.nan))
    return total


def _taps(way: Ways, size: int) -> list[tuple[NDArray[np.int64], IndexVector]]:
    """The four voxels of each coordinate on one axis, and their weights."""
    t = way[2]
    weights = (
        t * (t * (1 - 0.5 * t) - 0.5),
        t * t * (1.5 * t - 2.5) + 1,
        t * (t * (2 - 1.5 * t) + 0.5),
        t * t * (0.5 * t - 0.5),
    )
    return [((way[0] + k - 1).clip(0, size - 1), weight) for k, weight in enumerate(weights)]


def _blended(volume: Volume, ways: tuple[Ways, Ways, Ways], linear: bool) -> IndexVector:
    """The mean of the eight neighbours that are data, by their weights; NaN where the nearest is none."""
    values, is_data = _voxels_at(volume, [np.where(way[2] >= HALF, way[1], way[0]) for way in ways])
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
