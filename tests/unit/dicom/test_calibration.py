"""Which size a pixel has: each rule as a DICOM file of its own, and which rule comes first."""

import json
from copy import deepcopy

import pytest
from pydicom.uid import (
    BreastTomosynthesisImageStorage,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    EnhancedCTImageStorage,
    EnhancedXAImageStorage,
)

from calibration_cases import (
    CASES,
    COLUMNS,
    DISTANCES,
    ORIENTATION,
    OTHER,
    PIXEL,
    PLACE,
    ROWS,
    WITH_WARNING,
    capture,
    enhanced,
    functional_group,
    picture,
    placed,
    radiograph,
    region,
    ultrasound,
)
from phantoms import file_of
from unit.dicom.calibrated import calibration, told
from unit.dicom.files import ENCODINGS, encoded, frame, with_value


@pytest.mark.parametrize("name", CASES)
def test_each_rule(name: str) -> None:
    found = calibration(CASES[name].dataset)
    assert found.source == CASES[name].source
    assert found.spacing == (CASES[name].spacing and pytest.approx(CASES[name].spacing, rel=1e-12))
    assert (found.warning is not None) == (name in WITH_WARNING)
    assert found.unit == ("px" if CASES[name].spacing is None else "mm")


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_an_image(name: str) -> None:
    assert frame(CASES[name].dataset).shape == (ROWS, COLUMNS)


def test_every_source_has_a_case() -> None:
    sources = {"patient-geometry", "geometry", "fiducial", "calibrated-unspecified", "magnification"}
    sources |= {"detector-plane", "unknown", "scanned", "ultrasound-region", "none"}
    assert {case.source for case in CASES.values()} == sources
    assert set(CASES) >= WITH_WARNING


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "name", ["ct", "magnification-factor", "us-region", "enhanced-per-frame", "enhanced-xa", "nm-sections"]
)
def test_every_encoding_of_the_header(name: str, encoding: str) -> None:
    case = CASES[name]
    found = calibration(encoded(deepcopy(case.dataset), encoding))
    assert (found.source, found.spacing) == (case.source, pytest.approx(case.spacing))


# What an image is


def test_a_reconstruction_is_no_projection_whatever_its_modality() -> None:
    for sop_class, modality in ((BreastTomosynthesisImageStorage, "MG"), (CTImageStorage, "XA")):
        assert told(picture(sop_class, modality, PixelSpacing=PIXEL, **PLACE)) == ("patient-geometry", (0.5, 0.25))


@pytest.mark.parametrize("modality", ["CR", "DX", "MG", "IO", "PX", "XA", "RF", "RG", "RTIMAGE"])
def test_a_projection_by_modality_alone(modality: str) -> None:
    """Position and orientation of a detector make no spacing true in the patient."""
    assert told(picture("1.2.3", modality, PixelSpacing=PIXEL, **PLACE)) == ("unknown", (0.5, 0.25))


def test_only_ct_has_scouts() -> None:
    kind = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    localizer = picture("1.2.840.10008.5.1.4.1.1.4", "MR", PixelSpacing=PIXEL, ImageType=kind, **PLACE)
    assert calibration(localizer).warning is None


def test_a_projection_by_class_alone() -> None:
    for sop_class in (DigitalXRayImageStorageForPresentation, EnhancedXAImageStorage):
        assert told(picture(sop_class, "OT", PixelSpacing=PIXEL, **PLACE)) == ("unknown", (0.5, 0.25))


def test_scouts_of_enhanced_ct() -> None:
    """Each frame tells by itself what it is."""
    shared = functional_group(PixelMeasuresSequence={"PixelSpacing": PIXEL}, PlaneOrientationSequence=ORIENTATION)
    kinds = ["LOCALIZER", "AXIAL"]
    frames = [
        placed(k, CTImageFrameTypeSequence={"FrameType": ["ORIGINAL", "PRIMARY", kind, "NONE"]})
        for k, kind in enumerate(kinds)
    ]
    found = [calibration(enhanced(shared, frames, EnhancedCTImageStorage, "CT"), k) for k in (0, 1)]
    assert [one.source for one in found] == ["patient-geometry"] * 2
    assert [one.warning is None for one in found] == [False, True]


@pytest.mark.parametrize("missing", ["ImageOrientationPatient", "ImagePositionPatient"])
def test_half_a_place_is_none(missing: str) -> None:
    assert told(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **{**PLACE, missing: None}))[0] == "unknown"


def test_directions_that_are_none() -> None:
    skewed = {**PLACE, "ImageOrientationPatient": ["1", "0", "0", "1", "0", "0"]}
    assert told(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **skewed))[0] == "unknown"


def test_a_capture_by_class_alone() -> None:
    both = capture(ConversionType=None, NominalScannedPixelSpacing=OTHER, ImagerPixelSpacing=PIXEL)
    assert told(both) == ("scanned", (0.6, 0.3))


