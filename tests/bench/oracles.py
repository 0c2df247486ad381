"""What others do with the same volume in the same process: SimpleITK's and scipy's resampling."""

import numpy as np
import SimpleITK
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from reslice.imaging.plane import ImagePlane
from reslice.imaging.volume import Volume

Values = NDArray[np.float32]
Filter = SimpleITK.ResampleImageFilter
NOTHING = -32768.0
"""What SimpleITK and scipy write where the volume isn't."""
TOLERANCE = 0.05
"""HU: arithmetic in single and in double precision."""
RIM = 0.002
"""Part of the pixels that may differ: a sample that lies on the volume's very edge is inside for one of the two."""


def itk_image(volume: Volume) -> SimpleITK.Image:
    """The volume for SimpleITK; its slices lie along x, y and z of the patient."""
    picture = SimpleITK.GetImageFromArray(volume.voxels)
    picture.SetSpacing(volume.geometry.spacing[::-1])
    picture.SetOrigin(volume.geometry.affine[:3, 3].tolist())
    return picture


def resampler(plane: ImagePlane, offsets: NDArray[np.float64], threads: int | None = None) -> Filter:
    """SimpleITK's filter for planes at these offsets (mm along the normal): the samples that `cut` takes."""
    resample = SimpleITK.ResampleImageFilter()
    resample.SetInterpolator(SimpleITK.sitkLinear)
    resample.SetOutputPixelType(SimpleITK.sitkFloat32)
    resample.SetDefaultPixelValue(NOTHING)
    resample.SetSize((plane.shape[1], plane.shape[0], len(offsets)))
    step = float(offsets[1] - offsets[0]) if len(offsets) > 1 else 1.0
    resample.SetOutputSpacing((plane.spacing[1], plane.spacing[0], step))
    resample.SetOutputDirection(np.stack([plane.row, plane.column, plane.normal], axis=1).ravel().tolist())
    resample.SetOutputOrigin((plane.position + plane.normal * offsets[0]).tolist())
    if threads is not None:
        resample.SetNumberOfThreads(threads)
    return resample


def largest(resample: Filter, picture: SimpleITK.Image) -> Values:
    """The largest value along each line through the planes."""
    planes = resample.Execute(picture)  # has to live as long as the view of it
    maximum: Values = SimpleITK.GetArrayViewFromImage(planes).max(axis=0)
    return maximum


def coordinates(volume: Volume, plane: ImagePlane) -> NDArray[np.float64]:
    """The voxel coordinates of each pixel, shape (3, rows, columns), as scipy wants them."""
    rows, columns = plane.shape
    pixels = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1)
    indices = volume.geometry.map_reference_to_indices(plane.map_pixels_to_reference(pixels))
    return np.ascontiguousarray(np.moveaxis(indices, -1, 0))


def by_scipy(volume: Volume, places: NDArray[np.float64]) -> Values:
    """Linear, at coordinates that are known already."""
    values: Values = map_coordinates(volume.voxels, places, np.float32, order=1, cval=NOTHING, prefilter=False)
    return values


def agree(ours: NDArray[np.generic], theirs: Values, name: str) -> None:
    """Raise RuntimeError unless the values are the same wherever both have some: else nothing is compared."""
    values = ours.astype(np.float32)
    both = ~np.isnan(values) & (theirs != NOTHING)
    differ = np.abs(values - theirs)[both] > TOLERANCE
    if not both.any() or differ.mean() > RIM:
        raise RuntimeError(f"{name} answers another picture: {differ.mean():.2%} of {both.sum()} pixels differ")
