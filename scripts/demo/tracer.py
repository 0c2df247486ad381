"""Where FDG goes in the body phantom an hour after its injection: the anatomy of the CT, painted as SUV."""

from collections.abc import Mapping

import numpy as np

from demo import abdomen, body, chest, torso
from demo.canvas import Array, Canvas, Translation, smooth_curve, smooth_union

MUSCLE, BLOOD, MYOCARDIUM, URINE = 0.6, 1.6, 5.5, 14.0

# SUV by the Hounsfield units with which the CT paints a tissue, between them by straight lines.
AIR = {-1000: 0.05, -500: 0.1}
WALL = AIR | {-150: 0.25, -100: 0.25, 15: 0.45, 58: MUSCLE, 105: 0.5, 210: 1.1, 720: 0.7}
KIDNEY = {-102: 0.4, 18: URINE, 150: 2.4, 195: 3.2}
BOWEL = AIR | {-300: 0.4, 25: 0.9, 60: 1.0, 86: 2.1, 168: BLOOD}
STOMACH = AIR | {16: 0.4, 86: 2.3}
PANCREAS = {98: 1.5, 168: BLOOD}
LIVER = {12: 0.4, 85: 1.3, 104: 2.3, 112: 2.3, 120: 2.3, 160: 1.8}
CHEST = AIR | {-300: 0.3, -98: 0.35, 45: 1.2, 70: 1.5, 113: 1.7, 160: BLOOD}
SPINE = {12: 0.7, 38: 1.4, 85: 0.5, 150: 1.5, 210: 1.9, 300: 1.7, 675: 1.1}

# Of the lesions of the CT, in its order; the cyst takes nothing up.
LESION_SUV = (9.0, 9.0, 9.0, 11.0, 0.2)


def uptake(table: Mapping[int, float]) -> Translation:
    """Make the translation from Hounsfield units to SUV of a table."""
    hu, suv = np.array(list(table), float), np.array(list(table.values()))
    return lambda value: np.interp(value, hu, suv)


def paint(canvas: Canvas) -> None:
    """Paint the body from the outside in, as the CT does, lesions included."""
    body.on_every_slice(lambda index: torso.paint_wall(canvas, index), len(canvas.z))
    canvas.hu[:] = uptake(WALL)(canvas.hu)
    paint_lungs(canvas)
    paint_abdomen(canvas)
    with canvas.translating(uptake(CHEST)):
        chest.paint_mediastinum(canvas)
    paint_left_ventricle(canvas)
    with canvas.translating(uptake(SPINE)):
        torso.paint_spine(canvas)
        torso.paint_sternum(canvas)
        torso.paint_shoulders(canvas)
    for lesion, suv in zip(body.LESIONS, LESION_SUV, strict=True):
        canvas.ellipsoid(lesion.center, (lesion.diameter / 2,) * 3, suv)


def paint_lungs(canvas: Canvas) -> None:
    """Paint the lungs, fuller of blood where they hang."""
    for side in (-1, 1):
        low, high = sorted((side * 2.0, side * 165.0))
        surface = chest.lung_distance(side)
        canvas.paint((low, -110, 112), (high, 112, 398), surface, lambda _x, y, _z: 0.42 + 0.0012 * y)


def paint_abdomen(canvas: Canvas) -> None:
    """Paint the organs of the abdomen in the order of the CT."""
    with canvas.translating(uptake(WALL)):
        abdomen.paint_diaphragm(canvas)
        abdomen.paint_psoas(canvas)
    with canvas.translating(lambda _hu: BLOOD):
        abdomen.paint_vena_cava(canvas)
    with canvas.translating(uptake(KIDNEY)):
        for side in (-1, 1):
            abdomen.paint_kidney(canvas, side)
    with canvas.translating(uptake(BOWEL)):
        abdomen.paint_bowel(canvas)
    with canvas.translating(lambda _hu: 1.9):
        abdomen.paint_spleen(canvas)
    with canvas.translating(uptake(STOMACH)):
        abdomen.paint_stomach(canvas)
    with canvas.translating(uptake(PANCREAS)):
        abdomen.paint_pancreas(canvas)
    with canvas.translating(uptake(LIVER)):
        abdomen.paint_liver(canvas)
    with canvas.translating(lambda _hu: BLOOD):
        abdomen.paint_arteries(canvas)
    paint_urine(canvas)


def paint_urine(canvas: Canvas) -> None:
    """Paint urine in calyces and pelvis, and on its way down, in drops as peristalsis leaves it."""
    for side in (-1, 1):
        x, y, z = abdomen.KIDNEYS[side]
        for inwards, up, radii in ((14, -2, (8, 4, 11)), (4, 21, (5, 4, 6)), (3, -20, (5, 4, 6)), (1, 2, (5, 4, 5))):
            canvas.ellipsoid((x - side * inwards, y - inwards / 2, z + up), radii, URINE)
        ways = smooth_curve(
            [(x - side * 18, y - 4, z - 8), (x - side * 24, y - 2, z - 40), (side * 36, 14, 30), (side * 34, 8, -12)]
        )
        drops = 0.4 + 1.9 * np.clip(np.sin(np.arange(len(ways)) * 0.55 + side), 0, 1)
        canvas.tube(ways, drops, URINE)


def paint_left_ventricle(canvas: Canvas) -> None:
    """Paint the muscle of the left ventricle, which burns more sugar than the rest of the heart, and its cavity."""

    def muscle(x: Array, y: Array, z: Array) -> Array:
        outside = chest.ovoid(18, (47, 32), (12, 12, 4))(x, y, z)
        base = chest.HEART_AXIS[0] * (x - chest.HEART[0]) + chest.HEART_AXIS[1] * (y - chest.HEART[1])
        base = base + chest.HEART_AXIS[2] * (z - chest.HEART[2])
        return smooth_union(outside, -10 - base, -4)

    canvas.paint((-70, -105, 180), (105, 60, 325), chest.resting(muscle, 1.2), MYOCARDIUM)
    cavity = chest.resting(chest.ovoid(18, (37, 22), (12, 12, 4)), 1.5)
    canvas.paint((-70, -105, 180), (105, 60, 325), cavity, BLOOD)
