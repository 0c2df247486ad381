"""Pictures of a whole volume from a camera: projections, and shaded volumes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from reslice.imaging.blocks import Blocks, blocks_of
from reslice.imaging.camera import Box, Camera, view
from reslice.imaging.compiled import IS_COMPILED
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.evening import bounded_step, evened, evened_geometry, needs_evening
from reslice.imaging.intervals import Gaps
from reslice.imaging.projection import projected, projected_by_layers
from reslice.imaging.ray_kernels import Picture
from reslice.imaging.reduction import Factors, Reduction, reduced
from reslice.imaging.shading import BLACK, Colour, Rgb, shaded, shaded_by_layers
from reslice.imaging.slab import Projection
from reslice.imaging.transfer import TransferFunction, bone
from reslice.imaging.volume import Volume, VolumeGeometry, Voxels

EVENED_SLICES = 4
"""Uneven slices become at most so many times as many even ones."""
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
    """Renders one volume for one request; `keep` lends it what others have computed before.

    What it has used it holds itself, for all frames of an animation: not everything can be kept.
    """

    volume: Volume
    keep: Keep = keep_nothing
    crew: Crew = ALONE
    gaps: Gaps = "show"
    _used: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        self, camera: Camera, transfer: TransferFunction, box: Box | None = None, background: Colour = BLACK
    ) -> Rgb:
        """The volume in colour, uint8 (rows, columns, 3); `background` from 0 to 1."""
        volume, name = self.even_at(camera)
        if not IS_COMPILED:
            return shaded_by_layers(volume, camera, transfer, box, background)
        return shaded(volume, self._blocks(volume, name), camera, transfer, box, self.crew, background)

    def _at(self, camera: Camera, how: Reduction) -> tuple[Volume, str]:
        """The volume, or a copy as coarse as the picture, and a name for it."""
        if max(factors_for(camera, self.volume.geometry)) == 1:
            return self.volume, f"stored {self.gaps}"
        return self._even_at(camera, how)

    def even_at(self, camera: Camera) -> tuple[Volume, str]:
        """The volume that is shaded, and a name for it: as coarse as the picture, its slices even and all present.

        Uneven slices are put on an even grid of their smallest gap, but never on more than EVENED_SLICES times as
        many as there are: if one gap is far smaller than the others the grid is coarser than it, and what two
        slices that close tell apart is blended.
        """
        volume, name = self._even_at(camera, "mean")
        return (_filled(volume), f"{name} filled") if volume.absent else (volume, name)

    def _even_at(self, camera: Camera, how: Reduction) -> tuple[Volume, str]:
        """The volume or a copy, evened where it must be and as coarse as the picture."""
        needs = needs_evening(self.volume, self.gaps)
        factors = factors_for(camera, rendered_geometry(self.volume.geometry))
        if max(factors) == 1 and not needs and not self.volume.absent:
            return self.volume, f"stored {self.gaps}"
        name = f"{how} {factors} {self.gaps}"
        return self._kept(name, lambda: even_copy(self.volume, factors, how, self.gaps, self.crew)), name

    def _kept(self, name: str, make: Callable[[], Volume]) -> Volume:
        def made() -> tuple[Volume, int]:
            volume = make()
            return volume, volume.voxels.nbytes

        volume: Volume = self._remembered(name, made)
        return volume

    def _remembered(self, name: str, make: Callable[[], tuple[Any, int]]) -> Any:
        """What this renderer has used before, whether or not it could be kept for others."""
        if name not in self._used:
            self._used[name] = self.keep(name, make)
        return self._used[name]

    def _blocks(self, volume: Volume, name: str) -> Blocks:
        def make() -> tuple[Blocks, int]:
            blocks = blocks_of(volume, volume.intervals(self.gaps), self.crew)
            return blocks, blocks.nbytes

        blocks: Blocks = self._remembered(f"blocks of {name}", make)
        return blocks


def factors_for(camera: Camera, geometry: VolumeGeometry) -> Factors:
    """How many slices, rows and columns a pixel is wide: 1 each where it is less than two of the finest."""
    spacing = min(camera.plane.spacing)
    if spacing < 2 * min(geometry.spacing) * (1 - 1e-9):
        return 1, 1, 1
    slices, rows, columns = (max(1, int(spacing / step + 1e-9)) for step in geometry.spacing)
    return slices, rows, columns


def rendered_geometry(geometry: VolumeGeometry) -> VolumeGeometry:
    """Where the voxels of what is rendered lie, before it is made coarser."""
    if geometry.is_regular:
        return geometry
    return evened_geometry(geometry, _even_step(geometry))


def _even_step(geometry: VolumeGeometry) -> float:
    return bounded_step(geometry, EVENED_SLICES * geometry.shape[0])


def even_copy(volume: Volume, factors: Factors, how: Reduction, gaps: Gaps, crew: Crew) -> Volume:
    """Boxes of so many even slices, rows and columns as one voxel each.

    Rows and columns come first: then the even slices take no more than EVENED_SLICES times the memory of those.
    """
    if not needs_evening(volume, gaps):
        return reduced(volume, factors, how, crew)
    flat = _reduced_in_plane(volume, factors, how, crew)
    even = _filled(evened(flat, gaps, _even_step(volume.geometry)))
    return even if factors[0] == 1 else reduced(even, (factors[0], 1, 1), how, crew)


def _reduced_in_plane(volume: Volume, factors: Factors, how: Reduction, crew: Crew) -> Volume:
    """Each slice by itself, wherever it stands."""
    if factors[1:] == (1, 1):
        return volume
    own = volume.geometry
    stack = Volume(VolumeGeometry(own.shape, own.affine), volume.voxels, volume.padding, volume.absent)
    small = reduced(stack, (1, *factors[1:]), how, crew)
    geometry = VolumeGeometry(small.geometry.shape, small.geometry.affine, own.places, own.missing)
    return Volume(geometry, small.voxels, small.padding, small.absent)


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
