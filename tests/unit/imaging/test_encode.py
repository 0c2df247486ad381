"""What is encoded decodes to the same: by Pillow, by numpy, by hand."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reslice.imaging import encode
from reslice.imaging.encode import FORMATS

SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (7, 5), (64, 63), (257, 31)]
EVERY_SIZE = pytest.mark.parametrize("size", SIZES, ids=str)
GREY_AND_RGB = pytest.mark.parametrize("samples", [(), (3,)], ids=["grey", "rgb"])


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape, np.uint8)


def smooth(rows: int, columns: int, *samples: int) -> np.ndarray:
    """A picture that a lossy format may keep."""
    ramp = np.add.outer(np.linspace(0, 120, rows), np.linspace(0, 130, columns)).astype(np.uint8)
    return np.repeat(ramp[..., None], 3, axis=2) if samples else ramp


def decoded(content: bytes, kind: str) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert image.format == kind
        return np.asarray(image)


@EVERY_SIZE
@GREY_AND_RGB
def test_png_is_lossless(size: tuple[int, int], samples: tuple[int, ...]) -> None:
    for image in (noise(*size, *samples), smooth(*size, *samples), np.zeros((*size, *samples), np.uint8)):
        np.testing.assert_array_equal(decoded(encode.png(image), "PNG"), image)


@given(st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_png_of_any_size(rows: int, columns: int, is_colour: bool) -> None:
    image = noise(rows, columns, *((3,) if is_colour else ()))
    np.testing.assert_array_equal(decoded(encode.png(image), "PNG"), image)


@GREY_AND_RGB
def test_png_of_a_flipped_read_only_view(samples: tuple[int, ...]) -> None:
    image = noise(20, 30, *samples)[::-1, ::-3]
    image.setflags(write=False)
    np.testing.assert_array_equal(decoded(encode.png(image), "PNG"), image)


def test_png_of_rows_that_differ_little_is_small() -> None:
    """The filter by the row above pays."""
    assert len(encode.png(smooth(512, 512))) < 512 * 512 / 10


@EVERY_SIZE
@GREY_AND_RGB
def test_webp_is_lossless_unless_a_quality_is_given(size: tuple[int, int], samples: tuple[int, ...]) -> None:
    image = noise(*size, *samples)
    channels = decoded(encode.webp(image, None), "WEBP").reshape(*size, -1)
    np.testing.assert_array_equal(channels, np.broadcast_to(image.reshape(*size, -1), (*size, 3)))


@GREY_AND_RGB
def test_lossy_formats_come_near(samples: tuple[int, ...]) -> None:
    image = smooth(61, 47, *samples)
    for content, kind in ((encode.jpeg(image, 95), "JPEG"), (encode.webp(image, 95), "WEBP")):
        channels = decoded(content, kind).reshape(61, 47, -1).astype(int)
        assert np.abs(channels - image.reshape(61, 47, -1)).max() <= 6


def test_jpeg_keeps_the_colour_of_each_pixel() -> None:
    """No subsampling: single columns of red and blue stay apart."""
    image = np.zeros((16, 16, 3), np.uint8)
    image[:, ::2, 0] = image[:, 1::2, 2] = 255
    shown = decoded(encode.jpeg(image, 100), "JPEG").astype(int)
    assert np.abs(shown - image).mean() < 10


@pytest.mark.parametrize("make", [encode.jpeg, encode.webp])
def test_quality_makes_files_larger(make: object) -> None:
    image = noise(64, 64)
    assert len(make(image, 95)) > len(make(image, 60)) > len(make(image, 10))


ARRAYS = [
    np.arange(12, dtype=np.int16).reshape(3, 4) - 6,
    np.array([[1.5, np.nan], [-0.0, 3e38]], dtype=np.float32),
    noise(2, 3, 3),
    np.arange(24, dtype=np.int16).reshape(4, 6)[::-1, ::2],
    np.arange(12, dtype=">i2").reshape(3, 4),
    np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
]


@pytest.mark.parametrize("values", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_npy_is_read_by_numpy(values: np.ndarray) -> None:
    content = encode.npy(values)
    read = np.load(io.BytesIO(content), allow_pickle=False)
    np.testing.assert_array_equal(read, values)
    assert read.dtype.newbyteorder("=") == values.dtype.newbyteorder("=")
    assert b"'fortran_order': False" in content[:128]
    assert b"'>" not in content[:128]


@pytest.mark.parametrize("values", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_raw_is_little_endian_row_by_row(values: np.ndarray) -> None:
    content = encode.raw(values)
    little = values.dtype.newbyteorder("<")
    np.testing.assert_array_equal(np.frombuffer(content, little).reshape(values.shape), values)


@GREY_AND_RGB
def test_resized_averages(samples: tuple[int, ...]) -> None:
    image = np.zeros((4, 6, *samples), np.uint8)
    image[::2] = 200
    shrunk = encode.resized(image, 2, 3)
    assert shrunk.shape == (2, 3, *samples)
    assert (shrunk == 100).all()


def test_resized_to_its_own_size_is_itself() -> None:
    image = noise(4, 6)
    assert encode.resized(image, 4, 6) is image


def test_formats_stand_in_the_order_of_preference() -> None:
    assert list(FORMATS) == ["png", "jpeg", "webp", "raw", "npy"]
    assert {name: f.is_display for name, f in FORMATS.items()} == {
        "png": True,
        "jpeg": True,
        "webp": True,
        "raw": False,
        "npy": False,
    }
    assert [f.media_type for f in FORMATS.values()] == [
        "image/png",
        "image/jpeg",
        "image/webp",
        "application/octet-stream",
        "application/x-npy",
    ]
    assert all(f.name == name for name, f in FORMATS.items())
