"""What comes first: the request, a preset, the image's own windows, its table, the automatic window."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from clients import Client, orthanc_ids
from naive import display_values
from phantoms import Acquisition, noise, store_pixels, without_geometry
from refusals import assert_bad_parameter
from shared_data import case_files

SMALL = Acquisition(shape=(3, 12, 16), spacing=(2.0, 1.0, 1.0))
STEPS = 16 * np.arange(256)
"""A table that brightens from 0 to 255, and is flat beyond."""


def with_table(files: list[Dataset], **attributes: object) -> list[Dataset]:
    """Slices that are shown through a table of their own."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [256, 100, 12])
    item.add_new("LUTData", "US", STEPS.tolist())
    item.LUTExplanation = "STEPS"
    for file in files:
        file.VOILUTSequence = Sequence([item])
        for keyword, value in attributes.items():
            setattr(file, keyword, value)
    return files


def through_table(values: np.ndarray, invert: bool = False) -> np.ndarray:
    """Looked up by hand."""
    greys = STEPS[np.clip(values - 100, 0, 255)] / 4095 * 255
    return 255 - greys if invert else greys


def assert_near(shown: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(shown.astype(float) - expected).max() <= 0.51
    assert len(np.unique(shown)) > 1


@pytest.mark.parametrize("route", ["slices/1", "mpr/axial", "mpr/coronal"])
def test_a_table_is_used_where_there_is_no_window(client: Client, route: str) -> None:
    path = f"/series/{client.store_series(with_table(noise(SMALL)))}/{route}"
    values = np.rint(client.get(path, format="npy").array()).astype(int)
    answer = client.get(path)
    assert_near(answer.picture(), through_table(values))
    told = answer.told("Reslice-Window")
    assert (told["Source"], told["Invert"]) == ("dicom-voi-lut", False)
    assert "Explanation" not in told, "free text isn't for headers"
    assert (told["Center"], told["Width"], told["Function"]) == (227.5, 255, "LINEAR_EXACT")
    assert_near(client.get(path, invert="true").picture(), through_table(values, invert=True))


@pytest.mark.parametrize("route", ["slices/1", "mpr/axial"])
def test_a_window_comes_before_the_table_which_is_a_preset(client: Client, route: str) -> None:
    files = with_table(noise(SMALL), WindowCenter=[1000, 40], WindowWidth=[3000, 80])
    path = f"/series/{client.store_series(files)}/{route}"
    values = client.get(path, format="npy").array()
    assert_near(client.get(path).picture(), display_values(values, 1000, 3000))
    assert_near(client.get(path, preset="voi-lut").picture(), through_table(values.astype(int)))
    assert_near(client.get(path, preset="dicom-2").picture(), display_values(values, 40, 80))
    assert client.get(path, preset="dicom-2").told("Reslice-Window")["Source"] == "preset-dicom-2"
    explicit = client.get(path, preset="dicom-1", invert="true").picture()
    assert_near(explicit, 255 - display_values(values, 1000, 3000))


def test_presets_are_listed(client: Client) -> None:
    files = with_table(noise(SMALL), WindowCenter=[1000, 40], WindowWidth=[3000, 80])
    for file in files:
        file.WindowCenterWidthExplanation = ["WIDE", "NARROW"]
    (volume,) = client.get(f"/series/{client.store_series(files)}/volumes").json()["Volumes"]
    presets = {preset["Name"]: preset for preset in volume["Presets"]}
    assert presets.keys() >= {"bone", "lung", "dicom-1", "dicom-2", "voi-lut"}
    assert presets["dicom-2"] == {
        "Name": "dicom-2",
        "Center": 40,
        "Width": 80,
        "Function": "LINEAR",
        "Explanation": "NARROW",
    }
    assert presets["voi-lut"]["Explanation"] == "STEPS"
    assert (presets["bone"]["Center"], presets["bone"]["Width"]) == (350, 2000)
    assert (volume["Window"]["Center"], volume["Window"]["Explanation"]) == (1000, "WIDE")


def test_unknown_presets_name_those_of_the_image(client: Client) -> None:
    path = f"/series/{client.store_series(with_table(noise(SMALL)))}/slices/0"
    body = assert_bad_parameter(client.get(path, preset="dicom-1"), "preset")
    assert {"bone", "voi-lut", "auto"} <= set(body["Allowed"])
    assert "dicom-1" not in body["Allowed"]


def test_explicit_window_beats_the_table(client: Client) -> None:
    path = f"/series/{client.store_series(with_table(noise(SMALL)))}/slices/0"
    values = client.get(path, format="npy").array()
    assert_near(client.get(path, window_center=500, window_width=999).picture(), display_values(values, 500, 999))
    assert_bad_parameter(client.get(path, voi_function="SIGMOID"), "voi-function", "conflicting-parameters")


@pytest.mark.parametrize(
    "attributes",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    ],
    ids=str,
)
def test_tables_are_inverted_once(client: Client, attributes: dict[str, str]) -> None:
    files = with_table(noise(SMALL), **attributes)
    path = f"/series/{client.store_series(files)}"
    values = client.get(f"{path}/slices/0", format="npy").array().astype(int)
    assert_near(client.get(f"{path}/slices/0").picture(), through_table(values, invert=True))
    assert client.get(f"{path}/slices/0").told("Reslice-Window")["Invert"] is True
    assert_near(client.get(f"{path}/slices/0", invert="true").picture(), through_table(values))
    instance = orthanc_ids(files[0])["instances"]
    small = client.get(f"/instances/{instance}/thumbnail", size=16).picture()
    assert_near(small, through_table(values, invert=True))


