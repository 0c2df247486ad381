"""The archive in memory: the same contract as Orthanc's."""

import threading

import pytest

from clients import orthanc_ids
from phantoms import AXIAL, file_of, multiframe, noise, structured_report
from reslice.archive.memory import MemoryArchive
from reslice.errors import UnknownResource
from unit.archive.stores import NOWHERE, filled
from unit.dicom.files import one_slice

LEVELS = ("patients", "studies", "series", "instances")


def test_instances_of_a_series() -> None:
    archive, datasets = MemoryArchive(), noise(AXIAL)
    series = filled(archive, datasets)
    filled(archive, [structured_report()])
    stored = archive.instances(series)
    assert {s.id for s in stored} == {orthanc_ids(d)["instances"] for d in datasets}
    assert sorted(s.number for s in stored) == list(range(1, 9))
    assert len({s.file for s in stored}) == 8
    assert stored[0] == archive.instance(stored[0].id)


def test_stored_bytes_come_back() -> None:
    archive, content = MemoryArchive(), file_of(one_slice())
    instance = archive.store(content)
    assert archive.read(instance) == content


def test_storing_again_replaces_under_a_new_file() -> None:
    archive = MemoryArchive()
    instance = archive.store(file_of(one_slice()))
    before, revision = archive.instance(instance), archive.revision(series_of_one())
    assert archive.store(file_of(one_slice(InstanceNumber=9))) == instance
    assert archive.instance(instance).file != before.file
    assert archive.instance(instance).number == 9
    assert archive.revision(series_of_one()) != revision
    assert len(archive.instances(series_of_one())) == 1


def series_of_one() -> str:
    return orthanc_ids(one_slice())["series"]


def test_revision_changes_with_each_change_only() -> None:
    archive, datasets = MemoryArchive(), noise(AXIAL)
    series = filled(archive, datasets[:6])
    seen = [archive.revision(series)]
    assert archive.revision(series) == seen[0]
    archive.store(file_of(datasets[6]))
    seen.append(archive.revision(series))
    archive.delete(orthanc_ids(datasets[0])["instances"])
    seen.append(archive.revision(series))
    archive.store(file_of(datasets[0]))
    seen.append(archive.revision(series))
    assert len(set(seen)) == 4


@pytest.mark.parametrize("level", LEVELS)
def test_series_of_every_level(level: str) -> None:
    archive, datasets = MemoryArchive(), noise(AXIAL)
    series = filled(archive, datasets)
    (found,) = archive.series_of(level, orthanc_ids(datasets[0])[level])
    assert (found.id, found.modality, len(found.instances)) == (series, "CT", 8)
    assert found.study == orthanc_ids(datasets[0])["studies"]


@pytest.mark.parametrize("level", LEVELS)
def test_unknown_resources(level: str) -> None:
    archive = MemoryArchive()
    filled(archive, [one_slice()])
    others = [value for key, value in orthanc_ids(one_slice()).items() if key != level]
    for identifier in (NOWHERE, "", "../etc", *others):
        with pytest.raises(UnknownResource):
            archive.series_of(level, identifier)
    for ask in (archive.instances, archive.revision, archive.read, archive.instance):
        with pytest.raises(UnknownResource):
            ask(NOWHERE)


def test_vanished_instance_is_told_as_orthancs_archive_tells_it() -> None:
    """The reason decides whether a request is tried again (archive/volumes.py)."""
    archive = MemoryArchive()
    instance = archive.store(file_of(one_slice()))
    archive.delete(instance)
    with pytest.raises(UnknownResource) as caught:
        archive.read(instance)
    assert caught.value.reason == "unknown-instance"


def test_series_is_gone_with_its_last_instance() -> None:
    archive = MemoryArchive()
    instance = archive.store(file_of(one_slice()))
    archive.delete(instance)
    with pytest.raises(UnknownResource):
        archive.instances(series_of_one())


def test_frames_are_told() -> None:
    archive = MemoryArchive()
    instance = archive.store(file_of(multiframe(one_slice().pixel_array.reshape(2, 5, 12))))
    assert archive.instance(instance).frames == 2


def test_storing_and_deleting_meanwhile() -> None:
    archive, datasets = MemoryArchive(), noise(AXIAL)
    series = filled(archive, datasets)
    content, instance = file_of(datasets[0]), orthanc_ids(datasets[0])["instances"]
    failures: list[Exception] = []

    def ask() -> None:
        for _ in range(300):
            try:
                assert len(archive.instances(series)) in (7, 8)
                archive.series_of("series", series)
            except Exception as error:
                failures.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for _ in range(200):
        archive.delete(instance)
        archive.store(content)
    for thread in asking:
        thread.join(30)
    assert failures == []


def test_describes_itself() -> None:
    archive = MemoryArchive()
    archive.check()
    assert archive.describe().storage == "memory"


def study_with_one() -> tuple[MemoryArchive, str, str]:
    """An archive, its only study and that study's only instance."""
    archive = MemoryArchive()
    instance = archive.store(file_of(one_slice()))
    return archive, orthanc_ids(one_slice())["studies"], instance


def test_entries_are_swapped_only_if_they_are_as_expected() -> None:
    archive, study, _ = study_with_one()
    with archive.writing():
        assert not archive.swap_entry(study, 50000, "a", "b")
        assert archive.study_entries(study) == {}
        assert archive.swap_entry(study, 50000, None, "a")
        assert not archive.swap_entry(study, 50000, None, "b")
        assert not archive.swap_entry(study, 50000, "b", "c")
        assert not archive.swap_entry(study, 50000, "b", None)
        assert archive.study_entries(study) == {50000: "a"}
        assert archive.swap_entry(study, 50000, "a", "")
        assert archive.study_entries(study) == {50000: ""}
        assert archive.swap_entry(study, 50000, "", None)
        assert archive.study_entries(study) == {}
    assert archive.measurement_writes() == "sdk"


def test_entries_that_were_read_do_not_change() -> None:
    archive, study, _ = study_with_one()
    before = archive.study_entries(study)
    archive.swap_entry(study, 50000, None, "a")
    assert before == {}


def test_entries_are_gone_with_their_study() -> None:
    archive, study, instance = study_with_one()
    others = [archive.store(file_of(dataset)) for dataset in noise(AXIAL)[:2]]
    assert archive.swap_entry(study, 50000, None, "a")
    archive.delete(others[0])
    assert archive.study_entries(study) == {50000: "a"}
    archive.delete(instance)
    for ask in (lambda: archive.study_entries(study), lambda: archive.swap_entry(study, 50000, "a", "b")):
        with pytest.raises(UnknownResource):
            ask()
    archive.store(file_of(one_slice()))
    assert archive.study_entries(study) == {}


def test_everybody_may_read_what_is_there() -> None:
    archive, _, instance = study_with_one()
    assert archive.read_as(instance, {"authorization": "x"}, {"token": "y"}) == archive.read(instance)
    with pytest.raises(UnknownResource) as caught:
        archive.read_as(NOWHERE, {}, {})
    assert caught.value.reason == "unknown-instance"
