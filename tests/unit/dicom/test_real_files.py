"""Every real file of the shared data: stored values to the last bit, colours as other readers show them."""

import hashlib
import io
import warnings
from functools import cache

import numpy as np
import pytest
import SimpleITK
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import get_frame

from reslice.dicom.frames import FrameReader
from shared_data import case_files, truth
from unit.dicom.files import read

CASES = ["ct-all-syntaxes", "enhanced", "color", "gray-special", "corrupt"]
LOSSY_JPEG = [".4.50.", ".4.51.", "JPGExtended", "SC_rgb_jpeg", "examples_ybr_color", "IM00001"]
"""The truth's decoder rounds differently; these are compared with SimpleITK and Pillow below."""
AS_RGB_ALREADY = ["SC_ybr_full_422_uncompressed"]
"""The truth holds what its reader turned to RGB."""


@cache
def known_files() -> list[tuple[str, str]]:
    """(case, name) of all files whose stored pixels the truth tells."""
    found = []
    for case in CASES:
        for name, facts in truth(case)["files"].items():
            if "sha256" in (facts.get("pydicom_stored") or {}):
                found.append((case, name))
    return found


def frames(case: str, name: str) -> tuple[FrameReader, int]:
    content = next(path for path in case_files(case) if path.name == name).read_bytes()
    found, _ = read(content)
    return FrameReader(found, content), found.frames


def test_the_truth_tells_many_files() -> None:
    assert len(known_files()) > 40


def test_stored_values_are_exact() -> None:
    checked = 0
    for case, name in known_files():
        if any(part in name for part in (*LOSSY_JPEG, *AS_RGB_ALREADY)):
            continue
        facts = truth(case)["files"][name]["pydicom_stored"]
        reader, count = frames(case, name)
        values = np.array([reader.stored(k) for k in range(count)])
        assert list(values[0].shape if count == 1 else values.shape) == facts["shape"], name
        assert values.dtype == facts["dtype"], name
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        assert hashlib.sha256(little.tobytes()).hexdigest() == facts["sha256"], name
        checked += 1
    assert checked > 36


@pytest.mark.parametrize("case", ["mr-syntax-j2k", "mr-syntax-jpeg", "mr-syntax-jpegls", "mr-syntax-rle"])
def test_one_image_in_four_codings(case: str) -> None:
    facts = truth(case)
    digest = hashlib.sha256()
    for name in facts["order"]:
        digest.update(frames(case, name)[0].stored(0).astype("<i2").tobytes())
    assert digest.hexdigest() == facts["sha256"]


@pytest.mark.parametrize("process", ["50", "51", "53", "55"])
def test_lossy_jpeg_is_what_simpleitk_reads(process: str) -> None:
    name = next(p.name for p in case_files("ct-all-syntaxes") if p.name.endswith(f".4.{process}.dcm"))
    stored = frames("ct-all-syntaxes", name)[0].stored(0)
    header = dcmread(next(p for p in case_files("ct-all-syntaxes") if p.name == name))
    read_by_itk = by_simpleitk("ct-all-syntaxes", name)[0]
    expected = (read_by_itk - float(header.RescaleIntercept)) / float(header.RescaleSlope)
    np.testing.assert_array_equal(stored, np.rint(expected))


def by_simpleitk(case: str, name: str) -> np.ndarray:
    """Frames first."""
    SimpleITK.ProcessObject_SetGlobalWarningDisplay(False)
    path = next(path for path in case_files(case) if path.name == name)
    values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
    is_colour = values.shape[-1] == 3
    return values.reshape(-1, *values.shape[-3 if is_colour else -2 :])


def test_extended_jpeg_is_what_simpleitk_reads() -> None:
    stored = frames("gray-special", "JPGExtended.dcm")[0].stored(0)
    np.testing.assert_array_equal(stored, by_simpleitk("gray-special", "JPGExtended.dcm")[0])


def test_colours_are_those_that_simpleitk_shows() -> None:
    checked = 0
    for path in [*case_files("color"), *case_files("corrupt")]:
        if path.parent.name == "corrupt" and path.name != "no-pixel-spacing.dcm":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = by_simpleitk(path.parent.name, path.name)
            reader, count = frames(path.parent.name, path.name)
        for k in {0, count - 1}:
            narrow = expected[k] >> 8 * (expected.dtype.itemsize - 1)
            found = reader.colour(k)
            assert found.shape == narrow.shape, path.name
            assert np.abs(found.astype(int) - narrow.astype(int)).max() <= 1, path.name
            checked += 1
    assert checked > 14


@pytest.mark.parametrize("part", ["SC_rgb_jpeg", "examples_ybr_color", "IM00001"])
def test_colours_of_jpeg_are_those_that_pillow_shows(part: str) -> None:
    path = next(path for path in case_files("color") if part in path.name)
    reader, count = frames("color", path.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(path)
    for k in range(count):
        codestream = get_frame(dataset.PixelData, k, number_of_frames=count)
        expected = np.asarray(Image.open(io.BytesIO(codestream)).convert("RGB"))
        np.testing.assert_array_equal(reader.colour(k), expected)


def test_a_file_that_ends_too_early_has_the_frames_that_are_whole() -> None:
    """The case's compressed frames are all there; only the end of their sequence is missing."""
    reader, count = frames("corrupt", "emri_small_jpeg_2k_lossless_too_short.dcm")
    whole, _ = frames("enhanced", "emri_small.dcm")
    for k in range(count):
        np.testing.assert_array_equal(reader.stored(k), whole.stored(k))


def test_pixels_without_preamble_and_transfer_syntax() -> None:
    values = frames("gray-special", "CR-MONO1-10-chest.dcm")[0].stored(0)
    turned = by_simpleitk("gray-special", "CR-MONO1-10-chest.dcm")[0]  # it shows MONOCHROME1 as MONOCHROME2
    np.testing.assert_array_equal(values, 1023 - turned)
