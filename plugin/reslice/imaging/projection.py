"""Projections along a camera's rays: the largest, the least or the mean of the values that each ray meets."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.blocks import Blocks
from reslice.imaging.camera import Box, Camera
from reslice.imaging.compiled import as_input
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import SNAP, Gaps
from reslice.imaging.kernels import MEAN, MINIP, MIP
from reslice.imaging.plane import ImagePlane
from reslice.imaging.ray_kernels import Picture, Source, project_rows
from reslice.imaging.ray_spans import TILE, spans_of
from reslice.imaging.rays import Depths, rays_of, reach
from reslice.imaging.resample import cut
from reslice.imaging.slab import Projection, Slab
from reslice.imaging.uncompiled import combined
from reslice.imaging.volume import Volume

HOW: dict[Projection, int] = {"mip": MIP, "minip": MINIP, "mean": MEAN}


def depths_of(camera: Camera, volume: Volume) -> Depths:
    """Those of the samples of a slab of the camera's depth that may meet the volume."""
    offsets = Slab(camera.depth).offsets_between(volume.geometry, *reach(camera, volume.geometry))
    if len(offsets) < 2:
        return Depths(float(offsets[0]) if len(offsets) else 0.0, 1.0, len(offsets))
    return Depths(float(offsets[0]), float(offsets[-1] - offsets[0]) / (len(offsets) - 1), len(offsets))


def source_of(volume: Volume, gaps: Gaps) -> Source:
    """What kernels take of a volume."""
    intervals = volume.intervals(gaps)
    low, high = volume.padding_range
    return as_input(volume.voxels), intervals.pieces, intervals.is_even, float(low), float(high), volume.is_sound


def projected(
    volume: Volume,
    blocks: Blocks,
    camera: Camera,
    projection: Projection,
    box: Box | None = None,
    gaps: Gaps = "show",
    crew: Crew = ALONE,
    leap: bool = True,
) -> Picture:
    """The projection on the camera's plane, shape `camera.plane.shape`, NaN where a ray meets no data.

    It is the same whether rays `leap` over blocks or look at each sample.
    """
    rays = rays_of(camera, volume, volume.intervals(gaps).starts, depths_of(camera, volume), box)
    source, how = source_of(volume, gaps), HOW[projection]
    out = np.empty(camera.plane.shape, dtype=np.float32)

    def work(begin: int, end: int) -> None:
        spans = spans_of(rays, begin, end, out.shape)
        top = begin * TILE
        project_rows(source, blocks, rays, spans, how, leap, top, out[top : top + len(spans)])

    crew.each_band(-(-out.shape[0] // TILE), work, at_once=2)
    return out


def projected_by_layers(
    volume: Volume, camera: Camera, projection: Projection, box: Box | None = None, gaps: Gaps = "show"
) -> Picture:
    """The same without a compiler: one plane of samples after the other."""
    planes = (moved(camera.plane, offset) for offset in depths_of(camera, volume).offsets)
    layers = (np.where(within(p, box), cut(volume, p, "linear", gaps), np.float32(np.nan)) for p in planes)
    return combined(layers, camera.plane.shape, projection)


def moved(plane: ImagePlane, offset: float) -> ImagePlane:
    """The plane so many mm further along its normal."""
    return replace(plane, position=plane.position + plane.normal * offset)


def within(plane: ImagePlane, box: Box | None) -> NDArray[np.bool_]:
    """Which pixels of a plane lie in a box; all without one."""
    if box is None:
        return np.ones(plane.shape, dtype=np.bool_)
    points = plane.map_pixels_to_reference(np.moveaxis(np.indices(plane.shape), 0, -1))
    inside: NDArray[np.bool_] = np.empty(plane.shape, dtype=np.bool_)
    inside[:] = ((points >= box.low - SNAP) & (points <= box.high + SNAP)).all(axis=-1)
    return inside
