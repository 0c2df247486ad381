"""Regions by their values: every voxel asked one by one, known volumes, and what is refused."""

import hashlib
import math

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import TooLarge, Unmeasurable
from reslice.imaging.volume import Volume
from reslice.measurement.collecting import in_range
from reslice.measurement.regions import threshold
from reslice.measurement.statistics import Statistics
from reslice.measurement.where import Box, Ellipsoid, Everywhere
from unit.imaging.expected import rotations
from unit.imaging.uneven import Case, cases
from unit.measurement.allocated import peak_of
from unit.measurement.naive_regions import Shape, cases_with_shapes, extent_mm3, is_broken, is_data
from unit.measurement.refused import refused
from unit.measurement.spaces import Array, centres, geometry_of, middle_of, noise, ramp

MANY = 10**9
SHEARED = 0.4


def digest_of(mask: Array) -> str:
    return hashlib.sha256(np.array(mask.shape, "<i8").tobytes() + np.packbits(mask).tobytes()).hexdigest()


@given(cases_with_shapes(cases()), st.integers(0, 1000), st.integers(0, 1000))
def test_a_region_holds_what_asking_each_voxel_finds(drawn: tuple[Case, Shape], low: int, high: int) -> None:
    case, shape = drawn
    volume, low, high = case.volume, min(low, high), max(low, high)
    if is_broken(volume, shape.touched):
        with refused(Unmeasurable, "missing-slices"):
            threshold(volume, shape.where, low, high, MANY)
        return
    known = is_data(volume)
    mask = shape.inside & known & (volume.voxels >= low) & (volume.voxels <= high)
    if not mask.any():
        with refused(Unmeasurable, "empty-region"):
            threshold(volume, shape.where, low, high, MANY)
        return
    got = threshold(volume, shape.where, low, high, MANY)
    assert got.count == mask.sum()
    assert got.excluded == (shape.inside & ~known).sum()
    assert got.volume_mm3 == pytest.approx(extent_mm3(case.stack, mask), rel=1e-6)
    assert got.statistics == Statistics.of(volume.voxels[mask])
    assert got.mask_digest == digest_of(mask)


GEOMETRIES = {
    "anisotropic": geometry_of((40, 150, 300), (2.5, 0.7, 0.3)),
    "sheared": geometry_of((40, 260, 300), (2.5, 0.7, 0.3), tilt=SHEARED),
    "uneven": geometry_of((60, 150, 300), (1, 0.7, 0.3), gaps=np.random.default_rng(0).uniform(0.8, 2.4, 59)),
}


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_solids_have_their_volume(geometry: object, turn: float) -> None:
    """A sphere, an ellipsoid and a cylinder as bright voxels, and the first two as shapes too."""
    center = middle_of(geometry)
    c, s = math.cos(turn), math.sin(turn)
    axes = np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])
    there = (centres(geometry) - center) @ axes.T
    solids = {
        4 / 3 * math.pi * 20**3: (there**2).sum(axis=-1) <= 20**2,
        4 / 3 * math.pi * 12 * 25 * 30: ((there / (12, 25, 30)) ** 2).sum(axis=-1) <= 1,
        math.pi * 15**2 * 39.2: (np.hypot(there[..., 0], there[..., 2]) <= 15)
        & (np.abs(there[..., 1]) <= 19.6),  # whole rows
    }
    for expected, solid in solids.items():
        volume = Volume(geometry, np.where(solid, 100, -5).astype(np.int16))
        assert threshold(volume, Everywhere(), 50, 200, MANY).volume_mm3 == pytest.approx(expected, rel=0.012)
    for expected, lengths in zip(solids, ((20, 20, 20), (12, 25, 30)), strict=False):
        ends = center + axes * np.array(lengths)[:, None]
        got = threshold(volume, Ellipsoid.of(center, ends), -9, 200, MANY)
        assert got.volume_mm3 == pytest.approx(expected, rel=0.012)


@given(rotations(), st.floats(-0.5, 0.5))
def test_a_regular_voxel_is_the_determinant_however_it_lies(rotation: Array, tilt: float) -> None:
    geometry = geometry_of((4, 5, 6), (2.5, 0.7, 0.3), rotation=rotation, tilt=tilt)
    got = threshold(ramp(geometry), Everywhere(), 0, 29, MANY)
    assert got.volume_mm3 == pytest.approx(30 * abs(np.linalg.det(geometry.affine[:3, :3])), rel=1e-6)
    assert got.volume_mm3 == pytest.approx(30 * 2.5 * 0.7 * 0.3, rel=1e-6)


def test_uneven_slices_weigh_as_much_as_they_reach() -> None:
    geometry = geometry_of((4, 1, 1), (1, 2, 3), gaps=np.array([1.0, 2, 4]))
    volume = Volume(geometry, np.arange(4, dtype=np.int16).reshape(4, 1, 1))
    volumes = [threshold(volume, Everywhere(), k, k, MANY).volume_mm3 for k in range(4)]
    assert volumes == pytest.approx([6 * 1, 6 * 1.5, 6 * 3, 6 * 4])


