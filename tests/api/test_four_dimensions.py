"""Several frames at each position: told apart by the smallest set of nominal attributes, else by rank, else not."""

from copy import deepcopy

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from clients import Client, orthanc_ids
from grids import even
from phase_checks import GRID, assert_phases, assert_phases_in_any_order, listed, phase, shown, voxels
from series_phantoms import in_one_series, shuffled, single_frames

NOMINAL = {
    "StackID": ["1", "2", "3"],
    "TemporalPositionIdentifier": [1, 2, 10],
    "EchoNumbers": [1, 2, 3],
    "EchoTime": ["4.6", "9.2", "13.8"],
    "AcquisitionNumber": [1, 2, 7],
    "ImageType": [["ORIGINAL", "PRIMARY", "M", "ND", last] for last in ("NORM", "PHASE", "WATER")],
    "DiffusionBValue": [0.0, 500.0, 1000.0],
}


@pytest.mark.parametrize("attribute", NOMINAL)
def test_each_nominal_attribute(client: Client, attribute: str) -> None:
    values = NOMINAL[attribute]
    phases = [phase(k, **{attribute: value}) for k, value in enumerate(values)]
    identifier = client.store_series(shuffled(in_one_series(*phases), 3))
    volumes = assert_phases_in_any_order(client, identifier, phases)
    assert len({volume["Label"] for volume in volumes}) == len(values)
    for volume in volumes:
        assert attribute.removesuffix("Numbers").removesuffix("Number") in volume["Label"]
        assert not {warning["Reason"] for warning in volume["Warnings"]}


@pytest.mark.parametrize(
    ("attribute", "labels"),
    [
        ("TemporalPositionIdentifier", ["1", "2", "10"]),
        ("EchoTime", ["4.6", "9.2", "13.8"]),
        ("AcquisitionNumber", ["1", "2", "7"]),
        ("StackID", ["1", "2", "3"]),
    ],
)
def test_labels_name_attribute_and_value_in_order(client: Client, attribute: str, labels: list[str]) -> None:
    phases = [phase(k, **{attribute: value}) for k, value in enumerate(NOMINAL[attribute])]
    identifier = client.store_series(in_one_series(*reversed(phases)))
    volumes = assert_phases(client, identifier, phases)
    assert [volume["Label"] for volume in volumes] == [f"{attribute} {label}" for label in labels]


def test_gradient_directions_tell_apart_what_has_one_b_value(client: Client) -> None:
    directions = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    phases = [
        phase(k, DiffusionBValue=1000.0, DiffusionGradientOrientation=direction)
        for k, direction in enumerate(directions)
    ]
    phases.insert(0, phase(9, DiffusionBValue=0.0))
    identifier = client.store_series(in_one_series(*phases))
    volumes = assert_phases_in_any_order(client, identifier, phases)
    assert len({volume["Label"] for volume in volumes}) == 4
    assert sum("1000" in volume["Label"] for volume in volumes) == 3


def test_smallest_set_of_two_attributes(client: Client) -> None:
    """Times by echoes; an acquisition number of its own for each file would be no smaller set."""
    times, echoes = (1, 2, 3), ("4.6", "9.2")
    phases = [
        phase(10 * time + k, TemporalPositionIdentifier=time, EchoTime=echo)
        for time in times
        for k, echo in enumerate(echoes)
    ]
    files = in_one_series(*phases)
    for number, file in enumerate(files):
        file.AcquisitionNumber = number + 1
    volumes = assert_phases_in_any_order(client, client.store_series(files), phases)
    labels = {volume["Label"] for volume in volumes}
    assert labels == {f"TemporalPositionIdentifier {time}, EchoTime {echo}" for time in times for echo in echoes}


def test_one_attribute_is_enough_where_two_differ(client: Client) -> None:
    phases = [phase(k, TemporalPositionIdentifier=k, AcquisitionNumber=k) for k in (1, 2)]
    volumes = assert_phases(client, client.store_series(in_one_series(*phases)), phases)
    assert [volume["Label"] for volume in volumes] == ["TemporalPositionIdentifier 1", "TemporalPositionIdentifier 2"]


def test_several_stacks_of_different_places(client: Client) -> None:
    """Two stacks along one line, told apart by StackID, and by the break between them."""
    first, second = phase(1, StackID="1"), phase(2, StackID="2")
    for file in second:
        x, y, z = map(float, file.ImagePositionPatient)
        file.ImagePositionPatient = [x, y, z + 200]
    identifier = client.store_series(in_one_series(first, second))
    volumes = assert_phases_in_any_order(client, identifier, [first, second])
    assert [volume["Shape"] for volume in volumes] == [list(GRID.shape)] * 2
    assert all(volume["Regular"] for volume in volumes)


