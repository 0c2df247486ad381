"""Slabs: held against a slow second implementation; huge ones and those that miss the volume."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.slab import PROJECTIONS, Slab
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging import uneven
from unit.imaging.expected import (
    SEEDS,
    SHAPES,
    SIGNED_PERMUTATIONS,
    affines,
    along_axes,
    on_a_brink,
    pixel_indices,
    planes_near,
    slow_cut,
    upright,
)
from unit.imaging.slabs import sample_planes, slow_slab

EVERY_PROJECTION = pytest.mark.parametrize("projection", PROJECTIONS)
PADDING = (-300.0, -250.0)


@st.composite
def volumes(draw: st.DrawFn, affine: np.ndarray) -> Volume:
    """Noise of either type, sound, padded, or with NaN."""
    shape, generator = draw(SHAPES), np.random.default_rng(draw(SEEDS))
    dtype, holes = draw(st.sampled_from([np.int16, np.float32])), draw(st.sampled_from(["none", "padding", "nan"]))
    voxels = generator.integers(-200, 3000, shape).astype(dtype)
    if holes == "padding":
        voxels[generator.random(shape) < 0.3] = -280
    if holes == "nan" and dtype is np.float32:
        voxels[generator.random(shape) < 0.3] = np.nan
    return Volume(VolumeGeometry(shape, affine), voxels, PADDING if holes == "padding" else None)


def assert_is_the_slow_slab(volume: Volume, plane: ImagePlane, slab: Slab, *, linear: bool = True) -> None:
    planes = sample_planes(plane, volume.geometry, slab.thickness)
    expected = slow_slab([slow_cut(volume, one, linear=linear) for one in planes], slab.projection)
    brinks = [on_a_brink(pixel_indices(volume.geometry, one), volume.voxels.shape) for one in planes]
    certain = ~np.any(brinks, axis=0)
    values = cut(volume, plane, "linear" if linear else "nearest", slab=slab)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values[certain], expected[certain], rtol=2e-6, atol=2e-3, equal_nan=True)


@EVERY_PROJECTION
@pytest.mark.parametrize("linear", [True, False])
@given(data=st.data())
def test_any_slab_through_any_volume(projection: str, linear: bool, data: st.DataObject) -> None:
    volume = data.draw(volumes(data.draw(affines())))
    plane = data.draw(planes_near(volume.geometry))
    thickness = data.draw(st.floats(0.01, 4)) * min(volume.geometry.spacing)
    assert_is_the_slow_slab(volume, plane, Slab(thickness, projection), linear=linear)


@EVERY_PROJECTION
@pytest.mark.parametrize("linear", [True, False])
@given(data=st.data())
def test_slabs_along_the_voxels(projection: str, linear: bool, data: st.DataObject) -> None:
    """The quick way: voxels run along patient axes in any order, pixels lie on them or between."""
    spacing = data.draw(st.sampled_from([(1.0, 1.0, 1.0), (2.0, 0.75, 0.75), (0.7, 1.1, 1.3)]))
    volume = data.draw(volumes(along_axes(*data.draw(st.sampled_from(SIGNED_PERMUTATIONS)), spacing)))
    row, column, _ = np.eye(3)[list(data.draw(st.permutations(range(3))))]
    zoom = data.draw(st.sampled_from([None, 0.4, 1.7]))
    middle = np.mean([volume.geometry.map_indices_to_reference(np.zeros(3)), volume.geometry.slice_centres[-1]], axis=0)
    normal = np.cross(row, column)
    offset = normal * (normal @ middle + data.draw(st.floats(-2, 2)))
    plane = FieldOfView.across(volume.geometry, row, column, offset).plane(RequestedSize(pixel_spacing=zoom), 0.75)
    thickness = data.draw(st.floats(0.01, 4)) * min(volume.geometry.spacing)
    assert_is_the_slow_slab(volume, plane, Slab(thickness, projection), linear=linear)


@EVERY_PROJECTION
@pytest.mark.parametrize("gaps", ["show", "interpolate"])
@pytest.mark.parametrize("is_upright", [True, False])
@given(data=st.data())
def test_slabs_through_uneven_slices_and_gaps(
    projection: str, gaps: str, is_upright: bool, data: st.DataObject
) -> None:
    case = data.draw(uneven.cases(upright=is_upright))
    plane = data.draw(uneven.planes_through(case))
    if is_upright:
        row, column, _ = np.eye(3)[list(data.draw(st.permutations(range(3))))]
        plane = replace(plane, row=row, column=column, shape=(4, 4))
    thickness = data.draw(st.floats(0.5, 4)) * min(case.geometry.spacing)
    planes = sample_planes(plane, case.geometry, thickness)
    points = [uneven.pixel_points(one).reshape(-1, 3) for one in planes]
    certain = ~np.array([any(case.stack.is_on_a_brink(p) for p in line) for line in zip(*points, strict=True)])
    layers = [np.array([case.stack.value(p, fill=gaps == "interpolate") for p in one]) for one in points]
    values = cut(case.volume, plane, "linear", gaps, Slab(thickness, projection)).ravel()
    expected = slow_slab(layers, projection)
    np.testing.assert_allclose(values[certain], expected[certain], rtol=1e-5, atol=2e-3, equal_nan=True)


def ball() -> Volume:
    """40 mm of noise, one voxel of it far above, one far below the rest."""
    voxels = np.random.default_rng(3).integers(0, 100, (40, 40, 40)).astype(np.int16)
    voxels[10, 20, 30], voxels[30, 22, 11] = 5000, -5000
    return Volume(upright((40, 40, 40)), voxels)


SQUARE = ImagePlane(np.array([0.0, 0.0, 19.5]), np.eye(3)[0], np.eye(3)[1], (1.0, 1.0), (40, 40))
LEANING = ImagePlane(np.array([-2.0, 0.0, 10.0]), np.array([0.8, 0, 0.6]), np.eye(3)[1], (1.0, 1.0), (40, 50))


@pytest.mark.parametrize("thickness", [1e3, 1e6, 1e12, 1e300])
@pytest.mark.parametrize("plane", [SQUARE, LEANING])
@EVERY_PROJECTION
def test_a_slab_thicker_than_the_volume_costs_what_the_volume_costs(
    plane: ImagePlane, thickness: float, projection: str
) -> None:
    cut(ball(), plane, slab=Slab(2, projection))
    tracemalloc.start()
    values = cut(ball(), plane, slab=Slab(thickness, projection))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3e6
    extreme = {"mip": np.nanmax, "minip": np.nanmin, "mean": np.nanmedian}[projection](values)
    expected = {"mip": (1500, 5000), "minip": (-5000, -1500), "mean": (40, 60)}[projection]
    assert expected[0] <= extreme <= expected[1]


def test_the_extremes_of_a_whole_volume_lie_where_they_are() -> None:
    for slab, extreme, pixel in ((Slab(100, "mip"), 5000, (20, 30)), (Slab(100, "minip"), -5000, (22, 11))):
        values = cut(ball(), SQUARE, slab=slab)
        assert values[pixel] == extreme
        assert np.count_nonzero(values == extreme) == 1


@pytest.mark.parametrize("offset", [-60.0, 60.0, 1e6])
@pytest.mark.parametrize("plane", [SQUARE, LEANING])
@EVERY_PROJECTION
def test_a_slab_beside_the_volume_holds_nothing(plane: ImagePlane, offset: float, projection: str) -> None:
    beside = replace(plane, position=plane.position + offset * plane.normal)
    assert np.isnan(cut(ball(), beside, slab=Slab(5, projection))).all()
    aside = replace(plane, position=plane.position + offset * 2 * plane.column)
    assert np.isnan(cut(ball(), aside, slab=Slab(5, projection))).all()


def test_a_slab_that_only_touches_the_volume() -> None:
    """Its lower face lies just within the last voxel's edge."""
    above = replace(SQUARE, position=np.array([0.0, 0.0, 39.45 + 5]))
    np.testing.assert_array_equal(cut(ball(), above, slab=Slab(10, "mip")), ball().voxels[39])
    beyond = replace(SQUARE, position=np.array([0.0, 0.0, 39.55 + 5]))
    assert np.isnan(cut(ball(), beyond, slab=Slab(10, "mip"))).all()


def test_offsets_are_symmetric_and_include_both_faces() -> None:
    geometry = upright((3, 4, 5), (2.0, 1.0, 1.5))
    for thickness in (0.2, 0.5, 1.0, 7.3, 20.0):
        offsets = Slab(thickness).offsets(geometry)
        np.testing.assert_allclose(offsets, -offsets[::-1], atol=1e-12)
        assert offsets[-1] == pytest.approx(thickness / 2)
        assert np.diff(offsets).max() <= 0.5 + 1e-9


def test_a_part_of_the_offsets_is_that_part() -> None:
    geometry, slab = upright((3, 4, 5)), Slab(7.3)
    offsets = slab.offsets(geometry)
    for low, high in ((-1, 1), (-100, 0), (0.1, 100), (3, 2), (50, 60)):
        part = offsets[(offsets >= low) & (offsets <= high)]
        np.testing.assert_array_equal(slab.offsets_between(geometry, low, high), part)
