"""Unevenly spaced slices, or slices with gaps, on an even grid: for what knows no other grids."""

import math

import numpy as np

from reslice.imaging import affine as affines
from reslice.imaging.intervals import SNAP, Gaps
from reslice.imaging.kernels import Plane
from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.volume import NO_DATA_INT16, Volume, VolumeGeometry, Voxels


def evened(volume: Volume, gaps: Gaps = "show", step: float | None = None) -> Volume:
    """The volume on slices one smallest gap apart, from its first slice on, linear between neighbouring slices.

    There is no data where slices are missing or hold none, further than half a gap from a slice, unless `gaps`
    are interpolated: then int16 has padding of -32768 and float32 NaN. The type stays; interpolated int16 values
    are rounded, halves to even. Where nothing is to do it is the same object. A smallest gap far below the others
    makes many times the slices: another `step`, in mean slice steps, sets their distance instead.
    """
    if not needs_evening(volume, gaps):
        return volume
    geometry = evened_geometry(volume.geometry, step)
    voxels: Voxels = np.empty(geometry.shape, dtype=volume.voxels.dtype)
    absent = [k for k in range(geometry.shape[0]) if not _write(volume, geometry, k, gaps, voxels)]
    is_hollow = bool(absent) or volume.padding is not None
    padding = (NO_DATA_INT16, NO_DATA_INT16) if is_hollow and voxels.dtype == np.int16 else None
    return Volume(geometry, voxels, padding, tuple(absent))


def needs_evening(volume: Volume, gaps: Gaps) -> bool:
    """Whether the slices aren't even yet, or some that hold no data are to be filled."""
    return not volume.geometry.is_regular or (gaps == "interpolate" and bool(volume.absent))


def evened_geometry(geometry: VolumeGeometry, step: float | None = None) -> VolumeGeometry:
    """Where the even slices lie: as many as fit between the outer edges of the first and the last slice."""
    if geometry.is_regular:
        return geometry
    step = _smallest_gap(geometry) if step is None else step
    count = math.floor(_end(geometry) / step + SNAP) + 1
    through, down, along = geometry.steps
    affine = affines.from_steps(through * step, down, along, geometry.affine[:3, 3])
    return VolumeGeometry((count, *geometry.shape[1:]), affine)


def bounded_step(geometry: VolumeGeometry, most: int) -> float:
    """The smallest gap of two slices or more, or as much more as leaves no more than `most`; in mean slice steps."""
    return max(_smallest_gap(geometry), _end(geometry) / max(1, most - 1))


def _smallest_gap(geometry: VolumeGeometry) -> float:
    return float(np.diff(geometry.slice_places).min())


def _end(geometry: VolumeGeometry) -> float:
    """Where the last slice's data ends."""
    return float(geometry.slice_places[-1] + geometry.reaches[-1, 1])


def _write(volume: Volume, geometry: VolumeGeometry, k: int, gaps: Gaps, out: Voxels) -> bool:
    """Fill slice k of the even grid; return whether it holds any data."""
    values: Plane = cut(volume, ImagePlane.of_slice(geometry, k), "linear", gaps)
    if values.dtype == out.dtype:
        out[k] = values
        return out.dtype == np.int16 or not bool(np.isnan(values).all())
    is_data = ~np.isnan(values)
    out[k] = np.where(is_data, np.rint(values), NO_DATA_INT16)
    return bool(is_data.any())
