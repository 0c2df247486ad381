"""SimpleITK's resampling as a second opinion on the planes of every regular volume of the real data.

The image is built from the files' own voxels and headers. ITK knows no sheared images, so it is given one in index
space and an affine transform from the patient to it: exact for a tilted gantry too.
"""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray

from cases import BY_FILE, VOLUMES, path_of, slice_order
from clients import OrthancClient
from naive import fractional_indices, inside, pixel_positions
from shared_data import case_bytes, case_files, unavailable
from true_frames import dataset, functional_groups, modality_frames

pytestmark = pytest.mark.slow

Array = NDArray[np.float64]
MARGIN = 0.02  # voxels within the outermost centres
ENHANCED = [name for name, expected in BY_FILE.items() if expected.volumes]
QUERIES = ({}, {"fraction": 0.37}, {"fraction": 0.71, "height": 120}, {"fraction": 0.55, "pixel_spacing": 0.7})


@dataclass(frozen=True)
class TrueVolume:
    """Voxels (slices, rows, columns) and the affine from (slice, row, column) to LPS."""

    voxels: Array
    affine: Array


def true_affine(origins: Array, orientation: list[float], spacing: list[float]) -> Array:
    """From the headers of first and last slice."""
    affine = np.eye(4)
    affine[:3, 0] = (origins[-1] - origins[0]) / (len(origins) - 1)
    affine[:3, 1] = np.array(orientation[3:]) * spacing[0]
    affine[:3, 2] = np.array(orientation[:3]) * spacing[1]
    affine[:3, 3] = origins[0]
    return affine


def of_files(case: str, names: list[str]) -> TrueVolume:
    """Single-frame files in their order."""
    headers = [dataset(path_of(case, name)) for name in names]
    origins = np.array([header.ImagePositionPatient for header in headers], float)
    affine = true_affine(
        origins, list(map(float, headers[0].ImageOrientationPatient)), list(map(float, headers[0].PixelSpacing))
    )
    return TrueVolume(np.stack([modality_frames(path_of(case, name))[0] for name in names]), affine)


def of_frames(case: str, name: str, frames: list[int]) -> TrueVolume:
    """Frames of one file."""
    header, values = dataset(path_of(case, name)), modality_frames(path_of(case, name))
    if "GridFrameOffsetVector" in header:
        x, y, z = map(float, header.ImagePositionPatient)
        origins = np.array([[x, y, z + float(header.GridFrameOffsetVector[k])] for k in frames])
        orientation, spacing = header.ImageOrientationPatient, header.PixelSpacing
    else:
        origins = np.array([_group(header, k, "PlanePositionSequence").ImagePositionPatient for k in frames], float)
        orientation = _group(header, 0, "PlaneOrientationSequence").ImageOrientationPatient
        spacing = _group(header, 0, "PixelMeasuresSequence").PixelSpacing
    affine = true_affine(origins, list(map(float, orientation)), list(map(float, spacing)))
    return TrueVolume(np.stack([values[k] for k in frames]), affine)


def _group(header: object, frame: int, keyword: str) -> object:
    return next(groups[keyword][0] for groups in functional_groups(header, frame) if keyword in groups)


def resampled(volume: TrueVolume, plane: dict) -> Array:
    """ITK's values on the plane that our header describes."""
    if find_spec("SimpleITK") is None:
        unavailable("SimpleITK is not installed")
    import SimpleITK  # noqa: PLC0415

    to_xyz = np.eye(3)[::-1]  # ITK's index order is (column, row, slice)
    matrix = to_xyz @ np.linalg.inv(volume.affine[:3, :3])
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(matrix.ravel().tolist())
    transform.SetTranslation((-matrix @ volume.affine[:3, 3]).tolist())
    row, column = np.array(plane["Row"]), np.array(plane["Column"])
    resampler = SimpleITK.ResampleImageFilter()
    resampler.SetTransform(transform)
    resampler.SetInterpolator(SimpleITK.sitkLinear)
    resampler.SetDefaultPixelValue(float("nan"))
    resampler.SetOutputOrigin(plane["Position"])
    resampler.SetOutputSpacing([*reversed(plane["Spacing"]), 1.0])
    resampler.SetSize([*reversed(plane["Size"]), 1])
    resampler.SetOutputDirection(np.stack([row, column, np.cross(row, column)], axis=1).ravel().tolist())
    return SimpleITK.GetArrayFromImage(resampler.Execute(SimpleITK.GetImageFromArray(volume.voxels)))[0]


def assert_planes_agree(client: OrthancClient, series: str, index: int, volume: TrueVolume) -> None:
    """To a thousandth of the range, between the outermost voxel centres."""
    tolerance, compared = 1e-3 * float(np.ptp(volume.voxels)), 0
    for plane in ("axial", "coronal", "sagittal"):
        for query in QUERIES:
            answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", volume=index, **query)
            told, values = answer.told("Reslice-Plane"), answer.array()
            indices = fractional_indices(volume.affine, pixel_positions(told))
            inner = inside(indices, volume.voxels.shape, MARGIN)
            assert np.isfinite(values[inner]).all()
            assert np.abs(values - resampled(volume, told))[inner].max(initial=0) <= tolerance
            compared += np.count_nonzero(inner)
    assert compared > 500


@pytest.mark.parametrize("case", [case for case in VOLUMES if case != "ct-uneven-gap"])
def test_volume_of_files(real: OrthancClient, case: str) -> None:
    series = real.store_series(case_bytes(case))
    assert_planes_agree(real, series, 0, of_files(case, slice_order(case)))


@pytest.mark.parametrize("case", ["mr-localizer-3plane", "mr-4d-bold"])
def test_volumes_of_one_series(real: OrthancClient, case: str) -> None:
    """Which file is which slice is tested elsewhere; here it is taken as told."""
    series = real.store_series(case_bytes(case))
    names = {real.upload(path.read_bytes()): path.name for path in case_files(case)}
    entries = real.get(f"/series/{series}/slices").json()["Slices"]
    for index in range(3):
        of_volume = [names[entry["Instance"]] for entry in entries if entry["Volume"] == index]
        assert_planes_agree(real, series, index, of_files(case, of_volume))


@pytest.mark.parametrize("name", ENHANCED)
def test_volumes_of_one_file(real: OrthancClient, name: str) -> None:
    case = "gray-special" if name == "rtdose.dcm" else "enhanced"
    answer = real.post("/instances", path_of(case, name).read_bytes())
    for index, expected in enumerate(BY_FILE[name].volumes):
        volume = of_frames(case, name, [frame for _, frame in expected.frames])
        assert_planes_agree(real, answer.json()["ParentSeries"], index, volume)
