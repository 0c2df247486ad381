"""Uncompressed pixels of uncommon layout."""

import itertools
import zlib

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian

from phantoms import file_of, image, multiframe
from reslice.dicom.frames import FrameReader
from reslice.errors import Damaged, Undecodable
from unit.dicom.codestreams import deflated_file, reader_of
from unit.dicom.files import read


def packed(values: np.ndarray, width: int) -> bytes:
    """Cells of so many bits, each beginning where the last one ended; written out bit by bit."""
    total = 0
    for k, value in enumerate(values.ravel().tolist()):
        total |= (value & (1 << width) - 1) << k * width
    size = (values.size * width + 7) // 8
    return total.to_bytes(size + size % 2, "little")


@pytest.mark.parametrize(("width", "is_signed"), [(1, False), *itertools.product((4, 10, 12, 24), (False, True))])
def test_cells_run_on_from_frame_to_frame(width: int, is_signed: bool) -> None:
    low, high = (-(1 << width - 1), 1 << width - 1) if is_signed else (0, 1 << width)
    frames = np.random.default_rng(2).integers(low, high, (3, 3, 5))
    dataset = multiframe(np.zeros(frames.shape, np.int16 if is_signed else np.uint16))
    dataset.BitsAllocated = dataset.BitsStored = width
    dataset.HighBit, dataset.PixelData = width - 1, packed(frames, width)
    for k in range(3):
        np.testing.assert_array_equal(reader_of(dataset).stored(k), frames[k])


def test_64_bits_are_refused_by_name() -> None:
    dataset = image(np.zeros((2, 3), np.int32))
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 64, 64, 63
    dataset.PixelData = bytes(48)
    with pytest.raises(Undecodable) as caught:
        reader_of(dataset).stored(0)
    assert caught.value.facts["Instance"] == "an-id"


@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_big_endian_bytes_in_words(vr: str) -> None:
    """Of OW, two neighbours have changed places (PS3.5 A.3)."""
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    dataset = image(pixels)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    if vr == "OW":
        dataset.PixelData = pixels.reshape(-1, 2)[:, ::-1].tobytes()
    dataset["PixelData"].VR = vr
    np.testing.assert_array_equal(reader_of(dataset).stored(0), pixels)


@pytest.mark.parametrize("dtype", [np.int16, np.uint32, np.int32])
def test_big_endian_words(dtype: type) -> None:
    frames = np.random.default_rng(3).integers(0, 30000, (2, 4, 5)).astype(dtype)
    dataset = multiframe(frames)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset.PixelData = frames.astype(frames.dtype.newbyteorder(">")).tobytes()
    for k in range(2):
        np.testing.assert_array_equal(reader_of(dataset).stored(k), frames[k])


def test_big_endian_colour() -> None:
    rgb = np.random.default_rng(4).integers(0, 256, (3, 4, 3)).astype(np.uint8)
    dataset = image((rgb.astype(np.uint16) << 8) + 3)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset.PixelData = ((rgb.astype(">u2") << 8) + 3).astype(">u2").tobytes()
    np.testing.assert_array_equal(reader_of(dataset).colour(0), rgb)


def test_shared_chroma_needs_pairs_of_columns() -> None:
    dataset = image(np.zeros((3, 5, 3), np.uint8), PhotometricInterpretation="YBR_FULL_422")
    with pytest.raises(Damaged):
        reader_of(dataset).colour(0)


@pytest.mark.parametrize("space", ["CMYK", "HSV", "ARGB", "YBR_PARTIAL_420", "NONSENSE"])
def test_retired_colour_spaces_are_refused(space: str) -> None:
    dataset = image(np.zeros((3, 4, 3), np.uint8), PhotometricInterpretation=space)
    with pytest.raises(Undecodable) as caught:
        reader_of(dataset).colour(0)
    assert space in caught.value.details


def deflated(raw: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(raw) + deflater.flush()


def test_deflated_frames() -> None:
    frames = np.random.default_rng(6).integers(0, 4000, (3, 5, 7)).astype(np.uint16)
    reader = reader_of(deflated_file([deflated(f.tobytes()) for f in frames], frames[0]))
    for k in range(3):
        np.testing.assert_array_equal(reader.stored(k), frames[k])


def test_deflated_frames_of_single_bits_begin_with_a_byte() -> None:
    frames = np.random.default_rng(7).integers(0, 2, (2, 3, 5)).astype(np.uint8)
    codes = [deflated(np.packbits(f.ravel(), bitorder="little").tobytes()) for f in frames]
    dataset = deflated_file(codes, frames[0], BitsAllocated=1, BitsStored=1, HighBit=0)
    for k in range(2):
        np.testing.assert_array_equal(reader_of(dataset).stored(k), frames[k])


def test_a_deflated_frame_that_is_too_short_or_rubbish() -> None:
    pixels = np.zeros((5, 7), np.uint16)
    for code in (deflated(bytes(30)), b"rubbish!"):
        with pytest.raises(Damaged):
            reader_of(deflated_file([code], pixels)).stored(0)


def test_a_native_file_is_not_parsed() -> None:
    """Its header may be anything by then: the place of its pixels is known."""
    pixels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    found, content = read(file_of(image(pixels)))
    place = found.pixel_offset
    without_header = b"\xff" * place + content[place:]
    np.testing.assert_array_equal(FrameReader(found, without_header).stored(0), pixels)
