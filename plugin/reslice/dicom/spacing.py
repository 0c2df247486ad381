"""Everything in a header that decides which size a pixel of one frame has."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from reslice.dicom.head import head_by_pydicom, head_of
from reslice.dicom.scan import Head
from reslice.dicom.ultrasound_regions import Region, regions_of
from reslice.dicom.values import LEAST_SPACING, MOST_SPACING, Values
from reslice.errors import Damaged

STORAGE = "1.2.840.10008.5.1.4.1.1."
"""How the SOP classes of images begin (PS3.4 B.5)."""

PROJECTION_CLASSES = frozenset(
    STORAGE + end
    for end in (
        *("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"),  # CR, DX, mammography, intra-oral
        *("12.1", "12.1.1", "12.2", "12.2.1", "12.3"),  # XA, RF, enhanced, biplane
        *("13.1.4", "13.1.5", "481.1"),  # breast projections, RT Image
    )
)
PROJECTION_MODALITIES = frozenset({"CR", "DX", "MG", "IO", "PX", "XA", "RF", "RG", "RTIMAGE"})
SECTION_CLASSES = frozenset(
    STORAGE + end
    for end in (
        *("2", "2.1", "2.2", "4", "4.1", "4.3", "4.4", "128", "128.1", "130", "20"),  # CT, MR, PET, NM
        *("13.1.1", "13.1.2", "13.1.3", "481.2", "30", "66.4"),  # X-ray 3D, RT Dose, parametric map, segmentation
    )
)
"""Sections through the patient, whatever the modality says: reconstructions of XA and MG among them."""
CAPTURE_CLASSES = frozenset(STORAGE + end for end in ("7", "7.1", "7.2", "7.3", "7.4"))
"""Secondary capture, single and multi-frame."""
CT_CLASSES = frozenset(STORAGE + end for end in ("2", "2.1", "2.2"))

LOCALIZER = "LOCALIZER"
"""ImageType value 3 of a CT scout, a projection (PS3.3 C.8.2.1.1.1)."""
RECONSTRUCTED = ("RECON TOMO", "RECON GATED TOMO")
"""ImageType value 3 of sections in nuclear medicine (PS3.3 C.8.4.9.1.1)."""


class SpacingTag(IntEnum):
    """The elements that are read."""

    IMAGE_TYPE = 0x00080008
    SOP_CLASS = 0x00080016
    MODALITY = 0x00080060
    CONVERSION_TYPE = 0x00080064
    SOURCE_TO_DETECTOR = 0x00181110
    SOURCE_TO_PATIENT = 0x00181111
    ESTIMATED_MAGNIFICATION = 0x00181114
    IMAGER_PIXEL_SPACING = 0x00181164
    NOMINAL_SCANNED_PIXEL_SPACING = 0x00182010
    ULTRASOUND_REGIONS = 0x00186011
    IMAGE_POSITION = 0x00200032
    IMAGE_ORIENTATION = 0x00200037
    ROWS = 0x00280010
    COLUMNS = 0x00280011
    PIXEL_SPACING = 0x00280030
    PIXEL_ASPECT_RATIO = 0x00280034
    CALIBRATION_TYPE = 0x00280A02
    DETECTOR_INFORMATION = 0x00540022
    IMAGE_PLANE_PIXEL_SPACING = 0x30020011
    SHARED_FUNCTIONAL_GROUPS = 0x52009229
    PER_FRAME_FUNCTIONAL_GROUPS = 0x52009230


class MacroTag(IntEnum):
    """Elements that stand within functional groups only."""

    FRAME_TYPE = 0x00089007
    OBJECT_PIXEL_SPACING = 0x00189404
    IMAGE_POSITION_VOLUME = 0x00209301
    IMAGE_ORIENTATION_VOLUME = 0x00209302


MACROS = (
    0x00189329,  # CT Image Frame Type
    0x00189401,  # Projection Pixel Calibration
    0x00189476,  # X-Ray Geometry
    0x00209113,  # Plane Position (Patient)
    0x00209116,  # Plane Orientation (Patient)
    0x00209170,  # Unassigned Shared Converted Attributes
    0x00209171,  # Unassigned Per-Frame Converted Attributes
    0x0020930E,  # Plane Position (Volume)
    0x0020930F,  # Plane Orientation (Volume)
    0x00289110,  # Pixel Measures
    0x00289443,  # XA/XRF Frame Pixel Data Properties
)
WANTED = tuple(int(tag) for tag in SpacingTag)


@dataclass(frozen=True)
class SpacingFacts:
    """What the header says of the size of a frame's pixels; None where it doesn't, or says what can't be true.

    Spacings are mm between rows and between columns (PS3.3 10.7.1.3); distances mm; `aspect` height and width of
    a pixel in relation. `is_placed`: position and orientation in the patient are known. `regions` are the 2-D
    ultrasound regions that have a scale, `has_regions` tells of any.
    """

    is_projection: bool
    is_capture: bool
    is_placed: bool
    is_scout: bool
    pixel: tuple[float, float] | None
    calibration_type: str
    imager: tuple[float, float] | None
    object_plane: tuple[float, float] | None
    image_plane: tuple[float, float] | None
    scanned: tuple[float, float] | None
    estimated_magnification: float | None
    source_to_detector: float | None
    source_to_patient: float | None
    aspect: tuple[float, float] | None
    has_regions: bool
    regions: tuple[Region, ...]
    rows: int
    columns: int


def spacing_head(content: bytes) -> Head:
    """The elements of a file that the facts of all its frames are in. Raises Damaged."""
    return head_of(content, WANTED)


def facts_of(head: Head, frame: int) -> SpacingFacts:
    """The facts of one frame (0-based) of a file. Raises Damaged, also where `spacing_facts` finds more."""
    return _facts(_Header(head, frame))


def spacing_facts(content: bytes, frame: int) -> SpacingFacts:
    """The facts of one frame (0-based) of a file: what stands in its functional groups comes first.

    Raises Damaged where the header can't be read; a single element that makes no sense counts as absent.
    """
    try:
        return facts_of(spacing_head(content), frame)
    except Damaged:  # a sequence that the quick look stumbles over
        return _facts(_Header(head_by_pydicom(content, WANTED), frame))


class _Header:
    """The elements of one frame: its own functional groups, then the shared ones, then the file's own level."""

    def __init__(self, head: Head, frame: int) -> None:
        self._layers = tuple(_layers(Values(head.values, head.implicit), frame))

    def having(self, tag: int) -> Values:
        """The first layer in which the element has a value."""
        return next((layer for layer in self._layers if layer.content(tag)), Values({}))

    def pair(self, tag: int) -> tuple[float, float] | None:
        """Two spacings."""
        return self.having(tag).pair(tag)

    def text(self, tag: int) -> str:
        """The first value of a text."""
        return self.having(tag).text(tag)

    def number(self, tag: int) -> float | None:
        """A single positive number; None where there is none, or several."""
        numbers = self.having(tag).numbers(tag)
        return numbers[0] if len(numbers) == 1 and numbers[0] > 0 else None

    def third_image_type(self) -> str:
        """ImageType value 3, or that of the frame."""
        for tag in (MacroTag.FRAME_TYPE, SpacingTag.IMAGE_TYPE):
            texts = self.having(tag).texts(tag)
            if len(texts) >= 3:
                return texts[2]
        return ""


