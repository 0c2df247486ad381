"""Stored pixels of a frame: read by offset where they lie uncompressed, else decoded by pydicom."""

import warnings
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, AllTransferSyntaxes, RLELossless

from reslice.dicom.dataset import read_dataset
from reslice.dicom.instance import FLOAT_PIXELS, Instance, PixelFormat
from reslice.errors import Damaged, Undecodable
from reslice.imaging.modality import Stored

RLE_EXPANSION = 64
"""Two bytes of RLE become at most 128 (PS3.5 G.3)."""
LARGEST_FRAME = 1 << 28
"""Bytes of one decoded frame; no modality comes near it."""

WHOLE_BYTES = {8: "1", 16: "2", 32: "4"}


def stored_frame(instance: Instance, content: bytes, frame: int) -> Stored:
    """Stored values of one frame (0-based), shape (rows, columns). Raises Damaged, Undecodable.

    The result may be a view of `content`.
    """
    pixels = _whole_format(instance)
    if instance.is_native and _is_simple(pixels, instance.pixel_tag):
        return _native_frame(instance, pixels, content, frame)
    return _decoded(instance, content, frame, as_rgb=False)


def colour_frame(instance: Instance, content: bytes, frame: int) -> NDArray[np.uint8]:
    """One frame as RGB, shape (rows, columns, 3). Raises Damaged, Undecodable."""
    pixels = _whole_format(instance)
    decoded = _decoded(instance, content, frame, as_rgb=True)
    decoded = decoded[..., :3]  # a palette may bring an alpha channel
    if decoded.dtype == np.uint8:
        return decoded
    bits = pixels.bits_stored if pixels.samples > 1 else 8 * decoded.dtype.itemsize  # a palette has its own depth
    return (decoded >> max(0, bits - 8)).astype(np.uint8)


def _whole_format(instance: Instance) -> PixelFormat:
    """The pixel format of an instance whose pixels are all there. Raises Damaged."""
    if instance.is_truncated:
        raise Damaged(f"Instance {instance.id} holds fewer pixels than its header promises")
    return _format(instance)


def _format(instance: Instance) -> PixelFormat:
    if instance.description.pixels is None:
        raise Damaged(f"Instance {instance.id} has no rows and columns")
    return instance.description.pixels


def _is_simple(pixels: PixelFormat, tag: int | None) -> bool:
    """Whether stored values fill whole words, with no other bits beside them."""
    if tag in FLOAT_PIXELS:
        return True
    return pixels.samples == 1 and pixels.bits_allocated in WHOLE_BYTES


def _native_frame(instance: Instance, pixels: PixelFormat, content: bytes, frame: int) -> Stored:
    offset = (instance.pixel_offset or 0) + frame * pixels.frame_bytes(instance.pixel_tag)
    dtype = _type(instance, pixels)
    shape = (pixels.rows, pixels.columns)
    values: Stored = np.frombuffer(content, dtype, pixels.rows * pixels.columns, offset).reshape(shape)
    return values if instance.pixel_tag in FLOAT_PIXELS else _without_foreign_bits(values, pixels)


def _type(instance: Instance, pixels: PixelFormat) -> np.dtype[Any]:
    if instance.pixel_tag in FLOAT_PIXELS:
        return FLOAT_PIXELS[instance.pixel_tag]
    return np.dtype(f"<{'i' if pixels.is_signed else 'u'}{WHOLE_BYTES[pixels.bits_allocated]}")


def _without_foreign_bits(values: Stored, pixels: PixelFormat) -> Stored:
    """The values with bits above and below the stored ones cleared (old files keep overlays there)."""
    above = pixels.bits_allocated - 1 - pixels.high_bit
    unused = pixels.bits_allocated - pixels.bits_stored
    if unused <= 0 or above < 0 or above > unused:
        return values
    if not _has_foreign_bits(values, pixels):
        return values
    return (values << above) >> unused


def _has_foreign_bits(values: Stored, pixels: PixelFormat) -> bool:
    if pixels.high_bit != pixels.bits_stored - 1:
        return True
    low, high = int(values.min()), int(values.max())
    if pixels.is_signed:
        return low < -(1 << pixels.bits_stored - 1) or high >= 1 << pixels.bits_stored - 1
    return high >= 1 << pixels.bits_stored


def _decoded(instance: Instance, content: bytes, frame: int, *, as_rgb: bool) -> NDArray[Any]:
    """One frame through pydicom's decoders and their plugins."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _require_plausible_size(instance)
            _require_low_bits(_format(instance), instance)
            dataset = read_dataset(content)
            decoded = pixel_array(dataset, index=frame, raw=not as_rgb)
            if as_rgb and instance.description.pixels and instance.description.pixels.samples == 1:
                decoded = apply_color_lut(decoded, dataset)
        except (NotImplementedError, RuntimeError) as error:
            raise _refusal(instance, error) from error
        except (Damaged, Undecodable, MemoryError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a hostile codestream can make a decoder raise anything, a Rust panic too
            raise Damaged(f"Instance {instance.id} can't be decoded: {type(error).__name__}") from error
    native: NDArray[Any] = decoded.astype(decoded.dtype.newbyteorder("="), copy=False)
    return native


def _require_plausible_size(instance: Instance) -> None:
    """Raise Damaged before a decoder takes memory for pixels that the file can't hold."""
    expected = _format(instance).frame_bytes(instance.pixel_tag)
    is_implausible = instance.transfer_syntax == RLELossless and expected > RLE_EXPANSION * instance.encapsulated_bytes
    if is_implausible or expected > LARGEST_FRAME:
        raise Damaged(f"Instance {instance.id} claims {expected} bytes a frame")


def _require_low_bits(pixels: PixelFormat, instance: Instance) -> None:
    """Raise Undecodable where the values don't lie in the low bits of their words: the decoders don't move them."""
    if not pixels.is_colour and pixels.high_bit != pixels.bits_stored - 1:
        details = f"HighBit {pixels.high_bit} with BitsStored {pixels.bits_stored} is read from uncompressed files only"
        raise Undecodable(details, TransferSyntaxUID=instance.transfer_syntax, Instance=instance.id)


def _refusal(instance: Instance, error: Exception) -> Damaged | Undecodable:
    """Damaged where a decoder is at hand and gave up."""
    syntax = UID(instance.transfer_syntax)
    if decoders().get(syntax.name):
        return Damaged(f"The pixels of instance {instance.id} can't be decoded ({syntax.name})")
    return Undecodable(
        f"No decoder here reads instance {instance.id} ({syntax.name}): {type(error).__name__}",
        TransferSyntaxUID=str(syntax),
        Instance=instance.id,
    )


def decoders() -> dict[str, bool]:
    """Compressed transfer syntaxes by name, and whether a decoder is at hand."""
    found = {}
    for uid in AllTransferSyntaxes:
        if uid.is_compressed:
            with suppress(NotImplementedError):
                found[uid.name] = get_decoder(uid).is_available
    return found
