"""The organs of the chest: diaphragm, lungs with their vessels and airways, heart, great vessels."""

from collections.abc import Callable, Iterator

import numpy as np

from demo import vessels
from demo.canvas import Array, Canvas, Distance, smooth_curve, smooth_union, texture
from demo.torso import body_y, bump, cavity_depth, ramp

LUNG, AIR, BLOOD, AORTA_BLOOD, HEART_MUSCLE, FAT, SOFT_TISSUE = (
    -865.0,
    -1000.0,
    165.0,
    215.0,
    108.0,
    -98.0,
    45.0,
)
LOBULES = texture(17, 2)
CARINA = (2.0, 22.0, 318.0)
HEART = np.array((16, -24, 254), np.float32)
HEART_AXIS = np.array((0.6614, -0.5211, -0.5412), np.float32)  # of unit length
HILA = {-1: (-40.0, 18.0, 296.0), 1: (40.0, 20.0, 301.0)}


def diaphragm(x: Array, y: Array) -> Array:
    """Give the height of the diaphragm: a higher dome on the right, deep recesses at the wall."""
    x, y = np.float32(x), np.float32(y)
    right = np.hypot((x + 74) / 84, (y + 6) / 100)
    left = np.hypot((x - 72) / 84, (y + 4) / 100)
    fall = 62 + 0.22 * y
    tendon = np.hypot((x - 4) / 70, (y + 38) / 78)  # the middle, on which the heart rests
    domes = ((221, right), (209, left), (199, tendon))
    return np.maximum.reduce([top - fall * np.minimum(far, 1.4) ** 2.6 for top, far in domes])


def lung_distance(side: int) -> Distance:
    """Give the surface of the right (-1) or left (1) lung."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        wall = 2.5 - cavity_depth(x, y, z)
        floor = 0.75 * (diaphragm(x, y) + 2 - z)
        middle = 17 + 12 * bump(y, 20, 45) + 9 * ramp(y, 45, 75) - 8 * ramp(-y, 30, 75) - 6 * ramp(z, 330, 390)
        return smooth_union(smooth_union(wall, floor, -6), middle - side * x, -8)

    return distance


def paint_lungs(canvas: Canvas, nodule: tuple[float, float, float]) -> None:
    """Paint both lungs, their fissures, vessels and bronchi; none of them crosses the nodule."""
    for side in (-1, 1):
        low, high = sorted((side * 2.0, side * 165.0))
        box = (low, -110, 112), (high, 112, 398)
        surface = lung_distance(side)
        canvas.paint(*box, surface, parenchyma)
        canvas.paint(*box, fissure(side, surface), -740)
        for tree in pulmonary_vessels(side, surface, nodule):
            tree.paint(canvas, 0.66, 6.5, 60)
        paint_bronchi(canvas, side, surface, nodule)


def parenchyma(x: Array, y: Array, z: Array) -> Array:
    """Give lung tissue, denser where it hangs: at the back of a patient who lies on it."""
    return LUNG + 0.32 * (y + 20) + 8 * LOBULES(x, y, z)


def fissure(side: int, surface: Distance) -> Distance:
    """Give the oblique fissure of a lung as a thin sheet."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        oblique = np.abs((z - 268) - 0.95 * (y + 4) + 0.1 * np.abs(x)) * 0.72 - 0.35
        return np.maximum(oblique, surface(x, y, z) + 2) + 0.55

    return distance


def within_lung(surface: Distance, nodule: tuple[float, float, float]) -> Callable[[Array, Array, Array], np.ndarray]:
    """Tell points of the lung that keep away from its surface and from the nodule."""

    def inside(x: Array, y: Array, z: Array) -> np.ndarray:
        far = np.sqrt((x - nodule[0]) ** 2 + (y - nodule[1]) ** 2 + (z - nodule[2]) ** 2) > 17
        return (surface(x, y, z) < -4) & far

    return inside


def pulmonary_vessels(side: int, surface: Distance, nodule: tuple[float, float, float]) -> Iterator[vessels.Tree]:
    """Grow arteries, then veins, from the hilum to all of the lung."""
    inside = within_lung(surface, nodule)
    low, high = sorted((side * 10.0, side * 160.0))

    for name, (offset, count) in enumerate((((0, -4, 3), 900), ((0, -8, -16), 700))):
        targets = vessels.points_within(inside, (low, -110, 112), (high, 112, 396), count, 10 + name + 5 * side)
        yield vessels.grow(np.add(HILA[side], offset), targets, 20 + name + 5 * side)


def paint_bronchi(canvas: Canvas, side: int, surface: Distance, nodule: tuple[float, float, float]) -> None:
    """Grow bronchi beside the vessels."""
    low, high = sorted((side * 10.0, side * 160.0))

    inside = within_lung(surface, nodule)
    targets = vessels.points_within(inside, (low, -80, 150), (high, 90, 370), 34, 30 + side)
    airways = vessels.grow(np.add(HILA[side], (0, 6, 4)), targets, 40 + side)
    airways.paint(canvas, 1.7, 5.6, 20)
    airways.paint(canvas, 1.0, 4.4, AIR + 40)


def paint_mediastinum(canvas: Canvas) -> None:
    """Paint windpipe, gullet, heart and great vessels."""
    paint_heart(canvas)
    paint_pulmonary_trunk(canvas)
    paint_great_vessels(canvas)
    paint_airways(canvas)
    gullet = smooth_curve([(3, 42, 398), (2, 41, 330), (3, 37, 290), (10, 21, 240), (20, 15, 212), (38, 6, 196)])
    canvas.tube(gullet, 8, SOFT_TISSUE)
    canvas.tube(gullet[:40], 2.2, -300)


