"""Stored pixels: by offset or by a decoder, the same values as pydicom's; rubbish is refused."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from phantoms import AXIAL, Acquisition, compressed, file_of, image, multiframe, noise
from reslice.dicom.decoding import decoders
from reslice.errors import Damaged, Undecodable
from reslice.imaging.modality import modality_values
from unit.dicom.files import (
    ENCODINGS,
    PREAMBLE,
    encoded,
    frame,
    one_slice,
    pixels_of,
    read,
    stored_frame,
    undefined,
    with_elements,
)

TYPES = [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32]
SYNTAXES = [RLELossless, JPEG2000Lossless, JPEGLSLossless]
EVERY_SYNTAX = pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)


def ends_of(dtype: type, *shape: int) -> np.ndarray:
    """Noise with the type's smallest and largest values."""
    limits = np.iinfo(dtype)
    values = np.random.default_rng(3).integers(limits.min, limits.max, shape, dtype, endpoint=True)
    values.flat[:2] = limits.min, limits.max
    return values


@pytest.mark.parametrize("dtype", TYPES, ids=lambda t: np.dtype(t).name)
@pytest.mark.parametrize("shape", [(4, 6), (3, 5), (1, 1)], ids=str)
def test_every_depth_and_sign(dtype: type, shape: tuple[int, int]) -> None:
    pixels = ends_of(dtype, *shape)
    values = frame(image(pixels))
    assert values.dtype == dtype
    np.testing.assert_array_equal(values, pixels)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_has_the_same_pixels(encoding: str) -> None:
    expected = pixels_of(file_of(one_slice()))
    found, content = read(encoded(one_slice(), encoding))
    values = stored_frame(found, content, 0)
    assert values.dtype.isnative
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(modality_values(values, found.description.rescale), expected)


def test_vendors_unknown_sequences_do_not_move_the_pixels() -> None:
    expected = pixels_of(file_of(one_slice()))
    for extra in (
        undefined((0x0009, 0x1001), "UN", b""),
        undefined((0x0009, 0x1001), "SQ", undefined((0x0009, 0x1002), "UN", b"")),
    ):
        np.testing.assert_array_equal(frame(with_elements(file_of(one_slice()), extra)), expected)


def test_file_without_preamble_has_its_pixels() -> None:
    np.testing.assert_array_equal(frame(file_of(one_slice())[PREAMBLE:]), pixels_of(file_of(one_slice())))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32], ids=lambda t: np.dtype(t).name)
def test_frames_lie_one_after_the_other(dtype: type, number: int) -> None:
    pixels = ends_of(dtype, 3, 5, 7)
    np.testing.assert_array_equal(frame(multiframe(pixels), number), pixels[number])


@EVERY_SYNTAX
def test_compressed_pixels_are_exact(syntax: str) -> None:
    dataset = noise(Acquisition(shape=(2, 40, 48)))[0]
    expected = dataset.pixel_array
    np.testing.assert_array_equal(frame(compressed(dataset, syntax)), expected)


@EVERY_SYNTAX
@pytest.mark.parametrize("number", [0, 2])
def test_compressed_frames_are_exact(syntax: str, number: int) -> None:
    pixels = ends_of(np.uint16, 3, 40, 48)
    np.testing.assert_array_equal(frame(compressed(multiframe(pixels), syntax), number), pixels[number])


@pytest.mark.parametrize("keyword", ["FloatPixelData", "DoubleFloatPixelData"])
@pytest.mark.parametrize("frames", [1, 3])
def test_float_pixels(keyword: str, frames: int) -> None:
    dtype = np.float32 if keyword == "FloatPixelData" else np.float64
    pixels = np.random.default_rng(1).normal(size=(frames, 4, 5)).astype(dtype)
    for number in range(frames):
        np.testing.assert_array_equal(frame(with_floats(keyword, pixels), number), pixels[number])


