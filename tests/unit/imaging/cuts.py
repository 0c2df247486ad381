"""A set of cuts, told by name: made here with the compiled kernels, in an interpreter without numba by numpy.

python -m unit.imaging.cuts FILE    writes them to FILE, numba hidden
"""

import sys
from collections.abc import Iterator

import numpy as np

from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.slab import PROJECTIONS, Slab
from reslice.imaging.voi import Window, to_display
from reslice.imaging.volume import Volume, VolumeGeometry

DTYPES = (np.int16, np.float32)


def all_cuts() -> dict[str, np.ndarray]:
    """Planes through volumes with and without holes, and grey levels of all of them."""
    windows = [Window(500, 1500), Window(40, 1), Window(500.3, 900, "LINEAR_EXACT", invert=True)]
    windows.append(Window(100, 700, "SIGMOID"))
    found = dict(_values())
    grey = {
        f"{name} {k}": to_display(values, window) for name, values in found.items() for k, window in enumerate(windows)
    }
    return found | grey


def _values() -> Iterator[tuple[str, np.ndarray]]:
    for place in ("axial", "gantry-tilt", "double-oblique"):
        acquisition = ACQUISITIONS[place]
        for dtype in DTYPES:
            for kind, volume in _volumes(acquisition, dtype):
                for number, plane in enumerate(_planes(acquisition)):
                    for interpolation in ("linear", "nearest", "cubic"):
                        name = f"{place} {np.dtype(dtype)} {kind} {number} {interpolation}"
                        yield name, cut(volume, plane, interpolation)
                        if volume.absent or not volume.is_sound or not volume.geometry.is_regular:
                            yield f"{name} filled", cut(volume, plane, interpolation, "interpolate")
                    for projection in PROJECTIONS if number % 2 else ():
                        slab = cut(volume, plane, slab=Slab(2.7, projection))
                        yield f"{place} {np.dtype(dtype)} {kind} {number} {projection}", slab
                yield f"{place} {np.dtype(dtype)} {kind} slice", cut(volume, ImagePlane.of_slice(volume.geometry, 3))


def _volumes(acquisition: Acquisition, dtype: type) -> Iterator[tuple[str, Volume]]:
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    voxels = np.random.default_rng(1).integers(-1000, 3000, acquisition.shape).astype(dtype)
    yield "complete", Volume(geometry, voxels)
    yield "absent", Volume(geometry, voxels, absent=(0, 4))
    yield "padded", Volume(geometry, voxels, (-1000.0, -300.0))
    holes = np.random.default_rng(2).integers(0, 3, acquisition.shape)
    if dtype is np.float32:
        yield "nan", Volume(geometry, np.where(holes == 0, np.float32(np.nan), voxels))
    edges = np.choose(holes, [-20, -10, 500]).astype(dtype)  # the ends of the padding range, and data
    yield "edges", Volume(geometry, edges, (-20.0, -10.0), absent=(1,))
    gaps = np.array([1.0, 0.4, 3.0, 0.7, 0.6, 0.5, 0.8])
    uneven = VolumeGeometry(acquisition.shape, acquisition.affine, np.r_[0, np.cumsum(gaps)], (2,))
    yield "uneven", Volume(uneven, voxels)
    yield "uneven-absent", Volume(uneven, voxels, absent=(5, 7))
    yield "uneven-edges", Volume(uneven, edges, (-20.0, -10.0), absent=(0,))


def _planes(acquisition: Acquisition) -> Iterator[ImagePlane]:
    middle = acquisition.coordinates.reshape(-1, 3).mean(axis=0)
    for row, column in ((0, 1), (0, 2), (1, 2)):
        directions = np.eye(3)[row], -np.eye(3)[column]
        for spacing in (0.37, 1.0, 2.3):
            yield ImagePlane(middle - 4.2 * sum(directions), *directions, (spacing, spacing), (9, 8))
    slanted = np.array([0.6, 0.48, 0.64]), np.array([-0.8, 0.36, 0.48])
    off_the_borders = np.array([0.0123, 0.0071, 0.0034])  # where float noise would decide which voxel is nearest
    yield ImagePlane(middle - 5 * sum(slanted) + off_the_borders, *slanted, (0.9, 0.8), (11, 12))


if __name__ == "__main__":
    np.savez(sys.argv[1], **all_cuts())