@pytest.mark.parametrize("slope", ["0.01", "0.001"])
@pytest.mark.parametrize("route", ["slices/1", "mpr/axial"])
def test_windows_of_stored_values_are_mapped(client: Client, slope: str, route: str) -> None:
    files = noise(SMALL, Modality="MR", RescaleType=None, RescaleSlope=slope, RescaleIntercept="3")
    rng = np.random.default_rng(5)
    for file in files:
        store_pixels(file, rng.integers(0, 4096, SMALL.shape[1:]).astype(np.uint16))
        file.BitsStored, file.HighBit, file.WindowCenter, file.WindowWidth = 12, 11, 2000, 1800
    series = client.store_series(files)
    answer = client.get(f"/series/{series}/{route}")
    told = answer.told("Reslice-Window")
    assert told["Source"] == "dicom-stored"
    assert told["Center"] == pytest.approx(2000 * float(slope) + 3)
    assert told["Width"] == pytest.approx(1800 * float(slope))
    assert [w["Reason"] for w in answer.told("Reslice-Warnings")] == ["dicom-stored-window"]
    expected = display_values(files[1].pixel_array.astype(float), 2000, 1800, "LINEAR_EXACT")
    assert_near(answer.picture(), expected)
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert volume["Window"]["Source"] == "dicom-stored"
    assert "dicom-stored-window" in {w["Reason"] for w in volume["Warnings"]}


def test_suv_presets_are_not_for_becquerels(client: Client) -> None:
    files = noise(SMALL, Modality="PT", Units="BQML", RescaleType=None)
    series = client.store_series(files)
    body = assert_bad_parameter(client.get(f"/series/{series}/slices/0", preset="suv-5"), "preset")
    assert body["Allowed"] == ["auto"]
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert volume["Presets"] == []


def real(client: Client, name: str) -> str:
    (path,) = (p for p in case_files("gray-special") if p.name == name)
    return f"/series/{client.store_series([path.read_bytes()])}/slices/0"


def test_a_real_table(client: Client) -> None:
    """It spreads 8 bits over 16, in a straight line: so the picture is the stored one."""
    path = real(client, "vlut_04.dcm")
    np.testing.assert_array_equal(client.get(path).picture(), client.get(path, format="npy").array())


def test_a_real_second_window(client: Client) -> None:
    path = real(client, "MR-SIEMENS-DICOM-WithOverlays.dcm")
    values = client.get(path, format="npy").array()
    assert_near(client.get(path).picture(), display_values(values, 450, 790))
    assert_near(client.get(path, preset="dicom-2").picture(), display_values(values, 200, 443))
    assert client.get(path, preset="dicom-2").told("Reslice-Window")["Source"] == "preset-dicom-2"


def test_a_frame_without_geometry_has_its_own_presets(client: Client) -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    file = without_geometry(pixels, WindowCenter=[10, 20], WindowWidth=[5, 9])
    path = f"/series/{client.store_series([file])}/slices/0"
    assert client.get(path, preset="dicom-2").told("Reslice-Window")["Center"] == 20
