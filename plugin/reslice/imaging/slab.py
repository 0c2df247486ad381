"""Slabs: how many planes are laid through a thickness, and how their values become one."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from reslice.imaging.affine import Vector, frozen
from reslice.imaging.volume import VolumeGeometry

Projection = Literal["mip", "minip", "mean"]
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)

MOST_STEPS = 1e12
"""Steps beyond which a thickness isn't looked at any more: no volume reaches as far."""

ROUNDING = 1e-9
"""Steps: a sample that misses an end by less lies on it (float noise)."""


@dataclass(frozen=True)
class Slab:
    """A thickness in mm, centred on its plane, and what is made of the values along each line through it."""

    thickness: float
    projection: Projection = "mean"

    def offsets(self, geometry: VolumeGeometry) -> Vector:
        """Where samples lie along the plane's normal, in mm, shape (samples,).

        They are symmetric about the plane and include both faces; their step is at most half of the smallest
        spacing of the volume.
        """
        return self.offsets_between(geometry, -math.inf, math.inf)

    def offsets_between(self, geometry: VolumeGeometry, low: float, high: float) -> Vector:
        """Those of the `offsets` that lie from `low` to `high` mm: of a thick slab, what can meet the volume."""
        most = min(geometry.spacing) / 2
        thickness = min(self.thickness, MOST_STEPS * most)
        steps = math.ceil(thickness / most - ROUNDING)
        if steps <= 0:
            return frozen([0.0] if low <= 0 <= high else [])
        step, middle = thickness / steps, (steps % 2) / 2
        first = max(low / step - ROUNDING, -steps / 2) - middle
        last = min(high / step + ROUNDING, steps / 2) - middle
        if first > last:
            return frozen([])
        return frozen((np.arange(math.ceil(first), math.floor(last) + 1) + middle) * step)
