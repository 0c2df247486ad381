"""Colour Doppler of the heart's inflow and outflow: what moves to the probe is red, what moves away blue."""

import numpy as np
from numpy.typing import NDArray

from demo import heart
from demo.beams import Array, Sector
from demo.blur import blur

NYQUIST = 62.0  # cm/s: beyond, the colour turns over
SLOWEST = 9.0  # cm/s: slower is taken for tissue
WINDOW = (52.0, 142.0, -9.0, 27.0)  # mm of depth, degrees: where flow is measured
# Colours by velocity, as part of NYQUIST: away ... 0 ... to the probe.
SCALE = (-1.0, -0.5, -0.02, 0.02, 0.5, 1.0)
RED, GREEN, BLUE = (120, 10, 0, 110, 225, 255), (235, 60, 0, 0, 25, 225), (255, 225, 110, 0, 10, 60)


def pulse(time: float, begin: float, top: float, end: float) -> float:
    """Give a wave of velocity, 0 to 1."""
    t = time % heart.BEAT
    return heart.ease(t, begin, top) * (1 - heart.ease(t, top, end))


def stream(x: Array, y: Array, middle: Array, wide: float, ends: tuple[float, float, float, float]) -> Array:
    """Give the profile of a stream along y: 1 in its middle."""
    return np.exp(-(((x - middle) / wide) ** 2)) * np.interp(y, ends, (0, 1, 1, 0))


def velocity(x: Array, y: Array, time: float) -> Array:
    """Give the velocity to the probe (cm/s) at places of the heart."""
    inflow = 88 * pulse(time, 0.38, 0.46, 0.60) + 66 * pulse(time, 0.65, 0.71, 0.80)
    outflow = 54 * pulse(time, 0.05, 0.15, 0.36)
    veins = 38 * pulse(time, 0.10, 0.22, 0.40) + 40 * pulse(time, 0.42, 0.50, 0.66)
    into = inflow * stream(x, y, 19 - 0.03 * (heart.BASE - y), 11 - 0.02 * (y - heart.BASE), (48, 78, 106, 122))
    out = outflow * stream(x, y, 3 + 0.12 * (heart.BASE - y), 9.0, (54, 92, 104, 108))
    back = 0.3 * inflow * stream(x, y, 36 - 0.12 * (heart.BASE - y), 5.0, (56, 72, 88, 100))
    vein = veins * stream(x, y, 25 + 0.2 * (y - 129), 8.0, (112, 126, 145, 152))
    along = np.asarray(y / np.hypot(x, y), np.float64)
    return (into - out - back + vein) * along


def outline(sector: Sector) -> list[tuple[float, float]]:
    """Give the corners (column, row) of the window in which flow is measured, its arcs in short steps."""
    near, far, left, right = WINDOW
    angles = np.radians(np.linspace(left, right, 40))
    edge = [(far, angle) for angle in angles] + [(near, angle) for angle in angles[::-1]]
    return [
        (sector.apex[1] + r * np.sin(angle) / sector.spacing, sector.apex[0] + r * np.cos(angle) / sector.spacing)
        for r, angle in edge
    ]


def bounds(sector: Sector) -> tuple[int, int, int, int]:
    """Give the rectangle of pixels round the window: left, top, right, bottom."""
    columns, rows = zip(*outline(sector), strict=True)
    return int(min(columns)), int(min(rows)), int(np.ceil(max(columns))), int(np.ceil(max(rows)))


def overlay(sector: Sector, time: float, random: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Give the colours of a picture, and where they are shown."""
    x, y = (places[::4] for places in sector.places())
    at_rest = heart.still(x, np.maximum(y, 1), time)
    grain = blur(random.standard_normal(x.shape), (1.0, 1.6))
    seen = velocity(*at_rest, time) * (1 + 0.05 * grain / grain.std()) + 2.5 * grain / grain.std()
    depth, angle = np.hypot(x, y), np.degrees(np.arctan2(x, np.maximum(y, 1e-6)))
    inside = (depth > WINDOW[0]) & (depth < WINDOW[1]) & (angle > WINDOW[2]) & (angle < WINDOW[3])
    shown = inside & (np.abs(seen) > SLOWEST) & (heart.blood(*at_rest) < -0.8)
    turned = (seen / NYQUIST + 1) % 2 - 1
    parts, mask = (np.repeat(each, 4, axis=0).astype(np.float32)[: sector.samples] for each in (turned, shown))
    return coloured(nearest(sector, parts)), sector.converted(blur(mask, (2, 0.6))) > 0.5


def nearest(sector: Sector, image: Array) -> Array:
    """Convert without mixing neighbours: between two sides of a turn there is no middle."""
    inside, first, weights = sector.picture
    picture = np.zeros(inside.shape, np.float32)
    steps = np.array((0, 1, sector.beams, sector.beams + 1))
    picture[inside] = image.ravel()[first + steps[np.argmax(weights, axis=0)]]
    return picture


def coloured(part: Array) -> NDArray[np.uint8]:
    """Give the colour of velocities as parts of NYQUIST."""
    return np.stack([np.interp(part, SCALE, channel) for channel in (RED, GREEN, BLUE)], -1).astype(np.uint8)