def paint_airways(canvas: Canvas) -> None:
    """Paint the windpipe and the main bronchi."""
    windpipe = smooth_curve([(0, 14, 400), (0, 18, 360), CARINA])
    for radius, hu in ((10.2, SOFT_TISSUE), (8.6, AIR + 10)):
        canvas.tube(windpipe, radius, hu)
        for side, first in ((-1, 7.8), (1, 6.8)):
            ends = smooth_curve([CARINA, (side * 20, 22, 306), np.add(HILA[side], (0, 6, 4))])
            canvas.tube(ends, np.linspace(first, 5.8, len(ends)) - (10.2 - radius), hu)


def ovoid(ahead: float, radii: tuple[float, float], shift: tuple[float, float, float] = (0, 0, 0)) -> Distance:
    """Give an ellipsoid of revolution about the heart's axis, `ahead` of its centre: (half length, radius)."""
    middle = HEART + ahead * HEART_AXIS + np.array(shift, np.float32)

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, v, w = x - middle[0], y - middle[1], z - middle[2]
        forth = u * HEART_AXIS[0] + v * HEART_AXIS[1] + w * HEART_AXIS[2]
        across = np.sqrt(np.maximum(u * u + v * v + w * w - forth * forth, 0))
        value = np.hypot(forth / radii[0], across / radii[1])
        slope = np.hypot(forth / radii[0] ** 2, across / radii[1] ** 2)
        return value * (value - 1) / np.maximum(slope, 1e-6)

    return distance


def resting(shape: Distance, wobble: float) -> Distance:
    """Let a part of the heart rest on the diaphragm, its surface a little uneven."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        ripple = wobble * np.sin(x * 0.16 + z * 0.1) * np.sin(y * 0.14 + z * 0.12)
        return smooth_union(shape(x, y, z) + ripple, 0.8 * (diaphragm(x, y) + 3 - z), -5)

    return distance


def paint_heart(canvas: Canvas) -> None:
    """Paint the pericardial fat, the muscle and four chambers; the apex points left, forward and down."""
    parts = (
        (ovoid(0, (73, 57)), 1.6, FAT),
        (ovoid(2, (64, 48)), 1.2, HEART_MUSCLE),
        (ovoid(18, (37, 22), (12, 12, 4)), 1.5, 190),  # left ventricle
        (ovoid(14, (42, 15), (-20, -19, 4)), 1.5, 165),  # right ventricle, round the front
        (ovoid(-40, (22, 27), (-24, -14, -6)), 1.5, 160),  # right atrium
        (ovoid(-34, (17, 29), (13, 22, 10)), 1.5, 185),  # left atrium, at the back
    )
    for shape, wobble, hu in parts:
        canvas.paint((-70, -105, 180), (105, 60, 325), resting(shape, wobble), hu)
    canvas.ellipsoid((26, -8, 244), (4.5, 5.5, 8), HEART_MUSCLE + 5)  # papillary muscle


def paint_pulmonary_trunk(canvas: Canvas) -> None:
    """Paint the pulmonary trunk and its two arteries, and the veins into the left atrium."""
    trunk = smooth_curve([(6, -42, 276), (14, -30, 294), (16, -8, 306)])
    canvas.tube(trunk, 13.5, 180)
    canvas.tube(smooth_curve([(14, -10, 305), (30, 10, 305), HILA[1]]), 10, 180)
    canvas.tube(smooth_curve([(14, -10, 303), (-12, 4, 300), HILA[-1]]), 10, 180)
    for side in (-1, 1):
        canvas.tube(smooth_curve([(4 + side * 8, 6, 276), (side * 26, 12, 279), (side * 44, 12, 280)]), 6.5, 185)


def aorta_curve() -> Array:
    """Give the aorta's centre line from the valve to its fork."""
    descending = [(20 if z > 220 else 14, body_y(z) - (19 if z > 220 else 29), z) for z in range(300, 20, -35)]
    arch = [(-2, -22, 268), (-14, -26, 296), (-12, -18, 330), (0, 2, 345), (14, 26, 343), (22, 44, 328)]
    return smooth_curve([*arch, *descending, (4, body_y(16) - 30, 16)])


def paint_great_vessels(canvas: Canvas) -> None:
    """Paint aorta, caval veins and the vessels of the neck."""
    aorta = aorta_curve()
    radii = np.interp(aorta[:, 2], (0, 100, 220, 300, 345), (7.5, 9, 11, 12.5, 14))
    canvas.tube(aorta, radii + 1.2, 70)
    canvas.tube(aorta, radii, AORTA_BLOOD)
    canvas.tube(smooth_curve([(-24, -18, 276), (-27, -12, 310), (-26, -4, 350), (-30, -6, 400)]), 9, 240)
    canvas.tube(smooth_curve([(-26, -12, 352), (0, -24, 364), (34, -16, 385), (48, -12, 402)]), 6.5, 225)
    for start, end, radius in (
        ((-4, -4, 348), (-20, 6, 400), 6),
        ((6, 10, 349), (16, 10, 400), 4.2),
        ((14, 22, 347), (28, 26, 400), 5),
    ):
        canvas.tube((start, end), radius, AORTA_BLOOD)
