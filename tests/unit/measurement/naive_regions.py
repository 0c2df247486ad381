"""Which voxels a shape holds, asked of each voxel by its centre in LPS mm: slow and obvious."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.measurement.where import Box, Ellipsoid, Everywhere, Where
from unit.imaging.expected import rotations
from unit.imaging.naive_gaps import Stack
from unit.imaging.uneven import Case
from unit.measurement.spaces import Array, centres

Flags = NDArray[np.bool_]

ON_BORDER = 5e-7
"""mm: shapes are drawn so that voxels lie on their borders to float noise, or clearly apart."""


@dataclass(frozen=True)
class Shape:
    """What the product is given, the voxels whose centres lie inside, and the slices whose planes it meets."""

    where: Where
    inside: Flags
    touched: Flags


@st.composite
def shapes(draw: st.DrawFn, geometry: VolumeGeometry) -> Shape:
    """Everywhere, a box or an ellipsoid, whose points lie within the volume."""
    kind = draw(st.sampled_from(["everywhere", "box", "ellipsoid"]))
    if kind == "everywhere":
        return Shape(Everywhere(), np.ones(geometry.shape, bool), np.ones(geometry.shape[0], bool))
    if kind == "box":
        return draw(boxes(geometry))
    return draw(ellipsoids(geometry))


@st.composite
def boxes(draw: st.DrawFn, geometry: VolumeGeometry) -> Shape:
    """Corners anywhere, often on voxel centres."""
    first, second = (np.array([draw(places(size)) for size in geometry.shape]) for _ in range(2))
    second[np.abs(first - second).max() < 0.01] += 0.3
    corner, opposite = (geometry.map_indices_to_reference(index) for index in (first, second))
    indices = np.stack(np.indices(geometry.shape), axis=-1)
    low, high = np.minimum(first, second) - 1e-9, np.maximum(first, second) + 1e-9
    within = (indices >= low) & (indices <= high)
    return Shape(Box.of(corner, opposite, geometry), within.all(axis=-1), within[:, 0, 0, 0])


def places(size: int) -> st.SearchStrategy[float]:
    """On a voxel centre, or a thousandth of a voxel from one at least."""
    return st.one_of(st.integers(0, size - 1).map(float), st.floats(-0.45, size - 0.75).map(lambda p: round(p, 3)))


@st.composite
def ellipsoids(draw: st.DrawFn, geometry: VolumeGeometry) -> Shape:
    """Any, however its axes are turned: their ends lie in the volume, it may reach beyond."""
    index = np.array([draw(st.floats(-0.4, size - 0.6)) for size in geometry.shape])
    center = geometry.map_indices_to_reference(index)
    axes = draw(rotations()).T * np.array([[draw(st.floats(0.2, 20))] for _ in range(3)])
    return ellipsoid(center, np.array([shortened(center, axis, geometry) for axis in axes]), geometry)


def shortened(center: Array, axis: Array, geometry: VolumeGeometry) -> Array:
    """Halved until it ends in the volume."""
    index = geometry.map_reference_to_indices(center + axis)
    if (index > -0.5).all() and (index < np.array(geometry.shape) - 0.5).all():
        return axis
    return shortened(center, axis / 2, geometry)


def ellipsoid(center: Array, axes: Array, geometry: VolumeGeometry) -> Shape:
    lengths = np.linalg.norm(axes, axis=1)
    straight = (centres(geometry) - center) @ (axes / lengths[:, None]).T / (lengths + ON_BORDER)
    normal = np.cross(geometry.affine[:3, 2], geometry.affine[:3, 1])
    normal = normal / np.linalg.norm(normal)
    heights = (centres(geometry)[:, 0, 0] - center) @ normal
    reach = np.linalg.norm(axes @ normal)
    return Shape(Ellipsoid(center, axes), (straight**2).sum(axis=-1) <= 1, np.abs(heights) <= reach + ON_BORDER)


def is_broken(volume: Volume, touched: Flags) -> bool:
    """Whether a slice within holds no data, or slices are missing between two within."""
    ks = np.flatnonzero(touched).tolist()
    return any(k in volume.absent for k in ks) or any(k in ks and k + 1 in ks for k in volume.geometry.missing)


def is_data(volume: Volume) -> Flags:
    """Which voxels hold data, absent slices aside."""
    values = volume.voxels.astype(np.float64)
    known = ~np.isnan(values)
    if volume.padding is not None:
        known &= ~((values >= volume.padding[0]) & (values <= volume.padding[1]))
    return known


def extent_mm3(stack: Stack, mask: Flags) -> float:
    """The sum over voxels of pixel area times how far their slices reach."""
    pixel = np.linalg.norm(np.cross(stack.row_step, stack.column_step))
    thick = [stack.half_gap(k, -1) + stack.half_gap(k, 1) for k in range(len(mask))]
    return float(pixel * (mask.sum(axis=(1, 2)) * np.array(thick)).sum())


@st.composite
def cases_with_shapes(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> tuple[Case, Shape]:
    """A volume and a shape in it."""
    case = draw(cases)
    return case, draw(shapes(case.geometry))
