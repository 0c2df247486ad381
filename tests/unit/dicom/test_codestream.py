"""What compressed images claim is held against the header before anything is decoded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from phantoms import compressed, file_of, image
from reslice.dicom.codestream import jpeg2000_header, jpeg_header
from reslice.dicom.frames import FrameReader
from reslice.errors import Damaged, Undecodable
from shared_data import case_files
from unit.dicom.codestreams import (
    HTJ2K,
    J2K,
    JPEG,
    JPEG_LS,
    LOSSLESS,
    RLE,
    htj2k,
    j2k,
    jpeg,
    jpeg_ls,
    lossless_jpeg,
    put,
    reader_of,
    tiled_j2k,
)
from unit.dicom.files import read
from unit.interpreter import run_module

GREY = np.random.default_rng(9).integers(0, 4096, (24, 32)).astype(np.uint16)
ENCODERS = {J2K: j2k, HTJ2K: htj2k, JPEG_LS: jpeg_ls, LOSSLESS: lossless_jpeg}
EVERY_CODING = pytest.mark.parametrize("syntax", ENCODERS)


@EVERY_CODING
def test_grey_is_exact(syntax: str) -> None:
    np.testing.assert_array_equal(reader_of(put([ENCODERS[syntax](GREY)], syntax, GREY)).stored(0), GREY)


@EVERY_CODING
@pytest.mark.parametrize("shape", [(23, 32), (24, 31), (32, 24), (65535, 65535), (512, 512), (1, 1)])
def test_another_size_is_damage(syntax: str, shape: tuple[int, int]) -> None:
    dataset = put([ENCODERS[syntax](GREY)], syntax, GREY, Rows=shape[0], Columns=shape[1])
    with pytest.raises(Damaged):
        reader_of(dataset).stored(0)


@EVERY_CODING
def test_another_number_of_components_is_damage(syntax: str) -> None:
    colour = np.zeros((24, 32, 3), np.uint8)
    with pytest.raises(Damaged):
        reader_of(put([ENCODERS[syntax](GREY)], syntax, colour)).colour(0)
    with pytest.raises(Damaged):
        reader_of(put([ENCODERS[syntax](colour)], syntax, GREY)).stored(0)


def sized(codestream: bytes, rows: int, columns: int) -> bytes:
    """The same image, its own header claiming another size."""
    changed = bytearray(codestream)
    if codestream[:4] == b"\xff\x4f\xff\x51":
        changed[8:16] = columns.to_bytes(4, "big") + rows.to_bytes(4, "big")
        changed[24:32] = changed[8:16]
        return bytes(changed)
    place = next(p for p in range(len(changed)) if changed[p] == 0xFF and changed[p + 1] in (0xC0, 0xC3, 0xF7))
    changed[place + 5 : place + 9] = rows.to_bytes(2, "big") + columns.to_bytes(2, "big")
    return bytes(changed)


@EVERY_CODING
def test_a_codestream_that_claims_more_takes_no_memory(syntax: str) -> None:
    huge = sized(ENCODERS[syntax](GREY), 65535, 65535)
    with pytest.raises(Damaged) as caught:
        reader_of(put([huge], syntax, GREY)).stored(0)
    assert "65535" in caught.value.details


def test_both_claim_too_much() -> None:
    for syntax, encode in ENCODERS.items():
        dataset = put([sized(encode(GREY), 65535, 65535)], syntax, GREY, Rows=65535, Columns=65535)
        with pytest.raises(Damaged):
            reader_of(dataset).stored(0)


def test_more_bits_than_are_allocated() -> None:
    narrow = np.zeros((24, 32), np.uint8)
    for syntax, encode in ENCODERS.items():
        with pytest.raises(Damaged):
            reader_of(put([encode(GREY)], syntax, narrow)).stored(0)


def test_tiles_without_number_are_refused() -> None:
    codestream = bytearray(j2k(np.zeros((256, 256), np.uint8)))
    codestream[24:32] = (1).to_bytes(4, "big") * 2
    with pytest.raises(Damaged, match="tiles"):
        jpeg2000_header(bytes(codestream))


def test_tiles_of_usual_size_are_read() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 280)).astype(np.uint8)
    codestream = tiled_j2k(pixels, 64)
    np.testing.assert_array_equal(reader_of(put([codestream], J2K, pixels)).stored(0), pixels)


def test_scans_without_number_are_refused() -> None:
    codestream = jpeg(np.zeros((16, 16), np.uint8))
    with pytest.raises(Damaged, match="scans"):
        jpeg_header(codestream[:-2] + b"\xff\xda\0\2" * 300 + b"\xff\xd9")


def test_two_frame_headers_are_refused() -> None:
    codestream = jpeg(np.zeros((16, 16), np.uint8))
    place = codestream.index(b"\xff\xc0")
    header = codestream[place : place + 2 + int.from_bytes(codestream[place + 2 : place + 4], "big")]
    with pytest.raises(Damaged):
        jpeg_header(codestream[:place] + header + codestream[place:])


@pytest.mark.parametrize("syntax", [*ENCODERS, JPEG])
def test_every_cut_is_damage(syntax: str) -> None:
    """Some decoders fill up what is missing without a word."""
    pixels = GREY if syntax != JPEG else (GREY >> 4).astype(np.uint8)
    codestream = ENCODERS.get(syntax, jpeg)(pixels)
    for size in [0, 1, 2, 3, 10, 50, *range(60, len(codestream) - 8, max(1, len(codestream) // 50))]:
        with pytest.raises(Damaged):
            reader_of(put([codestream[:size]], syntax, pixels)).stored(0)


def test_run_length_codes_of_another_image() -> None:
    dataset = compressed(image(GREY), RLE)
    dataset.Rows = 25
    with pytest.raises(Damaged):
        reader_of(dataset).stored(0)


@pytest.mark.parametrize("syntax", [J2K, HTJ2K])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_signs_come_from_the_header(syntax: str, bits: int) -> None:
    """Codestreams that say unsigned for signed values, and the other way round, hold the same bits."""
    dtype = np.int8 if bits == 8 else np.int16
    values = np.random.default_rng(2).integers(-(1 << bits - 1), 1 << bits - 1, (16, 20)).astype(dtype)
    unsigned = (values.astype(int) & (1 << bits) - 1).astype(np.uint8 if bits == 8 else np.uint16)
    encode = (lambda v: j2k(v, bitspersample=bits)) if syntax == J2K else htj2k
    for written in (values, unsigned):
        if syntax == HTJ2K and bits == 12:
            continue  # that encoder knows whole words only
        for expected in (values, unsigned):
            dataset = put([encode(written)], syntax, expected, BitsStored=bits, HighBit=bits - 1)
            np.testing.assert_array_equal(reader_of(dataset).stored(0), expected)


@pytest.mark.parametrize("syntax", [JPEG_LS, LOSSLESS])
@pytest.mark.parametrize("bits", [8, 12, 15, 16])
def test_signs_where_the_codestream_has_none(syntax: str, bits: int) -> None:
    dtype = np.int8 if bits == 8 else np.int16
    values = np.random.default_rng(2).integers(-(1 << bits - 1), 1 << bits - 1, (16, 20)).astype(dtype)
    unsigned = (values.astype(int) & (1 << bits) - 1).astype(np.uint8 if bits == 8 else np.uint16)
    unsigned.flat[0] = (1 << bits) - 1  # that the encoder sees all bits
    values.flat[0] = -1
    codestream = jpeg_ls(unsigned) if syntax == JPEG_LS else lossless_jpeg(unsigned, bitspersample=bits)
    dataset = put([codestream], syntax, values, BitsStored=bits, HighBit=bits - 1)
    np.testing.assert_array_equal(reader_of(dataset).stored(0), values)


@pytest.mark.parametrize("syntax", [J2K, LOSSLESS, JPEG_LS])
def test_high_bit_of_compressed_words(syntax: str) -> None:
    """Whole words are coded: the stored bits lie where the header says; of narrower ones they are the value."""
    values = GREY.copy()
    values.flat[:2] = 0, 4095
    words = (values << 4).astype(np.uint16)
    words.flat[0] = 4095 << 4
    values.flat[0] = 4095
    dataset = put([ENCODERS[syntax](words)], syntax, words, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(reader_of(dataset).stored(0), values)
    narrow = j2k(values, bitspersample=12)
    dataset = put([narrow], J2K, words, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(reader_of(dataset).stored(0), values)


REAL = (
    {
        path.name.rpartition("_")[2]: path.read_bytes()
        for path in case_files("ct-all-syntaxes")
        if any(f".4.{n}." in path.name for n in (50, 51, 53, 55, 57, 70, 80, 81, 90, 91)) or "RLE" in path.name
    }
    if case_files("ct-all-syntaxes")
    else {}
)


@pytest.mark.parametrize("name", sorted(REAL))
@hypothesis_settings(max_examples=25)
@given(
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    early=st.booleans(),
    cut=st.floats(0.3, 1.7),
)
def test_damaged_real_codestreams_raise_nothing_else(
    name: str, flips: list[tuple[float, int]], early: bool, cut: float
) -> None:
    content = bytearray(REAL[name])
    found, _ = read(REAL[name])
    first = found.pixel_offset + 16
    reach = 600 if early else len(content) - first
    for place, value in flips:
        content[first + int(place * reach)] = value
    reader = FrameReader(found, bytes(content[: first + int(cut * (len(content) - first))]))
    try:
        values = reader.stored(0)
    except (Damaged, Undecodable):
        return
    assert values.shape == (512, 512)


def test_claims_of_gigabytes_take_no_memory() -> None:
    """Within so little address space, reading them all would end the process."""
    assert run_module("unit.dicom.huge_claims", memory=3 << 30).split() == ["Damaged"] * 8


def test_files_of_the_claims_are_small() -> None:
    assert len(file_of(put([j2k(GREY)], J2K, GREY))) < 10_000
