"""From the parameters of a rendering to cameras (PS3.18 8.3.5.3)."""

import math
from collections.abc import Sequence

import numpy as np

from reslice.errors import BadParameter, ConflictingParameters, TooLarge
from reslice.imaging.affine import Vector, unit
from reslice.imaging.camera import ORIENTATIONS, Box, Camera, view
from reslice.imaging.mpr import usual_up
from reslice.imaging.volume import VolumeGeometry
from reslice.settings import Settings
from reslice.web.rendering_parameters import AnimationParameters, ViewParameters

DEGENERATE = "degenerate-vectors"
SHORTEST = 1e-6
"""Length of a direction, and mm between two points: below, there is no direction."""
LEAST_SINE = 1e-4
"""Of the angle between two directions: below, they are parallel."""
USUAL_VIEWPORT = (512, 512)
USUAL_STEP = 10
"""Degrees."""
MOST_PIXELS = 1 << 26
"""Of all frames of an animation."""
FULL_TURN = 360.0
MOST_SAMPLES, MOST_SAMPLES_MOVING = 1 << 32, 1 << 34
"""That rays may take of a volume in a still picture, and in all frames of an animation: at worst some minutes."""


def check_view(parameters: ViewParameters) -> None:
    """Raise BadParameter where the parameters contradict each other, whatever the volume."""
    given = [name for name in ("position", "lookat", "up") if getattr(parameters, f"viewpoint{name}") is not None]
    if parameters.orientation is not None and given:
        details = "An orientation stands instead of a viewpoint"
        raise ConflictingParameters("orientation", parameters.orientation, "alone", details)
    up = parameters.viewpointup
    if up is not None and math.hypot(*up) < SHORTEST:
        raise _parallel("viewpointup", up, f"a direction of a length of {SHORTEST} or more")


def check_animation(parameters: AnimationParameters) -> None:
    """Raise BadParameter for the speed of what doesn't move, and for a range of less than two steps."""
    if parameters.swivelrange is None:
        for name in ("animationstepsize", "animationrate"):
            if getattr(parameters, name) is not None:
                details = "Only what turns has steps and a rate: swivelrange is missing"
                raise ConflictingParameters(name, str(getattr(parameters, name)), "with swivelrange", details)
    elif parameters.swivelrange < 2 * step_of(parameters):
        allowed = f"{2 * step_of(parameters)} to 360"
        raise BadParameter("swivelrange", f"{parameters.swivelrange:g}", allowed, "It is less than two steps")


def step_of(parameters: AnimationParameters) -> int:
    """Degrees from one view to the next."""
    return parameters.animationstepsize or USUAL_STEP


def angles_of(parameters: AnimationParameters) -> list[float]:
    """By how many degrees the camera is turned in each frame; [0] where nothing moves.

    There are range / step views, evenly around the initial one (PS3.18 8.3.5.3.9). A full turn goes on in one
    direction; else they are gone through back and forth, from the middle on, which makes 2 * views - 2 frames.
    """
    if parameters.swivelrange is None:
        return [0.0]
    step = step_of(parameters)
    views = math.floor(parameters.swivelrange / step + 1e-9)
    if parameters.swivelrange >= FULL_TURN:
        return [FULL_TURN * k / views for k in range(views)]
    there = [(k - (views - 1) / 2) * step for k in range(views)]
    around = [*there, *there[-2:0:-1]]
    middle = views // 2
    return [*around[middle:], *around[:middle]]


def turn_facts(parameters: AnimationParameters) -> dict[str, float | None]:
    """How far the camera turns, and by how much from view to view, in degrees: a full turn has no seam."""
    step: float = step_of(parameters)
    if parameters.swivelrange is not None and parameters.swivelrange >= FULL_TURN:
        step = FULL_TURN / len(angles_of(parameters))
    return {"Step": step, "Range": parameters.swivelrange}


