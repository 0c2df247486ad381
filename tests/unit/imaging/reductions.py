"""A set of reduced and evened volumes, told by name: with the compiled kernels here, by numpy where there are none.

python -m unit.imaging.reductions FILE    writes them to FILE
"""

import sys
from collections.abc import Iterator

import numpy as np

from reslice.imaging.evening import evened
from reslice.imaging.reduction import reduced
from reslice.imaging.volume import Volume, VolumeGeometry

SHAPE = (5, 9, 8)
FACTORS = ((1, 1, 1), (2, 2, 2), (1, 3, 2), (5, 9, 8), (4, 4, 4), (7, 2, 1))


def all_reductions() -> dict[str, np.ndarray]:
    """The voxels of each."""
    return {name: volume.voxels for name, volume in _made()}


def hollow(dtype: type) -> Volume:
    """Noise with padding that has an upper end, and two slices that aren't there."""
    voxels = np.random.default_rng(3).integers(-50, 50, SHAPE).astype(dtype)
    voxels[:2, :3, :4] = -20
    if dtype is np.float32:
        voxels[3, 5:] = np.nan
    return Volume(VolumeGeometry(SHAPE, np.eye(4)), voxels, (-22.0, -18.0), (1, 2))


def _made() -> Iterator[tuple[str, Volume]]:
    for dtype in (np.int16, np.float32):
        volume = hollow(dtype)
        for factors in FACTORS:
            for how in ("mean", "max", "min"):
                yield f"{dtype.__name__} {factors} {how}", reduced(volume, factors, how)
        places = np.array([0, 0.5, 1.7, 3.1, 4.0])
        uneven = Volume(VolumeGeometry(SHAPE, np.eye(4), places, (2,)), volume.voxels, volume.padding, (4,))
        for gaps in ("show", "interpolate"):
            yield f"{dtype.__name__} {gaps}", evened(uneven, gaps)


if __name__ == "__main__":
    np.savez(sys.argv[1], **all_reductions())
