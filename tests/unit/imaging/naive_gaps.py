"""Slow and obvious second implementation of sampling between uneven, missing and damaged slices, in millimetres.

A volume is told here by the LPS origin of each of its slices and by its in-plane steps; nothing of the product's
geometry is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stack:
    """Slices somewhere in the patient: voxels (slices, rows, columns) of which some mean "no data"."""

    voxels: NDArray[np.float64]
    origins: Array
    row_step: Array
    column_step: Array
    missing: Sequence[int] = ()
    absent: Sequence[int] = ()
    padding: tuple[float, float] | None = None

    @cached_property
    def heights(self) -> list[float]:
        """Where each slice lies along the line of slices: mm from the first, along the normal."""
        normal = np.cross(self.column_step, self.row_step)
        normal = normal / np.linalg.norm(normal)
        heights = (self.origins - self.origins[0]) @ normal
        return [abs(float(height)) for height in heights]

    @cached_property
    def real(self) -> list[int]:
        """The slices that hold data."""
        return [k for k in range(len(self.origins)) if k not in self.absent]

    def half_gap(self, k: int, side: int) -> float:
        """How far slice k's own value reaches (mm) to its lower (-1) or upper (+1) side."""
        heights = self.heights
        gaps = [high - low for low, high in pairwise(heights)]
        j = min(max(k if side > 0 else k - 1, 0), len(gaps) - 1)
        if j not in self.missing:
            return gaps[j] / 2
        lower = [gaps[i] for i in range(j) if i not in self.missing]
        upper = [gaps[i] for i in range(j + 1, len(gaps)) if i not in self.missing]
        neighbours = lower[-1:] + upper[:1] or [min(gaps)]
        return min([*neighbours, gaps[j]]) / 2

    def locate(self, point: Array) -> tuple[float, float, float]:
        """A point's height in mm, row and column, the last two along the line on which origins lie."""
        line = (self.origins[-1] - self.origins[0]) / self.heights[-1]
        matrix = np.stack([line, self.row_step, self.column_step], axis=1)
        height, row, column = np.linalg.solve(matrix, point - self.origins[0])
        return float(height), float(row), float(column)

    def slices_at(self, height: float, *, fill: bool) -> dict[int, float]:
        """The slices that hold at a height, with their weights; none where there is no data."""
        heights, real = self.heights, self.real
        below = [k for k in real if heights[k] <= height]
        above = [k for k in real if heights[k] > height]
        if below and above:
            near, far = max(below), min(above)
            if fill or (far == near + 1 and near not in self.missing):
                part = (height - heights[near]) / (heights[far] - heights[near])
                return {near: 1 - part, far: part}
        candidates = [(k, 1) for k in below[-1:]] + [(k, -1) for k in above[:1]]
        within = [k for k, side in candidates if abs(height - heights[k]) <= self.half_gap(k, side)]
        return {min(within, key=lambda k: abs(height - heights[k])): 1.0} if within else {}

    def value(self, point: Array, *, nearest: bool = False, fill: bool = False) -> float:
        """The value at an LPS point, NaN for no data."""
        height, row, column = self.locate(point)
        _, rows, columns = self.voxels.shape
        if not (-0.5 <= row <= rows - 0.5 and -0.5 <= column <= columns - 0.5):
            return np.nan
        slices = self.slices_at(height, fill=fill)
        parts = [slices, _parts(row, rows), _parts(column, columns)]
        if not slices or not self.is_data(tuple(max(part, key=lambda k: (part[k], k)) for part in parts)):
            return np.nan
        if nearest:
            return float(self.voxels[tuple(max(part, key=lambda k: (part[k], k)) for part in parts)])
        total = weights = 0.0
        for voxel in product(*parts):
            weight = math.prod(part[k] for part, k in zip(parts, voxel, strict=True))
            if weight > 1e-6 and self.is_data(voxel):
                total += weight * float(self.voxels[voxel])
                weights += weight
        return total / weights

    def is_data(self, voxel: tuple[int, ...]) -> bool:
        """Neither NaN nor padding."""
        value = float(self.voxels[voxel])
        return not np.isnan(value) and not (self.padding and self.padding[0] <= value <= self.padding[1])

    def is_on_a_brink(self, point: Array, noise: float = 1e-4) -> bool:
        """Whether a point lies so near a place where the answer jumps that float noise decides."""
        height, row, column = self.locate(point)
        heights = self.heights
        jumps = [heights[k] + side * self.half_gap(k, side) for k in range(len(heights)) for side in (-1, 1)]
        jumps += [(heights[a] + heights[b]) / 2 for a in self.real for b in self.real]
        at_a_border = any(abs(x - math.floor(x) - 0.5) < noise for x in (row, column))
        return at_a_border or any(abs(height - jump) < noise for jump in jumps)


def _parts(index: float, size: int) -> dict[int, float]:
    """The voxels at an index of one axis, with their weights; the outer half voxel has its edge voxel's value."""
    index = min(max(index, 0), size - 1)
    lower = min(math.floor(index), max(size - 2, 0))
    return {lower: 1 - (index - lower), lower + 1: index - lower} if size > 1 else {0: 1.0}
