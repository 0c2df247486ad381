"""Planes in the volume's own axes: stored voxels bit for bit, named and turned as the display rule says."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from clients import Client
from naive import PLANES, corners, nearest_voxels, pixel_positions
from phantoms import ACQUISITIONS, Acquisition, noise, ramp, rotated
from ramp_checks import assert_ramps_tell_their_places
from refusals import assert_bad_parameter

CUBES = {name: replace(a, spacing=(1.0, 1.0, 1.0)) for name, a in ACQUISITIONS.items() if not a.tilt}
TILTED = {name: a for name, a in ACQUISITIONS.items() if a.tilt}


def nearest_axis(acquisition: Acquisition, plane: str) -> int:
    """The index (slice, row, column) whose direction lies nearest to the axis of a named plane."""
    cosines = acquisition.affine[:3, :3] / np.linalg.norm(acquisition.affine[:3, :3], axis=0)
    return int(np.argmax(np.abs(cosines[PLANES[plane][2]])))


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", CUBES)
def test_every_plane_is_a_layer_of_voxels_bit_for_bit(client: Client, name: str, plane: str) -> None:
    acquisition = CUBES[name]
    files = noise(acquisition)
    series = client.store_series(files)
    voxels = np.stack([file.pixel_array for file in files])
    axis = nearest_axis(acquisition, plane)
    for index in (0, 2, acquisition.shape[axis] - 1):
        asked = {"axes": "volume", "index": index, "format": "npy"}
        answer = client.get(f"/series/{series}/mpr/{plane}", **asked)
        told, values = answer.told("Reslice-Plane"), answer.array()
        expected = nearest_voxels(voxels, acquisition.affine, told)
        np.testing.assert_array_equal(values, expected)
        np.testing.assert_array_equal(np.sort(expected, axis=None), np.sort(voxels.take(index, axis), axis=None))
        assert (told["Index"], told["Count"]) == (index, acquisition.shape[axis])
        assert told["Thickness"] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_plane_of_the_acquisition_is_the_stored_frame(client: Client, name: str) -> None:
    """Index k is slice k, whichever way the slices run; tilted and double-oblique ones too."""
    acquisition = ACQUISITIONS[name]
    series = client.store_series(noise(acquisition))
    (plane,) = (plane for plane in PLANES if nearest_axis(acquisition, plane) == 0)
    row, column, _ = PLANES[plane]
    for k, form in product((0, 5, 7), ({"format": "npy"}, {"window_center": 1000, "window_width": 3000})):
        stored = client.get(f"/series/{series}/slices/{k}", **form)
        places = ({"index": k}, {"position": 2.5 * k})
        for answer in (client.get(f"/series/{series}/mpr/{plane}", axes="volume", **at, **form) for at in places):
            read = (lambda a: a.array()) if form.get("format") else (lambda a: a.picture())
            np.testing.assert_array_equal(read(answer), as_displayed(read(stored), acquisition, row, column))


def as_displayed(frame: np.ndarray, acquisition: Acquisition, row: tuple, column: tuple) -> np.ndarray:
    """A stored frame with the flips that make its rows run along `row` and its columns along `column`, nearly."""
    if abs(np.dot(acquisition.row, row)) < abs(np.dot(acquisition.row, column)):
        frame, along, down = frame.T, acquisition.column, acquisition.row
    else:
        along, down = acquisition.row, acquisition.column
    frame = frame[:, ::-1] if np.dot(along, row) < 0 else frame
    return frame[::-1] if np.dot(down, column) < 0 else frame


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_every_pixel_is_where_the_header_says(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    identifiers = [client.store_series(ramp(axis, acquisition)) for axis in range(3)]
    for plane, query in product(PLANES, ({"position": 3.3}, {"fraction": 0.8, "width": 25})):
        asked = {"axes": "volume", "format": "npy", **query}
        answers = [client.get(f"/series/{series}/mpr/{plane}", **asked) for series in identifiers]
        assert_ramps_tell_their_places(answers, acquisition)
        assert np.isfinite(answers[0].array()).mean() > (0.5 if acquisition.tilt else 0.9)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_rows_and_columns_are_orthonormal_and_follow_the_display_rule(client: Client, name: str, plane: str) -> None:
    series = client.store_series(noise(ACQUISITIONS[name]))
    told = client.get(f"/series/{series}/mpr/{plane}", axes="volume").told("Reslice-Plane")
    row, column = np.array(told["Row"]), np.array(told["Column"])
    assert [row @ row, column @ column, row @ column] == pytest.approx([1, 1, 0], abs=1e-6)
    assert row @ PLANES[plane][0] > 0.7
    assert column @ PLANES[plane][1] > 0.7
    assert told["Spacing"] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("name", TILTED)
def test_planes_of_a_tilted_gantry_lie_in_its_own_lattice(client: Client, name: str) -> None:
    """Pixels stay square; rows or columns run along the stored slices; all of the sheared voxels are covered."""
    acquisition = TILTED[name]
    series = client.store_series(ramp(0, acquisition))
    edges, middle = corners(acquisition.affine, acquisition.shape), np.array(acquisition.center)
    for plane in ("coronal", "sagittal"):
        fixed = nearest_axis(acquisition, plane)
        others = [acquisition.affine[:3, k] for k in range(3) if k != fixed]
        normal = np.cross(*others) / np.linalg.norm(np.cross(*others))
        in_slices = others[1] / np.linalg.norm(others[1])
        at = acquisition.spacing[fixed] * (acquisition.shape[fixed] - 1) / 2
        answer = client.get(f"/series/{series}/mpr/{plane}", axes="volume", position=at, format="npy")
        told, places = answer.told("Reslice-Plane"), pixel_positions(answer.told("Reslice-Plane"))
        np.testing.assert_allclose((places - middle) @ normal, 0, atol=1e-6)
        row, column = np.array(told["Row"]), np.array(told["Column"])
        assert max(abs(row @ in_slices), abs(column @ in_slices)) == pytest.approx(1, abs=1e-6)
        low, high = (fixed_corner(acquisition, fixed, edge) for edge in (np.min, np.max))
        assert ((places - middle) @ row).min() - 0.5 == pytest.approx(low(row), abs=1e-4)
        assert ((places - middle) @ column).max() + 0.5 >= high(column) - 1e-4
        assert np.ptp(edges @ row) >= np.ptp(places @ row)


def fixed_corner(acquisition: Acquisition, fixed: int, edge: object) -> object:
    """Where the voxels' edges on the middle layer of an axis begin or end along a direction, from the centre."""
    steps = [acquisition.affine[:3, k] * acquisition.shape[k] / 2 for k in range(3) if k != fixed]
    around = np.array([a * steps[0] + b * steps[1] for a, b in product((-1, 1), repeat=2)])
    return lambda direction: edge(around @ direction)


