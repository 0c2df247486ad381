"""The frames of one file: read by offset where they lie uncompressed, else decoded one by one."""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pydicom
from numpy.typing import NDArray
from pydicom.uid import UID

from reslice.dicom import decoding
from reslice.dicom.colour import Palette, Rgb, rgb
from reslice.dicom.dataset import read_dataset
from reslice.dicom.decoding import Decoded, NotDecoded
from reslice.dicom.fragments import FrameIndex
from reslice.dicom.instance import FLOAT_PIXELS, Instance, PixelFormat
from reslice.dicom.native import in_little_endian, samples_of, without_foreign_bits, word_type
from reslice.errors import Damaged, Undecodable
from reslice.imaging.modality import Stored

LARGEST_FRAME = 1 << 28
"""Bytes of one decoded frame; no modality comes near it."""
PIXEL_DATA = 0x7FE00010
BIG_ENDIAN = "1.2.840.10008.1.2.2"
UNCOMPRESSED = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", BIG_ENDIAN})

Result = TypeVar("Result")

Fallback = Callable[[bytes, int], NDArray[Any] | None]
"""Another decoder: the file and a frame (0-based) to stored values (rows, columns) or RGB (rows, columns, 3)."""


class FrameReader:
    """Reads frames of one file, of which nothing is parsed that isn't needed, and nothing twice.

    Native pixels are read by their offset. Compressed ones are found by one walk over their fragments. A full
    parse is left for big-endian and deflated files, and for those without a preamble; colour takes a parse of
    the header. Any thread may ask for any frame.
    """

    def __init__(self, instance: Instance, content: bytes, fallback: Fallback | None = None) -> None:
        self._instance = instance
        self._content = content
        self._fallback = fallback
        self._lock = threading.RLock()
        self._dataset: pydicom.Dataset | None = None
        self._native: tuple[bytes, int] | None = None
        self._index: FrameIndex | None = None
        self._palette: Palette | None = None
        self._sheet: Stored | None = None

    def stored(self, frame: int) -> Stored:
        """Stored values of one frame (0-based): (rows, columns), or the samples of a colour (rows, columns, samples).

        Colour stays in the space in which it is stored. The result may be a view of the file's bytes.
        Raises Damaged, Undecodable.
        """
        return self._guarded(lambda: self._decoded(frame, as_rgb=False).samples)

    def sheet(self) -> Stored:
        """Stored values of a mosaic's only image, decoded once for all its tiles. Raises Damaged, Undecodable."""
        with self._lock:
            if self._sheet is None:
                self._sheet = self.stored(0)
            return self._sheet

    def colour(self, frame: int) -> Rgb:
        """One frame as RGB, shape (rows, columns, 3). Raises Damaged, Undecodable."""
        return self._guarded(lambda: self._rgb(frame))

    def _guarded(self, read: Callable[[], Result]) -> Result:
        """Whatever a hostile file makes a parser or a codec raise is damage; what we raise says more."""
        try:
            return read()
        except Undecodable as error:
            facts = {"TransferSyntaxUID": self._instance.transfer_syntax, "Instance": self._instance.id}
            error.facts = {"Decoder": None, **error.facts, **facts}
            raise
        except (Damaged, MemoryError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            details = f"Instance {self._instance.id} can't be decoded: {type(error).__name__}"
            raise Damaged(details) from error

    def _pixels(self) -> PixelFormat:
        """The pixel format of an instance whose pixels are all there. Raises Damaged."""
        pixels, instance = self._instance.description.pixels, self._instance
        if pixels is None:
            raise Damaged(f"Instance {instance.id} has no rows and columns")
        if instance.is_truncated:
            raise Damaged(f"Instance {instance.id} holds fewer pixels than its header promises")
        if pixels.samples < 1:
            raise Damaged(f"Instance {instance.id} has no samples")
        expected = pixels.frame_bytes(instance.pixel_tag)
        if not instance.is_native and expected > LARGEST_FRAME:
            raise Damaged(f"Instance {instance.id} claims {expected} bytes a frame")
        return pixels

    def _rgb(self, frame: int) -> Rgb:
        pixels = self._pixels()
        decoded = self._decoded(frame, as_rgb=True)
        if pixels.samples == 1 and decoded.samples.ndim == 2:
            return self._colours().colours(decoded.samples)
        return rgb(decoded.samples, pixels, is_luminance=decoded.is_luminance)

    def _colours(self) -> Palette:
        with self._lock, _silence():
            if self._palette is None:
                self._palette = Palette(self._header())
            return self._palette

    def _decoded(self, frame: int, *, as_rgb: bool) -> Decoded:
        pixels = self._pixels()
        if self._instance.transfer_syntax in UNCOMPRESSED:
            return Decoded(self._from_native(frame, pixels))
        return self._from_codestream(frame, pixels, as_rgb=as_rgb)

    def _from_native(self, frame: int, pixels: PixelFormat) -> Stored:
        content, offset = self._native_pixels(pixels)
        planar = int(self._header().get("PlanarConfiguration") or 0) if pixels.samples > 1 else 0
        values = samples_of(content, offset, frame, pixels, self._instance.pixel_tag, planar)
        if self._instance.pixel_tag in FLOAT_PIXELS:
            return values
        return without_foreign_bits(values, pixels)

    def _native_pixels(self, pixels: PixelFormat) -> tuple[bytes, int]:
        """Little-endian bytes, and where the first frame begins in them."""
        instance = self._instance
        if instance.is_native:
            return self._content, instance.pixel_offset or 0
        with self._lock:
            if self._native is None:
                element = self._header()[instance.pixel_tag or PIXEL_DATA]
                content = element.value or b""
                if instance.transfer_syntax == BIG_ENDIAN:
                    content = in_little_endian(content, pixels, instance.pixel_tag, is_word=element.VR == "OW")
                self._native = content, 0
            return self._native

    def _from_codestream(self, frame: int, pixels: PixelFormat, *, as_rgb: bool) -> Decoded:
        codestream = self._frame_index().codestream(frame)
        syntax = self._instance.transfer_syntax
        try:
            decode = decoding.prepare(codestream, syntax, pixels)
            if decoding.missing_decoder(syntax):
                raise NotDecoded
            return decode(as_rgb)
        except (Damaged, Undecodable, MemoryError):
            raise
        except Exception as error:  # every codec has errors of its own
            is_broken = decoding.is_thorough(syntax) and not isinstance(error, NotDecoded)
            is_hopeless = is_broken or not decoding.is_coherent(codestream, syntax, pixels)
            found = None if is_hopeless else self._by_fallback(frame, pixels)
            if found is None:
                raise self._refusal(error) from error
            return found

    def _by_fallback(self, frame: int, pixels: PixelFormat) -> Decoded | None:
        """What another decoder makes of the frame, if it is an image of the promised shape.

        Such decoders give words without their sign where it isn't the highest bit; and whether they have moved
        values that don't lie in the low bits isn't known.
        """
        values = self._fallback(self._content, frame) if self._fallback is not None else None
        if values is None or values.dtype.kind not in "iu" or values.shape[:2] != (pixels.rows, pixels.columns):
            return None
        if values.ndim == 3 and values.shape[2] == 3 and pixels.is_colour:
            return Decoded(values, is_luminance=False)
        is_other = values.ndim != 2 or pixels.samples != 1 or values.dtype.itemsize > word_type(pixels).itemsize
        if is_other or pixels.high_bit != pixels.bits_stored - 1:
            return None
        return Decoded(without_foreign_bits(values.astype(word_type(pixels), copy=False), pixels))

    def _refusal(self, error: Exception) -> Damaged | Undecodable:
        """Damaged where a decoder is at hand and gave up."""
        instance, package = self._instance, decoding.missing_decoder(self._instance.transfer_syntax)
        name = UID(instance.transfer_syntax).name
        if package is None and not isinstance(error, NotDecoded):
            return Damaged(f"The pixels of instance {instance.id} can't be decoded ({name})")
        return Undecodable(f"No decoder here reads instance {instance.id} ({name})", Decoder=package)

    def _frame_index(self) -> FrameIndex:
        with self._lock:
            if self._index is None:
                place = self._instance.pixel_offset
                content = self._content if place is not None else self._header()[PIXEL_DATA].value or b""
                frames = self._instance.frames if self._instance.mosaic is None else 1
                self._index = FrameIndex(content, place or 0, frames)
            return self._index

    def _header(self) -> pydicom.Dataset:
        """The data set, without its pixels where these aren't needed of it."""
        with self._lock, _silence():
            if self._dataset is None:
                self._dataset = read_dataset(self._content, pixels=self._instance.pixel_offset is None)
            return self._dataset


@contextmanager
def _silence() -> Iterator[None]:
    """The parser's warnings aren't ours; the filter is the process's, so only where there is no other way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
