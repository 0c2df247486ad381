"""The solid organs of the abdomen, in the portal venous phase of a contrast examination."""

import numpy as np

from demo import vessels
from demo.canvas import Array, Canvas, ellipsoid, smooth_curve, smooth_union, texture
from demo.chest import diaphragm
from demo.gut import PORTAL, WATER, paint_bowel, paint_stomach, within_cavity
from demo.torso import FAT, MUSCLE, body_y, cavity_depth, ramp

LIVER, SPLEEN, CORTEX, MEDULLA, ARTERY, PANCREAS = 112.0, 124.0, 195.0, 150.0, 215.0, 98.0
PARENCHYMA = texture(26, 3)
KIDNEYS = {-1: (-62.0, 34.0, 100.0), 1: (64.0, 36.0, 113.0)}


def paint_abdomen(canvas: Canvas) -> None:
    """Paint the organs from the back to the front."""
    paint_diaphragm(canvas)
    paint_psoas(canvas)
    paint_vena_cava(canvas)
    for side in (-1, 1):
        paint_kidney(canvas, side)
    paint_bowel(canvas)
    paint_spleen(canvas)
    paint_stomach(canvas)
    paint_pancreas(canvas)
    paint_liver(canvas)
    paint_arteries(canvas)


def paint_diaphragm(canvas: Canvas) -> None:
    """Paint the muscle sheet below the lungs and its crura beside the spine."""

    def sheet(x: Array, y: Array, z: Array) -> Array:
        return np.maximum(np.abs(z - diaphragm(x, y)) * 0.7 - 1.6, -2 - cavity_depth(x, y, z))

    canvas.paint((-160, -112, 110), (160, 112, 226), sheet, MUSCLE)
    for side in (-1, 1):
        crus = smooth_curve([(side * 13, body_y(z) - 17, z) for z in (60, 100, 140, 180, 205)])
        canvas.tube(crus, 5, MUSCLE)


def paint_psoas(canvas: Canvas) -> None:
    """Paint the muscles beside the lumbar spine."""
    for side in (-1, 1):
        muscle = smooth_curve([(side * x, body_y(z) + 2, z) for x, z in ((28, 130), (33, 90), (39, 45), (46, -10))])
        canvas.tube(muscle, np.linspace(6, 21, len(muscle)), MUSCLE + 4)


def paint_vena_cava(canvas: Canvas) -> None:
    """Paint the lower caval vein."""
    vein = [(-20, body_y(z) - 30, z) for z in (-8, 40, 90, 130)] + [
        (-22, 14, 170),
        (-24, 2, 205),
        (-22, -8, 240),
    ]
    canvas.tube(smooth_curve(vein), 10.5, 140)