def with_floats(keyword: str, pixels: np.ndarray, **attributes: object) -> Dataset:
    dataset = multiframe(np.zeros(pixels.shape, np.int16))
    del dataset.PixelData
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    setattr(dataset, keyword, pixels.tobytes())
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def test_float_pixels_have_their_own_size_whatever_the_header_says() -> None:
    pixels = np.random.default_rng(1).normal(size=(2, 4, 5)).astype(np.float32)
    for bits in (8, 16, 64):
        dataset = with_floats("FloatPixelData", pixels, BitsAllocated=bits)
        np.testing.assert_array_equal(frame(dataset, 1), pixels[1])
    half = with_floats("FloatPixelData", pixels[:1], BitsAllocated=16)
    half.FloatPixelData = half.FloatPixelData[:40]
    with pytest.raises(Damaged):
        frame(half)


@given(
    stored=st.integers(1, 16),
    is_signed=st.booleans(),
    foreign=st.integers(0, 65535),
    values=st.lists(st.integers(0, 65535), min_size=6, max_size=6),
)
def test_bits_above_the_stored_ones_are_no_part_of_the_value(
    stored: int, is_signed: bool, foreign: int, values: list[int]
) -> None:
    """Old files keep overlays there (PS3.5 8.1.1)."""
    mask = (1 << stored) - 1
    words = np.array([value & mask | foreign & ~mask & 0xFFFF for value in values], dtype=np.uint16)
    expected = [value & mask for value in values]
    if is_signed:
        expected = [value - (1 << stored) if value >> (stored - 1) else value for value in expected]
    dataset = image(words.view(np.int16 if is_signed else np.uint16).reshape(2, 3))
    dataset.BitsStored, dataset.HighBit = stored, stored - 1
    assert frame(dataset).ravel().tolist() == expected


@pytest.mark.parametrize(("high_bit", "shift"), [(15, 4), (13, 2), (11, 0)])
def test_stored_bits_may_lie_higher_up(high_bit: int, shift: int) -> None:
    values = np.array([[0, 1, 4095], [77, 2048, 2047]], dtype=np.uint16)
    dataset = image((values << shift).astype(np.uint16))
    dataset.BitsStored, dataset.HighBit = 12, high_bit
    np.testing.assert_array_equal(frame(dataset), values)


def in_every_encoding(make: Callable[[], Dataset]) -> Iterator[bytes]:
    """The same instance in all encodings of the header, and run-length coded."""
    yield from (encoded(make(), encoding) for encoding in ENCODINGS)
    yield file_of(compressed(make(), RLELossless))


@pytest.mark.parametrize("is_signed", [False, True])
def test_foreign_bits_count_nowhere(is_signed: bool) -> None:
    """Whoever decodes: 12 bits are stored, an overlay lies above them."""
    values = np.array([[0, 1, 4095, 2048], [77, 2047, 100, 3000]], np.uint16)
    expected = np.where(values > 2047, values.astype(int) - 4096, values) if is_signed else values

    def with_overlay() -> Dataset:
        words = (values | 0x3000).astype(np.uint16)
        return image(words.view(np.int16 if is_signed else np.uint16), BitsStored=12, HighBit=11)

    for content in in_every_encoding(with_overlay):
        np.testing.assert_array_equal(frame(content), expected)


def test_stored_bits_lie_higher_up_in_every_encoding() -> None:
    """Or the file is refused: low bits alone would be another picture."""
    values = np.array([[0, 1, 4095], [77, 2048, 2047]], np.uint16)

    def shifted() -> Dataset:
        return image((values << 4).astype(np.uint16), BitsStored=12, HighBit=15)

    for content in in_every_encoding(shifted):
        with suppress(Damaged, Undecodable):
            np.testing.assert_array_equal(frame(content), values)


def test_decoders_are_told_by_name() -> None:
    found = decoders()
    assert found["RLE Lossless"]
    assert found["JPEG 2000 Image Compression (Lossless Only)"]
    assert "Explicit VR Little Endian" not in found


def test_values_are_a_view_where_they_can_be() -> None:
    """No copy of what lies in the file as it is needed."""
    found, content = read(noise(AXIAL)[0])
    values = stored_frame(found, content, 0)
    assert not values.flags.owndata
    assert np.shares_memory(values, np.frombuffer(content, np.uint8))