def test_statistics_are_simpleitks_but_for_its_divisor() -> None:
    volume = noise(geometry_of((9, 20, 30), (2.5, 0.7, 0.3)))
    image = SimpleITK.GetImageFromArray(volume.voxels)
    labels = SimpleITK.BinaryThreshold(image, -200, 1500)
    oracle = SimpleITK.LabelStatisticsImageFilter()
    oracle.Execute(image, labels)
    got = threshold(volume, Everywhere(), -200, 1500, MANY)
    assert got.count == oracle.GetCount(1)
    assert got.statistics.mean == pytest.approx(oracle.GetMean(1))
    unbiased = got.statistics.standard_deviation * math.sqrt(got.count / (got.count - 1))
    assert unbiased == pytest.approx(oracle.GetSigma(1))


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_the_range_is_inclusive(dtype: type) -> None:
    volume = ramp(geometry_of((3, 4, 5), (1, 1, 1)), dtype)
    assert threshold(volume, Everywhere(), 7, 9, MANY).count == 3
    assert threshold(volume, Everywhere(), 6.5, 9.5, MANY).count == 3
    assert threshold(volume, Everywhere(), -math.inf, math.inf, MANY).count == 60
    assert threshold(volume, Everywhere(), -1e300, 1e300, MANY).count == 60


@pytest.mark.parametrize("bounds", [(60, 1e300), (-1e300, -1), (math.inf, math.inf), (7.2, 7.8), (40000, 50000)])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_range_without_values_is_an_empty_region(dtype: type, bounds: tuple[float, float]) -> None:
    with refused(Unmeasurable, "empty-region"):
        threshold(ramp(geometry_of((3, 4, 5), (1, 1, 1)), dtype), Everywhere(), *bounds, MANY)


def test_a_bound_is_what_it_reads_as() -> None:
    values = np.array([0.1, 0.2, 0.3], dtype=np.float32)
    assert in_range(values, 0.1, 0.3).all()
    assert in_range(values, 0.2, 0.2).tolist() == [False, True, False]
    ends = np.array([-32768, 32767], dtype=np.int16)
    assert in_range(ends, -32768, 32767).all()
    assert not in_range(ends, 32767.5, 1e9).any()


def test_padding_and_no_data_are_left_out_and_counted() -> None:
    geometry = geometry_of((3, 4, 5), (1, 1, 1))
    padded = ramp(geometry, np.float32, padding=(10, 19)).voxels.copy()
    padded[2, 3, 4] = np.nan
    got = threshold(Volume(geometry, padded, (10.0, 19.0)), Everywhere(), 5, 100, MANY)
    assert (got.count, got.excluded) == (5 + 39, 11)
    with refused(Unmeasurable, "empty-region"):
        threshold(Volume(geometry, padded, (0.0, 60.0)), Everywhere(), 0, 100, MANY)


def test_more_voxels_than_the_cap_are_refused_with_their_number() -> None:
    volume = ramp(geometry_of((3, 4, 5), (1, 1, 1)))
    assert threshold(volume, Everywhere(), 0, 49, 50).count == 50
    with pytest.raises(TooLarge) as caught:
        threshold(volume, Everywhere(), 0, 50, 50)
    assert caught.value.reason == "region-too-large"
    assert caught.value.facts == {"Voxels": 51, "LimitVoxels": 50}


def test_gaps_are_refused_where_the_shape_spans_them() -> None:
    geometry = geometry_of((6, 4, 5), (1, 1, 1), gaps=np.array([1.0, 1, 3, 1, 1]), missing=(2,))
    volume = ramp(geometry)
    for where in (Everywhere(), box(geometry, 2, 3), box(geometry, 0, 5)):
        with refused(Unmeasurable, "missing-slices"):
            threshold(volume, where, 0, 999, MANY)
    for below, above in ((0, 2), (3, 5), (2, 2.9)):
        assert threshold(volume, box(geometry, below, above), 0, 999, MANY).count > 0


def test_slices_without_data_are_refused_where_the_shape_reaches_them() -> None:
    geometry = geometry_of((6, 4, 5), (1, 1, 1))
    volume = Volume(geometry, ramp(geometry).voxels, absent=(2,))
    for where in (Everywhere(), box(geometry, 1, 3), box(geometry, 2, 5)):
        with refused(Unmeasurable, "missing-slices"):
            threshold(volume, where, 0, 999, MANY)
    assert threshold(volume, box(geometry, 3, 5), 0, 999, MANY).count == 60


def box(geometry: object, below: float, above: float) -> Box:
    """From one slice index to another, all rows and columns."""
    _, rows, columns = geometry.shape
    ends = geometry.map_indices_to_reference([(below, 0, 0), (above, rows - 1, columns - 1)])
    return Box.of(*ends, geometry)


def test_another_mask_has_another_digest() -> None:
    volume = ramp(geometry_of((3, 4, 5), (1, 1, 1)))
    digests = {threshold(volume, Everywhere(), low, low + 9, MANY).mask_digest for low in range(50)}
    assert len(digests) == 50
    turned = ramp(geometry_of((3, 5, 4), (1, 1, 1)))
    assert threshold(turned, Everywhere(), 0, 9, MANY).mask_digest not in digests


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_small_shape_in_a_large_volume_takes_little_memory(dtype: type) -> None:
    geometry = geometry_of((200, 256, 256), (1, 1, 1))
    volume = Volume(geometry, np.zeros(geometry.shape, dtype=dtype))
    where = Ellipsoid.of(middle_of(geometry), middle_of(geometry) + 20 * np.eye(3))
    assert peak_of(lambda: threshold(volume, where, 0, 0, MANY)) < 4_000_000


def test_a_whole_volume_is_counted_in_little_memory() -> None:
    geometry = geometry_of((200, 256, 256), (1, 1, 1))
    volume = Volume(geometry, np.zeros(geometry.shape, dtype=np.int16))
    assert peak_of(lambda: threshold(volume, Everywhere(), 0, 0, MANY)) < 6_000_000
