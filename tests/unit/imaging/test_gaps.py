"""Planes through uneven slices, gaps and damaged slices, held against a slow implementation in millimetres."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quickly import mostly_slow
from reslice.imaging.affine import frozen
from reslice.imaging.mpr import PLANES, PlaneSteps, orthogonal_plane, patient_planes, reslice
from reslice.imaging.plane import ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import upright
from unit.imaging.uneven import Case, cases, geometries, pixel_points, planes_through, stack_of

GAPS = pytest.mark.parametrize("gaps", ["show", "interpolate"])
EVERY_PLANE = pytest.mark.parametrize("name", **mostly_slow(PLANES.keys(), "coronal"))
INTERPOLATIONS = pytest.mark.parametrize("interpolation", ["linear", "nearest"])


def assert_as_slowly(case: Case, plane: ImagePlane, interpolation: str, gaps: str) -> None:
    values = cut(case.volume, plane, interpolation, gaps)
    points = pixel_points(plane).reshape(-1, 3)
    rules = {"nearest": interpolation == "nearest", "fill": gaps == "interpolate"}
    expected = np.array([case.stack.value(point, **rules) for point in points]).reshape(plane.shape)
    certain = ~np.array([case.stack.is_on_a_brink(point) for point in points]).reshape(plane.shape)
    np.testing.assert_array_equal(np.isnan(values)[certain], np.isnan(expected)[certain])
    np.testing.assert_allclose(values[certain].astype(float), expected[certain], rtol=1e-5, atol=5e-3)
    assert not (values < -1e-3).any(), "padding or an absent slice was taken for data"


@GAPS
@INTERPOLATIONS
@given(data=st.data())
def test_any_plane_through_any_volume(interpolation: str, gaps: str, data: st.DataObject) -> None:
    case = data.draw(cases())
    assert_as_slowly(case, data.draw(planes_through(case)), interpolation, gaps)


@GAPS
@INTERPOLATIONS
@EVERY_PLANE
@given(data=st.data())
def test_planes_along_the_axes_of_an_upright_volume(
    name: str, interpolation: str, gaps: str, data: st.DataObject
) -> None:
    """The quick way: whole layers of voxels, blended and stretched."""
    case, axes = data.draw(cases(upright=True)), PLANES[name]
    low, high = case.geometry.extent(axes.axis)
    position = low + data.draw(st.floats(-0.1, 1.1)) * (high - low)
    size = RequestedSize(pixel_spacing=data.draw(st.floats(0.8, 6)))
    assert_as_slowly(case, orthogonal_plane(case.geometry, axes, position, size), interpolation, gaps)


@GAPS
@INTERPOLATIONS
@EVERY_PLANE
@given(data=st.data())
def test_scrolling_planes(name: str, interpolation: str, gaps: str, data: st.DataObject) -> None:
    """At the steps themselves, where planes run through voxels: in upright volumes and in slanted ones."""
    case, axes = data.draw(cases(upright=data.draw(st.booleans()))), PLANES[name]
    steps = PlaneSteps.of(case.geometry, axes)
    position = steps.at_index(data.draw(st.integers(0, steps.count - 1)))
    size = RequestedSize(pixel_spacing=data.draw(st.floats(1, 6)))
    assert_as_slowly(case, orthogonal_plane(case.geometry, axes, position, size), interpolation, gaps)


@given(data=st.data(), slope=st.tuples(*[st.floats(-3, 3)] * 3))
def test_every_pixel_tells_its_place(data: st.DataObject, slope: tuple[float, ...]) -> None:
    """Voxels that hold a linear ramp give the ramp at each pixel between their centres, however uneven."""
    geometry, origins = data.draw(geometries())
    geometry = VolumeGeometry(geometry.shape, geometry.affine, geometry.places)
    case = ramp(geometry, origins, np.array(slope))
    for plane in [data.draw(planes_through(case)), *named_planes(geometry, data)]:
        values, points = cut(case.volume, plane), pixel_points(plane)
        located = np.array([case.stack.locate(point) for point in points.reshape(-1, 3)]).reshape(points.shape)
        ends = np.array([case.stack.heights[-1], geometry.shape[1] - 1, geometry.shape[2] - 1])
        between = ((located >= 1e-6) & (located <= ends - 1e-6)).all(axis=-1)
        np.testing.assert_allclose(values[between], (points @ slope)[between], rtol=1e-5, atol=2e-3)


def ramp(geometry: VolumeGeometry, origins: np.ndarray, slope: np.ndarray) -> Case:
    rows, columns = np.indices(geometry.shape[1:])[..., None]
    _, row_step, column_step = np.array(geometry.affine[:3, :3]).T
    points = origins[:, None, None] + rows * row_step + columns * column_step
    voxels = (points @ slope).astype(np.float32)
    return Case(Volume(geometry, voxels), stack_of(geometry, origins, voxels))


def named_planes(geometry: VolumeGeometry, data: st.DataObject) -> list[ImagePlane]:
    fraction, size = data.draw(st.floats(0, 1)), RequestedSize(width=9)
    return [
        orthogonal_plane(geometry, axes, PlaneSteps.of(geometry, axes).at_fraction(fraction), size)
        for axes in PLANES.values()
    ]


@GAPS
@INTERPOLATIONS
@given(data=st.data())
def test_each_slice_is_its_own_plane(interpolation: str, gaps: str, data: st.DataObject) -> None:
    """Bit for bit, a view of the voxels, also between gaps; a damaged one isn't shown."""
    case = data.draw(cases(padded=False))
    for k in range(len(case.volume.voxels)):
        plane = ImagePlane.of_slice(case.geometry, k)
        np.testing.assert_allclose(plane.position, case.stack.origins[k], atol=1e-9)
        values = cut(case.volume, plane, interpolation, gaps)
        if case.volume.present[k]:
            np.testing.assert_array_equal(values, case.volume.voxels[k])
            assert np.shares_memory(values, case.volume.voxels) is case.volume.is_sound
        elif gaps == "show":
            assert np.isnan(values).all()


