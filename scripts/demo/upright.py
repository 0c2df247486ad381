"""The body phantom as it stands before a detector: breathed in, no contrast medium, shoulders rolled forward."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from demo import chest, torso
from demo.body import on_every_slice
from demo.canvas import Array, Canvas, Distance, ellipsoid, round_cone, smooth_curve, smooth_union
from demo.gut import folded
from demo.projection import Segment
from demo.torso import CANCELLOUS, CENTER_Y, MUSCLE, cavity_depth, level, ramp, skin_depth

LUNG, SOFT_TISSUE, GAS, COMPACT = -880.0, 45.0, -990.0, 1250.0
TO_THE_NECK = (*torso.VERTEBRAE, 430, 448, 466, 484)
NOWHERE = (0.0, 0.0, -1000.0)

# Of the ribs 1 to 12: how far their bone falls towards the front (mm) and where it ends (radians from the back).
FALL = (34, 48, 60, 70, 80, 88, 93, 95, 92, 84, 62, 42)
END = (2.6, 2.5, 2.45, 2.42, 2.42, 2.42, 2.42, 2.35, 2.2, 2.05, 1.75, 1.05)


def paint(canvas: Canvas) -> None:
    """Paint all that the rays cross, from the outside in."""
    paint_arms(canvas)
    on_every_slice(lambda index: torso.paint_wall(canvas, index, ribs=False), len(canvas.z))
    paint_lungs(canvas)
    paint_below_diaphragm(canvas)
    with canvas.translating(lambda hu: np.minimum(hu, SOFT_TISSUE)):
        chest.paint_mediastinum(canvas)
    paint_heart_outline(canvas)
    paint_hila(canvas)
    paint_windpipe(canvas)
    with canvas.translating(lambda hu: np.minimum(0.8 * hu, 380)):
        torso.paint_spine(canvas, TO_THE_NECK)
        torso.paint_sternum(canvas)
    for side in (-1, 1):
        for number in range(1, 13):
            paint_rib(canvas, side, number)
        paint_scapula(canvas, side)
        paint_clavicle(canvas, side)


def paint_arms(canvas: Canvas) -> None:
    """Paint shoulders and upper arms, which hang away from the chest, with the head and shaft of the humerus."""
    for side in (-1, 1):
        slope, shoulder, elbow = ((side * 50, 22, 452), (side * 170, 8, 388), (side * 270, -20, 180))
        for shrunk, hu in ((0, torso.FAT), (7, MUSCLE)):
            canvas.tube((slope, shoulder), np.array((26, 44)) - shrunk, hu)
            canvas.tube((shoulder, elbow), 46 - shrunk, hu)
        for shrunk, hu in ((0, COMPACT * 0.8), (2.2, CANCELLOUS)):
            canvas.ellipsoid((side * 172, 14, 396), (23 - shrunk,) * 3, hu)
            shaft = smooth_curve([(side * 182, 8, 384), (side * 210, 0, 322), (side * 248, -14, 240)])
            canvas.tube(shaft, np.linspace(15, 11, len(shaft)) - 2 * shrunk, hu if shrunk else COMPACT)


def closing(x: Array, y: Array, z: Array) -> Array:
    """Give the thickness by which the chest closes to its inlet, which the CT cuts off."""
    v = y - level(CENTER_Y, z)
    sideways = x * x / np.maximum(x * x + v * v, 1)
    return (0.3 + 0.7 * sideways) * 122 * (np.clip(z - 296, 0, 144) / np.float32(140)) ** 3


def chest_depth(x: Array, y: Array, z: Array) -> Array:
    """Give the depth inside the chest wall: positive within."""
    return cavity_depth(x, y, z) - closing(x, y, z)


def lung_surface(side: int) -> Distance:
    """Give the surface of a lung up to its top; it reaches between heart and great vessels, whose outlines show."""
    lying = chest.lung_distance(side)

    def distance(x: Array, y: Array, z: Array) -> Array:
        inward = 4 - 5 * ramp(z, 330, 410) + 1.5 * np.sin(z * 0.05 + side) + np.sin(z * 0.13 + y * 0.06)
        return np.maximum(lying(x + side * inward, y, z), 2.5 - chest_depth(x, y, z))

    return distance


def paint_lungs(canvas: Canvas) -> None:
    """Paint the closing wall and the lungs; their vessels are too fine for a canvas."""

    def wall(x: Array, y: Array, z: Array) -> Array:
        return np.maximum(-1 - cavity_depth(x, y, z), chest_depth(x, y, z))

    def paint_lung(side: int) -> None:
        low, high = sorted((side * 3.0, side * 165.0))  # apart, so that both can be painted at once
        box = (low, -110, 112), (high, 112, 446)
        canvas.paint(*box, lung_surface(side), lambda x, y, z: LUNG + 10 * chest.LOBULES(x, y, z))

    canvas.paint((-165, -110, 296), (165, 112, 446), wall, MUSCLE)
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(paint_lung, (-1, 1)))


def lung_vessels(canvas: Canvas) -> Iterator[Segment]:
    """Give the pieces of all vessels of both lungs, as far as they run through lung on the finished canvas."""
    for side in (-1, 1):
        for tree in chest.pulmonary_vessels(side, lung_surface(side), NOWHERE):
            for start, end, first, last in tree.segments(0.53, 6.8):
                middle = (start + end) / 2
                if canvas.hu[nearest(canvas, middle)] < -500:
                    yield start, end, first, last


def nearest(canvas: Canvas, point: Array) -> tuple[int, int, int]:
    """Give the voxel (slice, row, column) next to a point."""
    column, row, slice_ = (
        round(float((place - axis[0]) / (axis[1] - axis[0])))
        for place, axis in zip(point, (canvas.x, canvas.y, canvas.z), strict=True)
    )
    return slice_, row, column


def paint_heart_outline(canvas: Canvas) -> None:
    """Paint what an upright heart rests on and rounds off its outline: both sides' lower corners, the left waist."""
    for center, radii in (
        ((-20, -14, 243), (37, 34, 43)),  # right atrium
        ((46, -44, 226), (44, 34, 28)),  # apex
        ((27, -18, 298), (17, 18, 20)),  # pulmonary trunk
        ((36, -12, 280), (18, 18, 18)),  # appendage of the left atrium
    ):
        shape = chest.resting(ellipsoid(center, radii), 0.8)
        canvas.paint(np.subtract(center, radii), np.add(center, radii), shape, SOFT_TISSUE)


