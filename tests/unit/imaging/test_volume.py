"""Where voxels lie, and which of them are data."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naive import corners
from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.volume import Volume, VolumeGeometry, valid_values
from unit.imaging.expected import SHAPES, affines, rotations, upright

EVERY_ACQUISITION = pytest.mark.parametrize("acquisition", ACQUISITIONS.values(), ids=ACQUISITIONS.keys())


def geometry_of(acquisition: Acquisition) -> VolumeGeometry:
    return VolumeGeometry(acquisition.shape, acquisition.affine)


@given(affines(), SHAPES)
def test_inverse_undoes_the_affine(affine: np.ndarray, shape: tuple[int, int, int]) -> None:
    geometry = VolumeGeometry(shape, affine)
    np.testing.assert_allclose(geometry.inverse @ affine, np.eye(4), atol=1e-9)
    assert not geometry.inverse.flags.writeable


@EVERY_ACQUISITION
def test_spacing_is_the_acquisitions_own(acquisition: Acquisition) -> None:
    """The gap is measured along the normal: a tilted gantry doesn't widen it."""
    acquisition = replace(acquisition, spacing=(2.0, 0.7, 1.3))
    assert geometry_of(acquisition).spacing == pytest.approx(acquisition.spacing)


@EVERY_ACQUISITION
def test_normal_is_row_times_column(acquisition: Acquisition) -> None:
    normal = np.cross(acquisition.row, acquisition.column)
    np.testing.assert_allclose(geometry_of(acquisition).normal, normal, atol=1e-9)


def test_finest_spacing_is_in_plane() -> None:
    assert upright((3, 3, 3), (0.1, 0.7, 0.6)).finest_in_plane_spacing == 0.6


@given(affines(), SHAPES, rotations())
def test_extent_reaches_from_outer_edge_to_outer_edge(
    affine: np.ndarray, shape: tuple[int, int, int], rotation: np.ndarray
) -> None:
    reach = corners(affine, shape) @ rotation[0]
    expected = reach.min(), reach.max()
    np.testing.assert_allclose(VolumeGeometry(shape, affine).extent(rotation[0]), expected, atol=1e-8)


@given(affines(), SHAPES, rotations())
def test_centres_extent_reaches_from_centre_to_centre(
    affine: np.ndarray, shape: tuple[int, int, int], rotation: np.ndarray
) -> None:
    centres = [affine[:3, :3] @ index + affine[:3, 3] for index in product(*map(range, shape))]
    reach = np.array(centres) @ rotation[1]
    expected = reach.min(), reach.max()
    np.testing.assert_allclose(VolumeGeometry(shape, affine).centres_extent(rotation[1]), expected, atol=1e-8)


def test_extent_of_a_sheared_volume() -> None:
    """Two slices, the second shifted by 10 mm along y: the box holds both."""
    affine = upright((2, 4, 4)).affine.copy()
    affine[:3, 0] = (0, 10, 3)
    geometry = VolumeGeometry((2, 4, 4), affine)
    assert geometry.extent(np.array([0.0, 1.0, 0.0])) == pytest.approx((-0.5 - 5, 3.5 + 10 + 5))
    assert geometry.centres_extent(np.array([0.0, 1.0, 0.0])) == pytest.approx((0, 13))
    assert geometry.extent(np.array([0.0, 0.0, 1.0])) == pytest.approx((-1.5, 4.5))


@given(affines(), SHAPES, rotations())
def test_nearest_axis_has_the_smallest_angle(
    affine: np.ndarray, shape: tuple[int, int, int], rotation: np.ndarray
) -> None:
    geometry = VolumeGeometry(shape, affine)
    steps = affine[:3, :3].T
    angles = [np.arccos(min(1.0, abs(s @ rotation[2]) / np.linalg.norm(s))) for s in steps]
    assert angles[geometry.nearest_axis(rotation[2])] == pytest.approx(min(angles), abs=1e-6)


def small(values: list[float], dtype: type = np.float32, **facts: object) -> Volume:
    """A volume of as many slices as values, each of 1 x 1 voxel."""
    voxels = np.array(values, dtype=dtype).reshape(-1, 1, 1)
    return Volume(upright(voxels.shape), voxels, **facts)


def test_voxels_can_not_be_written() -> None:
    volume = small([1, 2])
    for array in (volume.voxels, volume.present):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_present_is_what_is_not_absent() -> None:
    assert small([1, 2, 3, 4], absent=(1, 3)).present.tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("volume", "is_complete"),
    [
        (small([1, 2]), True),
        (small([1, 2], np.int16), True),
        (small([1, np.nan]), False),
        (small([1, 2], padding=(-5.0, -5.0)), False),
        (small([1, 2], np.int16, padding=(-5.0, -5.0)), False),
        (small([1, 2], absent=(0,)), False),
    ],
)
def test_complete_means_data_in_every_voxel(volume: Volume, is_complete: bool) -> None:
    assert (volume.is_sound and not volume.absent) is is_complete


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        (small([3, -7, 5]), (-7, 5)),
        (small([3, -7, 5], np.int16), (-7, 5)),
        (small([3, np.nan, 5]), (3, 5)),
        (small([-2000, -7, 5], np.int16, padding=(-2000.0, -2000.0)), (-7, 5)),
        (small([-2000, -1990, 5], np.int16, padding=(-2000.0, -1990.0)), (5, 5)),
        (small([999, -7, 5], absent=(0,)), (-7, 5)),
        (small([np.nan, np.nan]), None),
        (small([7, 7], np.int16, padding=(7.0, 7.0)), None),
        (small([1, 2], absent=(0, 1)), None),
    ],
)
def test_range_is_that_of_the_data(volume: Volume, expected: tuple[float, float] | None) -> None:
    assert volume.value_range == expected


@given(st.lists(st.sampled_from([-3.0, -2.0, 0.0, 1.0, np.nan, np.inf, -np.inf]), max_size=20))
def test_valid_values_are_finite_and_no_padding(values: list[float]) -> None:
    expected = [v for v in values if np.isfinite(v) and not -2 <= v <= 0]
    assert valid_values(np.array(values, dtype=np.float32), (-2.0, 0.0)).tolist() == expected
    finite = [v for v in values if np.isfinite(v)]
    assert valid_values(np.array(values, dtype=np.float32), None).tolist() == finite
