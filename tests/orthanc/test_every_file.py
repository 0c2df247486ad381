"""Every file that is loaded on its own, through a real Orthanc: what it is told as, and each of its pixels."""

import io
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import generate_frames

from cases import (
    FILE_BY_FILE,
    GEOMETRY_WARNINGS,
    Expected,
    ExpectedVolume,
    expected_of_file,
    path_of,
    shown_files,
    single_files,
)
from clients import OrthancClient
from shared_data import case_files, truth
from true_frames import (
    completed,
    dataset,
    is_colour,
    is_shown_in_colour,
    little_endian_hash,
    modality_frames,
    rgb_frames,
    stored_frames,
)

pytestmark = pytest.mark.slow

LOSSY = {  # their decoders may round to another grey level
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.53",
    "1.2.840.10008.1.2.4.55",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
}
COLOUR_LEVELS = 2
JPEG_LEVELS = 3  # between pydicom's and Pillow's decoders of the same frame
JPEG_IN_COLOUR = ("IM00001.fragmented_no_bot_jpeg_baseline.50.dcm", "examples_ybr_color.dcm", "SC_rgb_jpeg_dcmtk.dcm")
EVERY_FILE = pytest.mark.parametrize(("case", "name"), single_files())
EVERY_IMAGE = pytest.mark.parametrize(("case", "name"), list(shown_files()))


def only_series(client: OrthancClient, case: str, name: str) -> str:
    """Store one file in the empty server."""
    answer = client.post("/instances", completed(path_of(case, name)))
    assert answer.status == 200, answer.content
    return answer.json()["ParentSeries"]


def test_every_file_has_an_expectation() -> None:
    for case in FILE_BY_FILE:
        assert {path.name for path in case_files(case)} == set(truth(case)["files"])
        for path in case_files(case):
            assert isinstance(expected_of_file(case, path.name), Expected)


@EVERY_IMAGE
def test_oracle_is_the_truth(case: str, name: str) -> None:
    """What the tests below compare with has the hash that truth.json gives."""
    path, facts = path_of(case, name), truth(case)["files"][name]
    if "sha256" in facts.get("pydicom_stored", {}):
        is_rgb = is_colour(path) and dataset(path).BitsAllocated == 8
        values = rgb_frames(path) if is_rgb else stored_frames(path)
        assert little_endian_hash(values) == facts["pydicom_stored"]["sha256"]
    else:
        rescaled, oracle = np.stack(modality_frames(path)), facts["simpleitk_rescaled"]
        if facts["PhotometricInterpretation"] == "MONOCHROME1":
            rescaled = 2 ** int(facts["BitsStored"]) - 1 - rescaled  # ITK hands these out turned around
        assert [rescaled.min(), rescaled.max()] == pytest.approx([oracle["min"], oracle["max"]])
        assert rescaled.mean() == pytest.approx(oracle["mean"])


@EVERY_FILE
def test_file_is_told_as_what_it_is(real: OrthancClient, case: str, name: str) -> None:
    expected = expected_of_file(case, name)
    answer = real.post("/instances", completed(path_of(case, name)))
    if expected.refused_by_orthanc:
        assert answer.status in (400, 404)
        return
    assert answer.status == 200, answer.content
    told = real.get(f"/series/{answer.json()['ParentSeries']}/volumes").json()
    assert [volume["Shape"] for volume in told["Volumes"]] == [volume.shape for volume in expected.volumes]
    assert [(stack["FrameCount"], stack["Reason"]) for stack in told["Stacks"]] == list(expected.stacks)
    assert [other["Reason"] for other in told["Others"]] == list(expected.others)
    assert all(entry["Details"] for entry in [*told["Stacks"], *told["Others"]])
    assert all(other["SOPClassUID"] == dataset(path_of(case, name)).SOPClassUID for other in told["Others"])


WITH_VOLUMES = [(case, name) for case, name in single_files() if expected_of_file(case, name).volumes]


@pytest.mark.parametrize(("case", "name"), WITH_VOLUMES)
def test_volumes_of_one_file_lie_where_its_frames_say(real: OrthancClient, case: str, name: str) -> None:
    series = only_series(real, case, name)
    told = real.get(f"/series/{series}/volumes").json()["Volumes"]
    for volume, expected in zip(told, expected_of_file(case, name).volumes, strict=True):
        assert_lies_as(volume, expected)
        assert expected.label in volume["Label"]
        if expected.label:
            assert "TemporalPosition" in volume["Label"]
        frames = [entry["Frame"] for entry in slices_of(real, series, volume["Index"])]
        assert frames == [frame for _, frame in expected.frames]


def assert_lies_as(volume: dict, expected: ExpectedVolume) -> None:
    """Spacing, first and last origin, regularity, unit; and no doubt about its geometry."""
    assert volume["Shape"] == expected.shape
    assert volume["Spacing"] == pytest.approx(expected.spacing, rel=1e-5)
    assert volume["Origins"][0] == pytest.approx(expected.first, abs=2e-3)
    assert volume["Origins"][-1] == pytest.approx(expected.last, abs=2e-3)
    assert (volume["Regular"], volume["Unit"]) == (True, expected.unit)
    assert {warning["Reason"] for warning in volume["Warnings"]} & GEOMETRY_WARNINGS == expected.warnings


def slices_of(client: OrthancClient, series: str, volume: int) -> list[dict]:
    listed = client.get(f"/series/{series}/slices").json()["Slices"]
    return [entry for entry in listed if entry["Volume"] == volume]


