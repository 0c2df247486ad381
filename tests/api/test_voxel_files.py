"""Voxels as NIfTI and NRRD, through programs that others have written: each ramp's voxel tells where it lies."""

from pathlib import Path

import numpy as np
import pytest

from clients import Client
from grids import with_gaps
from phantoms import ACQUISITIONS, AXIAL, noise, ramp
from refusals import assert_refused
from series_phantoms import own_slopes, single_frames
from voxel_files import seen_by_itk, seen_by_nibabel

NAMES = ["axial", "axial-feet-first", "decubitus-left", "sagittal", "double-oblique", "gantry-tilt", "tilted-oblique"]
SHEARED = ("gantry-tilt", "tilted-oblique")
TOLERANCE = 1e-3  # mm: the step of a ramp's stored values


def stored_ramps(client: Client, name: str) -> list[str]:
    """The volumes whose voxels are x, y and z."""
    series = [client.store_series(ramp(axis, ACQUISITIONS[name])) for axis in range(3)]
    return [f"/series/{one}/volumes/0/voxels" for one in series]


@pytest.mark.parametrize("query", [{}, {"max_size": 16}, {"resample": "true"}])
@pytest.mark.parametrize("name", NAMES)
def test_each_voxel_tells_its_place(client: Client, name: str, query: dict, tmp_path: Path) -> None:
    for axis, url in enumerate(stored_ramps(client, name)):
        nifti, nrrd = (client.get(url, format=form, **query) for form in ("nifti", "nrrd"))
        assert (nifti.media_type, nrrd.media_type) == ("application/x-nifti", "application/x-nrrd")
        seen = [seen_by_nibabel(nifti.content), seen_by_itk(nrrd.content, tmp_path, "nrrd")]
        if name not in SHEARED:
            seen.append(seen_by_itk(nifti.content, tmp_path, "nii"))
        for values, places in seen:
            assert values.shape == AXIAL.shape
            assert values.dtype == np.float32
            np.testing.assert_allclose(values, places[..., axis], atol=TOLERANCE)
            np.testing.assert_allclose(places, ACQUISITIONS[name].coordinates, atol=1e-4)


@pytest.mark.parametrize("name", ["axial", "double-oblique", "tilted-oblique"])
def test_averages_lie_where_their_boxes_do(client: Client, name: str, tmp_path: Path) -> None:
    """Boxes that the volume's edge cuts hold less, so that only whole ones tell their centre."""
    acquisition = ACQUISITIONS[name]
    large = type(acquisition)(**{**vars(acquisition), "shape": (20, 40, 33)})
    for axis in range(3):
        url = f"/series/{client.store_series(ramp(axis, large))}/volumes/0/voxels"
        nifti, nrrd = (client.get(url, format=form, max_size=16) for form in ("nifti", "nrrd"))
        assert nifti.told("Reslice-Volume")["Factors"] == [2, 3, 3]
        for values, places in (seen_by_nibabel(nifti.content), seen_by_itk(nrrd.content, tmp_path, "nrrd")):
            assert values.shape == (10, 14, 11)
            np.testing.assert_allclose(values[:, :13], places[:, :13, :, axis], atol=TOLERANCE)


def test_whole_numbers_stay_int16(client: Client, tmp_path: Path) -> None:
    files = noise(AXIAL)
    url = f"/series/{client.store_series(files)}/volumes/0/voxels"
    expected = np.stack([file.pixel_array for file in files])
    for values in (
        seen_by_nibabel(client.get(url, format="nifti").content)[0],
        seen_by_itk(client.get(url, format="nifti").content, tmp_path, "nii")[0],
        seen_by_itk(client.get(url, format="nrrd").content, tmp_path, "nrrd")[0],
    ):
        assert values.dtype == np.int16
        np.testing.assert_array_equal(values, expected)


def test_slices_with_slopes_of_their_own(client: Client, tmp_path: Path) -> None:
    """PET: what is answered are modality values, whatever the files scale them by."""
    grid = with_gaps(AXIAL, [1] * 7, 2.5)
    files = own_slopes(np.random.default_rng(0).random(grid.shape) * 1000, grid)
    url = f"/series/{client.store_series(files)}/volumes/0/voxels"
    expected = np.stack([np.float32(file.pixel_array * float(file.RescaleSlope)) for file in files])
    np.testing.assert_array_equal(seen_by_nibabel(client.get(url, format="nifti").content)[0], expected)
    np.testing.assert_array_equal(seen_by_itk(client.get(url, format="nrrd").content, tmp_path, "nrrd")[0], expected)


@pytest.mark.parametrize("form", ["nifti", "nrrd"])
@pytest.mark.parametrize("gaps", [[1, 1.25, 1, 0.75, 1], [1, 1, 2, 1, 1]], ids=["uneven", "missing"])
def test_uneven_slices_are_refused_unless_resampled(
    client: Client, gaps: list[float], form: str, tmp_path: Path
) -> None:
    grid = with_gaps(AXIAL, gaps, 2.5 if 0.75 in gaps else None)
    step, end = min(gaps), sum(gaps)
    for axis in range(3):
        url = f"/series/{client.store_series(single_frames(grid.coordinates[..., axis], grid))}/volumes/0/voxels"
        for query in (
            {"format": form},
            {"format": form, "max_size": 16},
            {"max_size": 16},
            {"format": "npy", "max_size": 99},
        ):
            body = assert_refused(client.get(url, **query), 422, "uneven-gaps")
            assert "resample=true" in body["Details"]
        answer = client.get(url, format=form, resample="true")
        told = answer.told("Reslice-Volume")
        assert told["Regular"]
        assert told["Spacing"][0] == pytest.approx(2.5 * step)
        seen = seen_by_nibabel(answer.content) if form == "nifti" else seen_by_itk(answer.content, tmp_path, "nrrd")
        values, places = seen
        at = np.arange(len(values)) * step
        hole = (at > 2.5) & (at < 3.5) if 2 in gaps else at < 0  # nothing is invented between slices 2 and 4
        beside = (at >= 2) & (at <= 4) if 2 in gaps else at < 0
        assert np.isnan(values[hole]).all()
        assert np.isfinite(values[~hole]).all()
        certain = ~beside & (at <= end)
        np.testing.assert_allclose(values[certain], places[certain][..., axis], atol=TOLERANCE)


def test_gaps_are_filled_on_demand(client: Client) -> None:
    grid = with_gaps(AXIAL, [1, 1, 2, 1, 1])
    url = f"/series/{client.store_series(single_frames(grid.coordinates[..., 2], grid))}/volumes/0/voxels"
    values, places = seen_by_nibabel(client.get(url, format="nifti", resample="true", gaps="interpolate").content)
    assert len(values) == 7
    np.testing.assert_allclose(values, places[..., 2], atol=TOLERANCE)
    assert len(client.get(url, format="npy").array()) == 6  # the slices as they are
    assert client.get(url).told("Reslice-Volume")["Regular"] is False
