"""Colours of compressed images, whose own signs count for more than the header."""

import imagecodecs
import numpy as np
import pytest

from phantoms import compressed, image
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
)

PATCHES = np.zeros((16, 64, 3), np.uint8)
for place, patch in enumerate(([200, 30, 30], [30, 200, 30], [30, 30, 200], [120, 120, 120])):
    PATCHES[:, 16 * place : 16 * place + 16] = patch
NOISE = np.random.default_rng(5).integers(0, 256, (20, 30, 3), np.uint8)
SPACES = ["RGB", "YBR_FULL", "YBR_FULL_422"]


def luminance_of(rgb: np.ndarray) -> np.ndarray:
    """Y, Cb and Cr by the formula of PS3.3 C.7.6.3.1.2, written out."""
    r, g, b = (rgb[..., k].astype(float) for k in range(3))
    y = 0.2990 * r + 0.5870 * g + 0.1140 * b
    cb = -0.1687 * r - 0.3313 * g + 0.5000 * b + 128
    cr = 0.5000 * r - 0.4187 * g - 0.0813 * b + 128
    return np.clip(np.rint(np.stack([y, cb, cr], -1)), 0, 255).astype(np.uint8)


def assert_shows(dataset: object, expected: np.ndarray, tolerance: int) -> None:
    """Away from the patches' edges, over which shared chroma runs."""
    found = reader_of(dataset).colour(0)
    assert found.shape == expected.shape
    inside = [column for column in range(expected.shape[1]) if 2 <= column % 16 < 14]
    assert np.abs(found.astype(int) - expected)[:, inside].max() <= tolerance


@pytest.mark.parametrize("said", SPACES)
@pytest.mark.parametrize("subsampling", [0, 2])
def test_jfif_means_luminance_whatever_the_header_says(said: str, subsampling: int) -> None:
    codestream = jpeg(PATCHES, subsampling=subsampling)
    assert b"JFIF" in codestream
    assert_shows(put([codestream], JPEG, PATCHES, PhotometricInterpretation=said), PATCHES, 6)


@pytest.mark.parametrize("said", SPACES)
def test_adobes_marker_may_say_rgb(said: str) -> None:
    codestream = jpeg(PATCHES, keep_rgb=True)
    assert b"Adobe" in codestream
    assert_shows(put([codestream], JPEG, PATCHES, PhotometricInterpretation=said), PATCHES, 6)


def without_signs(codestream: bytes, identifiers: bytes = b"\1\2\3") -> bytes:
    """The same image without JFIF and Adobe markers, its components named otherwise."""
    result, position = bytearray(codestream[:2]), 2
    while codestream[position + 1] != 0xDA:
        marker, length = codestream[position + 1], int.from_bytes(codestream[position + 2 : position + 4], "big")
        segment = bytearray(codestream[position : position + 2 + length])
        if marker in (0xC0, 0xC1, 0xC2):
            segment[10:19:3] = identifiers
        if marker not in (0xE0, 0xEE):
            result += segment
        position += 2 + length
    scan = bytearray(codestream[position:])
    scan[5:11:2] = identifiers
    return bytes(result + scan)


def test_without_signs_the_header_tells() -> None:
    as_rgb, as_luminance = without_signs(jpeg(PATCHES, keep_rgb=True)), without_signs(jpeg(PATCHES, subsampling=0))
    assert_shows(put([as_rgb], JPEG, PATCHES, PhotometricInterpretation="RGB"), PATCHES, 6)
    assert_shows(put([as_luminance], JPEG, PATCHES, PhotometricInterpretation="YBR_FULL"), PATCHES, 6)


def test_components_called_r_g_and_b_are_rgb() -> None:
    codestream = without_signs(jpeg(PATCHES, keep_rgb=True), b"RGB")
    assert_shows(put([codestream], JPEG, PATCHES, PhotometricInterpretation="YBR_FULL_422"), PATCHES, 6)


def test_shared_chroma_is_luminance_even_where_the_header_says_rgb() -> None:
    codestream = without_signs(jpeg(PATCHES, subsampling=2))
    assert_shows(put([codestream], JPEG, PATCHES, PhotometricInterpretation="RGB"), PATCHES, 6)


@pytest.mark.parametrize(
    ("syntax", "codestream"),
    [
        (J2K, j2k(NOISE)),
        (J2K, j2k(NOISE, mct=False)),
        (J2K, j2k(NOISE, codecformat="JP2")),
        (HTJ2K, htj2k(NOISE)),
        (LOSSLESS, lossless_jpeg(NOISE)),
        (JPEG_LS, jpeg_ls(NOISE)),
    ],
    ids=["j2k-rct", "j2k", "jp2", "htj2k", "lossless-jpeg", "jpeg-ls"],
)
def test_lossless_rgb_is_exact(syntax: str, codestream: bytes) -> None:
    np.testing.assert_array_equal(reader_of(put([codestream], syntax, NOISE)).colour(0), NOISE)


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [(J2K, lambda p: j2k(p, mct=False)), (LOSSLESS, lossless_jpeg), (JPEG_LS, jpeg_ls)],
    ids=["j2k", "lossless-jpeg", "jpeg-ls"],
)
def test_lossless_luminance_becomes_rgb(syntax: str, encode: object) -> None:
    """No transform in the codestream: the header's own colours."""
    dataset = put([encode(luminance_of(PATCHES))], syntax, PATCHES, PhotometricInterpretation="YBR_FULL")
    assert_shows(dataset, PATCHES, 2)


def test_transforms_of_jpeg_2000_are_undone_once() -> None:
    for said in ("YBR_RCT", "YBR_ICT", "RGB"):
        dataset = put([j2k(NOISE)], J2K, NOISE, PhotometricInterpretation=said)
        np.testing.assert_array_equal(reader_of(dataset).colour(0), NOISE)


def test_run_length_coded_luminance() -> None:
    dataset = compressed(image(luminance_of(PATCHES), PhotometricInterpretation="YBR_FULL"), RLE)
    assert_shows(dataset, PATCHES, 2)


def test_jpeg_of_16_bit_colours_keeps_the_upper_8() -> None:
    wide = (NOISE.astype(np.uint16) << 8) + 77
    dataset = put([bytes(imagecodecs.jpeg2k_encode(wide, level=0, reversible=True, codecformat="J2K"))], J2K, wide)
    np.testing.assert_array_equal(reader_of(dataset).colour(0), NOISE)


def test_samples_stay_in_the_space_in_which_they_are_stored() -> None:
    luminance = luminance_of(PATCHES)
    dataset = put([jpeg(PATCHES, subsampling=0)], JPEG, PATCHES, PhotometricInterpretation="YBR_FULL")
    assert np.abs(reader_of(dataset).stored(0).astype(int) - luminance).max() <= 4
