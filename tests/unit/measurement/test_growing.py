"""Regions grown from a seed: what scipy, scikit-image and SimpleITK find, and where growth ends or is refused."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import flood as flood_of_skimage

from reslice.errors import TooLarge, Unmeasurable
from reslice.imaging.volume import Volume
from reslice.measurement import growing
from reslice.measurement.collecting import Region
from reslice.measurement.growing import CANDIDATE, MEMBER, TALLIES, spread
from reslice.measurement.regions import grow, threshold
from reslice.measurement.statistics import Statistics
from reslice.measurement.where import Box, Ellipsoid, Everywhere
from unit.measurement.allocated import peak_of
from unit.measurement.refused import refused
from unit.measurement.spaces import geometry_of, middle_of, noise
from unit.measurement.test_regions import digest_of

MANY = 10**9
STEPS = {6: 1, 18: 2, 26: 3}
CONNECTIVITIES = pytest.mark.parametrize("connectivity", [6, 18, 26])
MASKS = st.tuples(
    st.tuples(*[st.integers(1, 7)] * 3), st.sampled_from([0.3, 0.5, 0.7, 0.95]), st.integers(0, 2**32 - 1)
)

Mask = NDArray[np.bool_]


def mask_of(drawn: tuple[tuple[int, int, int], float, int]) -> Mask:
    """Random, its middle set."""
    shape, share, seed = drawn
    mask = np.random.default_rng(seed).random(shape) < share
    mask[middle(mask)] = True
    return mask


def middle(mask: Mask) -> tuple[int, ...]:
    return tuple(size // 2 for size in mask.shape)


def grown(mask: Mask, connectivity: int, **more: object) -> Region:
    """From the middle of a volume that holds 7 where the mask is set, else 0."""
    volume = Volume(geometry_of(mask.shape, (2.5, 0.7, 0.3), tilt=0.2), mask.astype(np.int16) * 7, **more)
    seed = volume.geometry.map_indices_to_reference(middle(mask))
    return grow(volume, Everywhere(), seed, 5, 9, connectivity, MANY)


def component(mask: Mask, connectivity: int) -> Mask:
    """The connected component of the middle, by scipy."""
    labels, _ = ndimage.label(mask, ndimage.generate_binary_structure(3, STEPS[connectivity]))
    return labels == labels[middle(mask)]


@CONNECTIVITIES
@given(MASKS)
def test_a_region_is_scipys_component(connectivity: int, drawn: tuple) -> None:
    mask = mask_of(drawn)
    expected = component(mask, connectivity)
    got = grown(mask, connectivity)
    assert got.count == expected.sum()
    assert got.mask_digest == digest_of(expected)
    assert got.volume_mm3 == pytest.approx(expected.sum() * 2.5 * 0.7 * 0.3)


@CONNECTIVITIES
@pytest.mark.parametrize("room", [1, 2, 3, 17])
@given(MASKS)
def test_a_short_queue_changes_nothing(connectivity: int, room: int, drawn: tuple) -> None:
    """Runs that find no place in it wait, and are fetched later; compiled and interpreted."""
    mask = mask_of(drawn)
    levels = np.arange(len(mask))
    following = np.stack([levels - 1, np.where(levels + 1 < len(mask), levels + 1, -1)], axis=1)
    for kernel in (spread, spread.py_func):
        states, tally = mask.astype(np.uint8) * CANDIDATE, np.zeros(TALLIES, dtype=np.int64)
        queue = np.zeros((room, 2), dtype=np.int64)
        kernel(states, following, following >= 0, middle(mask), STEPS[connectivity], queue, tally)
        np.testing.assert_array_equal(states == MEMBER, component(mask, connectivity))
        np.testing.assert_array_equal(states == CANDIDATE, mask & ~component(mask, connectivity))


@CONNECTIVITIES
def test_a_noisy_volume_gives_what_others_find(connectivity: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """scipy and scikit-image; SimpleITK, which knows faces and corners only. The queue overflows."""
    monkeypatch.setattr(growing, "LONGEST_QUEUE", 50)
    mask = mask_of(((30, 40, 50), 0.35 if connectivity == 6 else 0.15, 5))
    mask[middle(mask)[0], :, 25] = True
    expected = component(mask, connectivity)
    np.testing.assert_array_equal(expected, flood_of_skimage(mask, middle(mask), connectivity=STEPS[connectivity]))
    assert grown(mask, connectivity).mask_digest == digest_of(expected)
    if connectivity != 18:
        oracle = SimpleITK.ConnectedThresholdImageFilter
        joined = oracle.FaceConnectivity if connectivity == 6 else oracle.FullConnectivity
        values = SimpleITK.GetImageFromArray(mask.astype(np.int16) * 7)
        image = SimpleITK.ConnectedThreshold(values, [middle(mask)[::-1]], 5, 9, 1, joined)
        np.testing.assert_array_equal(expected, SimpleITK.GetArrayFromImage(image) == 1)


def test_statistics_are_those_of_the_region() -> None:
    volume = noise(geometry_of((9, 12, 15), (2, 1, 1)), dtype=np.float32)
    voxels = volume.voxels.copy()
    voxels[3:6, 4:8, 5:10] = np.random.default_rng(7).uniform(5000, 5100, (3, 4, 5))
    volume = Volume(volume.geometry, voxels)
    seed = volume.geometry.map_indices_to_reference((4.3, 5.2, 6.9))
    got = grow(volume, Everywhere(), seed, 5000, 5100, 6, MANY)
    assert got.statistics == Statistics.of(voxels[3:6, 4:8, 5:10])
    assert got.count == 60


def test_growth_stays_within_the_shape() -> None:
    geometry = geometry_of((20, 20, 20), (1, 1, 1))
    volume = Volume(geometry, np.full(geometry.shape, 7, dtype=np.int16))
    ends = geometry.map_indices_to_reference([(3, 4, 5), (8, 7, 6)])
    for where in (Box.of(*ends, geometry), Ellipsoid.of(middle_of(geometry), middle_of(geometry) + 5 * np.eye(3))):
        seed = ends[0] if isinstance(where, Box) else middle_of(geometry)
        assert grow(volume, where, seed, 7, 7, 6, MANY) == threshold(volume, where, 7, 7, MANY)


def test_a_shape_can_cut_a_region_in_two() -> None:
    """Connected outside of the box alone."""
    mask = np.zeros((3, 6, 6), dtype=np.int16)
    mask[1, 0, :] = mask[1, :, 0] = mask[1, :, 5] = 1
    volume = Volume(geometry_of(mask.shape, (1, 1, 1)), mask)
    ends = volume.geometry.map_indices_to_reference([(0, 2, 0), (2, 5, 5)])
    where = Box.of(*ends, volume.geometry)
    assert grow(volume, where, volume.geometry.map_indices_to_reference((1, 4, 0)), 1, 1, 26, MANY).count == 4


def no_data_volume() -> Volume:
    """A 3 x 3 x 3 cube of 7, with three voxels of no data on one side and a lone one in a corner of the volume."""
    voxels = np.zeros((7, 7, 7), dtype=np.float32)
    voxels[2:5, 2:5, 2:5] = 7
    voxels[3, 3, 5] = np.nan
    voxels[2:4, 1, 3] = -100
    voxels[6, 6, 6] = np.nan
    return Volume(geometry_of(voxels.shape, (1, 1, 1)), voxels, padding=(-100.0, -90.0))


@pytest.mark.parametrize("connectivity", [6, 18, 26])
def test_what_a_region_met_without_data_is_counted(connectivity: int) -> None:
    volume = no_data_volume()
    got = grow(volume, Everywhere(), middle_of(volume.geometry), 7, 7, connectivity, MANY)
    assert (got.count, got.excluded) == (27, 3)


@pytest.mark.parametrize(
    ("index", "low", "high"),
    [((3, 3, 5), 0, 9), ((2, 1, 3), -200, 9), ((3, 3, 3), 0, 6), ((0, 0, 0), 1, 9)],
)
def test_a_seed_out_of_range_or_without_data_is_refused(index: tuple, low: float, high: float) -> None:
    volume = no_data_volume()
    with refused(Unmeasurable, "seed-outside"):
        grow(volume, Everywhere(), volume.geometry.map_indices_to_reference(index), low, high, 6, MANY)


def test_a_seed_outside_the_shape_is_refused() -> None:
    geometry = geometry_of((9, 9, 9), (1, 1, 1))
    volume = Volume(geometry, np.full(geometry.shape, 7, dtype=np.int16))
    ball = Ellipsoid.of(middle_of(geometry), middle_of(geometry) + 2 * np.eye(3))
    for index in ((4, 4, 8), (0, 4, 4), (4, 8, 4), (3, 3, 2)):
        with refused(Unmeasurable, "seed-outside"):
            grow(volume, ball, geometry.map_indices_to_reference(index), 7, 7, 6, MANY)


def test_a_seed_outside_the_volume_is_refused() -> None:
    volume = no_data_volume()
    with refused(Unmeasurable, "outside-volume"):
        grow(volume, Everywhere(), volume.geometry.map_indices_to_reference((3, 3, 6.6)), 0, 9, 6, MANY)


def test_more_voxels_than_the_cap_are_refused_with_their_number() -> None:
    volume, seed = no_data_volume(), middle_of(no_data_volume().geometry)
    assert grow(volume, Everywhere(), seed, 7, 7, 6, 27).count == 27
    with pytest.raises(TooLarge) as caught:
        grow(volume, Everywhere(), seed, 7, 7, 6, 26)
    assert caught.value.reason == "region-too-large"
    assert caught.value.facts == {"Voxels": 27, "LimitVoxels": 26}


def gapped(values: list[int], *, missing: bool) -> Volume:
    """Slices 0 1 2 | 3 4 5 of one value each: slices are missing between 2 and 3, or 3 holds no data."""
    voxels = np.repeat(values, 9).reshape(6, 3, 3).astype(np.int16)
    if missing:
        return Volume(geometry_of((6, 3, 3), (1, 1, 1), gaps=np.array([1.0, 1, 3, 1, 1]), missing=(2,)), voxels)
    return Volume(geometry_of((6, 3, 3), (1, 1, 1)), voxels, absent=(3,))


@pytest.mark.parametrize("missing", [True, False])
def test_a_region_that_would_go_on_beyond_a_gap_is_refused(missing: bool) -> None:
    volume = gapped([7, 7, 7, 7, 7, 0], missing=missing)
    for k in (0, 4):
        with refused(Unmeasurable, "missing-slices"):
            grow(volume, Everywhere(), seed_on(volume, k), 7, 7, 6, MANY)


@pytest.mark.parametrize("missing", [True, False])
def test_a_region_on_one_side_of_a_gap_is_measured(missing: bool) -> None:
    """It ends before the gap, or beyond the gap nothing is in its range: both sides are no neighbours."""
    assert (
        grow(gapped([7, 7, 7, 0, 0, 0], missing=missing), Everywhere(), np.array([-20, 31, 7]), 7, 7, 6, 99).count == 27
    )
    volume = gapped([7, 7, 0, 0, 7, 7], missing=missing)
    assert grow(volume, Everywhere(), seed_on(volume, 1), 7, 7, 26, MANY).count == 18
    assert grow(volume, Everywhere(), seed_on(volume, 5), 7, 7, 26, MANY).count == 18


@pytest.mark.parametrize("missing", [True, False])
def test_a_shape_can_keep_a_region_on_one_side(missing: bool) -> None:
    volume = gapped([7] * 6, missing=missing)
    ends = volume.geometry.map_indices_to_reference([(0, 0, 0), (2, 2, 2)])
    got = grow(volume, Box.of(*ends, volume.geometry), seed_on(volume, 1), 7, 7, 6, MANY)
    assert (got.count, got.excluded) == (27, 0)


def test_only_what_faces_the_region_beyond_a_gap_goes_on() -> None:
    volume = gapped([7, 7, 7, 0, 0, 0], missing=True)
    voxels = volume.voxels.copy()
    voxels[2, :, 1:] = 0
    voxels[3, 1, 1] = 7
    volume = Volume(volume.geometry, voxels)
    assert grow(volume, Everywhere(), seed_on(volume, 0), 7, 7, 6, MANY).count == 21
    with refused(Unmeasurable, "missing-slices"):
        grow(volume, Everywhere(), seed_on(volume, 0), 7, 7, 18, MANY)


def test_a_seed_in_a_gap_or_on_a_slice_without_data_is_refused() -> None:
    gap, absent = (gapped([7] * 6, missing=missing) for missing in (True, False))
    between = (seed_on(gap, 2) + seed_on(gap, 3)) / 2
    for volume, seed in ((gap, between), (absent, seed_on(absent, 3))):
        with refused(Unmeasurable, "seed-outside"):
            grow(volume, Everywhere(), seed, 7, 7, 6, MANY)


def seed_on(volume: Volume, k: int) -> NDArray[np.float64]:
    return volume.geometry.map_indices_to_reference((k, 1, 0))


def test_growth_takes_a_byte_a_voxel_and_a_queue() -> None:
    geometry = geometry_of((100, 256, 256), (1, 1, 1))
    volume = Volume(geometry, np.zeros(geometry.shape, dtype=np.int16))
    grow(volume, Everywhere(), middle_of(geometry), 0, 0, 6, MANY)
    peak = peak_of(lambda: grow(volume, Everywhere(), middle_of(geometry), 0, 0, 6, MANY))
    assert peak < volume.voxels.size + 16 * growing.LONGEST_QUEUE + 4_000_000