def column_of(values: list[float], places: list[float], **facts: object) -> Volume:
    """One voxel a slice, 1 mm wide, standing at these z."""
    mean = (places[-1] - places[0]) / (len(places) - 1)
    geometry = upright((len(places), 1, 1), (mean, 1.0, 1.0))
    missing = facts.pop("missing", ())
    geometry = VolumeGeometry(geometry.shape, geometry.affine, frozen(np.array(places) / mean), missing)
    return Volume(geometry, np.array(values, dtype=np.int16).reshape(-1, 1, 1), **facts)


def along_z(volume: Volume, heights: list[float], **how: str) -> list[float]:
    """The value at each height, by planes across, and the same by one plane along."""
    across = [ImagePlane(np.array([0, 0, z]), *np.eye(3)[:2], (1.0, 1.0), (1, 1)) for z in heights]
    slanted = np.array([0.0, 1e-7, 1.0])  # the general kernel
    along = [
        ImagePlane(np.array([0, 0, z]), direction / np.linalg.norm(direction), np.eye(3)[0], (1.0, 1.0), (1, 1))
        for direction in (np.eye(3)[2], slanted)
        for z in heights
    ]
    found = [float(cut(volume, plane, **how)[0, 0]) for plane in (*across, *along)]
    count = len(heights)
    np.testing.assert_array_equal(found[:count], found[count : 2 * count])
    np.testing.assert_allclose(found[:count], found[2 * count :], rtol=1e-6)
    return found[:count]


nan = np.nan

MISSING = {"places": [0, 1, 3, 9, 11.5], "missing": (2,)}
"""Gaps of 1, 2, 6 (slices are missing) and 2.5 mm: in the third, data reaches 1 mm (half of 2) from a slice."""


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [10, 10, 15, 20, 25, 30, 30, 30, nan, nan, nan, 90, 90, 90, 91, 92, 92, nan]),
        ({"gaps": "interpolate"}, [10, 10, 15, 20, 25, 30, 35, 39, 41, 60, 79, 81, 85, 90, 91, 92, 92, nan]),
    ],
)
def test_missing_slices_are_not_invented(how: dict[str, str], expected: list[float]) -> None:
    volume = column_of([10, 20, 30, 90, 92], **MISSING)
    heights = [-0.4, 0, 0.5, 1, 2, 3, 3.5, 3.9, 4.1, 6, 7.9, 8.1, 8.5, 9, 10.25, 11.5, 12.7, 12.8]
    np.testing.assert_allclose(along_z(volume, heights, **how), expected)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [10, 10, 20, 20, 30, 30, nan, nan, 90, 90, 90, 90, 92, 92]),
        ({"gaps": "interpolate"}, [10, 10, 20, 20, 30, 30, 30, 90, 90, 90, 90, 90, 92, 92]),
    ],
)
def test_nearest_slice_within_the_same_reach(how: dict[str, str], expected: list[float]) -> None:
    volume = column_of([10, 20, 30, 90, 92], **MISSING)
    heights = [-0.4, 0.4, 0.6, 1.9, 2.1, 3.9, 4.1, 6.1, 8.1, 9, 10, 10.2, 10.3, 12.7]
    np.testing.assert_allclose(along_z(volume, heights, interpolation="nearest", **how), expected)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [10, 10, 10, nan, nan, nan, nan, 40, 40, 46, 50]),
        ({"gaps": "interpolate"}, [10, 10, 12, 14, 20, 30, 33, 34, 40, 46, 50]),
        ({"interpolation": "nearest"}, [10, 10, 10, nan, nan, nan, nan, 40, 40, 50, 50]),
        ({"gaps": "interpolate", "interpolation": "nearest"}, [10, 10, 10, 10, 10, 40, 40, 40, 40, 50, 50]),
    ],
)
def test_damaged_slices_between_others(how: dict[str, str], expected: list[float]) -> None:
    """Slices 1 and 2 are damaged: each other reaches half of the gap next to it."""
    volume = column_of([10, -777, -777, 40, 50], [0, 2, 5, 9, 11], absent=(1, 2))
    heights = [-0.9, 0, 0.6, 1.2, 3, 6, 6.9, 7.2, 9, 10.2, 11]
    np.testing.assert_allclose(along_z(volume, heights, **how), expected, rtol=1e-6)


