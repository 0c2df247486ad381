"""Which size a pixel has: each rule as a DICOM file of its own, and headers that make no sense."""

import json
import warnings
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    BreastTomosynthesisImageStorage,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    EnhancedUSVolumeStorage,
    EnhancedXAImageStorage,
)

from calibration_cases import (
    CASES,
    DISTANCES,
    LINE,
    ORIENTATION,
    OTHER,
    PIXEL,
    PLACE,
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
from reslice.dicom.calibration import Calibration, calibrate, spacing_facts
from reslice.errors import Damaged, Unmeasurable
from unit.dicom.files import ENCODINGS, PREAMBLE, encoded, with_value

POINTS = np.array(LINE)


def calibration(dataset: Dataset | bytes, frame: int = 0, points: np.ndarray = POINTS) -> Calibration:
    content = file_of(dataset) if isinstance(dataset, Dataset) else dataset
    return calibrate(spacing_facts(content, frame), points)


def told(dataset: Dataset, frame: int = 0) -> tuple[str, tuple[float, float] | None]:
    found = calibration(dataset, frame)
    return found.source, found.spacing and tuple(round(mm, 9) for mm in found.spacing)


@pytest.mark.parametrize("name", CASES)
def test_each_rule(name: str) -> None:
    found = calibration(CASES[name].dataset)
    assert found.source == CASES[name].source
    assert found.spacing == (CASES[name].spacing and pytest.approx(CASES[name].spacing, rel=1e-12))
    assert (found.warning is not None) == (name in WITH_WARNING)
    assert found.unit == ("px" if CASES[name].spacing is None else "mm")


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


# Functional groups


def test_a_frame_has_its_own_spacing() -> None:
    dataset = CASES["enhanced-per-frame"].dataset
    assert [told(dataset, k) for k in (0, 1)] == [("patient-geometry", (0.5, 0.25)), ("patient-geometry", (0.6, 0.3))]


def test_what_a_frame_says_of_itself_comes_first() -> None:
    shared = functional_group(PixelMeasuresSequence={"PixelSpacing": OTHER}, PlaneOrientationSequence=ORIENTATION)
    dataset = enhanced(shared, [placed(0, PixelMeasuresSequence={"PixelSpacing": PIXEL}), placed(1)])
    dataset.PixelSpacing = ["9", "9"]
    assert told(dataset, 0) == ("patient-geometry", (0.5, 0.25))
    assert told(dataset, 1) == ("patient-geometry", (0.6, 0.3))


def test_an_empty_element_of_a_frame_hides_nothing() -> None:
    shared = functional_group(PixelMeasuresSequence={"PixelSpacing": OTHER}, PlaneOrientationSequence=ORIENTATION)
    dataset = enhanced(shared, [placed(0, PixelMeasuresSequence={"PixelSpacing": None})])
    assert told(dataset) == ("patient-geometry", (0.6, 0.3))


def test_a_frame_that_the_header_leaves_out_is_damage() -> None:
    with pytest.raises(Damaged):
        spacing_facts(file_of(CASES["enhanced-per-frame"].dataset), 2)


def test_a_section_without_position_is_nowhere() -> None:
    shared = functional_group(PixelMeasuresSequence={"PixelSpacing": PIXEL}, PlaneOrientationSequence=ORIENTATION)
    assert told(enhanced(shared, [functional_group(), placed(1)]), 0) == ("unknown", (0.5, 0.25))
    assert told(enhanced(shared, [functional_group(), placed(1)]), 1) == ("patient-geometry", (0.5, 0.25))


@pytest.mark.parametrize("items_of_undefined_length", [False, True])
def test_items_are_counted_however_long_they_are(items_of_undefined_length: bool) -> None:
    spacings = [[f"{k / 10:.1f}", "0.5"] for k in range(1, 8)]
    groups = [placed(k, PixelMeasuresSequence={"PixelSpacing": pair}) for k, pair in enumerate(spacings)]
    dataset = enhanced(functional_group(PlaneOrientationSequence=ORIENTATION), groups)
    for group in groups:
        group.is_undefined_length_sequence_item = items_of_undefined_length
    found = [calibration(dataset, k).spacing for k in range(7)]
    assert found == [(float(down), 0.5) for down, _ in spacings]


def test_ultrasound_regions_of_a_frame() -> None:
    frames = [Dataset(), Dataset()]
    for frame, delta in zip(frames, ((0.01, 0.02), (0.03, 0.04)), strict=True):
        frame.SequenceOfUltrasoundRegions = Items([region(delta=delta)])
    dataset = ultrasound(region(), PerFrameFunctionalGroupsSequence=Items(frames), NumberOfFrames=2)
    dataset.PixelData = dataset.PixelData * 2
    assert told(dataset, 0) == ("ultrasound-region", (0.2, 0.1))
    assert told(dataset, 1) == ("ultrasound-region", (0.4, 0.3))


def test_enhanced_ultrasound_lies_in_its_volume() -> None:
    shared = functional_group(
        PixelMeasuresSequence={"PixelSpacing": PIXEL},
        PlaneOrientationVolumeSequence={"ImageOrientationVolume": [1.0, 0, 0, 0, 1, 0]},
    )
    place = functional_group(PlanePositionVolumeSequence={"ImagePositionVolume": [0.0, 0, 0]})
    assert told(enhanced(shared, [place], EnhancedUSVolumeStorage, "US")) == ("patient-geometry", (0.5, 0.25))
    assert told(enhanced(shared, [Dataset()], EnhancedUSVolumeStorage, "US")) == ("unknown", (0.5, 0.25))


def test_distances_and_detector_of_an_enhanced_projection() -> None:
    shared = functional_group(
        FramePixelDataPropertiesSequence={"ImagerPixelSpacing": OTHER}, XRayGeometrySequence=DISTANCES
    )
    assert told(enhanced(shared, [Dataset()], EnhancedXAImageStorage, "XA")) == ("magnification", (0.4, 0.2))


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


@pytest.mark.parametrize("missing", ["ImageOrientationPatient", "ImagePositionPatient"])
def test_half_a_place_is_none(missing: str) -> None:
    assert told(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **{**PLACE, missing: None}))[0] == "unknown"


