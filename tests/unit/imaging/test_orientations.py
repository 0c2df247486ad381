"""Six different markers on the six sides of a block: seen from each side, in whatever way it was acquired."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.camera import ORIENTATIONS, Box, view
from reslice.imaging.rendering import Renderer
from reslice.imaging.transfer import ControlPoint, Light, TransferFunction
from reslice.imaging.volume import Volume, VolumeGeometry

SIDES = {"l": (1, 0, 0), "r": (-1, 0, 0), "p": (0, 1, 0), "a": (0, -1, 0), "h": (0, 0, 1), "f": (0, 0, -1)}
VALUES = dict(zip(SIDES, (200, 400, 600, 800, 1000, 1200), strict=True))
ON_SCREEN = {  # what is on the left, right, top and bottom
    "a": "rlhf",
    "p": "lrhf",
    "r": "pahf",
    "l": "aphf",
    "h": "lrap",
    "f": "rlap",
}
FACE, REACH, BODY = 12.0, 18.0, 100
COLOURS = {name: np.array(c) for name, c in zip(SIDES, np.indices((2, 2, 2)).reshape(3, -1).T[1:7], strict=True)}
PLACES = ("axial", "axial-feet-first", "axial-prone", "sagittal", "coronal", "gantry-tilt", "double-oblique")


def phantom(place: str) -> Volume:
    """A block of 24 mm, a ball of its own value standing out of each of its sides."""
    acquisition: Acquisition = replace(
        ACQUISITIONS[place], shape=(44, 44, 44), spacing=(1.1, 1.0, 1.0), center=(0, 0, 0)
    )
    points = acquisition.coordinates
    voxels = np.where(np.abs(points).max(axis=-1) <= FACE, BODY, 0).astype(np.int16)
    for name, direction in SIDES.items():
        voxels[np.linalg.norm(points - np.array(direction) * (FACE + 2), axis=-1) <= 5] = VALUES[name]
    return Volume(VolumeGeometry(acquisition.shape, acquisition.affine), voxels)


def at(picture: np.ndarray, camera: object, point: tuple) -> np.ndarray:
    plane = camera.plane
    arm = np.array(point) - plane.position
    return picture[round(arm @ plane.column / plane.spacing[0]), round(arm @ plane.row / plane.spacing[1])]


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("place", [p for p in PLACES if p in ACQUISITIONS])
def test_the_front_half_shows_the_marker_of_the_side_that_is_looked_at(place: str, orientation: str) -> None:
    volume = phantom(place)
    direction = np.array(SIDES[orientation], dtype=float)
    low, high = np.full(3, -REACH), np.full(3, REACH)
    axis = int(np.abs(direction).argmax())
    if direction[axis] > 0:
        low[axis] = FACE
    else:
        high[axis] = -FACE
    camera = view(volume.geometry, *ORIENTATIONS[orientation], (60, 60))
    picture = Renderer(volume).project(camera, "mip", Box(low, high))
    assert at(picture, camera, (0, 0, 0)) == pytest.approx(VALUES[orientation], abs=1)


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("place", [p for p in PLACES if p in ACQUISITIONS])
def test_markers_lie_on_their_side_of_the_screen(place: str, orientation: str) -> None:
    volume = phantom(place)
    camera = view(volume.geometry, *ORIENTATIONS[orientation], (60, 60), Box(np.full(3, -20.0), np.full(3, 20.0)))
    picture = Renderer(volume).project(camera, "mip")
    middle, far = 29.5, 15 / camera.plane.spacing[0]
    spots = [(middle, middle - far), (middle, middle + far), (middle - far, middle), (middle + far, middle)]
    seen = [float(picture[round(y), round(x)]) for y, x in spots]
    assert seen == pytest.approx([VALUES[side] for side in ON_SCREEN[orientation]], abs=1)


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("place", [p for p in PLACES if p in ACQUISITIONS])
def test_colours_of_the_nearest_marker_hide_those_behind(place: str, orientation: str) -> None:
    volume = phantom(place)
    points = [ControlPoint(0, 0, 0, 0, 0), ControlPoint(50, 0.5, 0.5, 0.5, 0.1)]
    for name, value in VALUES.items():
        points += [ControlPoint(value - 60, *COLOURS[name], 0.3), ControlPoint(value + 60, *COLOURS[name], 0.3)]
    camera = view(volume.geometry, *ORIENTATIONS[orientation], (60, 60), Box(np.full(3, -20.0), np.full(3, 20.0)))
    picture = Renderer(volume).shade(camera, TransferFunction(tuple(points), Light(0.8, 0.2, 0, 1)))
    middle = at(picture, camera, (0, 0, 0)).astype(float)
    nearest = min(COLOURS, key=lambda name: np.abs(middle / 255 - COLOURS[name]).sum())
    assert nearest == orientation
