"""Every case that is one series, through the API of a real Orthanc, against truth.json."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cases import ALL, GEOMETRY_WARNINGS, VOLUMES, WHOLE, path_of, slice_order
from clients import OrthancClient, orthanc_ids
from shared_data import SHARED, _all_truth, case_bytes, case_files, truth
from true_frames import dataset, little_endian_hash, modality_frames

HOUNSFIELD = {"CT": "HU", "MR": "1"}


def stored(client: OrthancClient, case: str) -> str:
    """Store a whole case and tell its series."""
    return client.store_series(case_bytes(case))


def listed(client: OrthancClient, series: str) -> dict:
    """The list of volumes."""
    return client.get(f"/series/{series}/volumes").json()


def slices(client: OrthancClient, series: str, **where: int | None) -> list[dict]:
    """The listed slices; of one volume or stack, if it is named."""
    found = client.get(f"/series/{series}/slices").json()["Slices"]
    return [entry for entry in found if all(entry[key] == value for key, value in where.items())]


def voxels(client: OrthancClient, entries: list[dict]) -> NDArray[np.generic]:
    """The stored grids of some listed slices, one upon the other."""
    return np.stack([client.get(entry["Url"], format="npy").array() for entry in entries])


def instances(case: str) -> dict[str, str]:
    """File names by Orthanc id."""
    return {orthanc_ids(path.read_bytes())["instances"]: path.name for path in case_files(case)}


def reasons(volume: dict) -> set[str]:
    """The warnings that tell of its geometry."""
    return {warning["Reason"] for warning in volume["Warnings"]} & GEOMETRY_WARNINGS


def test_every_case_is_tested() -> None:
    case_files(VOLUMES[0])
    assert set(ALL) == set(_all_truth()["cases"])
    assert {path.name for path in (SHARED / "data").iterdir() if path.is_dir()} == set(ALL)


@pytest.mark.parametrize("case", VOLUMES)
def test_volume_is_told_as_the_truth_has_it(real: OrthancClient, case: str) -> None:
    facts, answer = truth(case), listed(real, stored(real, case))
    assert (answer["Stacks"], answer["Others"], answer["Modality"]) == ([], [], facts["modality"])
    (volume,) = answer["Volumes"]
    assert volume["Shape"] == facts["shape"]
    assert volume["Type"] == facts["dtype"]
    assert volume["Bytes"] == 2 * np.prod(facts["shape"])
    assert volume["Regular"] is facts["regular"]
    assert volume["Spacing"][1:] == pytest.approx(facts["pixel_spacing_row_col"], rel=1e-6)
    assert volume["Spacing"][0] == pytest.approx(facts["gaps_min_max_mean"][2], abs=2e-6)
    assert volume["Positions"] == pytest.approx(facts["positions_along_normal"], abs=6e-5)
    assert volume["Label"] == ""


@pytest.mark.parametrize("case", VOLUMES)
def test_volume_lies_where_its_headers_say(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    (volume,) = listed(real, series)["Volumes"]
    headers = [dataset(path_of(case, name)) for name in slice_order(case)]
    origins = np.array([header.ImagePositionPatient for header in headers], float)
    np.testing.assert_allclose(volume["Origins"], origins, atol=1e-4)
    assert volume["Origins"][0] == pytest.approx(facts["first_origin_lps"], abs=1e-4)
    assert volume["Origins"][-1] == pytest.approx(facts["last_origin_lps"], abs=1e-4)
    affine = np.array(volume["Affine"])
    spacing = facts["pixel_spacing_row_col"]
    np.testing.assert_allclose(affine[:3, 1], np.array(facts["column_direction"]) * spacing[0], atol=1e-6)
    np.testing.assert_allclose(affine[:3, 2], np.array(facts["row_direction"]) * spacing[1], atol=1e-6)
    np.testing.assert_allclose(affine[:3, 0], (origins[-1] - origins[0]) / (len(origins) - 1), atol=1e-4)
    np.testing.assert_allclose(affine[:, 3], [*origins[0], 1], atol=1e-4)
    assert volume["FrameOfReferenceUID"] == headers[0].get("FrameOfReferenceUID", "")


@pytest.mark.parametrize("case", VOLUMES)
def test_voxels_are_the_true_ones(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    entries, names = slices(real, series), instances(case)
    assert [names[entry["Instance"]] for entry in entries] == slice_order(case)
    assert {(entry["Frame"], entry["Volume"], entry["Stack"]) for entry in entries} == {(0, 0, None)}
    volume = voxels(real, entries)
    assert (list(volume.shape), volume.dtype.name) == (facts["shape"], facts["dtype"])
    for k, row, column, value in facts["samples_slice_row_col_value"]:
        assert volume[k, row, column] == value
    if facts["slice_means"]:
        np.testing.assert_allclose(volume.mean(axis=(1, 2), dtype=float), facts["slice_means"], atol=6e-5)
    assert [volume.min(), volume.max()] == [facts["min"], facts["max"]]
    assert volume.mean(dtype=float) == pytest.approx(facts["mean"], abs=1e-5)
    assert volume.std(dtype=float) == pytest.approx(facts["std"], abs=1e-5)
    assert little_endian_hash(volume) == facts["sha256"]


@pytest.mark.parametrize("case", VOLUMES)
def test_loaded_volume_tells_its_range(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    assert real.get(f"/series/{series}/mpr/axial", width=32).status == 200
    (volume,) = listed(real, series)["Volumes"]
    assert (volume["Status"], volume["Type"]) == ("ready", facts["dtype"])
    assert volume["Range"] == [facts["min"], facts["max"]]


@pytest.mark.parametrize("case", [case for case in VOLUMES if case not in ("ct-gantry-tilt", "ct-uneven-gap")])
def test_plain_volume_has_nothing_to_warn_of(real: OrthancClient, case: str) -> None:
    (volume,) = listed(real, stored(real, case))["Volumes"]
    assert reasons(volume) == set()


@pytest.mark.parametrize(
    ("case", "unit"),
    [("ct-head-phantom-5mm", "HU"), ("ct-gantry-tilt", "HU"), ("mr-axial-128", "1"), ("mr-double-oblique", "1")],
)
def test_unit(real: OrthancClient, case: str, unit: str) -> None:
    (volume,) = listed(real, stored(real, case))["Volumes"]
    assert volume["Unit"] == unit


def test_gantry_tilt_in_degrees(real: OrthancClient) -> None:
    facts = truth("ct-gantry-tilt")
    (volume,) = listed(real, stored(real, "ct-gantry-tilt"))["Volumes"]
    (warning,) = [found for found in volume["Warnings"] if found["Reason"] in GEOMETRY_WARNINGS]
    assert warning["Reason"] == "gantry-tilt"
    assert warning["Degrees"] == pytest.approx(float(facts["gantry_tilt_tag"]), abs=0.01)
    assert abs(warning["Degrees"]) == pytest.approx(facts["shear_deg"], abs=0.01)


def test_uneven_gaps_are_told_and_kept(real: OrthancClient) -> None:
    series = stored(real, "ct-uneven-gap")
    (volume,) = listed(real, series)["Volumes"]
    assert "uneven-gaps" in reasons(volume)
    assert np.diff(volume["Positions"]) == pytest.approx([5, 5, 10], abs=1e-4)
    slice_at = {36.5: 3, 23.3: 1, 26.0: 2, 30.0: 2}  # z mm: the nearest slice, none further than 2.5 mm
    for z, k in slice_at.items():
        plane = real.get(f"/series/{series}/mpr/axial", format="npy", position=z, interpolation="nearest")
        stored_slice = real.get(f"/series/{series}/slices/{k}", format="npy").array()
        np.testing.assert_array_equal(plane.array(), stored_slice)


def test_localizer_is_three_volumes_of_seven(real: OrthancClient) -> None:
    facts, series = truth("mr-localizer-3plane"), stored(real, "mr-localizer-3plane")
    answer = listed(real, series)
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert [volume["Shape"] for volume in answer["Volumes"]] == [[7, 256, 256]] * 3
    assert sorted(volume["Orientation"] for volume in answer["Volumes"]) == ["axial", "coronal", "sagittal"]
    groups = {tuple(np.round(group["orientation"], 3)): group for group in facts["orientation_groups"]}
    for volume in answer["Volumes"]:
        affine = np.array(volume["Affine"])[:3, :3] / volume["Spacing"]
        group = groups.pop(tuple(np.round([*affine[:, 2], *affine[:, 1]], 3) + 0.0))
        assert volume["Positions"] == pytest.approx(group["positions_along_normal"], abs=1e-3)
        assert volume["Spacing"] == pytest.approx([15.0, 0.9375, 0.9375])
        assert (volume["Regular"], reasons(volume)) == (True, set())
    assert groups == {}


@pytest.mark.parametrize("case", ["mr-localizer-3plane", "mr-4d-bold"])
def test_each_file_is_the_slice_it_is_said_to_be(real: OrthancClient, case: str) -> None:
    facts, series, names = truth(case), stored(real, case), instances(case)
    entries = slices(real, series)
    assert sorted(names[entry["Instance"]] for entry in entries) == sorted(names.values())
    for entry in entries:
        name = names[entry["Instance"]]
        values = real.get(entry["Url"], format="npy").array()
        np.testing.assert_array_equal(values, modality_frames(path_of(case, name))[0])
        assert entry["Position"] == pytest.approx([float(v) for v in dataset(path_of(case, name)).ImagePositionPatient])
        if name in facts["per_file"]:
            assert values.dtype.name == facts["per_file"][name]["dtype"]
            assert little_endian_hash(values) == facts["per_file"][name]["sha256"]


def test_bold_is_three_volumes_of_fifteen(real: OrthancClient) -> None:
    """45 files: im001 to im015 are the first time, and so on; no nominal attribute tells the times apart."""
    series, names = stored(real, "mr-4d-bold"), instances("mr-4d-bold")
    answer = listed(real, series)
    (group,) = truth("mr-4d-bold")["orientation_groups"]
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert [volume["Shape"] for volume in answer["Volumes"]] == [[15, 64, 64]] * 3
    for k, volume in enumerate(answer["Volumes"]):
        expected = [f"im{15 * k + n + 1:03}.dcm" for n in range(15)]
        assert [names[entry["Instance"]] for entry in slices(real, series, Volume=k)] == expected
        assert volume["Positions"] == pytest.approx(group["positions_along_normal"], abs=1e-3)
        assert reasons(volume) == {"split-by-rank"}
        assert volume["Label"] == f"rank by InstanceNumber: {k + 1}"
        assert volume["Regular"] is True


@pytest.mark.parametrize("case", WHOLE)
def test_study_lists_the_same_volumes(real: OrthancClient, case: str) -> None:
    series = stored(real, case)
    study = real.get(f"/series/{series}").json()["ParentStudy"]
    answer = real.get(f"/studies/{study}/volumes")
    assert answer.status == 200
    (entry,) = answer.json()["Series"]
    expected = listed(real, series)
    assert {key: entry[key] for key in ("Series", "Modality", "Volumes", "Stacks", "Others")} == {
        key: expected[key] for key in ("Series", "Modality", "Volumes", "Stacks", "Others")
    }
