"""Real series against the truth that pydicom and SimpleITK agreed on."""

import hashlib

import numpy as np
import pytest

from clients import OrthancClient, orthanc_ids
from shared_data import case_bytes, case_files, truth

pytestmark = pytest.mark.slow

VOLUMES = ["ct-head-phantom-5mm", "mr-axial-128", "mr-sagittal-oblique", "mr-double-oblique"]
SYNTAXES = ["mr-syntax-explicit", "mr-syntax-j2k", "mr-syntax-jpeg", "mr-syntax-jpegls", "mr-syntax-rle"]


def stored(client: OrthancClient, case: str) -> str:
    """Store a case and tell its series."""
    return client.store_series(case_bytes(case))


@pytest.mark.parametrize("case", [*VOLUMES, *SYNTAXES])
def test_slices_hold_the_true_voxels_in_the_true_order(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    count = real.get(f"/series/{series}/slices").json()["Count"]
    assert count == facts["shape"][0]
    slices = [real.get(f"/series/{series}/slices/{k}", format="npy").array() for k in range(count)]
    volume = np.stack(slices)
    assert {s.dtype.name for s in slices} == {facts["dtype"]}
    assert list(volume.shape) == facts["shape"]
    for k, row, column, value in facts["samples_slice_row_col_value"]:
        assert volume[k, row, column] == value
    little = np.ascontiguousarray(volume, volume.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == facts["sha256"]


@pytest.mark.parametrize("case", [*VOLUMES, *SYNTAXES])
def test_volume_is_where_the_truth_says(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    listed = real.get(f"/series/{series}/volumes").json()
    (volume,) = listed["Volumes"]
    assert (listed["Stacks"], listed["Others"]) == ([], [])
    assert listed["Modality"] == facts["modality"]
    assert volume["Shape"] == facts["shape"]
    assert volume["Spacing"][1:] == pytest.approx(facts["pixel_spacing_row_col"], rel=1e-6)
    assert volume["Spacing"][0] == pytest.approx(facts["gaps_min_max_mean"][2], abs=1e-4)
    assert volume["Positions"] == pytest.approx(facts["positions_along_normal"], abs=1e-3)
    assert volume["Origins"][0] == pytest.approx(facts["first_origin_lps"], abs=1e-3)
    assert volume["Origins"][-1] == pytest.approx(facts["last_origin_lps"], abs=1e-3)
    assert volume["Regular"] is facts["regular"]


@pytest.mark.parametrize("case", ["ct-head-phantom-5mm", "mr-sagittal-oblique", "mr-double-oblique"])
def test_slices_come_in_the_order_of_the_truths_files(real: OrthancClient, case: str) -> None:
    facts, series = truth(case), stored(real, case)
    ids = {path.name: orthanc_ids(path.read_bytes())["instances"] for path in case_files(case)}
    listed = real.get(f"/series/{series}/slices").json()["Slices"]
    assert [entry["Instance"] for entry in listed] == [ids[name] for name in facts["order"]]


def test_loaded_volume_tells_the_true_range(real: OrthancClient) -> None:
    facts, series = truth("ct-head-phantom-5mm"), stored(real, "ct-head-phantom-5mm")
    assert real.get(f"/series/{series}/mpr/coronal").status == 200
    (volume,) = real.get(f"/series/{series}/volumes").json()["Volumes"]
    assert volume["Range"] == [facts["min"], facts["max"]]
    assert volume["Type"] == facts["dtype"]


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_planes_of_the_head_have_the_patients_proportions(real: OrthancClient, plane: str) -> None:
    facts, series = truth("ct-head-phantom-5mm"), stored(real, "ct-head-phantom-5mm")
    shape = real.get(f"/series/{series}/mpr/{plane}").picture().shape
    spacing = facts["pixel_spacing_row_col"][0]
    height = 28 * 5.0 / spacing
    expected = (512, 512) if plane == "axial" else (int(np.ceil(height - 1e-6)), 512)
    assert shape == expected