def _layers(values: Values, frame: int) -> Iterator[Values]:
    per_frame, shared = SpacingTag.PER_FRAME_FUNCTIONAL_GROUPS, SpacingTag.SHARED_FUNCTIONAL_GROUPS
    if values.content(per_frame):
        group = values.item(per_frame, frame)
        if group is None:
            raise Damaged(f"The header says nothing of frame {frame}")
        yield from _macros(group)
    group = values.item(shared, 0)
    if group is not None:
        yield from _macros(group)
    yield values


def _macros(group: Values) -> Iterator[Values]:
    """The macros in a functional group, then what stands in it directly."""
    for tag in MACROS:
        macro = group.item(tag, 0)
        if macro is not None:
            yield macro
    yield group


def _facts(header: _Header) -> SpacingFacts:
    sop_class, modality = header.text(SpacingTag.SOP_CLASS), header.text(SpacingTag.MODALITY)
    regions = header.having(SpacingTag.ULTRASOUND_REGIONS).sequence(SpacingTag.ULTRASOUND_REGIONS)
    kind = header.third_image_type()
    is_ct = sop_class in CT_CLASSES or modality == "CT"
    return SpacingFacts(
        is_projection=_is_projection(sop_class, modality),
        is_capture=sop_class in CAPTURE_CLASSES or bool(header.text(SpacingTag.CONVERSION_TYPE)),
        is_placed=_is_in_patient(header) or _is_in_volume(header) or _is_by_detector(header, kind),
        is_scout=is_ct and kind == LOCALIZER,
        pixel=header.pair(SpacingTag.PIXEL_SPACING),
        calibration_type=header.text(SpacingTag.CALIBRATION_TYPE),
        imager=header.pair(SpacingTag.IMAGER_PIXEL_SPACING),
        object_plane=_sound(header.having(MacroTag.OBJECT_PIXEL_SPACING).singles(MacroTag.OBJECT_PIXEL_SPACING)),
        image_plane=header.pair(SpacingTag.IMAGE_PLANE_PIXEL_SPACING),
        scanned=header.pair(SpacingTag.NOMINAL_SCANNED_PIXEL_SPACING),
        estimated_magnification=header.number(SpacingTag.ESTIMATED_MAGNIFICATION),
        source_to_detector=header.number(SpacingTag.SOURCE_TO_DETECTOR),
        source_to_patient=header.number(SpacingTag.SOURCE_TO_PATIENT),
        aspect=header.pair(SpacingTag.PIXEL_ASPECT_RATIO),
        has_regions=bool(regions),
        regions=regions_of(regions),
        rows=header.having(SpacingTag.ROWS).unsigned(SpacingTag.ROWS),
        columns=header.having(SpacingTag.COLUMNS).unsigned(SpacingTag.COLUMNS),
    )


