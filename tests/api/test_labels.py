"""Edge labels of the stored frames: by direction cosines, by the file, or none."""

import numpy as np
import pytest

from clients import Client
from phantoms import ACQUISITIONS, noise, without_geometry
from shared_data import case_files

PIXELS = np.zeros((4, 5), np.uint8)


def entries(client: Client, files: list) -> list[dict]:
    return client.get(f"/series/{client.store_series(files)}/slices").json()["Slices"]


@pytest.mark.parametrize(
    ("name", "left", "right", "top", "bottom"),
    [
        ("axial", "R", "L", "A", "P"),
        ("axial-prone", "L", "R", "P", "A"),
        ("sagittal", "A", "P", "H", "F"),
        ("coronal-feet-up", "L", "R", "F", "H"),
        ("oblique", "R", "L", "AF", "PH"),
    ],
)
def test_labels_of_slices(client: Client, name: str, left: str, right: str, top: str, bottom: str) -> None:
    found = entries(client, noise(ACQUISITIONS[name]))
    assert [entry["Labels"] for entry in found] == [{"Left": left, "Right": right, "Top": top, "Bottom": bottom}] * len(
        found
    )


def test_labels_of_a_projection(client: Client) -> None:
    file = without_geometry(PIXELS, PatientOrientation=["L", "F"], ImageLaterality="R", ViewPosition="MLO")
    (entry,) = entries(client, [file])
    assert entry["Labels"] == {"Left": "R", "Right": "L", "Top": "H", "Bottom": "F"}
    assert (entry["Laterality"], entry["ViewPosition"]) == ("R", "MLO")


def test_what_is_not_told_is_null(client: Client) -> None:
    (entry,) = entries(client, [without_geometry(PIXELS)])
    assert (entry["Labels"], entry["Laterality"], entry["ViewPosition"]) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dx_image.dcm", ("R", "L", "H", "F", "L", None)),
        ("OutOfBoundsOverlay.dcm", ("L", "R", "A", "P", "L", "CC")),
        ("RG3_J2KR.dcm", ("L", "R", "H", "F", "R", "AP")),
        ("J2K_pixelrep_mismatch.dcm", ("R", "L", "AH", "PF", None, None)),
    ],
)
def test_real_files(client: Client, name: str, expected: tuple) -> None:
    (path,) = (p for p in case_files("gray-special") if p.name == name)
    (entry,) = entries(client, [path.read_bytes()])
    assert (*entry["Labels"].values(), entry["Laterality"], entry["ViewPosition"]) == expected
