"""Which image stands for a patient, a study or a series."""

import time
from dataclasses import replace

import numpy as np
import pytest

from phantoms import AXIAL, image, multiframe, noise, structured_report
from reslice.archive.port import StoredInstance, StoredSeries
from reslice.archive.thumbnails import ATTEMPTS, first_picture, middle_first, most_telling
from reslice.errors import Damaged, NotReconstructable, ResliceError
from unit.archive.stores import WatchedArchive, filled
from unit.dicom.files import broken_rle


def series(name: str, modality: str, count: int = 1, number: int = 0) -> StoredSeries:
    return StoredSeries(name, modality, number, tuple(f"{name}{k}" for k in range(count)), "study")


def names(found: list[StoredSeries]) -> list[str]:
    return [s.id for s in found]


def test_modalities_that_tell_most_come_first() -> None:
    found = most_telling([series("a", "OT", 9), series("b", "US", 9), series("c", "MR", 2), series("d", "CT", 1)])
    assert names(found) == ["d", "c", "b", "a"]


def test_larger_series_come_before_smaller_ones() -> None:
    assert names(most_telling([series("a", "CT", 3), series("b", "CT", 300)])) == ["b", "a"]


def test_ties_are_broken_by_number_and_then_by_id() -> None:
    """The same study always shows the same picture."""
    found = [series("b", "CT", 3, 2), series("c", "CT", 3, 1), series("a", "CT", 3, 2)]
    assert names(most_telling(found)) == names(most_telling(found[::-1])) == ["c", "a", "b"]


@pytest.mark.parametrize("modality", ["SR", "PR", "KO", "RTSTRUCT", "RTPLAN", "ECG", "SEG", "REG"])
def test_what_has_no_picture_is_left_out(modality: str) -> None:
    assert names(most_telling([series("a", modality), series("b", "OT")])) == ["b"]
    assert most_telling([series("a", modality)]) == []


def slices(places: list[float]) -> list[StoredInstance]:
    return [StoredInstance(f"at {z}", f"f{k}", k, 1, f"0\\0\\{z}", "1\\0\\0\\0\\1\\0") for k, z in enumerate(places)]


def test_middle_by_place_then_outwards() -> None:
    found = [s.id for s in middle_first(slices([40, 0, 10, 30, 20, 60, 50]))]
    assert found[0] == "at 30"
    assert set(found[1:3]) == {"at 20", "at 40"}
    assert set(found[3:]) == {"at 10", "at 50"}
    assert len(found) == ATTEMPTS


def test_middle_by_number_where_places_are_unknown() -> None:
    unplaced = [replace(s, position="", number=9 - k) for k, s in enumerate(slices([1, 2, 3]))]
    assert next(iter(middle_first(unplaced))).number == 8


def test_one_and_none() -> None:
    assert [s.id for s in middle_first(slices([3]))] == ["at 3"]
    assert list(middle_first([])) == []


def test_middle_of_a_large_series_is_found_quickly() -> None:
    large = slices([float(k) for k in range(20_000)])
    start = time.perf_counter()
    assert next(iter(middle_first(large))).id == "at 10000.0"
    assert time.perf_counter() - start < 3


def picture_of(datasets: list) -> np.ndarray:
    archive = WatchedArchive()
    index = archive.instances(filled(archive, datasets))
    return first_picture(archive, index)[1]


def test_picture_is_the_modality_values() -> None:
    dataset = noise(AXIAL, RescaleSlope="2", RescaleIntercept="-5")[0]
    expected = dataset.pixel_array.astype(int) * 2 - 5
    np.testing.assert_array_equal(picture_of([dataset]), expected)


def test_colour_stays_colour() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    np.testing.assert_array_equal(picture_of([image(pixels)]), pixels)


def test_middle_frame_of_several() -> None:
    frames = np.arange(60, dtype=np.int16).reshape(5, 3, 4)
    np.testing.assert_array_equal(picture_of([multiframe(frames)]), frames[2])


def test_damaged_images_are_passed_over() -> None:
    good = noise(AXIAL)[1]
    broken = broken_rle(noise(AXIAL)[0])
    broken.SeriesInstanceUID, broken.StudyInstanceUID = good.SeriesInstanceUID, good.StudyInstanceUID
    np.testing.assert_array_equal(picture_of([broken, good]), good.pixel_array)


def test_images_of_too_many_frames_are_passed_over() -> None:
    good, many = noise(AXIAL)[1], noise(AXIAL, NumberOfFrames=70_000)[0]
    many.SeriesInstanceUID, many.StudyInstanceUID = good.SeriesInstanceUID, good.StudyInstanceUID
    np.testing.assert_array_equal(picture_of([many, good]), good.pixel_array)


@pytest.mark.parametrize(
    ("datasets", "error", "reason"),
    [
        ([structured_report()], NotReconstructable, "no-image"),
        ([broken_rle(noise(AXIAL)[0])], Damaged, "damaged"),
    ],
    ids=["report", "damaged"],
)
def test_where_there_is_no_picture_the_reason_is_told(datasets: list, error: type[ResliceError], reason: str) -> None:
    with pytest.raises(error) as caught:
        picture_of(datasets)
    assert caught.value.reason == reason


def test_nothing_to_choose_from() -> None:
    with pytest.raises(NotReconstructable) as caught:
        first_picture(WatchedArchive(), [])
    assert caught.value.reason == "no-image"


def test_no_more_files_are_read_than_needed() -> None:
    archive = WatchedArchive()
    index = archive.instances(filled(archive, noise(AXIAL)))
    first_picture(archive, list(middle_first(index)))
    assert len(archive.reads) == 1
