"""The rotation of an affine whose axes stand at right angles, as NIfTI-1 writes it (its `qform`)."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.affine import Affine

TOLERANCE = 0.05
"""Millimetres by which no corner of the grid may move when its axes are taken to stand at right angles."""

Quaternion = tuple[float, float, float]
"""b, c, d; a is what makes its length 1, and not negative."""


def quaternion_of(affine: Affine, shape: tuple[int, int, int]) -> tuple[Quaternion, float] | None:
    """The rotation, and 1 or -1 for a right- or left-handed grid (`qfac`); None where the affine is sheared.

    The affine and the shape have the same order of indices.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    left, _, right = np.linalg.svd(affine[:3, :3] / spacing)
    nearest = left @ right
    corners = np.array(list(product(*((0, size - 1) for size in shape))))
    moved = corners @ (nearest * spacing - affine[:3, :3]).T
    if np.linalg.norm(moved, axis=1).max() > TOLERANCE:
        return None
    handedness = 1.0 if np.linalg.det(nearest) > 0 else -1.0
    return _quaternion(nearest * (1, 1, handedness)), handedness


def _quaternion(rotation: NDArray[np.float64]) -> Quaternion:
    """The eigenvector of the largest eigenvalue (Bar-Itzhack): exact for a rotation, and never near 0 / 0."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    symmetric = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    a, b, c, d = np.linalg.eigh(symmetric)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return float(sign * b), float(sign * c), float(sign * d)
