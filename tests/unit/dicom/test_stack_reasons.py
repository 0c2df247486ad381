"""Why frames are no volume, each reason by its name."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from phantoms import (
    Acquisition,
    decimals,
    image,
    multiframe,
    noise,
    without_geometry,
)
from reslice.dicom.layout import SeriesLayout
from reslice.dicom.stack import arrange
from unit.dicom.files import instances

SMALL = Acquisition(shape=(5, 3, 4))


def only_volume(layout: SeriesLayout):
    assert len(layout.volumes) == 1, [(s.reason, s.details) for s in layout.stacks]
    assert layout.stacks == ()
    return layout.volumes[0]


def only_reason(datasets: list[Dataset]) -> str:
    layout = arrange(instances(datasets))
    assert layout.volumes == ()
    assert len(layout.stacks) == 1
    assert layout.stacks[0].details
    return layout.stacks[0].reason


def moved(datasets: list[Dataset], places: list[float]) -> list[Dataset]:
    """The same slices at other places along z."""
    for dataset, place in zip(datasets, places, strict=True):
        x, y, _ = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x, y, *decimals([place])]
    return datasets


@pytest.mark.parametrize("distance", [0.0, 0.005, 0.0099])
def test_frames_at_one_position(distance: float) -> None:
    assert only_reason(moved(noise(SMALL), [0, 2.5, 2.5 + distance, 5, 7.5])) == "duplicate-positions"


def test_one_percent_of_the_gap_is_one_position() -> None:
    assert only_reason(moved(noise(SMALL), [0, 10, 20, 20.05, 30])) == "duplicate-positions"


def test_all_frames_at_one_position() -> None:
    assert only_reason(moved(noise(SMALL), [4.0] * 5)) == "duplicate-positions"


def test_origins_off_the_line() -> None:
    datasets = noise(SMALL)
    x, y, z = datasets[2].ImagePositionPatient
    datasets[2].ImagePositionPatient = [x, float(y) + 0.3, z]
    assert only_reason(datasets) == "irregular-positions"
    datasets[2].ImagePositionPatient = [x, float(y) + 0.05, z]
    only_volume(arrange(instances(datasets)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ImageOrientationPatient": None}, "no-geometry"),
        ({"PixelSpacing": None}, "no-geometry"),
        ({"ImagePositionPatient": None}, "no-geometry"),
        ({"ImagePositionPatient": [1, 2, 1e7]}, "no-geometry"),
        ({"PixelSpacing": [0, 0]}, "no-geometry"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "mosaic"),
    ],
    ids=str,
)
def test_reasons_why_there_is_no_volume(change: dict, reason: str) -> None:
    assert only_reason(noise(SMALL, **change)) == reason


def test_one_slice_without_position_is_told_and_leaves_a_gap() -> None:
    datasets = noise(SMALL)
    del datasets[3].ImagePositionPatient
    layout = arrange(instances(datasets))
    assert [(stack.reason, len(stack.frames)) for stack in layout.stacks] == [("no-geometry", 1)]
    (volume,) = layout.volumes
    assert [ref.instance.id for ref in volume.frames] == ["id-0000", "id-0001", "id-0002", "id-0004"]
    assert volume.geometry.missing == (2,)


def test_single_frame() -> None:
    assert only_reason(noise(SMALL)[:1]) == "single-frame"


def test_colour_is_scrolled_only() -> None:
    pixels = np.zeros((3, 4, 3), np.uint8)
    assert only_reason([image(pixels), image(pixels)]) == "colour-not-reconstructable"


def test_frames_of_one_instance_have_no_places() -> None:
    layout = arrange(instances([multiframe(np.zeros((4, 5, 6), np.int16))]))
    assert [ref.frame for ref in layout.stacks[0].frames] == [0, 1, 2, 3]
    assert layout.stacks[0].reason == "no-geometry"


def test_secondary_captures_without_geometry() -> None:
    assert only_reason([without_geometry(np.zeros((4, 4), np.int16)) for _ in range(3)]) == "no-geometry"
