"""The pixels of a grid whose centres lie inside an outline: a stored frame's, or samples on any plane."""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.measurement.outlines import Outline
from reslice.measurement.polygon import Polygon
from reslice.measurement.tolerances import BORDER

Flags = NDArray[np.bool_]

STRIP = 1 << 18
"""Pixels whose places are held at once: some megabytes."""

STEEPEST = 0.1
"""The least cosine between outline and grid for which a window is looked for; else every pixel is asked."""


def inside_pixels(
    outline: Outline, origin: Vector, step_right: Vector, step_down: Vector, shape: tuple[int, int]
) -> tuple[slice, slice, Flags]:
    """The rows and columns around an outline, and which pixel centres there lie inside it or on its border.

    `origin` is the centre of pixel (0, 0), the steps lead to the next column and the next row, all of shape (3,)
    and in the outline's unit; `shape` is (rows, columns). Pixels are seen along the outline's normal. Both slices
    are empty where the outline misses the grid.
    """
    rows, columns = bounding_pixels(outline, origin, step_right, step_down, shape)
    if isinstance(outline, Polygon) and abs(_slope(outline, step_right, step_down)) >= STEEPEST:
        corner = origin + rows.start * step_down + columns.start * step_right
        size = rows.stop - rows.start, columns.stop - columns.start
        return rows, columns, outline.filled(corner, step_right, step_down, size)
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=np.bool_)
    across = np.arange(columns.start, columns.stop)[:, None] * step_right
    height = max(1, STRIP // max(1, mask.shape[1]))
    for top in range(0, mask.shape[0], height):
        strip = mask[top : top + height]
        down = (np.arange(len(strip)) + rows.start + top)[:, None] * step_down
        strip[:] = outline.contains(origin + down[:, None] + across[None])
    return rows, columns, mask


def bounding_pixels(
    outline: Outline, origin: Vector, step_right: Vector, step_down: Vector, shape: tuple[int, int]
) -> tuple[slice, slice]:
    """The rows and columns of a grid that hold every pixel centre inside an outline (see `inside_pixels`)."""
    normal = affines.unit(np.cross(step_right, step_down))
    slope = _slope(outline, step_right, step_down)
    if abs(slope) < STEEPEST:
        return slice(0, shape[0]), slice(0, shape[1])
    heights = (origin - outline.corners) @ normal / slope
    on_grid = outline.corners + heights[:, None] * outline.normal - origin  # as seen along the outline's normal
    steps = np.stack([step_down, step_right])
    places = on_grid @ np.linalg.pinv(steps)
    margin = BORDER / STEEPEST / np.linalg.norm(steps, axis=1) + BORDER
    first = np.ceil(places.min(axis=0) - margin).clip(0, shape).astype(int)
    last = np.floor(places.max(axis=0) + margin).clip(-1, np.array(shape) - 1).astype(int)
    stop = np.maximum(first, last + 1)
    return slice(int(first[0]), int(stop[0])), slice(int(first[1]), int(stop[1]))


def _slope(outline: Outline, step_right: Vector, step_down: Vector) -> float:
    """The cosine between the normals of an outline and a grid."""
    return float(outline.normal @ affines.unit(np.cross(step_right, step_down)))
