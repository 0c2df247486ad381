"""Uncompressed pixels: bytes to samples (PS3.5 section 8.1.1 and annex A)."""

from typing import Any

import numpy as np

from reslice.dicom.pixel_format import FLOAT_PIXELS, SHARED_CHROMA, PixelFormat
from reslice.errors import Damaged, Undecodable
from reslice.imaging.modality import Stored

WHOLE_WORDS = {8: 1, 16: 2, 32: 4}
"""Bytes of the allocated sizes that numpy knows; others are taken apart bit by bit."""
WIDEST_PACKED = 32


def samples_of(
    content: bytes | memoryview, offset: int, frame: int, pixels: PixelFormat, tag: int | None, planar: int = 0
) -> Stored:
    """Little-endian samples of one frame: shape (rows, columns), or (rows, columns, samples) with colour.

    A view of `content` where it can be. Raises Damaged where the content ends too early, Undecodable.
    """
    shape = (pixels.rows, pixels.columns)
    try:
        if tag in FLOAT_PIXELS:
            start = offset + frame * pixels.frame_bytes(tag)
            return np.frombuffer(content, FLOAT_PIXELS[tag], shape[0] * shape[1], start).reshape(shape)
        if pixels.samples > 1 and pixels.photometric in SHARED_CHROMA:
            return _with_shared_chroma(_words(content, offset, frame, pixels, 2), shape)
        words = _words(content, offset, frame, pixels, pixels.samples)
    except ValueError as error:
        raise Damaged(f"Frame {frame} is cut off") from error
    if pixels.samples == 1:
        return words.reshape(shape)
    return np.moveaxis(words.reshape(-1, *shape), 0, -1) if planar else words.reshape(*shape, -1)


def _words(content: bytes | memoryview, offset: int, frame: int, pixels: PixelFormat, samples: int) -> Stored:
    """All samples of a frame in the order of the file; frames follow each other without a gap, to the bit."""
    count = pixels.rows * pixels.columns * samples
    if pixels.bits_allocated in WHOLE_WORDS:
        dtype = word_type(pixels).newbyteorder("<")
        values: Stored = np.frombuffer(content, dtype, count, offset + frame * count * dtype.itemsize)
        return values
    return _packed_words(content, offset, frame * count * pixels.bits_allocated, count, pixels)


def _packed_words(content: bytes | memoryview, offset: int, first_bit: int, count: int, pixels: PixelFormat) -> Stored:
    """Cells of 1, 12 or any other number of bits, each beginning where the last one ended, low bits first."""
    width = pixels.bits_allocated
    if not 1 <= width <= WIDEST_PACKED:
        raise Undecodable(f"{width} bits allocated for each sample are not read")
    skipped = first_bit % 8
    size = (skipped + count * width + 7) // 8
    raw = np.frombuffer(content, np.uint8, size, offset + first_bit // 8)
    bits = np.unpackbits(raw, bitorder="little")[skipped : skipped + count * width].reshape(count, width)
    dtype = word_type(pixels)
    values = np.zeros(count, dtype)
    for place in range(width):
        values |= bits[:, place].astype(dtype) << place
    return values


def word_type(pixels: PixelFormat) -> np.dtype[Any]:
    """The narrowest integer type that holds what is allocated for a sample, in the machine's byte order."""
    size = 1 if pixels.bits_allocated <= 8 else 2 if pixels.bits_allocated <= 16 else 4
    return np.dtype(f"{'i' if pixels.is_signed else 'u'}{size}")


def _with_shared_chroma(words: Stored, shape: tuple[int, int]) -> Stored:
    """Y1 Y2 Cb Cr for each two neighbours of a row (PS3.3 C.7.6.3.1.2)."""
    if shape[1] % 2:
        raise Damaged("Chrominance is shared by two columns, but their number is odd")
    pairs = words.reshape(shape[0], shape[1] // 2, 4)
    luminance = pairs[..., :2].reshape(*shape)
    chroma = np.repeat(pairs[..., 2:], 2, axis=1)
    return np.concatenate([luminance[..., np.newaxis], chroma], axis=-1)


def without_foreign_bits(values: Stored, pixels: PixelFormat) -> Stored:
    """Whole words with the bits above and below the stored ones cleared (old files keep overlays there)."""
    width = 8 * values.dtype.itemsize
    above = width - 1 - pixels.high_bit
    unused = width - pixels.bits_stored
    if unused <= 0 or above < 0 or above > unused:
        return values
    if not _has_foreign_bits(values, pixels):
        return values
    return (values << above) >> unused


def sign_extended(values: Stored, bits: int) -> Stored:
    """Words whose sign lies in one of their lower bits, made whole; for unsigned ones, what lies above is cleared."""
    unused = 8 * values.dtype.itemsize - bits
    return (values << unused) >> unused if unused > 0 else values


def _has_foreign_bits(values: Stored, pixels: PixelFormat) -> bool:
    if pixels.high_bit != pixels.bits_stored - 1:
        return True
    low, high = int(values.min()), int(values.max())
    if pixels.is_signed:
        return low < -(1 << pixels.bits_stored - 1) or high >= 1 << pixels.bits_stored - 1
    return high >= 1 << pixels.bits_stored


def in_little_endian(content: bytes, pixels: PixelFormat, tag: int | None, *, is_word: bool) -> bytes:
    """Big-endian pixels turned around once; samples of less than a word come as words of 16 bits where the VR is OW."""
    size = FLOAT_PIXELS[tag].itemsize if tag in FLOAT_PIXELS else WHOLE_WORDS.get(pixels.bits_allocated, 1)
    if size == 1:
        size = 2 if is_word else 1
    whole = content[: len(content) // size * size]
    return np.frombuffer(whole, f">u{size}").astype(f"<u{size}").tobytes() if size > 1 else content
