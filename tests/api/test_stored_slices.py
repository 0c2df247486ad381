"""GET /series/{id}/slices and /slices/{n}: the stored frames in display order."""

import numpy as np
import pytest
from pydicom.pixels import get_encoder
from pydicom.uid import UID, JPEG2000Lossless, JPEGLSLossless, RLELossless

from clients import Client, orthanc_ids
from phantoms import (
    AXIAL,
    Acquisition,
    compressed,
    image,
    multiframe,
    noise,
    store_pixels,
    without_geometry,
)
from refusals import assert_refused


def test_list_stands_in_the_volumes_order(client: Client) -> None:
    files = noise(AXIAL)
    series = client.store_series(reversed(files))
    listed = client.get(f"/series/{series}/slices").json()
    assert (listed["Series"], listed["Count"]) == (series, len(files))
    for k, (entry, file) in enumerate(zip(listed["Slices"], files, strict=True)):
        assert entry["Index"] == k
        assert entry["Instance"] == orthanc_ids(file)["instances"]
        assert entry["Position"] == pytest.approx([float(v) for v in file.ImagePositionPatient])
        assert (entry["Frame"], entry["Volume"], entry["Stack"]) == (0, 0, None)
        assert entry["Url"] == f"/series/{series}/slices/{k}"
        assert_is_of(client, entry)


def assert_is_of(client: Client, entry: dict) -> None:
    """The frame at the place of an entry of the list says that it is that one."""
    for query in ({}, {"format": "raw"}, {"width": 5, "format": "jpeg"}):
        told = client.get(entry["Url"], **query).told("Reslice-Plane")
        assert (told["Instance"], told["Frame"]) == (entry["Instance"], entry["Frame"])


def test_each_slice_holds_its_modality_values(client: Client) -> None:
    files = noise(AXIAL)
    series = client.store_series(files)
    for k, file in enumerate(files):
        values = client.get(f"/series/{series}/slices/{k}", format="npy").array()
        assert values.dtype == np.int16
        np.testing.assert_array_equal(values, file.pixel_array)


def test_rescale_of_each_frame_is_its_own(client: Client) -> None:
    files = noise(AXIAL)
    for k, file in enumerate(files):
        file.RescaleSlope, file.RescaleIntercept = str(k + 1), str(-k)
        store_pixels(file, file.pixel_array // 10)
    series = client.store_series(files)
    for k, file in enumerate(files):
        expected = file.pixel_array * (k + 1) - k
        stored = client.get(f"/series/{series}/slices/{k}", format="npy").array()
        cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=k).array()
        np.testing.assert_array_equal(stored, expected)
        np.testing.assert_array_equal(cut, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
def test_stored_types(client: Client, dtype: type) -> None:
    limits = np.iinfo(dtype)
    pixels = np.linspace(limits.min, limits.max, 63).astype(dtype).reshape(7, 9)
    files = noise(Acquisition(shape=(2, 7, 9)))
    for file in files:
        store_pixels(file, pixels)
    series = client.store_series(files)
    answer = client.get(f"/series/{series}/slices/1", format="npy")
    np.testing.assert_array_equal(answer.array(), pixels)
    assert answer.array().dtype == (np.float32 if dtype in (np.uint16, np.int16) else np.int16)


def test_twelve_of_sixteen_bits_with_rubbish_above(client: Client) -> None:
    file = noise(Acquisition(shape=(1, 4, 4)))[0]
    values = np.array([[-2048, -1, 0, 2047]] * 4, np.int16)
    store_pixels(file, (values & 0x0FFF) | 0x5000)
    file.BitsStored, file.HighBit, file.PixelRepresentation = 12, 11, 1
    series = client.store_series([file])
    np.testing.assert_array_equal(client.get(f"/series/{series}/slices/0", format="npy").array(), values)


def test_stacks_scroll(client: Client) -> None:
    uid = {"SeriesInstanceUID": "2.25.21", "StudyInstanceUID": "2.25.22"}
    pixels = np.random.default_rng(1).integers(0, 900, (4, 6, 7)).astype(np.int16)
    files = [without_geometry(frame, InstanceNumber=4 - k, **uid) for k, frame in enumerate(pixels)]
    series = client.store_series(files)
    listed = client.get(f"/series/{series}/slices").json()
    assert [(s["Volume"], s["Stack"], s["Position"]) for s in listed["Slices"]] == [(None, 0, None)] * 4
    shown = [client.get(f"/series/{series}/slices/{k}", format="npy").array() for k in range(4)]
    np.testing.assert_array_equal(shown, pixels[::-1])
    assert_refused(client.get(f"/series/{series}/mpr/axial"), 422, "no-geometry")


def test_frames_of_one_file(client: Client) -> None:
    frames = np.random.default_rng(2).integers(0, 60000, (5, 6, 7)).astype(np.uint16)
    series = client.store_series([multiframe(frames)])
    listed = client.get(f"/series/{series}/slices").json()["Slices"]
    assert [entry["Frame"] for entry in listed] == [0, 1, 2, 3, 4]
    for entry in listed:
        assert_is_of(client, entry)
    for k, frame in enumerate(frames):
        np.testing.assert_array_equal(client.get(f"/series/{series}/slices/{k}", format="npy").array(), frame)


def test_colour_is_shown_as_it_is(client: Client) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (6, 7, 3), np.uint8)
    series = client.store_series([image(pixels)])
    path = f"/series/{series}/slices/0"
    np.testing.assert_array_equal(client.get(path).picture(), pixels)
    np.testing.assert_array_equal(client.get(path, format="npy").array(), pixels)
    raw = client.get(path, format="raw")
    assert (raw.told("Reslice-Raw")["Type"], raw.told("Reslice-Raw")["Shape"]) == ("uint8", [6, 7, 3])
    assert raw.content == pixels.tobytes()