def paint_hila(canvas: Canvas) -> None:
    """Paint the arteries that run down from the hila."""
    for way in (
        [(-20, 4, 303), (-44, 14, 297), (-60, 24, 271), (-70, 30, 236)],
        [(22, 0, 308), (44, 16, 316), (60, 30, 298), (67, 36, 266), (76, 38, 236)],
    ):
        curve = smooth_curve(way)
        canvas.tube(curve, np.linspace(9, 4.5, len(curve)), SOFT_TISSUE)


def paint_below_diaphragm(canvas: Canvas) -> None:
    """Fill the upper abdomen, with gas in the stomach above its fluid, and in the bend of the colon."""

    def below(x: Array, y: Array, z: Array) -> Array:
        return smooth_union(0.75 * (z - chest.diaphragm(x, y)), 2 - cavity_depth(x, y, z), -4)

    canvas.paint((-160, -112, 60), (160, 112, 226), below, SOFT_TISSUE)
    bubble = ellipsoid((58, 4, 180), (29, 28, 19))
    canvas.paint((28, -30, 150), (92, 40, 205), lambda x, y, z: smooth_union(bubble(x, y, z), 170 - z, -2), GAS)
    bend = smooth_curve([(88, -52, 112), (100, -34, 138), (109, -8, 146), (114, 10, 122), (116, 16, 90)])
    canvas.tube(bend, folded(bend, 11, 1), GAS + 120)


def paint_windpipe(canvas: Canvas) -> None:
    """Paint the windpipe's upper part, above the CT."""
    canvas.tube(smooth_curve([(0, 18, 372), (0, 14, 400), (0, 4, 440), (0, -6, 490)]), 9.4, GAS)


