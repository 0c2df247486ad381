"""From instances to volumes: ordered by place, grouped by kind, refused with a reason."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from phantoms import (
    ACQUISITIONS,
    AXIAL,
    Acquisition,
    decimals,
    file_of,
    noise,
    structured_report,
)
from reslice.dicom.instance import Frame, Instance, InstanceReader
from reslice.dicom.layout import SeriesLayout, damage
from reslice.dicom.stack import arrange
from unit.dicom.files import instances

EVERY_ACQUISITION = pytest.mark.parametrize("acquisition", ACQUISITIONS.values(), ids=ACQUISITIONS.keys())
SMALL = Acquisition(shape=(5, 3, 4))


def only_volume(layout: SeriesLayout):
    assert len(layout.volumes) == 1, [(s.reason, s.details) for s in layout.stacks]
    assert layout.stacks == ()
    return layout.volumes[0]


def moved(datasets: list[Dataset], places: list[float]) -> list[Dataset]:
    """The same slices at other places along z."""
    for dataset, place in zip(datasets, places, strict=True):
        x, y, _ = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x, y, *decimals([place])]
    return datasets


@EVERY_ACQUISITION
@pytest.mark.parametrize("spacing", [(2.5, 1.0, 1.0), (2.0, 0.7, 1.3), (0.4, 1.3, 0.7)], ids=str)
def test_affine_is_the_acquisitions(acquisition: Acquisition, spacing: tuple[float, float, float]) -> None:
    acquisition = replace(acquisition, spacing=spacing)
    volume = only_volume(arrange(instances(noise(acquisition))))
    assert volume.geometry.shape == acquisition.shape
    np.testing.assert_allclose(volume.geometry.affine, acquisition.affine, atol=1e-5)
    np.testing.assert_allclose(volume.origins, [acquisition.slice_origin(k) for k in range(8)], atol=1e-8)


@EVERY_ACQUISITION
def test_order_is_by_place_whatever_the_numbers_say(acquisition: Acquisition) -> None:
    """InstanceNumber, SliceLocation and the order of the files say something else each."""
    numbers = [3, 3, -1, 0, 99, 7, 5, 2]
    datasets = noise(acquisition, instance_numbers=numbers)
    for k, dataset in enumerate(datasets):
        dataset.SliceLocation = str(-k)
    found = instances(datasets)
    for seed in range(4):
        shuffled = [found[k] for k in np.random.default_rng(seed).permutation(len(found))]
        volume = only_volume(arrange(shuffled))
        assert [ref.instance.id for ref in volume.frames] == [i.id for i in found]


def test_slices_stand_in_the_layouts_order() -> None:
    layout = arrange(instances([*noise(SMALL), *noise(SMALL, Rows=3, ImageType=["DERIVED"])[:1], structured_report()]))
    assert [(v, s) for _, v, s in layout.slices] == [(0, None)] * 5 + [(None, 0)]
    assert [o.reason for o in layout.others] == ["not-an-image"]
    assert layout.modality == "CT"
    assert arrange([]).slices == []
    assert arrange([]).modality == ""


@pytest.mark.parametrize(
    "change",
    [
        {"ImageOrientationPatient": [-1, 0, 0, 0, -1, 0]},
        {
            "ImageOrientationPatient": decimals(
                [math.cos(0.003), math.sin(0.003), 0, -math.sin(0.003), math.cos(0.003), 0]
            )
        },
        {"PixelSpacing": [1, 1.0002]},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"RescaleType": "US"},
        {"FrameOfReferenceUID": "1.2.3.4"},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "WATER"]},
        {"Modality": "PT", "Units": "BQML"},
    ],
    ids=str,
)
def test_frames_of_another_kind_are_another_volume(change: dict) -> None:
    layout = arrange(instances([*noise(SMALL), *noise(SMALL, **change)]))
    assert [len(v.frames) for v in layout.volumes] == [5, 5]
    for volume in layout.volumes:
        assert len({id(ref.description) for ref in volume.frames}) == 1


def test_frames_of_another_size_are_another_volume() -> None:
    layout = arrange(instances([*noise(SMALL), *noise(replace(SMALL, shape=(6, 3, 5)))]))
    assert [v.geometry.shape for v in layout.volumes] == [(6, 3, 5), (5, 3, 4)]


@pytest.mark.parametrize(
    "change",
    [
        {"ImageOrientationPatient": [0.99999, 0.0005, 0, -0.0005, 0.99999, 0]},
        {"PixelSpacing": [1, 1.00005]},
        {"ImageType": ["ORIGINAL", "SECONDARY", "AXIAL"]},
        {"SliceThickness": 9},
        {"RescaleSlope": 2},
        {"WindowCenter": 40, "WindowWidth": 400},
    ],
    ids=str,
)
def test_small_differences_make_no_other_volume(change: dict) -> None:
    datasets = noise(SMALL)
    for keyword, value in change.items():
        setattr(datasets[2], keyword, value)
    assert len(only_volume(arrange(instances(datasets))).frames) == 5


def test_localizer_of_three_planes_is_three_volumes() -> None:
    places = ("axial", "coronal", "sagittal")
    datasets = [d for name in places for d in noise(replace(ACQUISITIONS[name], shape=(3, 4, 4)))]
    layout = arrange(instances([datasets[k] for k in np.random.default_rng(1).permutation(9)]))
    assert [len(v.frames) for v in layout.volumes] == [3, 3, 3]


def test_positions_rounded_in_the_file_are_even() -> None:
    volume = only_volume(arrange(instances(moved(noise(SMALL), [0, 0.33, 0.67, 1.0, 1.33]))))
    assert volume.geometry.spacing[0] == pytest.approx(1.33 / 4)


def test_two_slices_are_a_volume() -> None:
    assert only_volume(arrange(instances(noise(SMALL)[:2]))).geometry.shape == (2, 3, 4)


@pytest.mark.parametrize("degrees", [-30.0, -18.5, -1.5, 1.5, 12.0, 45.0])
@pytest.mark.parametrize("place", ["axial", "coronal", "double-oblique", "axial-feet-first"])
def test_gantry_tilt_is_told_in_degrees(degrees: float, place: str) -> None:
    tilted = replace(ACQUISITIONS[place], tilt=degrees)
    (warning,) = only_volume(arrange(instances(noise(tilted)))).warnings
    assert warning.reason == "gantry-tilt"
    assert dict(warning.facts)["Degrees"] == pytest.approx(degrees, abs=0.002)


@pytest.mark.parametrize("degrees", [-0.9, 0.0, 0.9])
def test_hardly_any_tilt_is_not_worth_telling(degrees: float) -> None:
    assert only_volume(arrange(instances(noise(replace(AXIAL, tilt=degrees))))).warnings == ()


def test_slices_that_are_cut_off_are_known_beforehand() -> None:
    contents = [file_of(d) for d in noise(SMALL)]
    contents[1], contents[4] = contents[1][:-10], contents[4][:-2]
    reader = InstanceReader()
    volume = only_volume(arrange([reader.read(str(k), c) for k, c in enumerate(contents)]))
    assert volume.absent == (1, 4)


def test_warning_of_damage_names_the_slices() -> None:
    assert damage([]) == []
    (warning,) = damage([3, 7])
    assert warning.reason == "damaged"
    assert "3, 7" in warning.details
    (many,) = damage(range(1000))
    assert "1000" in many.details
    assert len(many.details) < 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "int16"),
        ({"RescaleSlope": "2", "RescaleIntercept": "-1024"}, "int16"),
        ({"RescaleSlope": "0.5"}, "float32"),
        ({"RescaleIntercept": "0.25"}, "float32"),
    ],
    ids=str,
)
def test_type_is_guessed_from_the_headers(change: dict, expected: str) -> None:
    volume = only_volume(arrange(instances(noise(SMALL, **change))))
    assert volume.likely_type == expected
    assert volume.expected_bytes == np.dtype(expected).itemsize * 5 * 3 * 4


def placed(template: Instance, positions: list[tuple[float, float, float]]) -> list[Instance]:
    first = template.frame(0)
    return [
        replace(template, id=f"i{k}", number=k, described=(Frame(first.description, p, first.phase),))
        for k, p in enumerate(positions)
    ]


TEMPLATE = instances(noise(SMALL))[0]
COORDINATE = st.one_of(st.floats(-1e6, 1e6), st.integers(-3, 3).map(float))


@given(st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE), min_size=1, max_size=8))
def test_any_positions_are_arranged_without_an_error(positions: list[tuple[float, float, float]]) -> None:
    layout = arrange(placed(TEMPLATE, positions))
    assert sorted(ref.instance.id for ref, _, _ in layout.slices) == sorted(f"i{k}" for k in range(len(positions)))
    for volume in layout.volumes:
        along = volume.origins @ volume.geometry.normal
        assert (np.diff(along) > 0).all()
        places = range(len(along)) if volume.geometry.places is None else volume.geometry.places
        predicted = [volume.geometry.affine @ [k, 0, 0, 1] for k in places]
        np.testing.assert_allclose(np.array(predicted)[:, :3], volume.origins, atol=0.11)


def test_many_orientations_are_arranged_quickly() -> None:
    """A rotating C-arm turns a little for every frame."""
    angles = [k * math.pi / 1500 for k in range(1500)]
    turned = [
        replace(TEMPLATE.description, orientation=(math.cos(a), math.sin(a), 0.0, 0.0, 0.0, -1.0)) for a in angles
    ]
    frame = TEMPLATE.frame(0)
    found = [replace(TEMPLATE, id=str(k), described=(replace(frame, description=d),)) for k, d in enumerate(turned)]
    start = time.perf_counter()
    layout = arrange(found)
    assert time.perf_counter() - start < 4
    assert sum(len(s.frames) for s in layout.stacks) + sum(len(v.frames) for v in layout.volumes) == 1500
