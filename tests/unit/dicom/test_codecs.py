"""Codecs use the libraries that they were built with, whatever else the process knows."""

import ctypes.util
import io
import sys

import numpy as np
import pytest
from PIL import Image

from reslice.dicom import codecs
from reslice.dicom.decoding import CODINGS
from reslice.imaging import encode
from unit.interpreter import run_module


def test_every_codec_that_a_coding_names_is_here() -> None:
    assert codecs.usable() == {coding.codec for coding in CODINGS.values()} - {None}


def test_loading_leaves_no_trace() -> None:
    flags = sys.getdlopenflags()
    codecs.usable.cache_clear()
    codecs.usable()
    assert sys.getdlopenflags() == flags


@pytest.fixture
def dcmtk() -> str:
    """DCMTK's JPEG of 12 bits, which Orthanc is linked to."""
    name = ctypes.util.find_library("ijg12")
    if name is None:
        pytest.skip("DCMTK's libraries aren't here")
    return name


def test_functions_of_the_same_name_do_no_harm(dcmtk: str) -> None:
    """Without care this ends the process by a signal."""
    found = run_module("unit.dicom.beside_dcmtk", dcmtk).splitlines()
    assert found == ["JPEG2K JPEG8 JPEGLS PACKBITS", "True"]


def test_a_codec_that_somebody_else_has_loaded_is_not_used(dcmtk: str) -> None:
    found = run_module("unit.dicom.beside_dcmtk", dcmtk, "before").splitlines()
    assert found == ["JPEG2K JPEGLS PACKBITS"]


@pytest.mark.parametrize("quality", [1, 75, 90, 100])
@pytest.mark.parametrize("shape", [(1, 1), (33, 17), (64, 100)])
def test_jpeg_is_the_picture_that_the_other_encoder_makes(shape: tuple[int, int], quality: int) -> None:
    picture = np.random.default_rng(quality).integers(0, 256, shape, dtype=np.uint8)
    content = codecs.to_jpeg(picture, quality)
    assert content is not None
    with Image.open(io.BytesIO(content)) as ours, Image.open(io.BytesIO(encode.jpeg(picture, quality))) as other:
        assert (ours.format, ours.mode, ours.size) == ("JPEG", "L", shape[::-1])
        assert np.array_equal(np.asarray(ours), np.asarray(other))
