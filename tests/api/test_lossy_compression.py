"""Whoever looks at pixels that lost detail is told so."""

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import Acquisition, image, multiframe, noise
from shared_data import case_files

GRID = Acquisition(shape=(4, 6, 8))
LOST = {"LossyImageCompression": "01"}


def of_loss(warnings: list[dict]) -> list[dict]:
    return [warning for warning in warnings if warning["Reason"] == "lossy-compression"]


def test_a_volume_tells_the_greatest_ratio_once(client: Client) -> None:
    files = noise(GRID, LossyImageCompressionMethod="ISO_10918_1", **LOST)
    for file, ratio in zip(files, ("5", "12.5", "7"), strict=False):
        file.LossyImageCompressionRatio = ratio
    del files[3].LossyImageCompression, files[3].LossyImageCompressionMethod
    series = client.store_series(files)
    expected = {"Reason": "lossy-compression", "Ratio": 12.5, "Method": "ISO_10918_1"}
    details = "3 of 4 images were compressed with loss of detail by up to 12.5:1 (JPEG)"
    for _ in range(2):  # by its headers, then in memory
        (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
        assert of_loss(volume["Warnings"]) == [{**expected, "Details": details}]
        plane = client.get(f"/series/{series}/mpr/coronal", format="raw")
        assert of_loss(plane.told("Reslice-Warnings")) == [{**expected, "Details": details}]
    (of_study,) = client.get(f"/studies/{orthanc_ids(files[0])['studies']}/volumes").json()["Series"]
    assert of_loss(of_study["Volumes"][0]["Warnings"])


def test_each_frame_tells_its_own(client: Client) -> None:
    files = noise(GRID, **LOST)
    for file, ratio in zip(files, ("5", "12.5", "7"), strict=False):
        file.LossyImageCompressionRatio = ratio
    del files[3].LossyImageCompression
    series = client.store_series(files)
    told = [client.get(f"/series/{series}/slices/{k}").told("Reslice-Warnings") for k in range(4)]
    assert [[warning["Ratio"] for warning in of_loss(warnings)] for warnings in told] == [[5], [12.5], [7], []]


@pytest.mark.parametrize("kind", ["colour", "clip"])
def test_frames_of_stacks_tell_it(client: Client, kind: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (3, 6, 3), np.uint8)
    file = image(pixels, **LOST) if kind == "colour" else multiframe(pixels, **LOST)
    (warning,) = client.get(f"/series/{client.store_series([file])}/slices/0").told("Reslice-Warnings")
    assert (warning["Reason"], warning["Ratio"]) == ("lossy-compression", None)
    assert "Method" not in warning


def test_sound_slices_say_nothing(client: Client) -> None:
    series = client.store_series(noise(GRID, LossyImageCompression="00"))
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert volume["Warnings"] == []
    assert client.get(f"/series/{series}/slices/0").told("Reslice-Warnings") == []


def test_ratios_make_no_other_volumes(client: Client) -> None:
    files = noise(GRID, **LOST)
    for k, file in enumerate(files):
        file.LossyImageCompressionRatio = f"{k + 2}"
    assert len(client.get(f"/series/{client.store_series(files)}/volumes").json()["Volumes"]) == 1


@pytest.mark.parametrize(
    ("name", "ratio", "method"),
    [
        ("examples_ybr_color.dcm", 19, "ISO_10918_1"),
        ("SC_ybr_full_422_uncompressed.dcm", 21.521, "ISO_10918_1"),
    ],
)
def test_real_colour_images(client: Client, name: str, ratio: float, method: str) -> None:
    (path,) = (file for file in case_files("color") if file.name == name)
    answer = client.get(f"/series/{client.store_series([path.read_bytes()])}/slices/0")
    (warning,) = of_loss(answer.told("Reslice-Warnings"))
    assert (warning["Ratio"], warning["Method"]) == (ratio, method)
