"""The torso of the body phantom: skin, fat, muscle, ribs, sternum, shoulder blades, spine and the couch."""

from collections.abc import Sequence

import numpy as np

from demo.canvas import Array, Canvas, coverage, smooth_curve, smooth_union, texture

FAT, MUSCLE, SKIN, CARTILAGE = -102.0, 58.0, 15.0, 105.0
CORTICAL, CANCELLOUS = 900.0, 210.0
TRABECULAE = texture(5, 1)

# Heights (z in mm) of the vertebral bodies from L4 to T2, and of the ribs' heads.
VERTEBRAE = (10, 44, 78, 111, 143, 171, 198, 224, 249, 273, 297, 321, 345, 368, 390, 411)
RIB_12, RIB_GAP = 146.0, 24.2

LEVELS = (0, 60, 130, 200, 260, 320, 360, 400)
EXPONENT = 2.4


def smoothed(*values: float) -> tuple[Array, Array]:
    """Make a table over LEVELS without corners: (heights, values)."""
    heights = np.arange(-60, 461, 2)
    steps = np.interp(heights, LEVELS, values)
    return heights, np.convolve(np.pad(steps, 12, "edge"), np.hanning(27)[1:-1] / np.hanning(27).sum(), "valid")


HALF_WIDTH = smoothed(166, 160, 156, 162, 168, 171, 174, 178)
HALF_DEPTH = smoothed(110, 110, 112, 114, 114, 109, 101, 90)
CENTER_Y = smoothed(-4, -2, 0, 2, 2, 5, 10, 16)
FAT_DEPTH = smoothed(21, 20, 17, 13, 11, 10, 10, 11)
TOP_OF_CT = 398.0  # above, the shoulders slope to the neck, which only a radiograph sees


def level(table: tuple[Array, Array], z: Array) -> Array:
    """Read a table at the heights `z`."""
    return np.interp(z, *table).astype(np.float32)


def ramp(value: Array, start: float, stop: float) -> Array:
    """Rise smoothly from 0 at `start` to 1 at `stop`."""
    t = np.clip((value - np.float32(start)) / np.float32(stop - start), 0, 1)
    return t * t * (3 - 2 * t)


def bump(value: Array, center: float, width: float) -> Array:
    """Give a bell of height 1."""
    return np.exp(-(((value - np.float32(center)) / np.float32(width)) ** 2))


def skin_depth(x: Array, y: Array, z: Array) -> Array:
    """Give the depth under the skin along the ray to the torso's axis, in millimetres."""
    v = y - level(CENTER_Y, z)
    to_neck = ramp(z, TOP_OF_CT, 480)
    wide, deep = level(HALF_WIDTH, z) - 120 * to_neck, level(HALF_DEPTH, z) - 24 * to_neck
    rho = (np.abs(x) / wide) ** EXPONENT + (np.abs(v) / deep) ** EXPONENT
    radius = np.hypot(x, v)
    groove = 4 * bump(x, 0, 14) * ramp(v, 0, 60)
    navel = 10 * bump(x, 0, 9) * bump(z, 38, 9) * ramp(-v, 0, 60)
    return radius * (np.maximum(rho, 1e-6) ** (-1 / EXPONENT) - 1) - groove - navel


