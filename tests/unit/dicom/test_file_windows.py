"""The windows that files bring, and the unit of their values."""

from dataclasses import replace

import pytest

from phantoms import AXIAL, noise
from reslice.dicom.instance import Description
from reslice.dicom.windows import common_window, own_window, unit
from reslice.imaging.voi import Window
from unit.dicom.files import one_slice, read

PLAIN = read(one_slice())[0].description


def with_windows(*windows: tuple[float, float], **changes: object) -> Description:
    return replace(PLAIN, windows=windows, **changes)


def test_first_window_is_the_images_own() -> None:
    assert own_window(with_windows((40, 80), (500, 2000))) == Window(40, 80, "LINEAR", False, "dicom")
    assert own_window(PLAIN) is None


@pytest.mark.parametrize("useless", [(40, 0), (40, -80), (40, 0.5), (1e300, 80), (40, 1e300)])
def test_useless_windows_are_passed_over(useless: tuple[float, float]) -> None:
    assert own_window(with_windows(useless, (50, 90))) == Window(50, 90, source="dicom")
    assert own_window(with_windows(useless)) is None


def test_width_under_one_is_for_other_functions() -> None:
    assert own_window(with_windows((40, 0.5), voi_function="LINEAR_EXACT")) == Window(
        40, 0.5, "LINEAR_EXACT", False, "dicom"
    )


@pytest.mark.parametrize(
    ("told", "used"), [("SIGMOID", "SIGMOID"), ("LINEAR_EXACT", "LINEAR_EXACT"), ("", "LINEAR"), ("CUBIC", "LINEAR")]
)
def test_function_of_the_image(told: str, used: str) -> None:
    assert own_window(with_windows((40, 80), voi_function=told)).function == used


def test_inversion_goes_with_the_window() -> None:
    assert own_window(with_windows((40, 80), is_inverted=True)).invert


def test_a_volume_has_the_median_of_its_slices_first_windows() -> None:
    slices = [with_windows(w, (1, 2)) for w in ((10, 100), (50, 300), (900, 500))]
    assert common_window(slices) == Window(50, 300, "LINEAR", False, "dicom-median")
    assert common_window([*slices, PLAIN]) == common_window(slices)
    assert common_window([PLAIN, PLAIN]) is None
    assert common_window(slices[:2]) == Window(30, 200, "LINEAR", False, "dicom-median")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"modality": "CT", "rescale_type": "HU"}, "HU"),
        ({"modality": "CT", "rescale_type": ""}, "HU"),
        ({"modality": "CT", "rescale_type": "US"}, "1"),
        ({"modality": "CT", "rescale_type": "", "image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, "1"),
        ({"modality": "CT", "rescale_type": "", "image_type": ("DERIVED", "PRIMARY", "AXIAL")}, "1"),
        ({"modality": "CT", "rescale_type": "", "image_type": ()}, "1"),
        ({"modality": "MR", "rescale_type": ""}, "1"),
        ({"modality": "PT", "units": "BQML", "rescale_type": ""}, "Bq/ml"),
        ({"modality": "PT", "units": "CNTS", "rescale_type": ""}, "CNTS"),
        ({"modality": "PT", "units": "", "rescale_type": ""}, "1"),
    ],
    ids=str,
)
def test_unit_of_the_values(changes: dict, expected: str) -> None:
    assert unit(replace(PLAIN, **changes)) == expected


def test_windows_are_read_from_the_file() -> None:
    dataset = noise(AXIAL, WindowCenter=["40", "50"], WindowWidth=["80", "90"], VOILUTFunction="SIGMOID")[0]
    assert own_window(read(dataset)[0].description) == Window(40, 80, "SIGMOID", False, "dicom")
