"""What of a series belongs together: interleaved acquisitions, breaks, positions that wander, groups."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import Client
from phantoms import Acquisition, noise, series
from phase_checks import GRID, MR, assert_phases, assert_phases_in_any_order, listed, phase
from series_phantoms import in_one_series, shuffled


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
