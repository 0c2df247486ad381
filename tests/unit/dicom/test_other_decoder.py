"""Another decoder is asked where no codec of ours reads a coding; what it gives is looked at."""

import json

import numpy as np
import pytest

from reslice.errors import Damaged, Undecodable
from unit.dicom.codestreams import J2K, JPEG, JPEG_LS, j2k, jpeg, jpeg_ls, put, reader_of
from unit.interpreter import run_module

GREY = np.random.default_rng(9).integers(0, 4096, (24, 32)).astype(np.uint16)


HIERARCHICAL = "1.2.840.10008.1.2.4.59"
"""A retired JPEG process that no codec of ours reads."""
FRAME = b"frame of another kind"


def broken(codestream: bytes) -> bytes:
    """Its header is sound, the rest is not."""
    start = codestream.index(b"\xff\x93") + 2
    return codestream[:start] + bytes(40)


def asked(answer: np.ndarray | None, **attributes: object) -> np.ndarray:
    """What becomes of the answer of another decoder for a frame that no codec reads."""
    return reader_of(put([FRAME], HIERARCHICAL, GREY, **attributes), lambda _, __: answer).stored(0)


def test_it_is_asked_for_the_same_file_and_frame() -> None:
    asked_for = []
    dataset = put([FRAME] * 3, HIERARCHICAL, GREY)
    reader = reader_of(dataset, lambda content, frame: asked_for.append((content[128:132], frame)) or GREY + 1)
    np.testing.assert_array_equal(reader.stored(1), GREY + 1)
    assert asked_for == [(b"DICM", 1)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        GREY[:-1],
        GREY.T,
        np.dstack([GREY] * 3),
        GREY.astype(np.float32),
        GREY.astype(np.uint32),
        GREY.astype(bool),
    ],
    ids=range(7),
)
def test_another_kind_of_image_is_no_answer(answer: np.ndarray | None) -> None:
    with pytest.raises(Undecodable):
        asked(answer)


def test_signs_are_put_right() -> None:
    """It may give signed values of 12 bits without their sign."""
    signed = (GREY << 4).view(np.int16) >> 4
    found = asked(GREY, PixelRepresentation=1, BitsStored=12, HighBit=11)
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, signed)


def test_values_in_high_bits_are_not_guessed_at() -> None:
    with pytest.raises(Undecodable):
        asked(GREY, BitsStored=12, HighBit=15)


def test_it_is_not_asked_about_lies() -> None:
    """A codestream that isn't the image, or is cut off, could end another decoder, or come back half empty."""

    def must_not(_: bytes, __: int) -> np.ndarray:
        raise AssertionError

    grey = (GREY >> 4).astype(np.uint8)
    for dataset in (
        put([j2k(GREY)], J2K, GREY, Rows=25),
        put([jpeg(grey)[:-20]], JPEG, grey),
        put([b"rubbish!"], J2K, GREY),
        put([broken(j2k(GREY))], J2K, GREY),
        put([jpeg_ls(GREY)[:-40] + b"\xff\xd9"], JPEG_LS, GREY),
    ):
        with pytest.raises(Damaged):
            reader_of(dataset, must_not).stored(0)


def test_rgb_is_taken_as_it_is() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    dataset = put([FRAME], HIERARCHICAL, rgb, PhotometricInterpretation="YBR_FULL")
    np.testing.assert_array_equal(reader_of(dataset, lambda _, __: rgb).colour(0), rgb)


def test_unknown_transfer_syntax_has_no_decoder_to_name() -> None:
    dataset = put([b"abcd"], "1.2.840.10008.1.2.4.100", GREY)
    with pytest.raises(Undecodable) as caught:
        reader_of(dataset).stored(0)
    assert caught.value.facts == {
        "TransferSyntaxUID": "1.2.840.10008.1.2.4.100",
        "Decoder": None,
        "Instance": "an-id",
    }


def without_codecs() -> dict:
    """What an interpreter says in which imagecodecs can't be imported."""
    return json.loads(run_module("unit.dicom.no_codecs", without="imagecodecs"))


def test_without_the_package_the_refusal_names_it() -> None:
    found = without_codecs()
    assert found["rle"] == {"TransferSyntaxUID": "1.2.840.10008.1.2.5", "Decoder": "imagecodecs", "Instance": "an-id"}
    assert found["status"] == 415
    assert found["available"] == ["Deflated Image Frame Compression"]
    assert found["lies"] == "Damaged"
    assert found["asked"] is True
    assert found["native"] is True
