"""Functions on 4x4 affines from voxel indices (slice, row, column) to patient coordinates (LPS, mm)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Affine = NDArray[np.float64]
Vector = NDArray[np.float64]


def frozen(values: ArrayLike) -> NDArray[np.float64]:
    """A read-only float64 copy, so that value objects can be shared between threads."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def unit(vector: ArrayLike) -> Vector:
    """The vector, shape (3,), scaled to length 1."""
    array = np.asarray(vector, dtype=np.float64)
    return array / np.linalg.norm(array)


def from_steps(slice_step: ArrayLike, row_step: ArrayLike, column_step: ArrayLike, origin: ArrayLike) -> Affine:
    """The affine whose columns are the steps (mm) of each index and the centre of voxel (0, 0, 0)."""
    affine = np.eye(4)
    for column, vector in enumerate((slice_step, row_step, column_step, origin)):
        affine[:3, column] = np.asarray(vector, dtype=np.float64)
    return frozen(affine)


def map_points(affine: Affine, points: ArrayLike) -> NDArray[np.float64]:
    """Points of shape (..., 3) through the affine."""
    result: NDArray[np.float64] = np.asarray(points, dtype=np.float64) @ affine[:3, :3].T + affine[:3, 3]
    return result


def map_directions(affine: Affine, vectors: ArrayLike) -> NDArray[np.float64]:
    """Vectors of shape (..., 3) through the linear part alone."""
    result: NDArray[np.float64] = np.asarray(vectors, dtype=np.float64) @ affine[:3, :3].T
    return result
