"""Colour of every kind becomes RGB."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from phantoms import image
from reslice.errors import Damaged
from unit.dicom.files import colour_frame, read

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


def test_luminance_of_part_of_the_range() -> None:
    """YBR_PARTIAL_422, retired: black is 16, white 235, and the primaries come back."""
    rgb = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 120, 200]], float)
    matrix = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
    stored = np.rint(rgb / 255 @ matrix.T + [16, 128, 128]).astype(np.uint8)
    pairs = np.array([[y, y, cb, cr] for y, cb, cr in stored], np.uint8)  # both of a pair have one colour
    dataset = image(np.zeros((6, 2, 3), np.uint8), PhotometricInterpretation="YBR_PARTIAL_422")
    dataset.PixelData = pairs.tobytes()
    found, content = read(dataset)
    seen = colour_frame(found, content, 0)
    assert np.abs(seen.astype(float) - rgb[:, None]).max() <= 2


@pytest.mark.parametrize("missing", ["Red", "Green", "Blue"])
def test_palette_without_one_of_its_tables_is_damage(missing: str) -> None:
    dataset = image(np.zeros((4, 4), np.uint8), PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [4, 0, 16])
        table = b"" if colour == missing else bytes(8)
        setattr(dataset, f"{colour}PaletteColorLookupTableData", table)
    with pytest.raises(Damaged):
        rgb_of(dataset)
