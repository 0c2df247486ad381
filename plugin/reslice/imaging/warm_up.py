"""Compiles every kernel ahead of the first request."""

import threading
from collections.abc import Callable, Iterator

import numpy as np

from reslice.imaging.compiled import IS_COMPILED
from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.voi import VoiLut, Window, to_display
from reslice.imaging.volume import Volume, VolumeGeometry, Voxels


class WarmUp:
    """Runs the kernels once on tiny volumes of both voxel types, and whatever else is handed in."""

    def __init__(self, *others: Callable[[], None]) -> None:
        self._others = others
        self._done = threading.Event()
        self.failure: str | None = None
        if not IS_COMPILED:
            self._done.set()

    @property
    def is_done(self) -> bool:
        """Whether requests no longer have to wait for the compiler."""
        return self._done.is_set()

    def run(self) -> None:
        """Compile, or read what an earlier start has left on disk; a failure is kept for whoever asks."""
        try:
            for other in self._others:
                other()
            self._cut_everything()
        except Exception as error:  # the compiler's; the kernels are tried again by the first request
            self.failure = f"{type(error).__name__}: {error}"
        self._done.set()

    def _cut_everything(self) -> None:
        geometry = VolumeGeometry((2, 2, 2), np.eye(4))
        both: tuple[Voxels, ...] = (np.zeros((2, 2, 2), dtype=np.int16), np.zeros((2, 2, 2), dtype=np.float32))
        for voxels in both:
            for padding in (None, (1.0, 1.0)):
                for plane in _planes():
                    to_display(cut(Volume(geometry, voxels, padding), plane), Window(0, 2))
        to_display(np.zeros((2, 2), dtype=np.float32), VoiLut(0, np.zeros(1, dtype=np.uint16), 8))


def _planes() -> Iterator[ImagePlane]:
    """On the voxels, between them in a layer, between layers, and slanted."""
    across, down, through = np.eye(3)
    for position in ((0, 0, 0), (0.25, 0.25, 0), (0.25, 0.25, 0.25)):
        yield ImagePlane(np.array(position, dtype=np.float64), across, down, (1.0, 1.0), (2, 2))
    yield ImagePlane(np.zeros(3), across, 0.6 * down + 0.8 * through, (1.0, 1.0), (2, 2))
