"""Which size a pixel of a stored frame has, how it is known, and how far it can be trusted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.spacing import SpacingFacts, spacing_facts
from reslice.dicom.ultrasound_regions import NoScale, Region, region_for

__all__ = ["Calibration", "SpacingFacts", "calibrate", "spacing_facts"]

DIFFERENT = 1e-3
"""Spacings that differ by more than this part are two: rounding in the file makes up for less."""
MOST_MAGNIFICATION = 20.0
"""Beyond this a factor is an error of the header: magnification views double, specimens reach ten."""
CALIBRATED = {"GEOMETRY": "geometry", "FIDUCIAL": "fiducial"}
"""PixelSpacingCalibrationType (PS3.3 10.7.1.2) as the source that is told."""

SCOUT = (
    "This is a scout, a projection: sizes across the scan direction are true at one depth only, "
    "and the file doesn't tell which"
)
ON_THE_DETECTOR = (
    "Sizes are overestimated: they are those of the shadow on the detector, and how far in front of it the "
    "patient lies isn't known"
)
ON_THE_IMAGE_PLANE = (
    "Sizes are those on the image plane of the RT image: of what lies nearer to the source they are overestimated"
)
ON_THE_ORIGINAL = "Sizes are those on the film or sheet that was scanned, not in the patient"
NOT_TOLD = "The file gives the pixels a size, but not how it is known: it may be that on a detector or a film"
RESIZED = (
    "The ultrasound region reaches beyond the image, which was scaled or cropped after its calibration: sizes are in "
    "pixels"
)


@dataclass(frozen=True)
class Calibration:
    """The size of a pixel as measurements use it.

    `spacing` is mm between rows and between columns (PS3.3 10.7.1.3); None where the pixel is the unit, and then
    `aspect` tells its height and width in relation (None: square, or not known to be other). `warning` is a
    sentence where results must be read with care. `facts` are what else is worth telling, by name.
    """

    source: str
    spacing: tuple[float, float] | None
    warning: str | None = None
    aspect: tuple[float, float] | None = None
    facts: tuple[tuple[str, float | int | str], ...] = ()

    @property
    def unit(self) -> str:
        """Of a length: mm or px."""
        return "px" if self.spacing is None else "mm"

    def to_json(self) -> dict[str, object]:
        """As a record keeps it."""
        spacing = None if self.spacing is None else list(self.spacing)
        told: dict[str, object] = {"Source": self.source, "Spacing": spacing, **dict(self.facts)}
        if self.aspect is not None:
            told["PixelAspectRatio"] = list(self.aspect)
        if self.warning is not None:
            told["Warning"] = self.warning
        return told


@dataclass(frozen=True)
class _Caught:
    """The size of a pixel where it was caught, and its source. `is_on_detector`: that which SID leads to."""

    source: str
    spacing: tuple[float, float]
    warning: str
    is_on_detector: bool = False


def calibrate(facts: SpacingFacts, points: NDArray[np.float64]) -> Calibration:
    """The size of a pixel for a measurement of these points (n, 2), [column, row].

    Only ultrasound asks where the points lie. Raises Unmeasurable where they lie in two of its regions.
    """
    if facts.has_regions and not facts.is_projection:
        return _by_region(facts, region_for(facts.regions, points))
    if facts.is_placed and facts.pixel is not None and not facts.is_projection:
        return Calibration("patient-geometry", facts.pixel, SCOUT if facts.is_scout else None)
    return _calibrated(facts) or _magnified(facts) or _uncalibrated(facts) or _in_pixels(facts)


def _by_region(facts: SpacingFacts, region: Region | NoScale) -> Calibration:
    """PS3.3 C.8.5.5: the scale of a region counts within it only."""
    if isinstance(region, NoScale):
        return _in_pixels(facts, f"{region.why}: sizes are in pixels")
    # One past the end is a habit of some writers, and harmless.
    if region.columns[1] > facts.columns or region.rows[1] > facts.rows:
        return _in_pixels(facts, RESIZED)
    return Calibration("ultrasound-region", region.spacing, facts=(("Region", region.index),))


def _calibrated(f: SpacingFacts) -> Calibration | None:
    """PixelSpacing that the file says, or shows, to be true in the patient (PS3.3 10.7.1.1, 10.7.1.2)."""
    if f.pixel is not None and f.calibration_type in CALIBRATED:
        return Calibration(CALIBRATED[f.calibration_type], f.pixel)
    caught = _caught(f)
    if f.pixel is not None and caught is not None and _differ(f.pixel, caught.spacing):
        return Calibration("calibrated-unspecified", f.pixel)
    if f.object_plane is not None:  # worked out from the table and the beam (PS3.3 C.8.19.6.9.2)
        return Calibration("geometry", f.object_plane)
    return None


def _caught(f: SpacingFacts) -> _Caught | None:
    """The size of a pixel where it was caught: of a capture on its original, else on the detector."""
    # PS3.3 C.8.6.1; C.8.7.2 and C.8.11.4; C.8.8.2
    scanned = f.scanned and _Caught("scanned", f.scanned, ON_THE_ORIGINAL)
    detector = f.imager and _Caught("detector-plane", f.imager, ON_THE_DETECTOR, is_on_detector=True)
    image_plane = f.image_plane and _Caught("detector-plane", f.image_plane, ON_THE_IMAGE_PLANE)
    return (f.is_capture and scanned) or detector or image_plane or scanned or None


def _magnified(f: SpacingFacts) -> Calibration | None:
    """The detector's spacing brought back to the patient, by similar triangles (PS3.3 C.8.7.5, C.8.11.7)."""
    caught, factor = _caught(f), _magnification(f)
    if caught is None or not caught.is_on_detector or factor is None:
        return None
    down, across = caught.spacing
    return Calibration("magnification", (down / factor, across / factor), facts=(("Factor", factor),))


def _magnification(f: SpacingFacts) -> float | None:
    """So many times larger than in the patient: as estimated, else source to detector by source to patient."""
    estimated, detector, patient = f.estimated_magnification, f.source_to_detector, f.source_to_patient
    if estimated is not None and 1 < estimated <= MOST_MAGNIFICATION:
        return estimated
    if detector is not None and patient is not None and 1 < detector / patient <= MOST_MAGNIFICATION:
        return detector / patient
    return None


def _uncalibrated(f: SpacingFacts) -> Calibration | None:
    """A size that isn't known to be true in the patient, with its warning."""
    caught = _caught(f)
    if caught is not None:
        return Calibration(caught.source, caught.spacing, caught.warning)
    return None if f.pixel is None else Calibration("unknown", f.pixel, NOT_TOLD)


def _in_pixels(f: SpacingFacts, warning: str | None = None) -> Calibration:
    """No size in mm; whether pixels are square may be told (PS3.3 C.7.6.3.1.7)."""
    return Calibration("none", None, warning, aspect=f.aspect)


def _differ(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return any(abs(p - q) > DIFFERENT * q for p, q in zip(a, b, strict=True))
