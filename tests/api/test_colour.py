"""Colour: whatever it is stored as, it is shown as RGB. Pillow is the second opinion."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from clients import Client
from phantoms import image, store_pixels

RGB = np.stack(np.meshgrid(np.arange(0, 240, 15), np.arange(0, 256, 16)), axis=-1).astype(np.uint8)
RGB = np.concatenate([RGB, 255 - RGB[..., :1]], axis=-1)  # 16 x 16, smooth


def shown(client: Client, file: Dataset) -> NDArray[np.uint8]:
    """The only slice, as a picture; the array must agree."""
    series = client.store_series([file])
    picture = client.get(f"/series/{series}/slices/0").picture()
    np.testing.assert_array_equal(client.get(f"/series/{series}/slices/0", format="npy").array(), picture)
    return picture


def ycbcr() -> NDArray[np.uint8]:
    """The picture in full-range YBR."""
    return np.asarray(Image.fromarray(RGB).convert("YCbCr"))


def assert_near(picture: NDArray[np.uint8], tolerance: int) -> None:
    assert picture.shape == RGB.shape
    assert np.abs(picture.astype(int) - RGB).max() <= tolerance


def test_ybr_full(client: Client) -> None:
    assert_near(shown(client, image(ycbcr(), PhotometricInterpretation="YBR_FULL")), 3)


def test_ybr_full_422_uncompressed(client: Client) -> None:
    """Two pixels share their colour (PS3.3 C.7.6.3.1.2): Y1 Y2 Cb Cr."""
    flat = np.repeat(RGB[:, ::2], 2, axis=1)
    ybr = np.asarray(Image.fromarray(flat).convert("YCbCr"))
    file = image(ybr, PhotometricInterpretation="YBR_FULL_422")
    pairs = np.stack([ybr[:, ::2, 0], ybr[:, 1::2, 0], ybr[:, ::2, 1], ybr[:, ::2, 2]], axis=-1)
    file.PixelData = pairs.tobytes()
    assert np.abs(shown(client, file).astype(int) - flat).max() <= 3


@pytest.mark.parametrize(("photometric", "subsampling"), [("YBR_FULL_422", 1), ("YBR_FULL", 0)])
def test_jpeg_baseline(client: Client, photometric: str, subsampling: int) -> None:
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, "JPEG", quality=95, subsampling=subsampling)
    file = image(RGB, PhotometricInterpretation=photometric)
    file.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file.PixelData = encapsulate([stream.getvalue()])
    file["PixelData"].VR = "OB"
    with Image.open(stream) as reference:
        expected = np.asarray(reference)
    assert np.abs(shown(client, file).astype(int) - expected).max() <= 20
    assert np.abs(shown(client, file).astype(int) - expected).mean() < 3


@pytest.mark.parametrize("bits", [8, 16])
def test_palette(client: Client, bits: int) -> None:
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    entries = RGB.reshape(256, 3)
    file = image(indices, PhotometricInterpretation="PALETTE COLOR")
    for k, colour in enumerate(("Red", "Green", "Blue")):
        table = entries[:, k].astype(np.uint8 if bits == 8 else "<u2") * (1 if bits == 8 else 257)
        setattr(file, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, bits])
        setattr(file, f"{colour}PaletteColorLookupTableData", table.astype(f"<u{bits // 8}").tobytes())
    np.testing.assert_array_equal(shown(client, file), RGB)


def test_sixteen_bit_rgb_keeps_its_proportions(client: Client) -> None:
    file = image(RGB)
    store_pixels(file, RGB.astype(np.uint16) * 257)
    picture = client.get(f"/series/{client.store_series([file])}/slices/0").picture()
    assert_near(picture, 1)


def test_colour_scales_and_turns_to_every_format(client: Client) -> None:
    series = client.store_series([image(RGB)])
    for name in ("png", "jpeg", "webp"):
        picture = client.get(f"/series/{series}/slices/0", format=name, width=32, quality=95).picture()
        assert picture.shape == (32, 32, 3)
        assert np.abs(picture[::2, ::2].astype(int) - RGB).mean() < 12
