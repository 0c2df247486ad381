"""A camera's rays in the coordinates of a volume, as the kernels walk along them."""

from typing import NamedTuple

import numpy as np

from reslice.imaging.affine import Vector, frozen
from reslice.imaging.camera import Box, Camera
from reslice.imaging.intervals import SNAP
from reslice.imaging.volume import Volume, VolumeGeometry


class Depths(NamedTuple):
    """Where samples lie along each ray, in mm from the camera's plane: so many `samples`, `step` apart."""

    first: float
    step: float
    samples: int

    @property
    def offsets(self) -> Vector:
        """All of them, shape (samples,)."""
        return frozen(self.first + np.arange(self.samples) * self.step)


class Rays(NamedTuple):
    """Six coordinates of a sample: its places in the volume (slice, row, column), and its LPS mm.

    Sample t of the ray of pixel (y, x) lies at origin + y * down + x * right + t * along, and counts where all
    its coordinates are from `low` to `high`. Arrays have shape (6,); there are so many `samples`, `step` mm apart.
    """

    origin: Vector
    down: Vector
    right: Vector
    along: Vector
    low: Vector
    high: Vector
    samples: int
    step: float


def rays_of(camera: Camera, volume: Volume, starts: Vector, depths: Depths, box: Box | None) -> Rays:
    """The rays whose samples lie at such depths along the camera's normal.

    `starts` are those of the volume's slice intervals: the data begins at the first and ends at the last.
    """
    plane = camera.plane
    reference = np.stack(
        [
            plane.position + plane.normal * depths.first,
            plane.column * plane.spacing[0],
            plane.row * plane.spacing[1],
            plane.normal * depths.step,
        ]
    )
    places = _places(volume.geometry, reference)
    low, high = (np.full(3, -np.inf), np.full(3, np.inf)) if box is None else (box.low - SNAP, box.high + SNAP)
    edges = np.array(volume.voxels.shape) - 0.5 + SNAP
    low = np.r_[starts[0], -0.5 - SNAP, -0.5 - SNAP, low]
    high = np.r_[starts[-1], edges[1:], high]
    origin, down, right, along = np.concatenate([places, reference], axis=1)
    return Rays(origin, down, right, along, low, high, depths.samples, depths.step)


def reach(camera: Camera, geometry: VolumeGeometry) -> tuple[float, float]:
    """From where to where the volume reaches, and a little more, in mm from the camera's plane along its normal."""
    low, high = camera.plane.reach(geometry)
    margin = SNAP * max(geometry.spacing) * 10
    return low - margin, high + margin


def _places(geometry: VolumeGeometry, reference: Vector) -> Vector:
    """A point and three steps; what lies within float noise of a voxel, or half-way to the next, lies there.

    Steps of other lengths leave noise in the samples behind: which voxel is the nearest half-way is for HALF to say.
    """
    linear = geometry.inverse[:3, :3]
    places = reference @ linear.T
    places[0] += geometry.inverse[:3, 3]
    whole = np.rint(places * 2) / 2
    noise = np.array([SNAP, SNAP * 1e-3, SNAP * 1e-3, SNAP * 1e-3])[:, None]
    return np.where(np.abs(places - whole) < noise, whole, places)
