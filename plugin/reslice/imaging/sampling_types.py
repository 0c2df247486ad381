"""What the kernels of `sampling` hand to each other."""

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.intervals import Pieces
from reslice.imaging.volume import Voxels

Way = tuple[int, int, float]
"""Lower and upper voxel on one axis, and the weight of the upper."""

Point = tuple[float, float, float]
"""Slice place, row and column index."""

Source = tuple[Voxels, Pieces, NDArray[np.bool_], bool, float, float, bool, Voxels]
"""Voxels; pieces, which of them are smooth, whether slices are even; padding range; whether all voxels are data;
the voxels as one line."""

Shape = tuple[int, int, int]
Line = NDArray[np.float32]
Eight = tuple[Voxels, Voxels, Voxels, Voxels]
Room = tuple[tuple[NDArray[np.uint64], NDArray[np.uint64]], tuple[Line, Line, Line], Eight]
"""For a block of pixels: first voxels of the near and the far slice, weights (slices, rows, columns), and pairs of
voxels (near upper, near lower, far upper, far lower line)."""
