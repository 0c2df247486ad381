"""The voxels of a volume: as they are, averaged, in grey, and what can't be had."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import Answer, Client, InProcessClient, orthanc_ids
from naive import display_values
from phantoms import AXIAL, Acquisition, noise
from refusals import assert_bad_parameter, assert_refused
from reslice.settings import Settings

GRID = Acquisition(shape=(5, 20, 34), spacing=(2.5, 0.5, 0.5), center=(10.0, -20.0, 30.0))
MEDIA_TYPES = {
    "raw": "application/octet-stream",
    "npy": "application/x-npy",
    "nifti": "application/x-nifti",
    "nrrd": "application/x-nrrd",
}
SUFFIXES = {"raw": "raw", "npy": "npy", "nifti": "nii", "nrrd": "nrrd"}


def stored(client: Client, files: Sequence[Dataset]) -> str:
    """Store one volume and tell where its voxels are."""
    return f"/series/{client.store_series(files)}/volumes/0/voxels"


def voxels_of(files: Sequence[Dataset]) -> np.ndarray:
    return np.stack([file.pixel_array for file in files])


def averaged(values: np.ndarray, factors: Sequence[int]) -> np.ndarray:
    """Box by box, NaN left out."""
    out = np.empty([math.ceil(n / f) for n, f in zip(values.shape, factors, strict=True)])
    for index in np.ndindex(out.shape):
        box = values[tuple(slice(i * f, i * f + f) for i, f in zip(index, factors, strict=True))]
        out[index] = np.nan if np.isnan(box).all() else np.nanmean(box)
    return out


def values_of(answer: Answer) -> np.ndarray:
    """A raw body by its header."""
    assert answer.status == 200, answer.content
    told = answer.told("Reslice-Raw")
    kind = {"int16": "<i2", "float32": "<f4", "uint8": "u1"}[told["Type"]]
    assert (told["Slope"], told["Intercept"]) == (1, 0)
    return np.frombuffer(answer.content, kind).reshape(told["Shape"])


def pet(client: Client) -> str:
    """PET of which SUV can be computed."""
    item = Dataset()
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = "3e8", "6586.2"
    item.RadiopharmaceuticalStartDateTime = "20240102110000"
    when = {
        "SeriesDate": "20240102",
        "SeriesTime": "110000",
        "AcquisitionDate": "20240102",
        "AcquisitionTime": "110000",
    }
    corrected = {"CorrectedImage": ["DECY", "ATTN"], "DecayCorrection": "START", "PatientWeight": "60"}
    tracer = {"RadiopharmaceuticalInformationSequence": [item], "RescaleType": None}
    return stored(client, noise(GRID, Modality="PT", Units="BQML", **when, **corrected, **tracer))


def test_native_voxels_are_the_volume(client: Client) -> None:
    files = noise(GRID)
    url = stored(client, files)
    npy, raw = client.get(url, format="npy"), client.get(url)
    assert npy.array().dtype == np.int16
    np.testing.assert_array_equal(npy.array(), voxels_of(files))
    np.testing.assert_array_equal(values_of(raw), voxels_of(files))
    np.testing.assert_array_equal(client.get(url, type="int16", format="npy").array(), voxels_of(files))
    told = raw.told("Reslice-Raw")
    assert (told["Type"], told["NoData"], told["Unit"]) == ("int16", -32768, "HU")
    np.testing.assert_allclose(told["Affine"], GRID.affine, atol=1e-6)
    volume = raw.told("Reslice-Volume")
    assert (volume["Shape"], volume["Factors"], volume["Regular"]) == ([5, 20, 34], [1, 1, 1], True)
    assert volume["Spacing"] == pytest.approx(GRID.spacing)
    assert raw.told("Reslice-Warnings") == []
    assert "Reslice-Window" not in raw.headers


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_format_decides_media_type_and_name(client: Client, name: str) -> None:
    url = stored(client, noise(GRID))
    answer = client.get(url, format=name, headers={"Accept": "image/gif"})
    assert (answer.status, answer.media_type) == (200, MEDIA_TYPES[name])
    series = url.split("/")[2]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{series}-volume-0.{SUFFIXES[name]}"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    by_accept = client.get(url, headers={"Accept": f"{MEDIA_TYPES[name]}, text/html;q=0.9"})
    assert by_accept.media_type == MEDIA_TYPES[name]
    assert by_accept.content == answer.content
    assert by_accept.headers["Vary"] == "Accept"


def test_accept_header(client: Client) -> None:
    url = stored(client, noise(GRID))
    for accept in ("*/*", "application/*", "", "text/html, */*;q=0.1"):
        assert client.get(url, headers={"Accept": accept}).media_type == MEDIA_TYPES["raw"], accept
    for accept in ("image/png", "text/*", "application/json"):
        body = assert_refused(client.get(url, headers={"Accept": accept}), 406, "not-acceptable")
        assert body["Allowed"] == list(MEDIA_TYPES.values())


def test_values_of_other_types_are_float32(client: Client) -> None:
    files = noise(GRID)
    for file in files:
        file.RescaleSlope = "0.5"
    url = stored(client, files)
    for form in ("raw", "npy"):
        answer = client.get(url, format=form)
        values = answer.array() if form == "npy" else values_of(answer)
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values, np.float32(voxels_of(files) * 0.5))
        assert answer.told("Reslice-Raw")["NoData"] == "NaN"
    assert_refused(client.get(url, type="int16"), 422, "not-whole-numbers")


def test_whole_numbers_are_had_as_int16_where_they_fit(client: Client) -> None:
    """Padding that no range of values tells makes a volume float32, though its values are whole."""
    files = noise(GRID, seed=3)
    for k, file in enumerate(files):
        file.RescaleIntercept, file.PixelPaddingValue = str(k), 7
    url = stored(client, files)
    native = client.get(url, format="npy").array()
    assert native.dtype == np.float32
    whole = client.get(url, format="npy", type="int16").array()
    assert whole.dtype == np.int16
    np.testing.assert_array_equal(whole, np.where(np.isnan(native), -32768, native))
    wide = noise(GRID, RescaleSlope="40")  # up to 120000
    assert_refused(client.get(stored(client, wide), type="int16"), 422, "not-whole-numbers")


@pytest.mark.parametrize(
    ("longest", "factors"), [(16, (1, 2, 3)), (17, (1, 2, 2)), (20, (1, 1, 2)), (34, (1, 1, 1)), (999999999, (1, 1, 1))]
)
def test_averages_are_those_of_the_boxes(client: Client, longest: int, factors: tuple[int, int, int]) -> None:
    files = noise(GRID)
    answer = client.get(stored(client, files), max_size=longest)
    expected = np.rint(averaged(voxels_of(files).astype(float), factors))
    np.testing.assert_array_equal(values_of(answer), expected)
    told = answer.told("Reslice-Volume")
    assert told["Factors"] == list(factors)
    assert max(told["Shape"]) <= longest
    assert told["Spacing"] == pytest.approx(np.array(GRID.spacing) * factors)
    shift = (np.array(factors) - 1) / 2
    np.testing.assert_allclose(np.array(told["Affine"])[:3, 3], (GRID.affine @ [*shift, 1])[:3], atol=1e-6)


def test_padding_and_damaged_slices_never_enter(client: Client) -> None:
    files = noise(Acquisition(shape=(36, 20, 34)))
    values = voxels_of(files).astype(float)
    for file in files:
        pixels = file.pixel_array.copy()
        pixels[:4, :5] = -2000
        pixels[7, 9] = -2000
        file.PixelData, file.PixelPaddingValue = pixels.tobytes(), -2000
    values[:, :4, :5] = values[:, 7, 9] = np.nan
    files[4].PixelData = files[4].PixelData[:100]
    values[4] = np.nan
    url = stored(client, files)
    np.testing.assert_array_equal(client.get(url, format="npy").array(), np.where(np.isnan(values), -32768, values))
    answer = client.get(url, format="npy", max_size=18)
    expected = averaged(values, (2, 2, 2))
    assert np.isnan(expected).any()
    np.testing.assert_array_equal(answer.array(), np.where(np.isnan(expected), -32768, np.rint(expected)))
    assert "damaged" in answer.headers["Reslice-Warnings"]


WINDOWS = [
    {"window_center": 500, "window_width": 2000},
    {"window_center": 500.5, "window_width": 800, "voi_function": "LINEAR_EXACT", "invert": "true"},
    {"window_center": 0, "window_width": 900, "voi_function": "SIGMOID"},
    {"preset": "bone"},
    {"preset": "auto"},
]


@pytest.mark.parametrize("query", WINDOWS, ids=[str(number) for number in range(len(WINDOWS))])
@pytest.mark.parametrize("longest", [None, 17])
def test_grey_is_the_window_of_the_averages(client: Client, query: dict, longest: int | None) -> None:
    files = noise(GRID)
    for file in files:
        pixels = file.pixel_array.copy()
        pixels[:4, :4] = -2000
        file.PixelData, file.PixelPaddingValue = pixels.tobytes(), -2000
    values = voxels_of(files).astype(float)
    values[:, :4, :4] = np.nan
    url, size = stored(client, files), {} if longest is None else {"max_size": longest}
    answer = client.get(url, type="uint8", **size, **query)
    grey, window = values_of(answer), answer.told("Reslice-Window")
    means = values if longest is None else np.rint(averaged(values, (1, 2, 2)))
    expected = display_values(np.nan_to_num(means), window["Center"], window["Width"], window["Function"])
    expected = 255 - expected if window["Invert"] else expected
    data = ~np.isnan(means)
    assert np.abs(grey.astype(float) - expected)[data].max() <= 0.51
    assert (grey[~data] == 0).all()
    assert (~data).any()
    assert window["Invert"] is ("invert" in query)
    told = answer.told("Reslice-Raw")
    assert (told["Type"], told["NoData"], told["Unit"]) == ("uint8", 0, "1")
    again = client.get(url, type="uint8", **size, **query)
    assert again.content == answer.content
    np.testing.assert_array_equal(client.get(url, type="uint8", format="npy", **size, **query).array(), grey)


def test_grey_copies_differ_by_all_that_decides_them(client: Client) -> None:
    """They are kept: none may be taken for another."""
    url = stored(client, noise(GRID))
    window = {"type": "uint8", "window_center": 0, "window_width": 900}
    asked = [
        {"max_size": 17, **window},
        {"max_size": 16, **window},
        {"max_size": 17, **window, "window_center": 100},
        {"max_size": 17, **window, "invert": "true"},
        {"max_size": 17, **window, "voi_function": "SIGMOID"},
        {"max_size": 17, "type": "uint8", "preset": "bone"},
    ]
    first = [client.get(url, **query).content for query in asked]
    assert len(set(first)) == len(asked)
    assert [client.get(url, **query).content for query in asked] == first


def test_grey_copies_follow_their_files(client: Client) -> None:
    files = noise(Acquisition(shape=(6, 20, 34)))
    url = stored(client, files)
    query = {"type": "uint8", "max_size": 17, "window_center": 500, "window_width": 2000, "format": "npy"}
    assert len(client.get(url, **query).array()) == 6
    client.remove(orthanc_ids(files[0])["instances"])
    assert len(client.get(url, **query).array()) == 5


def test_uptake(client: Client) -> None:
    url = pet(client)
    stored_values, suv = (client.get(url, format="npy", unit=unit) for unit in ("stored", "suv"))
    factor = 60_000 / 3e8
    assert suv.told("Reslice-Raw")["Unit"] == "g/ml"
    assert suv.array().dtype == np.float32
    np.testing.assert_allclose(suv.array(), stored_values.array() * factor, rtol=1e-6)
    grey = client.get(url, format="npy", unit="suv", type="uint8", window_center=0.2, window_width=0.4).array()
    expected = display_values(suv.array(), 0.2, 0.4, "LINEAR_EXACT")
    assert np.abs(grey - expected).max() <= 0.51
    small = client.get(url, format="npy", unit="suv", max_size=17).array()
    mean = np.rint(averaged(stored_values.array().astype(float), (1, 2, 2)))
    np.testing.assert_allclose(small, mean * factor, rtol=1e-6)
    assert_bad_parameter(client.get(url, unit="suv", type="int16"), "type", "conflicting-parameters")
    assert_refused(client.get(stored(client, noise(GRID)), unit="suv"), 422, "suv-not-computable")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("max_size", value) for value in ("0", "15", "-3", "1e9", "1000000000", "64.5", "x", "")),
        *(("format", value) for value in ("png", "nii", "NIFTI", "", "raw,npy")),
        *(("type", value) for value in ("uint16", "float32", "", "INT16")),
        *(("unit", value) for value in ("hu", "")),
        *(("gaps", value) for value in ("fill", "")),
        *(("resample", value) for value in ("yes", "2", "")),
        *(("window_width", value) for value in ("0", "nan")),
        ("invert", "maybe"),
    ],
)
def test_bad_parameters(client: Client, name: str, value: str) -> None:
    url = stored(client, noise(AXIAL))
    assert_bad_parameter(client.get(url, **{name: value}), name.replace("_", "-"))


def test_contradictions_and_unknown_parameters(client: Client) -> None:
    url, conflict = stored(client, noise(AXIAL)), "conflicting-parameters"
    assert_bad_parameter(client.get(url, gaps="interpolate"), "gaps", conflict)
    assert_bad_parameter(client.get(url, type="uint8", window_center=3), "window-width", conflict)
    assert_bad_parameter(client.get(url, preset="bone", window_center=3, window_width=9), "preset", conflict)
    assert_bad_parameter(client.get(url, type="uint8", preset="nothing"), "preset")
    for name in ("width", "volume", "size", "quality", "max_sise"):
        assert_bad_parameter(client.get(url, **{name: 20}), name.replace("_", "-"), "unknown-parameter")


@pytest.mark.parametrize("k", ["1", "7", "-1", "x", "1.0", "9999999999", "%C2%B2"])
def test_unknown_volumes(client: Client, k: str) -> None:
    url = stored(client, noise(AXIAL)).replace("/0/", f"/{k}/")
    assert_refused(client.get(url), 404, "unknown-volume")


def test_series_that_form_no_volume(client: Client) -> None:
    assert_refused(client.get(stored(client, noise(AXIAL)[:1])), 422, "single-frame")
    assert_refused(client.get("/series/nothing/volumes/0/voxels"), 404, "unknown-resource")


def test_each_of_two_volumes_is_had_by_its_number(client: Client) -> None:
    first, second = noise(GRID, seed=1), noise(Acquisition(shape=(4, 16, 16)), seed=2)
    for file in second:
        for keyword in ("SeriesInstanceUID", "StudyInstanceUID"):
            setattr(file, keyword, getattr(first[0], keyword))
    series = client.store_series([*first, *second])
    found = [client.get(f"/series/{series}/volumes/{k}/voxels", format="npy") for k in (0, 1)]
    assert {answer.array().shape for answer in found} == {(5, 20, 34), (4, 16, 16)}
    listed = client.get(f"/series/{series}/volumes").json()["Volumes"]
    for answer, volume in zip(found, listed, strict=True):
        assert answer.told("Reslice-Volume")["Index"] == volume["Index"]
        np.testing.assert_array_equal(answer.told("Reslice-Volume")["Affine"], volume["Affine"])
        expected = next(files for files in (first, second) if files[0].Rows == volume["Shape"][1])
        np.testing.assert_array_equal(answer.array(), voxels_of(expected))


def test_revalidation(client: Client) -> None:
    files = noise(GRID)
    url = stored(client, files)
    asked = [{}, {"format": "npy"}, {"max_size": 17}, {"type": "uint8"}, {"format": "nifti"}, {"resample": "true"}]
    answers = [client.get(url, **query) for query in asked]
    tags = [answer.headers["ETag"] for answer in answers]
    assert len(set(tags)) == len(tags)
    for query, tag in zip(asked, tags, strict=True):
        again = client.get(url, headers={"If-None-Match": tag}, **query)
        assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
    client.remove(orthanc_ids(files[0])["instances"])
    assert client.get(url, headers={"If-None-Match": tags[0]}).status == 200


def test_too_large_an_answer_is_refused_and_a_smaller_one_made() -> None:
    client = InProcessClient(Settings(largest_answer_megabytes=1))
    url = stored(client, noise(Acquisition(shape=(3, 512, 512))))  # 1.5 MiB
    for form in MEDIA_TYPES:
        body = assert_refused(client.get(url, format=form), 413, "too-large")
        assert (body["SizeBytes"], body["LimitBytes"]) == (3 * 512 * 512 * 2, 1 << 20)
        assert "max-size" in body["Details"]
        assert client.get(url, format=form, max_size=256).status == 200
    assert client.get(url, type="uint8").status == 200


def test_slices_made_by_resampling_count_too() -> None:
    """Even where the answer itself is small."""
    client = InProcessClient(Settings(largest_answer_megabytes=1))
    files = noise(Acquisition(shape=(4, 256, 256), spacing=(5.0, 1.0, 1.0)))
    files[1].ImagePositionPatient[2] = float(files[0].ImagePositionPatient[2]) + 0.5
    url = stored(client, files)
    assert_refused(client.get(url, resample="true", max_size=16), 413, "too-large")


def test_nifti_has_shorter_sides_than_dicom() -> None:
    client = InProcessClient()
    url = stored(client, noise(Acquisition(shape=(2, 1, 33000))))
    assert_refused(client.get(url, format="nifti"), 413, "too-large", Size=33000, Limit=32767)
    assert client.get(url, format="nrrd").status == 200
    assert client.get(url, format="nifti", max_size=32767).status == 200
