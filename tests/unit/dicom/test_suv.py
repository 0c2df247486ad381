"""SUVbw by the rule of the QIBA profile: right, or the reason why not."""

import math

import pytest
from pydicom.dataset import Dataset

from phantoms import Acquisition, noise
from reslice.dicom.stack import arrange
from reslice.dicom.suv import Suv
from unit.dicom.files import instances

SMALL = Acquisition(shape=(3, 4, 4))
HALF_LIFE = 6586.2
PET = {
    "Modality": "PT",
    "Units": "BQML",
    "CorrectedImage": ["DECY", "ATTN", "SCAT"],
    "DecayCorrection": "START",
    "PatientWeight": "70",
    "SeriesDate": "20240102",
    "SeriesTime": "110000",
    "AcquisitionDate": "20240102",
    "AcquisitionTime": "110000",
}


def pet(tracer: dict[str, object] | None = None, **attributes: object) -> list[Dataset]:
    """A PET series whose tracer was given at ten, an hour before the scan."""
    item = Dataset()
    known = {"RadionuclideTotalDose": "3e8", "RadionuclideHalfLife": str(HALF_LIFE)}
    known |= {"RadiopharmaceuticalStartDateTime": "20240102100000"}
    for keyword, value in (known | (tracer or {})).items():
        if value is not None:
            setattr(item, keyword, value)
    return noise(SMALL, **(PET | {"RadiopharmaceuticalInformationSequence": [item]} | attributes))


def suv(datasets: list[Dataset]) -> Suv:
    (volume,) = arrange(instances(datasets)).volumes
    assert volume.suv is not None
    return volume.suv


def factor_after(hours: float) -> float:
    return 70_000 / (3e8 * math.exp2(-hours * 3600 / HALF_LIFE))


@pytest.mark.parametrize(
    ("tracer", "attributes", "hours"),
    [
        ({}, {}, 1),
        (
            {"RadiopharmaceuticalStartDateTime": "20240102100000.500000"},
            {"SeriesTime": "110000.5", "AcquisitionTime": "110000.5"},
            1,
        ),
        ({"RadiopharmaceuticalStartDateTime": "20240102080000+0000"}, {"TimezoneOffsetFromUTC": "+0200"}, 1),
        ({"RadiopharmaceuticalStartDateTime": "20240102043000-0530"}, {"TimezoneOffsetFromUTC": "+0000"}, 1),
        ({"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "100000"}, {}, 1),
        (
            {"RadiopharmaceuticalStartDateTime": "20240102080000+0000", "RadiopharmaceuticalStartTime": "100000"},
            {},
            1,
        ),
        (
            {"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "233000"},
            {"SeriesTime": "003000", "AcquisitionTime": "003000"},
            1,
        ),
        ({}, {"SeriesTime": "130000"}, 1),  # the series' time is that of a later reconstruction
        ({}, {"SeriesTime": "103000", "AcquisitionTime": "111500"}, 0.5),
        ({}, {"AcquisitionDateTime": "20240102090000+0000"}, 1),  # another zone: date and time say the same moment
        ({"RadiopharmaceuticalStartDateTime": "20240101120000"}, {"PatientWeight": "70"}, None),
    ],
    ids=range(11),
)
def test_factor(tracer: dict, attributes: dict, hours: float | None) -> None:
    found = suv(pet(tracer, **attributes))
    if hours is None:
        assert found == Suv(None, "injection-time")
    else:
        assert found.factor == pytest.approx(factor_after(hours), rel=1e-9)


@pytest.mark.parametrize(
    ("tracer", "attributes", "reason"),
    [
        ({}, {"Units": "CNTS"}, "units"),
        ({}, {"CorrectedImage": ["DECY"]}, "corrected-image"),
        ({}, {"CorrectedImage": ["ATTN"]}, "corrected-image"),
        ({}, {"DecayCorrection": "ADMIN"}, "decay-correction"),
        ({}, {"DecayCorrection": "NONE"}, "decay-correction"),
        ({}, {"PatientWeight": None}, "patient-weight"),
        ({}, {"PatientWeight": "0"}, "patient-weight"),
        ({}, {"PatientWeight": "70000"}, "patient-weight"),
        ({"RadionuclideTotalDose": None}, {}, "radionuclide-total-dose"),
        ({"RadionuclideTotalDose": "370"}, {}, "radionuclide-total-dose"),
        ({"RadionuclideHalfLife": "0"}, {}, "radionuclide-half-life"),
        ({"RadionuclideHalfLife": "1e-320"}, {}, "radionuclide-half-life"),
        ({"RadionuclideHalfLife": "1e-10"}, {}, "radionuclide-half-life"),
        ({"RadiopharmaceuticalStartDateTime": None}, {}, "injection-time"),
        ({"RadiopharmaceuticalStartDateTime": "20240102113000"}, {}, "injection-time"),
        ({"RadiopharmaceuticalStartDateTime": "20240102080000+0000"}, {}, "injection-time"),
        (
            {"RadiopharmaceuticalStartDateTime": "20240102100000+0000"},
            {"TimezoneOffsetFromUTC": "+0200"},
            "injection-time",
        ),
        ({"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "113000"}, {}, "injection-time"),
        ({}, {"SeriesTime": None}, "scan-time"),
        ({}, {"AcquisitionTime": None}, "scan-time"),
        ({}, {"RadiopharmaceuticalInformationSequence": None}, "radionuclide-total-dose"),
        ({}, {"Units": "GML", "SUVType": "LBM"}, "suv-type"),
    ],
)
def test_reason(tracer: dict, attributes: dict, reason: str) -> None:
    assert suv(pet(tracer, **attributes)) == Suv(None, reason)


def test_image_that_holds_suv_already() -> None:
    assert suv(pet(Units="GML")) == Suv(1.0)
    assert suv(pet(Units="GML", SUVType="BW")) == Suv(1.0)


def test_slices_that_disagree() -> None:
    datasets = pet()
    datasets[1].PatientWeight = "71"
    assert suv(datasets) == Suv(None, "inconsistent-headers")


def test_earliest_acquisition_counts() -> None:
    datasets = pet(SeriesTime="120000")
    for dataset, time in zip(datasets, ("113000", "110000", "120000"), strict=True):
        dataset.AcquisitionTime = time
    assert suv(datasets).factor == pytest.approx(factor_after(1), rel=1e-9)


def test_other_modalities_have_none() -> None:
    (volume,) = arrange(instances(noise(SMALL))).volumes
    assert volume.suv is None


def test_all_volumes_of_a_series_have_one_factor() -> None:
    """Decay is counted to the first acquisition of the series, not of each time."""
    datasets = []
    for k, time in enumerate(("110000", "111000", "112000")):
        part = pet(SeriesTime="130000", AcquisitionTime=time, TemporalPositionIdentifier=k + 1)
        datasets += part
    volumes = arrange(instances(datasets)).volumes
    assert len(volumes) == 3
    assert [v.suv.factor for v in volumes] == pytest.approx([factor_after(1)] * 3, rel=1e-9)


def test_images_that_stand_alone_share_it_too() -> None:
    first = pet(SeriesTime="130000")[0]
    second = pet(SeriesTime="130000", AcquisitionTime="120000", ImageOrientationPatient=[0, 1, 0, 0, 0, -1])[0]
    (stack,) = arrange(instances([first, second])).stacks
    assert stack.suv.factor == pytest.approx(factor_after(1), rel=1e-9)