def test_directions_that_are_none() -> None:
    skewed = {**PLACE, "ImageOrientationPatient": ["1", "0", "0", "1", "0", "0"]}
    assert told(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **skewed))[0] == "unknown"


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


# Headers that make no sense

NO_SPACING = [
    b"0\\0",
    b"-1\\1",
    b"1\\-1",
    b"nan\\1",
    b"inf\\1",
    b"1e400\\1",
    b"20000\\1",
    b"1\\1e-9",
    b"1",
    b"1\\1\\1",
    b"a\\b",
]
NO_SPACING += [b"1,5\\1", b"", b"\\", b"1\\"]


@pytest.mark.parametrize("value", NO_SPACING)
def test_a_spacing_that_cannot_be_counts_as_absent(value: bytes) -> None:
    padded = value + b" " * (len(value) % 2)
    section = file_of(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **PLACE))
    assert calibration(with_value(section, (0x0028, 0x0030), "DS", padded)).source == "none"
    detector = file_of(radiograph(ImagerPixelSpacing=OTHER, PixelSpacing=PIXEL))
    assert calibration(with_value(detector, (0x0018, 0x1164), "DS", padded)).source == "unknown"
    film = file_of(capture(NominalScannedPixelSpacing=OTHER))
    assert calibration(with_value(film, (0x0018, 0x2010), "DS", padded)).source == "none"


@pytest.mark.parametrize("name", ["enhanced-per-frame", "us-region", "enhanced-xa", "magnification-factor"])
@hypothesis_settings(max_examples=150)
@given(cut=st.floats(0, 1), places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12))
def test_rubbish_is_damage_or_nothing_worse(name: str, cut: float, places: list[tuple[float, int]]) -> None:
    whole = bytearray(file_of(CASES[name].dataset)[: -len(CASES[name].dataset.PixelData)])
    for where, byte in places:
        whole[PREAMBLE + int(where * (len(whole) - PREAMBLE - 1))] = byte
    content = bytes(whole[: PREAMBLE + int(cut * (len(whole) - PREAMBLE))] if cut < 0.5 else whole)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = calibration(content)
        except (Damaged, Unmeasurable):
            return
    assert found.spacing is None or all(0 < mm < 1e5 for mm in found.spacing)


def test_functional_groups_that_cannot_be_read_are_damage() -> None:
    content = file_of(CASES["enhanced-per-frame"].dataset)
    place = content.index(b"\x00\x52\x30\x92SQ")
    broken = content[: place + 12] + b"rubbish!" * 4 + content[place + 44 :]
    with pytest.raises(Damaged):
        spacing_facts(broken, 0)


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
