"""Shapes of where to look: what they hold on their borders, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.measurement.regions import threshold
from reslice.measurement.where import Box, Ellipsoid, Everywhere
from unit.imaging.expected import rotations
from unit.measurement.refused import refused
from unit.measurement.spaces import Array, geometry_of, middle_of, ramp

MANY = 10**9
SHAPE = (6, 7, 8)
GEOMETRIES = {
    "anisotropic": geometry_of(SHAPE, (2.5, 0.7, 0.3)),
    "sheared": geometry_of(SHAPE, (2.5, 0.7, 0.3), tilt=0.4),
    "uneven": geometry_of(SHAPE, (1, 0.7, 0.3), gaps=np.array([1, 4, 2, 1, 0.5])),
}
EVERY_GEOMETRY = pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
EDGES = [(axis, side) for axis in range(3) for side in (0, 1)]


@EVERY_GEOMETRY
def test_a_box_holds_the_voxels_on_its_border(geometry: object) -> None:
    corner, opposite = geometry.map_indices_to_reference([(1, 5, 2), (4, 2, 6)])
    for one, other in ((corner, opposite), (opposite, corner)):
        assert threshold(ramp(geometry), Box.of(one, other, geometry), 0, 999, MANY).count == 4 * 4 * 5


@EVERY_GEOMETRY
def test_a_flat_box_holds_what_lies_on_it(geometry: object) -> None:
    ends = geometry.map_indices_to_reference([(3, 5, 2), (3, 2, 6)])
    assert threshold(ramp(geometry), Box.of(*ends, geometry), 0, 999, MANY).count == 4 * 5


@EVERY_GEOMETRY
def test_a_box_up_to_the_outer_edges_is_everything(geometry: object) -> None:
    ends = geometry.map_indices_to_reference([(-0.5, -0.5, -0.5), np.array(SHAPE) - 0.5])
    whole = threshold(ramp(geometry), Everywhere(), 0, 999, MANY)
    assert threshold(ramp(geometry), Box.of(*ends, geometry), 0, 999, MANY) == whole


@EVERY_GEOMETRY
@pytest.mark.parametrize(("axis", "side"), EDGES)
def test_points_beyond_the_outer_edges_are_refused(geometry: object, axis: int, side: int) -> None:
    middle = (np.array(SHAPE) - 1) / 2
    index = middle.copy()
    index[axis] = (SHAPE[axis] - 0.5) if side else -0.5
    edge, inner = geometry.map_indices_to_reference([index, middle])
    outward = geometry.map_indices_to_reference(index + (index - middle) * 1e-3) - edge
    outward *= 1e-5 / abs(outward @ geometry.normal) if axis == 0 else 1e-5 / np.linalg.norm(outward)
    Box.of(edge, inner, geometry)
    Box.of(edge + outward / 100, inner, geometry)
    with refused(Unmeasurable, "outside-volume"):
        Box.of(inner, edge + outward, geometry)
    ball = Ellipsoid.of(edge + outward, edge + outward + np.eye(3))
    with refused(Unmeasurable, "outside-volume"):
        threshold(ramp(geometry), ball, 0, 999, MANY)


def test_the_end_of_an_axis_outside_is_refused() -> None:
    geometry = GEOMETRIES["anisotropic"]
    middle = middle_of(geometry)
    with refused(Unmeasurable, "outside-volume"):
        threshold(ramp(geometry), Ellipsoid.of(middle, middle + np.diag([0.2, 0.3, 100])), 0, 999, MANY)


def test_a_box_of_one_point_is_refused() -> None:
    geometry = GEOMETRIES["sheared"]
    with refused(InvalidMeasurement, "coincident-points"):
        Box.of(middle_of(geometry), middle_of(geometry) + 1e-7, geometry)


def test_an_ellipsoid_holds_the_voxels_on_its_border() -> None:
    geometry = geometry_of((9, 9, 9), (1, 1, 1))
    middle = middle_of(geometry)
    for radius, count in ((1, 7), (1 - 1e-5, 1), (1 - 5e-7, 7), (np.sqrt(2), 19), (np.sqrt(3), 27), (2, 33)):
        where = Ellipsoid.of(middle, middle + radius * np.eye(3))
        assert threshold(ramp(geometry), where, 0, 999, MANY).count == count


@given(rotations(), st.floats(0.5, 30), st.floats(0.5, 30), st.floats(0.5, 30))
def test_axes_rounded_to_a_thousandth_are_accepted(rotation: Array, a: float, b: float, c: float) -> None:
    center = np.array([11.1111, -222.2222, 33.3333])
    ends = center + rotation.T * np.array([[a], [b], [c]])
    Ellipsoid.of(center.round(3), ends.round(3))


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2)])
def test_slanting_axes_are_refused(pair: tuple[int, int]) -> None:
    axes = 10 * np.eye(3)
    axes[pair] = 0.05
    with refused(InvalidMeasurement, "axes-not-perpendicular"):
        Ellipsoid.of(np.zeros(3), axes)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_axes_without_length_are_refused(axis: int) -> None:
    axes = 10 * np.eye(3)
    axes[axis] = 1e-7
    with refused(InvalidMeasurement, "coincident-points"):
        Ellipsoid.of(np.zeros(3), axes)


def test_an_ellipsoid_between_voxels_is_an_empty_region() -> None:
    geometry = GEOMETRIES["anisotropic"]
    center = geometry.map_indices_to_reference((2.5, 2.5, 2.5))
    with refused(Unmeasurable, "empty-region"):
        threshold(ramp(geometry), Ellipsoid.of(center, center + 0.1 * np.eye(3)), 0, 999, MANY)
