"""Cubic interpolation: Catmull-Rom through 4 x 4 x 4 voxels, linear next to holes and uneven slices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SEEDS, affines, pixel_indices, planes_near, upright

SHAPE = (6, 7, 8)
SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7))


def kernel(x: float) -> float:
    """Keys' cubic convolution with a = -1/2, as it is written in the literature."""
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def slow_cubic(voxels: np.ndarray, index: np.ndarray) -> float:
    """A sum over all voxels, the outermost standing for those beyond them."""
    index = np.clip(index, 0, np.array(voxels.shape) - 1)
    matrix = voxels.astype(float)
    for axis, place in enumerate(index):
        weights = np.zeros(voxels.shape[axis])
        for k in range(int(place) - 2, int(place) + 4):
            weights[np.clip(k, 0, len(weights) - 1)] += kernel(place - k)
        matrix = np.tensordot(weights, matrix, axes=(0, 0))
    return float(matrix)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@given(data=st.data())
def test_any_plane_is_the_sum_of_sixty_four(dtype: type, data: st.DataObject) -> None:
    geometry = VolumeGeometry(data.draw(SHAPES), data.draw(affines()))
    voxels = np.random.default_rng(data.draw(SEEDS)).integers(-1000, 3000, geometry.shape).astype(dtype)
    plane = data.draw(planes_near(geometry))
    indices = pixel_indices(geometry, plane)
    ends = np.array(geometry.shape)
    values = cut(Volume(geometry, voxels), plane, "cubic")
    inside = ((indices > -0.4999) & (indices < ends - 0.5001)).all(axis=-1)
    outside = ((indices < -0.5001) | (indices > ends - 0.4999)).any(axis=-1)
    assert np.isnan(values[outside]).all()
    expected = [slow_cubic(voxels, index) for index in indices[inside]]
    np.testing.assert_allclose(values[inside], expected, rtol=2e-6, atol=2e-3)


@given(data=st.data())
def test_a_quadratic_function_of_the_place_is_kept(data: st.DataObject) -> None:
    """Where four voxels lie around on each axis; linear interpolation would miss it."""
    geometry = VolumeGeometry(SHAPE, data.draw(affines()))
    i, j, k = np.indices(SHAPE).astype(float)

    def function(s: np.ndarray, r: np.ndarray, c: np.ndarray) -> np.ndarray:
        return 3 * s * s - 2 * r * r + c * c + 4 * s * r - r * c + 7 * c - 20

    plane = data.draw(planes_near(geometry))
    values = cut(Volume(geometry, function(i, j, k).astype(np.float32)), plane, "cubic")
    indices = pixel_indices(geometry, plane)
    amid = ((indices >= 1) & (indices <= np.array(SHAPE) - 2)).all(axis=-1)
    np.testing.assert_allclose(values[amid], function(*indices[amid].T), rtol=1e-5, atol=2e-3)


@given(data=st.data())
def test_next_to_no_data_it_is_linear(data: st.DataObject) -> None:
    """One voxel is padding, or NaN: all places with it among their sixty-four are linear, the others cubic."""
    geometry = upright(SHAPE)
    voxels = np.random.default_rng(data.draw(SEEDS)).integers(-1000, 3000, SHAPE).astype(np.float32)
    hole = np.array([data.draw(st.integers(0, size - 1)) for size in SHAPE])
    holed = voxels.copy()
    is_nan = data.draw(st.booleans())
    holed[tuple(hole)] = np.nan if is_nan else -2000
    volume = Volume(geometry, holed, None if is_nan else (-2000.0, -2000.0))
    plane = ImagePlane(np.array([0.13, 0.21, 0.17]), np.array([0.8, 0.0, 0.6]), np.eye(3)[1], (0.55, 0.45), (11, 12))
    indices = pixel_indices(geometry, plane)
    below = np.floor(indices).astype(int)
    is_near = ((hole >= below - 1) & (hole <= below + 2)).all(axis=-1)
    is_inside = (indices <= np.array(SHAPE) - 0.6).all(axis=-1)
    values = cut(volume, plane, "cubic")
    np.testing.assert_array_equal(np.isnan(values), np.isnan(cut(volume, plane)))
    near, far = is_near & is_inside, ~is_near & is_inside
    np.testing.assert_allclose(values[near], cut(volume, plane)[near], atol=2e-3, equal_nan=True)
    np.testing.assert_allclose(values[far], cut(Volume(geometry, voxels), plane, "cubic")[far], atol=2e-3)


