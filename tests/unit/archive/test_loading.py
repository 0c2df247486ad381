"""Reading a series: the guess by the index, the headers, the voxels."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from phantoms import ACQUISITIONS, AXIAL, compressed, file_of, image, multiframe, noise, structured_report
from reslice.archive.decoding import DecodingPool
from reslice.archive.loading import read_layout
from reslice.archive.port import StoredInstance
from reslice.archive.speculation import Speculation, guess_order
from reslice.errors import Damaged, TooLarge
from unit.archive.stores import SMALL, WatchedArchive, filled, plainly_loaded
from unit.dicom.files import broken_rle

COUNTLESS = st.text("0123456789.-+eE\\ naif", max_size=40)


def stored(position: str, orientation: str = "1\\0\\0\\0\\1\\0", k: int = 0, frames: int = 1) -> StoredInstance:
    return StoredInstance(f"id-{k}", f"file-{k}", k, frames, position, orientation)


def test_guess_is_the_order_along_the_normal() -> None:
    places = [30, -5, 12.5, 7]
    index = [stored(f"1\\2\\{z}", k=k) for k, z in enumerate(places)]
    assert guess_order(index) == {"id-1": 0, "id-3": 1, "id-2": 2, "id-0": 3}
    turned = [replace(s, orientation="-1\\0\\0\\0\\1\\0") for s in index]
    assert guess_order(turned) == {"id-0": 0, "id-2": 1, "id-3": 2, "id-1": 3}


@pytest.mark.parametrize(
    "index",
    [
        [],
        [stored("0\\0\\0")],
        [stored("0\\0\\0"), stored("0\\0\\1", "0\\1\\0\\0\\0\\-1", k=1)],
        [stored("0\\0\\0"), stored("0\\0\\1", k=1, frames=2)],
        [stored("0\\0\\0"), stored("", k=1)],
        [stored("0\\0\\5"), stored("9\\9\\5", k=1)],
        [stored("0\\0\\0"), stored("0\\0", k=1)],
        [stored("a\\b\\c"), stored("0\\0\\1", k=1)],
        [stored("nan\\0\\0"), stored("0\\0\\1", k=1)],
        [stored("0\\0\\0", "1\\0\\0"), stored("0\\0\\1", "1\\0\\0", k=1)],
        [stored("0\\0\\0", ""), stored("0\\0\\1", "", k=1)],
    ],
    ids=range(11),
)
def test_no_guess_where_the_index_does_not_tell(index: list[StoredInstance]) -> None:
    assert guess_order(index) == {}


@pytest.mark.parametrize("number", ["1e400", "-1e308", "1e308", "1e200"])
def test_absurd_numbers_in_the_index_make_no_noise(number: str) -> None:
    """Warnings count as errors here; on a server they would fill the log."""
    orientation = "\\".join([number] * 6)
    guess_order([stored(f"0\\0\\{number}", k=0), stored(f"{number}\\0\\1", k=1)])
    guess_order([stored("0\\0\\0", orientation), stored(f"0\\{number}\\1", orientation, k=1)])


@given(st.lists(COUNTLESS, min_size=2, max_size=4), COUNTLESS)
def test_any_text_in_the_index_is_survived(positions: list[str], orientation: str) -> None:
    found = guess_order([stored(p, orientation, k) for k, p in enumerate(positions)])
    assert sorted(found.values()) == list(range(len(found)))


def shuffled(datasets: list[Dataset | bytes], seed: int) -> list[Dataset | bytes]:
    order = np.random.default_rng(seed).permutation(len(datasets))
    return [datasets[k] for k in order]


def speculated(datasets: list[Dataset | bytes], seed: int = 0):
    """What a guess answers for a series, with the series' layout; every file is read once."""
    archive = WatchedArchive()
    series = filled(archive, shuffled(datasets, seed))
    index = archive.instances(series)
    with Speculation(archive, index, lambda _: nullcontext(), DecodingPool(1)) as guess:
        layout = read_layout(archive, index, guess.offer)
        volume = guess.volume(layout)
    assert sorted(archive.reads) == sorted(s.id for s in index)
    return archive, layout, volume


def same(first, second) -> None:
    assert first.voxels.dtype == second.voxels.dtype
    np.testing.assert_array_equal(first.voxels, second.voxels)
    assert (first.padding, first.absent) == (second.padding, second.absent)
    np.testing.assert_array_equal(first.geometry.affine, second.geometry.affine)


def with_slopes(datasets: list[Dataset], *slopes: str) -> list[Dataset]:
    for dataset, slope in zip(datasets, slopes, strict=False):
        dataset.RescaleSlope = slope
    return datasets