def rib_curve(side: int, number: int) -> Array:
    """Give the centre line of a rib's bone, just outside the cavity."""
    angle = np.linspace(0.13, END[number - 1], 16 if number > 10 else 40)
    z = torso.RIB_12 + (12 - number) * torso.RIB_GAP - FALL[number - 1] * ramp(angle, 0.1, 2.5)
    reach = np.full(angle.shape, 90.0)
    for _ in range(6):  # outwards until it lies 6.5 mm outside the cavity
        x, y = side * reach * np.sin(angle), level(CENTER_Y, z) + reach * np.cos(angle)
        reach = np.maximum(reach + chest_depth(x, y, z) + 6.5, 22)
    return np.stack([side * reach * np.sin(angle), level(CENTER_Y, z) + reach * np.cos(angle), z], 1)


def paint_rib(canvas: Canvas, side: int, number: int) -> None:
    """Paint a rib, taller than thick: compact bone round marrow."""
    curve = rib_curve(side, number).astype(np.float32)
    for radius, hu in ((3.9, COMPACT), (2.7, CANCELLOUS)):
        for start, end in pairwise(curve):
            low, high = np.minimum(start, end) - 2 * radius, np.maximum(start, end) + 2 * radius
            canvas.paint(low, high, flat_cone(start, end, radius), hu)


def flat_cone(start: Array, end: Array, radius: float, flatness: float = 0.58) -> Distance:
    """Give a round cone stretched along z."""
    squeeze = np.array((1, 1, flatness), np.float32)
    cone = round_cone(start * squeeze, end * squeeze, radius, radius)
    return lambda x, y, z: cone(x, y, z * np.float32(flatness))


def paint_scapula(canvas: Canvas, side: int) -> None:
    """Paint a shoulder blade, rolled away from the lung: its plate, thick edge, spine and coracoid process."""

    def plate(x: Array, y: Array, z: Array) -> Array:
        u = side * x
        up = ramp(z, 296, 400)
        inner, outer = 138 - 34 * up, 143 + 24 * up
        edge = np.maximum(np.maximum(inner - u, u - outer), np.maximum(292 - z, z - 412))
        sheet = np.abs(skin_depth(x, y, z) - 27) - 1.0
        return np.where(y > 12, np.maximum(sheet, edge), np.float32(50))

    low, high = sorted((side * 100, side * 170))
    canvas.paint((low, 10, 290), (high, 112, 414), plate, COMPACT * 0.3)
    for radius, hu in ((4.6, COMPACT * 0.8), (3.2, CANCELLOUS)):
        canvas.tube(on_back(side, ((142, 297), (150, 330), (160, 365), (164, 396))), radius, hu)
        canvas.tube(on_back(side, ((108, 378), (130, 396), (152, 412), (172, 424)), depth=14), radius, hu)
        canvas.tube(smooth_curve([(side * 156, 18, 402), (side * 148, -14, 410), (side * 150, -34, 402)]), radius, hu)


def on_back(side: int, places: tuple[tuple[float, float], ...], depth: float = 26) -> Array:
    """Give a curve at a depth under the skin of the back through places (outwards, upwards)."""
    points = []
    for u, z in places:
        y = np.linspace(0, 110, 221)
        under = skin_depth(np.float32(u), y, np.full(y.shape, z))
        points.append((side * u, float(y[np.argmin(np.abs(under - depth))]), z))
    return smooth_curve(points)


def paint_clavicle(canvas: Canvas, side: int) -> None:
    """Paint a collar bone, curved like an S."""
    way = [(14, -56, 386), (48, -64, 392), (92, -46, 401), (134, -12, 415), (166, 10, 424)]
    curve = smooth_curve([(side * x, y, z) for x, y, z in way])
    radii = np.interp(np.linspace(0, 1, len(curve)), (0, 0.12, 0.5, 1), (9.5, 7, 6, 6.5))
    for shrunk, hu in ((0, COMPACT * 0.9), (1.9, CANCELLOUS)):
        canvas.tube(curve, radii - shrunk, hu)
