"""The factor from activity concentration to SUVbw, by the rule of the QIBA profile, or the reason why there is none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reslice.dicom.moments import local_moment, moment, zone
from reslice.dicom.tags import GroupTag, Tag
from reslice.dicom.values import Values
from reslice.errors import Damaged

GRAMS = 1000.0
REQUIRED_CORRECTIONS = frozenset({"ATTN", "DECA"})
"""What must have been corrected, by the first four letters: both DECY and DECAY are seen."""

MOST_HALF_LIVES = 10
"""An injection longer before the scan is an error of the header: nothing would be left to see."""
LONGEST_OVER_MIDNIGHT = timedelta(hours=12)
"""An injection told without its date may have been on the day before, but not longer ago than this."""

LEAST_DOSE = 1e4
"""Bq; a dose in MBq would be less."""
LEAST_HALF_LIFE = 10.0
"""Seconds; no tracer decays faster."""

HEAVIEST = 1000.0
"""Kilograms; a weight in grams would be more."""

ALREADY = "GML"
"""Units of an image that holds SUV itself (PS3.3 C.8.9.1.1.3)."""
BODY_WEIGHT = "BW"


@dataclass(frozen=True)
class SuvHeader:
    """What the header of a PET image says about dose, decay and weight; None or empty where it doesn't."""

    units: str
    kind: str
    corrections: frozenset[str]
    decay_correction: str
    weight: float
    series_start: datetime | None
    dose: float
    half_life: float
    injection: datetime | None
    injection_time: str


@dataclass(frozen=True)
class Suv:
    """The factor from Bq/ml to SUVbw in g/ml, or the reason why it can't be computed."""

    factor: float | None
    reason: str = ""


def suv_header(values: Values) -> SuvHeader | None:
    """The part of a PET header that SUV hangs on; None for other modalities."""
    if values.text(Tag.MODALITY) != "PT":
        return None
    try:
        tracers = values.sequence(Tag.RADIOPHARMACEUTICAL_INFORMATION)
    except Damaged:
        tracers = []
    tracer = tracers[0] if len(tracers) == 1 else Values({})
    local = zone(values.text(Tag.TIMEZONE_OFFSET))
    return SuvHeader(
        units=values.text(Tag.UNITS),
        kind=values.text(Tag.SUV_TYPE) or BODY_WEIGHT,
        corrections=frozenset(values.texts(Tag.CORRECTED_IMAGE)),
        decay_correction=values.text(Tag.DECAY_CORRECTION),
        weight=values.number(Tag.PATIENT_WEIGHT, 0.0),
        series_start=moment(values.text(Tag.SERIES_DATE) + values.text(Tag.SERIES_TIME)),
        dose=tracer.number(GroupTag.RADIONUCLIDE_TOTAL_DOSE, 0.0),
        half_life=tracer.number(GroupTag.RADIONUCLIDE_HALF_LIFE, 0.0),
        injection=local_moment(tracer.text(GroupTag.RADIOPHARMACEUTICAL_START_DATETIME), local),
        injection_time=tracer.text(GroupTag.RADIOPHARMACEUTICAL_START_TIME),
    )


def suv_of(header: SuvHeader | None, acquisitions: Sequence[datetime | None]) -> Suv | None:
    """The factor for a PET volume acquired at these times; None for what is no PET."""
    if header is None:
        return None
    if header.units == ALREADY:
        return Suv(1.0) if header.kind == BODY_WEIGHT else Suv(None, "suv-type")
    reason = _why_not(header)
    if reason:
        return Suv(None, reason)
    scan = _scan_start(header, acquisitions)
    if scan is None:
        return Suv(None, "scan-time")
    injection = _injection(header, scan)
    if injection is None or injection > scan:
        return Suv(None, "injection-time")
    half_lives = (scan - injection).total_seconds() / header.half_life
    if half_lives > MOST_HALF_LIVES:
        return Suv(None, "injection-time")
    return Suv(header.weight * GRAMS / (header.dose * math.exp2(-half_lives)))


def _why_not(h: SuvHeader) -> str:
    """The first condition that doesn't hold, machine-readable; empty if all hold."""
    corrected = {name[:4] for name in h.corrections} | ({"DECA"} if "DECY" in h.corrections else set())
    conditions = (
        (h.units == "BQML", "units"),
        (corrected >= REQUIRED_CORRECTIONS, "corrected-image"),
        (h.decay_correction == "START", "decay-correction"),
        (0 < h.weight <= HEAVIEST, "patient-weight"),
        (h.dose >= LEAST_DOSE, "radionuclide-total-dose"),
        (h.half_life >= LEAST_HALF_LIFE, "radionuclide-half-life"),
    )
    return next((reason for holds, reason in conditions if not holds), "")


def _scan_start(h: SuvHeader, acquisitions: Sequence[datetime | None]) -> datetime | None:
    """The time that decay is corrected to: the series', unless that comes after the first acquisition.

    Some systems write the time of a later reconstruction as the series'; decay counts from the earliest
    acquisition then.
    """
    known = [a for a in acquisitions if a is not None]
    if h.series_start is None or len(known) != len(acquisitions):
        return None
    return min([h.series_start, *known])


def _injection(h: SuvHeader, scan: datetime) -> datetime | None:
    """When the tracer was given: by its date and time, else by the time, on the day of the scan or the night before."""
    if h.injection is not None:
        return h.injection
    found = moment(scan.strftime("%Y%m%d") + h.injection_time) if h.injection_time else None
    if found is None or found <= scan:
        return found
    before = found - timedelta(days=1)
    return before if scan - before <= LONGEST_OVER_MIDNIGHT else None
