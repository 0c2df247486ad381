"""Axial, coronal and sagittal planes: how they are shown, and where scrolling stops."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from phantoms import ACQUISITIONS, AXIAL, Acquisition
from reslice.imaging.mpr import PLANES, PlaneSteps, orthogonal_plane, patient_planes, reslice
from reslice.imaging.plane import RequestedSize
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SHAPES, affines, upright

EVERY_ACQUISITION = pytest.mark.parametrize("acquisition", ACQUISITIONS.values(), ids=ACQUISITIONS.keys())
EVERY_PLANE = pytest.mark.parametrize("name", PLANES)


def geometry_of(acquisition: Acquisition) -> VolumeGeometry:
    return VolumeGeometry(acquisition.shape, acquisition.affine)


@EVERY_PLANE
def test_display_rule(name: str) -> None:
    """Axial from the feet, coronal from the front, sagittal from the patient's left; the head is up."""
    row, column, axis = naive.PLANES[name]
    axes = PLANES[name]
    assert axes.row.tolist() == list(row)
    assert axes.column.tolist() == list(column)
    assert axes.axis.tolist() == np.eye(3)[axis].tolist()
    assert not any(vector.flags.writeable for vector in (axes.row, axes.column, axes.axis))


@EVERY_ACQUISITION
@EVERY_PLANE
def test_steps_begin_at_the_lowest_voxel_centre(acquisition: Acquisition, name: str) -> None:
    axis = naive.PLANES[name][2]
    steps = PlaneSteps.of(geometry_of(acquisition), PLANES[name])
    centres = acquisition.coordinates[..., axis]
    assert steps.first == pytest.approx(centres.min())
    assert steps.at_index(0) == steps.first
    last = steps.at_index(steps.count - 1)
    assert last <= centres.max() + 1e-6 * steps.step
    assert last + steps.step > centres.max()


@EVERY_ACQUISITION
@EVERY_PLANE
def test_step_is_the_spacing_of_the_nearest_axis(acquisition: Acquisition, name: str) -> None:
    directions = acquisition.affine[:3, :3].T
    cosines = np.abs(directions[:, naive.PLANES[name][2]]) / np.linalg.norm(directions, axis=1)
    steps = PlaneSteps.of(geometry_of(acquisition), PLANES[name])
    assert steps.step == pytest.approx(acquisition.spacing[int(cosines.argmax())])


def test_upright_volume_has_a_step_for_each_voxel() -> None:
    geometry = upright((4, 5, 6), (2.5, 0.7, 0.9))
    counts = {name: PlaneSteps.of(geometry, axes).count for name, axes in PLANES.items()}
    assert counts == {"axial": 4, "coronal": 5, "sagittal": 6}


@pytest.mark.parametrize("spacing", [0.1, 0.3, 0.7, 1.1, 0.45117188])
def test_float_noise_loses_no_step(spacing: float) -> None:
    for count in (2, 7, 64, 301):
        geometry = upright((count, 2, 2), (spacing, 1.0, 1.0))
        geometry.affine[:3, 3] = 123.4
        assert PlaneSteps.of(geometry, PLANES["axial"]).count == count


@given(st.floats(-100, 100), st.floats(0.1, 5), st.integers(1, 300), st.floats(0, 1), st.data())
def test_index_fraction_and_position_agree(
    first: float, step: float, count: int, fraction: float, data: st.DataObject
) -> None:
    steps = PlaneSteps(first, step, count)
    index = data.draw(st.integers(0, count - 1))
    assert steps.nearest(steps.at_index(index)) == index
    assert steps.nearest(steps.at_index(index) + 0.49 * step) == index
    assert steps.at_fraction(0) == first
    assert steps.at_fraction(1) == pytest.approx(steps.at_index(count - 1))
    assert first <= steps.at_fraction(fraction) <= steps.at_fraction(1) + 1e-9


def test_nearest_stays_within_the_volume() -> None:
    steps = PlaneSteps(10.0, 2.0, 5)
    assert steps.nearest(-1e6) == 0
    assert steps.nearest(1e6) == 4


