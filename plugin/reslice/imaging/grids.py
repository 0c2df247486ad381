"""Whole grids of voxels as files: raw, npy, NIfTI-1, NRRD.

The bytes of the voxels are the same in all of them: little-endian in C order of (slice, row, column), which
NIfTI and NRRD call (column, row, slice), fastest first. They are written slice by slice, so that a file is the
only copy of a volume.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.affine import Affine
from reslice.imaging.crew import Crew
from reslice.imaging.encode import ImageFormat
from reslice.imaging.quaternion import quaternion_of
from reslice.imaging.volume import NO_DATA_INT16, Volume, VolumeGeometry

Values = NDArray[Any]

UNNAMED = "1"
"""The unit of values that have none."""

NIFTI_TYPES = {"uint8": 2, "int16": 4, "float32": 16}
NIFTI_VOXELS_BEGIN = 352
"""After 348 bytes of header, and 4 that say that no extension follows."""
NIFTI_LONGEST_SIDE = 32767
"""`dim` is a signed short."""
NIFTI_MM = 2
NIFTI_SCANNER = 1
"""NIFTI_XFORM_SCANNER_ANAT: coordinates of the scanner, as DICOM's are."""
NIFTI_DESCRIPTION = 79
"""Characters of `descrip`, besides the zero that ends it."""

NRRD_TYPES = {"float32": "float"}

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Grid:
    """Where voxels lie, and each slice of their values as it is to be written, "no data" filled in.

    `slice_of(k)` has shape (rows, columns) and the type `dtype`: int16 with -32768 for no data, float32 with NaN,
    uint8 with 0. Any thread may ask.
    """

    geometry: VolumeGeometry
    dtype: np.dtype[Any]
    slice_of: Callable[[int], Values]

    @classmethod
    def of_volume(cls, volume: Volume) -> "Grid":
        """The volume's own values; slices without any padding aren't copied."""
        return cls(volume.geometry, volume.voxels.dtype, lambda k: _filled(volume, k))

    @property
    def nbytes(self) -> int:
        """Of all voxels."""
        return int(np.prod(self.geometry.shape)) * self.dtype.itemsize

    @property
    def no_data(self) -> int | float:
        """The value that means "no data"."""
        return {"i": NO_DATA_INT16, "u": 0}.get(self.dtype.kind, np.nan)

    def mapped(self, function: Callable[[Values], Values], kind: type) -> "Grid":
        """The same grid with each slice's values replaced, of another type."""
        return Grid(self.geometry, np.dtype(kind), lambda k: function(self.slice_of(k)))

    def computed(self, crew: Crew) -> "Grid":
        """The same grid with its values in memory, computed once, shared by the crew."""
        voxels = np.empty(self.geometry.shape, dtype=self.dtype)

        def work(first: int, end: int) -> None:
            for k in range(first, end):
                voxels[k] = self.slice_of(k)

        crew.each_band(len(voxels), work, at_once=8)
        voxels.setflags(write=False)
        return Grid(self.geometry, self.dtype, lambda k: voxels[k])


def _filled(volume: Volume, k: int) -> Values:
    """One slice, -32768 (int16) or NaN where it holds no data."""
    values: Values = volume.voxels[k]
    nothing = values.dtype.type(NO_DATA_INT16 if values.dtype == np.int16 else np.nan)
    if volume.present[k] and volume.padding is None:
        return values
    low, high = volume.padding_range
    return np.where((values >= low) & (values <= high) | ~volume.present[k], nothing, values)


def as_int16(volume: Volume) -> Volume | None:
    """The same values as int16, -32768 for no data; None where one isn't a whole number from -32767 to 32767."""
    if volume.voxels.dtype == np.int16:
        return volume
    grid, voxels = Grid.of_volume(volume), np.empty(volume.voxels.shape, dtype=np.int16)
    for k in range(len(voxels)):
        values = grid.slice_of(k)
        is_data = ~np.isnan(values)
        known = values[is_data]
        if (np.abs(known) > -NO_DATA_INT16 - 1).any() or (known != np.rint(known)).any():
            return None
        voxels[k] = np.where(is_data, values, NO_DATA_INT16)
    return Volume(volume.geometry, voxels, (NO_DATA_INT16, NO_DATA_INT16), volume.absent)


def raw(grid: Grid, _: str = UNNAMED) -> bytes:
    """The values alone."""
    return _file(b"", grid)


def npy(grid: Grid, _: str = UNNAMED) -> bytes:
    """Numpy's file format, shape (slices, rows, columns)."""
    header = io.BytesIO()
    facts = {"descr": grid.dtype.newbyteorder("<").str, "fortran_order": False, "shape": grid.geometry.shape}
    np.lib.format.write_array_header_1_0(header, facts)
    return _file(header.getvalue(), grid)


