"""No data (padding, absent slices, NaN) never enters an interpolated value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SEEDS, SHAPES, affines, on_a_brink, pixel_indices, planes_near, slow_cut, upright

PADDING = (-2000.0, -1990.0)


@st.composite
def volumes_with_holes(draw: st.DrawFn) -> Volume:
    """Noise in which some voxels are padding, some slices absent, and some voxels NaN (float32 only)."""
    geometry = VolumeGeometry(draw(SHAPES), draw(affines()))
    generator = np.random.default_rng(draw(SEEDS))
    dtype = draw(st.sampled_from([np.int16, np.float32]))
    voxels = generator.integers(0, 1000, geometry.shape).astype(dtype)
    voxels[generator.random(geometry.shape) < 0.2] = generator.integers(-2000, -1989)
    if dtype is np.float32:
        voxels[generator.random(geometry.shape) < 0.2] = np.nan
    absent = draw(st.sets(st.integers(0, geometry.shape[0] - 1), max_size=2))
    return Volume(geometry, voxels, PADDING, tuple(sorted(absent)))


@pytest.mark.parametrize("interpolation", ["linear", "nearest"])
@given(data=st.data())
def test_holes_in_any_volume_cut_by_any_plane(interpolation: str, data: st.DataObject) -> None:
    volume = data.draw(volumes_with_holes())
    plane = data.draw(planes_near(volume.geometry))
    values = cut(volume, plane, interpolation)
    expected = slow_cut(volume, plane, linear=interpolation == "linear")
    certain = ~on_a_brink(pixel_indices(volume.geometry, plane), volume.voxels.shape)
    np.testing.assert_array_equal(np.isnan(values)[certain], np.isnan(expected)[certain])
    np.testing.assert_allclose(values[certain], expected[certain], rtol=1e-5, atol=1e-3)
    assert not (values < 0).any(), "padding was blended"


def line(volume: Volume, places: list[float], axis: int) -> np.ndarray:
    """The values at z (axis 0) or x (axis 2) of these places, one pixel at a time."""
    across = np.eye(3)[[1, 0]] if axis == 2 else np.eye(3)[:2]
    direction = np.eye(3)[2 - axis]
    planes = (ImagePlane(direction * place, *across, (1.0, 1.0), (1, 1)) for place in places)
    return np.array([cut(volume, plane)[0, 0] for plane in planes])


@pytest.mark.parametrize(
    "volume",
    [
        Volume(upright((3, 1, 1)), np.array([[[10]], [[-2000]], [[30]]], np.int16), (-2000.0, -2000.0)),
        Volume(upright((3, 1, 1)), np.array([[[10]], [[-1995]], [[30]]], np.int16), (-2000.0, -1990.0)),
        Volume(upright((3, 1, 1)), np.array([[[10]], [[99]], [[30]]], np.int16), absent=(1,)),
        Volume(upright((3, 1, 1)), np.array([[[10]], [[np.nan]], [[30]]], np.float32)),
    ],
    ids=["padding", "padding-range", "absent", "nan"],
)
def test_a_hole_ends_half_way_to_its_neighbours(volume: Volume) -> None:
    values = line(volume, [0, 0.3, 0.49, 0.51, 1, 1.49, 1.51, 2], axis=0)
    np.testing.assert_array_equal(values, [10, 10, 10, np.nan, np.nan, np.nan, 30, 30])


def test_all_absent_is_no_data_everywhere() -> None:
    volume = Volume(upright((2, 2, 2)), np.ones((2, 2, 2), np.int16), absent=(0, 1))
    plane = ImagePlane(np.zeros(3), *np.eye(3)[:2], (0.5, 0.5), (3, 3))
    for interpolation in ("linear", "nearest"):
        assert np.isnan(cut(volume, plane, interpolation)).all()


def test_lattice_planes_of_a_volume_with_padding_show_it_as_no_data() -> None:
    voxels = np.arange(12, dtype=np.int16).reshape(1, 3, 4)
    volume = Volume(upright((1, 3, 4)), voxels, (5.0, 6.0))
    values = cut(volume, ImagePlane.of_slice(volume.geometry, 0))
    expected = voxels[0].astype(np.float32)
    expected[1, 1:3] = np.nan
    np.testing.assert_array_equal(values, expected)


def test_zero_is_data_unless_it_is_padding() -> None:
    voxels = np.zeros((1, 2, 2), dtype=np.int16)
    plane = ImagePlane(np.zeros(3), *np.eye(3)[:2], (0.5, 0.5), (2, 2))
    assert (cut(Volume(upright((1, 2, 2)), voxels), plane) == 0).all()
    assert np.isnan(cut(Volume(upright((1, 2, 2)), voxels, (0.0, 0.0)), plane)).all()