def test_position_counts_from_the_first_slice_of_the_axis(client: Client) -> None:
    """Along the volume's own indices, whichever way they run in the patient."""
    feet_first = replace(ACQUISITIONS["axial-feet-first"], spacing=(2.5, 1.0, 1.0))  # slices run towards the feet
    series = client.store_series(ramp(2, feet_first))
    origins = client.get(f"/series/{series}/volumes").json()["Volumes"][0]["Origins"]
    assert origins[0][2] > origins[-1][2]
    for k, position in ((0, 0.0), (3, 7.5), (7, 17.5)):
        answer = client.get(f"/series/{series}/mpr/axial", axes="volume", position=position, format="npy")
        np.testing.assert_allclose(answer.array(), origins[k][2], atol=1e-3)
        assert answer.told("Reslice-Plane")["Index"] == k
    between = client.get(f"/series/{series}/mpr/axial", axes="volume", position=1.25, format="npy").array()
    np.testing.assert_allclose(between, origins[0][2] - 1.25, atol=1e-3)
    outside = client.get(f"/series/{series}/mpr/axial", axes="volume", position=-1.3, format="npy")
    assert np.isnan(outside.array()).all()
    assert outside.told("Reslice-Warnings")[0]["Reason"] == "outside-volume"


def test_default_and_fraction_are_those_of_the_own_slices(client: Client) -> None:
    series = client.store_series(noise(ACQUISITIONS["oblique"]))
    indices = [{}, {"fraction": 0}, {"fraction": 1}, {"index": 7}]
    told = [client.get(f"/series/{series}/mpr/axial", axes="volume", **q).told("Reslice-Plane") for q in indices]
    assert [plane["Index"] for plane in told] == [4, 0, 7, 7]
    assert_bad_parameter(client.get(f"/series/{series}/mpr/axial", axes="volume", index=8), "index")


def test_each_axis_of_the_volume_has_a_plane_of_its_own(client: Client) -> None:
    """At about 45 degrees two axes may lie nearest to the same one of the patient's."""
    for degrees in (-46, -44, 44, 46, 134):
        acquisition = rotated(rotated(ACQUISITIONS["axial"], degrees, axis=0), degrees, axis=1)
        series = client.store_series(noise(acquisition))
        told = [client.get(f"/series/{series}/mpr/{p}", axes="volume").told("Reslice-Plane") for p in PLANES]
        assert sorted(plane["Count"] for plane in told) == sorted(acquisition.shape)


def test_unevenly_spaced_slices_are_counted_where_they_lie(client: Client) -> None:
    heights = [0.0, 2.0, 4.0, 7.0, 9.0]
    grid = Acquisition(shape=(5, 6, 7), spacing=(2.0, 1.0, 1.0))
    files = noise(grid)
    for file, height in zip(files, heights, strict=True):
        file.ImagePositionPatient = [*file.ImagePositionPatient[:2], str(height)]
        file.SliceThickness = "3"
    series = client.store_series(files)
    for k, height in enumerate(heights):
        for at in ({"index": k}, {"position": height}):
            answer = client.get(f"/series/{series}/mpr/axial", axes="volume", format="npy", **at)
            np.testing.assert_array_equal(answer.array(), files[k].pixel_array)
            assert answer.told("Reslice-Plane")["Position"][2] == pytest.approx(height)
    sagittal = client.get(f"/series/{series}/mpr/sagittal", axes="volume", index=2, format="npy")
    assert sagittal.told("Reslice-Plane")["Size"] == [11, 6]
    straight = client.get(f"/series/{series}/mpr/sagittal", index=2, format="npy")
    np.testing.assert_array_equal(sagittal.array(), straight.array())