def test_one_step_has_one_place() -> None:
    steps = PlaneSteps(10.0, 2.0, 1)
    assert [steps.at_fraction(f) for f in (0, 0.5, 1)] == [10.0] * 3


@given(affines(), SHAPES, st.sampled_from(sorted(PLANES)), st.floats(-50, 50))
def test_plane_lies_at_its_position(
    affine: np.ndarray, shape: tuple[int, int, int], name: str, position: float
) -> None:
    geometry, axes = VolumeGeometry(shape, affine), PLANES[name]
    plane = orthogonal_plane(geometry, axes, position, RequestedSize())
    pixels = plane.map_pixels_to_reference([(0, 0), (plane.shape[0] - 1, plane.shape[1] - 1)])
    np.testing.assert_allclose(pixels @ axes.axis, position, atol=1e-9)
    assert plane.spacing == (geometry.finest_in_plane_spacing,) * 2


@EVERY_ACQUISITION
@EVERY_PLANE
def test_every_step_shows_the_ramp(acquisition: Acquisition, name: str) -> None:
    """A volume whose values are the coordinate along the plane's axis shows that coordinate, all over."""
    acquisition = replace(acquisition, spacing=(2.0, 0.7, 1.3))
    axis = naive.PLANES[name][2]
    geometry = geometry_of(acquisition)
    volume = Volume(geometry, acquisition.coordinates[..., axis].astype(np.float32))
    steps = PlaneSteps.of(geometry, PLANES[name])
    for index in (0, steps.count // 2, steps.count - 1):
        position = steps.at_index(index)
        plane = orthogonal_plane(geometry, PLANES[name], position, RequestedSize())
        shown = reslice(volume, patient_planes(volume.geometry, PLANES[name]), plane)
        assert (shown.index, shown.count) == (index, steps.count)
        assert shown.thickness == pytest.approx(steps.step)
        indices = naive.fractional_indices(acquisition.affine, pixel_places(plane))
        centres = naive.inside(indices, acquisition.shape, 1e-5)
        np.testing.assert_allclose(shown.values[centres], position, atol=1e-3)


def pixel_places(plane: object) -> np.ndarray:
    rows, columns = np.indices(plane.shape)
    return plane.map_pixels_to_reference(np.stack([rows, columns], axis=-1))


def test_marker_on_the_patients_left_is_seen_on_the_screens_right() -> None:
    """x grows to the patient's left, and rows of axial and coronal planes run along +x."""
    inside = (AXIAL.coordinates[..., 0] > 3) & (AXIAL.coordinates[..., 2] > 3) & (AXIAL.coordinates[..., 1] > 2)
    volume = Volume(geometry_of(AXIAL), np.where(inside, 1000, 0).astype(np.int16))
    seen = {name: brightest_quarter(volume, name) for name in PLANES}
    assert seen == {"axial": ("bottom", "right"), "coronal": ("top", "right"), "sagittal": ("top", "right")}


def brightest_quarter(volume: Volume, name: str) -> tuple[str, str]:
    axes = PLANES[name]
    steps = PlaneSteps.of(volume.geometry, axes)
    plane = orthogonal_plane(volume.geometry, axes, steps.at_fraction(0.9), RequestedSize())
    rows, columns = np.nonzero(
        np.nan_to_num(reslice(volume, patient_planes(volume.geometry, axes), plane).values) > 500
    )
    is_low = rows.mean() > (plane.shape[0] - 1) / 2
    is_right = columns.mean() > (plane.shape[1] - 1) / 2
    return "bottom" if is_low else "top", "right" if is_right else "left"


def test_interpolation_is_passed_on() -> None:
    geometry = upright((2, 2, 2))
    volume = Volume(geometry, np.array([0, 100], np.int16)[:, None, None] * np.ones((2, 2, 2), np.int16))
    plane = orthogonal_plane(geometry, PLANES["axial"], 0.4, RequestedSize())
    np.testing.assert_allclose(reslice(volume, patient_planes(volume.geometry, PLANES["axial"]), plane).values, 40)
    np.testing.assert_allclose(
        reslice(volume, patient_planes(volume.geometry, PLANES["axial"]), plane, "nearest").values, 0
    )
