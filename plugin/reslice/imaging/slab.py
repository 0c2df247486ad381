"""Slabs: how many planes are laid through a thickness, and how their values become one."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from reslice.imaging.affine import Vector, frozen
from reslice.imaging.volume import VolumeGeometry

Projection = Literal["mip", "minip", "mean"]
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)


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
        step = min(geometry.spacing) / 2
        count = math.ceil(self.thickness / step - 1e-9) + 1
        return frozen(np.linspace(-self.thickness / 2, self.thickness / 2, count))
