"""Samples of every photometric interpretation to RGB of 8 bits (PS3.3 C.7.6.3.1.2 and C.7.6.3.1.5)."""

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut

from reslice.dicom.instance import PixelFormat
from reslice.errors import Damaged, Undecodable

Rgb = NDArray[np.uint8]

AS_LUMINANCE = ("YBR_FULL", "YBR_FULL_422")
AS_RGB = ("RGB", "YBR_ICT", "YBR_RCT")
"""What the decoders of JPEG 2000 hand out is RGB again, whatever the header calls the codestream's colours."""

HALF = 1 << 15
IN_PART = "YBR_PARTIAL_422"
"""Retired: luminance from 16 to 235, chrominance from 16 to 240."""
LUMINANCE_IN_PART, CHROMINANCE_IN_PART = 255 / 219, 255 / 224

FACTORS = ((0, 91881), (-22554, -46802), (116130, 0))
"""Parts of Cb and Cr in red, green and blue, in 65536ths."""


class Palette:
    """The colours of a PALETTE COLOR instance, its segmented tables unfolded once."""

    def __init__(self, header: pydicom.Dataset) -> None:
        """Raises Damaged where the tables can't be right."""
        try:
            count, first, _ = header.RedPaletteColorLookupTableDescriptor
            count = count or 1 << 16
            indices = np.arange(count, dtype=np.uint16) + np.uint16(first)
            colours = apply_color_lut(indices, header)[:, :3]  # a table may bring an alpha channel
        except Exception as error:  # a hostile table can make the parser raise anything
            raise Damaged("The palette can't be read") from error
        if colours.shape[1:] != (3,):
            raise Damaged("The palette lacks a table")
        self._first = first
        self._colours = (colours >> 8 * (colours.dtype.itemsize - 1)).astype(np.uint8)

    def colours(self, indices: NDArray[np.integer]) -> Rgb:
        """RGB of an image of indices; those outside of the table take its nearest colour (C.7.6.3.1.5)."""
        places = np.clip(indices.astype(np.int64) - self._first, 0, len(self._colours) - 1)
        colours: Rgb = self._colours[places]
        return colours


def rgb(samples: NDArray[np.integer], pixels: PixelFormat, *, is_luminance: bool | None) -> Rgb:
    """RGB of three samples for each pixel, whose upper 8 bits are kept.

    `is_luminance` says whether they are Y, Cb and Cr where a codestream has told; else the header tells.
    Raises Undecodable for the colour spaces that the Standard has retired.
    """
    is_known = is_luminance is not None or pixels.photometric in (*AS_RGB, *AS_LUMINANCE, IN_PART)
    if samples.shape[-1] != 3 or not is_known:
        raise Undecodable(f"{samples.shape[-1]} samples of {pixels.photometric} are not read")
    narrow: Rgb = (samples >> max(0, pixels.bits_stored - 8)).astype(np.uint8, copy=False)
    if is_luminance is None and pixels.photometric == IN_PART:
        return _from_luminance(_in_full(narrow))
    if is_luminance is None:
        is_luminance = pixels.photometric in AS_LUMINANCE
    return _from_luminance(narrow) if is_luminance else narrow


def _in_full(samples: Rgb) -> Rgb:
    """Luminance and chrominance spread over all of their range."""
    zero, gain = np.array([16, 128, 128]), np.array([LUMINANCE_IN_PART, CHROMINANCE_IN_PART, CHROMINANCE_IN_PART])
    middle = np.array([0, 128, 128])
    full: Rgb = np.clip(np.rint((samples - zero) * gain + middle), 0, 255).astype(np.uint8)
    return full


def _from_luminance(samples: Rgb) -> Rgb:
    """By whole numbers, as precise as libjpeg's."""
    y, cb, cr = (samples[..., k].astype(np.int32) - offset for k, offset in enumerate((0, 128, 128)))
    result = np.empty(samples.shape, np.uint8)
    for k, (of_cb, of_cr) in enumerate(FACTORS):
        result[..., k] = np.clip(y + (of_cb * cb + of_cr * cr + HALF >> 16), 0, 255)
    return result