def wall_depths(x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """Give the depths under the skin where muscle begins and where the body cavity begins."""
    v = y - level(CENTER_Y, z)
    sideways = x * x / np.maximum(x * x + v * v, 1)
    back, front = ramp(v, -10, 60), ramp(-v, -10, 60)
    fat = 2 + level(FAT_DEPTH, z) * (1 + 0.3 * sideways - 0.25 * back)
    thorax, shoulder = ramp(z, 120, 215), ramp(z, 310, 400)
    in_abdomen = 9 + 8 * sideways + back * (4 + 34 * bump(np.abs(x), 26, 34))
    in_thorax = 14 + back * 15 * bump(x, 0, 42) + shoulder * (26 * sideways + 12)
    in_thorax = in_thorax + front * ramp(z, 285, 330) * 13 * bump(np.abs(x), 78, 40)
    return fat, fat + in_abdomen * (1 - thorax) + in_thorax * thorax


def cavity_depth(x: Array, y: Array, z: Array) -> Array:
    """Give the depth inside the body cavity: positive within."""
    return skin_depth(x, y, z) - wall_depths(x, y, z)[1]


def paint_wall(canvas: Canvas, index: int, ribs: bool = True) -> None:
    """Paint skin, fat, muscle and `ribs` of one slice; its cavity is left as fat."""
    rows = slice(*np.searchsorted(canvas.y, (-122, 122)))
    x, y, z = canvas.x, canvas.y[rows, None], canvas.z[index]
    hu = canvas.hu[index, rows]
    depth = skin_depth(x, y, z)
    fat, cavity = wall_depths(x, y, z)
    for start, value in ((0, SKIN), (np.float32(2.2), FAT), (fat, MUSCLE)):
        hu += coverage(start - depth) * (value - hu)
    hu += fat_planes(x, y, z, depth, (fat, cavity)) * (FAT - hu)
    hu += coverage(cavity - depth) * (FAT - 4 - hu)
    if ribs:
        paint_ribs(hu, x, y, z, depth - cavity)


def fat_planes(x: Array, y: Array, z: Array, depth: Array, muscle: tuple[Array, Array]) -> Array:
    """Give the part of fat between and within the muscles of the wall, which lie at these two depths."""
    start, end = muscle
    abdomen = 1 - ramp(z, 120, 200)
    v = y - level(CENTER_Y, z)
    beside = ramp(np.abs(x), 68, 80) * ramp(-v, -70, -40)
    within = (depth - start) / (end - start) + 0.03 * np.sin(x * 0.06 + y * 0.09 + z * 0.05)
    oblique = (bump(within, 0.36, 0.045) + bump(within, 0.68, 0.045)) * beside * abdomen
    white_lines = (bump(x, 0, 2.2) + bump(np.abs(x), 66, 2.5)) * ramp(-v, 30, 60) * abdomen
    over_ribs = bump(end - depth, 14.5, 1.1) * ramp(end - start, 17, 21) * (1 - abdomen)
    warp = 3 * np.sin(x * 0.11 + z * 0.07) + 2 * np.sin(y * 0.17 - z * 0.05)
    streaks = bump(np.sin(0.42 * (np.abs(x) + warp)) * np.sin(0.3 * (y - warp)), 1, 0.22) * ramp(v, 45, 75)
    fat = np.clip(0.75 * oblique + 0.5 * white_lines + 0.7 * over_ribs + 0.4 * streaks, 0, 0.8)
    return fat * coverage(np.maximum(start - depth, depth - end))


def paint_ribs(hu: Array, x: Array, y: Array, z: Array, inner: Array) -> None:
    """Paint the ribs that this slice cuts: they run down and forward from the spine, cartilage back up."""
    angle = np.arctan2(np.abs(x), y - level(CENTER_Y, z)).astype(np.float32)  # 0 at the back, pi in front
    fall = 92 * ramp(angle, 0.1, 2.5) - 46 * ramp(angle, 2.45, 3.2)
    number = np.clip(np.round(12 - (z + fall - RIB_12) / RIB_GAP), 1, 12)
    height = z + fall - (RIB_12 + (12 - number) * RIB_GAP)
    bone_end = np.interp(number, (7, 8, 9, 10, 11, 12), (2.42, 2.35, 2.2, 2.05, 1.75, 1.05)).astype(np.float32)
    end = np.where(number < 8, np.float32(2.98), np.where(number < 11, bone_end + 0.3, bone_end))
    across = (inner + 6.5) / np.float32(3.6)
    distance = 4.2 * (np.sqrt(across * across + (height / np.float32(6.2)) ** 2) - 1)
    past_end = 90 * np.maximum(angle - end, np.float32(0.14) - angle)
    shape = np.maximum(distance, past_end)
    is_bone = ramp(bone_end - angle, -0.015, 0.015)
    hu += coverage(shape) * (CARTILAGE + is_bone * (0.8 * CORTICAL - CARTILAGE) - hu)
    hu += coverage(shape + 1.5) * is_bone * (CANCELLOUS - hu)


def paint_spine(canvas: Canvas, vertebrae: Sequence[float] = VERTEBRAE) -> None:
    """Paint vertebrae, discs, the canal and the processes."""
    heights = np.array(vertebrae, np.float32)
    for z, gap in zip(heights, np.gradient(heights), strict=True):
        paint_vertebra(canvas, float(z), float(gap))
    axis = [(0.0, canal_y(z), float(z)) for z in range(-10, 411, 10)]
    canvas.tube(axis, 8.2, 12)
    canvas.tube(axis, 4.8, 38)


def body_y(z: float) -> float:
    """Give the y of the vertebral bodies' centres: lumbar lordosis, thoracic kyphosis."""
    return float(np.interp(z, (0, 60, 140, 220, 300, 400), (40, 42, 50, 60, 66, 58)))


def canal_y(z: float) -> float:
    """Give the y of the spinal canal's centre."""
    return body_y(z) + float(np.interp(z, (0, 140, 300), (27, 24, 21)))


def paint_vertebra(canvas: Canvas, z: float, gap: float) -> None:
    """Paint one vertebra and the disc below it."""
    scale = float(np.interp(z, (0, 140, 400), (1.0, 0.86, 0.66)))
    y, canal = body_y(z), canal_y(z)
    wide, deep, half = 24 * scale, 17.5 * scale, 0.5 * gap - 3.2 * scale
    waist = 2.2 * scale

    def body(px: Array, py: Array, pz: Array) -> Array:
        height = (pz - z) / half
        narrow = waist * (1 - np.clip(height * height, 0, 1))
        round_ = np.sqrt((px / wide) ** 2 + ((py - y) / deep) ** 2)
        behind = py - (canal - 7.5)
        return np.maximum(np.maximum((round_ - 1) * deep + narrow, behind), np.abs(pz - z) - half)

    def disc(px: Array, py: Array, pz: Array) -> Array:
        round_ = np.sqrt((px / wide) ** 2 + ((py - y) / deep) ** 2)
        return np.maximum((round_ - 1) * deep + 0.5, np.abs(pz - z + 0.5 * gap) - 0.5 * gap + half)

    low, high = (-wide, y - deep, z - gap), (wide, y + deep, z + half + 1)
    canvas.paint(low, high, disc, 85)
    canvas.paint(low, high, body, CORTICAL * 0.75)
    canvas.paint(low, high, lambda px, py, pz: body(px, py, pz) + 1.6, marrow)
    for part in arch(z, canal, scale):
        bone(canvas, *part)


def marrow(x: Array, y: Array, z: Array) -> Array:
    """Give the texture of cancellous bone."""
    return CANCELLOUS + 26 * TRABECULAE(x, y, z)


def arch(z: float, canal: float, scale: float) -> list[tuple[tuple[float, float, float], ...]]:
    """List pedicles, laminae, transverse and spinous processes as (start, end, (radius, radius, core))."""
    parts = [((0, canal + 12 * scale, z - 4), (0, canal + 27 * scale, z - 12), (4.0, 3.2, 1.6))]
    for side in (-1, 1):
        root = (side * 13.5 * scale, canal - 2, z + 3)
        parts += [
            ((side * 13.5 * scale, canal - 15 * scale, z + 4), root, (4.6 * scale, 4.2 * scale, 2.2)),
            (root, (side * 40 * scale, canal + 6, z + 3), (4.4 * scale, 3.0 * scale, 1.7)),
            (root, (0, canal + 13 * scale, z - 4), (4.0 * scale, 3.8 * scale, 1.8)),
        ]
    return parts


def bone(canvas: Canvas, start: tuple[float, ...], end: tuple[float, ...], size: tuple[float, ...]) -> None:
    """Paint a cone of cortical bone with a cancellous core."""
    first, last, core = size
    ends = np.array(start, np.float32), np.array(end, np.float32)
    canvas.segment(*ends, first, last, CORTICAL * 0.75)
    canvas.segment(*ends, max(first - core, 0.5), max(last - core, 0.5), CANCELLOUS + 60)


def paint_sternum(canvas: Canvas) -> None:
    """Paint the breastbone, just outside the cavity in the midline."""

    def plate(x: Array, y: Array, z: Array) -> Array:
        across = np.abs(cavity_depth(x, y, z) + 6) - 4.2
        width = np.interp(z, (236, 250, 330, 345, 385), (5, 15, 13, 21, 30)).astype(np.float32)
        box = np.maximum(np.maximum(across, np.abs(x) - width), np.maximum(238 - z, z - 386))
        return np.where(y < 0, box, np.float32(50))

    canvas.paint((-32, -115, 236), (32, -30, 388), plate, CORTICAL * 0.65)
    canvas.paint((-32, -115, 236), (32, -30, 388), lambda x, y, z: plate(x, y, z) + 1.6, CANCELLOUS - 60)


def paint_shoulders(canvas: Canvas) -> None:
    """Paint the shoulder blades' lower parts and the inner ends of the collar bones."""
    for side in (-1, 1):

        def blade(x: Array, y: Array, z: Array, side: int = side) -> Array:
            u = side * x
            plane = (y - 92 + 0.0052 * (u - 55) ** 2) / np.float32(1.12)
            edge = smooth_union(np.float32(62) - 0.12 * (z - 300) - u, u - 62 - 0.8 * (z - 296), -8)
            return np.maximum(np.maximum(np.abs(plane) - 2.6, edge), u - 138)

        low, high = sorted((side * 50, side * 142))
        canvas.paint((low, 30, 296), (high, 112, 400), blade, CORTICAL * 0.6)
        curve = smooth_curve([(side * x, y, z) for x, y, z in ((17, -58, 384), (45, -62, 392), (80, -48, 402))])
        canvas.tube(curve, 6.2, CORTICAL * 0.7)
        canvas.tube(curve, 4.2, CANCELLOUS)


def paint_couch(canvas: Canvas) -> None:
    """Paint the couch below the back, a foam core in a thin shell."""
    top = 117 - 22 * (canvas.x / 190) ** 2
    middle = np.abs(canvas.y[:, None] - top - 9) - 9
    slab = np.maximum(middle, np.abs(canvas.x) - 185)
    shell, core = coverage(slab), coverage(slab + 1.8)
    canvas.hu += shell * (-90 - canvas.hu)
    canvas.hu += core * (-945 - canvas.hu)
