"""Several frames at each position: told apart by the smallest set of nominal attributes, else by rank, else not."""

from collections.abc import Sequence

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import Client, orthanc_ids
from phantoms import Acquisition, noise, series
from series_phantoms import even, in_one_series, shuffled, single_frames

GRID = Acquisition(shape=(4, 5, 6))
MR = {"Modality": "MR", "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "A"]}
NOMINAL = {
    "StackID": ["1", "2", "3"],
    "TemporalPositionIdentifier": [1, 2, 10],
    "EchoNumbers": [1, 2, 3],
    "EchoTime": ["4.6", "9.2", "13.8"],
    "AcquisitionNumber": [1, 2, 7],
    "ImageType": [["ORIGINAL", "PRIMARY", "M", "ND", last] for last in ("NORM", "PHASE", "WATER")],
    "DiffusionBValue": [0.0, 500.0, 1000.0],
}


def phase(seed: int, **attributes: object) -> list[Dataset]:
    """One volume of noise; its instance numbers start anew."""
    return noise(GRID, seed, **{**MR, **attributes})


def voxels(files: Sequence[Dataset]) -> np.ndarray:
    return np.stack([file.pixel_array for file in files])


def listed(client: Client, identifier: str) -> dict:
    return client.get(f"/series/{identifier}/volumes").json()


def shown(client: Client, identifier: str, volume: int) -> np.ndarray:
    """The stored slices that are said to be those of one volume."""
    entries = client.get(f"/series/{identifier}/slices").json()["Slices"]
    urls = [entry["Url"] for entry in entries if entry["Volume"] == volume]
    return np.stack([client.get(url, format="npy").array() for url in urls])


def assert_phases(client: Client, identifier: str, phases: Sequence[Sequence[Dataset]]) -> list[dict]:
    """These volumes in this order, slices and planes alike."""
    answer = listed(client, identifier)
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert [volume["Shape"] for volume in answer["Volumes"]] == [list(GRID.shape)] * len(phases)
    for k, files in enumerate(phases):
        np.testing.assert_array_equal(shown(client, identifier, k), voxels(files))
        plane = client.get(f"/series/{identifier}/mpr/axial", format="npy", volume=k, index=2)
        np.testing.assert_array_equal(plane.array(), files[2].pixel_array)
        assert answer["Volumes"][k]["Regular"] is True
    return answer["Volumes"]


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


def assert_phases_in_any_order(client: Client, identifier: str, phases: list[list[Dataset]]) -> list[dict]:
    """Texts have no order of their own: the volumes may stand in any."""
    answer = listed(client, identifier)
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    found = {shown(client, identifier, k).tobytes() for k in range(len(answer["Volumes"]))}
    assert found == {voxels(files).astype(np.int16).tobytes() for files in phases}
    return answer["Volumes"]


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
    copy = Dataset(file)
    copy.file_meta = file.file_meta
    copy.SOPInstanceUID = f"{file.SOPInstanceUID[:60]}.9"
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


def interleaved(gap: float, offset: float, **attributes: object) -> list[Dataset]:
    """Four slices `gap` mm apart, moved by an offset."""
    grid = Acquisition(shape=GRID.shape, spacing=(gap, 1.0, 1.0), center=(0.0, 0.0, offset))
    return noise(grid, int(offset * 10), SliceThickness="1", **MR, **attributes)


def test_interleaved_acquisitions_are_two_volumes(client: Client) -> None:
    """0, 5, 10, 15 mm and 1, 6, 11, 16 mm: each regular, their union not."""
    first, second = interleaved(5.0, 0.0, AcquisitionNumber=1), interleaved(5.0, 1.0, AcquisitionNumber=2)
    identifier = client.store_series(shuffled(in_one_series(first, second), 2))
    volumes = assert_phases_in_any_order(client, identifier, [first, second])
    assert [volume["Spacing"][0] for volume in volumes] == pytest.approx([5.0, 5.0])
    assert all(volume["Regular"] for volume in volumes)


def test_interleaved_acquisitions_with_a_regular_union_are_one_volume(client: Client) -> None:
    """0, 5, 10, 15 and 2.5, 7.5, 12.5, 17.5 mm: an ordinary slice order of MR."""
    first, second = interleaved(5.0, 0.0, AcquisitionNumber=1), interleaved(5.0, 2.5, AcquisitionNumber=2)
    identifier = client.store_series(in_one_series(first, second))
    (volume,) = listed(client, identifier)["Volumes"]
    assert (volume["Shape"], volume["Regular"]) == ([8, *GRID.shape[1:]], True)


def test_line_that_breaks_is_split_there(client: Client) -> None:
    """The table was moved sideways by 30 mm after the fourth slice."""
    whole = series(np.arange(7 * 30.0).reshape(7, 5, 6), Acquisition(shape=(7, 5, 6)), **MR)
    for file in whole[4:]:
        x, y, z = map(float, file.ImagePositionPatient)
        file.ImagePositionPatient = [x + 30, y, z]
    answer = listed(client, client.store_series(shuffled(whole, 1)))
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert sorted(volume["Shape"][0] for volume in answer["Volumes"]) == [3, 4]
    for volume in answer["Volumes"]:
        step = np.diff(volume["Origins"], axis=0)
        np.testing.assert_allclose(step, [[0, 0, 2.5]] * len(step), atol=1e-6)


def test_positions_that_wander_are_no_volume(client: Client) -> None:
    files = phase(1)
    for k, file in enumerate(files):
        x, y, z = map(float, file.ImagePositionPatient)
        file.ImagePositionPatient = [x + (20, -35, 5, 50)[k], y + (7, 0, -30, 11)[k], z]
    answer = listed(client, client.store_series(files))
    assert answer["Volumes"] == []
    assert {stack["Reason"] for stack in answer["Stacks"]} == {"irregular-positions"}
    assert sum(stack["FrameCount"] for stack in answer["Stacks"]) == len(files)


def test_positions_nearer_than_a_hundredth_of_a_millimetre_are_one(client: Client) -> None:
    """Times whose positions were rounded differently are still times of one place."""
    phases = [phase(k, TemporalPositionIdentifier=k) for k in (1, 2)]
    for file in phases[1]:
        x, y, z = map(float, file.ImagePositionPatient)
        file.ImagePositionPatient = [x, y, z + 0.004]
    volumes = assert_phases(client, client.store_series(in_one_series(*phases)), phases)
    assert len(volumes) == 2


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("FrameOfReferenceUID", ["2.25.1", "2.25.2"]),
        ("PixelSpacing", [[1, 1], [1.01, 1.01]]),
        ("ImageType", [["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]]),
        ("ImageOrientationPatient", [[1, 0, 0, 0, 1, 0], [0.99996, 0.009, 0, -0.009, 0.99996, 0]]),
    ],
)
def test_what_never_belongs_together(client: Client, attribute: str, values: list) -> None:
    """Each value is a group of its own, at the same positions or not."""
    phases = [phase(k, **{attribute: value}) for k, value in enumerate(values)]
    volumes = assert_phases_in_any_order(client, client.store_series(in_one_series(*phases)), phases)
    assert not {warning["Reason"] for volume in volumes for warning in volume["Warnings"]}


def test_sizes_that_differ_are_volumes_of_their_own(client: Client) -> None:
    small, large = phase(1), noise(Acquisition(shape=(3, 8, 9)), 2, **MR)
    answer = listed(client, client.store_series(in_one_series(small, large)))
    assert sorted(volume["Shape"] for volume in answer["Volumes"]) == [[3, 8, 9], list(GRID.shape)]


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
