"""What a series of several volumes must answer: these voxels, volume by volume."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import Dataset

from clients import Client
from phantoms import Acquisition, noise

GRID = Acquisition(shape=(4, 5, 6))
MR = {"Modality": "MR", "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "A"]}


def phase(seed: int, **attributes: object) -> list[Dataset]:
    """One volume of noise; its instance numbers start anew."""
    return noise(GRID, seed, **{**MR, **attributes})


def voxels(files: Sequence[Dataset]) -> np.ndarray:
    return np.stack([file.pixel_array for file in files])


def listed(client: Client, identifier: str) -> dict:
    return client.get(f"/series/{identifier}/volumes").json()


def shown(client: Client, identifier: str, volume: int) -> np.ndarray:
    """The stored slices that are said to be those of one volume."""
    entries = client.get(f"/series/{identifier}/slices").json()["Slices"]
    urls = [entry["Url"] for entry in entries if entry["Volume"] == volume]
    return np.stack([client.get(url, format="npy").array() for url in urls])


def assert_phases(client: Client, identifier: str, phases: Sequence[Sequence[Dataset]]) -> list[dict]:
    """These volumes in this order, slices and planes alike."""
    answer = listed(client, identifier)
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert [volume["Shape"] for volume in answer["Volumes"]] == [list(GRID.shape)] * len(phases)
    for k, files in enumerate(phases):
        np.testing.assert_array_equal(shown(client, identifier, k), voxels(files))
        plane = client.get(f"/series/{identifier}/mpr/axial", format="npy", volume=k, index=2)
        np.testing.assert_array_equal(plane.array(), files[2].pixel_array)
        assert answer["Volumes"][k]["Regular"] is True
    return answer["Volumes"]


def assert_phases_in_any_order(client: Client, identifier: str, phases: list[list[Dataset]]) -> list[dict]:
    """Texts have no order of their own: the volumes may stand in any."""
    answer = listed(client, identifier)
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    found = {shown(client, identifier, k).tobytes() for k in range(len(answer["Volumes"]))}
    assert found == {voxels(files).astype(np.int16).tobytes() for files in phases}
    return answer["Volumes"]
