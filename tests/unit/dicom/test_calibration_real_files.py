"""The sizes of pixels in real files, as their headers tell them."""

import warnings

import numpy as np
import pytest

from reslice.dicom.calibration import calibrate, spacing_facts
from shared_data import case_files, truth

MIDDLE = np.array([[200.0, 150.0], [250.0, 180.0]])
Spacing = tuple[float, float] | None

FILES: dict[tuple[str, str], tuple[str, Spacing]] = {
    ("color", "IM00001.fragmented_no_bot_jpeg_baseline.50.dcm"): ("ultrasound-region", (2.29375008, 2.29375008)),
    ("color", "examples_palette.dcm"): ("none", None),
    ("color", "examples_ybr_color.dcm"): ("none", None),
    ("color", "examples_rgb_color.dcm"): ("none", None),
    ("color", "gdcm-US-ALOKA-16.dcm"): ("ultrasound-region", (0.3826530650, 0.3826530650)),
    ("color", "SC_rgb_16bit.dcm"): ("unknown", (1.0, 1.0)),
    ("color", "SC_rgb_small_odd.dcm"): ("unknown", (33.333333, 33.333333)),
    ("color", "HTJ2K_08_RGB.dcm"): ("none", None),
    ("gray-special", "OutOfBoundsOverlay.dcm"): ("magnification", (0.085 * 623 / 650, 0.085 * 623 / 650)),
    ("gray-special", "dx_image.dcm"): ("detector-plane", (1.2, 1.2012)),
    ("gray-special", "CR-MONO1-10-chest.dcm"): ("none", None),
    ("gray-special", "RG3_J2KR.dcm"): ("none", None),
    ("gray-special", "rtdose.dcm"): ("patient-geometry", (10.0, 10.0)),
    ("gray-special", "JPGExtended.dcm"): ("unknown", (2.26, 2.26)),
    ("gray-special", "parametric_map_float.dcm"): ("patient-geometry", (0.661468, 0.661468)),
    ("gray-special", "mlut_18.dcm"): ("none", None),
    ("pet-single", "1.dcm"): ("patient-geometry", (4.07283, 4.07283)),
    ("enhanced", "IM-0001-0001-0001.dcm"): ("patient-geometry", (0.9375, 0.9375)),
    ("enhanced", "IM-0001-9600-0001.dcm"): ("patient-geometry", (3.3125, 3.3125)),
    ("enhanced", "eCT_Supplemental.dcm"): ("patient-geometry", (0.388672, 0.388672)),
    ("enhanced", "mf.dcm"): ("patient-geometry", (0.7, 0.7)),
    ("enhanced", "emri_small.dcm"): ("none", None),
    ("corrupt", "no-pixel-spacing.dcm"): ("ultrasound-region", (0.3305420890, 0.3305420890)),
    ("corrupt", "bad_sequence.dcm"): ("patient-geometry", (0.287109375, 0.287109375)),
    ("corrupt", "MR_truncated.dcm"): ("patient-geometry", (0.3125, 0.3125)),
}
SCALED_SINCE = {"examples_palette.dcm", "examples_ybr_color.dcm"}
"""Cropped or shrunk after their calibration: their regions reach beyond the image, and would tell wrong sizes."""


@pytest.mark.parametrize(("case", "name"), FILES, ids="/".join)
def test_a_file_by_itself(case: str, name: str) -> None:
    (path,) = (path for path in case_files(case) if path.name == name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = calibrate(spacing_facts(path.read_bytes(), 0), MIDDLE)
    source, spacing = FILES[case, name]
    assert found.source == source
    assert found.spacing == (spacing and pytest.approx(spacing, rel=1e-6))
    certain = {"patient-geometry", "magnification", "ultrasound-region"}
    needs_care = source not in certain and spacing is not None
    assert (found.warning is not None) == (needs_care or name in SCALED_SINCE)


@pytest.mark.parametrize("case", ["ct-head-phantom-5mm", "ct-gantry-tilt", "ct-uneven-gap", "mr-double-oblique"])
def test_series_lie_in_the_patient(case: str) -> None:
    expected = truth(case)["pixel_spacing_row_col"]
    for path in case_files(case):
        found = calibrate(spacing_facts(path.read_bytes(), 0), MIDDLE)
        assert (found.source, found.warning) == ("patient-geometry", None)
        assert found.spacing == pytest.approx(expected, rel=1e-5)


def test_every_transfer_syntax_tells_the_same() -> None:
    found = {calibrate(spacing_facts(path.read_bytes(), 0), MIDDLE) for path in case_files("ct-all-syntaxes")}
    assert {(one.source, one.spacing) for one in found} == {("patient-geometry", (0.675781, 0.675781))}
