"""Pictures of a whole volume from a camera: projections, and shaded volumes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.blocks import Blocks, blocks_of
from reslice.imaging.camera import Box, Camera, view
from reslice.imaging.compiled import IS_COMPILED
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.evening import evened, needs_evening
from reslice.imaging.intervals import Gaps
from reslice.imaging.projection import projected, projected_by_layers
from reslice.imaging.ray_kernels import Picture
from reslice.imaging.reduction import Factors, Reduction, reduced
from reslice.imaging.shading import Colour, shaded, shaded_by_layers
from reslice.imaging.slab import Projection
from reslice.imaging.transfer import TransferFunction, bone
from reslice.imaging.volume import Volume, VolumeGeometry, Voxels

Rgb = NDArray[np.uint8]


REDUCTIONS: dict[Projection, Reduction] = {"mip": "max", "minip": "min", "mean": "mean"}


class Keep(Protocol):
    """Where reduced copies and block extremes are kept between requests."""

    def __call__(self, name: str, make: Callable[[], tuple[Any, int]]) -> Any:
        """What was kept by this name, else what `make` answers; it tells its bytes too."""


def keep_nothing(name: str, make: Callable[[], tuple[Any, int]]) -> Any:
    """What `make` answers, whatever its name."""
    del name
    return make()[0]


@dataclass(frozen=True)
class Renderer:
    """Renders one volume; `keep` lends it what it has computed before."""

    volume: Volume
    keep: Keep = keep_nothing
    crew: Crew = ALONE
    gaps: Gaps = "show"

    def project(self, camera: Camera, projection: Projection, box: Box | None = None) -> Picture:
        """The largest, least or mean value along each ray, float32 (rows, columns), NaN where there is no data.

        With pixels less than twice as wide as the finest voxel spacing it equals the slab of the camera's plane
        and depth. With wider ones boxes of voxels have become one before, by the same rule.
        """
        volume, name = self._at(camera, REDUCTIONS[projection])
        if not IS_COMPILED:
            return projected_by_layers(volume, camera, projection, box, self.gaps)
        return projected(volume, self._blocks(volume, name), camera, projection, box, self.gaps, self.crew)

    def shade(
        self, camera: Camera, transfer: TransferFunction, box: Box | None = None, background: Colour = (0, 0, 0)
    ) -> Rgb:
        """The volume in colour, uint8 (rows, columns, 3); `background` from 0 to 1."""
        volume, name = self.even_at(camera)
        if IS_COMPILED:
            light = shaded(volume, self._blocks(volume, name), camera, transfer, box, self.crew)
        else:
            light = shaded_by_layers(volume, camera, transfer, box)
        return np.rint((light[..., :3] + light[..., 3:] * background) * 255).clip(0, 255).astype(np.uint8)

    def _at(self, camera: Camera, how: Reduction) -> tuple[Volume, str]:
        """The volume, or a copy as coarse as the picture, and a name for it."""
        factors = factors_for(camera, self.volume)
        if max(factors) == 1:
            return self.volume, f"stored {self.gaps}"
        even, _ = self._even()
        factors = factors_for(camera, even)
        name = f"{how} {factors} {self.gaps}"
        return self._kept(name, lambda: reduced(even, factors, how, self.crew)), name

    def even_at(self, camera: Camera) -> tuple[Volume, str]:
        """The volume that is shaded, and a name for it: as coarse as the picture, its slices even and all present."""
        even, name = self._even()
        factors = factors_for(camera, even)
        if max(factors) > 1 or even.absent:
            name = f"mean {factors} {self.gaps}"
            return self._kept(name, lambda: _filled(reduced(even, factors, "mean", self.crew))), name
        return even, name

    def _even(self) -> tuple[Volume, str]:
        if not needs_evening(self.volume, self.gaps):
            return self.volume, f"stored {self.gaps}"
        name = f"even {self.gaps}"
        return self._kept(name, lambda: _filled(evened(self.volume, self.gaps))), name

    def _kept(self, name: str, make: Callable[[], Volume]) -> Volume:
        def made() -> tuple[Volume, int]:
            volume = make()
            return volume, volume.voxels.nbytes

        volume: Volume = self.keep(name, made)
        return volume

    def _blocks(self, volume: Volume, name: str) -> Blocks:
        def make() -> tuple[Blocks, int]:
            blocks = blocks_of(volume, volume.intervals(self.gaps), self.crew)
            return blocks, blocks.nbytes

        blocks: Blocks = self.keep(f"blocks of {name}", make)
        return blocks


def factors_for(camera: Camera, volume: Volume) -> Factors:
    """How many slices, rows and columns a pixel is wide: 1 each where it is less than two of the finest."""
    spacing = min(camera.plane.spacing)
    if spacing < 2 * min(volume.geometry.spacing) * (1 - 1e-9):
        return 1, 1, 1
    slices, rows, columns = (max(1, int(spacing / step + 1e-9)) for step in volume.geometry.spacing)
    return slices, rows, columns


def _filled(volume: Volume) -> Volume:
    """Slices that hold no data count as present: every voxel of them says so itself."""
    padding = volume.padding if volume.voxels.dtype == np.int16 else None
    return Volume(volume.geometry, volume.voxels, padding)


def warm_up() -> None:
    """Compile every kernel for both types of voxels."""
    both: tuple[Voxels, ...] = (np.zeros((2, 2, 2), dtype=np.int16), np.zeros((2, 2, 2), dtype=np.float32))
    for voxels in both:
        volume = Volume(VolumeGeometry((2, 2, 2), np.eye(4)), voxels)
        camera = view(volume.geometry, (0, 0, 1), (0, 1, 0), (3, 3))
        renderer = Renderer(volume)
        renderer.project(camera, "mip")
        renderer.shade(camera, bone())