def cameras_of(geometry: VolumeGeometry, parameters: ViewParameters, angles: Sequence[float]) -> list[Camera]:
    """The camera of each frame; all have the same scale. Raises BadParameter."""
    box = box_of(parameters)
    centre = np.array(parameters.viewpointlookat) if parameters.viewpointlookat else None
    towards, up = _directions(geometry, parameters)
    width, height = parameters.viewport or USUAL_VIEWPORT
    turned = [_turned(towards, up, degrees) for degrees in angles]

    def views(extent: float | None = None) -> list[Camera]:
        return [view(geometry, t, up, (height, width), box, centre, extent) for t in turned]

    cameras = views()
    if len(cameras) == 1:
        return cameras
    return views(min(width, height) * max(camera.plane.spacing[0] for camera in cameras))


def box_of(parameters: ViewParameters) -> Box | None:
    """The part of the patient that is seen; None for all."""
    return Box(*map(np.array, parameters.box)) if parameters.box else None


def check_size(parameters: ViewParameters, frames: int, settings: Settings) -> None:
    """Raise BadParameter for a viewport over the limit, TooLarge for an animation of too many pixels."""
    width, height = parameters.viewport or USUAL_VIEWPORT
    if max(width, height) > settings.largest_side:
        allowed = f"1 to {settings.largest_side} pixels a side"
        raise BadParameter("viewport", f"{width},{height}", allowed, "The viewport is over the limit")
    if frames > 1 and frames * width * height > MOST_PIXELS:
        details = f"{frames} frames of {width} x {height} pixels are more than {MOST_PIXELS} pixels together"
        raise TooLarge(details, Frames=frames, Size=[width, height], Limit=MOST_PIXELS)


def check_work(geometry: VolumeGeometry, cameras: Sequence[Camera]) -> None:
    """Raise TooLarge where rays would take too many samples: pixels times the depth by the step."""
    steps = [max(min(geometry.spacing), camera.plane.spacing[0] / 2) / 2 for camera in cameras]
    pixels = math.prod(cameras[0].plane.shape)
    samples = sum(pixels * _depth(geometry, c) / step for c, step in zip(cameras, steps, strict=True))
    limit = MOST_SAMPLES if len(cameras) == 1 else MOST_SAMPLES_MOVING
    if samples > limit:
        details = "The rendering would look at too many samples: ask for fewer pixels or frames, or for less with box"
        raise TooLarge(details, Samples=int(samples), LimitSamples=limit)


def _depth(geometry: VolumeGeometry, camera: Camera) -> float:
    """How deep (mm) the volume is along the rays, at most as deep as they run."""
    first, last = geometry.extent(camera.plane.normal)
    return min(camera.depth, last - first)


def _directions(geometry: VolumeGeometry, parameters: ViewParameters) -> tuple[Vector, Vector]:
    """From the camera to what it looks at, and up."""
    towards, up = (np.array(v, dtype=np.float64) for v in ORIENTATIONS[parameters.orientation or "a"])
    if parameters.viewpointposition is not None:
        lookat = np.array(parameters.viewpointlookat) if parameters.viewpointlookat else geometry.centre
        towards = lookat - np.array(parameters.viewpointposition)
        if np.linalg.norm(towards) < SHORTEST:
            raise _parallel("viewpointposition", parameters.viewpointposition, "another point than viewpointlookat")
        towards = unit(towards)
        up = usual_up(towards)
    if parameters.viewpointup is not None:
        up = unit(parameters.viewpointup)
        if np.linalg.norm(np.cross(up, towards)) < LEAST_SINE:
            raise _parallel("viewpointup", parameters.viewpointup, "a direction across the line of sight")
    return towards, up


def _parallel(name: str, value: Sequence[float], allowed: str) -> BadParameter:
    text = ",".join(f"{v:g}" for v in value)
    return BadParameter(name, text, allowed, "The vectors give no view", reason=DEGENERATE)


def _turned(towards: Vector, up: Vector, degrees: float) -> Vector:
    """A direction turned about the axis that is parallel to `up` (Rodrigues)."""
    angle = math.radians(degrees)
    along = up * (up @ towards)
    across = towards - along
    turned: Vector = along + across * math.cos(angle) + np.cross(up, across) * math.sin(angle)
    return turned
