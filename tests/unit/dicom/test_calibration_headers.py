"""Sizes of pixels where headers have functional groups, and where they make no sense."""

import warnings

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    CTImageStorage,
    EnhancedUSVolumeStorage,
    EnhancedXAImageStorage,
)

from calibration_cases import (
    CASES,
    DISTANCES,
    ORIENTATION,
    OTHER,
    PIXEL,
    PLACE,
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
from reslice.dicom.calibration import spacing_facts
from reslice.errors import Damaged, Unmeasurable
from unit.dicom.calibrated import calibration, told
from unit.dicom.files import ITEM, PREAMBLE, element, implicit, undefined, with_elements, with_value

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


def test_groups_that_take_a_full_parser() -> None:
    """A private element of undefined length before the spacing: its items are implicit."""
    unknown = undefined((0x0009, 0x1001), "UN", implicit((0x0009, 0x1002), b"abcd"))
    spacing = element((0x0028, 0x9110), "SQ", element(ITEM, "", element((0x0028, 0x0030), "DS", b"0.5\\0.25")))
    groups = element((0x5200, 0x9229), "SQ", element(ITEM, "", unknown + spacing))
    found = calibration(with_elements(file_of(picture(CTImageStorage, "CT", **PLACE)), groups, (0x7FE0, 0x0010)))
    assert (found.source, found.spacing) == ("patient-geometry", (0.5, 0.25))


def test_functional_groups_that_cannot_be_read_are_damage() -> None:
    content = file_of(CASES["enhanced-per-frame"].dataset)
    place = content.index(b"\x00\x52\x30\x92SQ")
    broken = content[: place + 12] + b"rubbish!" * 4 + content[place + 44 :]
    with pytest.raises(Damaged):
        spacing_facts(broken, 0)
