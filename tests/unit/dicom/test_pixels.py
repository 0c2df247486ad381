"""Stored pixels: by offset or by a decoder, the same values as pydicom's; rubbish is refused."""

import struct
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from phantoms import AXIAL, Acquisition, compressed, file_of, image, multiframe, noise
from reslice.dicom.pixels import colour_frame, decoders, stored_frame
from reslice.errors import Damaged, Undecodable
from reslice.imaging.modality import modality_values
from unit.dicom.files import ENCODINGS, PREAMBLE, encoded, one_slice, pixels_of, read, undefined, with_elements
from unit.interpreter import run_module

TYPES = [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32]
SYNTAXES = [RLELossless, JPEG2000Lossless, JPEGLSLossless]
EVERY_SYNTAX = pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)


def ends_of(dtype: type, *shape: int) -> np.ndarray:
    """Noise with the type's smallest and largest values."""
    limits = np.iinfo(dtype)
    values = np.random.default_rng(3).integers(limits.min, limits.max, shape, dtype, endpoint=True)
    values.flat[:2] = limits.min, limits.max
    return values


def frame(dataset: Dataset | bytes, number: int = 0) -> np.ndarray:
    found, content = read(dataset)
    return stored_frame(found, content, number)


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


@pytest.mark.parametrize(
    "attributes",
    [
        {"BitsStored": 0},
        {"BitsStored": 0, "HighBit": None},
        {"BitsStored": 17},
        {"BitsStored": 65535},
        {"HighBit": 0},
        {"HighBit": 65535},
        {"BitsAllocated": 0},
        {"BitsAllocated": 24},
        {"BitsAllocated": 64},
        {"BitsAllocated": 1},
        {"SamplesPerPixel": 0},
        {"SamplesPerPixel": 65535},
        {"Rows": 65535},
        {"Rows": 0},
        {"PixelRepresentation": 7},
        {"PhotometricInterpretation": "NONSENSE"},
    ],
    ids=str,
)
def test_absurd_headers_are_refused_or_survived(attributes: dict) -> None:
    dataset = one_slice()
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    shown_or_refused(file_of(dataset))


