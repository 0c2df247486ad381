"""SimpleITK resamples the same planes and slabs: within a thousandth of the range, inside the volume."""

import numpy as np
import pytest
import SimpleITK

from reslice.imaging.plane import ImagePlane
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry

OUTSIDE = -32000.0
SPACING, SHAPE = (1.9, 0.7, 0.8), (30, 60, 50)

DIRECTIONS = {
    "about x": ((1, 0, 0), (0, 0.8, 0.6)),
    "about y": ((0.8, 0, 0.6), (0, 1, 0)),
    "about all": ((0.7, 0.3, 0.6), (-0.3, 0.8, 0.2)),
    "steep": ((0.1, 0.2, 0.97), (0.9, -0.4, 0.1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}


def image(dtype: type) -> tuple[Volume, SimpleITK.Image]:
    """Noise in a turned volume."""
    voxels = np.random.default_rng(5).integers(-1000, 3000, SHAPE).astype(dtype)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = turn * SPACING
    affine[:3, 3] = (20, -30, 7)
    itk = SimpleITK.GetImageFromArray(voxels)
    itk.SetSpacing(SPACING[::-1])
    itk.SetDirection(turn[:, ::-1].ravel().tolist())
    itk.SetOrigin(affine[:3, 3].tolist())
    return Volume(VolumeGeometry(SHAPE, affine), voxels), itk


def plane_in(geometry: VolumeGeometry, row: tuple[float, ...], column: tuple[float, ...]) -> ImagePlane:
    """Through the middle, directions given along the volume's axes (columns, rows, slices)."""
    turn = geometry.affine[:3, 2::-1] / SPACING[::-1]
    right = turn @ row / np.linalg.norm(row)
    down = turn @ column - right * (turn @ column @ right)
    down /= np.linalg.norm(down)
    middle = geometry.map_indices_to_reference((np.array(SHAPE) - 1) / 2)
    return ImagePlane(middle - 25 * (down + right), right, down, (0.9, 1.1), (56, 46))


def by_itk(image: SimpleITK.Image, plane: ImagePlane, offsets: np.ndarray) -> np.ndarray:
    """All planes of a slab, shape (samples, rows, columns); NaN outside the voxels' centres."""
    resample = SimpleITK.ResampleImageFilter()
    resample.SetSize([plane.shape[1], plane.shape[0], len(offsets)])
    step = float(offsets[1] - offsets[0]) if len(offsets) > 1 else 1.0
    resample.SetOutputSpacing([plane.spacing[1], plane.spacing[0], step])
    resample.SetOutputOrigin((plane.position + plane.normal * offsets[0]).tolist())
    resample.SetOutputDirection(np.stack([plane.row, plane.column, plane.normal], axis=1).ravel().tolist())
    resample.SetInterpolator(SimpleITK.sitkLinear)
    resample.SetDefaultPixelValue(OUTSIDE)
    resample.SetOutputPixelType(SimpleITK.sitkFloat32)
    values = SimpleITK.GetArrayFromImage(resample.Execute(image))
    values[values == OUTSIDE] = np.nan
    return values


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_plane_is_what_itk_resamples(name: str, dtype: type) -> None:
    volume, itk = image(dtype)
    plane = plane_in(volume.geometry, *DIRECTIONS[name])
    values, expected = cut(volume, plane), by_itk(itk, plane, np.zeros(1))[0]
    inside = ~np.isnan(expected) & _between_centres(volume, plane)
    assert inside.mean() > 0.4
    np.testing.assert_allclose(values[inside], expected[inside], atol=0.4)


@pytest.mark.parametrize("projection", ["mip", "minip", "mean"])
@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_slab_is_what_itk_resamples(name: str, projection: str) -> None:
    volume, itk = image(np.int16)
    plane, slab = plane_in(volume.geometry, *DIRECTIONS[name]), Slab(8.3, projection)
    offsets = slab.offsets(volume.geometry)
    layers = by_itk(itk, plane, offsets)
    expected = {"mip": np.max, "minip": np.min, "mean": np.mean}[projection](layers, axis=0)
    moved = [
        ImagePlane(plane.position + o * plane.normal, plane.row, plane.column, plane.spacing, plane.shape)
        for o in offsets
    ]
    inside = np.all([_between_centres(volume, one) for one in moved], axis=0)
    assert inside.mean() > 0.2
    np.testing.assert_allclose(cut(volume, plane, slab=slab)[inside], expected[inside], atol=0.4)


def _between_centres(volume: Volume, plane: ImagePlane) -> np.ndarray:
    pixels = np.stack(np.indices(plane.shape), axis=-1)
    indices = volume.geometry.map_reference_to_indices(plane.map_pixels_to_reference(pixels))
    return ((indices > 0.01) & (indices < np.array(SHAPE) - 1.01)).all(axis=-1)
