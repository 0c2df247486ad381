"""Volumes and cameras that tests of rendering share; pictures made in an interpreter without numba.

python -m unit.imaging.renderings FILE    writes them to FILE
"""

import sys

import numpy as np

from phantoms import ACQUISITIONS
from reslice.imaging.camera import ORIENTATIONS, Box, view
from reslice.imaging.rendering import Renderer
from reslice.imaging.slab import PROJECTIONS
from reslice.imaging.transfer import ControlPoint, Light, TransferFunction
from reslice.imaging.volume import Volume, VolumeGeometry

PLACES = ("axial", "gantry-tilt", "double-oblique")
CAMERAS = {
    "front": ORIENTATIONS["a"],
    "feet": ORIENTATIONS["f"],
    "left": ORIENTATIONS["l"],
    "slanted": ((0.61, 0.47, -0.63), (0.1, 0.2, 1.0)),
}
GLASS = TransferFunction(
    (
        ControlPoint(0, 0.2, 0.1, 0.9, 0.0),
        ControlPoint(600, 0.3, 0.8, 0.4, 0.05),
        ControlPoint(900, 0.9, 0.7, 0.2, 0.4),
        ControlPoint(1500, 1.0, 0.9, 0.9, 0.8),
    ),
    Light(0.3, 0.6, 0.2, 9),
)


def smooth(shape: tuple[int, int, int]) -> np.ndarray:
    """Waves between 0 and 1400."""
    s, r, c = np.indices(shape)
    return 700 + 400 * np.sin(s / 6 + r / 9) + 300 * np.cos(c / 8 - r / 10)


def volumes(place: str, dtype: type) -> dict[str, Volume]:
    """Noise with and without holes, even and not."""
    acquisition = ACQUISITIONS[place]
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    voxels = np.random.default_rng(1).integers(-1000, 3000, acquisition.shape).astype(dtype)
    gaps = np.array([1.0, 0.41, 3.0, 0.73, 0.62, 0.5, 0.74])
    uneven = VolumeGeometry(acquisition.shape, acquisition.affine, np.r_[0, np.cumsum(gaps)] * 7 / gaps.sum(), (2,))
    found = {
        "complete": Volume(geometry, voxels),
        "padded": Volume(geometry, voxels, (-1000.0, -300.0)),
        "absent": Volume(geometry, voxels, absent=(0, 4)),
        "uneven": Volume(uneven, voxels),
        "uneven-absent": Volume(uneven, voxels, (-1000.0, -800.0), absent=(5, 7)),
    }
    if dtype is np.float32:
        holes = np.random.default_rng(2).integers(0, 6, acquisition.shape) == 0
        found["nan"] = Volume(geometry, np.where(holes, np.float32(np.nan), voxels))
    return found


def renderings() -> dict[str, np.ndarray]:
    """Projections and shaded pictures by name."""
    pictures: dict[str, np.ndarray] = {}
    for dtype in (np.int16, np.float32):
        for kind in ("padded", "uneven-absent") if dtype is np.int16 else ("complete", "nan"):
            volume = volumes("gantry-tilt", dtype)[kind]
            box = Box(*(np.array(corner) for corner in ((-4.03, -3.01, -7.02), (5.05, 4.04, 8.01))))
            for name in ("feet", "slanted"):
                camera = view(volume.geometry, *CAMERAS[name], (12, 11))
                for crop in (None, box):
                    for projection in PROJECTIONS:
                        key = f"{np.dtype(dtype)} {kind} {name} {projection} {crop is None}"
                        pictures[key] = Renderer(volume).project(camera, projection, crop)
        acquisition = ACQUISITIONS["gantry-tilt"]
        geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
        even = Volume(geometry, smooth(acquisition.shape).astype(dtype))
        for name, (towards, up) in CAMERAS.items():
            camera = view(even.geometry, towards, up, (12, 11))
            pictures[f"{np.dtype(dtype)} {name} shaded"] = Renderer(even).shade(
                camera, GLASS, background=(0.1, 0.2, 0.3)
            )
    return pictures


if __name__ == "__main__":
    np.savez(sys.argv[1], **renderings())
