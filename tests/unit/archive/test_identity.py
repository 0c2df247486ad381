"""Which pixels a series holds: kept while nothing changes, another after every change."""

import pytest

from phantoms import file_of, noise
from reslice.archive import identity
from reslice.archive.identity import Identity
from reslice.errors import UnknownResource
from unit.archive.stores import (
    NOWHERE,
    SMALL,
    UnmarkedArchive,
    WatchedArchive,
    filled,
    instance_of,
    library_over,
    opened,
)


def test_identity_is_kept_while_the_revision_stays() -> None:
    archive, library, series = opened(noise(SMALL))
    first = library.identity(series)
    assert [library.identity(series) for _ in range(5)] == [first] * 5
    assert archive.listings == 1


def test_identity_is_read_anew_where_there_is_no_revision() -> None:
    archive = UnmarkedArchive()
    library, series = library_over(archive), filled(archive, noise(SMALL))
    first = library.identity(series)
    assert library.identity(series) == first
    assert archive.listings == 2


@pytest.mark.parametrize("kind", [WatchedArchive, UnmarkedArchive])
def test_every_change_is_another_identity(kind: type[WatchedArchive]) -> None:
    archive, datasets = kind(), noise(SMALL)
    library, series = library_over(archive), filled(archive, datasets[:4])
    seen = [library.identity(series).digest]
    archive.store(file_of(datasets[4]))
    seen.append(library.identity(series).digest)
    archive.store(file_of(datasets[4]))
    seen.append(library.identity(series).digest)
    archive.delete(instance_of(datasets[4]))
    seen.append(library.identity(series).digest)
    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[0], "the same files are the same pixels"


def test_identity_does_not_hang_on_the_order_of_the_list() -> None:
    archive, library, series = opened(noise(SMALL))
    index = list(archive.instances(series))
    assert Identity.of(series, index).digest == Identity.of(series, index[::-1]).digest
    assert library.identity(series).digest == Identity.of(series, index).digest


def test_change_while_the_list_is_read_is_seen_next_time() -> None:
    archive, datasets = WatchedArchive(), noise(SMALL)
    library, series = library_over(archive), filled(archive, datasets[:4])
    list_instances = archive.instances

    def changing(series_id: str, revision: object = None):
        found = list_instances(series_id, revision)
        archive.store(file_of(datasets[4]))
        return found

    archive.instances = changing
    assert len(library.identity(series).instances) == 4
    archive.instances = list_instances
    assert len(library.identity(series).instances) == 5


def test_unknown_series() -> None:
    _, library, _ = opened(noise(SMALL))
    for _ in range(2):
        with pytest.raises(UnknownResource):
            library.identity(NOWHERE)


def test_deleted_series_is_unknown_at_once() -> None:
    archive, library, series = opened(noise(SMALL)[:1])
    library.layout(library.identity(series))
    archive.delete(archive.reads[0])
    with pytest.raises(UnknownResource):
        library.identity(series)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of instances: the series asked for longest ago is listed again."""
    monkeypatch.setattr(identity, "INSTANCES_KEPT", 12)
    archive = WatchedArchive()
    library = library_over(archive)
    first, second, third = (filled(archive, noise(SMALL)) for _ in range(3))
    for series in (first, second, second, third):
        library.identity(series)
    assert archive.listings == 3
    library.identity(third)
    library.identity(second)
    assert archive.listings == 3
    library.identity(first)
    assert archive.listings == 4


def test_what_is_larger_than_the_bound_is_remembered_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "INSTANCES_KEPT", 2)
    archive, library, series = opened(noise(SMALL))
    assert library.identity(series) is library.identity(series)
    assert archive.listings == 1