RANKS = {
    "TriggerTime": lambda k, rank: f"{rank * 300 + k * 7.5}",
    "AcquisitionDateTime": lambda k, rank: f"202401011200{10 * rank + k:02}",
    "ContentTime": lambda k, rank: f"1200{10 * rank + k:02}",
}


@pytest.mark.parametrize("attribute", RANKS)
def test_rank_by_time(client: Client, attribute: str) -> None:
    """The times of a position are its own: no value is shared by all positions."""
    phases = [phase(rank) for rank in range(3)]
    for rank, files in enumerate(phases):
        for k, file in enumerate(files):
            setattr(file, attribute, RANKS[attribute](k, rank))
    identifier = client.store_series(shuffled(in_one_series(*phases), 8))
    volumes = assert_phases(client, identifier, phases)
    for rank, volume in enumerate(volumes):
        assert volume["Label"] == f"rank by {attribute}: {rank + 1}"
        assert {warning["Reason"] for warning in volume["Warnings"]} == {"split-by-rank"}


def test_rank_by_instance_number(client: Client) -> None:
    phases = [phase(rank) for rank in range(2)]
    files = in_one_series(*phases)
    for number, file in enumerate(files):
        file.InstanceNumber = number + 1
    volumes = assert_phases(client, client.store_series(reversed(files)), phases)
    assert [volume["Label"] for volume in volumes] == ["rank by InstanceNumber: 1", "rank by InstanceNumber: 2"]
    assert {w["Reason"] for volume in volumes for w in volume["Warnings"]} == {"split-by-rank"}


@pytest.mark.parametrize("attribute", [None, "TemporalPositionIdentifier", "TriggerTime"])
def test_counts_that_differ_are_never_guessed(client: Client, attribute: str | None) -> None:
    """One slice of the second time is lost."""
    phases = [phase(k) for k in (1, 2)]
    if attribute:
        for k, files in enumerate(phases):
            for file in files:
                setattr(file, attribute, k + 1)
    files = in_one_series(*phases)
    del files[6]
    identifier = client.store_series(files)
    answer = listed(client, identifier)
    assert answer["Volumes"] == []
    assert [(s["FrameCount"], s["Reason"]) for s in answer["Stacks"]] == [(7, "duplicate-positions")]
    assert client.get(f"/series/{identifier}/mpr/axial").json()["Reason"] == "duplicate-positions"
    entries = client.get(f"/series/{identifier}/slices").json()["Slices"]
    found = {client.get(entry["Url"], format="npy").array().tobytes() for entry in entries}
    assert found == {file.pixel_array.tobytes() for file in files}


def again(file: Dataset) -> Dataset:
    """The same image under another identifier."""
    copy = deepcopy(file)
    copy.SOPInstanceUID = generate_uid()
    return copy


@pytest.mark.parametrize("twice", [[3], [0, 1, 2, 3]], ids=["one", "all"])
def test_identical_frames_are_duplicates_and_no_time(client: Client, twice: list[int]) -> None:
    files = phase(1)
    identifier = client.store_series([*files, *(again(files[k]) for k in twice)])
    answer = listed(client, identifier)
    (volume,) = answer["Volumes"]
    assert volume["Shape"] == list(GRID.shape)
    assert "duplicate-frames" in {warning["Reason"] for warning in volume["Warnings"]}
    np.testing.assert_array_equal(shown(client, identifier, 0), voxels(files))


def test_slices_stand_volume_after_volume(client: Client) -> None:
    phases = [phase(k, TemporalPositionIdentifier=k) for k in (1, 2)]
    identifier = client.store_series(in_one_series(*phases))
    entries = client.get(f"/series/{identifier}/slices").json()["Slices"]
    expected = [orthanc_ids(file)["instances"] for files in phases for file in files]
    assert [entry["Instance"] for entry in entries] == expected
    assert [entry["Volume"] for entry in entries] == [0] * 4 + [1] * 4


def test_single_phase_has_no_label(client: Client) -> None:
    grid = even(GRID)
    files = single_frames(grid.coordinates[..., 0], grid, TemporalPositionIdentifier=1)
    (volume,) = listed(client, client.store_series(files))["Volumes"]
    assert volume["Label"] == ""
