"""Files whose bytes contradict their headers: refused with a reason; the rest of the series lives."""

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from clients import Client
from phantoms import AXIAL, compressed, file_of, noise
from refusals import assert_refused


def shortened(dataset: Dataset) -> Dataset:
    """Half of the pixels are missing."""
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 4 * 2]
    return dataset


def cut_off(dataset: Dataset) -> bytes:
    """The file ends in the middle of the pixels, as after a broken transfer."""
    return file_of(dataset)[:-100]


def without_pixels(dataset: Dataset) -> Dataset:
    """The header of an image, without one."""
    del dataset.PixelData
    return dataset


def rubbish_codestream(dataset: Dataset, syntax: str) -> Dataset:
    """Encapsulated pixels that no decoder can read."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([b"rubbish!" * 20])
    dataset["PixelData"].VR = "OB"
    return dataset


def test_slice_with_too_few_pixels(client: Client) -> None:
    files = noise(AXIAL)
    expected = [file.pixel_array for file in files]
    series = client.store_series([*files[:3], shortened(files[3]), *files[4:]])
    assert_only_slice_3_is_missing(client, series, expected)


def test_slice_whose_file_ends_too_early(in_process: Client) -> None:
    """Orthanc refuses such an upload; it can still happen to its storage (tests/orthanc)."""
    files = noise(AXIAL)
    expected = [file.pixel_array for file in files]
    series = in_process.store_series([*files[:3], cut_off(files[3]), *files[4:]])
    assert_only_slice_3_is_missing(in_process, series, expected)


def assert_only_slice_3_is_missing(client: Client, series: str, expected: list[NDArray[np.int16]]) -> None:
    """It is told, and the others are shown as ever."""
    assert client.get(f"/series/{series}/slices").json()["Count"] == len(expected)
    assert_refused(client.get(f"/series/{series}/slices/3"), 422, "damaged")
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert "damaged" in {warning["Reason"] for warning in volume["Warnings"]}
    for k in (0, 2, 4, 7):
        stored = client.get(f"/series/{series}/slices/{k}", format="npy")
        cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=k)
        np.testing.assert_array_equal(stored.array(), expected[k])
        np.testing.assert_array_equal(cut.array(), expected[k])
        assert "damaged" in cut.headers["Reslice-Warnings"]
    assert np.isnan(client.get(f"/series/{series}/mpr/axial", format="npy", index=3).array()).all()
    assert client.get(f"/series/{series}/thumbnail").status == 200


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGBaseline8Bit])
def test_codestream_of_rubbish(client: Client, syntax: str) -> None:
    series = client.store_series([rubbish_codestream(noise(AXIAL)[0], syntax)])
    answer = client.get(f"/series/{series}/slices/0")
    assert (answer.status, answer.json()["Reason"]) in {(422, "damaged"), (415, "undecodable")}
    assert_refused(answer, answer.status, answer.json()["Reason"])


def test_transfer_syntax_that_nobody_knows(client: Client) -> None:
    series = client.store_series([rubbish_codestream(noise(AXIAL)[0], "1.2.840.10008.1.2.4.100")])
    assert_refused(client.get(f"/series/{series}/slices/0"), 415, "undecodable")


def test_image_without_pixels(client: Client) -> None:
    series = client.store_series([without_pixels(noise(AXIAL)[0])])
    answer = client.get(f"/series/{series}/slices/0")
    assert answer.status in (404, 422)
    assert client.get(f"/series/{series}/volumes").status == 200


@pytest.mark.parametrize(
    "attributes",
    [
        {"Rows": None},
        {"Rows": 0},
        {"Columns": 65535},
        {"BitsAllocated": 24},
        {"BitsAllocated": 16, "BitsStored": 40},
        {"SamplesPerPixel": 0},
        {"SamplesPerPixel": 7},
        {"PhotometricInterpretation": "NONSENSE"},
        {"PixelSpacing": [0, 0]},
        {"PixelSpacing": [1e-30, 1e-30]},
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
        {"ImageOrientationPatient": None},
        {"ImagePositionPatient": None},
        {"RescaleSlope": 0},
        {"RescaleSlope": "1e300"},
        {"WindowWidth": -5, "WindowCenter": 3},
        {"WindowWidth": 0, "WindowCenter": 3},
        {"WindowCenter": 40},
        {"WindowWidth": "", "WindowCenter": ""},
        {"NumberOfFrames": 0},
        {"NumberOfFrames": -3},
        {"NumberOfFrames": 1000},
        {"NumberOfFrames": 2147483647},
    ],
    ids=str,
)
def test_absurd_attributes_are_refused_or_survived(client: Client, attributes: dict) -> None:
    files = noise(AXIAL, **attributes)
    series = client.store_series(files)
    for route in ("volumes", "slices", "slices/0", "mpr/axial", "mpr/coronal?width=16", "thumbnail"):
        answer = client.get(f"/series/{series}/{route}")
        assert answer.status in (200, 404, 413, 415, 422), (route, answer.content)
        if answer.status != 200:
            assert_refused(answer, answer.status, answer.json()["Reason"])


@pytest.mark.parametrize("text", ["abc", "1\\2\\3\\4", "nan\\nan\\nan", "1e400\\0\\0", ""])
def test_texts_where_numbers_belong(client: Client, text: str) -> None:
    files = noise(AXIAL)
    position = "\\".join(value.original_string for value in files[0].ImagePositionPatient).encode()
    contents = [file_of(file) for file in files]
    assert position in contents[0]
    series = client.store_series([contents[0].replace(position, text.encode().ljust(len(position))), *contents[1:]])
    for route in ("volumes", "slices", "slices/0", "mpr/axial", "thumbnail"):
        answer = client.get(f"/series/{series}/{route}")
        assert answer.status in (200, 404, 422), (route, answer.content)


def test_broken_codestream_does_not_hide_the_other_slices(client: Client) -> None:
    expected = [file.pixel_array for file in noise(AXIAL)]
    files = [compressed(file, RLELossless) for file in noise(AXIAL)]
    files[2].PixelData = encapsulate([b"\x01\0\0\0" + b"\x40\0\0\0" + b"\0" * 60])
    series = client.store_series(files)
    broken = client.get(f"/series/{series}/slices/2")
    assert_refused(broken, broken.status, broken.json()["Reason"])
    assert broken.status in (415, 422)
    assert client.get(f"/series/{series}/slices/1").status == 200
    cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=5)
    np.testing.assert_array_equal(cut.array(), expected[5])
    assert "damaged" in cut.headers["Reslice-Warnings"]
    assert np.isnan(client.get(f"/series/{series}/mpr/axial", format="npy", index=2).array()).all()


def test_run_lengths_beyond_the_frame(client: Client) -> None:
    """The decoder, written in Rust, panics: that is no ordinary Exception of Python's."""
    expected = [file.pixel_array for file in noise(AXIAL)]
    files = [compressed(file, RLELossless) for file in noise(AXIAL)]
    run = b"\x81\x01"  # 128 times the value 1, eight times as much as there is room for
    header = np.array([2, 64, 64 + 8 * len(run)] + [0] * 13, "<u4").tobytes()
    files[2].PixelData = encapsulate([header + 16 * run])
    series = client.store_series(files)
    assert_refused(client.get(f"/series/{series}/slices/2"), 422, "damaged")
    cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=5)
    np.testing.assert_array_equal(cut.array(), expected[5])
