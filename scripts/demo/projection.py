"""X-rays from a point through a canvas onto a flat detector, and what a radiograph's processing makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from demo.blur import blur
from demo.canvas import Array, Canvas

Film = NDArray[np.float32]
Segment = tuple[Array, Array, float, float]  # start, end (LPS mm) and their radii

WATER, BONE_GAIN = 0.0195, 1.6  # attenuation per mm of water; bone absorbs more than its HU tell
SOURCE, PLACE, CENTER = 1800.0, -128.0, 281.0  # mm: from source to detector; y of the detector; z of the beam
PHOTONS = 6e4  # a pixel, without a patient
SCATTER = 0.3  # of the primary rays, behind the grid


@dataclass(frozen=True)
class Detector:
    """A flat detector before the chest, upright, its middle in the beam; columns run to the left, rows down."""

    rows: int
    columns: int
    spacing: float  # mm

    @property
    def x(self) -> Array:
        """Where the columns lie (mm)."""
        return (np.arange(self.columns) - (self.columns - 1) / 2) * self.spacing

    @property
    def z(self) -> Array:
        """Where the rows lie (mm)."""
        return CENTER - (np.arange(self.rows) - (self.rows - 1) / 2) * self.spacing


def shrinking(y: Array) -> Array:
    """Give how much smaller things at `y` are than their shadows."""
    return (SOURCE - (y - PLACE)) / SOURCE


def line_integrals(canvas: Canvas, detector: Detector) -> Film:
    """Integrate attenuation along the rays."""
    film = np.zeros((detector.rows, detector.columns), np.float32)
    deep = np.float32(canvas.y[1] - canvas.y[0])
    for index, shrink in enumerate(shrinking(canvas.y.astype(float))):
        columns = (detector.x * shrink - canvas.x[0]) / (canvas.x[1] - canvas.x[0])
        rows = ((detector.z - CENTER) * shrink + CENTER - canvas.z[0]) / (canvas.z[1] - canvas.z[0])
        film += at_rows(at_rows(attenuation(canvas.hu[:, index]), rows).T, columns).T * deep
    return film


def attenuation(hu: Film) -> Film:
    """Give the attenuation per millimetre."""
    bone = np.maximum(hu - 130, 0) * np.float32((BONE_GAIN - 1) / 1000)
    return np.float32(WATER) * np.maximum(1 + hu / 1000 + bone, 0)


def at_rows(plane: Film, rows: Array) -> Film:
    """Read rows between rows; beyond the edge stands the edge."""
    rows = np.clip(rows, 0, len(plane) - 1.001)
    before = rows.astype(int)
    part = (rows - before).astype(np.float32)[:, None]
    return plane[before] * (1 - part) + plane[before + 1] * part


def thickness(segments: Iterable[Segment], detector: Detector) -> Film:
    """Add up how far each ray runs through round cones (mm), finer ones than a canvas can hold.

    A cone is a chain of spheres, half a radius apart, whose shares make up its volume.
    """
    centers, radii, shares = (np.concatenate(part) for part in zip(*map(chain, segments), strict=True))
    rows, columns = shadow(centers, detector)
    radii = radii / shrinking(centers[:, 1]) / detector.spacing
    film = np.zeros(detector.rows * detector.columns)
    order = np.argsort(radii)
    for part in np.array_split(order, len(order) // 4000 + 1):
        half = int(np.ceil(radii[part[-1]])) + 1
        offsets = np.arange(-half, half + 1)
        row = np.clip(np.rint(rows[part]), half, detector.rows - 1 - half)[:, None, None] + offsets[:, None]
        column = np.clip(np.rint(columns[part]), half, detector.columns - 1 - half)[:, None, None] + offsets
        aside = (row - rows[part, None, None]) ** 2 + (column - columns[part, None, None]) ** 2
        chords = 2 * detector.spacing * np.sqrt(np.maximum(radii[part, None, None] ** 2 - aside, 0))
        places = (row * detector.columns + column).astype(np.intp)
        film += np.bincount(places.ravel(), (chords * shares[part, None, None]).ravel(), film.size)
    return film.reshape(detector.rows, detector.columns).astype(np.float32)


def chain(segment: Segment) -> tuple[Array, Array, Array]:
    """Give the centres, radii and shares of the spheres of a cone."""
    start, end, first, last = segment
    length = float(np.linalg.norm(end - start))
    count = max(1, round(length / (0.25 * (first + last))))
    t = (np.arange(count) + 0.5) / count
    radii = first + t * (last - first)
    return start + t[:, None] * (end - start), radii, 0.75 * length / count / radii


def shadow(points: Array, detector: Detector) -> tuple[Array, Array]:
    """Give the rows and columns in which points throw their shadows."""
    shrink = shrinking(points[:, 1])
    rows = (detector.z[0] - CENTER - (points[:, 2] - CENTER) / shrink) / detector.spacing
    return rows, (points[:, 0] / shrink - detector.x[0]) / detector.spacing


def exposed(film: Film, seed: int) -> Film:
    """Turn line integrals into the logarithm of what the detector counts, with scattered rays and noise."""
    primary = np.exp(-film)
    small = np.asarray(Image.fromarray(primary).reduce(16))
    wide = Image.fromarray(blur(small, (9, 9))).resize(primary.shape[::-1], Image.Resampling.BICUBIC)
    counts = PHOTONS * (primary + SCATTER * np.asarray(wide))
    noisy = counts + np.sqrt(counts) * np.random.default_rng(seed).standard_normal(counts.shape, np.float32)
    return -np.log(np.maximum(noisy, 20) / PHOTONS)


def processed(density: Film, spacing: float) -> Film:
    """Even out the coarse contrast a little and sharpen the fine one, as every manufacturer does."""
    smaller = Image.fromarray(density).reduce(8)
    coarse = blur(np.asarray(smaller), (11 / spacing / 8,) * 2)
    base = np.asarray(Image.fromarray(coarse).resize(density.shape[::-1], Image.Resampling.BICUBIC))
    middle = blur(density, (2.2 / spacing,) * 2)
    fine = blur(density, (0.3 / spacing,) * 2)
    return base * 0.72 + (middle - base) * 1.15 + (fine - middle) * 1.4 + (density - fine) * 0.5
