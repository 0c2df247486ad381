"""Cutting planes: held against a slow second implementation, voxel by voxel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naive import trilinear
from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SEEDS, SHAPES, affines, on_a_brink, pixel_indices, planes_near, slow_cut, upright

ALONG_X, ALONG_Y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])


def noise(shape: tuple[int, int, int], seed: int, dtype: type) -> np.ndarray:
    generator = np.random.default_rng(seed)
    if dtype is np.int16:
        return generator.integers(-1000, 3000, shape).astype(np.int16)
    return generator.normal(500, 800, shape).astype(np.float32)


@st.composite
def cases(draw: st.DrawFn, dtype: type) -> tuple[Volume, ImagePlane]:
    """A volume of noise in any place, and any plane through it or past it."""
    geometry = VolumeGeometry(draw(SHAPES), draw(affines()))
    return Volume(geometry, noise(geometry.shape, draw(SEEDS), dtype)), draw(planes_near(geometry))


def assert_equal_where_certain(values: np.ndarray, expected: np.ndarray, brink: np.ndarray) -> None:
    certain = ~brink
    np.testing.assert_array_equal(np.isnan(values)[certain], np.isnan(expected)[certain])
    np.testing.assert_allclose(values[certain], expected[certain], rtol=2e-6, atol=2e-3)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("interpolation", ["linear", "nearest"])
@given(data=st.data())
def test_any_plane_through_any_volume(dtype: type, interpolation: str, data: st.DataObject) -> None:
    volume, plane = data.draw(cases(dtype))
    values = cut(volume, plane, interpolation)
    expected = slow_cut(volume, plane, linear=interpolation == "linear")
    assert values.shape == plane.shape
    assert values.dtype == np.float32
    assert_equal_where_certain(values, expected, on_a_brink(pixel_indices(volume.geometry, plane), volume.voxels.shape))


@given(cases(np.float32))
def test_inside_it_is_the_trilinear_mean_of_eight(case: tuple[Volume, ImagePlane]) -> None:
    """The tests' other implementation, written for the API, knows nothing of this one."""
    volume, plane = case
    values = cut(volume, plane)
    for pixel in np.argwhere(np.isfinite(values)):
        point = plane.map_pixels_to_reference(pixel)
        expected = trilinear(volume.voxels.astype(float), volume.geometry.affine, point)
        assert values[tuple(pixel)] == pytest.approx(expected, rel=1e-5, abs=2e-3)


@given(cases(np.int16))
def test_int16_and_float32_agree(case: tuple[Volume, ImagePlane]) -> None:
    volume, plane = case
    wide = Volume(volume.geometry, volume.voxels.astype(np.float32))
    for interpolation in ("linear", "nearest"):
        np.testing.assert_array_equal(cut(volume, plane, interpolation), cut(wide, plane, interpolation))


@given(data=st.data())
def test_a_linear_function_of_the_place_is_kept(data: st.DataObject) -> None:
    """Voxels that hold a linear ramp give the ramp between their centres, whatever the plane."""
    geometry = VolumeGeometry(data.draw(SHAPES), data.draw(affines()))
    plane = data.draw(planes_near(geometry))
    slope = np.array([0.3, -1.7, 2.2])
    indices = np.stack(np.indices(geometry.shape), axis=-1)
    ramp = (indices @ geometry.affine[:3, :3].T + geometry.affine[:3, 3]) @ slope
    values = cut(Volume(geometry, ramp.astype(np.float32)), plane)
    places = pixel_indices(geometry, plane)
    between = ((places >= 0) & (places <= np.array(geometry.shape) - 1)).all(axis=-1)
    rows, columns = np.indices(plane.shape)
    points = plane.map_pixels_to_reference(np.stack([rows, columns], axis=-1))
    np.testing.assert_allclose(values[between], (points @ slope)[between], rtol=1e-5, atol=2e-3)


def line_along_x(first: float, step: float, count: int, y: float = 0.0, z: float = 0.0) -> ImagePlane:
    """One row of pixels at x = first, first + step, ..."""
    return ImagePlane(np.array([first, y, z]), ALONG_X, ALONG_Y, (1.0, step), (1, count))


