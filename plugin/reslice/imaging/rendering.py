"""Pictures of a whole volume from a camera: projections, and shaded volumes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.affine import Vector, frozen
from reslice.imaging.blocks import Blocks, blocks_of
from reslice.imaging.camera import Box, Camera
from reslice.imaging.compiled import IS_COMPILED
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.intervals import Gaps
from reslice.imaging.projection import projected, projected_by_layers
from reslice.imaging.ray_kernels import Picture
from reslice.imaging.shading import Colour, shaded_by_layers
from reslice.imaging.slab import Projection
from reslice.imaging.transfer import TransferFunction
from reslice.imaging.volume import Volume

Rgb = NDArray[np.uint8]


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
        and depth.
        """
        if not IS_COMPILED:
            return projected_by_layers(self.volume, camera, projection, box, self.gaps)
        return projected(self.volume, self._blocks(), camera, projection, box, self.gaps, self.crew)

    def shade(
        self, camera: Camera, transfer: TransferFunction, box: Box | None = None, background: Colour = (0, 0, 0)
    ) -> Rgb:
        """The volume in colour, uint8 (rows, columns, 3); `background` from 0 to 1."""
        light = shaded_by_layers(self.volume, camera, transfer, self._steps(camera), box, self.gaps)
        return np.rint((light[..., :3] + light[..., 3:] * background) * 255).clip(0, 255).astype(np.uint8)

    def _steps(self, camera: Camera) -> Vector:
        step = min(self.volume.geometry.spacing)
        count = max(2, int(np.ceil(camera.depth / step)) + 1)
        return frozen(np.linspace(-camera.depth / 2, camera.depth / 2, count))

    def _blocks(self) -> Blocks:
        def make() -> tuple[Blocks, int]:
            blocks = blocks_of(self.volume, self.volume.intervals(self.gaps), self.crew)
            return blocks, blocks.nbytes

        blocks: Blocks = self.keep(f"blocks {self.gaps}", make)
        return blocks


def warm_up() -> None:
    """Compile every kernel for both types of voxels."""