def test_digitised_film_of_a_projection() -> None:
    film = picture(ComputedRadiographyImageStorage, "CR", NominalScannedPixelSpacing=OTHER, ConversionType="DF")
    assert told(film) == ("scanned", (0.6, 0.3))
    film.ImagerPixelSpacing, film.EstimatedRadiographicMagnificationFactor = PIXEL, "1.5"
    assert told(film) == ("scanned", (0.6, 0.3))


# The order of the rules


@pytest.mark.parametrize("kind", ["GEOMETRY", "FIDUCIAL"])
def test_a_kind_of_calibration_needs_a_spacing(kind: str) -> None:
    assert told(radiograph(ImagerPixelSpacing=OTHER, PixelSpacingCalibrationType=kind))[0] == "detector-plane"
    assert told(radiograph(PixelSpacingCalibrationType=kind)) == ("none", None)
    assert told(radiograph(PixelSpacing=PIXEL, PixelSpacingCalibrationType=kind)) == (kind.lower(), (0.5, 0.25))


def test_a_kind_that_the_standard_does_not_know_is_none() -> None:
    dataset = radiograph(PixelSpacing=PIXEL, ImagerPixelSpacing=PIXEL, PixelSpacingCalibrationType="GUESS")
    assert told(dataset)[0] == "detector-plane"


@pytest.mark.parametrize(
    ("pixel", "source"),
    [
        (["0.2", "0.2"], "detector-plane"),
        (["0.20019", "0.2"], "detector-plane"),
        (["0.20021", "0.2"], "calibrated-unspecified"),
        (["0.2", "0.19979"], "calibrated-unspecified"),
        (["0.1", "0.1"], "calibrated-unspecified"),
    ],
)
def test_spacings_that_differ_by_rounding_are_one(pixel: list[str], source: str) -> None:
    assert told(radiograph(PixelSpacing=pixel, ImagerPixelSpacing=["0.2", "0.2"]))[0] == source


@pytest.mark.parametrize(
    ("factor", "detector", "patient", "expected"),
    [
        ("1.5", None, None, 1.5),
        ("1.5", "1200", "800", 1.5),
        ("1.25", "1200", "800", 1.25),
        ("1", "1200", "800", 1.5),
        ("0.9", "1200", "800", 1.5),
        ("0", "1200", "800", 1.5),
        ("-2", "1200", "800", 1.5),
        ("1000", "1200", "800", 1.5),
        (["1.2", "1.3"], "1200", "800", 1.5),
        (None, "1200", "800", 1.5),
        ("1", None, None, None),
        (None, "800", "800", None),
        (None, "800", "1200", None),
        (None, "1200", "0", None),
        (None, "1200", "-800", None),
        (None, "-1200", "-800", None),
        (None, "1200", None, None),
        (None, None, "800", None),
        (None, "1200", "1", None),
        (None, "1200", "1e-300", None),
    ],
)
def test_magnification(factor: object, detector: str | None, patient: str | None, expected: float | None) -> None:
    dataset = radiograph(
        ImagerPixelSpacing=["0.3", "0.15"],
        EstimatedRadiographicMagnificationFactor=factor,
        DistanceSourceToDetector=detector,
        DistanceSourceToPatient=patient,
    )
    found = calibration(dataset)
    if expected is None:
        assert (found.source, found.spacing) == ("detector-plane", (0.3, 0.15))
    else:
        assert found.source == "magnification"
        assert found.spacing == pytest.approx((0.3 / expected, 0.15 / expected), rel=1e-12)
        assert dict(found.facts) == {"Factor": expected}


def test_magnification_needs_a_detector() -> None:
    assert told(radiograph(PixelSpacing=PIXEL, **DISTANCES)) == ("unknown", (0.5, 0.25))
    assert told(capture(NominalScannedPixelSpacing=OTHER, **DISTANCES)) == ("scanned", (0.6, 0.3))


# What is told


def test_pixels_that_are_not_square() -> None:
    assert calibration(CASES["projection-aspect"].dataset).aspect == (2.0, 1.0)
    assert calibration(ultrasound(region((0, 0, 4, 4)), PixelAspectRatio=["3", "4"])).aspect == (3.0, 4.0)
    assert calibration(radiograph(PixelSpacing=PIXEL, PixelAspectRatio=["2", "1"])).aspect is None
    one = file_of(CASES["projection-aspect"].dataset)
    assert calibration(with_value(one, (0x0028, 0x0034), "IS", b"01")).aspect is None


def test_as_a_record_keeps_it() -> None:
    found = calibration(CASES["magnification-factor"].dataset).to_json()
    assert found == {"Source": "magnification", "Spacing": [0.48, 0.24], "Factor": 1.25}
    assert calibration(CASES["us-region"].dataset).to_json()["Region"] == 0
    nothing = calibration(CASES["projection-aspect"].dataset).to_json()
    assert nothing == {"Source": "none", "Spacing": None, "PixelAspectRatio": [2.0, 1.0]}
    for case in CASES.values():
        told_as = calibration(case.dataset).to_json()
        assert json.loads(json.dumps(told_as, allow_nan=False)) == told_as
        assert ("Warning" in told_as) == (calibration(case.dataset).warning is not None)
