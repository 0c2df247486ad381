"""SimpleITK's resampling as a second opinion on planes of every direction, and on slabs."""

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from clients import OrthancClient
from naive import pixel_positions
from shared_data import case_files, truth

CASES = ["ct-head-phantom-5mm", "mr-sagittal-oblique"]


def itk_image(case: str) -> SimpleITK.Image:
    """The series as ITK reads it (no tilt, even gaps: there it can be trusted)."""
    folder = case_files(case)[0].parent
    return SimpleITK.ReadImage([str(folder / name) for name in truth(case)["order"]], SimpleITK.sitkFloat64)


def resampled(image: SimpleITK.Image, plane: dict) -> NDArray[np.float64]:
    """ITK's values on the plane that our header describes; NaN outside."""
    row, column = np.array(plane["Row"]), np.array(plane["Column"])
    resampler = SimpleITK.ResampleImageFilter()
    resampler.SetInterpolator(SimpleITK.sitkLinear)
    resampler.SetDefaultPixelValue(float("nan"))
    resampler.SetOutputOrigin(plane["Position"])
    resampler.SetOutputSpacing([*reversed(plane["Spacing"]), 1.0])
    resampler.SetSize([*reversed(plane["Size"]), 1])
    direction = np.stack([row, column, np.cross(row, column)], axis=1)
    resampler.SetOutputDirection([float(cosine) for cosine in direction.ravel()])
    return SimpleITK.GetArrayFromImage(resampler.Execute(image))[0]


def away_from_the_border(image: SimpleITK.Image, plane: dict) -> NDArray[np.bool_]:
    """Pixels at least one voxel within the outermost centres."""
    matrix = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    indices = (pixel_positions(plane) - image.GetOrigin()) @ np.linalg.inv(matrix).T
    return ((indices >= 1) & (indices <= np.array(image.GetSize()) - 2)).all(axis=-1)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("case", CASES)
def test_orthogonal_planes_equal_simpleitk(real: OrthancClient, case: str, plane: str) -> None:
    image = itk_image(case)
    series = real.store_series(path.read_bytes() for path in case_files(case))
    tolerance = 1e-3 * (truth(case)["max"] - truth(case)["min"])
    compared = 0
    for query in (
        {},
        {"fraction": 0.37},
        {"fraction": 0.71, "width": 200},
        {"fraction": 0.55, "pixel_spacing": 0.7},
    ):
        answer = real.get(f"/series/{series}/mpr/{plane}", format="npy", **query)
        told, values = answer.told("Reslice-Plane"), answer.array()
        expected, inner = resampled(image, told), away_from_the_border(image, told)
        assert np.isfinite(values[inner]).all()
        assert np.abs(values - expected)[inner].max(initial=0) <= tolerance
        compared += np.count_nonzero(inner)
    assert compared > 10_000


def slab_of(image: SimpleITK.Image, plane: dict, thickness: float, step: float) -> NDArray[np.float64]:
    """ITK's values on planes side by side through a slab, as many as a step of at most this length takes."""
    normal = np.cross(plane["Row"], plane["Column"])
    count = int(np.ceil(thickness / step - 1e-9)) + 1
    offsets = np.linspace(-thickness / 2, thickness / 2, count)
    layers = ({**plane, "Position": (plane["Position"] + o * normal).tolist()} for o in offsets)
    return np.stack([resampled(image, layer) for layer in layers])


def well_inside(image: SimpleITK.Image, plane: dict, thickness: float) -> NDArray[np.bool_]:
    """Pixels at which the whole slab lies at least one voxel within the outermost centres."""
    normal = np.cross(plane["Row"], plane["Column"])
    faces = [{**plane, "Position": plane["Position"] + s * thickness / 2 * normal} for s in (-1, 1)]
    return np.logical_and(*(away_from_the_border(image, face) for face in faces))


OBLIQUE_QUERIES = (
    {"normal": "1,0.4,-0.3", "width": 150},
    {"normal": "0.2,-1,0.5", "position": 11.5, "pixel_spacing": 1.3},
    {"normal": "-0.3,0.2,1", "fraction": 0.4, "up": "1,0,0", "width": 200},
    {"row": "0.6,0.8,0", "column": "0,0,-1", "width": 170},
)


@pytest.mark.parametrize("case", CASES)
def test_oblique_planes_equal_simpleitk(real: OrthancClient, case: str) -> None:
    image = itk_image(case)
    series = real.store_series(path.read_bytes() for path in case_files(case))
    tolerance = 1e-3 * (truth(case)["max"] - truth(case)["min"])
    compared = 0
    for query in OBLIQUE_QUERIES:
        answer = real.get(f"/series/{series}/mpr/oblique", format="npy", **query)
        told, values = answer.told("Reslice-Plane"), answer.array()
        expected, inner = resampled(image, told), away_from_the_border(image, told)
        assert np.isfinite(values[inner]).all()
        assert np.abs(values - expected)[inner].max(initial=0) <= tolerance
        compared += np.count_nonzero(inner)
    assert compared > 5_000


@pytest.mark.parametrize("projection", ["mean", "mip", "minip"])
@pytest.mark.parametrize("case", CASES)
def test_slabs_equal_simpleitk(real: OrthancClient, case: str, projection: str) -> None:
    image = itk_image(case)
    series = real.store_series(path.read_bytes() for path in case_files(case))
    tolerance = 1e-3 * (truth(case)["max"] - truth(case)["min"])
    combine = {"mean": np.mean, "mip": np.max, "minip": np.min}[projection]
    thickness, compared = 9.0, 0
    asked = {"slab_thickness": thickness, "projection": projection, "width": 96, "format": "npy"}
    for plane, query in (("coronal", {}), ("oblique", {"normal": "1,0.4,-0.3"}), ("sagittal", {"axes": "volume"})):
        answer = real.get(f"/series/{series}/mpr/{plane}", **asked, **query)
        told, values = answer.told("Reslice-Plane"), answer.array()
        inner = well_inside(image, told, thickness)
        expected = combine(slab_of(image, told, thickness, min(image.GetSpacing()) / 2)[:, inner], axis=0)
        assert np.abs(values[inner] - expected).max(initial=0) <= tolerance
        compared += np.count_nonzero(inner)
    assert compared > 3_000
