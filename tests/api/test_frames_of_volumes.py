"""Frames of a volume are listed in the order of its slices: a page finds the stored frame of a slice by counting."""

from copy import deepcopy

import numpy as np
import pytest
from pydicom.uid import generate_uid

from clients import Client, orthanc_ids
from enhanced_phantoms import enhanced
from grids import even, with_gaps
from phantoms import ACQUISITIONS, AXIAL, noise
from series_phantoms import single_frames


def assert_frames_are_slices(client: Client, series: str) -> int:
    """Each of them stands where its slice does, and has its values; how many volumes there are."""
    held = client.get(f"/series/{series}/volumes").json()["Volumes"]
    listed = client.get(f"/series/{series}/slices").json()["Slices"]
    for volume in held:
        frames = [frame for frame in listed if frame["Volume"] == volume["Index"]]
        np.testing.assert_allclose([frame["Position"] for frame in frames], volume["Origins"], atol=1e-9)
        voxels = client.get(f"/series/{series}/volumes/{volume['Index']}/voxels", format="npy").array()
        for frame, values in zip(frames, voxels, strict=True):
            np.testing.assert_array_equal(client.get(frame["Url"], format="npy").array(), values)
    return len(held)


@pytest.mark.parametrize("name", ["axial", "coronal-feet-up", "sagittal-from-right", "tilted-oblique"])
def test_of_single_frames(client: Client, name: str) -> None:
    files = noise(ACQUISITIONS[name])
    order = np.random.default_rng(1).permutation(len(files))
    for number, file in enumerate(files[k] for k in order):
        file.InstanceNumber = number + 1
    assert assert_frames_are_slices(client, client.store_series(files)) == 1


def test_of_uneven_slices(client: Client) -> None:
    grid = with_gaps(AXIAL, (1, 1.4, 0.8, 3, 1, 1.2))
    values = np.random.default_rng(2).integers(0, 1000, grid.shape).astype(float)
    assert assert_frames_are_slices(client, client.store_series(single_frames(values, grid))) == 1


def test_of_an_image_with_many_frames(client: Client) -> None:
    grid = even(AXIAL)
    values = np.random.default_rng(3).integers(0, 1000, grid.shape).astype(float)
    order = np.random.default_rng(4).permutation(grid.shape[0]).tolist()
    assert assert_frames_are_slices(client, client.store_series(enhanced(values, grid, order=order))) == 1


def test_of_two_volumes_in_one_series(client: Client) -> None:
    first, second = noise(AXIAL, seed=5, AcquisitionNumber=1), noise(AXIAL, seed=6, AcquisitionNumber=2)
    for file in second:
        file.SeriesInstanceUID, file.StudyInstanceUID = first[0].SeriesInstanceUID, first[0].StudyInstanceUID
        file.PatientID = first[0].PatientID
    client.store([*second, *first])
    assert assert_frames_are_slices(client, orthanc_ids(first[0])["series"]) == 2


def test_of_a_series_with_frames_sent_twice(client: Client) -> None:
    files = noise(AXIAL, seed=7)
    again = [deepcopy(files[k]) for k in (2, 5)]
    for number, file in enumerate(again):
        file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        file.InstanceNumber = 100 + number
    assert assert_frames_are_slices(client, client.store_series([*again, *files])) == 1
