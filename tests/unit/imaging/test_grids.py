"""Files of voxels, read by nibabel and SimpleITK: each voxel with its value where it lies in the patient."""

import io
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK

from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.affine import frozen
from reslice.imaging.crew import Crew
from reslice.imaging.grids import GRID_FORMATS, Grid, as_int16, nifti, npy, nrrd, raw
from reslice.imaging.reduction import reduced
from reslice.imaging.volume import Volume, VolumeGeometry

LPS_TO_RAS = np.array([-1, -1, 1])
FLOAT32_MM = 2e-5
"""NIfTI-1 holds its affine in float32."""
SHEARED = ("gantry-tilt", "tilted-oblique")
EVERY = pytest.mark.parametrize("name", ACQUISITIONS)


def volume_of(acquisition: Acquisition, dtype: type = np.int16) -> Volume:
    """Noise, so that no two voxels can be confused."""
    voxels = np.random.default_rng(1).integers(-1000, 3000, acquisition.shape)
    voxels = (voxels + (0.25 if dtype is np.float32 else 0)).astype(dtype)
    return Volume(VolumeGeometry(acquisition.shape, frozen(acquisition.affine)), voxels)


def read_by_nibabel(content: bytes) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image.from_bytes(content)


def read_by_itk(content: bytes, folder: Path, suffix: str) -> SimpleITK.Image:
    file = folder / f"volume.{suffix}"
    file.write_bytes(content)
    return SimpleITK.ReadImage(str(file))


def places_in_itk(image: SimpleITK.Image) -> np.ndarray:
    """LPS of each voxel, (slices, rows, columns, 3)."""
    shape = image.GetSize()[::-1]
    return np.array(
        [image.TransformIndexToPhysicalPoint([int(i) for i in index[::-1]]) for index in np.ndindex(shape)]
    ).reshape(*shape, 3)


@EVERY
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_nibabel_sees_each_voxel_where_it_lies(name: str, dtype: type) -> None:
    volume = volume_of(ACQUISITIONS[name], dtype)
    image = read_by_nibabel(nifti(Grid.of_volume(volume)))
    assert image.get_data_dtype() == dtype
    np.testing.assert_array_equal(np.asarray(image.dataobj).T, volume.voxels)
    indices = np.stack(np.indices(image.shape), axis=-1)
    ras = nibabel.affines.apply_affine(image.affine, indices).transpose(2, 1, 0, 3)
    np.testing.assert_allclose(ras * LPS_TO_RAS, ACQUISITIONS[name].coordinates, atol=FLOAT32_MM)
    assert image.header.get_xyzt_units()[0] == "mm"
    assert image.header.get_sform(coded=True)[1] == 1
    assert image.header["magic"] == b"n+1"


def test_nifti_says_that_values_are_as_they_stand() -> None:
    content = nifti(Grid.of_volume(volume_of(ACQUISITIONS["axial"])))
    assert struct.unpack_from("<fff", content, 108) == (352, 1, 0)  # vox_offset, scl_slope, scl_inter
    assert len(content) == 352 + 2 * 8 * 10 * 12


@EVERY
def test_qform_equals_sform_unless_sheared(name: str) -> None:
    header = read_by_nibabel(nifti(Grid.of_volume(volume_of(ACQUISITIONS[name])))).header
    qform, code = header.get_qform(coded=True)
    assert code == (0 if name in SHEARED else 1)
    if code:
        np.testing.assert_allclose(qform, header.get_sform(), atol=FLOAT32_MM)


@EVERY
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_itk_sees_each_voxel_of_nrrd_where_it_lies(name: str, dtype: type, tmp_path: Path) -> None:
    volume = volume_of(ACQUISITIONS[name], dtype)
    image = read_by_itk(nrrd(Grid.of_volume(volume)), tmp_path, "nrrd")
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), volume.voxels)
    assert SimpleITK.GetArrayFromImage(image).dtype == dtype
    np.testing.assert_allclose(places_in_itk(image), ACQUISITIONS[name].coordinates, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in ACQUISITIONS if name not in SHEARED])
def test_itk_sees_each_voxel_of_nifti_where_it_lies(name: str, tmp_path: Path) -> None:
    """But for sheared grids, which ITK's reader of NIfTI refuses."""
    volume = volume_of(ACQUISITIONS[name])
    image = read_by_itk(nifti(Grid.of_volume(volume)), tmp_path, "nii")
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), volume.voxels)
    np.testing.assert_allclose(places_in_itk(image), ACQUISITIONS[name].coordinates, atol=5e-5)


@pytest.mark.parametrize("name", ["axial", "double-oblique", "tilted-oblique"])
def test_reduced_grids_lie_where_their_boxes_do(name: str) -> None:
    """A ramp's means are the coordinates of the boxes' centres, and the files say the same."""
    acquisition = ACQUISITIONS[name]
    for axis in range(3):
        voxels = np.ascontiguousarray(acquisition.coordinates[..., axis], np.float32)
        volume = Volume(VolumeGeometry(acquisition.shape, frozen(acquisition.affine)), voxels)
        image = read_by_nibabel(nifti(Grid.of_volume(reduced(volume, (4, 2, 3), "mean"))))
        indices = np.stack(np.indices(image.shape), axis=-1)
        ras = nibabel.affines.apply_affine(image.affine, indices)
        told = LPS_TO_RAS[axis] * np.asarray(image.dataobj)
        np.testing.assert_allclose(ras[..., axis], told, atol=5e-5)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 179.99, 180.0, 270.0, 33.3])
