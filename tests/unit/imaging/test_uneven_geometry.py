"""Where the voxels of uneven volumes lie, and where scrolling through them stops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.affine import frozen
from reslice.imaging.mpr import PLANES, PlaneSteps, orthogonal_plane, patient_planes, reslice
from reslice.imaging.plane import RequestedSize
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SHAPES, affines, rotations, upright
from unit.imaging.uneven import geometries, stack_of

AXIAL = PLANES["axial"]


def standing_at(heights: list[float], missing: tuple[int, ...] = (), spacing: float = 1.0) -> VolumeGeometry:
    """Slices of 4 x 5 voxels along +z."""
    mean = (heights[-1] - heights[0]) / (len(heights) - 1)
    regular = upright((len(heights), 4, 5), (mean, spacing, spacing))
    return VolumeGeometry(regular.shape, regular.affine, frozen((np.array(heights) - heights[0]) / mean), missing)


@given(geometries())
def test_origins_are_the_slices_own(case: tuple[VolumeGeometry, np.ndarray]) -> None:
    geometry, origins = case
    np.testing.assert_allclose(geometry.origins, origins, atol=1e-9)
    assert not geometry.origins.flags.writeable
    assert not geometry.is_regular


@given(affines(), SHAPES)
def test_origins_of_even_slices(affine: np.ndarray, shape: tuple[int, int, int]) -> None:
    geometry = VolumeGeometry(shape, affine)
    for k in range(shape[0]):
        np.testing.assert_allclose(geometry.origins[k], (affine @ [k, 0, 0, 1])[:3], atol=1e-9)
    assert geometry.is_regular


@given(geometries(), st.data())
def test_indices_map_to_where_slices_lie(case: tuple[VolumeGeometry, np.ndarray], data: st.DataObject) -> None:
    """Between two slices a part of an index is the same part of the gap."""
    geometry, origins = case
    k, part = data.draw(st.integers(0, len(origins) - 2)), data.draw(st.floats(0, 1))
    row, column = data.draw(st.floats(-9, 9)), data.draw(st.floats(-9, 9))
    point = geometry.map_indices_to_reference((k + part, row, column))
    expected = origins[k] + part * (origins[k + 1] - origins[k])
    expected = expected + row * geometry.affine[:3, 1] + column * geometry.affine[:3, 2]
    np.testing.assert_allclose(point, expected, atol=1e-9)


@given(st.one_of(geometries().map(lambda case: case[0]), st.builds(VolumeGeometry, SHAPES, affines())), st.data())
def test_mapping_there_and_back(geometry: VolumeGeometry, data: st.DataObject) -> None:
    indices = np.array(data.draw(st.lists(st.tuples(*[st.floats(-9, 9)] * 3), min_size=1, max_size=4)))
    points = geometry.map_indices_to_reference(indices)
    np.testing.assert_allclose(geometry.map_reference_to_indices(points), indices, atol=1e-6)
    np.testing.assert_allclose(geometry.map_reference_to_indices(points[0]), indices[0], atol=1e-6)


@given(geometries(), rotations())
def test_extents(case: tuple[VolumeGeometry, np.ndarray], rotation: np.ndarray) -> None:
    """From the first slice less half its gap to the last and half its gap; centres alone without."""
    geometry, origins = case
    stack = stack_of(geometry, origins, np.zeros(geometry.shape))
    line = (origins[-1] - origins[0]) / stack.heights[-1]
    edges = [origins[0] - line * stack.half_gap(0, -1), origins[-1] + line * stack.half_gap(len(origins) - 1, 1)]
    for ends, margin, reach in (
        (edges, 0.5, geometry.extent(rotation[0])),
        ([origins[0], origins[-1]], 0.0, geometry.centres_extent(rotation[0])),
    ):
        corners = [
            end + row * stack.row_step + column * stack.column_step
            for end in ends
            for row in (-margin, geometry.shape[1] - 1 + margin)
            for column in (-margin, geometry.shape[2] - 1 + margin)
        ]
        along = np.array(corners) @ rotation[0]
        np.testing.assert_allclose(reach, (along.min(), along.max()), atol=1e-8)


@given(geometries())
def test_outer_edges_have_half_an_index(case: tuple[VolumeGeometry, np.ndarray]) -> None:
    """Indices go on beyond the outermost slices by half of the outermost gaps."""
    geometry, origins = case
    stack = stack_of(geometry, origins, np.zeros(geometry.shape))
    line, last = (origins[-1] - origins[0]) / stack.heights[-1], len(origins) - 1
    edges = [origins[0] - line * stack.half_gap(0, -1), origins[last] + line * stack.half_gap(last, 1)]
    np.testing.assert_allclose(geometry.map_indices_to_reference([(-0.5, 0, 0), (last + 0.5, 0, 0)]), edges, atol=1e-9)


@pytest.mark.parametrize(
    ("places", "missing"),
    [
        ([0, 2, 1, 3], ()),
        ([0, 1, 1, 3], ()),
        ([0, 1.5, 3], ()),
        ([0, 1, 2, 4], ()),
        ([0.5, 1, 2, 3], ()),
        ([0, 1.5, 2, 3], (3,)),
        (None, (-1,)),
    ],
)
def test_places_that_fit_no_volume(places: list[float] | None, missing: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="slices"):
        VolumeGeometry((4, 2, 2), np.eye(4), None if places is None else np.array(places), missing)


def test_thickness_of_slices_is_from_half_gap_to_half_gap() -> None:
    geometry = standing_at([0, 1, 3, 9, 11.5], (2,))
    assert geometry.thicknesses == pytest.approx([1, 1.5, 2, 2.25, 2.5])
    assert upright((3, 2, 2), (1.5, 1.0, 1.0)).thicknesses == pytest.approx([1.5] * 3)


def test_each_step_across_the_slices_is_a_slice() -> None:
    heights = [-7.0, -6, -4, 2, 4.5]
    geometry = standing_at(heights, (2,))
    geometry.affine[2, 3] = heights[0]
    steps = PlaneSteps.of(geometry, AXIAL)
    assert [steps.at_index(k) for k in range(steps.count)] == pytest.approx(heights)
    assert [steps.at_fraction(f) for f in (0, 0.5, 1)] == pytest.approx([-7, -1.25, 4.5])
    assert [steps.nearest(z) for z in (-99, -6.6, -6.4, -4.9, -1.1, -0.9, 99)] == [0, 0, 1, 2, 2, 3, 4]
    assert [steps.thickness(k) for k in range(5)] == pytest.approx([1, 1.5, 2, 2.25, 2.5])


@given(geometries(upright=True), st.sampled_from(sorted(PLANES)))
def test_steps_grow_with_the_coordinate_whichever_way_slices_run(
    case: tuple[VolumeGeometry, np.ndarray], name: str
) -> None:
    geometry, origins = case
    axes = PLANES[name]
    steps = PlaneSteps.of(geometry, axes)
    positions = [steps.at_index(k) for k in range(steps.count)]
    assert all(low < high for low, high in pairwise(positions))
    assert [steps.nearest(position) for position in positions] == list(range(steps.count))
    assert steps.at_fraction(0) == positions[0]
    assert steps.at_fraction(1) == pytest.approx(positions[-1])
    if geometry.nearest_axis(axes.axis) == 0:
        np.testing.assert_allclose(positions, sorted(origins @ axes.axis), atol=1e-9)
    else:
        np.testing.assert_allclose(np.diff(positions), geometry.spacing[geometry.nearest_axis(axes.axis)])


@given(geometries(upright=True))
def test_each_step_shows_its_slice(case: tuple[VolumeGeometry, np.ndarray]) -> None:
    """Whatever patient axis the slices follow, and either way: index k is the k-th slice along it, bit for bit."""
    geometry, origins = case
    voxels = np.arange(np.prod(geometry.shape), dtype=np.int16).reshape(geometry.shape)
    (name,) = (name for name, axes in PLANES.items() if geometry.nearest_axis(axes.axis) == 0)
    steps, order = PlaneSteps.of(geometry, PLANES[name]), np.argsort(origins @ PLANES[name].axis)
    assert steps.count == len(order)
    for index, k in enumerate(order):
        size = RequestedSize(pixel_spacing=min(geometry.spacing[1:]))
        plane = orthogonal_plane(geometry, PLANES[name], steps.at_index(index), size)
        shown = reslice(Volume(geometry, voxels), patient_planes(geometry, PLANES[name]), plane)
        assert (shown.index, shown.count) == (index, len(order))
        assert shown.thickness == pytest.approx(geometry.thicknesses[k])
        assert voxels[k].min() <= np.nanmin(shown.values)
        assert np.nanmax(shown.values) <= voxels[k].max()


def test_leaning_slices_are_no_steps() -> None:
    """A tilted head: each axial plane crosses several slices, so it is reached by even steps from the lowest corner."""
    geometry = standing_at([0, 2, 4, 9, 14], spacing=3.0)
    turned = geometry.affine.copy()
    turned[:3, :3] = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]]) @ turned[:3, :3]
    leaning = VolumeGeometry(geometry.shape, turned, geometry.places)
    steps = PlaneSteps.of(leaning, AXIAL)
    low, high = leaning.centres_extent(AXIAL.axis)
    assert (steps.first, steps.step) == pytest.approx((low, 3.5))
    assert steps.count == int((high - low) / 3.5) + 1
    assert steps.thickness(0) == pytest.approx(3.5)


def test_slices_that_lean_by_float_noise_are_steps() -> None:
    geometry = standing_at([0, 2, 4, 9, 14])
    turned = geometry.affine.copy()
    turned[2, 1] += 1e-4
    steps = PlaneSteps.of(VolumeGeometry(geometry.shape, turned, geometry.places), AXIAL)
    assert [steps.at_index(k) for k in range(5)] == pytest.approx([0, 2, 4, 9, 14], abs=1e-3)