@GAPS
@INTERPOLATIONS
def test_damaged_slices_at_the_ends(gaps: str, interpolation: str) -> None:
    """Data ends half a gap beyond the last slice that is there; the field of view is the whole volume's."""
    volume = column_of([-777, 20, 30, -777, -777], [0, 2, 3, 7, 8], absent=(0, 3, 4))
    values = along_z(volume, [0, 0.9, 1.1, 2, 3, 4.9, 5.1, 8], gaps=gaps, interpolation=interpolation)
    np.testing.assert_array_equal(values, [nan, nan, 20, 20, 30, 30, nan, nan])
    assert volume.geometry.extent(np.eye(3)[2]) == pytest.approx((-1, 8.5))


@GAPS
@INTERPOLATIONS
def test_nothing_there_is_no_data(gaps: str, interpolation: str) -> None:
    volume = column_of([1, 2, 3], [0, 2, 3], absent=(0, 1, 2))
    assert np.isnan(along_z(volume, [-0.5, 0, 1, 2, 3, 3.2], gaps=gaps, interpolation=interpolation)).all()


@pytest.mark.parametrize("interpolation", ["linear", "nearest"])
def test_data_ends_exactly_at_its_reach(interpolation: str) -> None:
    """At half a gap there still is data, ten nanometres further there is none."""
    volume = column_of([10, 20, 30, 90, 92], **MISSING)
    heights = [-0.5 - 1e-5, -0.5, 4, 4 + 1e-5, 8 - 1e-5, 8, 12.75, 12.75 + 1e-5]
    expected = [nan, 10, 30, nan, nan, 90, 92, nan]
    np.testing.assert_array_equal(along_z(volume, heights, interpolation=interpolation), expected)


def test_rows_on_slices_that_are_not_evenly_numbered() -> None:
    """Every other millimetre there is a slice: 0, 2, 3 and 4."""
    volume = column_of([10, 20, 30, 40, 50], [0, 1, 2, 4, 6])
    for direction, expected in ((1, [10, 30, 40, 50]), (-1, [50, 40, 30, 10])):
        start = np.array([0, 0, 0 if direction > 0 else 6])
        plane = ImagePlane(start, np.eye(3)[0], direction * np.eye(3)[2], (2.0, 1.0), (4, 1))
        np.testing.assert_array_equal(cut(volume, plane)[:, 0], expected)


def test_slices_missing_everywhere() -> None:
    """No gap tells how near is near: the smallest one does."""
    volume = column_of([10, 20, 30], [0, 4, 12], missing=(0, 1))
    np.testing.assert_array_equal(along_z(volume, [-2.1, -1.9, 1.9, 2.1, 5.9, 6.1, 9.9, 10.1, 13.9, 14.1]), [
        nan, 10, 10, 20, 20, nan, nan, 30, 30, nan,
    ])  # fmt: skip


def test_slices_missing_at_an_end_widen_nothing() -> None:
    """The outermost slice isn't thicker because slices are missing next to it."""
    volume = column_of([10, 20, 30], [0, 2, 12], missing=(1,))
    np.testing.assert_array_equal(along_z(volume, [2.9, 3.1, 10.9, 11.1, 12.9, 13.1]), [20, nan, nan, 30, 30, nan])
    assert volume.geometry.extent(np.eye(3)[2]) == pytest.approx((-1, 13))


def test_gaps_are_passed_on() -> None:
    volume = column_of([10, -777, 30], [0, 1, 3], absent=(1,))
    plane = orthogonal_plane(volume.geometry, PLANES["axial"], 1.0, RequestedSize())
    assert np.isnan(reslice(volume, patient_planes(volume.geometry, PLANES["axial"]), plane).values).all()
    filled = reslice(volume, patient_planes(volume.geometry, PLANES["axial"]), plane, gaps="interpolate").values
    np.testing.assert_allclose(filled, 10 + 20 / 3)
