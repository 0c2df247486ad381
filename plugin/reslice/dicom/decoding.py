"""Compressed frames to samples, by imagecodecs: its codecs leave the interpreter to other threads while they work.

What a codestream's own header says is held against the instance's before a codec takes memory for it.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from reslice.dicom import codecs
from reslice.dicom.codestream import ImageHeader, jpeg2000_codestream, jpeg2000_header, jpeg_header
from reslice.dicom.instance import PixelFormat
from reslice.dicom.native import WHOLE_WORDS, samples_of, sign_extended, without_foreign_bits, word_type
from reslice.errors import Damaged

DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"

RLE_HEADER = struct.Struct("<16I")
RLE_EXPANSION = 64
"""Two bytes of RLE become at most 128 (PS3.5 G.3)."""

Samples = NDArray[Any]


@dataclass(frozen=True)
class Decoded:
    """One frame: samples (rows, columns[, samples]) as words of the instance; whether three are Y, Cb and Cr.

    `is_luminance` is None where only the instance's Photometric Interpretation tells.
    """

    samples: Samples
    is_luminance: bool | None = None


Decode = Callable[[bool], Decoded]
"""Does the work for a frame whose claims have been checked; told whether RGB is wanted, which only JPEG minds."""


class NotDecoded(Exception):
    """No codec here, or it gave up though the header is sound: another decoder may do better."""


@dataclass(frozen=True)
class Coding:
    """A family of transfer syntaxes: how a frame is checked and decoded, and by which codec of imagecodecs."""

    codec: str | None
    prepare: Callable[[bytes, PixelFormat], Decode]

    @property
    def is_available(self) -> bool:
        """Whether the codec is at hand."""
        return self.codec is None or self.codec in codecs.usable()


def prepare(codestream: bytes, transfer_syntax: str, pixels: PixelFormat) -> Decode:
    """Hold a frame's claims against the instance's. Raises Damaged; NotDecoded for an unknown transfer syntax."""
    if transfer_syntax not in CODINGS:
        raise NotDecoded
    return CODINGS[transfer_syntax].prepare(codestream, pixels)


def is_thorough(transfer_syntax: str) -> bool:
    """Whether a codec is at hand that reads all of a coding, so that what it refuses is broken.

    Other decoders fill up what is missing in a broken frame with something.
    """
    coding = CODINGS.get(transfer_syntax)
    return coding is not None and coding is not _JPEG and coding.is_available


def is_coherent(codestream: bytes, transfer_syntax: str, pixels: PixelFormat) -> bool:
    """Whether a frame's own signs of its colours agree with the instance's, on which other decoders rely."""
    coding = CODINGS.get(transfer_syntax)
    if pixels.samples == 1 or coding is not _JPEG:
        return True
    return jpeg_header(codestream).is_luminance in (None, pixels.photometric.startswith("YBR"))


def missing_decoder(transfer_syntax: str) -> str | None:
    """The package whose absence keeps a transfer syntax from being read; None where no package would help."""
    coding = CODINGS.get(transfer_syntax)
    return codecs.PACKAGE if coding is not None and not coding.is_available else None


def decoders() -> dict[str, bool]:
    """Compressed transfer syntaxes by name, and whether a decoder is at hand."""
    return {NAMES.get(uid, UID(uid).name): coding.is_available for uid, coding in CODINGS.items()}


def _require_same_image(header: ImageHeader, pixels: PixelFormat) -> None:
    """Raise Damaged where the codestream holds another image than the instance claims."""
    said = (header.rows, header.columns, header.components)
    if said != (pixels.rows, pixels.columns, pixels.samples):
        raise Damaged(f"The compressed image has {said[0]} rows, {said[1]} columns and {said[2]} components")
    if header.precision > 8 * word_type(pixels).itemsize:
        raise Damaged(f"The compressed image has {header.precision} bits, more than are allocated")


def _words(values: Samples, pixels: PixelFormat, header: ImageHeader, sign_end: int) -> Samples:
    """What a codec gives, as words of the instance's type.

    More bits than are stored are whole words, with whatever lies beside the stored bits. No more than those are
    values already. Only JPEG 2000 knows signs: everywhere else, and where it contradicts the instance, the sign
    of signed values is the bit below `sign_end`.
    """
    shape = (pixels.rows, pixels.columns)
    if values.shape != (shape if pixels.samples == 1 else (*shape, pixels.samples)):
        raise NotDecoded
    words = values.astype(word_type(pixels), copy=False)
    if header.precision > pixels.bits_stored:
        return without_foreign_bits(words, pixels)
    return words if header.is_signed == pixels.is_signed else sign_extended(words, sign_end)


def _jpeg(codestream: bytes, pixels: PixelFormat) -> Decode:
    header = jpeg_header(codestream)
    _require_same_image(header, pixels)
    is_luminance = header.is_luminance
    if is_luminance is None:
        is_luminance = not header.is_lossless_jpeg and pixels.photometric.startswith("YBR")

    def decode(as_rgb: bool) -> Decoded:
        inside = "GRAYSCALE" if pixels.samples == 1 else "YCBCR" if is_luminance else "RGB"
        outside = "RGB" if as_rgb and pixels.samples > 1 else inside
        values = codecs.jpeg(codestream, inside, outside)
        says_itself = None if header.is_lossless_jpeg else outside == "YCBCR"
        return Decoded(_words(values, pixels, header, pixels.bits_stored), says_itself)

    return decode


def _jpeg_ls(codestream: bytes, pixels: PixelFormat) -> Decode:
    header = jpeg_header(codestream)
    _require_same_image(header, pixels)

    def decode(_: bool) -> Decoded:
        return Decoded(_words(codecs.jpeg_ls(codestream), pixels, header, header.precision))

    return decode


def _jpeg_2000(frame: bytes, pixels: PixelFormat) -> Decode:
    """High-throughput codestreams too: OpenJPEG reads both, and fails aloud where something is broken."""
    codestream = jpeg2000_codestream(frame)
    header = jpeg2000_header(codestream)
    _require_same_image(header, pixels)
    if header.is_subsampled:
        raise NotDecoded

    def decode(_: bool) -> Decoded:
        values = codecs.jpeg_2000(codestream)
        return Decoded(_words(values, pixels, header, header.precision), False if header.is_undone else None)

    return decode


def _rle(frame: bytes, pixels: PixelFormat) -> Decode:
    """Segments of bytes, the most significant of each sample first (PS3.5 annex G)."""
    size = WHOLE_WORDS.get(pixels.bits_allocated)
    if size is None:
        raise NotDecoded
    count = pixels.rows * pixels.columns
    if len(frame) < RLE_HEADER.size or count * pixels.samples * size > RLE_EXPANSION * len(frame):
        raise Damaged("Too few run-length codes for the image")
    segments, *offsets = RLE_HEADER.unpack_from(frame)
    ends = [*offsets[1:segments], len(frame)]
    bounds = list(zip(offsets[:segments], ends, strict=False))
    if segments != pixels.samples * size or not all(RLE_HEADER.size <= a < b <= len(frame) for a, b in bounds):
        raise Damaged(f"{segments} segments of run-length codes can't be the image")
    return lambda _: Decoded(_from_segments(frame, bounds, pixels, size))


def _from_segments(frame: bytes, bounds: list[tuple[int, int]], pixels: PixelFormat, size: int) -> Samples:
    count = pixels.rows * pixels.columns
    planes = np.empty((count, pixels.samples, size), np.uint8)
    for k, (start, end) in enumerate(bounds):
        plane = codecs.unpack_bits(frame[start:end], count)
        if len(plane) != count:
            raise Damaged("A segment of run-length codes is too short")
        planes[:, k // size, size - 1 - k % size] = np.frombuffer(plane, np.uint8)
    words = planes.view(word_type(pixels).newbyteorder("<"))
    shape = (pixels.rows, pixels.columns)
    return without_foreign_bits(words.reshape(shape if pixels.samples == 1 else (*shape, -1)), pixels)


def _deflated_frame(frame: bytes, pixels: PixelFormat) -> Decode:
    """Each frame by itself as raw deflate (PS3.5 A.4.13)."""
    size = pixels.frame_bytes(None)

    def decode(_: bool) -> Decoded:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        content = inflater.decompress(frame, size)
        return Decoded(without_foreign_bits(samples_of(content, 0, 0, pixels, None), pixels))

    return decode


NAMES = {DEFLATED_FRAMES: "Deflated Image Frame Compression"}
"""Of transfer syntaxes that pydicom doesn't know."""

