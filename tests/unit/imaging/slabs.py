"""Slabs told twice: planes for tests, and the slow and obvious way to a slab's values."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import VolumeGeometry
from unit.imaging.expected import Array


def coronal(size: int) -> ImagePlane:
    """A square of 100 mm, between the voxels of a volume of 1 mm."""
    spacing = 100 / size
    return ImagePlane(np.array([4.0, 61.3, 39.0]), np.eye(3)[0], -np.eye(3)[2], (spacing / 2.5, spacing), (size, size))


def slanted(size: int) -> ImagePlane:
    """The same, leaning about all axes."""
    row, column = np.array([0.8, 0.36, 0.48]), np.array([-0.6, 0.48, 0.64])
    corner = np.array([55.0, 60.0, 20.0]) - 50 * (row + column)
    return ImagePlane(corner, row, column, (100 / size, 100 / size), (size, size))


def sample_planes(plane: ImagePlane, geometry: VolumeGeometry, thickness: float) -> list[ImagePlane]:
    """Planes through the thickness, both faces among them, at most half of the smallest spacing apart."""
    step_vectors = np.array(geometry.affine[:3, :3]).T
    across = np.cross(step_vectors[1], step_vectors[2])
    spacings = abs(step_vectors[0] @ across) / np.linalg.norm(across), *np.linalg.norm(step_vectors[1:], axis=1)
    intervals = math.ceil(thickness / (min(spacings) / 2) - 1e-9)
    normal = np.cross(plane.row, plane.column)
    return [
        replace(plane, position=plane.position + (k / intervals - 0.5) * thickness * normal)
        for k in range(intervals + 1)
    ]


def slow_slab(layers: list[Array], projection: str) -> Array:
    """One value a pixel, samples without data left out."""
    rule: Callable[[list[float]], float] = {"mip": max, "minip": min, "mean": lambda v: math.fsum(v) / len(v)}[
        projection
    ]
    out = np.full(layers[0].shape, np.nan)
    for pixel in np.ndindex(out.shape):
        known = [float(layer[pixel]) for layer in layers if not np.isnan(layer[pixel])]
        out[pixel] = rule(known) if known else np.nan
    return out
