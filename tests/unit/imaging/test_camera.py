"""Cameras see all of a volume, upright and unmirrored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phantoms import ACQUISITIONS
from reslice.imaging.camera import ORIENTATIONS, Box, view
from reslice.imaging.volume import VolumeGeometry
from unit.imaging.expected import SHAPES, affines, rotations

VIEWPORTS = st.tuples(st.integers(1, 40), st.integers(1, 40))


def edges(geometry: VolumeGeometry) -> np.ndarray:
    """The eight outer corners, LPS mm."""
    corners = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return geometry.map_indices_to_reference(corners * np.array(geometry.shape) - 0.5)


def on_screen(camera: object, points: np.ndarray) -> np.ndarray:
    """Rows, columns (edges of the viewport: -0.5 and size - 0.5) and mm from the plane, away from the viewer."""
    plane = camera.plane
    arms = points - plane.position
    axes = (plane.column / plane.spacing[0], plane.row / plane.spacing[1], np.cross(plane.row, plane.column))
    return np.stack([arms @ axis for axis in axes], axis=-1)


@given(data=st.data())
def test_the_volumes_edges_just_fit(data: st.DataObject) -> None:
    geometry = VolumeGeometry(data.draw(SHAPES), data.draw(affines()))
    towards, up, _ = data.draw(rotations()).T
    viewport = data.draw(VIEWPORTS)
    camera = view(geometry, towards, up + 0.3 * towards, viewport)
    seen = on_screen(camera, edges(geometry))
    np.testing.assert_allclose(np.cross(camera.plane.row, camera.plane.column), towards, atol=1e-9)
    np.testing.assert_allclose(camera.plane.column, -up, atol=1e-9)
    assert camera.plane.spacing[0] == camera.plane.spacing[1]
    over = [np.ptp(seen[:, axis]) / viewport[axis] for axis in (0, 1)]
    assert max(over) == pytest.approx(1)
    np.testing.assert_allclose(seen.min(axis=0) + seen.max(axis=0), [*(np.array(viewport) - 1), 0], atol=1e-6)
    assert np.ptp(seen[:, 2]) == pytest.approx(camera.depth)


@pytest.mark.parametrize(
    ("orientation", "to_the_right", "to_the_top"),
    [
        ("a", (1, 0, 0), (0, 0, 1)),
        ("p", (-1, 0, 0), (0, 0, 1)),
        ("r", (0, -1, 0), (0, 0, 1)),
        ("l", (0, 1, 0), (0, 0, 1)),
        ("h", (-1, 0, 0), (0, -1, 0)),
        ("f", (1, 0, 0), (0, -1, 0)),
    ],
)
@pytest.mark.parametrize("name", ["axial", "axial-feet-first", "sagittal", "gantry-tilt"])
def test_orientations_are_named_after_the_side_that_is_looked_at(
    name: str, orientation: str, to_the_right: tuple, to_the_top: tuple
) -> None:
    acquisition = ACQUISITIONS[name]
    camera = view(VolumeGeometry(acquisition.shape, acquisition.affine), *ORIENTATIONS[orientation])
    np.testing.assert_allclose(camera.plane.row, to_the_right, atol=1e-12)
    np.testing.assert_allclose(camera.plane.column, -np.array(to_the_top), atol=1e-12)


def test_a_box_is_framed_and_a_centre_stays_in_the_middle() -> None:
    geometry = VolumeGeometry((20, 30, 40), np.eye(4))
    box = Box(np.array([2.0, 3, 4]), np.array([12.0, 7, 9]))
    camera = view(geometry, (0, 0, 1), (0, -1, 0), (10, 20), box)
    seen = on_screen(camera, box.corners)
    assert np.ptp(seen[:, 1]) == pytest.approx(20)
    assert np.ptp(seen[:, 0]) == pytest.approx(8)
    assert camera.depth == pytest.approx(5)
    centred = view(geometry, (0, 0, 1), (0, -1, 0), (10, 20), centre=(3, 4, 100))
    np.testing.assert_allclose(on_screen(centred, np.array([3.0, 4, 0]))[:2], [4.5, 9.5])
    seen = on_screen(centred, edges(geometry))
    assert (seen[:, :2] >= -0.5 - 1e-9).all()
    assert (seen[:, :2] <= np.array([10, 20]) - 0.5 + 1e-9).all()


@given(data=st.data())
def test_an_extent_is_the_shorter_side(data: st.DataObject) -> None:
    geometry = VolumeGeometry(data.draw(SHAPES), data.draw(affines()))
    towards, up, _ = data.draw(rotations()).T
    viewport = data.draw(VIEWPORTS)
    fitting, given = view(geometry, towards, up, viewport), view(geometry, towards, up, viewport, extent=37.5)
    assert min(viewport) * given.plane.spacing[0] == pytest.approx(37.5)
    middle = (np.array(viewport) - 1) / 2
    for camera in (fitting, given):
        np.testing.assert_allclose(
            camera.plane.map_pixels_to_reference(middle), fitting.plane.map_pixels_to_reference(middle), atol=1e-6
        )


@pytest.mark.parametrize(
    ("towards", "up"), [((0, 0, 0), (0, 0, 1)), ((0, 1, 0), (0, 0, 0)), ((0, 1, 0), (0, 5, 0)), ((0, 1, 0), (0, -1, 0))]
)
def test_directions_that_say_nothing_are_refused(towards: tuple, up: tuple) -> None:
    with pytest.raises(ValueError):
        view(VolumeGeometry((2, 2, 2), np.eye(4)), towards, up)


@pytest.mark.parametrize("high", [(0, 1, 1), (1, 1, -1), (1, np.inf, 1), (1, np.nan, 1)])
def test_empty_boxes_are_refused(high: tuple) -> None:
    with pytest.raises(ValueError):
        Box(np.zeros(3), np.array(high, dtype=float))
