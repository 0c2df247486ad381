"""Overlays and shutters on stored frames, when they are asked for."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from clients import Client
from phantoms import Acquisition, image, multiframe, noise, without_geometry
from refusals import assert_bad_parameter
from shared_data import case_files

GREY = np.full((10, 14), 100, np.uint8)
WINDOW = {"window_center": 128, "window_width": 256}


def with_overlay(file: Dataset, bits: np.ndarray, origin: tuple[int, int] = (1, 1), group: int = 0x6000) -> Dataset:
    """A plane of bits over an image."""
    file.add_new((group, 0x0010), "US", bits.shape[0])
    file.add_new((group, 0x0011), "US", bits.shape[1])
    file.add_new((group, 0x0040), "CS", "G")
    file.add_new((group, 0x0050), "SS", list(origin))
    file.add_new((group, 0x0100), "US", 1)
    file.add_new((group, 0x0102), "US", 0)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    file.add_new((group, 0x3000), "OW", packed + b"\0" * (len(packed) % 2))
    return file


def frame(rows: int, columns: int) -> np.ndarray:
    """The outline of a rectangle."""
    bits = np.ones((rows, columns), np.bool_)
    bits[1:-1, 1:-1] = False
    return bits


def stored(client: Client, file: Dataset) -> str:
    return f"/series/{client.store_series([file])}/slices/0"


def test_overlays_are_drawn_on_demand(client: Client) -> None:
    path = stored(client, with_overlay(without_geometry(GREY), frame(4, 5), (3, 2)))
    plain = client.get(path, **WINDOW).picture()
    drawn = client.get(path, overlays="true", **WINDOW).picture()
    expected = plain.copy()
    expected[2:6, 1:6][frame(4, 5)] = 255
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(client.get(path, overlays="false", **WINDOW).picture(), plain)
    assert client.get(path, **WINDOW).headers["ETag"] != client.get(path, overlays="1", **WINDOW).headers["ETag"]


def test_numbers_have_no_overlays(client: Client) -> None:
    path = stored(client, with_overlay(without_geometry(GREY), frame(4, 5)))
    np.testing.assert_array_equal(client.get(path, overlays="true", shutter="true", format="npy").array(), GREY)


def test_overlays_of_a_slice_of_a_volume(client: Client) -> None:
    """From the voxels in memory too, and on pixels made square."""
    files = noise(Acquisition(shape=(3, 10, 14), spacing=(2.0, 2.0, 1.0)))
    with_overlay(files[1], frame(10, 14))
    series = client.store_series(files)
    client.get(f"/series/{series}/mpr/axial")
    plain, drawn = (client.get(f"/series/{series}/slices/1", overlays=flag).picture() for flag in ("false", "true"))
    assert plain.shape == drawn.shape == (20, 14)
    np.testing.assert_array_equal(drawn[4:-4, 2:-2], plain[4:-4, 2:-2])
    assert (drawn[:, 0] == 255).all()
    assert (drawn[:, -1] == 255).all()
    assert (drawn[0] == 255).all()


def test_overlays_on_colour(client: Client) -> None:
    pixels = np.full((10, 14, 3), (10, 100, 50), np.uint8)
    path = stored(client, with_overlay(image(pixels), frame(4, 5)))
    drawn = client.get(path, overlays="true").picture()
    assert drawn[0, 0].tolist() == [255, 255, 255]
    assert drawn[1, 1].tolist() == [10, 100, 50]


def test_an_overlay_of_one_frame(client: Client) -> None:
    file = with_overlay(multiframe(np.stack([GREY] * 3)), frame(10, 14))
    file.add_new((0x6000, 0x0015), "IS", 1)
    file.add_new((0x6000, 0x0051), "US", 2)
    series = client.store_series([file])
    greatest = [client.get(f"/series/{series}/slices/{k}", overlays="true", **WINDOW).picture().max() for k in range(3)]
    assert greatest == [100, 255, 100]


def test_image_without_overlays_is_simply_the_image(client: Client) -> None:
    path = stored(client, without_geometry(GREY))
    plain, asked = client.get(path, **WINDOW), client.get(path, overlays="true", shutter="true", **WINDOW)
    assert asked.content == plain.content
    assert asked.told("Reslice-Warnings") == []


def test_damaged_overlays_are_told(client: Client) -> None:
    file = with_overlay(without_geometry(GREY), frame(4, 5))
    file[0x6000, 0x0010].value = 60000
    answer = client.get(stored(client, with_overlay(file, frame(10, 14), group=0x6002)), overlays="true", **WINDOW)
    assert [w["Reason"] for w in answer.told("Reslice-Warnings")] == ["damaged-overlay"]
    assert answer.picture()[9, 13] == 255, "the other one is drawn"


@pytest.mark.parametrize("name", ["overlays", "shutter"])
def test_flags(client: Client, name: str) -> None:
    path = stored(client, without_geometry(GREY))
    assert_bad_parameter(client.get(path, **{name: "yes"}), name)
    assert_bad_parameter(client.get(path.replace("slices/0", "mpr/axial"), **{name: "true"}), name, "unknown-parameter")


def test_shutter_is_closed_on_demand(client: Client) -> None:
    file = without_geometry(GREY, ShutterShape="RECTANGULAR", ShutterPresentationValue=65535)
    file.ShutterUpperHorizontalEdge, file.ShutterLowerHorizontalEdge = 3, 8
    file.ShutterLeftVerticalEdge, file.ShutterRightVerticalEdge = 4, 12
    path = stored(client, file)
    assert (client.get(path, **WINDOW).picture() == 100).all()
    for query in ({}, {"invert": "true"}):
        shown = client.get(path, shutter="true", **WINDOW, **query).picture()
        inside = shown[2:8, 3:12]
        assert (inside == (155 if query else 100)).all()
        assert (shown == 255).sum() == 10 * 14 - inside.size, "the level is what is seen, inverted or not"


def test_overlays_lie_above_the_shutter(client: Client) -> None:
    file = without_geometry(GREY, ShutterShape="CIRCULAR", CenterOfCircularShutter=[5, 7], RadiusOfCircularShutter=3)
    shown = client.get(stored(client, with_overlay(file, frame(4, 5))), shutter="true", overlays="true", **WINDOW)
    picture = shown.picture()
    assert (picture[0, 0], picture[9, 13], picture[4, 6]) == (255, 0, 100)


def test_real_overlays(client: Client) -> None:
    for name in ("MR-SIEMENS-DICOM-WithOverlays.dcm", "OutOfBoundsOverlay.dcm"):
        (file,) = (p for p in case_files("gray-special") if p.name == name)
        path = f"/series/{client.store_series([file.read_bytes()])}/slices/0"
        plain, drawn = (client.get(path, overlays=flag).picture() for flag in ("false", "true"))
        dataset, expected = dcmread(file), plain.copy()
        for group in (0x6000, 0x6002):
            if (group, 0x3000) in dataset:
                bits = dataset.overlay_array(group)
                for i, j in np.argwhere(bits) + np.array(dataset[group, 0x0050].value) - 1:
                    if 0 <= i < plain.shape[0] and 0 <= j < plain.shape[1]:
                        expected[i, j] = 255
        assert (expected != plain).any()
        np.testing.assert_array_equal(drawn, expected)
