"""Frames of encapsulated pixels: with tables and without, whole and cut, and none costs another."""

import struct

import numpy as np
import pytest
from pydicom.uid import RLELossless

from phantoms import compressed, multiframe
from reslice.dicom.fragments import FrameIndex
from reslice.dicom.frames import FrameReader
from reslice.errors import Damaged
from unit.dicom.codestreams import J2K, JPEG, JPEG_LS, j2k, jpeg, jpeg_ls, put, reader_of
from unit.dicom.files import read

FRAMES = np.random.default_rng(8).integers(0, 4000, (4, 16, 20)).astype(np.uint16)


def item(content: bytes) -> bytes:
    content += bytes(len(content) % 2)
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(content)) + content


def cut(codestream: bytes, parts: int) -> list[bytes]:
    """Into pieces of even length."""
    size = (len(codestream) // parts + 2) // 2 * 2
    return [codestream[k : k + size] for k in range(0, len(codestream), size)]


def encapsulated(frames: list[list[bytes]], *, table: bool) -> bytes:
    offsets, body = [], b""
    for fragments in frames:
        offsets.append(len(body))
        body += b"".join(item(f) for f in fragments)
    return item(struct.pack(f"<{len(offsets)}I", *offsets) if table else b"") + body


CODES = [j2k(frame) for frame in FRAMES]


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize(
    ("syntax", "encode"), [(J2K, j2k), (JPEG_LS, jpeg_ls), (JPEG, lambda f: jpeg((f >> 4).astype(np.uint8)))]
)
def test_frames_in_fragments(table: bool, parts: int, syntax: str, encode: object) -> None:
    like = FRAMES[0] if syntax != JPEG else np.zeros((16, 20), np.uint8)
    dataset = put([encode(f) for f in FRAMES], syntax, like)
    dataset.PixelData = encapsulated([cut(encode(f), parts) for f in FRAMES], table=table)
    reader = reader_of(dataset)
    for k in (3, 0, 2, 1):
        if syntax == JPEG:
            assert np.abs(reader.stored(k).astype(int) - (FRAMES[k] >> 4)).max() <= 60
        else:
            np.testing.assert_array_equal(reader.stored(k), FRAMES[k])


def test_one_frame_in_several_fragments() -> None:
    dataset = put([CODES[0]], J2K, FRAMES[0])
    dataset.PixelData = encapsulated([cut(CODES[0], 4)], table=False)
    np.testing.assert_array_equal(reader_of(dataset).stored(0), FRAMES[0])


def with_table(offsets: list[int], parts: int) -> FrameReader:
    """Four frames, and a table that says something else."""
    dataset = put(CODES, J2K, FRAMES[0])
    rest = encapsulated([cut(code, parts) for code in CODES], table=False)[8:]
    dataset.PixelData = item(struct.pack(f"<{len(offsets)}I", *offsets)) + rest
    return reader_of(dataset)


@pytest.mark.parametrize(
    "offsets", [[0, 0, 0, 0], [0, 8, 16, 24], [5, 4, 3, 2], [0], [0, 1 << 31, 7, 9], list(range(99))]
)
@pytest.mark.parametrize("parts", [1, 3])
def test_a_lying_table_moves_no_frame(offsets: list[int], parts: int) -> None:
    reader = with_table(offsets, parts)
    for k, frame in enumerate(FRAMES):
        np.testing.assert_array_equal(reader.stored(k), frame)


def test_fragments_that_can_not_be_told_apart_are_damage() -> None:
    """Run-length codes have no mark where they begin."""
    dataset = compressed(multiframe(FRAMES), RLELossless)
    content = FrameIndex(dataset.PixelData, 0, 4)
    dataset.PixelData = encapsulated([cut(content.codestream(k), 2) for k in range(4)], table=False)
    with pytest.raises(Damaged):
        reader_of(dataset).stored(0)


def test_a_fragment_without_end_damages_its_own_frame_only() -> None:
    body = item(b"") + item(CODES[0]) + item(CODES[1])
    for length in (0xFFFFFFFF, 1 << 30, len(CODES[2]) + 1000):
        content = body + b"\xfe\xff\x00\xe0" + struct.pack("<I", length) + CODES[2]
        index = FrameIndex(content, 0, 3)
        assert index.codestream(1).startswith(CODES[1])
        with pytest.raises(Damaged):
            index.codestream(2)


def test_no_fragments_at_all() -> None:
    for content in (b"", item(b""), b"\xfe\xff\x00\xe0", bytes(100)):
        assert FrameIndex(content, 0, 1).codestream(0) == b""
        with pytest.raises(Damaged):
            FrameIndex(content, 0, 2)


def test_only_the_asked_frame_is_decoded() -> None:
    """Rubbish beside it costs nothing."""
    dataset = put([b"rubbish!", CODES[1], b"rubbish!"], J2K, FRAMES[0])
    reader = reader_of(dataset)
    np.testing.assert_array_equal(reader.stored(1), FRAMES[1])
    for k in (0, 2):
        with pytest.raises(Damaged):
            reader.stored(k)


def test_compressed_grey_frames_take_no_parse() -> None:
    """The place of the pixels is known: the header may be anything by then."""
    found, content = read(put(CODES, J2K, FRAMES[0]))
    place = found.pixel_offset
    reader = FrameReader(found, b"\xff" * place + content[place:])
    for k, frame in enumerate(FRAMES):
        np.testing.assert_array_equal(reader.stored(k), frame)
