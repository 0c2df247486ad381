"""What nibabel and SimpleITK make of answers: values and LPS places of all voxels."""

from pathlib import Path

import nibabel
import numpy as np
import SimpleITK
from numpy.typing import NDArray

Seen = tuple[NDArray[np.generic], NDArray[np.float64]]
"""Values (slices, rows, columns), and the LPS mm of each, (slices, rows, columns, 3)."""


def seen_by_nibabel(content: bytes) -> Seen:
    """A NIfTI file."""
    image = nibabel.Nifti1Image.from_bytes(content)
    indices = np.stack(np.indices(image.shape), axis=-1)
    ras = nibabel.affines.apply_affine(image.affine, indices).transpose(2, 1, 0, 3)
    return np.asarray(image.dataobj).T, ras * (-1, -1, 1)


def seen_by_itk(content: bytes, folder: Path, suffix: str) -> Seen:
    """A NIfTI or NRRD file; ITK's index order is (column, row, slice), its coordinates are LPS."""
    file = folder / f"volume.{suffix}"
    file.write_bytes(content)
    image = SimpleITK.ReadImage(str(file))
    values = SimpleITK.GetArrayFromImage(image)
    places = [image.TransformIndexToPhysicalPoint([int(i) for i in index[::-1]]) for index in np.ndindex(values.shape)]
    return values, np.reshape(places, (*values.shape, 3))
