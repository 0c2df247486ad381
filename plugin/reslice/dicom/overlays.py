"""Overlay planes and display shutters, read from a whole file when somebody asks for them."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array
from pydicom.uid import RLELossless

from reslice.dicom.dataset import read_dataset
from reslice.dicom.instance import Description, Instance, PixelFormat
from reslice.imaging.overlay import WHITE, Circle, Overlay, Polygon, Rectangle, Shape, Shutter

GROUPS = range(0x6000, 0x6020, 2)
"""The repeating group of overlays (PS3.5 7.6)."""
ROWS, COLUMNS, FRAMES, ORIGIN, FIRST_FRAME, BIT_POSITION, DATA = 0x10, 0x11, 0x15, 0x50, 0x51, 0x0102, 0x3000
MOST_CORNERS = 4096
"""Corners of a polygon; a file that names more isn't drawn after."""
BRIGHTEST = 0xFFFF
"""The P-value of white (PS3.3 C.7.6.11)."""


class _Unusable(Exception):
    """Why an overlay or a shutter can't be drawn."""


@dataclass(frozen=True, eq=False)
class Graphics:
    """What is drawn over one frame, and what couldn't be read, in a sentence each."""

    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    problems: tuple[str, ...] = ()


def read_graphics(instance: Instance, content: bytes, frame: int, *, overlays: bool, shutter: bool) -> Graphics:
    """The overlay planes and the shutter of one frame (0-based); what is damaged is left out, never raised.

    What lies over a mosaic lies over the sheet, not over its tiles.
    """
    if instance.mosaic is not None:
        return Graphics()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = _Reader(instance, read_dataset(content), frame)
        except Exception as error:  # a hostile header can make the parser raise anything
            return Graphics(problems=(f"The header can't be read: {type(error).__name__}",))
        closed = reader.shutter() if shutter else None
        drawn = tuple(reader.overlays()) if overlays else ()
        return Graphics(drawn, closed, tuple(reader.problems))


