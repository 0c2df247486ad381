"""A series that changes before, between and during requests: never older pixels, never mixed ones."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from phantoms import file_of, noise
from reslice.archive.identity import Identity
from reslice.archive.volumes import ATTEMPTS, while_unchanged
from reslice.errors import Busy, ResliceError, UnknownResource
from unit.archive.stores import SMALL, instance_of, opened


def test_changed_series_leaves_the_memory() -> None:
    archive, library, series = opened(noise(SMALL))
    before = library.identity(series)
    library.volume(before, 0)
    archive.delete(archive.instances(series)[0].id)
    assert library.identity(series) != before
    assert library.peek(before, 0) is None
    assert library.volumes.counters().used == 0


def test_replaced_pixels_are_shown_at_once() -> None:
    datasets = noise(SMALL)
    archive, library, series = opened(datasets)
    library.volume(library.identity(series), 0)
    pixels = np.full((4, 6), 77, np.int16)
    datasets[2].PixelData = pixels.tobytes()
    archive.store(file_of(datasets[2]))
    np.testing.assert_array_equal(library.volume(library.identity(series), 0).volume.voxels[2], pixels)


def renamed(dataset: Dataset, fill: int) -> bytes:
    """The same instance with a longer header and other pixels."""
    dataset.PatientComments = "x" * 500
    dataset.PixelData = np.full((dataset.Rows, dataset.Columns), fill, np.int16).tobytes()
    return file_of(dataset)


@pytest.mark.parametrize("loading", ["frame", "volume"])
def test_file_replaced_after_its_header_was_read_is_never_misread(loading: str) -> None:
    """The pixels of the new file, or of the old one, or a refusal; never bytes from somewhere between."""
    datasets = noise(SMALL)
    archive, library, series = opened(datasets)
    identity = library.identity(series)
    ref = library.layout(identity).volumes[0].frames[2]
    old = datasets[2].pixel_array.copy()
    archive.store(renamed(datasets[2], fill=77))
    try:
        found = library.frame(identity, ref) if loading == "frame" else library.volume(identity, 0).volume.voxels[2]
    except ResliceError:
        return
    assert np.array_equal(found, old) or (found == 77).all(), found


def test_request_is_tried_again_when_an_instance_vanishes() -> None:
    asked: list[int] = []

    def attempt() -> str:
        asked.append(1)
        if len(asked) < ATTEMPTS:
            raise UnknownResource("gone", reason="unknown-instance")
        return "done"

    assert while_unchanged(attempt) == "done"
    assert len(asked) == ATTEMPTS


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (UnknownResource("gone", reason="unknown-instance"), ATTEMPTS),
        (UnknownResource("never there"), 1),
        (Busy("later"), 1),
    ],
)
def test_not_for_ever_and_not_for_other_reasons(error: ResliceError, attempts: int) -> None:
    asked: list[int] = []

    def attempt() -> None:
        asked.append(1)
        raise error

    with pytest.raises(type(error)):
        while_unchanged(attempt)
    assert len(asked) == attempts


def test_series_that_shrinks_while_it_is_read_is_read_again() -> None:
    datasets = noise(SMALL)
    archive, library, series = opened(datasets)
    doomed = instance_of(datasets[4])

    def delete_once(_: str) -> None:
        archive.before_read = lambda _: None
        archive.delete(doomed)

    archive.before_read = delete_once
    loaded = while_unchanged(lambda: library.volume(library.identity(series), 0))
    np.testing.assert_array_equal(loaded.volume.voxels, [d.pixel_array for d in datasets[:4]])


def test_what_is_made_of_the_new_contents_stays() -> None:
    """A request that still knows the old ones drops those only."""
    datasets = noise(SMALL)
    archive, library, series = opened(datasets)
    library.volume(library.identity(series), 0)
    archive.store(file_of(datasets[1]))
    newer = Identity.of(series, archive.instances(series))
    made = library.volume(newer, 0)
    assert library.identity(series) == newer
    assert library.peek(newer, 0) is made
    assert [key[1] for key, _ in library.volumes.entries()] == [newer.digest]


def test_token_that_lags_behind_is_not_trusted_twice() -> None:
    """A file that turns out to be another one makes the library list the series anew."""
    datasets = noise(SMALL)
    archive, library, series = opened(datasets)
    archive.revision = lambda _: "always the same"
    identity = library.identity(series)
    ref = library.layout(identity).volumes[0].frames[2]
    archive.store(renamed(datasets[2], fill=77))
    with pytest.raises(UnknownResource) as caught:
        library.frame(identity, ref)
    assert caught.value.reason == "unknown-instance"
    assert library.identity(series) != identity
    assert (library.volume(library.identity(series), 0).volume.voxels[2] == 77).all()
