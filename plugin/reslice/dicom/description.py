"""What the header says of frames of one kind, as a value object."""

from dataclasses import dataclass

from reslice.dicom.luts import modality_lut, voi_luts
from reslice.dicom.pixel_format import PixelFormat
from reslice.dicom.suv import SuvHeader, suv_header
from reslice.dicom.tags import Tag
from reslice.dicom.values import Cosines, Values
from reslice.errors import Damaged
from reslice.imaging.modality import LookupTable, ModalityTransform, Rescale
from reslice.imaging.voi import VoiLut

SHORT = 16
LARGEST_RESCALE = 1e30
"""Slopes and intercepts beyond this leave no value that float32 holds."""


XRAY_MODALITIES = frozenset({"XA", "RF"})
UNSCALED_RELATIONSHIPS = frozenset({"LOG", "DISP"})
"""Pixel intensity relationships whose rescale leads to X-ray intensity, not to what is shown (PS3.3 C.8.7.1.1.2)."""


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
    rescale: ModalityTransform
    rescale_type: str
    has_rescale: bool
    units: str
    is_multienergy: bool
    padding: tuple[float, float] | None
    windows: tuple[tuple[float, float], ...]
    window_explanations: tuple[str, ...]
    voi_luts: tuple[VoiLut, ...]
    voi_function: str
    is_inverted: bool
    is_quadruped: bool
    patient_orientation: tuple[str, str] | None
    laterality: str
    view_position: str
    suv: SuvHeader | None

    @property
    def has_tables(self) -> bool:
        """Whether it holds lookup tables."""
        return bool(self.voi_luts) or isinstance(self.rescale, LookupTable)

    @property
    def table_bytes(self) -> int:
        """The memory of its lookup tables."""
        own = self.rescale.entries.nbytes if isinstance(self.rescale, LookupTable) else 0
        return own + sum(lut.values.nbytes for lut in self.voi_luts)

    @property
    def has_hidden_padding(self) -> bool:
        """Whether padding is known by stored values only: a table may give other values what it gives padding."""
        return self.padding is not None and isinstance(self.rescale, LookupTable)

    @property
    def modality_padding(self) -> tuple[float, float] | None:
        """The inclusive range of modality values that mean no data, rounded as voxels are; None if it is hidden."""
        if self.padding is None or self.has_hidden_padding:
            return None
        low, high = (self.rescale.value_of(value) for value in self.padding)
        return min(low, high), max(low, high)


def describe(values: Values) -> Description:
    """The description in raw element values. Raises Damaged."""
    lut, pixels = _modality_lut(values), _pixel_format(values)
    rescale = lut or _rescale(values)
    return Description(
        sop_class=values.text(Tag.SOP_CLASS),
        modality=values.text(Tag.MODALITY),
        image_type=values.texts(Tag.IMAGE_TYPE),
        frame_of_reference=values.text(Tag.FRAME_OF_REFERENCE),
        orientation=values.cosines(Tag.IMAGE_ORIENTATION),
        spacing=values.pair(Tag.PIXEL_SPACING),
        aspect=_aspect(values),
        thickness=values.number(Tag.SLICE_THICKNESS, 0.0) or None,
        pixels=pixels,
        rescale=rescale,
        rescale_type=lut.kind if lut else values.text(Tag.RESCALE_TYPE),
        has_rescale=bool(values.numbers(Tag.RESCALE_SLOPE) and values.numbers(Tag.RESCALE_INTERCEPT)),
        units=values.text(Tag.UNITS) or _dose_units(values),
        is_multienergy=values.text(Tag.MULTIENERGY) == "YES",
        padding=_padding(values),
        windows=tuple(zip(values.numbers(Tag.WINDOW_CENTER), values.numbers(Tag.WINDOW_WIDTH), strict=False)),
        window_explanations=values.texts(Tag.WINDOW_EXPLANATION),
        voi_luts=voi_luts(values, *_possible_values(pixels, rescale)),
        voi_function=values.text(Tag.VOI_LUT_FUNCTION) or _usual_function(values),
        is_inverted=_is_inverted(values),
        is_quadruped=values.text(Tag.ANATOMICAL_ORIENTATION_TYPE) == "QUADRUPED",
        patient_orientation=values.orientation_letters(Tag.PATIENT_ORIENTATION),
        laterality=values.text(Tag.IMAGE_LATERALITY) or values.text(Tag.LATERALITY),
        view_position=values.text(Tag.VIEW_POSITION),
        suv=suv_header(values),
    )


