"""Planes on which every pixel is a voxel: views of the volume, equal to the last bit."""

import numpy as np
import pytest

from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SIGNED_PERMUTATIONS, along_axes, pixel_indices, upright

SHAPE = (3, 4, 5)
SPACING = (2.5, 0.75, 0.75)
PLANES = [(0, 1, 2), (0, 2, 1), (1, 2, 0), (1, 0, 2), (2, 0, 1), (2, 1, 0)]
"""Patient axes along a row, down a column, across."""


def volume_along(order: tuple[int, ...], signs: tuple[int, ...], dtype: type) -> Volume:
    geometry = VolumeGeometry(SHAPE, along_axes(order, signs, SPACING))
    return Volume(geometry, np.arange(60).reshape(SHAPE).astype(dtype))


def lattice_plane(volume: Volume, axes: tuple[int, int, int], k: int) -> ImagePlane:
    """The plane across one patient axis through the k-th layer of voxels, pixel for voxel."""
    row, column, across = np.eye(3)[list(axes)]
    geometry = volume.geometry
    step = geometry.spacing[geometry.nearest_axis(across)]
    offset = across * (geometry.centres_extent(across)[0] + k * step)
    field = FieldOfView.across(geometry, row, column, offset)
    down, right = (geometry.spacing[geometry.nearest_axis(direction)] for direction in (column, row))
    shape = round(field.height / down), round(field.width / right)
    return ImagePlane(field.corner + row * right / 2 + column * down / 2, row, column, (down, right), shape)


def looked_up(volume: Volume, plane: ImagePlane) -> np.ndarray:
    indices = np.rint(pixel_indices(volume.geometry, plane)).astype(int)
    return volume.voxels[tuple(np.moveaxis(indices, -1, 0))]


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize(("order", "signs"), SIGNED_PERMUTATIONS, ids=str)
def test_every_flip_and_every_order_of_axes(order: tuple[int, ...], signs: tuple[int, ...], dtype: type) -> None:
    volume = volume_along(order, signs, dtype)
    for axes in PLANES:
        for k in (0, 1, 2):
            plane = lattice_plane(volume, axes, k)
            values = cut(volume, plane)
            np.testing.assert_array_equal(values, looked_up(volume, plane))
            assert values.dtype == dtype
            assert np.shares_memory(values, volume.voxels)
            assert not values.flags.writeable


def test_each_slice_is_its_own_plane() -> None:
    affine = along_axes((2, 1, 0), (1, 1, 1), SPACING)
    affine[:3, 0] += (0, 1.3, 0)  # a tilted gantry changes nothing within a slice
    volume = Volume(VolumeGeometry(SHAPE, affine), np.arange(60, dtype=np.int16).reshape(SHAPE))
    for k in range(SHAPE[0]):
        values = cut(volume, ImagePlane.of_slice(volume.geometry, k))
        assert np.shares_memory(values, volume.voxels)
        np.testing.assert_array_equal(values, volume.voxels[k])


def test_rotated_slices_are_their_own_planes() -> None:
    generator = np.random.default_rng(5)
    for _ in range(30):
        q, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        affine = np.eye(4)
        affine[:3, :3] = q * np.linalg.det(q) * SPACING
        affine[:3, 3] = generator.uniform(-500, 500, 3)
        volume = Volume(VolumeGeometry(SHAPE, affine), np.arange(60, dtype=np.int16).reshape(SHAPE))
        for k in range(SHAPE[0]):
            plane = ImagePlane.of_slice(volume.geometry, k)
            assert np.shares_memory(cut(volume, plane), volume.voxels)
            np.testing.assert_array_equal(cut(volume, plane), volume.voxels[k])


@pytest.mark.parametrize("noise", [1e-9, 2e-7, -2e-7])
def test_float_noise_keeps_a_plane_on_the_lattice(noise: float) -> None:
    volume = volume_along((2, 1, 0), (1, 1, 1), np.int16)
    plane = lattice_plane(volume, (0, 1, 2), 1)
    moved = ImagePlane(plane.position + noise, plane.row, plane.column, plane.spacing, plane.shape)
    np.testing.assert_array_equal(cut(volume, moved), volume.voxels[1])
    assert np.shares_memory(cut(volume, moved), volume.voxels)


def test_a_true_shift_leaves_the_lattice() -> None:
    volume = volume_along((2, 1, 0), (1, 1, 1), np.int16)
    plane = lattice_plane(volume, (0, 1, 2), 1)
    moved = ImagePlane(plane.position + np.array([0, 0, 0.01]), plane.row, plane.column, plane.spacing, plane.shape)
    values = cut(volume, moved)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, volume.voxels[1] + 20 * 0.01 / 2.5, rtol=1e-5)


def test_every_other_voxel_is_a_view_too() -> None:
    volume = Volume(upright((2, 6, 6)), np.arange(72, dtype=np.int16).reshape(2, 6, 6))
    plane = ImagePlane(np.array([1.0, 0.0, 1.0]), *np.eye(3)[:2], (2.0, 2.0), (3, 3))
    np.testing.assert_array_equal(cut(volume, plane), volume.voxels[1, ::2, 1::2])
    assert np.shares_memory(cut(volume, plane), volume.voxels)


def test_part_of_the_plane_outside_is_no_view() -> None:
    volume = Volume(upright((2, 3, 3)), np.arange(18, dtype=np.int16).reshape(2, 3, 3))
    plane = ImagePlane(np.array([-1.0, 0.0, 0.0]), *np.eye(3)[:2], (1.0, 1.0), (3, 5))
    values = cut(volume, plane)
    np.testing.assert_array_equal(values[:, 1:4], volume.voxels[0])
    assert np.isnan(values[:, [0, 4]]).all()


def test_region_of_a_lattice_plane_is_a_view() -> None:
    volume = Volume(upright((2, 5, 6)), np.arange(60, dtype=np.int16).reshape(2, 5, 6))
    plane = FieldOfView.across(volume.geometry, *np.eye(3)[:2], np.zeros(3)).plane(RequestedSize(), 1.0)
    values = cut(volume, plane.cropped(column=2, row=1, columns=3, rows=2))
    np.testing.assert_array_equal(values, volume.voxels[0, 1:3, 2:5])
    assert np.shares_memory(values, volume.voxels)
