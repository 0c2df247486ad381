"""Cutting planes out of volumes: which voxels a plane passes, and the quickest way to their values.

Coordinates are voxel indices in float64; a voxel's centre lies at its integer index and its edges half an
index further. Along the slice axis they are places (see SliceIntervals), which are the indices where slices
are evenly spaced. Between the outermost centres and edges the outermost value is taken.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, as_input
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import SNAP, Gaps, IndexVector, SliceIntervals, Ways, even_ways
from reslice.imaging.kernels import NO_PADDING, Layer, Plane, mend, sample, stretch
from reslice.imaging.plane import ImagePlane
from reslice.imaging.slab import Projection, Slab
from reslice.imaging.uncompiled import sample_in_numpy
from reslice.imaging.volume import Volume, VolumeGeometry

Interpolation = Literal["nearest", "linear", "cubic"]
Axes = tuple[int, int, int]
Lines = tuple[IndexVector, IndexVector, IndexVector]
Rays = tuple[IndexVector, IndexVector, IndexVector]
"""Coordinates of the first pixel, and the steps down a column and along a row."""


def cut(
    volume: Volume,
    plane: ImagePlane,
    interpolation: Interpolation = "linear",
    gaps: Gaps = "show",
    slab: Slab | None = None,
    crew: Crew = ALONE,
) -> Plane:
    """The values on a plane, or of a slab around it, shape `plane.shape`.

    A view of the voxels (their own type) where every pixel is a voxel of a volume without padding, else
    float32 with NaN where there is no data. Where slices are missing or hold no data there is none further
    than half a gap from a slice, unless `gaps` are interpolated.
    """
    if slab is not None:
        return _cut_slab(volume, plane, interpolation, gaps, slab)
    intervals = volume.intervals(gaps)
    rays = _rays(volume.geometry, plane)
    axes = _aligned_axes(rays)
    if axes is None:
        return _cut_anywhere(volume, intervals, rays, plane.shape, interpolation)
    lines = _lines(axes, rays, plane.shape)
    stored = _stored_plane(volume, axes, lines)
    if stored is not None:
        return stored
    if IS_COMPILED:
        return _cut_aligned(volume, axes, _ways(volume, intervals, axes, lines, interpolation), interpolation)
    return _cut_anywhere(volume, intervals, rays, plane.shape, interpolation)


def _cut_slab(volume: Volume, plane: ImagePlane, interpolation: Interpolation, gaps: Gaps, slab: Slab) -> Layer:
    """All samples become one value; a line without any data is NaN."""
    total = np.full(plane.shape, np.nan, dtype=np.float64)
    count = np.zeros(plane.shape)
    for offset in slab.offsets(volume.geometry):
        moved = replace(plane, position=plane.position + plane.normal * offset)
        layer = cut(volume, moved, interpolation, gaps).astype(np.float64)
        count += ~np.isnan(layer)
        total = COMBINE[slab.projection](total, layer)
    return (total / np.maximum(count, 1) if slab.projection == "mean" else total).astype(np.float32)


def _sum_of_data(total: IndexVector, layer: IndexVector) -> IndexVector:
    return np.where(np.isnan(total), layer, total + np.nan_to_num(layer))


COMBINE: dict[Projection, Callable[[IndexVector, IndexVector], IndexVector]] = {
    "mip": np.fmax,
    "minip": np.fmin,
    "mean": _sum_of_data,
}


def _rays(geometry: VolumeGeometry, plane: ImagePlane) -> Rays:
    to_places = geometry.inverse @ plane.affine
    origin = _snapped(to_places[:3, 3], SNAP)
    if geometry.places is not None:
        place = geometry.places[np.abs(geometry.places - to_places[0, 3]).argmin()]
        origin[0] = place if abs(place - to_places[0, 3]) < SNAP else to_places[0, 3]
    down, right = (_snapped(to_places[:3, c], SNAP * 1e-3) for c in (1, 2))
    return origin, down, right


def _snapped(vector: IndexVector, tolerance: float) -> IndexVector:
    """Components within float noise of a whole number become it, so that lattice planes stay on the lattice."""
    whole = np.rint(vector)
    return np.where(np.abs(vector - whole) < tolerance, whole, vector)


def _aligned_axes(rays: Rays) -> Axes | None:
    """(fixed, down, right) voxel axes of a plane that runs along two of them, else None."""
    _, down, right = rays
    if np.count_nonzero(down) != 1 or np.count_nonzero(right) != 1:
        return None
    a, b = int(np.flatnonzero(down)[0]), int(np.flatnonzero(right)[0])
    return None if a == b else (3 - a - b, a, b)


def _lines(axes: Axes, rays: Rays, shape: tuple[int, int]) -> Lines:
    """The voxel coordinates of a plane along two axes: where it lies, of its rows, of its columns."""
    origin, down, right = rays
    fixed, a, b = axes
    rows = origin[a] + down[a] * np.arange(shape[0])
    columns = origin[b] + right[b] * np.arange(shape[1])
    return origin[fixed : fixed + 1], rows, columns


def _stored_plane(volume: Volume, axes: Axes, lines: Lines) -> Plane | None:
    """The plane if each of its pixels is a voxel of a present slice: a view, or a copy with NaN for no data."""
    indices = [_voxels_on(line, volume, axis) for line, axis in zip(lines, axes, strict=True)]
    slices = indices[axes.index(0)]
    if slices is None or not volume.present[slices].all():
        return None
    depth, rows, columns = (_as_slice(k) for k in indices)
    if depth is None or rows is None or columns is None:
        return None
    view: Plane = volume.voxels.transpose(axes)[depth.start][rows, columns]
    return view if volume.is_sound else _with_holes(view, volume.padding)


def _voxels_on(line: IndexVector, volume: Volume, axis: int) -> NDArray[np.int64] | None:
    """The indices of the voxels that lie on a line's coordinates, or None if one lies between them."""
    places = volume.geometry.places
    if axis == 0 and places is not None:
        nearest = np.searchsorted((places[1:] + places[:-1]) / 2, line)
        return nearest if (np.abs(places[nearest] - line) < SNAP).all() else None
    is_on = np.array_equal(line, np.rint(line)) and line.min() >= 0 and line.max() <= volume.voxels.shape[axis] - 1
    return line.astype(np.int64) if is_on else None