@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0, 0.8), (-0.48, 0.6, 0.64)])
@pytest.mark.parametrize("flip", [1, -1])
def test_every_rotation_has_its_quaternion(degrees: float, axis: tuple[float, float, float], flip: int) -> None:
    cross = np.cross(np.eye(3), axis)
    angle = np.radians(degrees)
    rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    affine = np.eye(4)
    affine[:3, :3] = rotation * (2.5 * flip, 0.7, 0.9)
    volume = Volume(VolumeGeometry((3, 4, 5), frozen(affine)), np.zeros((3, 4, 5), np.int16))
    header = read_by_nibabel(nifti(Grid.of_volume(volume))).header
    qform, code = header.get_qform(coded=True)
    assert code == 1
    np.testing.assert_allclose(qform, header.get_sform(), atol=1e-5)


def test_rounded_positions_are_no_shear() -> None:
    """Positions in files are rounded: so small a lean moves no corner by 0.05 mm; a greater one does."""
    for lean, code in ((4e-5, 1), (2e-3, 0)):
        affine = np.diag([2.5, 0.7, 0.7, 1.0])[[2, 1, 0, 3]]
        affine[1, 0] = lean * 2.5
        volume = Volume(VolumeGeometry((100, 8, 8), frozen(affine)), np.zeros((100, 8, 8), np.int16))
        image = read_by_nibabel(nifti(Grid.of_volume(volume)))
        assert image.header.get_qform(coded=True)[1] == code
        assert image.affine[1, 2] == pytest.approx(-lean * 2.5, rel=1e-6)


def test_raw_and_npy_are_in_c_order() -> None:
    volume = volume_of(ACQUISITIONS["axial"])
    grid = Grid.of_volume(volume)
    np.testing.assert_array_equal(np.load(io.BytesIO(npy(grid))), volume.voxels)
    assert raw(grid) == volume.voxels.astype("<i2").tobytes()


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_no_data_is_filled_in(dtype: type) -> None:
    voxels = np.arange(24).reshape(4, 2, 3).astype(dtype)
    volume = Volume(VolumeGeometry((4, 2, 3), np.eye(4)), voxels, (7.0, 8.0), (2,))
    written = np.load(io.BytesIO(npy(Grid.of_volume(volume))))
    assert written.dtype == dtype
    nothing = -32768 if dtype is np.int16 else np.nan
    expected = np.where((voxels == 7) | (voxels == 8) | (np.arange(4) == 2)[:, None, None], nothing, voxels)
    np.testing.assert_array_equal(written, expected)


@pytest.mark.parametrize("write", [nifti, nrrd])
def test_uneven_slices_have_no_place_in_nifti_and_nrrd(write: object) -> None:
    places = np.array([0.0, 0.5, 2.0])
    for geometry in (VolumeGeometry((3, 2, 2), np.eye(4), places), VolumeGeometry((3, 2, 2), np.eye(4), None, (1,))):
        with pytest.raises(ValueError, match="evenly"):
            write(Grid.of_volume(Volume(geometry, np.zeros((3, 2, 2), np.int16))))


def test_nifti_refuses_sides_that_it_cannot_tell() -> None:
    voxels = np.zeros((2, 1, 32768), np.int16)
    with pytest.raises(ValueError, match="32767"):
        nifti(Grid.of_volume(Volume(VolumeGeometry(voxels.shape, np.eye(4)), voxels)))


def test_computed_grids_hold_the_same() -> None:
    grid = Grid.of_volume(volume_of(Acquisition(shape=(40, 6, 6)))).mapped(lambda v: (v // 100 + 10) % 256, np.uint8)
    assert npy(grid.computed(Crew(2))) == npy(grid)


def test_whole_numbers_become_int16() -> None:
    values = np.array([[[-32767, np.nan, 12]], [[32767, -5, 0]]], np.float32)
    volume = Volume(VolumeGeometry(values.shape, np.eye(4)), values, (-5.0, -5.0))
    whole = as_int16(volume)
    assert whole is not None
    assert whole.voxels.tolist() == [[[-32767, -32768, 12]], [[32767, -32768, 0]]]
    assert whole.padding == (-32768, -32768)
    assert as_int16(whole) is whole


@pytest.mark.parametrize("value", [0.5, 32768, -32768, 1e9, 12.000001])
def test_other_numbers_do_not(value: float) -> None:
    values = np.array([[[1, value]]], np.float32)
    assert as_int16(Volume(VolumeGeometry(values.shape, np.eye(4)), values)) is None


def test_text_of_files_tells_unit_and_no_data() -> None:
    grid = Grid.of_volume(volume_of(ACQUISITIONS["axial"]))
    assert read_by_nibabel(nifti(grid, "HU")).header["descrip"] == b"Reslice for Orthanc; unit HU; no data -32768"
    assert b"sample units: HU\nNoData:=-32768\n\n" in nrrd(grid, "HU")
    assert list(GRID_FORMATS) == ["raw", "npy", "nifti", "nrrd"]
