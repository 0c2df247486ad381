"""Orthographic cameras: where they stand, what they look at, and the grid of rays they send."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.mpr import PlaneAxes
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import VolumeGeometry

ANTERIOR, HEAD = (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)
Direction = tuple[float, float, float]

ORIENTATIONS: dict[str, tuple[Direction, Direction]] = {
    "a": ((0.0, 1.0, 0.0), HEAD),
    "p": ((0.0, -1.0, 0.0), HEAD),
    "r": ((1.0, 0.0, 0.0), HEAD),
    "l": ((-1.0, 0.0, 0.0), HEAD),
    "h": ((0.0, 0.0, -1.0), ANTERIOR),
    "f": ((0.0, 0.0, 1.0), ANTERIOR),
}
"""The side of the patient that is looked at: where the camera looks towards, and what is up (LPS).

A camera that looks at the anterior side stands in front of the patient and looks towards +y. Nothing is
mirrored: from a and f the patient's right is on the screen's left, from p and h on its right.
"""

PARALLEL = 1e-6
"""The sine of the angle under which two directions are one."""


@dataclass(frozen=True, eq=False)
class Box:
    """A part of the patient between two corners, its sides along the patient's axes; LPS mm.

    Raises ValueError if it is empty or not finite.
    """

    low: Vector
    high: Vector

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and (np.asarray(self.low) < self.high).all()):
            raise ValueError("A box has finite corners, the high one above the low one on each axis")

    @property
    def corners(self) -> NDArray[np.float64]:
        """All eight, shape (8, 3)."""
        return np.array(list(product(*zip(self.low, self.high, strict=True))), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Camera:
    """A grid of parallel rays.

    `plane` is the image plane in the middle of the depth; its normal (row x column) points away from the viewer.
    Rays run along the normal from -depth/2 to +depth/2 around it, in mm.
    """

    plane: ImagePlane
    depth: float


def view(
    geometry: VolumeGeometry,
    towards: ArrayLike,
    up: ArrayLike,
    viewport: tuple[int, int] = (512, 512),
    box: Box | None = None,
    centre: ArrayLike | None = None,
    extent: float | None = None,
) -> Camera:
    """The camera that looks `towards` a direction (LPS), `up` on the screen's upper side, and sees all.

    `viewport` is (rows, columns). Pixels are square. The projected bounding box of the voxels' outer edges, or of
    `box`, just fits; with a `centre` (LPS mm, in the middle of the picture) it fits around that. `extent` sets the
    shorter side of the viewport in mm instead: one for all frames of an animation keeps their scale.

    Raises ValueError if `towards` or `up` is null, or both are parallel.
    """
    screen = _screen(towards, up)
    row, column, normal = screen.row, screen.column, screen.axis
    corners = _corners(geometry, box)
    ends = np.array([_ends(corners @ axis) for axis in (column, row, normal)])
    middle = ends.mean(axis=1)
    if centre is not None:
        middle[:2] = [np.asarray(centre, dtype=np.float64) @ axis for axis in (column, row)]
    size = 2 * np.abs(ends[:2] - middle[:2, None]).max(axis=1)
    spacing = extent / min(viewport) if extent is not None else float((size / viewport).max())
    corner = middle[:2] - (np.array(viewport) - 1) / 2 * spacing
    position = column * corner[0] + row * corner[1] + normal * middle[2]
    plane = ImagePlane(affines.frozen(position), row, column, (spacing, spacing), viewport)
    return Camera(plane, float(ends[2, 1] - ends[2, 0]))


def _screen(towards: ArrayLike, up: ArrayLike) -> PlaneAxes:
    """The directions along rows, down columns and away from the viewer."""
    if not np.linalg.norm(towards) or not np.linalg.norm(up):
        raise ValueError("A direction has a length")
    normal, upright = affines.unit(towards), affines.unit(up)
    if np.linalg.norm(np.cross(normal, upright)) < PARALLEL:
        raise ValueError("The direction up isn't the one that is looked along")
    return PlaneAxes.facing(normal, upright)


def _corners(geometry: VolumeGeometry, box: Box | None) -> NDArray[np.float64]:
    if box is not None:
        return box.corners
    low, high = np.full(3, -0.5), np.array(geometry.shape) - 0.5
    return geometry.map_indices_to_reference(list(product(*zip(low, high, strict=True))))


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.min()), float(values.max())
