"""Volumes shaded from front to back, by the compiled kernels or layer after layer in numpy.

A segment from one sample to the next hides what the transfer function integrates to between its two values, so
that thin shells are neither missed nor grained. Its light is Phong's, from a lamp at the viewer's head.
"""

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.affine import Vector
from reslice.imaging.blocks import Blocks, find_visible
from reslice.imaging.camera import Box, Camera
from reslice.imaging.compiled import as_input
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.plane import ImagePlane
from reslice.imaging.projection import moved, within
from reslice.imaging.ray_spans import TILE, spans_of
from reslice.imaging.rays import Depths, rays_of, reach
from reslice.imaging.resample import cut
from reslice.imaging.shading_kernels import VOID, shade_rows
from reslice.imaging.slab import ROUNDING
from reslice.imaging.transfer import ENTRIES, Table, TransferFunction
from reslice.imaging.volume import Volume, VolumeGeometry

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""

FACETS = 1025
"""Angles to the lamp for which highlights are computed."""
STRIDE = 1.5
"""Samples lie as many of the finest voxel spacings apart, at most."""
CALM = 0.012
"""Of the transfer function's range per mm: where values rise less, they tell noise more than a surface."""
BAND = 64
"""Rows that are shaded at once where there is no compiler."""
BLACK: Colour = (0, 0, 0)
Values = NDArray[np.float64]
Rgb = NDArray[np.uint8]


def depths_of(camera: Camera, volume: Volume) -> Depths:
    """Where samples lie along each ray: so many of the finest spacings apart, those that may meet the volume.

    Both ends of the depth have one, if the volume reaches there.
    """
    geometry, half = volume.geometry, camera.depth / 2
    steps = max(1, math.ceil(camera.depth / (STRIDE * min(geometry.spacing)) - ROUNDING))
    step, middle = camera.depth / steps, steps % 2 / 2
    low, high = (max(-half, min(end, half)) / step - middle for end in reach(camera, geometry))
    first, last = math.ceil(low - ROUNDING), math.floor(high + ROUNDING)
    return Depths((first + middle) * step, step, max(0, last - first + 1))


