"""Strategies and slow second implementations that several tests of imaging share."""

from itertools import product

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from naive import fractional_indices
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import Volume, VolumeGeometry

Array = NDArray[np.float64]

SIGNED_PERMUTATIONS = [
    (order, signs)
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    for signs in product((1, -1), repeat=3)
]
"""All 48 ways in which voxel axes can run along patient axes."""

TILTS = st.floats(-0.5, 0.5)
SPACINGS = st.floats(0.3, 4.0)
SHAPES = st.tuples(st.integers(2, 5), st.integers(2, 6), st.integers(2, 6))
SEEDS = st.integers(0, 2**32 - 1)


def upright(shape: tuple[int, int, int], spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> VolumeGeometry:
    """Slices along +z, rows along +y, columns along +x; voxel (0, 0, 0) at the origin."""
    affine = np.eye(4)
    affine[:3, :3] = np.array([[0, 0, spacing[2]], [0, spacing[1], 0], [spacing[0], 0, 0]])
    return VolumeGeometry(shape, affine)


def along_axes(order: tuple[int, ...], signs: tuple[int, ...], spacing: tuple[float, ...]) -> Array:
    """An affine whose k-th index steps by spacing[k] along patient axis order[k], either way."""
    affine = np.eye(4)
    affine[:3, :3] = 0
    for k in range(3):
        affine[order[k], k] = signs[k] * spacing[k]
    affine[:3, 3] = (11.0, -7.0, 3.0)
    return affine


@st.composite
def rotations(draw: st.DrawFn) -> Array:
    """Any orthonormal 3 x 3 matrix of determinant 1."""
    generator = np.random.default_rng(draw(SEEDS))
    q, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    return q * np.linalg.det(q)


@st.composite
def affines(draw: st.DrawFn) -> Array:
    """Any rotation, spacing, shift and a gantry tilt."""
    affine = np.eye(4)
    affine[:3, :3] = draw(rotations()) * [draw(SPACINGS), draw(SPACINGS), draw(SPACINGS)]
    affine[:3, 0] += affine[:3, 1] * draw(TILTS)
    affine[:3, 3] = draw(st.tuples(*[st.floats(-200, 200)] * 3))
    return affine


@st.composite
def planes_near(draw: st.DrawFn, geometry: VolumeGeometry) -> ImagePlane:
    """Any oblique plane whose middle lies in the volume or near it."""
    row, column, _ = draw(rotations()).T
    middle = geometry.affine[:3, :3] @ (np.array(geometry.shape) / 2) + geometry.affine[:3, 3]
    middle = middle + draw(st.tuples(*[st.floats(-2, 2)] * 3))
    spacing = draw(SPACINGS), draw(SPACINGS)
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    corner = middle - column * spacing[0] * shape[0] / 2 - row * spacing[1] * shape[1] / 2
    return ImagePlane(corner, row, column, spacing, shape)


def pixel_indices(geometry: VolumeGeometry, plane: ImagePlane) -> Array:
    """The (slice, row, column) index, not rounded, under each pixel of a plane."""
    rows, columns = np.indices(plane.shape)
    steps = np.stack([plane.column * plane.spacing[0], plane.row * plane.spacing[1]])
    points = plane.position + rows[..., None] * steps[0] + columns[..., None] * steps[1]
    return fractional_indices(np.asarray(geometry.affine), points)


def on_a_brink(indices: Array, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels so near a voxel's border or the volume's edge that float noise decides; they are left out."""
    noise = 1e-5
    at_a_border = np.abs(indices - np.floor(indices) - 0.5) < noise
    near_the_edge = (np.abs(indices + 0.5) < noise) | (np.abs(indices - np.array(shape) + 0.5) < noise)
    return (at_a_border | near_the_edge).any(axis=-1)


def slow_cut(volume: Volume, plane: ImagePlane, *, linear: bool = True) -> Array:
    """What `cut` must answer: voxel by voxel, no-data voxels left out of every mean."""
    indices = pixel_indices(volume.geometry, plane)
    flat = [_value_at(volume, index, linear) for index in indices.reshape(-1, 3)]
    return np.array(flat).reshape(plane.shape)


def _value_at(volume: Volume, index: Array, linear: bool) -> float:
    shape = np.array(volume.geometry.shape)
    if (index < -0.5).any() or (index > shape - 0.5).any():
        return np.nan
    index = np.clip(index, 0, shape - 1)
    nearest = tuple(np.floor(index + 0.5).astype(int))
    if not _is_data(volume, nearest):
        return np.nan
    return _mean_at(volume, index) if linear else float(volume.voxels[nearest])


def _mean_at(volume: Volume, index: Array) -> float:
    base, total, weights = np.floor(index).astype(int), 0.0, 0.0
    for corner in product((0, 1), repeat=3):
        weight = float(np.prod(np.where(corner, index - base, 1 - (index - base))))
        voxel = tuple(base + corner)
        if weight > 1e-6 and _is_data(volume, voxel):
            total += weight * float(volume.voxels[voxel])
            weights += weight
    return total / weights


def _is_data(volume: Volume, voxel: tuple[int, ...]) -> bool:
    value, padding = float(volume.voxels[voxel]), volume.padding
    is_padding = padding is not None and padding[0] <= value <= padding[1]
    return bool(volume.present[voxel[0]]) and not np.isnan(value) and not is_padding
