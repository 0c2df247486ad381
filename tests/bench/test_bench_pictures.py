"""VTK sees the volume through our camera: from the same side, at the same scale, nothing mirrored."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.raycaster import GREY, RayCaster, vtk_image, window_class
from bench.rendering import check
from phantoms import Acquisition
from reslice.imaging.camera import Camera, view
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry

TURNS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "upside down": lambda picture: picture[::-1],
    "mirrored": lambda picture: picture[:, ::-1],
    "turned": lambda picture: picture[::-1, ::-1],
    "shifted": lambda picture: np.roll(picture, 4, axis=1),
}


@pytest.fixture(scope="module")
def both() -> tuple[NDArray[np.float32], RayCaster, Camera]:
    """Our picture of three blocks in air, and VTK's window with the same."""
    window = window_class()
    assert window, "VTK has no window without a screen: see scripts/setup"
    grid = Acquisition(shape=(24, 40, 40), spacing=(2.0, 1.0, 1.0))
    voxels = np.full(grid.shape, GREY[0], np.int16)
    voxels[2:8, 4:10, 4:12] = GREY[1]
    voxels[16:22, 4:10, 28:34] = 0
    voxels[16:20, 28:36, 4:10] = 400
    volume = Volume(VolumeGeometry(grid.shape, grid.affine), voxels)
    camera = view(volume.geometry, (0.3, 1.0, 0.2), (0.0, 0.0, 1.0), (64, 64))
    ours = cut(volume, camera.plane, slab=Slab(camera.depth, "mip"))
    return ours, RayCaster(window, vtk_image(volume), None), camera


def test_both_show_the_same(both: tuple) -> None:
    ours, theirs, camera = both
    check(ours, theirs, camera, "MIP")


@pytest.mark.parametrize("turn", TURNS)
def test_a_picture_that_lies_otherwise_is_refused(both: tuple, turn: str) -> None:
    ours, theirs, camera = both
    with pytest.raises(RuntimeError, match="MIP: VTK's picture is another one"):
        check(TURNS[turn](ours), theirs, camera, "MIP")