def _dose_units(values: Values) -> str:
    """Those of a dose grid, whose values are in no unit before they are scaled."""
    return values.text(Tag.DOSE_UNITS) if values.numbers(Tag.DOSE_GRID_SCALING) else ""


def _usual_function(values: Values) -> str:
    """What a window means where the file doesn't say.

    Float pixels have no bits stored (PS3.3 C.7.6.24); LINEAR is made for whole numbers.
    """
    is_real = values.unsigned(Tag.BITS_ALLOCATED) > SHORT and not values.has(Tag.BITS_STORED)
    return "LINEAR_EXACT" if is_real else "LINEAR"


def _modality_lut(values: Values) -> LookupTable | None:
    """The Modality LUT, where it is one that leads to modality values."""
    return None if _is_unscaled(values) else modality_lut(values)


def _is_unscaled(values: Values) -> bool:
    return (
        values.text(Tag.MODALITY) in XRAY_MODALITIES
        and values.text(Tag.PIXEL_INTENSITY_RELATIONSHIP) in UNSCALED_RELATIONSHIPS
    )


def _possible_values(pixels: PixelFormat | None, rescale: ModalityTransform) -> tuple[float, float]:
    """The least and the greatest modality value that the stored bits allow."""
    if isinstance(rescale, LookupTable):
        return 0.0, float(rescale.entries.max())
    low, high = pixels.stored_range if pixels else (0, 0)
    ends = rescale.value_of(low), rescale.value_of(high)
    return min(ends), max(ends)


def _is_signed(values: Values) -> bool:
    return values.unsigned(Tag.PIXEL_REPRESENTATION) == 1


def _aspect(values: Values) -> tuple[float, float] | None:
    """Height and width of a pixel in relation, where it isn't told in the patient."""
    for tag in (Tag.IMAGER_PIXEL_SPACING, Tag.NOMINAL_SCANNED_PIXEL_SPACING, Tag.PIXEL_ASPECT_RATIO):
        pair = values.pair(tag)
        if pair is not None:
            return pair
    return None


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
        is_signed=_is_signed(values),
    )


def _rescale(values: Values) -> Rescale:
    """Slope and intercept; of a dose grid its scaling (PS3.3 C.8.8.3)."""
    if _is_unscaled(values):
        return Rescale()
    if values.has(Tag.DOSE_GRID_SCALING):
        slope, intercept = values.certain_number(Tag.DOSE_GRID_SCALING, 1.0), 0.0
    else:
        slope = values.certain_number(Tag.RESCALE_SLOPE, 1.0)
        intercept = values.certain_number(Tag.RESCALE_INTERCEPT, 0.0)
    if max(abs(slope), abs(intercept)) > LARGEST_RESCALE:
        raise Damaged("The rescale slope or intercept can't be right")
    return Rescale(slope, intercept)


def _padding(values: Values) -> tuple[float, float] | None:
    """The inclusive range of stored values that mean no data (PS3.3 C.7.5.1.1.2, C.7.6.24, C.7.6.25)."""
    ends = _real_padding(values) or _whole_padding(values)
    return (min(ends), max(ends)) if ends else None


def _real_padding(values: Values) -> tuple[float, ...]:
    """Of float and double pixels: the value and its limit, or the value alone."""
    single = (*values.singles(Tag.FLOAT_PADDING_VALUE)[:1], *values.singles(Tag.FLOAT_PADDING_RANGE_LIMIT)[:1])
    return single or (*values.reals(Tag.DOUBLE_PADDING_VALUE)[:1], *values.reals(Tag.DOUBLE_PADDING_RANGE_LIMIT)[:1])


def _whole_padding(values: Values) -> tuple[float, ...]:
    if not values.has(Tag.PIXEL_PADDING_VALUE):
        return ()
    signed = _is_signed(values)
    value = values.unsigned(Tag.PIXEL_PADDING_VALUE, signed=signed)
    return value, values.unsigned(Tag.PIXEL_PADDING_RANGE_LIMIT, value, signed=signed)


def _is_inverted(values: Values) -> bool:
    """Shown dark for high values; MONOCHROME1 and INVERSE say the same thing, so it counts once."""
    return (
        values.text(Tag.PHOTOMETRIC_INTERPRETATION) == "MONOCHROME1"
        or values.text(Tag.PRESENTATION_LUT_SHAPE) == "INVERSE"
    )
