"""Frames to voxels: int16 as long as it is exact, padding never mistaken for a value."""

import tracemalloc

import numpy as np
import pytest
from pydicom.dataset import Dataset

from phantoms import Acquisition, file_of, noise, store_pixels
from reslice.dicom.frames import FrameReader
from reslice.dicom.instance import Instance, InstanceReader
from reslice.dicom.layout import FrameRef, VolumeLayout
from reslice.dicom.stack import arrange
from reslice.dicom.voxels import VolumeBuilder, has_common_values, needs_padding_mask, stored_values, volume_of
from reslice.errors import Busy, Damaged
from reslice.imaging.volume import Volume
from unit.dicom.files import instances

SMALL = Acquisition(shape=(4, 3, 5))


def layout_of(datasets: list[Dataset]) -> VolumeLayout:
    (volume,) = arrange(instances(datasets)).volumes
    return volume


def new_builder(shape: tuple[int, int, int] = SMALL.shape) -> VolumeBuilder:
    """One that may take what memory it likes."""
    return VolumeBuilder(shape, lambda _: None)


def put(builder: VolumeBuilder, k: int, instance: Instance, content: bytes, mask_padding: bool = False) -> None:
    """The only frame of a file as slice k."""
    ref = FrameRef(instance, 0)
    stored = stored_values(ref, FrameReader(instance, content))
    builder.put(k, ref.description, stored, mask_padding=mask_padding)


def built(datasets: list[Dataset]) -> Volume:
    """The volume, slice by slice in order, as archive.loading makes it."""
    layout, reader = layout_of(datasets), InstanceReader()
    builder, mask = new_builder(layout.geometry.shape), needs_padding_mask(layout)
    for k, dataset in enumerate(datasets):
        content = file_of(dataset)
        put(builder, k, reader.read(str(k), content), content, mask_padding=mask)
    return volume_of(layout, builder.voxels)


def rescaled(pixels: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    return (pixels.astype(np.float64) * slope + intercept).astype(np.float32)


def data_of(volume: Volume) -> np.ndarray:
    """The voxels with NaN where the volume says that there is no data."""
    values = volume.voxels.astype(np.float64)
    if volume.padding is not None:
        values[(values >= volume.padding[0]) & (values <= volume.padding[1])] = np.nan
    return values


def test_whole_numbers_stay_int16() -> None:
    datasets = noise(SMALL, RescaleSlope="2", RescaleIntercept="-1024")
    voxels = built(datasets).voxels
    assert voxels.dtype == np.int16
    np.testing.assert_array_equal(voxels, [d.pixel_array.astype(int) * 2 - 1024 for d in datasets])


@pytest.mark.parametrize("last", [0, 1, 2, 3])
def test_a_slice_that_does_not_fit_widens_all(last: int) -> None:
    """Whichever slice it is, nothing of the others is lost."""
    datasets = noise(SMALL)
    datasets[last].RescaleSlope = "0.5"
    voxels = built(datasets).voxels
    assert voxels.dtype == np.float32
    slopes = [0.5 if k == last else 1.0 for k in range(4)]
    expected = [rescaled(d.pixel_array, s, 0) for d, s in zip(datasets, slopes, strict=True)]
    np.testing.assert_array_equal(voxels, expected)


def test_slices_may_come_in_any_order() -> None:
    datasets = noise(SMALL)
    datasets[1].RescaleSlope = "0.5"
    builder, reader = new_builder(), InstanceReader()
    for k in (2, 0, 1, 3):
        content = file_of(datasets[k])
        put(builder, k, reader.read(str(k), content), content)
    np.testing.assert_array_equal(builder.voxels, built(datasets).voxels)


def test_slices_have_slopes_of_their_own() -> None:
    """PET and Philips MR change them from slice to slice."""
    datasets = noise(SMALL)
    rules = [(0.1, 0.0), (0.25, 3.5), (2.0, -7.0), (1.0, 0.125)]
    for dataset, (slope, intercept) in zip(datasets, rules, strict=True):
        dataset.RescaleSlope, dataset.RescaleIntercept = str(slope), str(intercept)
    expected = [rescaled(d.pixel_array, *rule) for d, rule in zip(datasets, rules, strict=True)]
    np.testing.assert_array_equal(built(datasets).voxels, expected)


def test_values_beyond_int16_widen() -> None:
    datasets = noise(SMALL)
    store_pixels(datasets[2], np.full((3, 5), 40000, np.uint16))
    voxels = built(datasets).voxels
    assert voxels.dtype == np.float32
    assert (voxels[2] == 40000).all()


def test_a_cleared_slice_holds_nothing_after_widening_too() -> None:
    """Memory that somebody else has used must not become a picture."""
    datasets = noise(SMALL)
    datasets[3].RescaleSlope = "0.5"
    builder, reader = new_builder(), InstanceReader()
    for k in (0, 1):
        content = file_of(datasets[k])
        put(builder, k, reader.read(str(k), content), content)
    builder.clear(2)
    used = [np.full((4, 3, 5), 1e9, dtype=np.float32) for _ in range(50)]
    del used
    content = file_of(datasets[3])
    put(builder, 3, reader.read("3", content), content)
    assert not builder.voxels[2].any()


def test_cut_off_slice_is_damage() -> None:
    content = file_of(noise(SMALL)[0])[:-4]
    with pytest.raises(Damaged):
        put(new_builder(), 0, InstanceReader().read("x", content), content)


PADDED = -2000


def with_padding(datasets: list[Dataset]) -> list[Dataset]:
    """The first row of each slice is padding."""
    for dataset in datasets:
        pixels = dataset.pixel_array.copy()
        pixels[0] = PADDED
        store_pixels(dataset, pixels)
        dataset.PixelPaddingValue = PADDED
    return datasets


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [("1", "0"), ("2", "-1024"), ("0.1", "0.03"), ("0.3333333", "-7.77"), ("-1", "5"), ("0.0001", "10000"), ("0", "3")],
)
def test_padding_is_no_data_and_nothing_else_is(slope: str, intercept: str) -> None:
    """Padding is matched on stored values: a neighbour that rescales to nearly the same stays a value."""
    datasets = with_padding(noise(SMALL, RescaleSlope=slope, RescaleIntercept=intercept))
    for dataset in datasets:
        pixels = dataset.pixel_array.copy()
        pixels[1] = [PADDED + 1, PADDED - 1, 0, 1, 2]
        store_pixels(dataset, pixels)
        dataset.PixelPaddingValue = PADDED
    values = data_of(built(datasets))
    assert np.isnan(values[:, 0]).all()
    assert np.isfinite(values[:, 1:]).all()


