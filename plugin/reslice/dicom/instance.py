"""One DICOM instance as value objects: what its header says about each of its frames."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom
from pydicom.multival import MultiValue

from reslice.dicom import scan
from reslice.dicom.dataset import read_dataset
from reslice.dicom.tags import DESCRIBING_TAGS, WANTED_TAGS, Tag
from reslice.dicom.values import Cosines, Point, Values
from reslice.dicom.voi_luts import read_voi_luts
from reslice.errors import Damaged, TooLarge
from reslice.imaging.modality import Rescale
from reslice.imaging.voi import VoiLut

FLOAT_PIXELS: dict[int, np.dtype[Any]] = {0x7FE00008: np.dtype("<f4"), 0x7FE00009: np.dtype("<f8")}
MOST_FRAMES = 1 << 16
"""Frames of one instance that are listed; a claim of more is refused before memory is taken for them."""

VIDEO = "1.2.840.10008.1.2.4.10"
"""How the MPEG-2, H.264 and H.265 transfer syntaxes begin."""

LARGEST_RESCALE = 1e30
"""Slopes and intercepts beyond this leave no value that float32 holds."""

NATIVE_SYNTAXES = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
"""Little endian, uncompressed, not deflated: pixels can be read by their offset."""


@dataclass(frozen=True)
class PixelFormat:
    """How stored values are laid out (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool

    @property
    def is_colour(self) -> bool:
        """Whether a frame becomes RGB."""
        return self.samples > 1 or self.photometric == "PALETTE COLOR"

    def frame_bytes(self, pixel_tag: int | None, frames: int = 1) -> int:
        """Bytes of uncompressed frames; float pixels have a size of their own, bits run on from frame to frame."""
        real = FLOAT_PIXELS.get(pixel_tag or 0)
        bits = self.bits_allocated if real is None else 8 * real.itemsize
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples  # PS3.3 C.7.6.3.1.2: chroma is shared
        return (self.rows * self.columns * samples * bits * frames + 7) // 8


@dataclass(frozen=True)
class Description:
    """Everything that frames of one kind share, read from the header."""

    sop_class: str
    modality: str
    image_type: tuple[str, ...]
    frame_of_reference: str
    orientation: Cosines | None
    spacing: tuple[float, float] | None
    aspect: tuple[float, float] | None
    thickness: float | None
    pixels: PixelFormat | None
    rescale: Rescale
    rescale_type: str
    has_rescale: bool
    units: str
    padding: tuple[int, int] | None
    windows: tuple[tuple[float, float], ...]
    window_explanations: tuple[str, ...]
    voi_function: str
    voi_luts: tuple[VoiLut, ...]
    is_inverted: bool
    has_modality_lut: bool
    has_functional_groups: bool
    patient_orientation: tuple[str, str] | None
    is_quadruped: bool
    laterality: str
    view_position: str

    @property
    def modality_padding(self) -> tuple[float, float] | None:
        """The inclusive range of modality values that mean no data, rounded as voxels are."""
        if self.padding is None:
            return None
        rescale = self.rescale
        low, high = (float(np.float32(value * rescale.slope + rescale.intercept)) for value in self.padding)
        return min(low, high), max(low, high)


@dataclass(frozen=True)
class Instance:
    """One instance: its description, its place in the patient, and where its pixels lie in the file."""

    id: str
    description: Description
    position: Point | None
    number: int
    frames: int
    transfer_syntax: str
    pixel_tag: int | None
    pixel_offset: int | None
    pixel_bytes: int | None
    encapsulated_bytes: int
    is_truncated: bool

    @property
    def is_native(self) -> bool:
        """Whether the pixels lie uncompressed in the file, little endian."""
        is_known = self.pixel_offset is not None and self.pixel_bytes is not None
        return is_known and self.transfer_syntax in NATIVE_SYNTAXES

    @property
    def is_image(self) -> bool:
        """Whether there are pixels to show."""
        return self.pixel_tag is not None and self.description.pixels is not None


class InstanceReader:
    """Reads headers; slices of a series share one Description as long as their headers agree."""

    def __init__(self) -> None:
        self._descriptions: dict[tuple[object, ...], Description] = {}

    def read(self, instance_id: str, content: bytes) -> Instance:
        """The instance in a file's bytes. Raises Damaged."""
        head = _head(content)
        values = Values(head.values)
        luts = read_voi_luts(content) if values.has(Tag.VOI_LUT_SEQUENCE) else ()
        description = self._describe(values, luts)
        frames = int(values.certain_number(Tag.NUMBER_OF_FRAMES, 1))
        is_truncated = _is_truncated(head, description, frames)
        if frames > MOST_FRAMES:
            raise TooLarge(f"{frames} frames in one instance; at most {MOST_FRAMES} are read")
        if not 1 <= frames <= _most_frames(head) or (frames > 1 and is_truncated):
            raise Damaged(f"The file doesn't hold the {frames} frames that its header promises")
        return Instance(
            id=instance_id,
            description=description,
            position=values.point(Tag.IMAGE_POSITION),
            number=values.integer(Tag.INSTANCE_NUMBER, 0),
            frames=frames,
            transfer_syntax=head.transfer_syntax,
            pixel_tag=head.pixel_tag,
            pixel_offset=head.pixel_offset,
            pixel_bytes=head.pixel_bytes,
            encapsulated_bytes=len(content) if head.fragments else 0,
            is_truncated=is_truncated,
        )

    def _describe(self, values: "Values", luts: tuple[VoiLut, ...]) -> Description:
        key = (values.raw(DESCRIBING_TAGS), luts)
        found = self._descriptions.get(key)
        if found is None:
            found = self._descriptions[key] = _description(values, luts)
        return found


def _is_truncated(head: scan.Head, description: Description, frames: int) -> bool:
    """Whether there are fewer uncompressed pixels than the header promises."""
    if head.pixel_tag is None or description.pixels is None or head.pixel_bytes is None:
        return False
    return head.pixel_bytes < description.pixels.frame_bytes(head.pixel_tag, frames)


def _most_frames(head: scan.Head) -> int:
    """How many frames a file can hold at most: each compressed one has a fragment of its own (PS3.5 A.4)."""
    if head.transfer_syntax.startswith(VIDEO):
        return MOST_FRAMES  # one stream for all frames
    return max(1, head.fragments if head.pixel_bytes is None else head.pixel_bytes * 8)


def _head(content: bytes) -> scan.Head:
    try:
        return scan.scan(content, WANTED_TAGS)
    except scan.NotReadable as error:
        head = _head_by_pydicom(content)
        is_whole = Tag.SOP_CLASS in head.values and not isinstance(error, scan.CutOff)
        if head.pixel_tag is None and not is_whole:
            raise Damaged("The file ends in the middle of its header") from error
        return head


def _head_by_pydicom(content: bytes) -> scan.Head:
    """The same from pydicom, for the encodings that the quick look leaves out. Raises Damaged."""
    try:
        return _head_of(read_dataset(content))
    except Exception as error:  # a hostile header can make the parser raise anything
        raise Damaged(f"The header can't be read: {type(error).__name__}") from error


def _head_of(dataset: pydicom.FileDataset) -> scan.Head:
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    values = {tag: _raw_value(dataset[tag]) for tag in WANTED_TAGS if tag in dataset}
    pixel_tag = next((tag for tag in sorted(scan.PIXEL_TAGS) if tag in dataset), None)
    if pixel_tag is None:
        return scan.Head(syntax, values, None, None, None, 0)
    element = dataset[pixel_tag]
    content = element.value or b""
    if element.is_undefined_length:
        return scan.Head(syntax, values, pixel_tag, None, None, scan.count_fragments(content, 0))
    return scan.Head(syntax, values, pixel_tag, None, len(content), 0)


def _raw_value(element: pydicom.DataElement) -> bytes:
    """A value in the bytes that explicit little endian gives it."""
    if element.VR == "SQ":
        return b""
    value: Any = element.value
    parts = value if isinstance(value, list | MultiValue) else [value]
    if element.VR in ("US", "SS"):
        return b"".join((int(part) & 0xFFFF).to_bytes(2, "little") for part in parts if part not in (None, ""))
    return b"\\".join(str("" if part is None else part).encode("utf-8", "replace") for part in parts)


def _description(values: Values, luts: tuple[VoiLut, ...]) -> Description:
    return Description(
        sop_class=values.text(Tag.SOP_CLASS),
        modality=values.text(Tag.MODALITY),
        image_type=values.texts(Tag.IMAGE_TYPE),
        frame_of_reference=values.text(Tag.FRAME_OF_REFERENCE),
        orientation=values.cosines(Tag.IMAGE_ORIENTATION),
        spacing=values.pair(Tag.PIXEL_SPACING),
        aspect=_aspect(values),
        thickness=values.number(Tag.SLICE_THICKNESS, 0.0) or None,
        pixels=_pixel_format(values),
        rescale=_rescale(values),
        rescale_type=values.text(Tag.RESCALE_TYPE),
        has_rescale=bool(values.numbers(Tag.RESCALE_SLOPE) and values.numbers(Tag.RESCALE_INTERCEPT)),
        units=values.text(Tag.UNITS),
        padding=_padding(values),
        windows=tuple(zip(values.numbers(Tag.WINDOW_CENTER), values.numbers(Tag.WINDOW_WIDTH), strict=False)),
        window_explanations=values.texts(Tag.WINDOW_EXPLANATION),
        voi_function=values.text(Tag.VOI_LUT_FUNCTION) or "LINEAR",
        voi_luts=luts,
        is_inverted=_is_inverted(values),
        has_modality_lut=values.has(Tag.MODALITY_LUT_SEQUENCE),
        has_functional_groups=values.has(Tag.PER_FRAME_FUNCTIONAL_GROUPS),
        patient_orientation=_patient_orientation(values),
        is_quadruped=values.text(Tag.ANATOMICAL_ORIENTATION_TYPE) == "QUADRUPED",
        laterality=values.text(Tag.IMAGE_LATERALITY) or values.text(Tag.LATERALITY),
        view_position=values.text(Tag.VIEW_POSITION),
    )


def _aspect(values: Values) -> tuple[float, float] | None:
    """How high and wide a pixel is beside others where its size in the patient isn't told (PS3.3 10.7.1.3)."""
    spacings = (Tag.IMAGER_PIXEL_SPACING, Tag.NOMINAL_SCANNED_PIXEL_SPACING, Tag.PIXEL_ASPECT_RATIO)
    return next((pair for pair in map(values.pair, spacings) if pair), None)


def _patient_orientation(values: Values) -> tuple[str, str] | None:
    """What rows and columns run to, as the file says it (PS3.3 C.7.6.1.1.1)."""
    texts = values.texts(Tag.PATIENT_ORIENTATION)
    return (texts[0], texts[1]) if len(texts) == 2 else None


def _pixel_format(values: Values) -> PixelFormat | None:
    rows, columns = values.unsigned(Tag.ROWS), values.unsigned(Tag.COLUMNS)
    if not rows or not columns:
        return None
    allocated = values.unsigned(Tag.BITS_ALLOCATED, 16)
    stored = values.unsigned(Tag.BITS_STORED, allocated)
    if not 1 <= stored <= allocated:
        stored = allocated
    return PixelFormat(
        rows=rows,
        columns=columns,
        samples=values.unsigned(Tag.SAMPLES_PER_PIXEL, 1),
        photometric=values.text(Tag.PHOTOMETRIC_INTERPRETATION) or "MONOCHROME2",
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=values.unsigned(Tag.HIGH_BIT, stored - 1),
        is_signed=values.unsigned(Tag.PIXEL_REPRESENTATION) == 1,
    )


def _rescale(values: Values) -> Rescale:
    slope, intercept = values.certain_number(Tag.RESCALE_SLOPE, 1.0), values.certain_number(Tag.RESCALE_INTERCEPT, 0.0)
    if max(abs(slope), abs(intercept)) > LARGEST_RESCALE:
        raise Damaged("The rescale slope or intercept can't be right")
    return Rescale(slope, intercept)


def _padding(values: Values) -> tuple[int, int] | None:
    """The inclusive range of stored values that mean no data (PS3.3 C.7.5.1.1.2)."""
    if not values.has(Tag.PIXEL_PADDING_VALUE):
        return None
    signed = values.unsigned(Tag.PIXEL_REPRESENTATION) == 1
    value = values.unsigned(Tag.PIXEL_PADDING_VALUE, signed=signed)
    limit = values.unsigned(Tag.PIXEL_PADDING_RANGE_LIMIT, value, signed=signed)
    return min(value, limit), max(value, limit)


def _is_inverted(values: Values) -> bool:
    """Shown dark for high values; MONOCHROME1 and INVERSE say the same thing, so it counts once."""
    return (
        values.text(Tag.PHOTOMETRIC_INTERPRETATION) == "MONOCHROME1"
        or values.text(Tag.PRESENTATION_LUT_SHAPE) == "INVERSE"
    )
