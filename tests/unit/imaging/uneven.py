"""Volumes of unevenly spaced slices, with gaps and damaged slices, in any place: what several tests draw."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from reslice.imaging.affine import frozen
from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SEEDS, SIGNED_PERMUTATIONS, SPACINGS, TILTS, along_axes, rotations
from unit.imaging.naive_gaps import Array, Stack

GAPS = st.lists(st.floats(0.5, 10), min_size=1, max_size=6)
PADDING = (-2000.0, -1990.0)


@dataclass(frozen=True)
class Case:
    """The same volume as the product and as the slow implementation know it."""

    volume: Volume
    stack: Stack

    @property
    def geometry(self) -> VolumeGeometry:
        """The product's."""
        return self.volume.geometry


@st.composite
def geometries(draw: st.DrawFn, *, upright: bool = False) -> tuple[VolumeGeometry, Array]:
    """Gaps of 0.5 to 10 mm, any orientation (`upright`: along patient axes), any tilt; and the slices' origins."""
    gaps = np.array(draw(GAPS))
    spacing = float(gaps.mean()), draw(SPACINGS), draw(SPACINGS)
    if upright:
        affine = along_axes(*draw(st.sampled_from(SIGNED_PERMUTATIONS)), spacing)
    else:
        affine = np.eye(4)
        affine[:3, :3] = draw(rotations()) * spacing
        affine[:3, 3] = draw(st.tuples(*[st.floats(-200, 200)] * 3))
        affine[:3, 0] += affine[:3, 1] * draw(TILTS)
    places = np.r_[0, np.cumsum(gaps)] / gaps.mean()
    places[-1] = len(gaps)
    holes = tuple(k for k in range(len(gaps)) if draw(st.integers(0, 3)) == 0)
    shape = len(places), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    origins = affine[:3, 3] + np.outer(places, affine[:3, 0])
    return VolumeGeometry(shape, frozen(affine), frozen(places), holes), origins


@st.composite
def cases(draw: st.DrawFn, *, upright: bool = False, padded: bool | None = None) -> Case:
    """Noise in such a volume; some slices may be absent, and voxels padding or NaN."""
    geometry, origins = draw(geometries(upright=upright))
    generator = np.random.default_rng(draw(SEEDS))
    dtype = draw(st.sampled_from([np.int16, np.float32]))
    voxels = generator.integers(0, 1000, geometry.shape).astype(dtype)
    padding = PADDING if (draw(st.booleans()) if padded is None else padded) else None
    if padding:
        voxels[generator.random(geometry.shape) < 0.2] = generator.integers(-2000, -1989)
    if dtype is np.float32 and draw(st.booleans()):
        voxels[generator.random(geometry.shape) < 0.1] = np.nan
    absent = tuple(sorted(draw(st.sets(st.integers(0, geometry.shape[0] - 1), max_size=3))))
    voxels[list(absent)] = -777  # whoever sees it has looked at a slice that isn't there
    return Case(Volume(geometry, voxels, padding, absent), stack_of(geometry, origins, voxels, absent, padding))


def stack_of(
    geometry: VolumeGeometry,
    origins: Array,
    voxels: NDArray[np.generic],
    absent: tuple[int, ...] = (),
    padding: tuple[float, float] | None = None,
) -> Stack:
    """The slow implementation's volume."""
    _, row_step, column_step = np.array(geometry.affine[:3, :3]).T
    return Stack(voxels.astype(float), origins, row_step, column_step, geometry.missing, absent, padding)


@st.composite
def planes_through(draw: st.DrawFn, case: Case) -> ImagePlane:
    """Any oblique plane whose middle lies in the volume or near it."""
    row, column, _ = draw(rotations()).T
    shape, spacing = draw(st.tuples(st.integers(1, 7), st.integers(1, 7))), (draw(SPACINGS), draw(SPACINGS))
    part = np.array([draw(st.floats(-0.2, 1.2)) for _ in range(3)])
    middle = case.stack.origins[0] + part[0] * (case.stack.origins[-1] - case.stack.origins[0])
    middle = middle + part[1] * case.volume.voxels.shape[1] * case.stack.row_step
    middle = middle + part[2] * case.volume.voxels.shape[2] * case.stack.column_step
    corner = middle - column * spacing[0] * (shape[0] - 1) / 2 - row * spacing[1] * (shape[1] - 1) / 2
    return ImagePlane(corner, row, column, spacing, shape)


def pixel_points(plane: ImagePlane) -> Array:
    """LPS mm of every pixel, shape (rows, columns, 3)."""
    rows, columns = np.indices(plane.shape)[..., None]
    return plane.position + rows * plane.spacing[0] * plane.column + columns * plane.spacing[1] * plane.row
