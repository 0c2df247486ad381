"""A file that the storage doesn't give for a moment: told, and nothing made without it is kept."""

from collections.abc import Iterator

import numpy as np
import pytest

from phantoms import Acquisition, noise
from reslice.archive.thumbnails import first_picture
from reslice.archive.volumes import SeriesLibrary
from reslice.errors import Unreadable
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Request
from unit.archive.stores import SMALL, WatchedArchive, filled, instance_of, library_over


class Broken:
    """An archive whose third file can't be read until it is healed."""

    def __init__(self, where: Acquisition = SMALL) -> None:
        self.datasets = noise(where)
        self.archive = WatchedArchive()
        self.series = filled(self.archive, self.datasets)
        self.library: SeriesLibrary = library_over(self.archive)
        self.archive.before_read = self.refuse
        self._lost = instance_of(self.datasets[2])

    def refuse(self, instance_id: str) -> None:
        """What the archive says of the lost file."""
        if instance_id == self._lost:
            raise Unreadable("The storage is away")

    def heal(self) -> None:
        """The storage is back."""
        self.archive.before_read = lambda _: None


@pytest.fixture
def broken() -> Iterator[Broken]:
    yield Broken()


def test_layout_is_provisional_and_says_so(broken: Broken) -> None:
    identity = broken.library.identity(broken.series)
    layout = broken.library.layout(identity)
    assert layout.is_provisional
    assert [(o.instance_id, o.reason) for o in layout.others] == [(instance_of(broken.datasets[2]), "unreadable")]
    assert "damaged" in {w.reason for w in layout.warnings}


def test_layout_is_whole_as_soon_as_the_file_is_back(broken: Broken) -> None:
    identity = broken.library.identity(broken.series)
    broken.library.layout(identity)
    broken.heal()
    layout = broken.library.layout(identity)
    assert not layout.is_provisional
    assert len(layout.volumes[0].frames) == 5


def test_volume_is_whole_as_soon_as_the_file_is_back(broken: Broken) -> None:
    """Its layout was known before: one slice is absent, and the volume isn't kept."""
    broken.heal()
    identity = broken.library.identity(broken.series)
    broken.library.layout(identity)
    broken.archive.before_read = broken.refuse
    loaded = broken.library.volume(identity, 0)
    assert loaded.volume.absent == (2,)
    assert not loaded.is_final
    assert broken.library.volumes.counters().used == 0
    broken.heal()
    whole = broken.library.volume(identity, 0)
    assert whole.is_final
    np.testing.assert_array_equal(whole.volume.voxels, [d.pixel_array for d in broken.datasets])


@pytest.mark.parametrize("path", ["slices", "slices/0", "mpr/axial", "mpr/coronal", "volumes/0/voxels"])
def test_answers_are_not_to_be_kept(broken: Broken, path: str) -> None:
    application = Application(broken.archive, Settings())
    request = Request("GET", f"/series/{broken.series}/{path}")
    before = application.handle(request)
    assert before.status in (200, 422)
    assert before.headers["Cache-Control"] == "no-store"
    assert "ETag" not in before.headers
    broken.heal()
    after = application.handle(request)
    assert after.status == 200
    assert "ETag" in after.headers


def test_grey_copies_of_incomplete_volumes_are_not_kept() -> None:
    broken = Broken(Acquisition(shape=(5, 4, 18)))
    application = Application(broken.archive, Settings())
    broken.heal()
    path = f"/series/{broken.series}/volumes/0/voxels"
    assert application.handle(Request("GET", f"/series/{broken.series}/slices")).status == 200
    broken.archive.before_read = broken.refuse  # the layout is known, one slice is missing now
    query = {"type": "uint8", "max-size": "16", "window-center": "1000", "window-width": "4001"}
    incomplete = application.handle(Request("GET", path, query))
    assert "ETag" not in incomplete.headers
    broken.heal()
    whole = application.handle(Request("GET", path, query))
    assert whole.status == 200
    assert whole.body != incomplete.body
    assert "ETag" in whole.headers


def test_thumbnail_takes_another_image(broken: Broken) -> None:
    lost_first = sorted(broken.archive.instances(broken.series), key=lambda s: s.id != instance_of(broken.datasets[2]))
    picture = first_picture(broken.archive, lost_first)[1]
    assert any(np.array_equal(picture, d.pixel_array) for d in broken.datasets)
