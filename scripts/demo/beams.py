"""How an ultrasound machine sees: scatterers blurred along beams to speckle, beams converted to a sector."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.blur import blur

Array = NDArray[np.floating[Any]]

PULSE, WIDTH = 0.36, 0.75  # standard deviations: along the beam in mm, across in degrees


@dataclass(frozen=True)
class Sector:
    """A sector scan: beams from one point at the top, and the picture that shows it."""

    depth: float  # mm
    half_angle: float  # degrees
    samples: int  # along a beam
    beams: int
    rows: int
    columns: int
    apex: tuple[float, float]  # pixel (row, column)
    spacing: float  # mm a pixel

    def bins(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Give places (mm from the probe, y away from it) as sample and beam, both fractional."""
        angle = np.degrees(np.arctan2(x, y))
        return np.hypot(x, y) / self.depth * (self.samples - 1), (angle / self.half_angle + 1) / 2 * (self.beams - 1)

    def places(self) -> tuple[Array, Array]:
        """Give x and y of every sample (row) of every beam (column)."""
        depth = np.linspace(0, self.depth, self.samples)[:, None]
        angle = np.radians(np.linspace(-self.half_angle, self.half_angle, self.beams))
        return depth * np.sin(angle), depth * np.cos(angle)

    @cached_property
    def picture(self) -> tuple[NDArray[np.bool_], NDArray[np.intp], list[Array]]:
        """Give which pixels show the sector, the sample before each of them and the weights of its neighbours."""
        row, column = np.mgrid[: self.rows, : self.columns]
        samples, beams = self.bins((column - self.apex[1]) * self.spacing, (row - self.apex[0]) * self.spacing)
        inside = (samples >= 4) & (samples < self.samples - 1) & (beams >= 0) & (beams < self.beams - 1)
        first, left = samples[inside].astype(int), beams[inside].astype(int)
        down, over = (samples[inside] - first).astype(np.float32), (beams[inside] - left).astype(np.float32)
        weights = [(1 - down) * (1 - over), (1 - down) * over, down * (1 - over), down * over]
        return inside, first * self.beams + left, weights

    def converted(self, image: Array) -> Array:
        """Convert samples x beams to the picture; 0 outside the sector."""
        inside, first, weights = self.picture
        flat = image.ravel()
        steps = (0, 1, self.beams, self.beams + 1)
        picture = np.zeros(inside.shape, np.float32)
        picture[inside] = sum(weight * flat[first + step] for weight, step in zip(weights, steps, strict=True))
        return picture

    def echoes(self, x: Array, y: Array, strength: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """Receive scatterers of complex `strength`: samples x beams, before any detection."""
        sample, beam = self.bins(x, y)
        seen = (sample >= 0) & (sample < self.samples - 1) & (beam >= 0) & (beam < self.beams - 1)
        sample, beam, strength = np.rint(sample[seen]).astype(int), beam[seen], strength[seen]
        left = beam.astype(int)
        received = np.zeros(self.samples * self.beams, np.complex64)
        for step, share in ((0, left + 1 - beam), (1, beam - left)):
            place = sample * self.beams + left + step
            for unit, part in ((1, strength.real), (1j, strength.imag)):
                received += unit * np.bincount(place, share * part, received.size)
        return self.blurred(received.reshape(self.samples, self.beams))

    def blurred(self, received: Array) -> Array:
        """Blur along the beams by the pulse and across them by their width."""
        return blur(received, (PULSE / self.depth * self.samples, WIDTH / (2 * self.half_angle) * self.beams))


def compressed(echoes: NDArray[np.complex64], reference: float, decibels: float) -> Array:
    """Detect and compress: `reference` becomes 1, what is `decibels` below it 0."""
    return np.clip(1 + 20 * np.log10(np.abs(echoes) / reference + 1e-9) / decibels, 0, 1)
