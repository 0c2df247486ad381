"""Series to volumes: the pixels that are stored now, each file read once, nothing kept too long."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from pydicom.dataset import Dataset

from enhanced_phantoms import enhanced
from grids import even
from phantoms import AXIAL, Acquisition, image, noise, structured_report
from reslice.errors import Busy, Damaged, NotReconstructable, TooLarge, UnknownResource
from unit.archive.stores import SMALL, filled, opened, plainly_loaded
from unit.dicom.files import broken_rle

BYTES = 2 * 5 * 4 * 6


def test_each_file_is_read_once_for_a_volume() -> None:
    archive, library, series = opened(noise(SMALL))
    identity = library.identity(series)
    volume = library.volume(identity, 0).volume
    np.testing.assert_array_equal(volume.voxels, [d.pixel_array for d in noise(SMALL)])
    assert len(archive.reads) == 5
    assert library.volume(identity, 0).volume is volume
    library.layout(identity)
    assert len(archive.reads) == 5


def test_a_layout_known_before_costs_a_second_reading_only() -> None:
    archive, library, series = opened(noise(SMALL))
    identity = library.identity(series)
    library.layout(identity)
    guessed = opened(noise(SMALL))
    np.testing.assert_array_equal(
        library.volume(identity, 0).volume.voxels,
        guessed[1].volume(guessed[1].identity(guessed[2]), 0).volume.voxels,
    )
    assert len(archive.reads) == 10


def test_guess_and_plain_load_make_the_same_volume() -> None:
    for changes in ({}, {"RescaleSlope": "0.25"}, {"PixelPaddingValue": -500}):
        archive, library, series = opened(noise(SMALL, **changes))
        held = library.volume(library.identity(series), 0)
        plain = plainly_loaded(archive, held.layout)
        np.testing.assert_array_equal(held.volume.voxels, plain.voxels)
        assert (held.volume.padding, held.volume.absent) == (plain.padding, plain.absent)


@pytest.mark.parametrize("shared", [True, False])
def test_a_file_is_read_once_for_the_spacing_of_all_its_frames(shared: bool) -> None:
    files = enhanced(np.zeros(SMALL.shape), even(SMALL), shared=shared)
    archive, library, series = opened(files)
    identity = library.identity(series)
    refs = [ref for ref, _, _ in library.layout(identity).slices]
    archive.reads.clear()
    facts = [library.spacing_facts(identity, ref, partial(library.file, identity, ref)) for ref in refs]
    assert [fact.pixel for fact in facts] == [SMALL.spacing[1:]] * len(refs)
    assert len(refs) == 5
    assert len(archive.reads) == 1


def test_volumes_beyond_the_first() -> None:
    both = [*noise(SMALL), *noise(Acquisition(shape=(3, 4, 7)))]
    for dataset in both:
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = "2.25.8", "2.25.7"
    _, library, series = opened(both)
    identity = library.identity(series)
    assert [library.volume(identity, k).volume.voxels.shape for k in (0, 1)] == [(5, 4, 6), (3, 4, 7)]
    with pytest.raises(UnknownResource) as caught:
        library.volume(identity, 2)
    assert caught.value.reason == "unknown-volume"


@pytest.mark.parametrize(
    ("datasets", "reason"),
    [
        (noise(SMALL)[:1], "single-frame"),
        ([image(np.zeros((2, 3, 3), np.uint8))], "colour-not-reconstructable"),
        ([structured_report()], "no-volume"),
    ],
    ids=["single", "colour", "report"],
)
def test_what_is_no_volume_says_why(datasets: list[Dataset], reason: str) -> None:
    _, library, series = opened(datasets)
    with pytest.raises(NotReconstructable) as caught:
        library.volume(library.identity(series), 0)
    assert caught.value.reason == reason


def test_forgotten_volumes_are_read_again() -> None:
    archive, library, series = opened(noise(SMALL))
    identity = library.identity(series)
    library.volume(identity, 0)
    assert library.forget(series) == 1
    assert library.peek(identity, 0) is None
    assert library.forget(series) == 0
    library.volume(library.identity(series), 0)
    assert len(archive.reads) == 10
    assert library.forget_all() == 1
    assert library.peek(identity, 0) is None


def test_others_are_not_forgotten() -> None:
    archive, library, series = opened(noise(SMALL))
    other = filled(archive, noise(SMALL))
    library.volume(library.identity(other), 0)
    library.volume(library.identity(series), 0)
    library.forget(series)
    assert library.peek(library.identity(other), 0) is not None


def test_many_who_ask_at_once_read_once() -> None:
    archive, library, series = opened(noise(SMALL))
    started = threading.Barrier(8)

    def ask() -> int:
        started.wait(10)
        return id(library.volume(library.identity(series), 0).volume)

    with ThreadPoolExecutor(8) as pool:
        found = {f.result(30) for f in [pool.submit(ask) for _ in range(8)]}
    assert len(found) == 1
    assert len(archive.reads) == 5


def test_volume_over_the_limit_is_refused() -> None:
    archive, library, series = opened(noise(SMALL), largest_volume=BYTES - 1)
    with pytest.raises(TooLarge) as caught:
        library.volume(library.identity(series), 0)
    assert caught.value.facts == {"SizeBytes": BYTES, "LimitBytes": BYTES - 1}
    assert library.volumes.counters().used == 0
    assert len(archive.reads) == 5, "the headers, not the pixels again"


@pytest.mark.parametrize("change", [{"RescaleSlope": "0.5"}, {"RescaleIntercept": "0.25"}], ids=str)
def test_float_volume_over_the_limit_is_refused(change: dict) -> None:
    """It takes twice as many bytes; the headers tell."""
    _, library, series = opened(noise(SMALL, **change), largest_volume=2 * BYTES - 1)
    with pytest.raises(TooLarge):
        library.volume(library.identity(series), 0)


def test_volume_over_the_budget_is_refused() -> None:
    _, library, series = opened(noise(SMALL), budget=BYTES - 1)
    with pytest.raises(TooLarge):
        library.volume(library.identity(series), 0)


def test_memory_taken_by_others_is_busy() -> None:
    _, library, series = opened(noise(SMALL), budget=2 * BYTES)
    with library.volumes.reserve(BYTES + 1), pytest.raises(Busy):
        library.volume(library.identity(series), 0)
    library.volume(library.identity(series), 0)


def test_older_volumes_make_room() -> None:
    archive, library, series = opened(noise(SMALL), budget=BYTES)
    other = filled(archive, noise(SMALL))
    library.volume(library.identity(series), 0)
    library.volume(library.identity(other), 0)
    assert [key[0] for key, _ in library.volumes.entries()] == [other]


def test_frames_from_the_file_and_from_memory_are_equal() -> None:
    _, library, series = opened(noise(SMALL, RescaleSlope="2", RescaleIntercept="-7"))
    identity = library.identity(series)
    frames = library.layout(identity).volumes[0].frames
    assert library.frame_in_memory(identity, 0, 1) is None, "nothing is loaded for one frame"
    from_file = [library.frame(identity, ref) for ref in frames]
    library.volume(identity, 0)
    for k, expected in enumerate(from_file):
        held = library.frame_in_memory(identity, 0, k)
        np.testing.assert_array_equal(held, expected)
        assert held.dtype == expected.dtype


def test_frames_that_the_volume_holds_otherwise_come_from_the_file() -> None:
    """One slice has another slope, so that the volume is float32 and this slice's own type is not."""
    datasets = noise(SMALL)
    datasets[3].RescaleSlope = "0.5"
    _, library, series = opened(datasets)
    identity = library.identity(series)
    library.volume(identity, 0)
    assert library.frame_in_memory(identity, 0, 1) is None
    assert library.frame(identity, library.layout(identity).volumes[0].frames[1]).dtype == np.int16


def test_damaged_frame_of_a_volume_in_memory_is_damaged() -> None:
    datasets = noise(SMALL)
    datasets[2] = broken_rle(datasets[2])
    _, library, series = opened(datasets)
    identity = library.identity(series)
    assert library.volume(identity, 0).volume.absent == (2,)
    assert library.frame_in_memory(identity, 0, 2) is None
    with pytest.raises(Damaged):
        library.frame(identity, library.layout(identity).volumes[0].frames[2])
    assert [w.reason for w in library.volume(identity, 0).warnings] == ["damaged"]


def test_colour_frames_are_rgb() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    _, library, series = opened([image(pixels)])
    identity = library.identity(series)
    np.testing.assert_array_equal(library.frame(identity, library.layout(identity).stacks[0].frames[0]), pixels)


def test_automatic_window_is_worked_out_once() -> None:
    _, library, series = opened(noise(AXIAL))
    loaded = library.volume(library.identity(series), 0)
    assert loaded.automatic_window is loaded.automatic_window
    low, high = np.percentile(loaded.volume.voxels, (0.1, 99.9))
    assert loaded.automatic_window.center == pytest.approx((low + high) / 2)
