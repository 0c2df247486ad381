"""One series, several acquisitions: taken apart only where the headers know them as different."""

import pytest
from pydicom.dataset import Dataset

from phantoms import Acquisition, decimals, noise
from reslice.dicom.layout import SeriesLayout
from reslice.dicom.stack import arrange
from unit.dicom.files import instances


def at(places: list[float], shifts: list[float] | None = None, numbers: list[int] | None = None) -> list[Dataset]:
    """Slices at these z, moved along x, numbered in order of place unless told otherwise."""
    datasets = noise(Acquisition(shape=(len(places), 3, 4)), SliceThickness="1")
    for k, (dataset, place) in enumerate(zip(datasets, places, strict=True)):
        x, y, _ = map(float, dataset.ImagePositionPatient)
        dataset.ImagePositionPatient = decimals([x + (shifts[k] if shifts else 0), y, place])
        dataset.InstanceNumber = numbers[k] if numbers else k + 1
    return datasets


def volumes(layout: SeriesLayout) -> list[tuple[list[float], bool, str]]:
    """Places, regularity and label of each."""
    return [([float(z) for z in v.origins[:, 2]], v.geometry.is_regular, v.label) for v in layout.volumes]


EVERY_OTHER_EVEN = [
    [0.0, 1, 3, 4, 6, 7, 9, 10],
    [0.0, 5, 15, 20, 30, 35],
    [0.0, 5, 10.25, 15.25, 20.5, 25.5],
    [0.0, 1, 2.3, 3.3, 4.6, 5.6],
]


@pytest.mark.parametrize("places", EVERY_OTHER_EVEN, ids=str)
def test_slices_numbered_straight_through_are_one_uneven_volume(places: list[float]) -> None:
    """Slices that are missing regularly look like two acquisitions, and are none."""
    (volume,) = arrange(instances(at(places))).volumes
    assert [float(z) for z in volume.origins[:, 2]] == places
    assert not volume.geometry.is_regular
    assert "uneven-gaps" in {warning.reason for warning in volume.warnings}


@pytest.mark.parametrize("places", EVERY_OTHER_EVEN, ids=str)
@pytest.mark.parametrize("again", [True, False])
def test_numbers_tell_interleaved_acquisitions_apart(places: list[float], again: bool) -> None:
    """One after the other, or beginning anew."""
    half = len(places) // 2
    numbers = [k // 2 + 1 + (0 if again else half * (k % 2)) for k in range(len(places))]
    found = volumes(arrange(instances(at(places, numbers=numbers))))
    assert found == [(places[::2], True, "part 1 of 2"), (places[1::2], True, "part 2 of 2")]


def test_attribute_tells_interleaved_acquisitions_apart() -> None:
    datasets = at([0, 1, 10, 11, 20, 21])
    for k, dataset in enumerate(datasets):
        dataset.AcquisitionNumber = 7 - k % 2
    found = volumes(arrange(instances(datasets)))
    assert found == [([0, 10, 20], True, "AcquisitionNumber 7"), ([1, 11, 21], True, "AcquisitionNumber 6")]


def test_origins_that_waver_are_no_two_acquisitions() -> None:
    layout = arrange(instances(at([0, 1, 2, 3, 4, 5], [0, 0.2, 0, 0.2, 0, 0.2])))
    assert layout.volumes == ()
    assert [stack.reason for stack in layout.stacks] == ["irregular-positions"]


def test_two_sides_at_the_same_places() -> None:
    """Both breasts in one series."""
    found = volumes(arrange(instances(at([0, 1, 2, 0, 1, 2], [0, 0, 0, 80, 80, 80]))))
    assert [(places, label) for places, _, label in found] == [
        ([0, 1, 2], "part 1 of 2"),
        ([0, 1, 2], "part 2 of 2"),
    ]


def test_table_that_moved_sideways() -> None:
    found = volumes(arrange(instances(at([0, 1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 30, 30, 30]))))
    assert [places for places, _, _ in found] == [[0, 1, 2, 3], [4, 5, 6]]


def test_image_types_name_volumes_at_the_same_places() -> None:
    datasets = [*at([0, 1, 2]), *at([0, 1, 2])]
    for k, dataset in enumerate(datasets):
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M" if k < 3 else "P"]
    layout = arrange(instances(datasets))
    assert [v.label for v in layout.volumes] == ["ImageType M", "ImageType P"]


def test_phases_come_in_the_order_of_their_names() -> None:
    """Whatever their instance numbers say."""
    datasets = []
    for phase, first in ((1, 7), (2, 1), (3, 4)):
        part = at([0, 1, 2], numbers=[first, first + 1, first + 2])
        for dataset in part:
            dataset.TemporalPositionIdentifier = phase
        datasets += part
    assert [v.label for v in arrange(instances(datasets)).volumes] == [
        f"TemporalPositionIdentifier {phase}" for phase in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("InversionTime", ["50", "400"]),
        ("FlipAngle", ["5", "15"]),
        ("KVP", ["80", "140"]),
        ("ConvolutionKernel", ["B30f", "B70f"]),
        ("FrameReferenceTime", ["1000", "61000"]),
    ],
)
def test_attributes_that_name_phases(keyword: str, values: list[str]) -> None:
    datasets = [*at([0, 1, 2], numbers=[1, 3, 6]), *at([0, 1, 2], numbers=[2, 4, 5])]
    for k, dataset in enumerate(datasets):
        setattr(dataset, keyword, values[k // 3])
    layout = arrange(instances(datasets))
    assert [[ref.instance.number for ref in v.frames] for v in layout.volumes] == [[1, 3, 6], [2, 4, 5]]
    assert all(v.label.startswith(keyword) for v in layout.volumes)
