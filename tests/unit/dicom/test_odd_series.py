"""Series as scanners and archives really leave them: odd values, outliers, copies, ranks that don't fit."""

import math
import time

import numpy as np
import pytest
from pydicom.dataset import Dataset

from enhanced_phantoms import enhanced
from grids import even
from phantoms import Acquisition, decimals, file_of, image, noise
from reslice.dicom.instance import InstanceReader
from reslice.dicom.layout import FrameRef, SeriesLayout
from reslice.dicom.stack import arrange
from unit.dicom.files import element, instances, with_elements

SMALL = Acquisition(shape=(6, 3, 4))


def moved(datasets: list[Dataset], shifts: list[float]) -> list[Dataset]:
    """The same slices moved along x."""
    for dataset, shift in zip(datasets, shifts, strict=True):
        x, y, z = map(float, dataset.ImagePositionPatient)
        dataset.ImagePositionPatient = decimals([x + shift, y, z])
    return datasets


def reasons(layout: SeriesLayout) -> list[tuple[str, int]]:
    return [(stack.reason, len(stack.frames)) for stack in layout.stacks]


def warnings(layout: SeriesLayout) -> list[set[str]]:
    return [{warning.reason for warning in volume.warnings} for volume in layout.volumes]


def test_one_outlier_leaves_the_others_a_volume() -> None:
    datasets = moved(noise(Acquisition(shape=(40, 3, 4))), [5.0 if k == 17 else 0.0 for k in range(40)])
    layout = arrange(instances(datasets))
    (volume,) = layout.volumes
    assert reasons(layout) == [("irregular-positions", 1)]
    assert len(volume.frames) == 39
    assert volume.geometry.missing == (16,)
    assert warnings(layout) == [{"off-the-line", "uneven-gaps", "missing-slices"}]


def test_line_that_bends_is_not_cut_into_pieces() -> None:
    sag = [4 * (k / 100) * (1 - k / 100) for k in range(101)]
    layout = arrange(instances(moved(noise(Acquisition(shape=(101, 3, 4))), sag)))
    assert (layout.volumes, reasons(layout)) == ((), [("irregular-positions", 101)])


def test_break_is_told_on_both_sides() -> None:
    layout = arrange(instances(moved(noise(Acquisition(shape=(20, 3, 4))), [0.0] * 12 + [0.4] * 8)))
    assert [(v.label, len(v.frames)) for v in layout.volumes] == [("part 1 of 2", 12), ("part 2 of 2", 8)]


def ranked(times: list[str | None], numbers: list[int]) -> SeriesLayout:
    """Two frames at each of three places."""
    first, second = noise(Acquisition(shape=(3, 3, 4))), noise(Acquisition(shape=(3, 3, 4)))
    for k, dataset in enumerate([*first, *second]):
        dataset.InstanceNumber = numbers[k]
        if times[k] is not None:
            dataset.AcquisitionTime = times[k]
    return arrange(instances([*first, *second]))


def numbers_of(layout: SeriesLayout) -> list[list[int]]:
    return [[ref.instance.number for ref in volume.frames] for volume in layout.volumes]


def test_time_that_one_frame_lacks_ranks_nothing() -> None:
    """The next attribute does, for all of them; two attributes together would mix the phases."""
    layout = ranked(["10", "11", "12", "20", None, "22"], [1, 2, 3, 4, 5, 6])
    assert numbers_of(layout) == [[1, 2, 3], [4, 5, 6]]
    assert layout.volumes[0].label == "rank by InstanceNumber: 1"
    layout = ranked(["100000", "110000", "120000", "200000", None, "220000"], [1, 5, 3, 4, 2, 6])
    assert layout.volumes[0].label == "rank by InstanceNumber: 1"


def test_tie_at_one_position_ranks_nothing() -> None:
    layout = ranked(["100000", "110000", "120000", "200000", "110000", "220000"], [4, 2, 3, 1, 5, 6])
    assert [volume.label for volume in layout.volumes] == [f"rank by InstanceNumber: {k}" for k in (1, 2)]
    assert numbers_of(layout) == [[1, 2, 3], [4, 5, 6]]


def test_times_rank_before_numbers() -> None:
    layout = ranked(["100000", "110000", "120000", "200000", "210000", "220000"], [6, 5, 4, 3, 2, 1])
    assert numbers_of(layout) == [[6, 5, 4], [3, 2, 1]]
    assert layout.volumes[0].label == "rank by AcquisitionDateTime: 1"


def named_phases(values: list[np.ndarray]) -> list[Dataset]:
    """One set of slices for each phase, named by TemporalPositionIdentifier."""
    datasets = []
    for k, pixels in enumerate(values):
        part = noise(Acquisition(shape=(3, 3, 4)), TemporalPositionIdentifier=k + 1)
        for dataset, plane in zip(part, pixels, strict=True):
            dataset.PixelData = plane.astype("<i2").tobytes()
        datasets += part
    return datasets


