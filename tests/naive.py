"""Slow and obvious second implementations: what the product is held against."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# geometry.md's display rule, in LPS: where a row runs to, where a column runs to, and the axis of `position`.
PLANES: dict[str, tuple[Sequence[int], Sequence[int], int]] = {
    "axial": ((1, 0, 0), (0, 1, 0), 2),
    "coronal": ((1, 0, 0), (0, 0, -1), 1),
    "sagittal": ((0, 1, 0), (0, 0, -1), 0),
}


def display_value(value: float, center: float, width: float, function: str = "LINEAR") -> float:
    """What a modality value becomes on a scale of 0..255 (PS3.3 C.11.2.1.2 and C.11.2.1.3), unrounded."""
    if function == "SIGMOID":
        return 255 / (1 + math.exp(min(-4 * (value - center) / width, 700)))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    if value <= center - width / 2:
        return 0.0
    if value > center + width / 2:
        return 255.0
    return ((value - center) / width + 0.5) * 255


def display_values(values: Array, center: float, width: float, function: str = "LINEAR") -> Array:
    """`display_value` of each pixel."""
    flat = [display_value(float(value), center, width, function) for value in np.ravel(values)]
    return np.array(flat).reshape(np.shape(values))


def trilinear(voxels: Array, affine: Array, point: Sequence[float]) -> float:
    """The value at an LPS point, weighted from the eight voxels around it."""
    index = np.linalg.solve(affine[:3, :3], np.asarray(point) - affine[:3, 3])
    index = np.clip(index, 0, np.array(voxels.shape) - 1)  # the outer half voxel has its edge voxel's value
    base = np.minimum(np.floor(index).astype(int), np.maximum(np.array(voxels.shape) - 2, 0))
    total = 0.0
    for corner in product((0, 1), repeat=3):
        neighbour = np.minimum(base + corner, np.array(voxels.shape) - 1)
        weights = [f if step else 1 - f for f, step in zip(index - base, corner, strict=True)]
        total += math.prod(weights) * float(voxels[tuple(neighbour)])
    return total


def fractional_indices(affine: Array, points: Array) -> Array:
    """(slice, row, column) of LPS points, not rounded."""
    return np.linalg.solve(affine[:3, :3], (points - affine[:3, 3]).reshape(-1, 3).T).T.reshape(points.shape)


def inside(indices: Array, shape: Sequence[int], margin: float) -> NDArray[np.bool_]:
    """Which voxel indices lie further than `margin` within the outermost voxel centres."""
    high = np.array(shape) - 1 - margin
    return ((indices >= margin) & (indices <= high)).all(axis=-1)


def pixel_positions(plane: dict[str, list]) -> Array:
    """LPS mm of every pixel's centre, (rows, columns, 3), from the header `Reslice-Plane` alone."""
    origin, row, column = (np.array(plane[key], dtype=float) for key in ("Position", "Row", "Column"))
    (between_rows, between_columns), (rows, columns) = plane["Spacing"], plane["Size"]
    down = np.arange(rows)[:, None, None] * between_rows * column
    along = np.arange(columns)[None, :, None] * between_columns * row
    return origin + down + along


def corners(affine: Array, shape: Sequence[int]) -> Array:
    """LPS mm of the eight outer corners of the voxels' edges."""
    ends = [(-0.5, n - 0.5) for n in shape]
    return np.array([affine[:3, :3] @ corner + affine[:3, 3] for corner in product(*ends)])


def field_of_view(affine: Array, shape: Sequence[int], plane: str, spacing: float) -> tuple[Array, Array]:
    """The first pixel's in-plane coordinates (along row, along column) and the extents in mm."""
    row, column, _ = PLANES[plane]
    in_plane = corners(affine, shape) @ np.array([row, column], dtype=float).T
    low, high = in_plane.min(axis=0), in_plane.max(axis=0)
    return low + spacing / 2, high - low


def nearest_voxels(voxels: Array, affine: Array, plane: dict[str, object]) -> Array:
    """The voxel under each pixel of a plane, for planes whose pixels lie on voxel centres."""
    fractional = fractional_indices(affine, pixel_positions(plane))
    indices = np.round(fractional).astype(int)
    assert np.abs(fractional - indices).max() < 1e-3, "the plane's pixels don't lie on voxel centres"
    return voxels[tuple(np.moveaxis(indices, -1, 0))]