def column_of_slices(volume: Volume, places: np.ndarray, interpolation: str, gaps: str = "show") -> np.ndarray:
    """Values up through the slices, between the middle voxels."""
    spacing = float(places[1] - places[0])
    plane = ImagePlane(
        np.array([1.0, 1.0, places[0]]), np.array([0.0, 0.0, 1.0]), np.eye(3)[0], (1.0, spacing), (1, len(places))
    )
    return cut(volume, plane, interpolation, gaps)[0]


def test_uneven_slices_and_gaps_are_linear() -> None:
    """Slices at 0 1 2 3 4 | 6 7 8 ... : cubic only where two on each side stand one step apart."""
    heights = np.array([0, 1, 2, 3, 4, 6, 7, 8, 9, 10.0])
    mean = heights[-1] / (len(heights) - 1)
    values = np.random.default_rng(4).integers(0, 1000, len(heights))
    voxels = np.broadcast_to(values[:, None, None], (len(heights), 3, 3)).astype(np.int16)
    affine = upright((1, 1, 1), (mean, 1.0, 1.0)).affine
    volume = Volume(VolumeGeometry((len(heights), 3, 3), affine, heights / mean), voxels.copy())
    z = np.arange(0, 10, 0.1) + 0.05
    cubic, linear = column_of_slices(volume, z, "cubic"), column_of_slices(volume, z, "linear")
    is_linear = (z > 3) & (z < 7)
    np.testing.assert_allclose(cubic[is_linear], linear[is_linear], atol=1e-3)
    assert (np.abs(cubic - linear)[~is_linear] > 1e-3).mean() > 0.8
    missing = Volume(VolumeGeometry(volume.geometry.shape, affine, heights / mean, (4,)), voxels.copy())
    for gaps in ("show", "interpolate"):
        cubic, linear = (column_of_slices(missing, z, how, gaps) for how in ("cubic", "linear"))
        np.testing.assert_allclose(cubic[is_linear], linear[is_linear], atol=1e-3, equal_nan=True)


def test_next_to_an_absent_slice_it_is_linear() -> None:
    values = np.random.default_rng(4).integers(0, 1000, 10)
    voxels = np.broadcast_to(values[:, None, None], (10, 3, 3)).astype(np.int16)
    volume = Volume(upright((10, 3, 3)), voxels.copy(), absent=(5,))
    z = np.arange(0, 9, 0.1) + 0.05
    cubic, linear = column_of_slices(volume, z, "cubic"), column_of_slices(volume, z, "linear")
    is_linear = (z > 3) & (z < 7)
    np.testing.assert_allclose(cubic[is_linear], linear[is_linear], atol=1e-3, equal_nan=True)
    assert (np.abs(cubic - linear)[~is_linear] > 1e-3).mean() > 0.8


def test_a_stored_slice_stays_a_stored_slice() -> None:
    voxels = np.random.default_rng(1).integers(0, 1000, SHAPE).astype(np.int16)
    volume = Volume(upright(SHAPE), voxels)
    for k in range(SHAPE[0]):
        np.testing.assert_array_equal(cut(volume, ImagePlane.of_slice(volume.geometry, k), "cubic"), voxels[k])


def test_a_slab_gathers_cubic_samples() -> None:
    voxels = np.random.default_rng(1).integers(0, 1000, SHAPE).astype(np.int16)
    volume, slab = Volume(upright(SHAPE), voxels), Slab(1.3, "mean")
    plane = ImagePlane(np.array([2.2, 2.3, 2.4]), np.array([0.8, 0.0, 0.6]), np.eye(3)[1], (0.5, 0.5), (4, 3))
    layers = [
        cut(volume, ImagePlane(plane.position + o * plane.normal, plane.row, plane.column, (0.5, 0.5), (4, 3)), "cubic")
        for o in slab.offsets(volume.geometry)
    ]
    np.testing.assert_allclose(cut(volume, plane, "cubic", slab=slab), np.mean(layers, axis=0), rtol=1e-5)