def _as_slice(indices: NDArray[np.int64] | None) -> slice | None:
    """The slice that picks these indices, None if they aren't evenly spaced."""
    if indices is None:
        return None
    first, last = int(indices[0]), int(indices[-1])
    step = int(indices[1]) - first if len(indices) > 1 else 1
    if step == 0 or (np.diff(indices) != step).any():
        return None
    stop = last + (1 if step > 0 else -1)
    return slice(first, None if stop < 0 else stop, step)


def _with_holes(values: Plane, padding: tuple[float, float] | None) -> Layer:
    """A float32 copy in C order, NaN where there is no data."""
    layer = values.astype(np.float32, order="C")
    if padding is not None:
        layer[(layer >= padding[0]) & (layer <= padding[1])] = np.nan
    return layer


def _ways(
    volume: Volume, intervals: SliceIntervals, axes: Axes, lines: Lines, interpolation: Interpolation
) -> tuple[Ways, Ways, Ways]:
    """Which voxels each coordinate of a plane along two axes takes."""
    is_nearest = interpolation == "nearest"

    def ways(axis: int, line: IndexVector) -> Ways:
        if axis == 0:
            return intervals.ways(line, nearest=is_nearest)
        return even_ways(line, volume.voxels.shape[axis], nearest=is_nearest)

    depth, rows, columns = (ways(axis, line) for axis, line in zip(axes, lines, strict=True))
    return depth, rows, columns


def _cut_aligned(volume: Volume, axes: Axes, ways: tuple[Ways, Ways, Ways], interpolation: Interpolation) -> Plane:
    """Two layers of voxels become one, and that is stretched to the pixels."""
    depth, rows, columns = ways
    out = np.full((len(rows[0]), len(columns[0])), np.nan, dtype=np.float32)
    if not depth[3][0]:
        return out
    layers, weight = volume.voxels.transpose(axes), float(depth[2][0])
    near, far = layers[depth[0][0]], layers[depth[1][0]]
    if volume.is_sound:
        stretch(as_input(_mixed(near, far, weight)), rows, columns, out)
        return out
    near = as_input(_with_holes(near, volume.padding))
    far = as_input(_with_holes(far, volume.padding)) if weight else near
    stretch(as_input(_mixed(near, far, weight)), rows, columns, out)
    if interpolation == "linear":
        mend(near, far, weight, rows, columns, out)
    return out


def _mixed(near: Plane, far: Plane, weight: float) -> Plane:
    if not weight:
        return near
    upper = np.float32(weight)
    blended: Layer = near * (1 - upper) + far * upper
    return blended.astype(np.float32, copy=False)


def _cut_anywhere(
    volume: Volume, intervals: SliceIntervals, rays: Rays, shape: tuple[int, int], interpolation: Interpolation
) -> Plane:
    out = np.empty(shape, dtype=np.float32)
    low, high = volume.padding or NO_PADDING
    is_linear = interpolation == "linear"
    if IS_COMPILED:
        voxels = volume.voxels, intervals.pieces, intervals.is_even, low, high
        sample(*voxels, *rays, is_linear, volume.is_sound, out)
    else:
        sample_in_numpy(volume, intervals, *rays, is_linear, out)
    return out
