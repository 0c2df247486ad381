"""Single real files against the truth: transfer syntaxes, and grey images out of the ordinary."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from clients import OrthancClient
from shared_data import case_files, truth

pytestmark = pytest.mark.slow

LOSSLESS = [
    "BigEndianExplicit",
    "DeflatedExplicitVRLittleEndian",
    "JPEG2000LosslessOnly",
    "JPEGLSLossless",
    "JPEGProcess14SV1",
    "JPEGProcess14",
    "LittleEndianExplicit",
    "LittleEndianImplicit",
    "RLELossless",
]
GREY = [
    "J2K_pixelrep_mismatch.dcm",
    "MR-SIEMENS-DICOM-WithOverlays.dcm",
    "OutOfBoundsOverlay.dcm",
    "RG3_J2KR.dcm",
    "dx_image.dcm",
    "vlut_04.dcm",
]


def only_slice(client: OrthancClient, case: str, name: str) -> NDArray[np.generic]:
    """The modality values of a file's only frame, the file alone in the server."""
    path = next(path for path in case_files(case) if path.name == name)
    answer = client.post("/instances", path.read_bytes())
    assert answer.status == 200, answer.content
    return client.get(f"/series/{answer.json()['ParentSeries']}/slices/0", format="npy").array()


def assert_stored_values_are_true(values: NDArray[np.generic], facts: dict) -> None:
    """Back through slope and intercept, the values are the stored ones, bit for bit."""
    slope, intercept = float(facts.get("RescaleSlope") or 1), float(facts.get("RescaleIntercept") or 0)
    stored = np.rint((values.astype(float) - intercept) / slope).astype(facts["pydicom_stored"]["dtype"])
    assert list(stored.shape) == facts["pydicom_stored"]["shape"]
    little = np.ascontiguousarray(stored, stored.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == facts["pydicom_stored"]["sha256"]


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_lossless_transfer_syntaxes(real: OrthancClient, syntax: str) -> None:
    facts = truth("ct-all-syntaxes")["files"]
    (name,) = (name for name in facts if name.startswith(f"ct-{syntax}TransferSyntax_"))
    assert_stored_values_are_true(only_slice(real, "ct-all-syntaxes", name), facts[name])


@pytest.mark.parametrize("name", GREY)
def test_grey_images(real: OrthancClient, name: str) -> None:
    facts = truth("gray-special")["files"][name]
    assert_stored_values_are_true(only_slice(real, "gray-special", name), facts)


@pytest.mark.parametrize(
    ("case", "name"),
    [("gray-special", "CR-MONO1-10-chest.dcm"), ("pet-single", "1.dcm"), ("pet-single", "2.dcm")],
)
def test_modality_values_are_those_of_simpleitk(real: OrthancClient, case: str, name: str) -> None:
    values, facts = only_slice(real, case, name), truth(case)["files"][name]
    oracle = facts["simpleitk_rescaled"]
    if facts["PhotometricInterpretation"] == "MONOCHROME1":
        values = 2 ** int(facts["BitsStored"]) - 1 - values  # ITK hands these out turned around
    assert list(values.shape) == oracle["shape"][1:]
    assert [values.min(), values.max()] == pytest.approx([oracle["min"], oracle["max"]], rel=1e-6)
    assert values.mean(dtype=float) == pytest.approx(oracle["mean"], rel=1e-6)


@pytest.mark.parametrize("name", ["1.dcm", "2.dcm"])
def test_pet_slope_of_the_file(real: OrthancClient, name: str) -> None:
    assert_stored_values_are_true(only_slice(real, "pet-single", name), truth("pet-single")["files"][name])
