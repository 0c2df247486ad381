"""A file that is damaged, or no image, beside healthy slices of its series: they are shown as ever."""

import io

import numpy as np
import pytest
from pydicom import dcmread

from cases import BY_FILE, expected_of_file, names, path_of
from clients import Client, InProcessClient
from phantoms import AXIAL, noise
from true_frames import completed

pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")  # pydicom says so of some of these files

STRANGERS = [(case, name) for case in ("corrupt", "non-image") for name in names(case)]
REFUSED = [name for name, expected in BY_FILE.items() if expected.refused_by_orthanc]
NAMED = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")


def family_of(stranger: bytes) -> dict[str, str] | None:
    """The identifiers that neighbours must have; None where the file has none that can be shared."""
    header = dcmread(io.BytesIO(stranger), stop_before_pixels=True, force=True)
    found = {keyword: str(header.get(keyword, "")) for keyword in NAMED}
    return found if found["StudyInstanceUID"] and found["SeriesInstanceUID"] and "SOPInstanceUID" in header else None


def assert_neighbours_are_shown(client: Client, stranger: bytes, series: str, expected: list[np.ndarray]) -> None:
    answer = client.get(f"/series/{series}/volumes").json()
    volume = next(v for v in answer["Volumes"] if v["Shape"] == list(AXIAL.shape))
    entries = client.get(f"/series/{series}/slices").json()["Slices"]
    own = [entry for entry in entries if entry["Volume"] == volume["Index"]]
    for entry, values in zip(own, expected, strict=True):
        np.testing.assert_array_equal(client.get(entry["Url"], format="npy").array(), values)
    for k in (0, 4, 7):
        cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=k, volume=volume["Index"])
        np.testing.assert_array_equal(cut.array(), expected[k])
    assert client.get(f"/series/{series}/thumbnail").status == 200


@pytest.mark.parametrize(("case", "name"), [pair for pair in STRANGERS if pair[1] not in REFUSED])
def test_stranger_hides_no_slices(client: Client, case: str, name: str) -> None:
    stranger = completed(path_of(case, name))
    family = family_of(stranger)
    assert family is not None
    files = noise(AXIAL, **family)
    series = client.store_series([*files[:3], stranger, *files[3:]])
    assert_neighbours_are_shown(client, stranger, series, [file.pixel_array for file in files])
    others = [other["Reason"] for other in client.get(f"/series/{series}/volumes").json()["Others"]]
    assert others == list(expected_of_file(case, name).others)


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_orthanc_refuses_hides_no_slices_either(in_process: InProcessClient, name: str) -> None:
    """It may lie in an archive that took it before, or that looks less closely."""
    stranger = path_of("corrupt", name).read_bytes()
    files = noise(AXIAL, **(family_of(stranger) or {}))  # one that names no series lies beside them in its own
    series = in_process.store_series([*files[:3], stranger, *files[3:]])
    assert_neighbours_are_shown(in_process, stranger, series, [file.pixel_array for file in files])
