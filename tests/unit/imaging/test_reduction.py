"""Boxes of voxels become one: as slowly computed, without what is no data, and where geometry says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.crew import Crew
from reslice.imaging.reduction import reduced
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.reductions import SHAPE, all_reductions, hollow
from unit.interpreter import run_module

SLOWLY = {"mean": np.mean, "max": np.max, "min": np.min}
HOWS = pytest.mark.parametrize("how", SLOWLY)
CREW = Crew(2)


def naively(volume: Volume, factors: tuple[int, int, int], how: str) -> np.ndarray:
    """Box by box in float64; NaN for no data."""
    values = volume.voxels.astype(np.float64)
    values[list(volume.absent)] = np.nan
    if volume.padding is not None:
        values[(values >= volume.padding[0]) & (values <= volume.padding[1])] = np.nan
    out = np.empty([-(-size // f) for size, f in zip(values.shape, factors, strict=True)])
    for index in np.ndindex(out.shape):
        box = values[tuple(slice(i * f, (i + 1) * f) for i, f in zip(index, factors, strict=True))]
        data = box[~np.isnan(box)]
        out[index] = SLOWLY[how](data) if data.size else np.nan
    return out


def assert_equals(volume: Volume, expected: np.ndarray) -> None:
    if volume.voxels.dtype == np.int16:
        np.testing.assert_array_equal(volume.voxels, np.where(np.isnan(expected), -32768, np.rint(expected)))
        assert volume.padding == (-32768, -32768) or not np.isnan(expected).any()
    else:
        np.testing.assert_allclose(volume.voxels, expected, rtol=1e-6, equal_nan=True)
        assert volume.padding is None
    empty = [k for k in range(len(expected)) if np.isnan(expected[k]).all()]
    assert set(volume.absent) <= set(empty)


@HOWS
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@settings(max_examples=40, deadline=None)
@given(factors=st.tuples(st.integers(1, 6), st.integers(1, 11), st.integers(1, 10)))
def test_boxes_are_as_computed_slowly(dtype: type, how: str, factors: tuple[int, int, int]) -> None:
    volume = hollow(dtype)
    result = reduced(volume, factors, how)
    assert_equals(result, naively(volume, factors, how))
    assert result.voxels.dtype == dtype
    assert not result.voxels.flags.writeable


@HOWS
def test_extreme_values_do_not_overflow(how: str) -> None:
    for value in (-32767, 32767):
        voxels = np.full((40, 80, 40), value, np.int16)
        for factors in ((40, 80, 40), (8, 1, 2)):
            result = reduced(Volume(VolumeGeometry(voxels.shape, np.eye(4)), voxels), factors, how)
            assert (result.voxels == value).all()
            assert result.padding is None


def test_a_sum_beyond_int32_does_not_overflow() -> None:
    voxels = np.full((300, 300, 1), 32767, np.int16)
    result = reduced(Volume(VolumeGeometry(voxels.shape, np.eye(4)), voxels), voxels.shape, "mean")
    assert result.voxels.tolist() == [[[32767]]]


@HOWS
def test_several_threads_make_the_same(how: str) -> None:
    voxels = np.random.default_rng(0).integers(-1000, 3000, (64, 256, 256)).astype(np.int16)
    volume = Volume(VolumeGeometry(voxels.shape, np.eye(4)), voxels, (-1000, -900), (5,))
    shared, alone = reduced(volume, (2, 2, 2), how, CREW), reduced(volume, (2, 2, 2), how)
    np.testing.assert_array_equal(shared.voxels, alone.voxels)
    k, r, c = 31, 100, 17
    box = voxels[2 * k : 2 * k + 2, 2 * r : 2 * r + 2, 2 * c : 2 * c + 2]
    assert shared.voxels[k, r, c] == np.rint(SLOWLY[how](box[(box < -1000) | (box > -900)]))


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_means_of_ramps_are_the_coordinates_of_the_boxes(name: str) -> None:
    """Each voxel's value is where it lies, so the mean of a whole box is where its centre lies."""
    acquisition: Acquisition = ACQUISITIONS[name]
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    for factors in ((2, 2, 2), (4, 5, 3), (1, 2, 6)):
        for axis in range(3):
            voxels = np.ascontiguousarray(acquisition.coordinates[..., axis], dtype=np.float32)
            result = reduced(Volume(geometry, voxels), factors, "mean")
            indices = np.stack(np.indices(result.voxels.shape), axis=-1)
            places = result.geometry.map_indices_to_reference(indices)[..., axis]
            np.testing.assert_allclose(result.voxels, places, atol=2e-5)


def test_the_cut_last_box_stands_where_a_whole_one_would() -> None:
    volume = hollow(np.float32)
    geometry = reduced(volume, (2, 4, 3), "mean").geometry
    assert geometry.shape == (3, 3, 3)
    np.testing.assert_array_equal(geometry.affine, [[2, 0, 0, 0.5], [0, 4, 0, 1.5], [0, 0, 3, 1], [0, 0, 0, 1]])


def test_slices_none_of_which_is_there_stay_absent() -> None:
    assert reduced(hollow(np.int16), (1, 2, 2), "mean").absent == (1, 2)
    assert reduced(hollow(np.int16), (2, 2, 2), "mean").absent == ()
    everything = Volume(hollow(np.int16).geometry, hollow(np.int16).voxels, None, (0, 1, 2, 3, 4))
    nothing = reduced(everything, (2, 2, 2), "max")
    assert nothing.absent == (0, 1, 2)
    assert (nothing.voxels == -32768).all()


@pytest.mark.parametrize("factors", [(0, 1, 1), (1, -2, 1)])
def test_boxes_without_voxels_are_refused(factors: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1 voxel or more"):
        reduced(hollow(np.int16), factors, "mean")


def test_uneven_slices_are_refused() -> None:
    places = np.array([0, 0.5, 1.7, 3.1, 4.0])
    for geometry in (VolumeGeometry(SHAPE, np.eye(4), places), VolumeGeometry(SHAPE, np.eye(4), None, (1,))):
        with pytest.raises(ValueError, match="evenly"):
            reduced(Volume(geometry, hollow(np.int16).voxels), (2, 2, 2), "mean")


def test_numpy_makes_the_same_without_a_compiler(tmp_path: Path) -> None:
    run_module("unit.imaging.reductions", str(tmp_path / "made.npz"), numba=False)
    here = all_reductions()
    with np.load(tmp_path / "made.npz") as there:
        assert set(there) == here.keys()
        for name, voxels in here.items():
            noise = 1e-5 if name.startswith("float32") else 0 if "(" in name else 1  # a half may fall to either side
            np.testing.assert_allclose(there[name], voxels, rtol=1e-6, atol=noise, equal_nan=True, err_msg=name)
