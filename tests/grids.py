"""Where the slices of a phantom lie, evenly or not: what its series must be shown as is known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import generate_uid

from phantoms import Acquisition, decimals

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Slices at places along the line of an acquisition's origins, in units of its slice step."""

    acquisition: Acquisition
    places: tuple[float, ...]
    thickness: float | None = None  # SliceThickness in mm; None leaves it out

    @property
    def shape(self) -> tuple[int, int, int]:
        return (len(self.places), *self.acquisition.shape[1:])

    @property
    def origins(self) -> Array:
        """ImagePositionPatient of each slice, (slices, 3)."""
        affine = self.acquisition.affine
        return affine[:3, 3] + np.outer(self.places, affine[:3, 0])

    @property
    def coordinates(self) -> Array:
        """LPS mm of every voxel centre, (slices, rows, columns, 3)."""
        affine, (_, rows, columns) = self.acquisition.affine, self.shape
        down = np.arange(rows)[:, None, None] * affine[:3, 1]
        along = np.arange(columns)[None, :, None] * affine[:3, 2]
        return self.origins[:, None, None, :] + down + along

    @property
    def positions(self) -> Array:
        """Mm along the normal, from the first slice."""
        return (np.array(self.places) - self.places[0]) * self.acquisition.spacing[0]

    def places_of(self, points: Array) -> tuple[Array, Array, Array]:
        """Where LPS points lie: mm along the normal from the first slice, fractional row, fractional column."""
        affine = self.acquisition.affine
        indices = np.linalg.solve(affine[:3, :3], (points - self.origins[0]).reshape(-1, 3).T)
        slices, rows, columns = (axis.reshape(points.shape[:-1]) for axis in indices)
        return slices * self.acquisition.spacing[0], rows, columns

    def within(self, points: Array, margin: float = 1e-4) -> NDArray[np.bool_]:
        """Which points lie between the outermost voxel centres."""
        mm, rows, columns = self.places_of(points)
        _, height, width = self.shape
        inside = (rows >= margin) & (rows <= height - 1 - margin)
        inside &= (columns >= margin) & (columns <= width - 1 - margin)
        return inside & (mm >= margin) & (mm <= self.positions[-1] - margin)


def even(acquisition: Acquisition) -> Grid:
    """The acquisition itself."""
    return Grid(acquisition, tuple(map(float, range(acquisition.shape[0]))), acquisition.spacing[0])


def with_gaps(acquisition: Acquisition, gaps: Sequence[float], thickness: float | None = None) -> Grid:
    """The same line, the gaps between its slices given in slice steps."""
    places = np.concatenate([[0.0], np.cumsum(gaps)])
    return Grid(replace(acquisition, shape=(len(places), *acquisition.shape[1:])), tuple(places.tolist()), thickness)


def missing_gaps(grid: Grid) -> list[int]:
    """The gaps in which slices are missing: too wide for their neighbours, and for both slices' thickness.

    Slices that don't tell their thickness bridge nothing: rather no data than invented anatomy.
    """
    gaps = np.diff(grid.positions)
    return [k for k in range(len(gaps)) if _is_missing(gaps, k, grid.thickness)]


def _is_missing(gaps: Array, k: int, thickness: float | None) -> bool:
    neighbours = [gaps[n] for n in (k - 1, k + 1) if 0 <= n < len(gaps)]
    return bool(neighbours) and bool(gaps[k] > 1.5 * min(neighbours) and gaps[k] > 1.5 * (thickness or 0.0))


def without_data(grid: Grid, mm: Array, margin: float) -> NDArray[np.bool_]:
    """Places (mm along the normal) further than half the smaller neighbouring gap from both slices of a missing gap.

    `margin` mm are taken off on both sides: negative, and it is what may be without data.
    """
    gaps, positions, result = np.diff(grid.positions), grid.positions, np.zeros(mm.shape, bool)
    for k in missing_gaps(grid):
        reach = min(gaps[n] for n in (k - 1, k + 1) if 0 <= n < len(gaps)) / 2 + margin
        result |= (mm > positions[k] + reach) & (mm < positions[k + 1] - reach)
    return result


def common(grid: Grid, **attributes: object) -> dict[str, object]:
    """What all instances of one series share."""
    thickness = None if grid.thickness is None else decimals([grid.thickness])[0]
    return {
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "FrameOfReferenceUID": "2.25.1",
        "ImageOrientationPatient": decimals([*grid.acquisition.row, *grid.acquisition.column]),
        "PixelSpacing": decimals(grid.acquisition.spacing[1:]),
        "SliceThickness": thickness,
        **attributes,
    }