def shaded(
    volume: Volume,
    blocks: Blocks,
    camera: Camera,
    transfer: TransferFunction,
    box: Box | None = None,
    crew: Crew = ALONE,
    background: Colour = BLACK,
) -> Rgb:
    """The volume before a background, uint8 (rows, columns, 3).

    The volume's slices are evenly spaced and all present.
    """
    rays = rays_of(camera, volume, volume.intervals("show").starts, depths_of(camera, volume), box)
    table, out = transfer.table(), np.empty((*camera.plane.shape, 3), dtype=np.uint8)
    highlights = transfer.light.specular * np.linspace(0, 1, FACETS) ** transfer.light.power
    entries = table.entries, table.ahead, highlights, table.low, table.scale
    visible = np.empty(blocks.least.shape, dtype=np.uint8)
    low, high = volume.padding_range
    holes = float(low), float(high), volume.is_sound
    lamp = _lamp(volume.geometry, camera.plane.normal, transfer)
    behind = float(background[0]), float(background[1]), float(background[2])
    scene = as_input(volume.voxels.reshape(-1)), volume.voxels.shape, holes, visible, entries, lamp

    def look(begin: int, end: int) -> None:
        find_visible(blocks.least, blocks.most, table.ahead, table.low, table.scale, begin, end, visible)

    def work(begin: int, end: int) -> None:
        spans = spans_of(rays, begin, end, out.shape[:2])
        top = begin * TILE
        shade_rows(scene, rays, spans, behind, top, out[top : top + len(spans)])

    crew.each_band(len(visible), look, at_once=8)
    crew.each_band(-(-len(out) // TILE), work, at_once=4)
    return out


def calm_rise(transfer: TransferFunction) -> float:
    """The rise per mm at which a surface is lit half as one, half as if it faced the lamp."""
    low, high = transfer.range
    return CALM * (high - low)


def _lamp(geometry: VolumeGeometry, normal: Vector, transfer: TransferFunction) -> tuple[float, ...]:
    """The light as kernels take it: gradients are of voxel indices there, not of mm."""
    per_mm = geometry.inverse[:3, :3]
    metric = per_mm @ per_mm.T
    light, calm = transfer.light, calm_rise(transfer) ** 2
    doubled = (2 * metric[0, 1], 2 * metric[0, 2], 2 * metric[1, 2])
    numbers = *light[:2], *(per_mm @ normal), *np.diag(metric), *doubled, calm
    return tuple(float(value) for value in numbers)


def shaded_by_layers(
    volume: Volume,
    camera: Camera,
    transfer: TransferFunction,
    box: Box | None = None,
    background: Colour = BLACK,
) -> Rgb:
    """The same without a compiler: a band of rows, one layer of samples after the other."""
    (rows, columns), table, depths = camera.plane.shape, transfer.table(), depths_of(camera, volume)
    out = np.empty((rows, columns, 3), dtype=np.uint8)
    for top in range(0, rows, BAND):
        plane = camera.plane.cropped(0, top, columns, min(BAND, rows - top))
        light = _light(volume, plane, depths, transfer, table, box)
        bright = light[..., :3] + light[..., 3:] * background
        out[top : top + BAND] = np.rint(bright * 255).clip(0, 255)
    return out


def _light(
    volume: Volume, plane: ImagePlane, depths: Depths, transfer: TransferFunction, table: Table, box: Box | None
) -> Values:
    """Red, green, blue (weighted) and what passes through, shape (rows, columns, 4), 0 to 1."""
    light, before = np.zeros((*plane.shape, 4)), np.full(plane.shape, VOID)
    light[..., 3] = 1
    for offset in depths.offsets:
        entry = _entries(_layer(volume, moved(plane, offset), box), table)
        colour, opacity = segments(before, entry, depths.step, table)
        if opacity.any():
            halfway = moved(plane, offset - depths.step / 2)
            colour = lit(colour, _gradients(volume, halfway), plane.normal, transfer)
            light[..., :3] += (light[..., 3] * opacity)[..., None] * colour
            light[..., 3] *= 1 - opacity
        before = entry
    return light


def _layer(volume: Volume, plane: ImagePlane, box: Box | None) -> Values:
    return np.where(within(plane, box), cut(volume, plane).astype(np.float64), np.nan)


def _entries(values: Values, table: Table) -> NDArray[np.int64]:
    known = ~np.isnan(values)
    entries = ((np.where(known, values, 0) - table.low) * table.scale).clip(0, ENTRIES - 1) + 0.5
    return np.where(known, entries.astype(np.int64), VOID)


def segments(near: NDArray[np.int64], far: NDArray[np.int64], step: float, table: Table) -> tuple[Values, Values]:
    """Colour, shape (..., 3), and opacity of segments `step` mm long, from entry to entry; of data at both ends."""
    is_data = (near != VOID) & (far != VOID)
    a, b = (np.where(is_data, end, 0) for end in (np.minimum(near, far), np.maximum(near, far)))
    entries, width = table.entries, np.maximum(b - a, 1)[..., None]
    sums = (entries[b, 4:] - entries[a, 4:]) / width
    extinction = np.where(a == b, entries[a, 0], sums[..., 0])
    weighted = np.divide(sums[..., 1:], sums[..., :1], out=np.zeros((*a.shape, 3)), where=sums[..., :1] > 0)
    colour = np.where((a == b)[..., None], entries[a, 1:4], weighted)
    return colour, np.where(is_data, -np.expm1(-extinction * step), 0.0)


def _gradients(volume: Volume, plane: ImagePlane) -> Values:
    """Per mm, shape (rows, columns, 3) in LPS, from values a voxel's step to either side."""
    pixels = plane.map_pixels_to_reference(np.moveaxis(np.indices(plane.shape), 0, -1))
    indices = volume.geometry.map_reference_to_indices(pixels)
    middle, differences = _sampled(volume, indices), []
    for step in np.eye(3):
        ahead, behind = (_sampled(volume, indices + side) for side in (step, -step))
        ahead, behind = (np.where(np.isnan(side), middle, side) for side in (ahead, behind))
        differences.append((ahead - behind) / 2)
    return np.nan_to_num(np.stack(differences, axis=-1) @ volume.geometry.inverse[:3, :3])


def _sampled(volume: Volume, indices: Values) -> Values:
    """The mean of the neighbours that are data; what lies outside has the outermost voxel's value."""
    top = np.array(volume.voxels.shape) - 1
    indices = indices.clip(0, top)
    base = np.floor(indices).astype(np.int64)
    total, weights = np.zeros(indices.shape[:-1]), np.zeros(indices.shape[:-1])
    for corner in product((0, 1), repeat=3):
        weight = np.prod(np.where(corner, indices - base, 1 - indices + base), axis=-1)
        values = volume.voxels[tuple(np.moveaxis(np.minimum(base + corner, top), -1, 0))].astype(np.float64)
        low, high = volume.padding_range
        weight = np.where(np.isnan(values) | ((values >= low) & (values <= high)), 0, weight)
        total += weight * np.nan_to_num(values)
        weights += weight
    result: Values = np.divide(total, weights, out=np.full(total.shape, np.nan), where=weights > 0)
    return result


def lit(colour: Values, gradient: Values, normal: Vector, transfer: TransferFunction) -> Values:
    """Colours, shape (..., 3), as the lamp shows them on surfaces across their gradients."""
    light, length = transfer.light, np.linalg.norm(gradient, axis=-1)
    facing = np.divide(np.abs(gradient @ normal), length, out=np.ones(length.shape), where=length > 0)
    facing = 1 - (1 - facing) * length**2 / (length**2 + calm_rise(transfer) ** 2)
    diffuse = light.ambient + light.diffuse * facing
    highlight = np.where(length > 0, light.specular * facing**light.power, 0.0)
    result: Values = np.minimum(colour * diffuse[..., None] + highlight[..., None], 1)
    return result
