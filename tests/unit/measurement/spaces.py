"""Planes in space, and volumes whose voxel centres are written down one by one: what several tests draw."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from reslice.imaging.affine import frozen
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import rotations

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """Where a drawing on paper, in mm, lies in the patient."""

    rotation: Array
    shift: Array

    def __call__(self, points: object) -> Array:
        """Points (N, 2) or (N, 3) to LPS mm."""
        flat = np.atleast_2d(np.asarray(points, dtype=np.float64))
        space = np.hstack([flat, np.zeros((len(flat), 3 - flat.shape[1]))])
        return space @ self.rotation.T + self.shift

    def paper(self, points: Array) -> Array:
        """LPS mm to (x, y) on the paper."""
        return ((points - self.shift) @ self.rotation)[..., :2]


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    """Any, within half a metre."""
    return Placement(draw(rotations()), np.array(draw(st.tuples(*[st.floats(-500, 500)] * 3))))


FLAT = Placement(np.eye(3), np.zeros(3))


def centres(geometry: VolumeGeometry) -> Array:
    """LPS mm of every voxel centre, shape (slices, rows, columns, 3), from slice origins and steps alone."""
    _, down, right = np.array(geometry.affine[:3, :3]).T
    places = np.arange(geometry.shape[0]) if geometry.places is None else geometry.places
    origins = geometry.affine[:3, 3] + np.outer(places, geometry.affine[:3, 0])
    rows, columns = np.indices(geometry.shape[1:])
    return origins[:, None, None] + rows[..., None] * down + columns[..., None] * right


def geometry_of(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    *,
    rotation: Array | None = None,
    tilt: float = 0,
    gaps: Array | None = None,
    missing: tuple[int, ...] = (),
    start: tuple[float, float, float] = (-20, 31, 7),
) -> VolumeGeometry:
    """Spacing along the normal, between rows, between columns; `tilt` shifts slices by so much of a row a slice."""
    affine = np.eye(4)
    turned = np.eye(3) if rotation is None else rotation
    affine[:3, :3] = turned[:, ::-1] * spacing
    affine[:3, 0] += tilt * affine[:3, 1]
    affine[:3, 3] = start
    places = None
    if gaps is not None:
        places = np.r_[0, np.cumsum(gaps)] / np.mean(gaps)
        places[-1] = len(gaps)
        affine[:3, 0] *= np.mean(gaps)
        places = frozen(places)
    return VolumeGeometry(shape, frozen(affine), places, missing)


def middle_of(geometry: VolumeGeometry) -> Array:
    """The middle of the outermost voxel centres, in LPS mm."""
    return geometry.map_indices_to_reference((np.array(geometry.shape) - 1) / 2)


def ramp(geometry: VolumeGeometry, dtype: type = np.int16, padding: tuple[float, float] | None = None) -> Volume:
    """Every voxel another value, as far as the type goes."""
    count = int(np.prod(geometry.shape))
    return Volume(geometry, np.arange(count).reshape(geometry.shape).astype(dtype), padding)


def noise(geometry: VolumeGeometry, seed: int = 0, dtype: type = np.int16) -> Volume:
    """Values from -1000 to 3000."""
    return Volume(geometry, np.random.default_rng(seed).integers(-1000, 3000, geometry.shape).astype(dtype))
