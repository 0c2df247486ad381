"""Pixels that contradict their header, and rubbish in their place: refused."""

import struct
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from phantoms import Acquisition, compressed, file_of, noise
from reslice.errors import Damaged, Undecodable
from unit.dicom.files import colour_frame, frame, one_slice, read, stored_frame
from unit.interpreter import run_module

SYNTAXES = [RLELossless, JPEG2000Lossless, JPEGLSLossless]

EVERY_SYNTAX = pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)


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
