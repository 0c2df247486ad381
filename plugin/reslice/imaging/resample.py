"""Cutting planes out of volumes: which voxels a plane passes, and the quickest way to their values.

Coordinates are voxel indices in float64; a voxel's centre lies at its integer index and its edges half an
index further. Along the slice axis they are places (see SliceIntervals), which are the indices where slices
are evenly spaced. Between the outermost centres and edges the outermost value is taken.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.affine import frozen
from reslice.imaging.aligned import AlignedGrid, cut_aligned, stored_plane
from reslice.imaging.compiled import IS_COMPILED, as_input
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import SNAP, Gaps, IndexVector, SliceIntervals
from reslice.imaging.kernels import MEAN, MINIP, MIP, THIN, Layer, Plane
from reslice.imaging.plane import ImagePlane
from reslice.imaging.sampling import CUBIC, LINEAR, NEAREST, sample
from reslice.imaging.slab import Slab
from reslice.imaging.uncompiled import combined, sample_in_numpy
from reslice.imaging.volume import Volume, VolumeGeometry

Interpolation = Literal["nearest", "linear", "cubic"]
Rays = NDArray[np.float64]
"""Coordinates of the first pixel, and the steps down a column, along a row and of 1 mm along the normal: (4, 3)."""

CODES = {"nearest": NEAREST, "linear": LINEAR, "cubic": CUBIC, "mip": MIP, "minip": MINIP, "mean": MEAN}

WORTH_SHARING = 400_000
"""Samples: for fewer of them other threads aren't woken."""

THE_PLANE_ITSELF = frozen([0.0])


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
    than half a gap from a slice, unless `gaps` are interpolated. Cubic (Catmull-Rom) is linear where one of
    the 4 x 4 x 4 voxels around holds no data, or slices there aren't even. Of a slab the samples that are data
    become one value; a line with none is no data.
    """
    rows, columns = plane.part_near(volume.geometry)
    part = plane.cropped(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
    if part.shape == plane.shape:
        return _cut(volume, plane, interpolation, gaps, slab, crew)
    out = np.full(plane.shape, np.nan, dtype=np.float32)
    if min(part.shape):
        out[rows, columns] = _cut(volume, part, interpolation, gaps, slab, crew)
    return out


def _cut(
    volume: Volume, plane: ImagePlane, interpolation: Interpolation, gaps: Gaps, slab: Slab | None, crew: Crew
) -> Plane:
    intervals, rays = volume.intervals(gaps), _rays(volume.geometry, plane)
    if slab is None:
        offsets = THE_PLANE_ITSELF
    else:
        offsets = slab.offsets_between(volume.geometry, *_depth(volume, intervals, rays, plane.shape))
    grid = AlignedGrid.of(rays, offsets, plane.shape)
    stored = stored_plane(volume, grid) if grid and slab is None else None
    if stored is not None:
        return stored
    if not IS_COMPILED:
        return _cut_in_numpy(volume, intervals, rays, plane.shape, interpolation, offsets, slab)
    projection = CODES[slab.projection] if slab else THIN
    if grid and interpolation != "cubic":
        return cut_aligned(volume, intervals, grid, projection, interpolation == "nearest", crew)
    return _cut_anywhere(volume, intervals, rays, plane.shape, CODES[interpolation], projection, offsets, crew)


def _rays(geometry: VolumeGeometry, plane: ImagePlane) -> Rays:
    to_places = (geometry.inverse @ plane.affine)[:3].T
    origin = _snapped(to_places[3], SNAP)
    if geometry.places is not None:
        place = geometry.places[np.abs(geometry.places - to_places[3, 0]).argmin()]
        origin[0] = place if abs(place - to_places[3, 0]) < SNAP else to_places[3, 0]
    through, down, right = _snapped(to_places[:3], SNAP * 1e-3)
    return as_input(np.stack([origin, down, right, through]))


def _snapped(vector: IndexVector, tolerance: float) -> IndexVector:
    """Components within float noise of a whole number become it, so that lattice planes stay on the lattice."""
    whole = np.rint(vector)
    return np.where(np.abs(vector - whole) < tolerance, whole, vector)


def _depth(volume: Volume, intervals: SliceIntervals, rays: Rays, shape: tuple[int, int]) -> tuple[float, float]:
    """How far along a plane's normal, in mm, its pixels may meet the volume; from inf to -inf where they never do."""
    origin, down, right, through = rays
    corners = origin + np.outer([0, 1, 0, 1], down * (shape[0] - 1)) + np.outer([0, 0, 1, 1], right * (shape[1] - 1))
    edges = np.array([(-0.5, size - 0.5) for size in volume.voxels.shape]) + np.array([-SNAP, SNAP])
    edges[0] = intervals.starts[[0, -1]]
    first, last = edges[:, 0] - corners.max(axis=0), edges[:, 1] - corners.min(axis=0)
    moves = through != 0
    if (first[~moves] > 0).any() or (last[~moves] < 0).any():
        return np.inf, -np.inf
    ends = np.sort([first[moves] / through[moves], last[moves] / through[moves]], axis=0)
    return float(ends[0].max()), float(ends[1].min())


def _cut_anywhere(
    volume: Volume,
    intervals: SliceIntervals,
    rays: Rays,
    shape: tuple[int, int],
    how: int,
    projection: int,
    offsets: IndexVector,
    crew: Crew,
) -> Layer:
    out = np.empty(shape, dtype=np.float32)
    padding = volume.padding_range
    voxels, is_even = as_input(volume.voxels), intervals.is_even
    flat = voxels.reshape(-1)
    source = voxels, intervals.pieces, intervals.smooth, is_even, *padding, volume.is_sound, flat

    def work(first: int, end: int) -> None:
        sample(source, how, projection, rays, offsets, first, out[first:end])

    def work_downwards(first: int, end: int) -> None:
        columns = np.empty((end - first, shape[0]), dtype=np.float32)
        sample(source, how, projection, turned, offsets, first, columns)
        out[:, first:end] = columns.T

    is_worth_it = out.size * len(offsets) > WORTH_SHARING
    if how != NEAREST and abs(rays[2, 0]) > abs(rays[1, 0]):  # slices are far apart in memory: cross fewer of them
        turned = as_input(rays[[0, 2, 1, 3]])
        crew.each_band(shape[1], work_downwards, is_worth_it=is_worth_it)
    else:
        crew.each_band(shape[0], work, is_worth_it=is_worth_it)
    return out


def _cut_in_numpy(
    volume: Volume,
    intervals: SliceIntervals,
    rays: Rays,
    shape: tuple[int, int],
    interpolation: Interpolation,
    offsets: IndexVector,
    slab: Slab | None,
) -> Layer:
    """What the kernels do, without them."""

    def layers() -> Iterator[Layer]:
        for offset in offsets:
            layer = np.empty(shape, dtype=np.float32)
            sample_in_numpy(volume, intervals, rays[0] + offset * rays[3], rays[1], rays[2], interpolation, layer)
            yield layer

    return combined(layers(), shape, slab.projection if slab else "mip")
