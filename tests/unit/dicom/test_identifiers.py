"""Orthanc's identifiers, and the few elements of its index."""

import hashlib

from clients import orthanc_ids
from phantoms import AXIAL, file_of, multiframe, noise, structured_report
from reslice.dicom.identifiers import identify, orthanc_id
from unit.dicom.files import one_slice


def test_ids_are_five_groups_of_a_sha1() -> None:
    """The worked example: SHA-1 of "abc" as the Standard for it (FIPS 180) prints it."""
    assert orthanc_id("abc") == "a9993e36-4706816a-ba3e2571-7850c26c-9cd0d89d"


def test_levels_are_joined_by_bars() -> None:
    digest = hashlib.sha1(b"P|1.2|3.4|5.6", usedforsecurity=False).hexdigest()
    assert orthanc_id("P", "1.2", "3.4", "5.6").replace("-", "") == digest


def test_ids_of_a_file_are_those_of_the_tests_client() -> None:
    for dataset in (*noise(AXIAL)[:2], structured_report()):
        ids, expected = identify(file_of(dataset)), orthanc_ids(dataset)
        found = {"patients": ids.patient, "studies": ids.study, "series": ids.series, "instances": ids.instance}
        assert found == expected


def test_missing_identifiers_count_as_empty() -> None:
    dataset = one_slice(PatientID=None)
    assert identify(file_of(dataset)).patient == orthanc_id("")


def test_names_beyond_ascii() -> None:
    dataset = one_slice(PatientID="Ä-1", SpecificCharacterSet="ISO_IR 100")
    assert identify(file_of(dataset)).patient == orthanc_id("Ä-1")


def test_elements_of_the_index() -> None:
    ids = identify(file_of(one_slice(InstanceNumber=7, SeriesNumber=3)))
    assert (ids.modality, ids.series_number, ids.instance_number, ids.frames) == ("CT", 3, 7, 1)
    assert [float(n) for n in ids.position.split("\\")] == [-5.5, -4.5, -8.75]
    assert [float(n) for n in ids.orientation.split("\\")] == [1, 0, 0, 0, 1, 0]


def test_what_is_missing_has_defaults() -> None:
    ids = identify(file_of(structured_report()))
    assert (ids.series_number, ids.instance_number, ids.frames) == (0, 0, 1)
    assert (ids.position, ids.orientation) == ("", "")


def test_frames_are_counted() -> None:
    dataset = multiframe(one_slice().pixel_array.reshape(2, 5, 12))
    assert identify(file_of(dataset)).frames == 2