def _is_projection(sop_class: str, modality: str) -> bool:
    if sop_class in PROJECTION_CLASSES:
        return True
    return modality in PROJECTION_MODALITIES and sop_class not in SECTION_CLASSES


def _is_in_patient(header: _Header) -> bool:
    """PS3.3 C.7.6.2.1.1, C.7.6.16.2.3 and C.7.6.16.2.4."""
    position, orientation = SpacingTag.IMAGE_POSITION, SpacingTag.IMAGE_ORIENTATION
    is_placed = header.having(position).point(position) is not None
    return is_placed and header.having(orientation).cosines(orientation) is not None


def _is_in_volume(header: _Header) -> bool:
    """Enhanced ultrasound lies in the volume's frame of reference, mm too (PS3.3 C.8.24.2, C.7.6.16.2.21)."""
    position, orientation = MacroTag.IMAGE_POSITION_VOLUME, MacroTag.IMAGE_ORIENTATION_VOLUME
    lengths = len(header.having(position).reals(position)), len(header.having(orientation).reals(orientation))
    return lengths == (3, 6)


def _is_by_detector(header: _Header, kind: str) -> bool:
    """Sections in nuclear medicine keep their place with the detector (PS3.3 C.8.4.15.1.1)."""
    detector = SpacingTag.DETECTOR_INFORMATION
    if kind not in RECONSTRUCTED:
        return False
    place = header.having(detector).item(detector, 0) or Values({})
    is_placed = place.point(SpacingTag.IMAGE_POSITION) is not None
    return is_placed and place.cosines(SpacingTag.IMAGE_ORIENTATION) is not None


def _sound(numbers: tuple[float, ...]) -> tuple[float, float] | None:
    """Two spacings, where both can be true."""
    is_sound = len(numbers) == 2 and all(LEAST_SPACING <= n <= MOST_SPACING for n in numbers)
    return (numbers[0], numbers[1]) if is_sound else None
