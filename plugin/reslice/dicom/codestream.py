"""What the headers of compressed images say, read before any decoder takes memory for them.

JPEG (ISO/IEC 10918-1 annex B), JPEG-LS (14495-1 annex C) and JPEG 2000 (15444-1 annex A).
"""

import struct
from dataclasses import dataclass

from reslice.errors import Damaged

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP14, SOF55 = 0xE0, 0xEE, 0xF7
NO_FRAME_HEADERS = frozenset({0xC4, 0xC8, 0xCC})
"""Markers among those of frame headers that mean something else: Huffman tables, JPG, arithmetic conditions."""
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})

MOST_SCANS = 256
"""A progressive image has some ten; each costs a pass over the whole image and may take only a few bytes."""
END_WITHIN = 64
"""The end marker is looked for in so many last bytes: some writers pad."""

START_OF_JPEG2000 = b"\xff\x4f\xff\x51"
COD, SOT = 0xFF52, 0xFF90
LONGEST_BOXES = 1 << 16
"""A JPEG 2000 codestream wrapped into a JP2 file begins within so many bytes."""
FEW_TILES, SMALLEST_TILE = 64, 1024
"""Beyond a few tiles, each must have so many pixels: a decoder keeps kilobytes for each."""


@dataclass(frozen=True)
class ImageHeader:
    """Size and depth of a compressed image.

    `is_luminance`: whether three components are Y, Cb and Cr as they lie in the codestream; None where it
    doesn't say. `is_undone`: whether the decoder itself turns them back to RGB (JPEG 2000's own transforms).
    """

    rows: int
    columns: int
    components: int
    precision: int
    is_signed: bool = False
    is_luminance: bool | None = None
    is_undone: bool = False
    is_subsampled: bool = False
    is_lossless_jpeg: bool = False


def jpeg_header(codestream: bytes) -> ImageHeader:
    """The header of a JPEG or JPEG-LS image. Raises Damaged, also where the image has no end."""
    if codestream[:2] != b"\xff\xd8":
        raise Damaged("No JPEG image where one should begin")
    if b"\xff\xd9" not in codestream[-END_WITHIN:]:
        raise Damaged("The JPEG image is cut off")
    if codestream.count(b"\xff\xda") > MOST_SCANS:
        raise Damaged("The JPEG image has too many scans")
    try:
        return _frame_header(codestream)
    except (struct.error, IndexError) as error:
        raise Damaged("The JPEG header is cut off") from error


def _frame_header(codestream: bytes) -> ImageHeader:
    """Walk over the marker segments before the first scan."""
    position, frame, signs = 2, None, _ColourSigns()
    while True:
        marker, start, end = _segment(codestream, position)
        position = end
        if marker == SOS:
            break
        segment = codestream[start:end]
        if marker == APP0 and segment[:4] == b"JFIF":
            signs.is_jfif = True
        elif marker == APP14 and segment[:5] == b"Adobe":
            signs.adobe = segment[11]
        elif (0xC0 <= marker <= 0xCF and marker not in NO_FRAME_HEADERS) or marker == SOF55:
            if frame is not None:
                raise Damaged("The JPEG image has two frame headers")
            frame = marker, segment
    if frame is None:
        raise Damaged("The JPEG image has no frame header")
    return _image_header(*frame, signs)


def _segment(codestream: bytes, position: int) -> tuple[int, int, int]:
    """(marker, where its parameters begin, where the next marker may lie)."""
    if codestream[position] != 0xFF:
        raise Damaged("The JPEG header is broken")
    while codestream[position] == 0xFF:
        position += 1
    marker = codestream[position]
    if marker in WITHOUT_LENGTH:
        return marker, position + 1, position + 1
    (length,) = struct.unpack_from(">H", codestream, position + 1)
    if marker in (0x00, SOI, EOI) or length < 2:
        raise Damaged("The JPEG header is broken")
    return marker, position + 3, position + 1 + length


@dataclass
class _ColourSigns:
    """What tells the colours of a JPEG image: the JFIF marker, and Adobe's with its transform."""

    is_jfif: bool = False
    adobe: int | None = None

    def is_luminance(self, identifiers: bytes, is_subsampled: bool) -> bool | None:
        """Whether three components are Y, Cb and Cr; only they are ever sampled differently."""
        if self.adobe is not None:
            return self.adobe != 0
        if identifiers in (b"RGB", b"rgb"):
            return False
        return True if self.is_jfif or is_subsampled else None


def _image_header(marker: int, segment: bytes, signs: _ColourSigns) -> ImageHeader:
    precision, rows, columns, components = struct.unpack_from(">BHHB", segment)
    parts = [segment[k : k + 3] for k in range(6, 6 + 3 * components, 3)]
    is_subsampled = len({part[1] for part in parts}) > 1
    is_lossless = marker in (0xC3, 0xC7, 0xCB, 0xCF)
    is_luminance = signs.is_luminance(bytes(part[0] for part in parts), is_subsampled) if components == 3 else None
    return ImageHeader(
        rows=rows,
        columns=columns,
        components=components,
        precision=precision,
        is_luminance=None if is_lossless or marker == SOF55 else is_luminance,
        is_subsampled=is_subsampled,
        is_lossless_jpeg=is_lossless,
    )


def jpeg2000_codestream(frame: bytes) -> bytes:
    """The codestream in a frame, without the boxes of a JP2 file that some writers leave around it. Raises Damaged."""
    start = 0 if frame.startswith(START_OF_JPEG2000) else frame.find(START_OF_JPEG2000, 0, LONGEST_BOXES)
    if start < 0:
        raise Damaged("No JPEG 2000 image where one should begin")
    return frame[start:] if start else frame


def jpeg2000_header(codestream: bytes) -> ImageHeader:
    """The header of a JPEG 2000 codestream, high-throughput ones too. Raises Damaged."""
    try:
        return _size_header(codestream)
    except (struct.error, IndexError) as error:
        raise Damaged("The JPEG 2000 header is cut off") from error


def _size_header(codestream: bytes) -> ImageHeader:
    """The SIZ segment (annex A.5.1)."""
    right, bottom, left, top, width, height, tiles_left, tiles_top, components = struct.unpack_from(
        ">8IH", codestream, 8
    )
    parts = struct.unpack_from(f">{3 * min(components, 16)}B", codestream, 42)
    rows, columns = bottom - top, right - left
    if not (rows > 0 and columns > 0 and width and height and tiles_left <= left and tiles_top <= top):
        raise Damaged("The JPEG 2000 image has no size")
    tiles = -(-(right - tiles_left) // width) * -(-(bottom - tiles_top) // height)
    if tiles > FEW_TILES and tiles * SMALLEST_TILE > rows * columns:
        raise Damaged(f"The JPEG 2000 image has {tiles} tiles")
    return ImageHeader(
        rows=rows,
        columns=columns,
        components=components,
        precision=max(part & 0x7F for part in parts[::3]) + 1,
        is_signed=bool(parts[0] & 0x80),
        is_undone=_has_component_transform(codestream, 42 + 3 * components),
        is_subsampled=any(part != 1 for part in (*parts[1::3], *parts[2::3])),
    )


def _has_component_transform(codestream: bytes, position: int) -> bool:
    """Whether the COD segment (annex A.6.1) names a multiple component transformation."""
    while True:
        marker, length = struct.unpack_from(">HH", codestream, position)
        if marker == COD:
            return codestream[position + 8] != 0
        if marker == SOT or length < 2:
            raise Damaged("The JPEG 2000 image says nothing about its coding")
        position += 2 + length
