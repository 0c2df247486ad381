"""Codecs use the libraries that they were built with, whatever else the process knows."""

import ctypes.util
import sys

import pytest

from reslice.dicom import codecs
from reslice.dicom.decoding import CODINGS
from unit.interpreter import run_module


def test_every_codec_that_a_coding_names_is_here() -> None:
    assert codecs.usable() == {coding.codec for coding in CODINGS.values()} - {None}


def test_loading_leaves_no_trace() -> None:
    flags = sys.getdlopenflags()
    codecs.usable.cache_clear()
    codecs.usable()
    assert sys.getdlopenflags() == flags


@pytest.fixture
def libjpeg() -> str:
    """The system's own, which Orthanc is linked to."""
    name = ctypes.util.find_library("jpeg")
    if name is None:
        pytest.skip("the system has no libjpeg of its own")
    return name


def test_another_libjpeg_in_the_process_does_no_harm(libjpeg: str) -> None:
    """Without care this ends the process by a signal."""
    found = run_module("unit.dicom.foreign_libjpeg", libjpeg).splitlines()
    assert found == ["JPEG2K JPEG8 JPEGLS PACKBITS", "True"]


def test_a_codec_that_somebody_else_bound_to_it_is_not_used(libjpeg: str) -> None:
    found = run_module("unit.dicom.foreign_libjpeg", libjpeg, "before").splitlines()
    assert found == ["JPEG2K JPEGLS PACKBITS"]
