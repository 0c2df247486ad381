"""GET /series/{id}/volumes: the volumes of a series, and why the rest is none."""

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import (
    ACQUISITIONS,
    AXIAL,
    Acquisition,
    image,
    multiframe,
    noise,
    ramp,
    series,
    structured_report,
    without_geometry,
)
from refusals import assert_refused


def listed(client: Client, identifier: str) -> dict:
    """The list of volumes."""
    answer = client.get(f"/series/{identifier}/volumes")
    assert answer.status == 200, answer.content
    assert answer.media_type == "application/json"
    return answer.json()


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_affine_maps_voxels_to_the_patient(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    identifier = client.store_series(ramp(0, acquisition))
    answer = listed(client, identifier)
    assert answer["Series"] == identifier
    assert answer["Modality"] == "CT"
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    (volume,) = answer["Volumes"]
    assert volume["Index"] == 0
    assert volume["Shape"] == list(acquisition.shape)
    assert volume["Regular"] is True
    np.testing.assert_allclose(volume["Affine"], acquisition.affine, atol=1e-5)
    np.testing.assert_allclose(volume["Spacing"], acquisition.spacing, atol=1e-6)
    normal = np.cross(acquisition.row, acquisition.column)
    origins = [acquisition.slice_origin(k) for k in range(acquisition.shape[0])]
    np.testing.assert_allclose(volume["Origins"], origins, atol=1e-5)
    np.testing.assert_allclose(volume["Positions"], np.array(origins) @ normal, atol=1e-5)


def test_types_units_and_status(client: Client) -> None:
    identifier = client.store_series(noise(AXIAL))
    (volume,) = listed(client, identifier)["Volumes"]
    assert volume["Type"] == "int16"
    assert volume["Unit"] == "HU"
    assert volume["Bytes"] == 2 * np.prod(AXIAL.shape)
    assert volume["FrameOfReferenceUID"] == "2.25.1"
    assert volume["Orientation"] == "axial"
    assert (volume["Range"], volume["Status"], volume["Suv"]) == (None, "absent", None)
    client.get(f"/series/{identifier}/mpr/axial")
    (volume,) = listed(client, identifier)["Volumes"]
    assert volume["Status"] == "ready"
    voxels = np.stack([file.pixel_array for file in noise(AXIAL)])
    assert volume["Range"] == [voxels.min(), voxels.max()]


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal", "axial-prone", "sagittal-from-right"])
def test_orientation_is_named(in_process: Client, name: str) -> None:
    (volume,) = listed(in_process, in_process.store_series(ramp(0, ACQUISITIONS[name])))["Volumes"]
    assert volume["Orientation"] == name.partition("-")[0]


@pytest.mark.parametrize("tilt", [-18.5, 12.0, 1.5])
def test_gantry_tilt_is_told_from_the_positions(client: Client, tilt: float) -> None:
    acquisition = Acquisition(tilt=tilt)
    (volume,) = listed(client, client.store_series(ramp(0, acquisition)))["Volumes"]
    (warning,) = volume["Warnings"]
    assert warning["Reason"] == "gantry-tilt"
    assert warning["Degrees"] == pytest.approx(tilt, abs=1e-3)
    assert warning["Details"]
    assert volume["Spacing"][0] == pytest.approx(2.5)


def test_no_warning_without_a_tilt(client: Client) -> None:
    (volume,) = listed(client, client.store_series(ramp(0, Acquisition(tilt=0.5))))["Volumes"]
    assert volume["Warnings"] == []


def test_presets_of_the_modality_are_listed(client: Client) -> None:
    (volume,) = listed(client, client.store_series(ramp(0)))["Volumes"]
    assert "bone" in str(volume["Presets"])


def reasons(answer: dict) -> list[tuple[int, str]]:
    """Frames and reason of each stack."""
    return [(stack["FrameCount"], stack["Reason"]) for stack in answer["Stacks"]]


def test_one_image_is_a_stack(client: Client) -> None:
    answer = listed(client, client.store_series(noise(Acquisition(shape=(1, 8, 8)))))
    assert answer["Volumes"] == []
    assert reasons(answer) == [(1, "single-frame")]
    assert answer["Stacks"][0]["Index"] == 0
    assert answer["Stacks"][0]["Details"]


def test_images_without_a_place_are_a_stack(client: Client) -> None:
    uid = {"SeriesInstanceUID": "2.25.7", "StudyInstanceUID": "2.25.8"}
    files = [without_geometry(np.full((6, 7), k, np.int16), **uid) for k in range(3)]
    answer = listed(client, client.store_series(files))
    assert answer["Volumes"] == []
    assert reasons(answer) == [(3, "no-geometry")]


def test_frames_of_a_secondary_capture_are_a_stack(client: Client) -> None:
    frames = np.arange(4 * 5 * 6, dtype=np.uint16).reshape(4, 5, 6)
    answer = listed(client, client.store_series([multiframe(frames)]))
    assert answer["Volumes"] == []
    assert reasons(answer) == [(4, "no-geometry")]


def test_two_images_at_each_place_are_a_stack(client: Client) -> None:
    uid = {"SeriesInstanceUID": "2.25.9", "StudyInstanceUID": "2.25.10"}
    answer = listed(client, client.store_series([*noise(AXIAL, 1, **uid), *noise(AXIAL, 2, **uid)]))
    assert answer["Volumes"] == []
    assert reasons(answer) == [(2 * AXIAL.shape[0], "duplicate-positions")]


def test_origins_off_one_line_are_a_stack(client: Client) -> None:
    files = noise(AXIAL)
    files[3].ImagePositionPatient = [10, 20, files[3].ImagePositionPatient[2]]
    answer = listed(client, client.store_series(files))
    assert answer["Volumes"] == []
    assert ("irregular-positions") in {reason for _, reason in reasons(answer)}


def test_documents_are_told_as_others(client: Client) -> None:
    files = noise(AXIAL)
    report = structured_report(SeriesInstanceUID=files[0].SeriesInstanceUID, StudyInstanceUID=files[0].StudyInstanceUID)
    answer = listed(client, client.store_series([*files, report]))
    assert len(answer["Volumes"]) == 1
    (other,) = answer["Others"]
    assert other["Instance"] == orthanc_ids(report)["instances"]
    assert other["SOPClassUID"] == report.SOPClassUID
    assert other["Reason"] == "not-an-image"


def test_series_without_images(client: Client) -> None:
    identifier = client.store_series([structured_report()])
    answer = listed(client, identifier)
    assert (answer["Volumes"], answer["Stacks"]) == ([], [])
    assert len(answer["Others"]) == 1
    assert client.get(f"/series/{identifier}/slices").json() == {
        "Series": identifier,
        "Count": 0,
        "Slices": [],
    }
    assert_refused(client.get(f"/series/{identifier}/slices/0"), 404, "unknown-slice")
    assert_refused(client.get(f"/series/{identifier}/mpr/axial"), 422, "no-volume")
    assert_refused(client.get(f"/series/{identifier}/thumbnail"), 422, "no-image")


def test_orientations_of_a_localizer_are_volumes_of_their_own(client: Client) -> None:
    uid = {"SeriesInstanceUID": "2.25.11", "StudyInstanceUID": "2.25.12"}
    grids = [
        Acquisition(**{**vars(ACQUISITIONS[name]), "shape": (3, 8, 8)}) for name in ("axial", "coronal", "sagittal")
    ]
    files = [file for grid in grids for file in ramp(1, grid, **uid)]
    identifier = client.store_series(files)
    answer = listed(client, identifier)
    assert sorted(volume["Orientation"] for volume in answer["Volumes"]) == ["axial", "coronal", "sagittal"]
    assert [volume["Index"] for volume in answer["Volumes"]] == [0, 1, 2]
    for volume in answer["Volumes"]:
        told = client.get(f"/series/{identifier}/mpr/axial", volume=volume["Index"], format="npy")
        assert told.told("Reslice-Volume")["Index"] == volume["Index"]
    assert_refused(client.get(f"/series/{identifier}/mpr/axial", volume=3), 404, "unknown-volume")


def test_colour_scrolls_but_is_no_volume(client: Client) -> None:
    uid = {"SeriesInstanceUID": "2.25.13", "StudyInstanceUID": "2.25.14"}
    pixels = np.random.default_rng(0).integers(0, 255, (3, 6, 7, 3), np.uint8)
    files = [image(frame, **uid) for frame in pixels]
    answer = listed(client, client.store_series(files))
    assert answer["Volumes"] == []
    assert [count for count, _ in reasons(answer)] == [3]


def test_other_modalities_than_ct_have_no_hounsfield_units(client: Client) -> None:
    files = series(np.ones((3, 4, 5)), Acquisition(shape=(3, 4, 5)), Modality="MR", RescaleType=None)
    answer = listed(client, client.store_series(files))
    assert answer["Modality"] == "MR"
    assert answer["Volumes"][0]["Unit"] == "1"
