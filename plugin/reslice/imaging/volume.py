"""A volume: where its voxels lie in the patient, and their modality values."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Affine, Vector
from reslice.imaging.intervals import SNAP, Gaps, SliceIntervals, reaches_of

NO_DATA_INT16 = -32768
"""What "no data" reads in int16 values that leave the server; volumes hold no such value of their own."""

NO_PADDING = (np.inf, -np.inf)
"""A padding range that holds no value."""

Voxels = NDArray[np.int16] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class VolumeGeometry:
    """Shape (slices, rows, columns) and where the voxels lie in the patient (LPS mm).

    A voxel's centre lies at its integer index. The affine may be sheared (tilted gantry). Where slices aren't
    evenly spaced, `places` holds where each stands along the affine's slice axis, in units of its step, which
    is then the mean one: increasing from 0 to slices - 1. Then the affine alone maps no slice index: use
    `map_indices_to_reference` and `map_reference_to_indices`, which are right for every volume.
    `missing` are the indices k of gaps, between slice k and k + 1, in which slices are missing.

    Raises ValueError if the places or gaps don't fit the shape.
    """

    shape: tuple[int, int, int]
    affine: Affine
    places: NDArray[np.float64] | None = None
    missing: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not all(0 <= k < self.shape[0] - 1 for k in self.missing):
            raise ValueError("A gap lies between two slices")
        if self.places is not None and not _are_places(self.places, self.shape[0]):
            raise ValueError("The places of slices increase from 0 to their number less one")

    @property
    def is_regular(self) -> bool:
        """Whether the slices are evenly spaced and none is missing: then an index is a coordinate of the affine."""
        return self.places is None and not self.missing

    @cached_property
    def slice_places(self) -> NDArray[np.float64]:
        """Where each slice stands along the affine's slice axis, shape (slices,), in units of its step."""
        return affines.frozen(np.arange(self.shape[0]) if self.places is None else self.places)

    @cached_property
    def reaches(self) -> NDArray[np.float64]:
        """How far each slice's data reaches below and above it, shape (slices, 2), in units of the slice step.

        It is half of the gap there; where slices are missing, half of the smaller neighbouring gap.
        """
        return reaches_of(self.slice_places, self.missing)

    @cached_property
    def origins(self) -> NDArray[np.float64]:
        """The centre of each slice's first voxel in LPS mm, shape (slices, 3)."""
        return affines.frozen(self.slice_places[:, None] * self.steps[0] + self.affine[:3, 3])

    @property
    def slice_centres(self) -> NDArray[np.float64]:
        """The middle of each slice's voxel centres in LPS mm, shape (slices, 3)."""
        middle = (np.array(self.shape[1:]) - 1) / 2
        return self.origins + middle @ self.steps[1:]

    @cached_property
    def inverse(self) -> Affine:
        """The affine from LPS mm to places: (slice place in mean steps, row index, column index)."""
        return affines.frozen(np.linalg.inv(self.affine))

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The step in mm of each index, shape (3, 3), one row an index; of slices the mean one."""
        return affines.frozen(self.affine[:3, :3].T)

    @cached_property
    def normal(self) -> Vector:
        """Unit normal of the slices: row direction x column direction (PS3.3 C.7.6.2.1.1)."""
        return affines.frozen(affines.unit(np.cross(self.steps[2], self.steps[1])))

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Mean gap along the normal, between rows, between columns, in mm."""
        _, between_rows, between_columns = np.linalg.norm(self.steps, axis=1)
        return float(abs(self.normal @ self.steps[0])), float(between_rows), float(between_columns)

    @property
    def finest_in_plane_spacing(self) -> float:
        """The smaller of the two pixel spacings, in mm."""
        return min(self.spacing[1:])

    @cached_property
    def thicknesses(self) -> NDArray[np.float64]:
        """How thick each slice is along the normal, in mm, shape (slices,): from half gap to half gap."""
        return affines.frozen(self.reaches.sum(axis=1) * self.spacing[0])

    def map_indices_to_reference(self, indices: ArrayLike) -> NDArray[np.float64]:
        """(slice, row, column) indices, whole or not, shape (..., 3), to LPS mm.

        Between slices a slice index is a part of the gap; beyond the ends it goes on by the outermost gap
        (the usual one, where slices are missing in it), so that the volume's outer edges have index -0.5
        and slices - 0.5.
        """
        places = np.array(indices, dtype=np.float64)
        if self.places is not None:
            places[..., 0] = _bent(places[..., 0], *self._knots)
        return affines.map_points(self.affine, places)

    def map_reference_to_indices(self, points: ArrayLike) -> NDArray[np.float64]:
        """LPS mm, shape (..., 3), to (slice, row, column) indices, not rounded."""
        indices = affines.map_points(self.inverse, points)
        if self.places is not None:
            indices[..., 0] = _bent(indices[..., 0], *reversed(self._knots))
        return indices

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slice indices and places between which both are proportional: each slice, and the outer edges."""
        low, high = self._ends(0, True)
        indices = np.r_[-0.5, np.arange(self.shape[0]), self.shape[0] - 0.5]
        return affines.frozen(indices), affines.frozen(np.r_[low, self.slice_places, high])

    def _ends(self, axis: int, is_edge: bool) -> tuple[float, float]:
        """Where an axis begins and ends in places: at the outermost centres, or at the edges beyond them."""
        if axis:
            margin = 0.5 * is_edge
            return -margin, self.shape[axis] - 1 + margin
        first, last = self.slice_places[0], self.slice_places[-1]
        return float(first - self.reaches[0, 0] * is_edge), float(last + self.reaches[-1, 1] * is_edge)

    def _corners(self, is_edge: bool) -> NDArray[np.float64]:
        """The eight outermost corners, or centres, in LPS mm, shape (8, 3)."""
        ends = [self._ends(axis, is_edge) for axis in range(3)]
        corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
        return affines.frozen(affines.map_points(self.affine, corners))

    @cached_property
    def _edge_corners(self) -> NDArray[np.float64]:
        return self._corners(True)

    @cached_property
    def _centre_corners(self) -> NDArray[np.float64]:
        return self._corners(False)

    @cached_property
    def centre(self) -> Vector:
        """The middle of the volume between its outer edges, in LPS mm."""
        return affines.frozen(self._edge_corners.mean(axis=0))

    def extent(self, direction: Vector) -> tuple[float, float]:
        """Where the outer edges of the voxels begin and end along a unit direction, in mm."""
        return _bounds(self._edge_corners @ direction)

    def centres_extent(self, direction: Vector) -> tuple[float, float]:
        """Where the outermost voxel centres lie along a unit direction, in mm."""
        return _bounds(self._centre_corners @ direction)

    def nearest_axis(self, direction: Vector) -> int:
        """The index (0 slice, 1 row, 2 column) whose step runs most nearly along a direction."""
        cosines = np.abs(self.steps @ direction) / np.linalg.norm(self.steps, axis=1)
        return int(np.argmax(cosines))


def _bounds(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _are_places(places: NDArray[np.float64], count: int) -> bool:
    if places.shape != (count,) or count < 2:
        return False
    return bool((np.diff(places) > 0).all() and abs(places[0]) < SNAP and abs(places[-1] - count + 1) < SNAP)


def _bent(values: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Through the knots (x, y), straight between them and on beyond the outermost two at either end."""
    k = np.searchsorted(x, values, side="right").clip(1, len(x) - 1) - 1
    result: NDArray[np.float64] = y[k] + (values - x[k]) * ((y[k + 1] - y[k]) / (x[k + 1] - x[k]))
    return result


