"""Solid bodies as series of voxels, and slow second ways to tell which voxels belong to a region."""

import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from grids import Grid
from series_phantoms import single_frames

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Solid = Callable[[Array], Flags]
BRIGHT = 1000.0


def sphere(center: Sequence[float], radius: float) -> Solid:
    return lambda points: np.linalg.norm(points - np.array(center), axis=-1) <= radius


def ellipsoid(center: Sequence[float], axes: Array) -> Solid:
    """`axes`: three semi-axes at right angles, one a row."""
    duals = axes / (axes**2).sum(axis=1, keepdims=True)
    return lambda points: (((points - np.array(center)) @ duals.T) ** 2).sum(axis=-1) <= 1


def cylinder(center: Sequence[float], axis: Sequence[float], radius: float, length: float) -> Solid:
    along = np.array(axis) / np.linalg.norm(axis)

    def holds(points: Array) -> Flags:
        offset = points - np.array(center)
        depth = offset @ along
        return (np.abs(depth) <= length / 2) & (np.linalg.norm(offset - depth[..., None] * along, axis=-1) <= radius)

    return holds


def series_of(solid: Solid, grid: Grid, **attributes: object) -> tuple[list[Dataset], Flags]:
    """Zeros with a bright solid in them, and which voxels are bright."""
    inside = solid(grid.coordinates)
    assert inside.any()
    return single_frames(np.where(inside, BRIGHT, 0.0), grid, **attributes), inside


def voxel_mm3(grid: Grid) -> float:
    """|det| of the affine."""
    return abs(float(np.linalg.det(grid.acquisition.affine[:3, :3])))


def slice_extents(grid: Grid) -> Array:
    """How thick each slice is, from half gap to half gap; the outermost reach as far outwards as inwards."""
    gaps = np.diff(grid.positions)
    return np.array([(gaps[max(k - 1, 0)] + gaps[min(k, len(gaps) - 1)]) / 2 for k in range(len(gaps) + 1)])


def connected(mask: Flags, seed: tuple[int, int, int], connectivity: int) -> Flags:
    """The voxels of a mask that a walk from the seed reaches, step by step."""
    most = {6: 1, 18: 2, 26: 3}[connectivity]
    steps = [s for s in product((-1, 0, 1), repeat=3) if 0 < sum(map(abs, s)) <= most]
    reached, waiting = np.zeros_like(mask), [seed]
    reached[seed] = mask[seed]
    while waiting:
        here = waiting.pop()
        for step in steps:
            there = tuple(h + s for h, s in zip(here, step, strict=True))
            if all(0 <= t < n for t, n in zip(there, mask.shape, strict=True)) and mask[there] and not reached[there]:
                reached[there] = True
                waiting.append(there)
    return reached


def circle(radius: float, count: int, phase: float = 0.1) -> tuple[Array, float]:
    """A regular polygon about the origin, (count, 2), of the circle's own area; and that area."""
    area = math.pi * radius**2
    corner = math.sqrt(2 * area / (count * math.sin(2 * math.pi / count)))
    angles = phase + np.arange(count) * (2 * math.pi / count)
    return corner * np.stack([np.cos(angles), np.sin(angles)], axis=1), area


def inside_polygon(points: Array, corners: Array) -> Flags:
    """Points in the plane, (..., 2), by how often the polygon winds around them; none may lie on its border."""
    turns = np.zeros(points.shape[:-1])
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        u, v = start - points, end - points
        cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
        turns += np.arctan2(cross, (u * v).sum(axis=-1))
    return np.abs(turns) > math.pi