@pytest.mark.parametrize(("case", "name"), WITH_VOLUMES)
def test_each_slice_stands_where_its_own_frame_says(real: OrthancClient, case: str, name: str) -> None:
    """PlanePositionSequence of each frame; a dose grid by its offsets."""
    series, header = only_series(real, case, name), dataset(path_of(case, name))
    for entry in real.get(f"/series/{series}/slices").json()["Slices"]:
        if "GridFrameOffsetVector" in header:
            x, y, z = map(float, header.ImagePositionPatient)
            expected = [x, y, z + float(header.GridFrameOffsetVector[entry["Frame"]])]
        else:
            groups = header.PerFrameFunctionalGroupsSequence[entry["Frame"]]
            expected = [float(v) for v in groups.PlanePositionSequence[0].ImagePositionPatient]
        assert entry["Position"] == pytest.approx(expected, abs=2e-3)


@EVERY_IMAGE
def test_every_pixel_is_the_true_one(real: OrthancClient, case: str, name: str) -> None:
    if "JPEGLS" in name and find_spec("jpeg_ls") is None:
        pytest.skip("pyjpegls has no wheel for this Python")
    path, series = path_of(case, name), only_series(real, case, name)
    entries = real.get(f"/series/{series}/slices").json()["Slices"]
    frames = rgb_frames(path) if is_shown_in_colour(path) else modality_frames(path)
    assert sorted(entry["Frame"] for entry in entries) == list(range(len(frames)))
    for entry in entries:
        values = real.get(entry["Url"], format="npy").array()
        if is_shown_in_colour(path):
            assert_same_colours(
                values, frames[entry["Frame"]], JPEG_LEVELS if name in JPEG_IN_COLOUR else COLOUR_LEVELS
            )
        else:
            assert_same_values(values, frames[entry["Frame"]], grey_level_of(path.name, case))


def grey_level_of(name: str, case: str) -> float:
    """How much a decoder may differ: nothing, or for a lossy file one stored value, in modality units."""
    header = dataset(path_of(case, name))
    is_lossy = header.file_meta.TransferSyntaxUID in LOSSY
    return float(header.get("RescaleSlope", 1)) * 1.001 if is_lossy else 0.0


def assert_same_values(values: NDArray[np.generic], expected: NDArray[np.float64], tolerance: float) -> None:
    """Rounded once to float32; int16 where the whole frame is whole and small."""
    assert values.dtype in (np.int16, np.float32)
    assert values.shape == expected.shape
    if tolerance:
        assert np.abs(values.astype(float) - expected).max() <= tolerance
    else:
        np.testing.assert_array_equal(values.astype(np.float32), expected.astype(np.float32))


def assert_same_colours(values: NDArray[np.generic], expected: NDArray[np.uint8], levels: int = COLOUR_LEVELS) -> None:
    assert (values.dtype, values.shape) == (np.uint8, expected.shape)
    assert np.abs(values.astype(int) - expected).max() <= levels


@pytest.mark.parametrize("name", JPEG_IN_COLOUR)
def test_jpeg_has_the_colours_that_pillow_sees(real: OrthancClient, name: str) -> None:
    series, header = only_series(real, "color", name), dataset(path_of("color", name))
    count = int(header.get("NumberOfFrames", 1))
    for k, stream in enumerate(generate_frames(header.PixelData, number_of_frames=count)):
        with Image.open(io.BytesIO(stream)) as picture:
            expected = np.asarray(picture.convert("RGB"))
        assert_same_colours(real.get(f"/series/{series}/slices/{k}", format="npy").array(), expected)


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case, name in shown_files() if case in ("color", "corrupt") and "rgb" in name]
)
def test_pictures_show_the_same_colours(real: OrthancClient, case: str, name: str) -> None:
    series, expected = only_series(real, case, name), rgb_frames(path_of(case, name))
    for frame, colours in enumerate(expected):
        assert_same_colours(real.get(f"/series/{series}/slices/{frame}").picture(), colours)


@pytest.mark.parametrize("name", ["1.dcm", "2.dcm"])
def test_suv_of_a_pet_slice(real: OrthancClient, name: str) -> None:
    factor = truth("pet-single")["files"][name]["suv"]["suvbw_factor_using_series_time"]
    series = only_series(real, "pet-single", name)
    stored = real.get(f"/series/{series}/slices/0", format="npy").array()
    suv = real.get(f"/series/{series}/slices/0", format="npy", unit="suv").array()
    assert suv.dtype == np.float32
    (stack,) = real.get(f"/series/{series}/volumes").json()["Stacks"]
    assert stack["Suv"]["Unit"] == "g/ml"
    assert stack["Suv"]["Factor"] == pytest.approx(factor, rel=1e-6)
    np.testing.assert_allclose(suv, stored.astype(float) * factor, rtol=1e-5)
    raw = real.get(f"/series/{series}/slices/0", format="raw", unit="suv").told("Reslice-Raw")
    assert raw["Unit"] == "g/ml"


def test_units_of_a_pet_slice_are_those_of_its_header(real: OrthancClient) -> None:
    series = only_series(real, "pet-single", "1.dcm")
    assert real.get(f"/series/{series}/slices/0", format="raw").told("Reslice-Raw")["Unit"] == "Bq/ml"


def test_suv_of_anything_else_is_refused(real: OrthancClient) -> None:
    series = only_series(real, "non-image", "ct_image.dcm")
    answer = real.get(f"/series/{series}/slices/0", unit="suv")
    assert (answer.status, answer.json()["Reason"]) == (422, "suv-not-computable")
