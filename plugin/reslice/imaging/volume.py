"""A volume: where its voxels lie in the patient, and their modality values."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Affine, Vector

Voxels = NDArray[np.int16] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class VolumeGeometry:
    """Shape (slices, rows, columns) and affine from voxel indices to LPS mm.

    A voxel's centre lies at its integer index. The affine may be sheared (tilted gantry).
    """

    shape: tuple[int, int, int]
    affine: Affine
    places: NDArray[np.float64] | None = None
    missing: tuple[int, ...] = ()

    @cached_property
    def inverse(self) -> Affine:
        """The affine from LPS mm to voxel indices."""
        return affines.frozen(np.linalg.inv(self.affine))

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The step in mm of each index, shape (3, 3), one row an index."""
        return affines.frozen(self.affine[:3, :3].T)

    @cached_property
    def normal(self) -> Vector:
        """Unit normal of the slices: row direction x column direction (PS3.3 C.7.6.2.1.1)."""
        return affines.frozen(affines.unit(np.cross(self.steps[2], self.steps[1])))

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Gap along the normal, between rows, between columns, in mm."""
        _, between_rows, between_columns = np.linalg.norm(self.steps, axis=1)
        return float(abs(self.normal @ self.steps[0])), float(between_rows), float(between_columns)

    @property
    def finest_in_plane_spacing(self) -> float:
        """The smaller of the two pixel spacings, in mm."""
        return min(self.spacing[1:])

    def _corners(self, margin: float) -> NDArray[np.float64]:
        ends = [(-margin, size - 1 + margin) for size in self.shape]
        indices = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
        return affines.map_points(self.affine, indices)

    def extent(self, direction: Vector) -> tuple[float, float]:
        """Where the outer edges of the voxels begin and end along a unit direction, in mm."""
        reach = self._corners(0.5) @ direction
        return float(reach.min()), float(reach.max())

    def centres_extent(self, direction: Vector) -> tuple[float, float]:
        """Where the outermost voxel centres lie along a unit direction, in mm."""
        reach = self._corners(0.0) @ direction
        return float(reach.min()), float(reach.max())

    def nearest_axis(self, direction: Vector) -> int:
        """The index (0 slice, 1 row, 2 column) whose step runs most nearly along a direction."""
        cosines = np.abs(self.steps @ direction) / np.linalg.norm(self.steps, axis=1)
        return int(np.argmax(cosines))


@dataclass(frozen=True, eq=False)
class Volume:
    """Geometry with read-only voxels (int16 or float32 modality values, C order).

    `padding` is the inclusive range of modality values that mean "no data here"; `absent`
    lists the slices that hold none. NaN means no data too.
    """

    geometry: VolumeGeometry
    voxels: Voxels
    padding: tuple[float, float] | None = None
    absent: tuple[int, ...] = ()
    present: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        present = np.ones(len(self.voxels), dtype=np.bool_)
        present[list(self.absent)] = False
        present.setflags(write=False)
        object.__setattr__(self, "present", present)
        self.voxels.setflags(write=False)

    @cached_property
    def is_complete(self) -> bool:
        """Whether every voxel holds data."""
        if self.padding is not None or self.absent:
            return False
        return self.voxels.dtype == np.int16 or not any(np.isnan(slice_.min()) for slice_ in self.voxels)

    @cached_property
    def value_range(self) -> tuple[float, float] | None:
        """Smallest and largest modality value, padding and no data left out; None without data."""
        bounds = [r for r in (self._range_of(k) for k in np.flatnonzero(self.present).tolist()) if r is not None]
        if not bounds:
            return None
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def _range_of(self, k: int) -> tuple[float, float] | None:
        if self.is_complete:
            return float(self.voxels[k].min()), float(self.voxels[k].max())
        data = valid_values(self.voxels[k], self.padding)
        return (float(data.min()), float(data.max())) if data.size else None


def valid_values(values: Voxels, padding: tuple[float, float] | None) -> Voxels:
    """The values that are data, as a flat array: finite and outside the padding range."""
    keep = np.isfinite(values)
    if padding is not None:
        keep &= (values < padding[0]) | (values > padding[1])
    return values[keep]
