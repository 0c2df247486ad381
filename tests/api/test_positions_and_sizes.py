"""Where a plane lies and how many pixels it has: position, index, fraction; width, height, pixel-spacing."""

import math

import numpy as np
import pytest

from clients import Client
from phantoms import Acquisition, ramp, rotated
from refusals import assert_bad_parameter, assert_refused

# x from -6 to 6, y from -10 to 10, z from -15 to 15 (centres): 13 columns, 11 rows, 7 slices.
GRID = Acquisition(shape=(7, 11, 13), spacing=(5.0, 2.0, 1.0))


@pytest.fixture
def path(client: Client) -> str:
    """The MPR routes of a stored ramp along z."""
    return f"/series/{client.store_series(ramp(2, GRID))}/mpr"


@pytest.mark.parametrize(
    ("plane", "axis", "first", "step", "count"),
    [("axial", 2, -15, 5, 7), ("coronal", 1, -10, 2, 11), ("sagittal", 0, -6, 1, 13)],
)
def test_index_steps_from_the_lowest_voxel_centre(
    client: Client, path: str, plane: str, axis: int, first: float, step: float, count: int
) -> None:
    for index in (0, 1, count - 1):
        told = client.get(f"{path}/{plane}", format="npy", index=index).told("Reslice-Plane")
        assert told["Position"][axis] == pytest.approx(first + index * step, abs=1e-6)
        assert (told["Index"], told["Count"]) == (index, count)
        assert told["Thickness"] == pytest.approx(step)
    for index in (-1, count, 10**9):
        assert_bad_parameter(client.get(f"{path}/{plane}", index=index), "index")


def test_fraction_maps_the_same_range(client: Client, path: str) -> None:
    for fraction, height in ((0, -15), (0.25, -7.5), (0.5, 0), (1, 15)):
        told = client.get(f"{path}/axial", format="npy", fraction=fraction).told("Reslice-Plane")
        assert told["Position"][2] == pytest.approx(height, abs=1e-6)


def test_default_is_the_middle_snapped_to_an_index(client: Client) -> None:
    series = client.store_series(ramp(2, Acquisition(shape=(6, 8, 8), spacing=(2.0, 1.0, 1.0))))
    told = client.get(f"/series/{series}/mpr/axial", format="npy").told("Reslice-Plane")
    assert told["Position"][2] in (pytest.approx(-1.0), pytest.approx(1.0))
    assert told["Index"] in (2, 3)


def test_position_is_the_patient_coordinate_between_slices_too(client: Client, path: str) -> None:
    for position in (-15, -7.25, 0, 3.3, 14.999):
        answer = client.get(f"{path}/axial", format="npy", position=position)
        np.testing.assert_allclose(answer.array(), position, atol=1e-3)


@pytest.mark.parametrize("position", [-17.6, 17.6, 1e4, -1e6])
def test_plane_outside_has_no_data_and_says_so(client: Client, path: str, position: float) -> None:
    answer = client.get(f"{path}/axial", format="npy", position=position)
    assert np.isnan(answer.array()).all()
    assert "outside-volume" in answer.headers["Reslice-Warnings"]
    assert (client.get(f"{path}/axial", position=position).picture() == 0).all()


def test_edge_of_the_outer_voxels_still_has_data(client: Client, path: str) -> None:
    for position in (-17.4, 17.4):
        answer = client.get(f"{path}/axial", format="npy", position=position)
        assert np.isfinite(answer.array()).all()
        assert "outside-volume" not in answer.headers.get("Reslice-Warnings", "")


@pytest.mark.parametrize("pair", [("position", "index"), ("index", "fraction"), ("position", "fraction")])
def test_two_ways_to_say_where_are_refused(client: Client, path: str, pair: tuple[str, str]) -> None:
    answer = client.get(f"{path}/axial?{pair[0]}=0&{pair[1]}=0")
    assert_refused(answer, 400, "conflicting-parameters")


@pytest.mark.parametrize(
    ("plane", "query", "rows", "columns"),
    [
        ("axial", {}, 22, 13),
        ("coronal", {}, 35, 13),
        ("axial", {"width": 26}, 44, 26),
        ("axial", {"height": 11}, 11, 7),
        ("axial", {"width": 100, "height": 44}, 44, 26),
        ("axial", {"width": 26, "height": 400}, 44, 26),
        ("axial", {"pixel_spacing": 0.5}, 44, 26),
        ("axial", {"width": 5, "height": 9, "pixel_spacing": 0.25}, 9, 5),
        ("sagittal", {"width": 1}, 2, 1),
    ],
)
def test_size(client: Client, path: str, plane: str, query: dict, rows: int, columns: int) -> None:
    answer = client.get(f"{path}/{plane}", format="npy", **query)
    told = answer.told("Reslice-Plane")
    assert answer.array().shape == (rows, columns)
    assert told["Size"] == [rows, columns]
    assert told["Spacing"][0] == pytest.approx(told["Spacing"][1])
    assert client.get(f"{path}/{plane}", **query).picture().shape == (rows, columns)


def test_whole_field_of_view_stays_in_the_picture(client: Client, path: str) -> None:
    for width in (3, 13, 64, 200):
        told = client.get(f"{path}/coronal", format="npy", width=width).told("Reslice-Plane")
        spacing = told["Spacing"][0]
        assert spacing == pytest.approx(13 / width)
        assert told["Size"] == [math.ceil(35 / spacing - 1e-6), width]
        assert told["Position"][0] == pytest.approx(-6.5 + spacing / 2)
        assert told["Position"][2] == pytest.approx(17.5 - spacing / 2)


def test_size_with_spacing_is_cut_around_the_centre(client: Client, path: str) -> None:
    answer = client.get(f"{path}/coronal", format="npy", width=4, height=6, pixel_spacing=0.5)
    told = answer.told("Reslice-Plane")
    assert told["Spacing"] == [0.5, 0.5]
    assert [told["Position"][0], told["Position"][2]] == pytest.approx([-0.75, 1.25])
    np.testing.assert_allclose(answer.array()[:, 0], 1.25 - 0.5 * np.arange(6), atol=1e-3)


def test_nearest_interpolation_invents_no_value(client: Client, path: str) -> None:
    answer = client.get(f"{path}/coronal", format="npy", interpolation="nearest", width=50)
    stored = {round(5.0 * k - 15, 3) for k in range(7)}
    assert {round(float(v), 3) for v in np.unique(answer.array())} == stored


def test_index_of_an_oblique_volume_steps_by_the_nearest_axis(client: Client) -> None:
    grid = rotated(GRID, 30.0, axis=0)
    series = client.store_series(ramp(2, grid))
    first, second = (
        client.get(f"/series/{series}/mpr/axial", format="npy", index=i).told("Reslice-Plane") for i in (0, 1)
    )
    lowest = grid.coordinates[..., 2].min()
    assert first["Position"][2] == pytest.approx(lowest, abs=1e-4)
    assert second["Position"][2] - first["Position"][2] == pytest.approx(5.0, abs=1e-6)