def look(ref: FrameRef, contents: dict[str, Dataset]) -> bytes:
    return contents[ref.instance.id].PixelData


def arranged_with_pixels(datasets: list[Dataset]) -> SeriesLayout:
    found = instances(datasets)
    contents = {instance.id: dataset for instance, dataset in zip(found, datasets, strict=True)}
    return arrange(found, look=lambda ref: look(ref, contents))


def test_blank_frames_are_no_copies_of_phases_that_differ() -> None:
    phases = [np.full((3, 3, 4), k + 1) for k in range(4)]
    for phase in phases[:2]:
        phase[1] = 0
    layout = arranged_with_pixels(named_phases(phases))
    assert [v.label for v in layout.volumes] == [f"TemporalPositionIdentifier {k + 1}" for k in range(4)]
    assert warnings(layout) == [set()] * 4


def test_phase_that_is_a_copy_in_whole_is_left_out() -> None:
    phases = [np.full((3, 3, 4), value) for value in (7, 8, 7)]
    layout = arranged_with_pixels(named_phases(phases))
    assert [v.label for v in layout.volumes] == [f"TemporalPositionIdentifier {k}" for k in (1, 2)]
    assert warnings(layout) == [{"duplicate-frames"}] * 2


@pytest.mark.parametrize(
    "attributes",
    [
        {"SpacingBetweenSlices": "1e308", "Modality": "NM", "ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO"]},
        {"GridFrameOffsetVector": ["0", "1e200", "2e200"], "Modality": "RTDOSE"},
    ],
    ids=["nm", "dose"],
)
def test_places_that_can_be_in_no_scanner_are_none(attributes: dict) -> None:
    dataset = image(np.zeros((4, 4), np.int16), **attributes)
    dataset.ImageOrientationPatient, dataset.PixelSpacing = [1, 0, 0, 0, 1, 0], [1, 1]
    dataset.ImagePositionPatient = [0, 0, 0]
    detector = Dataset()
    detector.ImagePositionPatient, detector.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    dataset.DetectorInformationSequence = [detector]
    dataset.NumberOfFrames, dataset.PixelData = 3, bytes(3 * 32)
    layout = arrange([InstanceReader().read("x", file_of(dataset))])
    assert (layout.volumes, reasons(layout)) == ((), [("no-geometry", 3)])


@pytest.mark.parametrize("text", [b"1100\xb2\xb2", b"\xb2\xb3\xb9\xb2\xb3\xb9", b"999999", b"11:00:00 "])
def test_times_of_odd_bytes_are_survived(text: bytes) -> None:
    times = [element((0x0008, 0x0031), "TM", text), element((0x0008, 0x0032), "TM", text)]
    files = [with_elements(file_of(d), b"".join(times), (0x0008, 0x0060)) for d in noise(SMALL, Modality="PT")]
    reader = InstanceReader()
    (volume,) = arrange([reader.read(str(k), file) for k, file in enumerate(files)]).volumes
    assert volume.suv.factor is None


@pytest.mark.slow
def test_an_orientation_for_each_frame_is_grouped_quickly() -> None:
    """A hostile or a rotating image: the time grows with the frames, not with their square."""
    grid = even(Acquisition(shape=(4000, 1, 2)))
    (file,) = enhanced(np.zeros((4000, 1, 2)), grid, shared=False)
    for k, item in enumerate(file.PerFrameFunctionalGroupsSequence):
        angle = math.pi * k / 4000
        cosines = [math.cos(angle), math.sin(angle), 0, 0, 0, -1]
        item.PlaneOrientationSequence[0].ImageOrientationPatient = decimals(cosines)
    content = file_of(file)
    start = time.perf_counter()
    layout = arrange([InstanceReader().read("x", content)])
    assert time.perf_counter() - start < 4
    assert sum(len(s.frames) for s in layout.stacks) + sum(len(v.frames) for v in layout.volumes) == 4000


def test_sequence_of_unknown_vr_is_read() -> None:
    """Archives that don't know an element keep it as UN: its content is implicit (PS3.5 6.2.2)."""
    content = file_of(noise(SMALL)[0])
    table = np.arange(4, dtype="<u2").tobytes()
    parts = [(0x3002, np.array([4, 0, 16], "<u2").tobytes()), (0x3004, b"US"), (0x3006, table)]
    item = b"".join(np.array([0x0028, tag], "<u2").tobytes() + len(v).to_bytes(4, "little") + v for tag, v in parts)
    sequence = b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    found = InstanceReader().read(
        "x", with_elements(content, element((0x0028, 0x3000), "UN", sequence), (0x7FE0, 0x0010))
    )
    assert found.description.rescale.entries.tolist() == [0, 1, 2, 3]


def test_another_file_is_noticed_by_its_header() -> None:
    first, second = noise(SMALL)[:2]
    found = InstanceReader().read("x", file_of(first))
    assert found.is_of(file_of(first))
    assert not found.is_of(file_of(second))
    first.PatientWeight = 70
    assert not found.is_of(file_of(first))
