"""Archives that tests can look into and meddle with."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import nullcontext

from pydicom.dataset import Dataset

from clients import orthanc_ids
from phantoms import Acquisition, file_of
from reslice.archive.decoding import DecodingPool
from reslice.archive.loading import load_volume
from reslice.archive.memory import MemoryArchive
from reslice.archive.port import StoredInstance
from reslice.archive.volumes import SeriesLibrary
from reslice.dicom.layout import VolumeLayout
from reslice.imaging.volume import Volume

PLENTY = 1 << 30


class WatchedArchive(MemoryArchive):
    """Counts what it is asked; `before_read` may change the series under the reader's feet."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.listings = 0
        self.before_read: Callable[[str], None] = lambda _: None

    def read(self, instance_id: str) -> bytes:
        """The file, after whatever happens before."""
        self.reads.append(instance_id)
        self.before_read(instance_id)
        return super().read(instance_id)

    def instances(self, series_id: str, revision: Hashable | None = None) -> Sequence[StoredInstance]:
        """All instances, counted."""
        self.listings += 1
        return super().instances(series_id, revision)


class UnmarkedArchive(WatchedArchive):
    """An archive without a cheap token, as an index shared by several nodes."""

    def revision(self, series_id: str) -> Hashable | None:
        """None, if there is such a series."""
        super().revision(series_id)
        return None


def filled(archive: MemoryArchive, datasets: Iterable[Dataset | bytes]) -> str:
    """Store the instances of one series and tell its id."""
    contents = [d if isinstance(d, bytes) else file_of(d) for d in datasets]
    for content in contents:
        archive.store(content)
    return orthanc_ids(contents[0])["series"]


def library_over(archive: MemoryArchive, *, budget: int = PLENTY, largest_volume: int = PLENTY) -> SeriesLibrary:
    """Layouts and volumes of an archive."""
    return SeriesLibrary(archive, budget=budget, largest_volume=largest_volume)


SMALL = Acquisition(shape=(5, 4, 6))
NOWHERE = "0" * 8 + "-0" * 4
"""An identifier that nothing has."""


def opened(datasets: Iterable[Dataset | bytes], **limits: int) -> tuple[WatchedArchive, SeriesLibrary, str]:
    """An archive of one series, the library over it, and the series' id."""
    archive = WatchedArchive()
    return archive, library_over(archive, **limits), filled(archive, datasets)


def plainly_loaded(archive: MemoryArchive, layout: VolumeLayout) -> Volume:
    """The volume of a layout, loaded plainly, whatever memory it takes."""
    volume, _ = load_volume(archive, layout, lambda _: nullcontext(), DecodingPool(1))
    return volume


def instance_of(dataset: Dataset) -> str:
    """Its Orthanc id."""
    return orthanc_ids(dataset)["instances"]