_JPEG = Coding("JPEG8", _jpeg)
_JPEG_LS = Coding("JPEGLS", _jpeg_ls)
_JPEG_2000 = Coding("JPEG2K", _jpeg_2000)

CODINGS: dict[str, Coding] = {
    "1.2.840.10008.1.2.4.50": _JPEG,
    "1.2.840.10008.1.2.4.51": _JPEG,
    "1.2.840.10008.1.2.4.53": _JPEG,
    "1.2.840.10008.1.2.4.55": _JPEG,
    "1.2.840.10008.1.2.4.57": _JPEG,
    "1.2.840.10008.1.2.4.70": _JPEG,
    "1.2.840.10008.1.2.4.80": _JPEG_LS,
    "1.2.840.10008.1.2.4.81": _JPEG_LS,
    "1.2.840.10008.1.2.4.90": _JPEG_2000,
    "1.2.840.10008.1.2.4.91": _JPEG_2000,
    "1.2.840.10008.1.2.4.201": _JPEG_2000,
    "1.2.840.10008.1.2.4.202": _JPEG_2000,
    "1.2.840.10008.1.2.4.203": _JPEG_2000,
    "1.2.840.10008.1.2.5": Coding("PACKBITS", _rle),
    DEFLATED_FRAMES: Coding(None, _deflated_frame),
}
"""How each compressed transfer syntax is read; 53 and 55 are retired, but real."""