def paint_kidney(canvas: Canvas, side: int) -> None:
    """Paint a kidney: cortex, pyramids, fat and pelvis of the sinus, vein; its fat capsule is the cavity's."""
    cx, cy, cz = KIDNEYS[side]

    def local(x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        up = z - np.float32(cz)
        u = (x - cx) * side + 0.17 * up  # the upper pole leans to the spine
        v = y - cy + 0.12 * up
        return 0.86 * u + 0.5 * v, 0.86 * v - 0.5 * u, up  # turned: the hilum looks forward and inward

    def bean(x: Array, y: Array, z: Array) -> Array:
        u, v, w = local(x, y, z)
        whole = ellipsoid((0, 0, 0), (30, 24, 55))(u, v, w)
        hilum = ellipsoid((-31, 0, 0), (19, 9, 17))(u, v, w)
        return smooth_union(whole, -hilum, -5)

    def sinus(x: Array, y: Array, z: Array) -> Array:
        u, v, w = local(x, y, z)
        return ellipsoid((-11, 0, 0), (17, 7.5, 28))(u, v, w) + 1.5 * np.sin(w * 0.45)

    def pelvis(x: Array, y: Array, z: Array) -> Array:
        u, v, w = local(x, y, z)
        return ellipsoid((-16, 0, -2), (13, 4.5, 13))(u, v, w)

    def tissue(x: Array, y: Array, z: Array) -> Array:
        u, v, w = local(x, y, z)
        depth = -ellipsoid((0, 0, 0), (30, 24, 55))(u, v, w)
        pyramids = ramp(np.sin(w * 0.42) * np.cos(np.arctan2(v, u + 8) * 5), 0.0, 0.5)
        return CORTEX - (CORTEX - MEDULLA) * pyramids * ramp(depth, 5.5, 7.5)

    box = (cx - 48, cy - 42, cz - 58), (cx + 48, cy + 42, cz + 58)
    canvas.paint(*box, bean, tissue)
    canvas.paint(*box, lambda x, y, z: np.maximum(sinus(x, y, z), bean(x, y, z) - 6), FAT)
    canvas.paint(*box, pelvis, WATER + 10)
    end = (-18 if side < 0 else 8, body_y(cz) - 31, cz)
    canvas.tube(smooth_curve([(cx - side * 18, cy - 9, cz), (cx - side * 32, cy - 20, cz), end]), 4.2, 150)


def paint_spleen(canvas: Canvas) -> None:
    """Paint the spleen along the left wall."""

    def crescent(x: Array, y: Array, z: Array) -> Array:
        whole = ellipsoid((98, 38, 168), (46, 54, 49))(x, y, z)
        hollow = ellipsoid((56, 8, 172), (42, 46, 62))(x, y, z)
        return smooth_union(whole, -hollow, -7)

    canvas.paint((55, -15, 118), (150, 95, 216), within_cavity(crescent, 4, 2), SPLEEN)


def paint_pancreas(canvas: Canvas) -> None:
    """Paint the pancreas, its lobules and the splenic vein behind it."""
    path = smooth_curve([(-32, -8, 100), (-30, -14, 116), (-6, -20, 128), (24, -6, 140), (58, 14, 156), (78, 24, 164)])
    wobble = 1 + 0.12 * np.sin(np.arange(len(path)) * 1.9)
    canvas.tube(path, np.interp(np.linspace(0, 1, len(path)), (0, 0.25, 0.5, 1), (14, 13, 9, 8)) * wobble, PANCREAS)
    vein = smooth_curve([(-16, -8, 128), (10, -4, 134), (46, 22, 154), (80, 34, 166)])
    canvas.tube(vein, 4.2, PORTAL)
    canvas.tube(smooth_curve([(-16, -8, 128), (-14, -18, 96), (-10, -26, 50)]), 5, PORTAL)


def liver_shape(x: Array, y: Array, z: Array) -> Array:
    """Give the liver: a right and a left lobe, hollow below."""
    right = ellipsoid((-76, -2, 152), (82, 92, 80))(x, y, z)
    left = ellipsoid((2, -46, 182), (74, 44, 36))(x, y, z)
    hollow = ellipsoid((-16, 10, 106), (50, 62, 56))(x, y, z)
    kidney = ellipsoid((-60, 44, 98), (38, 40, 62))(x, y, z)
    lobes = smooth_union(right, left, 22)
    return smooth_union(smooth_union(lobes, -hollow, -14), -kidney, -8)


def paint_liver(canvas: Canvas) -> None:
    """Paint liver, its two trees of veins, and the gall bladder."""
    shape = within_cavity(liver_shape, 3.5, 3)
    canvas.paint((-165, -110, 66), (82, 100, 224), shape, lambda x, y, z: LIVER + 2.5 * PARENCHYMA(x, y, z))

    def inside(x: Array, y: Array, z: Array) -> np.ndarray:
        return shape(x, y, z) < -7

    box = (-150, -95, 80), (70, 80, 215)
    portal = vessels.grow((-26, -8, 146), vessels.points_within(inside, *box, 120, 1), 2)
    portal.paint(canvas, 0.95, 6.5, PORTAL)
    canvas.tube(smooth_curve([(-16, -8, 128), (-22, -9, 138), (-26, -8, 146)]), 6.5, PORTAL)
    hepatic = vessels.grow((-26, 2, 204), vessels.points_within(inside, *box, 90, 3), 4)
    hepatic.paint(canvas, 0.95, 5.5, PORTAL - 8)
    gall = ellipsoid((-54, -46, 112), (13, 20, 23))
    box = (-75, -75, 85), (-35, -20, 140)
    canvas.paint(*box, lambda x, y, z: gall(x, y, z) - 2, 85)
    canvas.paint(*box, gall, WATER + 4)


def paint_arteries(canvas: Canvas) -> None:
    """Paint the branches of the abdominal aorta."""
    front = body_y(140) - 34
    canvas.tube(smooth_curve([(12, front + 4, 146), (6, front - 14, 148), (-14, front - 26, 146)]), 3.2, ARTERY)
    canvas.tube(smooth_curve([(8, front - 12, 148), (40, 6, 160), (76, 26, 168)]), 2.6, ARTERY)
    canvas.tube(smooth_curve([(12, front + 4, 128), (6, front - 20, 118), (2, -16, 60), (4, -22, 12)]), 3.4, ARTERY)
    for side in (-1, 1):
        cx, cy, cz = KIDNEYS[side]
        canvas.tube(
            smooth_curve(
                [(12, body_y(104) - 28, 106), (cx - side * 36, cy - 10, cz + 2), (cx - side * 16, cy - 5, cz)]
            ),
            2.8,
            ARTERY,
        )
        canvas.tube(
            smooth_curve([(4, body_y(16) - 30, 18), (side * 14, body_y(0) - 28, 4), (side * 24, body_y(0) - 26, -12)]),
            5.6,
            ARTERY,
        )
