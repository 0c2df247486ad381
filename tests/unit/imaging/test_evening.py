"""Uneven slices on an even grid: each new voxel tells its place, gaps stay empty, and nothing even is touched."""

from dataclasses import replace

import numpy as np
import pytest

from grids import with_gaps
from phantoms import ACQUISITIONS
from reslice.imaging.affine import frozen
from reslice.imaging.evening import evened
from reslice.imaging.volume import Volume, VolumeGeometry

GAPS = (1.0, 0.5, 1.5, 1.0, 4.0, 1.0, 0.75)
HOLE = 4
PLACES = np.r_[0, np.cumsum(GAPS)]


def uneven(name: str, voxels: np.ndarray, padding: tuple[float, float] | None = None) -> Volume:
    """Slices of an acquisition at GAPS; in the widest of these slices are missing."""
    affine = np.array(ACQUISITIONS[name].affine)
    mean = PLACES[-1] / (len(PLACES) - 1)
    affine[:3, 0] *= mean
    return Volume(VolumeGeometry(voxels.shape, frozen(affine), frozen(PLACES / mean), (HOLE,)), voxels, padding)


@pytest.mark.parametrize("name", ["axial", "sagittal", "double-oblique", "gantry-tilt", "tilted-oblique"])
@pytest.mark.parametrize("gaps", ["show", "interpolate"])
def test_ramps_tell_their_places(name: str, gaps: str) -> None:
    """Linear between slices, so that a ramp stays one; the gap and its two halves are looked at below."""
    coordinates = with_gaps(ACQUISITIONS[name], GAPS).coordinates
    for axis in range(3):
        volume = evened(uneven(name, np.ascontiguousarray(coordinates[..., axis], np.float32)), gaps)
        assert volume.geometry.is_regular
        indices = np.stack(np.indices(volume.voxels.shape), axis=-1)
        places = indices[:, 0, 0, 0] * min(GAPS)
        told = volume.geometry.map_indices_to_reference(indices)[..., axis]
        certain = places <= PLACES[-1]
        if gaps == "show":
            certain &= (places <= PLACES[HOLE]) | (places >= PLACES[HOLE + 1])
        assert certain.sum() > 10
        np.testing.assert_allclose(volume.voxels[certain], told[certain], atol=1e-4)


def test_the_grid_covers_the_volume_by_its_smallest_gap() -> None:
    voxels = np.zeros((8, 3, 3), np.float32)
    geometry = evened(uneven("axial", voxels)).geometry
    assert geometry.spacing[0] == pytest.approx(2.5 * 0.5)
    np.testing.assert_allclose(geometry.affine[:3, 3], ACQUISITIONS["axial"].affine[:3, 3])
    assert geometry.shape == (21, 3, 3)  # 0 to 9.75 steps, and half a gap: 10.125 by 0.5


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_no_data_further_than_half_a_gap_from_a_slice(dtype: type) -> None:
    voxels = np.full((8, 3, 3), 7, dtype)
    volume = evened(uneven("axial", voxels))
    places = np.arange(len(volume.voxels)) * 0.5
    hole = (places > PLACES[HOLE] + 0.5) & (places < PLACES[HOLE + 1] - 0.5)
    assert volume.absent == tuple(np.flatnonzero(hole))
    assert hole.sum() == 5
    assert volume.padding == ((-32768, -32768) if dtype is np.int16 else None)
    values = volume.voxels.astype(float)
    values[values == -32768] = np.nan
    np.testing.assert_array_equal(values, np.where(hole[:, None, None], np.nan, 7) * np.ones((1, 3, 3)))
    filled = evened(uneven("axial", voxels), "interpolate")
    assert (filled.voxels == 7).all()
    assert filled.absent == ()


def test_padding_never_enters() -> None:
    voxels = np.full((8, 3, 3), 100, np.int16)
    voxels[1, 0, 0] = -2000
    volume = evened(uneven("axial", voxels, (-2000.0, -2000.0)))
    assert set(np.unique(volume.voxels)) == {-32768, 100}
    assert volume.voxels[2, 0, 0] == -32768  # the slice itself
    assert volume.padding == (-32768, -32768)


def test_whole_numbers_are_rounded() -> None:
    voxels = np.zeros((8, 1, 1), np.int16)
    voxels[:, 0, 0] = 0, 5, 0, 30, 0, 0, 0, 0
    volume = evened(uneven("axial", voxels))
    assert volume.voxels.dtype == np.int16
    assert volume.voxels[:7, 0, 0].tolist() == [0, 2, 5, 0, 10, 20, 30]


def test_what_is_even_is_the_same_object() -> None:
    geometry = VolumeGeometry((8, 3, 3), np.eye(4))
    volume = Volume(geometry, np.zeros((8, 3, 3), np.int16))
    assert evened(volume) is volume
    assert evened(volume, "interpolate") is volume
    damaged = replace(volume, absent=(3,))
    assert evened(damaged) is damaged


def test_damaged_slices_are_filled_on_demand() -> None:
    voxels = np.zeros((5, 2, 2), np.int16)
    voxels[:] = np.array([0, 10, 0, 30, 40])[:, None, None]
    volume = evened(Volume(VolumeGeometry((5, 2, 2), np.eye(4)), voxels, None, (2,)), "interpolate")
    assert volume.voxels[:, 0, 0].tolist() == [0, 10, 20, 30, 40]
    assert volume.absent == ()
    assert volume.padding is None