def nifti(grid: Grid, unit: str = UNNAMED) -> bytes:
    """NIfTI-1 in one file, `data[i, j, k]` being (column, row, slice).

    The affine goes to RAS mm and stands in `sform`, which may be sheared; in `qform` too where it isn't. Raises
    ValueError where the slices aren't even or a side is longer than 32767.
    """
    return _file(_nifti_header(grid, unit), grid)


def nrrd(grid: Grid, unit: str = UNNAMED) -> bytes:
    """NRRD with its header attached; the space directions may be sheared. Raises ValueError for uneven slices."""
    steps, origin = _even(grid).steps[::-1], grid.geometry.affine[:3, 3]
    lines = [
        "NRRD0005",
        f"type: {NRRD_TYPES.get(grid.dtype.name, grid.dtype.name)}",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {' '.join(str(n) for n in reversed(grid.geometry.shape))}",
        f"space directions: {' '.join(_nrrd_vector(step) for step in steps)}",
        "kinds: domain domain domain",
        "endian: little",
        "encoding: raw",
        'space units: "mm" "mm" "mm"',
        f"space origin: {_nrrd_vector(origin)}",
        f"sample units: {unit}",
        f"NoData:={grid.no_data}",
    ]
    return _file(("\n".join(lines) + "\n\n").encode("ascii", "replace"), grid)


@dataclass(frozen=True)
class GridFormat(ImageFormat):
    """A name in `format=`, the media type and the suffix that go with it, and the writer."""

    suffix: str
    is_even: bool
    """Whether the format knows evenly spaced slices only."""
    write: Callable[[Grid, str], bytes]


GRID_FORMATS = {
    f.name: f
    for f in (
        GridFormat("raw", "application/octet-stream", False, "raw", False, raw),
        GridFormat("npy", "application/x-npy", False, "npy", False, npy),
        GridFormat("nifti", "application/x-nifti", False, "nii", True, nifti),
        GridFormat("nrrd", "application/x-nrrd", False, "nrrd", True, nrrd),
    )
}
"""In the order of preference when a client likes several equally."""


def _file(header: bytes, grid: Grid) -> bytes:
    """Header and voxels; the stream's memory, taken at once, becomes the result without another copy."""
    stream = io.BytesIO()
    stream.seek(len(header) + grid.nbytes - 1)
    stream.write(b"\0")
    stream.seek(0)
    stream.write(header)
    little = grid.dtype.newbyteorder("<")
    for k in range(grid.geometry.shape[0]):
        stream.write(np.ascontiguousarray(grid.slice_of(k), dtype=little).data)
    return stream.getvalue()


def _even(grid: Grid) -> VolumeGeometry:
    if not grid.geometry.is_regular:
        raise ValueError("The format knows evenly spaced slices only")
    return grid.geometry


def _nrrd_vector(vector: NDArray[np.float64]) -> str:
    return f"({','.join(repr(float(v) + 0.0) for v in vector)})"


def ras_affine(geometry: VolumeGeometry) -> Affine:
    """From (column, row, slice, 1) to RAS mm: what NIfTI calls (i, j, k) and (x, y, z)."""
    affine: Affine = LPS_TO_RAS @ geometry.affine[:, [2, 1, 0, 3]]
    return affine + 0.0  # no -0


def _nifti_header(grid: Grid, unit: str) -> bytes:
    geometry = _even(grid)
    slices, rows, columns = geometry.shape
    if max(geometry.shape) > NIFTI_LONGEST_SIDE:
        raise ValueError(f"A side has more than {NIFTI_LONGEST_SIDE} voxels")
    affine = ras_affine(geometry)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    found = quaternion_of(affine, geometry.shape[::-1])
    quaternion, handedness = found or ((0.0, 0.0, 0.0), 1.0)
    text = f"Reslice for Orthanc; unit {unit}; no data {grid.no_data:g}"
    fields = (
        *(348, b"", b"", 0, 0, b"r", 0),
        *(3, columns, rows, slices, 1, 1, 1, 1),  # dim
        *(0.0, 0.0, 0.0, 0, NIFTI_TYPES[grid.dtype.name], 8 * grid.dtype.itemsize, 0),  # intent, datatype, bitpix
        *(handedness, *spacing, 0.0, 0.0, 0.0, 0.0),  # pixdim
        *(float(NIFTI_VOXELS_BEGIN), 1.0, 0.0, 0, 0, NIFTI_MM, 0.0, 0.0, 0.0, 0.0, 0, 0),  # from vox_offset on
        *(text.encode("ascii", "replace")[:NIFTI_DESCRIPTION], b""),
        *(NIFTI_SCANNER if found else 0, NIFTI_SCANNER),
        *(*quaternion, *(affine[:3, 3] if found else (0.0, 0.0, 0.0))),
        *affine[:3].ravel(),  # srow_x, srow_y, srow_z
        *(b"", b"n+1"),
    )
    return struct.pack("<i10s18sihcB8h3f4h8f3fhBB4f2i80s24s2h3f3f12f16s4s", *fields).ljust(NIFTI_VOXELS_BEGIN, b"\0")
