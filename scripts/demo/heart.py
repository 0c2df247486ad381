"""A beating heart in the apical four-chamber view: x to the viewer's right, y away from the probe, in mm.

Shapes are signed distances at the end of diastole, negative inside; `moved` carries points on through the beat.
The left ventricle is on the viewer's right, as echocardiography shows it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Shape = Callable[[Array, Array], Array]

BEAT = 0.8  # s
BASE = 104.0  # depth of the mitral ring
MITRAL, TRICUSPID = (19.0, 17.0), (-38.0, 15.0)  # middle and half width of the rings
# Of each leaflet: hinge x, hinge depth, length, and to which side it closes.
LEAFLETS = ((2.0, BASE, 21.0, 1), (36.0, BASE, 15.0, -1), (-53.0, BASE - 3, 18.0, 1), (-23.0, BASE - 3, 14.0, -1))


def cavity(x: Array, y: Array, middle: Array, wide: float, apex: float, widest: float) -> Array:
    """Give a ventricle that is `wide` (half) at its widest depth, and ends at the rings."""
    ahead = np.minimum(y - widest, 0) / (widest - apex)
    behind = np.maximum(y - widest, 0) / (BASE - widest)
    narrow = wide * (1 - 0.12 * behind**2)
    round_ = (np.sqrt(((x - middle) / narrow) ** 2 + ahead**2) - 1) * narrow
    return np.maximum(round_, y - BASE)


def left_ventricle(x: Array, y: Array) -> Array:
    """Give the cavity of the left ventricle, with a papillary muscle in it."""
    room = cavity(x, y, 13 + 0.13 * (y - 60), 24, 27, 76) + 0.8 * np.sin(y * 0.21 + 1) * np.sin(x * 0.13)
    return np.maximum(room, -oval(x, y, (34, 66), (6, 11)))


def right_ventricle(x: Array, y: Array) -> Array:
    """Give the cavity of the right ventricle, rough near its tip, where a band crosses it."""
    rough = 1.6 * np.sin(y * 0.42 + x * 0.15) * np.clip((84 - y) / 20, 0, 1)
    band = 1.1 - np.abs(y - 63 + 0.35 * (x + 34))
    return np.maximum(cavity(x, y, -34 - 0.14 * (y - 75), 17, 47, 88) + rough, band)


def oval(x: Array, y: Array, center: tuple[float, float], radii: tuple[float, float]) -> Array:
    """Give an ellipse."""
    u, v = (x - center[0]) / radii[0], (y - center[1]) / radii[1]
    return (np.hypot(u, v) - 1) * min(radii)


def atria(x: Array, y: Array) -> Array:
    """Give the cavities of both atria, and the openings of the valves."""
    left, right = oval(x, y, (21, 129), (23, 22)), oval(x, y, (-33, 127), (25, 21))
    openings = [np.maximum(np.abs(x - at) - half, np.abs(y - BASE) - 8) for at, half in (MITRAL, TRICUSPID)]
    return np.minimum.reduce([left, right, *openings])


def blood(x: Array, y: Array) -> Array:
    """Give all that is filled with blood."""
    return np.minimum.reduce([left_ventricle(x, y), right_ventricle(x, y), atria(x, y)])


def muscle(x: Array, y: Array) -> Array:
    """Give the outer surface of the heart."""
    return np.minimum.reduce([left_ventricle(x, y) - 10, right_ventricle(x, y) - 5, atria(x, y) - 3.5])


def ease(t: float, start: float, stop: float) -> float:
    """Rise smoothly from 0 to 1."""
    u = min(max((t - start) / (stop - start), 0.0), 1.0)
    return u * u * (3 - 2 * u)


def contraction(time: float) -> float:
    """Give how far the ventricles have contracted (0 to 1), `time` seconds after the R wave."""
    t = time % BEAT
    return ease(t, 0.03, 0.30) - 0.78 * ease(t, 0.36, 0.52) - 0.06 * ease(t, 0.52, 0.66) - 0.16 * ease(t, 0.67, 0.78)


def opening(time: float) -> float:
    """Give how far the valves between atria and ventricles stand open (0 to 1)."""
    t = time % BEAT
    early = ease(t, 0.39, 0.46) - 0.55 * ease(t, 0.50, 0.60)
    return early + 0.45 * ease(t, 0.65, 0.71) - 0.9 * ease(t, 0.735, 0.80)


def moved(x: Array, y: Array, time: float) -> tuple[Array, Array]:
    """Carry points from the end of diastole to `time`: the rings sink to the apex, the walls thicken inwards."""
    by = contraction(time)
    sink = np.interp(y, (24, BASE, 118, 156), (0, 1, 0.9, 0))
    lower = np.interp(y, (22, 40, 96, BASE + 4), (0.4, 1, 0.7, 0.15))
    for middle, wide, strength in ((13 + 0.13 * (y - 60), 24.0, 0.30), (-34 - 0.14 * (y - 75), 17.0, 0.22)):
        out = np.abs(x - middle) / wide
        x = x - (x - middle) * by * strength * lower * np.interp(out, (0, 1, 1.45, 2), (1, 1, 0.25, 0))
    swelling = np.interp(y, (BASE + 6, 124, 150), (0, 0.10, 0)) * by
    return x + swelling * (x - np.where(x > -6, 21, -33)), y - 13.0 * by * sink


def still(x: Array, y: Array, time: float) -> tuple[Array, Array]:
    """Find where points of `time` lay at the end of diastole."""
    a, b = x, y
    for _ in range(12):
        u, v = moved(a, b, time)
        a, b = a + x - u, b + y - v
    return a, b


def leaflet(which: int, along: Array, time: float) -> tuple[Array, Array]:
    """Give a valve's leaflet at `time`; `along` runs from 0 at its hinge to 1 at its free edge."""
    hinge_x, hinge_y, length, inwards = LEAFLETS[which]
    x, y = moved(np.array([hinge_x]), np.array([hinge_y]), time)
    swing = np.radians(20 + 58 * opening(time)) + along * np.radians(34 * opening(time) - 22)
    return x + inwards * length * along * np.cos(swing), y - length * along * np.sin(swing)