@dataclass(frozen=True, eq=False)
class Volume:
    """Geometry with read-only voxels (int16 or float32 modality values, C order).

    `padding` is the inclusive range of modality values that mean "no data here"; `absent`
    lists the slices that hold none. NaN means no data too. No voxel is infinite: what float32 can't hold became
    NaN when the file was read.
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

    @property
    def padding_range(self) -> tuple[float, float]:
        """The padding, or a range that holds no value."""
        return self.padding or NO_PADDING

    @cached_property
    def is_sound(self) -> bool:
        """Whether every voxel of the slices that are present holds data."""
        if self.padding is not None:
            return False
        slices = (self.voxels[k] for k in np.flatnonzero(self.present))
        return self.voxels.dtype == np.int16 or not any(np.isnan(slice_.min()) for slice_ in slices)

    def intervals(self, gaps: Gaps) -> SliceIntervals:
        """Which slices hold at a place along the slice axis; gaps without data, or interpolated."""
        return self._filled if gaps == "interpolate" else self._shown

    @cached_property
    def _shown(self) -> SliceIntervals:
        return SliceIntervals.between(self.geometry.slice_places, self.geometry.missing, self.present, "show")

    @cached_property
    def _filled(self) -> SliceIntervals:
        return SliceIntervals.between(self.geometry.slice_places, self.geometry.missing, self.present, "interpolate")

    @cached_property
    def value_range(self) -> tuple[float, float] | None:
        """Smallest and largest modality value, padding and no data left out; None without data."""
        bounds = [r for r in (self._range_of(k) for k in np.flatnonzero(self.present).tolist()) if r is not None]
        if not bounds:
            return None
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def _range_of(self, k: int) -> tuple[float, float] | None:
        if self.is_sound:
            return float(self.voxels[k].min()), float(self.voxels[k].max())
        data = valid_values(self.voxels[k], self.padding)
        return (float(data.min()), float(data.max())) if data.size else None


def valid_values(values: Voxels, padding: tuple[float, float] | None) -> Voxels:
    """The values that are data, as a flat array: finite and outside the padding range."""
    keep = np.isfinite(values)
    if padding is not None:
        keep &= (values < padding[0]) | (values > padding[1])
    return values[keep]