RIGHT = {
    **{name: noise(replace(a, shape=(4, 5, 6))) for name, a in ACQUISITIONS.items()},
    "rescaled": noise(SMALL, RescaleSlope="2", RescaleIntercept="-1024"),
    "float": noise(SMALL, RescaleSlope="0.1"),
    "widening": with_slopes(noise(SMALL), "1", "1", "0.5"),
    "padded": noise(SMALL, PixelPaddingValue=-1000, PixelPaddingRangeLimit=-200),
    "uneven": [*noise(SMALL)[:3], noise(SMALL)[4]],
    "compressed": [compressed(d, RLELossless) for d in noise(SMALL)],
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_guess_is_the_plain_load(name: str, seed: int) -> None:
    """Whatever the order in which the archive lists the files."""
    archive, layout, volume = speculated(RIGHT[name], seed)
    assert volume is not None
    same(volume, plainly_loaded(archive, layout.volumes[0]))


WRONG = {
    "one of another kind": [*noise(SMALL)[:4], noise(SMALL, RescaleType="US")[4]],
    "one of another kind in between": [*noise(SMALL)[:2], noise(SMALL, RescaleType="US")[2], noise(SMALL)[4]],
    "two groups": [*noise(SMALL), *noise(SMALL, RescaleType="US")],
    "a report among them": [*noise(SMALL), structured_report()],
    "colour": [image(np.zeros((4, 5, 3), np.uint8)) for _ in range(2)],
    "sizes that differ": [*noise(SMALL)[:3], *noise(replace(SMALL, shape=(5, 1, 6)))[3:]],
    "slopes and padding": with_slopes(noise(SMALL, PixelPaddingValue=-900), "1", "2", "3"),
    "cut off": [*(file_of(d) for d in noise(SMALL)[:4]), file_of(noise(SMALL)[4])[:-20]],
    "multi-frame": [multiframe(np.zeros((3, 4, 5), np.int16)), *noise(SMALL)],
}


def in_one_series(datasets: list[Dataset | bytes]) -> list[Dataset | bytes]:
    uids = {"StudyInstanceUID": "2.25.7", "SeriesInstanceUID": "2.25.8"}
    for dataset in datasets:
        if isinstance(dataset, Dataset):
            for keyword, uid in uids.items():
                setattr(dataset, keyword, uid)
    return datasets


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_guess_is_dropped(name: str) -> None:
    datasets = WRONG[name] if name == "cut off" else in_one_series(WRONG[name])
    if name == "cut off":
        datasets = cut_off_series()
    _, layout, volume = speculated(datasets)
    assert volume is None
    assert layout.slices


def cut_off_series() -> list[Dataset | bytes]:
    contents: list[Dataset | bytes] = [file_of(d) for d in noise(SMALL)]
    contents[2] = contents[2][:-20]
    return contents


def test_index_that_lies_about_the_places_is_not_believed() -> None:
    """The headers decide: voxels in the index's order would be another patient's anatomy upside down."""
    datasets = noise(SMALL)
    archive = WatchedArchive()
    index = archive.instances(filled(archive, datasets))
    places = [s.position for s in index]
    lying = [replace(s, position=place) for s, place in zip(index, places[1:] + places[:1], strict=True)]
    with Speculation(archive, lying, lambda _: nullcontext(), DecodingPool(1)) as guess:
        layout = read_layout(archive, lying, guess.offer)
        assert guess.volume(layout) is None
    np.testing.assert_array_equal(plainly_loaded(archive, layout.volumes[0]).voxels, [d.pixel_array for d in datasets])


def test_guess_that_may_not_take_the_memory_gives_up() -> None:
    archive = WatchedArchive()
    index = archive.instances(filled(archive, noise(SMALL)))

    def refuse(size: int) -> nullcontext:
        raise TooLarge(f"{size}")

    with Speculation(archive, index, refuse, DecodingPool(1)) as guess:
        layout = read_layout(archive, index, guess.offer)
        assert guess.volume(layout) is None
    assert len(layout.volumes) == 1


def test_memory_of_a_guess_is_given_back() -> None:
    archive, held = WatchedArchive(), []
    index = archive.instances(filled(archive, noise(SMALL)))

    class Reserved(nullcontext):
        def __enter__(self) -> None:
            held.append(1)

        def __exit__(self, *_: object) -> None:
            held.pop()

    with Speculation(archive, index, lambda _: Reserved(), DecodingPool(1)) as guess:
        read_layout(archive, index, guess.offer)
        assert held == [1]
    assert held == []


def test_a_slice_that_can_not_be_decoded_is_absent() -> None:
    datasets = noise(SMALL)
    expected = [d.pixel_array for d in datasets]
    datasets[2] = broken_rle(datasets[2])
    archive, layout, guessed = speculated(datasets)
    assert guessed is None
    volume = plainly_loaded(archive, layout.volumes[0])
    assert volume.absent == (2,)
    for k in (0, 1, 3, 4):
        np.testing.assert_array_equal(volume.voxels[k], expected[k])
    assert not volume.voxels[2].any()


def test_where_no_slice_can_be_decoded_the_error_is_told() -> None:
    archive, layout, _ = speculated([broken_rle(d) for d in noise(SMALL)])
    with pytest.raises(Damaged):
        plainly_loaded(archive, layout.volumes[0])


def test_files_that_are_no_dicom_are_others() -> None:
    archive = WatchedArchive()
    series = filled(archive, noise(AXIAL))
    index = list(archive.instances(series))
    archive.before_read = lambda _: None
    rubbish = index[3].id
    read = archive.read
    archive.read = lambda i: b"rubbish" * 99 if i == rubbish else read(i)
    layout = read_layout(archive, index)
    assert [(o.instance_id, o.reason) for o in layout.others] == [(rubbish, "damaged")]
    assert len(layout.slices) == 7
