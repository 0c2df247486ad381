"""The voxel nearest to a point, and the voxels around it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement, TooLarge, Unmeasurable
from reslice.imaging.volume import Volume
from reslice.measurement.regions import nearest_voxel, sphere
from unit.imaging.uneven import Case, cases
from unit.measurement.naive_regions import is_data
from unit.measurement.refused import refused
from unit.measurement.spaces import Array, centres, geometry_of, middle_of, ramp

GAP = geometry_of((4, 3, 3), (1, 1, 1), gaps=np.array([1.0, 4, 1]), missing=(1,))


@st.composite
def cases_with_points(draw: st.DrawFn) -> tuple[Case, Array]:
    """A volume and a point in it."""
    case = draw(cases())
    return case, case.geometry.map_indices_to_reference([draw(st.floats(-0.49, n - 0.51)) for n in case.geometry.shape])


@given(cases_with_points())
def test_the_nearest_voxel_is_found_and_its_value_told(drawn: tuple[Case, Array]) -> None:
    case, point = drawn
    volume = case.volume
    index, value = nearest_voxel(volume, point)
    apart = np.linalg.norm(centres(volume.geometry) - point, axis=-1)
    height = case.stack.locate(point)[0]
    if not case.stack.missing:
        assert apart[index] <= apart.min() + 2e-6
    has_data = index[0] not in volume.absent and is_data(volume)[index] and is_reached(case, height)
    assert value == (volume.voxels[index] if has_data else None)


def is_reached(case: Case, height: float) -> bool:
    """Whether a height lies within half the usual gap of a slice, wherever slices are missing."""
    heights = case.stack.heights
    k = int(np.argmin(np.abs(np.array(heights) - height)))
    side = 1 if height > heights[k] else -1
    return abs(height - heights[k]) <= case.stack.half_gap(k, side) + 1e-9


def test_slices_shifted_against_each_other_may_hold_the_nearest_voxel_beyond_the_nearest_slice() -> None:
    geometry = geometry_of((3, 9, 1), (2, 4, 1), tilt=0.5)
    point = centres(geometry)[1, 4, 0] - 1.1 * geometry.normal * np.sign(geometry.normal @ geometry.steps[0])
    assert geometry.map_reference_to_indices(point)[0] == pytest.approx(0.45)
    assert nearest_voxel(ramp(geometry), point)[0] == (1, 4, 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_points_up_to_the_outer_edges_have_a_voxel(axis: int) -> None:
    geometry = geometry_of((4, 5, 6), (2.5, 0.7, 0.3))
    for side, expected in ((-0.5, 0), (geometry.shape[axis] - 0.5, geometry.shape[axis] - 1)):
        index = [1.0, 2.0, 3.0]
        index[axis] = side
        assert nearest_voxel(ramp(geometry), geometry.map_indices_to_reference(index))[0][axis] == expected
        index[axis] += np.sign(side - 0.1) * 1e-4
        with refused(Unmeasurable, "outside-volume"):
            nearest_voxel(ramp(geometry), geometry.map_indices_to_reference(index))
        with refused(Unmeasurable, "outside-volume"):
            sphere(ramp(geometry), geometry.map_indices_to_reference(index), 5)


def test_a_point_in_a_gap_has_no_value() -> None:
    first = GAP.origins[1]
    up = np.sign(GAP.normal @ GAP.steps[0]) * GAP.normal
    for mm, expected in ((0.4, 9.0), (0.6, None), (1.9, None), (3.4, None), (3.6, 18.0)):
        assert nearest_voxel(ramp(GAP), first + mm * up)[1] == expected


def test_voxels_without_data_have_no_value() -> None:
    geometry = geometry_of((3, 2, 2), (1, 1, 1))
    voxels = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    voxels[0, 0, 0] = np.nan
    volume = Volume(geometry, voxels, padding=(5.0, 6.0), absent=(2,))
    found = [nearest_voxel(volume, centre)[1] for centre in centres(geometry).reshape(-1, 3)]
    assert found == [None, 1, 2, 3, 4, None, None, 7, *[None] * 4]


@given(cases_with_points(), st.floats(0.2, 30))
def test_a_sphere_holds_what_asking_each_voxel_finds(drawn: tuple[Case, Array], radius: float) -> None:
    case, point = drawn
    volume = case.volume
    near = np.linalg.norm(centres(volume.geometry) - point, axis=-1) <= radius + 5e-7
    lost = [abs(place) - radius for place in lost_planes(case, case.stack.locate(point)[0])]
    assume(all(abs(place) > 2e-6 for place in lost))
    if any(place < 0 for place in lost):
        with refused(Unmeasurable, "missing-slices"):
            sphere(volume, point, radius)
        return
    got, excluded = sphere(volume, point, radius)
    np.testing.assert_array_equal(got, volume.voxels[near & is_data(volume)])
    assert got.dtype == volume.voxels.dtype
    assert excluded == (near & ~is_data(volume)).sum()


def lost_planes(case: Case, height: float) -> list[float]:
    """How far from a height slices hold no data, and where slices are missing the nearest such place is."""
    heights = case.stack.heights
    planes = [heights[k] - height for k in case.volume.absent]
    for k in case.stack.missing:
        ends = heights[k] + 2 * case.stack.half_gap(k, 1), heights[k + 1] - 2 * case.stack.half_gap(k + 1, -1)
        planes.append(float(np.clip(height, min(ends), max(ends))) - height)
    return planes


def test_a_sphere_that_reaches_a_missing_slice_is_refused() -> None:
    on_second = GAP.map_indices_to_reference((1, 1, 1))
    assert sphere(ramp(GAP), on_second, 0.99)[0].size == 1
    with refused(Unmeasurable, "missing-slices"):
        sphere(ramp(GAP), on_second, 1)
    whole = geometry_of((4, 3, 3), (1, 1, 1))
    volume = Volume(whole, ramp(whole).voxels, absent=(2,))
    assert sphere(volume, whole.map_indices_to_reference((1, 1, 1)), 0.99)[0].size == 1
    with refused(Unmeasurable, "missing-slices"):
        sphere(volume, whole.map_indices_to_reference((1, 1, 1)), 1)


def test_voxels_without_data_in_a_sphere_are_counted() -> None:
    volume = ramp(geometry_of((3, 3, 3), (1, 1, 1)), padding=(0.0, 12.0))
    values, excluded = sphere(volume, middle_of(volume.geometry), 1)
    assert sorted(values) == [13, 14, 16, 22]
    assert excluded == 3


def test_a_sphere_holds_the_voxels_on_its_border() -> None:
    volume = ramp(geometry_of((9, 9, 9), (1, 1, 1)))
    for radius, count in ((0.5, 1), (1, 7), (1 - 1e-5, 1), (1 - 5e-7, 7), (np.sqrt(3), 27)):
        assert sphere(volume, middle_of(volume.geometry), radius)[0].size == count


def test_a_sphere_of_more_voxels_than_the_cap_is_refused() -> None:
    volume = ramp(geometry_of((9, 9, 9), (1, 1, 1)))
    assert sphere(volume, middle_of(volume.geometry), 1e9, 729)[0].size == 729
    with refused(TooLarge, "region-too-large"):
        sphere(volume, middle_of(volume.geometry), 1e9, 728)


@pytest.mark.parametrize("radius", [0, -3, 1e-7, np.nan])
def test_a_radius_without_length_is_refused(radius: float) -> None:
    volume = ramp(GAP)
    with refused(InvalidMeasurement, "bad-value"):
        sphere(volume, middle_of(GAP), radius)