def test_padding_of_slices_with_slopes_of_their_own() -> None:
    datasets = with_padding(noise(SMALL))
    for dataset, slope in zip(datasets, ("1", "2", "0.1", "3"), strict=True):
        dataset.RescaleSlope = slope
    layout = layout_of(datasets)
    assert not has_common_values(layout)
    assert needs_padding_mask(layout)
    volume = built(datasets)
    assert volume.padding is None
    assert np.isnan(volume.voxels[:, 0]).all()
    assert np.isfinite(volume.voxels[:, 1:]).all()


def test_padding_of_some_slices_only() -> None:
    datasets = with_padding(noise(SMALL))
    del datasets[2].PixelPaddingValue
    volume = built(datasets)
    assert np.isnan(data_of(volume)[[0, 1, 3], 0]).all()
    np.testing.assert_array_equal(data_of(volume)[2, 0], PADDED)


def test_no_padding_needs_no_mask() -> None:
    datasets = noise(SMALL)
    datasets[1].RescaleSlope = "2"
    assert not needs_padding_mask(layout_of(datasets))
    assert has_common_values(layout_of(noise(SMALL)))


def test_infinite_pixels_are_no_data() -> None:
    datasets = noise(SMALL)
    for dataset in datasets:
        pixels = dataset.pixel_array.astype(np.float32)
        pixels[0, :3] = np.inf, -np.inf, np.nan
        del dataset.PixelData
        dataset.BitsAllocated, dataset.FloatPixelData = 32, pixels.tobytes()
    volume = built(datasets)
    assert np.isnan(volume.voxels[:, 0, :3]).all()
    low, high = volume.value_range
    assert -2000 < low < high < 4000


def test_memory_is_asked_for_before_it_is_taken() -> None:
    """Once, for the whole of the float32 voxels; a refusal leaves the int16 ones as they were."""
    datasets, asked = noise(SMALL), []
    for dataset in datasets[2:]:
        dataset.RescaleSlope = "0.5"

    def refuse_later(size: int) -> None:
        asked.append(size)
        raise Busy("no room")

    builder = VolumeBuilder(SMALL.shape, refuse_later)
    found, contents = instances(datasets), [file_of(d) for d in datasets]
    for k in (0, 1):
        put(builder, k, found[k], contents[k])
    assert asked == []
    with pytest.raises(Busy):
        put(builder, 2, found[2], contents[2])
    assert asked == [4 * 4 * 3 * 5]
    np.testing.assert_array_equal(builder.voxels[:2], [d.pixel_array for d in datasets[:2]])


def test_memory_while_widening_stays_near_the_volume() -> None:
    """geometry.md: under 1.25 times the volume, wherever the first slice that doesn't fit stands."""
    shape = (40, 64, 64)
    datasets = noise(Acquisition(shape=shape))
    datasets[-1].RescaleSlope = "0.5"
    contents = [file_of(d) for d in datasets]
    found = instances(datasets)
    tracemalloc.start()
    builder = new_builder(shape)
    for k, (instance, content) in enumerate(zip(found, contents, strict=True)):
        put(builder, k, instance, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert builder.voxels.dtype == np.float32
    assert peak < 1.25 * builder.voxels.nbytes