def shown_or_refused(content: bytes) -> None:
    """Pixels of the promised size, or one of our errors; pydicom's warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found, _ = read(content)
            pixels = found.description.pixels
            if not found.is_image or pixels.rows * pixels.columns > 1 << 20:
                return
            values = (colour_frame if pixels.is_colour else stored_frame)(found, content, 0)
        except (Damaged, Undecodable):
            return
    assert values.shape[:2] == (pixels.rows, pixels.columns)


def test_cut_off_pixels_are_refused() -> None:
    found, content = read(file_of(one_slice())[:-2])
    with pytest.raises(Damaged):
        stored_frame(found, content, 0)


@EVERY_SYNTAX
def test_rubbish_codestreams_are_refused(syntax: str) -> None:
    dataset = compressed(noise(Acquisition(shape=(2, 40, 48)))[0], syntax)
    for rubbish in (b"rubbish!" * 20, b"\0" * 64, b"\xff" * 200):
        dataset.PixelData = encapsulate([rubbish])
        with pytest.raises((Damaged, Undecodable)):
            frame(dataset)


LITERALS, REPEATS = b"\x77" + bytes(120), b"\x89\1"
"""120 values each, as many as the slice has pixels."""


@pytest.mark.parametrize(
    "segments",
    [
        (LITERALS, b"\x7f" + bytes(128)),
        (b"\x7f" + bytes(128), LITERALS),
        (REPEATS, b"\x81\1"),
        (REPEATS, b"\x77" + bytes(5)),
        (REPEATS * 9, REPEATS * 9),
        (REPEATS,),
        (),
    ],
    ids=range(7),
)
def test_segments_of_another_length_than_the_frame_are_damage(segments: tuple[bytes, ...]) -> None:
    """The decoder panics at some of them, and a panic is no Exception."""
    ends = np.cumsum([64, *map(len, segments)]).tolist()
    header = struct.pack("<16I", len(segments), *ends[:-1], *[0] * (15 - len(segments)))
    dataset = compressed(one_slice(), RLELossless)
    dataset.PixelData = encapsulate([header + b"".join(segments)])
    with pytest.raises(Damaged):
        frame(dataset)


def test_segments_written_by_hand_are_read() -> None:
    """Else the test above would prove nothing."""
    header = struct.pack("<16I", 2, 64, 64 + len(LITERALS), *[0] * 13)
    dataset = compressed(one_slice(), RLELossless)
    dataset.PixelData = encapsulate([header + LITERALS + REPEATS])
    assert (frame(dataset) == 1).all()


COMPRESSED = {uid.name: file_of(compressed(noise(Acquisition(shape=(2, 36, 40)))[0], uid)) for uid in SYNTAXES}


@pytest.mark.parametrize("name", COMPRESSED)
@hypothesis_settings(max_examples=150)
@given(flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=5), cut=st.floats(0.5, 1.5))
def test_damaged_codestreams_raise_nothing_else(name: str, flips: list[tuple[float, int]], cut: float) -> None:
    content = bytearray(COMPRESSED[name])
    first = read(bytes(content))[0].pixel_offset
    for place, value in flips:
        content[first + int(place * (len(content) - first))] = value
    shown_or_refused(bytes(content[: first + int(cut * (len(content) - first))]))


def test_run_length_codes_can_not_promise_gigabytes() -> None:
    """A decoder that fails to allocate ends the process; 64 times its size is the most that RLE can expand to."""
    assert run_module("unit.dicom.huge_rle", memory=3 << 30) == "Damaged\n"


def test_transfer_syntax_that_nobody_knows() -> None:
    dataset = one_slice()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
    dataset.PixelData = encapsulate([b"abcd"])
    dataset["PixelData"].VR = "OB"
    with pytest.raises(Undecodable) as caught:
        frame(dataset)
    assert caught.value.facts["TransferSyntaxUID"] == "1.2.840.10008.1.2.4.100"


def test_decoders_are_told_by_name() -> None:
    found = decoders()
    assert found["RLE Lossless"]
    assert found["JPEG 2000 Image Compression (Lossless Only)"]
    assert "Explicit VR Little Endian" not in found


RGB = np.random.default_rng(5).integers(0, 256, (4, 6, 3), np.uint8)


def rgb_of(dataset: Dataset) -> np.ndarray:
    found, content = read(dataset)
    return colour_frame(found, content, 0)


@pytest.mark.parametrize("planar", [0, 1])
def test_rgb_by_pixel_and_by_plane(planar: int) -> None:
    dataset = image(RGB)
    dataset.PlanarConfiguration = planar
    if planar:
        dataset.PixelData = np.ascontiguousarray(np.moveaxis(RGB, -1, 0)).tobytes()
    np.testing.assert_array_equal(rgb_of(dataset), RGB)


def test_rgb_of_16_bits_keeps_the_upper_8() -> None:
    dataset = image((RGB.astype(np.uint16) << 8) + 77)
    np.testing.assert_array_equal(rgb_of(dataset), RGB)


def test_rgb_of_12_bits_keeps_the_upper_8() -> None:
    dataset = image((RGB.astype(np.uint16) << 4) + 5)
    dataset.BitsStored, dataset.HighBit = 12, 11
    np.testing.assert_array_equal(rgb_of(dataset), RGB)


def test_luminance_and_chrominance_become_rgb() -> None:
    ycc = np.array([[[76, 85, 255], [150, 44, 21], [29, 255, 107], [255, 128, 128]]], np.uint8)
    dataset = image(ycc)
    dataset.PhotometricInterpretation = "YBR_FULL"
    expected = [[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]
    assert np.abs(rgb_of(dataset).astype(int) - expected).max() <= 2


@pytest.mark.parametrize("index_bits", [8, 16])
@pytest.mark.parametrize(
    ("entry_bits", "entries"),
    [
        (8, lambda grey: grey.astype("u1")),
        (16, lambda grey: (grey << 8).astype("<u2")),
        (16, lambda grey: (grey * 257).astype("<u2")),
    ],
    ids=["8", "16-shifted", "16-repeated"],
)
def test_palettes_of_every_depth(index_bits: int, entry_bits: int, entries: object) -> None:
    """The depth of the colours is the palette's, not the index's."""
    levels = {"Red": np.arange(256) * 7 % 256, "Green": np.arange(256)[::-1], "Blue": np.arange(256) // 2}
    indices = np.arange(256, dtype=f"<u{index_bits // 8}").reshape(16, 16)
    dataset = image(indices)
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for colour, grey in levels.items():
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, entry_bits])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", entries(grey.astype(np.uint32)).tobytes())
    expected = np.stack(list(levels.values()), axis=-1).reshape(16, 16, 3)
    np.testing.assert_array_equal(rgb_of(dataset), expected)


def test_colour_cut_off_is_refused() -> None:
    dataset = image(RGB)
    dataset.PixelData = dataset.PixelData[:20]
    with pytest.raises(Damaged):
        rgb_of(dataset)


def test_values_are_a_view_where_they_can_be() -> None:
    """No copy of what lies in the file as it is needed."""
    found, content = read(noise(AXIAL)[0])
    values = stored_frame(found, content, 0)
    assert not values.flags.owndata
    assert np.shares_memory(values, np.frombuffer(content, np.uint8))
