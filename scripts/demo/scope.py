"""What an ultrasound machine writes round its picture: scales, settings, the electrocardiogram."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from demo import doppler, heart
from demo.beams import Sector

GREY, DIM, GREEN, AMBER = (200, 205, 210), (110, 118, 126), (70, 220, 120), (240, 200, 90)
SETTINGS = ("RESLICE DEMO", "Synthetic heart", "A4C  2.5 MHz", "25 Hz  16 cm", "2D  54 dB", "CF  62 cm/s")
BAR = (608, 40, 622, 160)  # colour scale: left, top, right, bottom
TRACE = (180, 432, 452, 472)  # electrocardiogram


def annotated(frame: NDArray[np.uint8], sector: Sector, time: float) -> NDArray[np.uint8]:
    """Write scales and settings onto a frame (row, column, RGB)."""
    image = Image.fromarray(frame)
    still = frame_of(sector)
    image.paste(still, mask=still.convert("L").point(lambda value: 255 if value else 0))
    draw_trace(ImageDraw.Draw(image), time)
    return np.asarray(image)


@cache
def frame_of(sector: Sector) -> Image.Image:
    """Draw what stays the same."""
    image = Image.new("RGB", (sector.columns, sector.rows))
    draw = ImageDraw.Draw(image)
    small, tiny = ImageFont.load_default(13), ImageFont.load_default(11)
    for line, text in enumerate(SETTINGS):
        draw.text((10, 10 + 18 * line), text, fill=AMBER if line == 0 else GREY, font=small if line == 0 else tiny)
    draw_depths(draw, sector, tiny)
    draw_window(draw, sector)
    for row in range(BAR[1], BAR[3]):
        part = 1 - 2 * (row - BAR[1]) / (BAR[3] - 1 - BAR[1])
        draw.line((BAR[0], row, BAR[2], row), fill=tuple(int(c) for c in doppler.coloured(np.array(part))))
    bounds = {BAR[1] - 16: f"+{doppler.NYQUIST:g}", BAR[3] + 4: f"-{doppler.NYQUIST:g}", BAR[3] + 17: "cm/s"}
    for y, text in bounds.items():
        draw.text((BAR[0] - 6, y), text, fill=GREY, font=tiny)
    draw.text((sector.apex[1] - 22, 2), "V", fill=AMBER, font=small)
    return image


def draw_depths(draw: ImageDraw.ImageDraw, sector: Sector, font: ImageFont.ImageFont) -> None:
    """Draw the scale of depth: a tick a centimetre, a number every five."""
    for centimetre in range(int(sector.depth // 10) + 1):
        row = sector.apex[0] + 10 * centimetre / sector.spacing
        long = centimetre % 5 == 0
        draw.line((594 - (7 if long else 3), row, 594, row), fill=GREY if long else DIM)
        if long:
            draw.text((598, row - 6), f"{centimetre}", fill=GREY, font=font)


def draw_window(draw: ImageDraw.ImageDraw, sector: Sector) -> None:
    """Draw the outline of the window in which flow is measured."""
    points = doppler.outline(sector)
    draw.line([*points, points[0]], fill=(150, 150, 90), width=1)


def draw_trace(draw: ImageDraw.ImageDraw, time: float) -> None:
    """Draw the electrocardiogram of two beats, and how far the picture has come."""
    left, top, right, bottom = TRACE
    columns = np.arange(left, right)
    times = (columns - left) / (right - left) * 2 * heart.BEAT
    rows = bottom - 8 - (bottom - top - 10) * electrocardiogram(times)
    draw.line(list(zip(columns.tolist(), rows.tolist(), strict=True)), fill=GREEN, width=1)
    now = left + time / (2 * heart.BEAT) * (right - left)
    draw.line((now, top, now, bottom), fill=AMBER, width=1)
    draw.text((right + 8, bottom - 16), f"{60 / heart.BEAT:.0f} bpm", fill=GREEN, font=ImageFont.load_default(11))


def electrocardiogram(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the voltage: P, Q, R, S and T; R comes at 0 and after every beat."""
    t = (time + heart.BEAT / 2) % heart.BEAT - heart.BEAT / 2
    waves = ((-0.13, 0.020, 0.13), (-0.022, 0.007, -0.12), (0.0, 0.008, 1.0), (0.022, 0.008, -0.2), (0.24, 0.035, 0.26))
    return sum(height * np.exp(-0.5 * ((t - at) / wide) ** 2) for at, wide, height in waves)