def three_voxels() -> Volume:
    """10, 20, 30 at x = 0, 1, 2."""
    return Volume(upright((1, 1, 3)), np.array([[[10, 20, 30]]], dtype=np.int16))


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (-0.51, np.nan),
        (-0.5, 10),
        (-0.25, 10),
        (0, 10),
        (0.25, 12.5),
        (1.5, 25),
        (2, 30),
        (2.49, 30),
        (2.5, 30),
        (2.51, np.nan),
    ],
)
def test_voxels_end_half_a_step_beyond_their_centres(x: float, expected: float) -> None:
    for volume in (three_voxels(), replace_padding(three_voxels())):
        assert cut(volume, line_along_x(x, 1.0, 1))[0, 0] == pytest.approx(expected, nan_ok=True)


def replace_padding(volume: Volume) -> Volume:
    """The same values by the general kernel: a padding that no voxel has."""
    return Volume(volume.geometry, volume.voxels.copy(), (-9.0, -9.0))


@pytest.mark.parametrize(("y", "z"), [(0.51, 0), (-0.51, 0), (0, 0.51), (0, -0.51)])
def test_outside_on_one_axis_is_outside(y: float, z: float) -> None:
    assert np.isnan(cut(three_voxels(), line_along_x(0, 1, 3, y, z))).all()
    assert np.isnan(cut(replace_padding(three_voxels()), line_along_x(0, 1, 3, y, z))).all()


@pytest.mark.parametrize(
    ("x", "expected"), [(-0.4, 10), (0.4, 10), (0.6, 20), (1.4, 20), (1.6, 30), (2.4, 30), (2.6, np.nan)]
)
def test_nearest_takes_the_voxel_whose_edges_hold_the_point(x: float, expected: float) -> None:
    value = cut(three_voxels(), line_along_x(x, 1.0, 1), "nearest")[0, 0]
    assert value == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("first", "step", "count"),
    [(-0.375, 0.25, 2), (-0.4, 0.2, 2), (-0.5, 0.25, 3), (2.0, 0.2, 3), (2.1, 0.1, 4), (-0.5, 1.5, 3)],
)
def test_pixels_crowded_in_the_outer_half_voxel(first: float, step: float, count: int) -> None:
    """All of them take the outermost voxel's value."""
    x = first + step * np.arange(count)
    expected = np.interp(x, [0, 1, 2], [10, 20, 30])
    np.testing.assert_allclose(cut(three_voxels(), line_along_x(first, step, count))[0], expected)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 4), (1, 4, 1), (4, 1, 1), (2, 1, 3)])
@pytest.mark.parametrize("spacing", [0.2, 0.25, 0.5, 1.0, 3.0])
def test_volumes_one_voxel_thin(shape: tuple[int, int, int], spacing: float) -> None:
    """A single row of voxels, enlarged and reduced, along every axis."""
    volume = Volume(upright(shape), np.arange(np.prod(shape), dtype=np.int16).reshape(shape))
    for row, column in ((0, 1), (0, 2), (1, 2), (1, 0)):
        directions = np.eye(3)[row], np.eye(3)[column]
        field = FieldOfView.across(volume.geometry, *directions, np.zeros(3))
        plane = field.plane(RequestedSize(pixel_spacing=spacing), 1.0)
        values, expected = cut(volume, plane), slow_cut(volume, plane)
        brink = on_a_brink(pixel_indices(volume.geometry, plane), shape)
        assert_equal_where_certain(values.astype(float), expected, brink)


@given(
    spacing=st.floats(0.05, 3), shift=st.floats(-1.5, 1.5), seed=SEEDS, dtype=st.sampled_from([np.int16, np.float32])
)
def test_planes_along_the_axes_equal_the_slow_cut(spacing: float, shift: float, seed: int, dtype: type) -> None:
    """Enlarged, reduced, between slices: the quick way along two axes makes no difference."""
    volume = Volume(upright((3, 4, 5), (2.0, 1.0, 1.0)), noise((3, 4, 5), seed, dtype))
    for row, column in ((0, 1), (0, 2), (1, 2)):
        directions = np.eye(3)[row], -np.eye(3)[column]
        plane = ImagePlane(np.array([1.0, 3.0, 2.0]) + shift, *directions, (spacing, spacing * 1.25), (6, 7))
        brink = on_a_brink(pixel_indices(volume.geometry, plane), volume.voxels.shape)
        assert_equal_where_certain(cut(volume, plane).astype(float), slow_cut(volume, plane), brink)


def test_extreme_int16_values_do_not_overflow() -> None:
    voxels = np.array([[[-32767, 32767]], [[32767, -32767]]], dtype=np.int16)
    volume = Volume(upright((2, 1, 2)), voxels)
    middle = cut(volume, line_along_x(0.0, 0.5, 3, z=0.25))
    np.testing.assert_allclose(middle, [[-16383.5, 0, 16383.5]], atol=0.01)
