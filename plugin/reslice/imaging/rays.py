"""A camera's rays in the coordinates of a volume, as the kernels walk along them."""

from typing import NamedTuple

import numpy as np

from reslice.imaging.affine import Vector
from reslice.imaging.camera import Box, Camera
from reslice.imaging.intervals import SNAP
from reslice.imaging.volume import Volume, VolumeGeometry


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


def rays_of(camera: Camera, volume: Volume, starts: Vector, offsets: Vector, box: Box | None) -> Rays:
    """The rays whose samples lie at `offsets` mm along the camera's normal, evenly spaced.

    `starts` are those of the volume's slice intervals: the data begins at the first and ends at the last.
    """
    plane = camera.plane
    step = float(offsets[1] - offsets[0]) if len(offsets) > 1 else 1.0
    reference = np.stack(
        [
            plane.position + plane.normal * offsets[0],
            plane.column * plane.spacing[0],
            plane.row * plane.spacing[1],
            plane.normal * step,
        ]
    )
    places = _places(volume.geometry, reference)
    low, high = (np.full(3, -np.inf), np.full(3, np.inf)) if box is None else (box.low - SNAP, box.high + SNAP)
    edges = np.array(volume.voxels.shape) - 0.5 + SNAP
    low = np.r_[starts[0], -0.5 - SNAP, -0.5 - SNAP, low]
    high = np.r_[starts[-1], edges[1:], high]
    origin, down, right, along = np.concatenate([places, reference], axis=1)
    return Rays(origin, down, right, along, low, high, len(offsets), step)


def _places(geometry: VolumeGeometry, reference: Vector) -> Vector:
    """A point and three steps; what lies within float noise of the lattice lies on it, as in a cut plane."""
    linear = geometry.inverse[:3, :3]
    places = reference @ linear.T
    places[0] += geometry.inverse[:3, 3]
    whole = np.rint(places * 2) / 2
    noise = np.array([SNAP, SNAP * 1e-3, SNAP * 1e-3, SNAP * 1e-3])[:, None]
    return np.where(np.abs(places - whole) < noise, whole, places)