class _Reader:
    """Reads what lies over one frame of a data set."""

    def __init__(self, instance: Instance, dataset: Dataset, frame: int) -> None:
        self._description, self._dataset, self._frame = instance.frame(frame).description, dataset, frame
        self._groups = _functional_groups(dataset, frame)
        self.problems: list[str] = []

    def overlays(self) -> Iterator[Overlay]:
        """The planes that can be drawn, but for the one that is a shutter."""
        for group in GROUPS:
            if group != self._bitmap_group() and (group, ROWS) in self._dataset:
                try:
                    plane = self._overlay(group)
                except Exception as error:  # whatever a hostile element makes of itself
                    self._complain(f"Overlay {group:04X}", error)
                else:
                    if plane is not None:
                        yield plane

    def shutter(self) -> Shutter | None:
        """The shutter: of the frame, of all frames, or of the whole image."""
        try:
            return self._shutter()
        except Exception as error:
            self._complain("The shutter", error)
            return None

    def _complain(self, what: str, error: Exception) -> None:
        why = str(error) if isinstance(error, _Unusable) else f"can't be read: {type(error).__name__}"
        self.problems.append(f"{what} {why}")

    def _overlay(self, group: int) -> Overlay | None:
        """One plane; None where it has none for this frame (PS3.3 C.9.3)."""
        rows, columns = (self._number(group, element) for element in (ROWS, COLUMNS))
        frames, first = self._number(group, FRAMES, 0), self._number(group, FIRST_FRAME, 1)
        of_frame = self._frame - (first - 1) if frames else 0
        if frames and not 0 <= of_frame < frames:
            return None
        top, left = self._origin(group)
        if (group, DATA) in self._dataset:
            return _packed(self._data(group), (rows, columns), of_frame, (top, left), self._format)
        return Overlay(top, left, self._embedded(self._number(group, BIT_POSITION)))

    @property
    def _format(self) -> PixelFormat:
        pixels = self._description.pixels
        if pixels is None:
            raise _Unusable("lies over an image without size")
        return pixels

    def _number(self, group: int, element: int, default: int | None = None) -> int:
        found = self._dataset.get((group, element))
        if found is None or found.value in (None, ""):
            if default is None:
                raise _Unusable("lacks an element that it needs")
            return default
        return int(found.value)

    def _origin(self, group: int) -> tuple[int, int]:
        """Where the first bit lies, from 0; files count from 1."""
        found = self._dataset.get((group, ORIGIN))
        row, column = found.value if found is not None and found.value else (1, 1)
        return int(row) - 1, int(column) - 1

    def _data(self, group: int) -> bytes:
        element = self._dataset[group, DATA]
        value: bytes = element.value or b""
        is_swapped = element.VR == "OW" and self._dataset.original_encoding[1] is False
        return np.frombuffer(value[: len(value) // 2 * 2], ">u2").astype("<u2").tobytes() if is_swapped else value

    def _embedded(self, bit: int) -> NDArray[np.bool_]:
        """A plane in a bit of the pixels that holds no value (retired: PS3.3-2004 C.9.2)."""
        pixels = self._format
        lowest = pixels.high_bit - pixels.bits_stored + 1
        if not 0 <= bit < pixels.bits_allocated or lowest <= bit <= pixels.high_bit or pixels.samples != 1:
            raise _Unusable("has no data, and no bit of the pixels to itself")
        plane: NDArray[np.bool_] = (self._words() >> bit & 1).astype(np.bool_)
        return plane

    def _words(self) -> NDArray[Any]:
        """The frame's pixels with all their bits."""
        pixels, syntax = self._format, self._dataset.file_meta.TransferSyntaxUID
        if syntax == RLELossless:
            # the decoder clears the bits that hold no value, so it is told that all do
            self._dataset.BitsStored, self._dataset.HighBit = pixels.bits_allocated, pixels.bits_allocated - 1
            decoded: NDArray[Any] = pixel_array(self._dataset, index=self._frame, raw=True)
            return decoded.view(f"u{decoded.dtype.itemsize}")
        if syntax.is_encapsulated:
            raise _Unusable(f"lies in the bits of compressed pixels ({syntax.name})")
        order = "<" if self._dataset.original_encoding[1] is not False else ">"
        words = np.dtype(f"{order}u{pixels.bits_allocated // 8}")
        count = pixels.rows * pixels.columns
        offset = self._frame * count * words.itemsize
        return np.frombuffer(self._dataset.PixelData, words, count, offset).reshape(pixels.rows, pixels.columns)

    def _bitmap_group(self) -> int | None:
        """The overlay that is a shutter (PS3.3 C.7.6.15)."""
        source = self._shutter_source()
        group = source.get("ShutterOverlayGroup")
        return int(group) if group is not None and "BITMAP" in _texts(source.get("ShutterShape")) else None

    def _shutter_source(self) -> Dataset:
        for groups in self._groups:
            of_frame: list[Dataset] = list(groups.get("FrameDisplayShutterSequence") or ())
            if of_frame:
                return of_frame[0]
        return self._dataset

    def _shutter(self) -> Shutter | None:
        source = self._shutter_source()
        kinds = _texts(source.get("ShutterShape"))
        unknown = set(kinds) - {"RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP"}
        if unknown:
            raise _Unusable("has a shape that isn't known")
        if not kinds:
            return None
        shapes = tuple(_shape(kind, source, self._description) for kind in kinds if kind != "BITMAP")
        group = self._bitmap_group()
        bitmap = self._overlay(group) if group is not None else None
        level = round(int(source.get("ShutterPresentationValue") or 0) / BRIGHTEST * WHITE)
        return Shutter(shapes, bitmap, level)


def _packed(data: bytes, size: tuple[int, int], frame: int, origin: tuple[int, int], pixels: PixelFormat) -> Overlay:
    """The rows of a plane that reach into the image: bits from the lowest on, frame after frame (PS3.5 8.1.2)."""
    rows, columns = size
    if not rows or not columns or (frame + 1) * rows * columns > 8 * len(data):
        raise _Unusable(f"holds fewer bits than its {rows} rows and {columns} columns need")
    top, left = origin
    first, last = min(rows, max(0, -top)), max(0, min(rows, pixels.rows - top))
    if last <= first:
        return Overlay(0, 0, np.zeros((0, 0), dtype=np.bool_))
    begin = (frame * rows + first) * columns
    count = (last - first) * columns
    packed = np.frombuffer(data, np.uint8)[begin // 8 : (begin + count + 7) // 8]
    bits = np.unpackbits(packed, bitorder="little")[begin % 8 : begin % 8 + count]
    return Overlay(top + first, left, bits.reshape(-1, columns).astype(np.bool_))


def _functional_groups(dataset: Dataset, frame: int) -> list[Dataset]:
    """The functional groups of a frame, then those that all frames share (PS3.3 C.7.6.16)."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    shared = dataset.get("SharedFunctionalGroupsSequence") or ()
    return [*per_frame[frame : frame + 1], *shared[:1]]


def _texts(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else [str(part) for part in value or ()]


def _shape(kind: str, source: Dataset, description: Description) -> Shape:
    """One shape; files count rows and columns from 1."""
    if kind == "RECTANGULAR":
        edges = ("UpperHorizontalEdge", "LowerHorizontalEdge", "LeftVerticalEdge", "RightVerticalEdge")
        top, bottom, left, right = (_whole(source, f"Shutter{edge}") - 1 for edge in edges)
        return Rectangle(top, bottom, left, right)
    if kind == "CIRCULAR":
        row, column = (int(value) - 1 for value in source.CenterOfCircularShutter)
        down, across = description.spacing or description.aspect or (1.0, 1.0)
        return Circle(row, column, _whole(source, "RadiusOfCircularShutter"), down / across)
    numbers = [int(value) - 1 for value in source.VerticesOfThePolygonalShutter]
    corners = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise _Unusable(f"is a polygon of {len(corners)} corners")
    return Polygon(corners)


def _whole(source: Dataset, keyword: str) -> int:
    return int(source[keyword].value)