def test_planar_colour_is_reordered(client: Client) -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (6, 7, 3), np.uint8)
    file = image(pixels)
    file.PlanarConfiguration, file.PixelData = 1, pixels.transpose(2, 0, 1).tobytes()
    series = client.store_series([file])
    np.testing.assert_array_equal(client.get(f"/series/{series}/slices/0").picture(), pixels)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless], ids=lambda uid: uid.name)
def test_lossless_compression_changes_nothing(client: Client, syntax: UID) -> None:
    if not get_encoder(syntax).is_available:
        pytest.skip(f"no encoder for {syntax.name} on this Python")
    grid = Acquisition(shape=(4, 40, 50))
    files = [compressed(file, syntax) for file in noise(grid)]
    expected = np.stack([file.pixel_array for file in noise(grid)])
    series = client.store_series(files)
    for k in range(len(files)):
        answer = client.get(f"/series/{series}/slices/{k}", format="npy")
        np.testing.assert_array_equal(answer.array(), expected[k])
    cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=3).array()
    np.testing.assert_array_equal(cut, expected[3])


def test_compressed_frames_of_one_file(client: Client) -> None:
    frames = np.random.default_rng(5).integers(0, 4000, (4, 16, 16)).astype(np.uint16)
    series = client.store_series([compressed(multiframe(frames), RLELossless)])
    for k, frame in enumerate(frames):
        np.testing.assert_array_equal(client.get(f"/series/{series}/slices/{k}", format="npy").array(), frame)


def test_size_of_a_slice(client: Client) -> None:
    path = f"/series/{client.store_series(noise(AXIAL))}/slices/2"
    assert client.get(path).picture().shape == (10, 12)
    assert client.get(path, width=24).picture().shape == (20, 24)
    assert client.get(path, height=5).picture().shape == (5, 6)
    assert client.get(path, width=100, height=20).picture().shape == (20, 24)
    assert client.get(path, width=6, format="npy").array().shape == (5, 6)


def test_plane_of_a_stored_slice(client: Client) -> None:
    told = client.get(f"/series/{client.store_series(noise(AXIAL))}/slices/2").told("Reslice-Plane")
    assert told["Position"] == pytest.approx(list(AXIAL.slice_origin(2)))
    assert (told["Row"], told["Column"]) == ([1, 0, 0], [0, 1, 0])
    assert (told["Size"], told["Spacing"]) == ([10, 12], [1.0, 1.0])
    assert (told["Index"], told["Count"]) == (2, 8)
