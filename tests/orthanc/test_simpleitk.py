"""SimpleITK's resampling as a second opinion on orthogonal planes."""

from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray

from clients import OrthancClient
from naive import pixel_positions
from shared_data import case_files, truth, unavailable

CASES = ["ct-head-phantom-5mm", "mr-sagittal-oblique"]


def itk_image(case: str) -> "SimpleITK.Image":  # noqa: F821
    """The series as ITK reads it (no tilt, even gaps: there it can be trusted)."""
    if find_spec("SimpleITK") is None:
        unavailable("SimpleITK is not installed")
    import SimpleITK  # noqa: PLC0415

    folder = case_files(case)[0].parent
    return SimpleITK.ReadImage([str(folder / name) for name in truth(case)["order"]], SimpleITK.sitkFloat64)


def resampled(image: "SimpleITK.Image", plane: dict) -> NDArray[np.float64]:  # noqa: F821
    """ITK's values on the plane that our header describes; NaN outside."""
    import SimpleITK  # noqa: PLC0415

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


def away_from_the_border(image: "SimpleITK.Image", plane: dict) -> NDArray[np.bool_]:  # noqa: F821
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
