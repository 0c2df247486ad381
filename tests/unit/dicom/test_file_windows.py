"""The windows and tables that files bring, and the unit of their values."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from phantoms import AXIAL, noise
from reslice.dicom.instance import Description
from reslice.dicom.windows import OwnTransforms, common_transforms, own_transforms, unit
from reslice.imaging.modality import Rescale
from reslice.imaging.voi import VoiLut, VoiTransform, Window
from unit.dicom.files import one_slice, read

PLAIN = read(one_slice())[0].description
TABLE = VoiLut(0, np.array([0, 5, 9], np.uint16), 4)


def with_windows(*windows: tuple[float, float], **changes: object) -> Description:
    return replace(PLAIN, windows=windows, **changes)


def own_window(description: Description) -> VoiTransform | None:
    return own_transforms(description).first


def common_window(descriptions: Sequence[Description]) -> VoiTransform | None:
    return common_transforms(descriptions).first


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


def test_further_windows_and_explanations() -> None:
    dataset = noise(AXIAL, WindowCenter=["40", "50"], WindowWidth=["80", "90"])[0]
    dataset.WindowCenterWidthExplanation = ["BRAIN", "OTHER"]
    assert own_transforms(read(dataset)[0].description) == OwnTransforms(
        (Window(40, 80, source="dicom", explanation="BRAIN"), Window(50, 90, source="dicom", explanation="OTHER"))
    )
    dataset.WindowCenterWidthExplanation = "ONE"
    assert [w.explanation for w in own_transforms(read(dataset)[0].description).windows] == ["ONE", ""]


def test_a_window_comes_before_a_table() -> None:
    assert own_transforms(replace(PLAIN, voi_luts=(TABLE,))).first == TABLE
    both = own_transforms(with_windows((40, 80), voi_luts=(TABLE,)))
    assert (both.first, both.luts) == (Window(40, 80, source="dicom"), (TABLE,))


def test_a_table_is_inverted_with_its_image() -> None:
    assert own_transforms(replace(PLAIN, voi_luts=(TABLE,), is_inverted=True)).luts[0].invert


def test_further_windows_of_a_volume_are_medians_too() -> None:
    slices = [with_windows((10, 100), (k, 2 * k)) for k in (10, 20, 90)] + [with_windows((10, 100))]
    assert [(w.center, w.width) for w in common_transforms(slices).windows] == [(10, 100), (20, 40)]


def test_a_volume_has_a_table_only_if_all_slices_do() -> None:
    same = [replace(PLAIN, voi_luts=(VoiLut(0, TABLE.values.copy(), 4),)) for _ in range(3)]
    assert common_transforms(same).first == TABLE
    other = replace(PLAIN, voi_luts=(replace(TABLE, first=1.0),))
    assert common_transforms([*same, other]).first is None
    assert common_transforms([*same, PLAIN]).first is None


def of_values(slope: float, intercept: float, *windows: tuple[float, float], **changes: object) -> Description:
    pixels = replace(PLAIN.pixels, bits_stored=12, is_signed=False)
    changes = {"modality": "MR", "pixels": pixels, **changes}
    return with_windows(*windows, rescale=Rescale(slope, intercept), **changes)


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (of_values(0.01, 0, (1000, 500)), (10, 5)),
        (of_values(0.01, 3, (1000, 500), modality="PT"), (13, 5)),
        (of_values(1, 10000, (1000, 500)), (11000, 500)),
        (of_values(0.001, 0, (2000, 4000)), (2, 4)),
    ],
    ids=["outside", "pet", "shifted", "one flat grey"],
)
def test_windows_of_stored_values_are_mapped(description: Description, expected: tuple[float, float]) -> None:
    own = own_transforms(description)
    assert own.is_of_stored_values
    assert own.first == Window(*expected, "LINEAR_EXACT", False, "dicom-stored")
    assert common_transforms([description] * 2) == own


@pytest.mark.parametrize(
    "description",
    [
        of_values(0.01, 0, (20, 40)),
        of_values(0.5, 0, (2000, 4000)),
        of_values(2, 0, (1000, 500)),
        of_values(1, 0, (9000, 500)),
        of_values(0.01, 0, (9000, 500)),
        of_values(0.01, 0, (1000, 500), modality="CT"),
        of_values(0.01, 0, (1000, 500), pixels=None),
        of_values(0, 7, (1000, 500)),
        of_values(-0.01, 0, (1000, 500)),
        of_values(0.1, 0, (350, 500)),
        of_values(0.01, 0),
    ],
    ids=str,
)
def test_windows_that_may_be_meant_are_left_alone(description: Description) -> None:
    own = own_transforms(description)
    assert not own.is_of_stored_values
    assert [(w.center, w.width) for w in own.windows] == list(description.windows)


def test_a_volume_is_of_stored_values_where_most_slices_are() -> None:
    sound, odd = of_values(1, 0, (1000, 500)), of_values(0.01, 0, (1000, 500))
    assert common_transforms([odd, odd, sound]).is_of_stored_values
    assert not common_transforms([odd, sound, sound]).is_of_stored_values


def test_scaled_to_other_units() -> None:
    own = OwnTransforms((Window(40, 81, source="dicom"), Window(4, 8, "SIGMOID")), (TABLE,)).scaled(0.5)
    assert own.windows == (Window(19.75, 40, "LINEAR_EXACT", source="dicom"), Window(2, 4, "SIGMOID"))
    assert (own.luts[0].first, own.luts[0].step) == (0, 0.5)
