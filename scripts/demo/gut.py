"""Stomach and bowel, and the vessels that reach them."""

import numpy as np

from demo import vessels
from demo.canvas import Array, Canvas, Distance, ellipsoid, smooth_curve, smooth_union, texture
from demo.chest import diaphragm
from demo.torso import body_y, cavity_depth, ramp

PORTAL, WATER, WALL, GAS = 168.0, 8.0, 86.0, -985.0
STOOL = texture(22, 4)


def within_cavity(shape: Distance, margin: float = 3.0, wobble: float = 0.0) -> Distance:
    """Keep a shape inside the abdominal wall and below the diaphragm."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        ripple = wobble * np.sin(x * 0.09 + z * 0.05) * np.sin(y * 0.11 + 1) * np.sin(z * 0.08 + x * 0.03)
        walls = np.maximum(margin - cavity_depth(x, y, z), 0.8 * (z - diaphragm(x, y) + 3))
        return smooth_union(shape(x, y, z) + ripple, walls, -5)

    return distance


def paint_stomach(canvas: Canvas) -> None:
    """Paint the stomach with water, and gas that rises to the front."""
    box = (-40, -80, 92), (95, 55, 212)
    inside = within_cavity(stomach(shrunk=4.2, folds=0.9), 6)
    canvas.paint(*box, within_cavity(stomach(shrunk=0, folds=0), 3), WALL)
    canvas.paint(*box, inside, WATER + 8)
    canvas.paint(*box, lambda x, y, z: np.maximum(inside(x, y, z), y + 46), GAS)


def stomach(shrunk: float, folds: float) -> Distance:
    """Give the stomach's surface, or its lining when `shrunk` by the wall."""
    path = smooth_curve(
        [(54, 2, 189), (60, -12, 170), (58, -32, 146), (40, -48, 124), (10, -52, 116), (-22, -40, 116)]
    )[::2]
    radii = np.interp(np.linspace(0, 1, len(path)), (0, 0.2, 0.5, 0.8, 1), (25, 28, 24, 18, 11)) - shrunk

    def distance(x: Array, y: Array, z: Array) -> Array:
        shape = np.float32(1000) + 0 * (x + y + z)
        for point, radius in zip(path, radii, strict=True):
            shape = smooth_union(shape, ellipsoid(point, (radius,) * 3)(x, y, z), 8)
        return shape + folds * np.sin(x * 0.34 + z * 0.3) * np.sin(y * 0.4 + z * 0.23)

    return distance


def paint_bowel(canvas: Canvas) -> None:
    """Paint colon and loops of small bowel in the fat of the mesentery."""
    paint_mesentery(canvas)
    paint_small_bowel(canvas)
    paint_colon(canvas)


def paint_mesentery(canvas: Canvas) -> None:
    """Paint the vessels that fan out to the bowel."""

    def inside(x: Array, y: Array, z: Array) -> np.ndarray:
        return (cavity_depth(x, y, z) > 12) & (y < body_y(0) - 25)

    targets = vessels.points_within(inside, (-90, -85, 4), (90, 10, 90), 60, 11)
    vessels.grow((-8, -14, 92), targets, 12).paint(canvas, 0.8, 4.5, PORTAL)


def paint_small_bowel(canvas: Canvas) -> None:
    """Paint winding loops, row above row, with fluid of several kinds."""
    random = np.random.default_rng(7)
    for row, (y, z) in enumerate(((-2, 2), (-44, 4), (-8, 32), (-46, 28), (-44, 51), (-46, 72))):
        turns = np.linspace(-1, 1, 10) * (1 if row % 2 else -1)
        path = smooth_curve(
            [
                (76 * t, y + 20 * np.sin(2.6 * k + row) + random.normal(0, 4), z + 8 * np.cos(2.2 * k))
                for k, t in enumerate(turns)
            ]
        )
        radii = folded(path, random.uniform(10, 12.5), row)
        canvas.tube(path, radii, WALL)
        canvas.tube(path, radii - 3, random.choice((28, 36, 60)))


def paint_colon(canvas: Canvas) -> None:
    """Paint the colon up the right side, across and down the left, with stool, and gas at the front."""
    up = [(-106, 8, -10), (-108, 10, 40), (-104, 4, 78), (-84, -40, 86)]
    across = [(-40, -72, 82), (10, -78, 78), (60, -70, 92)]
    down = [(100, -20, 128), (112, 14, 120), (114, 22, 70), (112, 18, 20), (108, 10, -10)]
    path = smooth_curve([*up, *across, *down])
    radii = folded(path, 19, 9)
    canvas.tube(path, radii, WALL)
    canvas.tube(path, radii - 2.4, stool)
    canvas.tube(path + np.array((0, -6, 0), np.float32), np.maximum(radii - 10, 1), GAS)


def folded(path: Array, radius: float, phase: float) -> Array:
    """Give the radius along a piece of bowel, whose folds narrow it here and there."""
    return radius * (1 + 0.1 * np.sin(np.arange(len(path)) * 1.25 + phase))


def stool(x: Array, y: Array, z: Array) -> Array:
    """Give the mixture of stool and small bubbles."""
    grain = STOOL(x, y, z)
    return 25 + 35 * grain - 300 * ramp(grain, 0.25, 0.95)
