"""Slabs hold what lies within their thickness in true millimetres, around their plane, whatever the spacing."""

import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from clients import Client, InProcessClient
from naive import PLANES, fractional_indices, inside, pixel_positions
from phantoms import ACQUISITIONS, Acquisition, ramp, series
from refusals import assert_bad_parameter, assert_refused
from reslice.settings import Settings

FINE = Acquisition(shape=(41, 41, 41), spacing=(1.0, 1.0, 1.0))
THICK_SLICES = Acquisition(shape=(25, 41, 33), spacing=(2.5, 0.8, 1.25))
OBLIQUE = replace(ACQUISITIONS["double-oblique"], shape=(25, 41, 33), spacing=(2.5, 0.8, 1.25))
GRIDS = {"fine": FINE, "anisotropic": THICK_SLICES, "double-oblique": OBLIQUE}
EVERY = 4
"""Every fourth layer of voxels is a sheet, counted from the middle one, which is number 0."""
UNMIXED = {"interpolation": "nearest", "format": "npy"}


def sheets(acquisition: Acquisition, axis: int) -> list:
    """Sheets across an axis of the volume, numbered from the middle: sheet n has the value 1000 + 100 * |n|."""
    layers = np.arange(acquisition.shape[axis]) - acquisition.shape[axis] // 2
    numbers = np.where(layers % EVERY == 0, 1000.0 + 100 * np.abs(layers // EVERY), 0.0)
    shape = [1, 1, 1]
    shape[axis] = -1
    return series(np.broadcast_to(numbers.reshape(shape), acquisition.shape), acquisition)


def text(vector: object) -> str:
    """A vector as a query takes it."""
    return ",".join(repr(float(part)) for part in np.asarray(vector))


def across(acquisition: Acquisition, axis: int) -> np.ndarray:
    """The unit normal of the layers of voxels across an axis."""
    direction = acquisition.affine[:3, axis]
    return direction / np.linalg.norm(direction)


def ways_to_ask(acquisition: Acquisition, axis: int) -> list[tuple[str, dict]]:
    """The same plane through the volume's centre: oblique, in volume axes, and by its name where it has one."""
    normal = across(acquisition, axis)
    plane = ("sagittal", "coronal", "axial")[int(np.argmax(np.abs(normal)))]
    middle = acquisition.spacing[axis] * (acquisition.shape[axis] // 2)
    ways = [("oblique", {"normal": text(normal)}), (plane, {"axes": "volume", "position": middle})]
    return [*ways, (plane, {"position": 0})] if acquisition is not OBLIQUE else ways


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("grid", GRIDS)
def test_slab_contains_exactly_the_sheets_within_its_thickness(client: Client, grid: str, axis: int) -> None:
    acquisition = GRIDS[grid]
    path = f"/series/{client.store_series(sheets(acquisition, axis))}/mpr"
    spacing = acquisition.spacing[axis]
    for (plane, where), thickness in product(ways_to_ask(acquisition, axis), (10.0, EVERY * spacing * 2.1)):
        asked = {**where, **UNMIXED, "slab_thickness": thickness}
        # A sheet is one voxel thick; it is in the slab if some of that voxel is.
        outermost = int((thickness / 2 / spacing + 0.5 - 1e-6) // EVERY)
        brightest = middle_of(client.get(f"{path}/{plane}", projection="mip", **asked))
        assert brightest == 1000 + 100 * outermost
        assert middle_of(client.get(f"{path}/{plane}", projection="minip", **asked)) == 0
        mean = client.get(f"{path}/{plane}", **{**asked, "interpolation": "linear"})
        assert middle_of(mean) == pytest.approx(mean_of_sheets(acquisition, axis, thickness), rel=1e-5)
        assert mean.told("Reslice-Plane")["Projection"] == "mean"


def mean_of_sheets(acquisition: Acquisition, axis: int, thickness: float) -> float:
    """Of samples on a line across the sheets: both ends included, a step of at most half the smallest spacing."""
    samples = int(np.ceil(thickness / (min(acquisition.spacing) / 2) - 1e-9)) + 1
    layers = np.linspace(-thickness / 2, thickness / 2, samples) / acquisition.spacing[axis]
    numbers = np.arange(-40, 41)
    values = np.where(numbers % EVERY == 0, 1000 + 100 * np.abs(numbers // EVERY), 0)
    return float(np.interp(layers, numbers, values).mean())


def middle_of(answer: object) -> float:
    values = answer.array()
    return float(values[values.shape[0] // 2, values.shape[1] // 2])


def test_ten_millimetres_hold_three_sheets_four_apart(client: Client) -> None:
    """The same in plain numbers: sheets at -8, -4, 0, 4 and 8 mm."""
    path = f"/series/{client.store_series(sheets(FINE, 0))}/mpr/axial"
    for center, thickness, brightest in (
        (0, 6.8, 1000),
        (0, 7.2, 1100),
        (0, 10, 1100),
        (0, 14.8, 1100),
        (0, 15.2, 1200),
        (4, 6.8, 1100),
        (4, 7.2, 1200),
        (-4, 7.2, 1200),
        (-2, 2.8, 0),
        (-2, 3.2, 1100),
    ):
        asked = {"position": center, "slab_thickness": thickness, "projection": "mip", **UNMIXED}
        assert (client.get(path, **asked).array() == brightest).all(), (center, thickness)


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_ramps_through_slabs_tell_their_thickness(client: Client, name: str) -> None:
    """Of values that grow along a direction, the mean is the plane's own, and the extremes lie half a slab away."""
    acquisition = replace(ACQUISITIONS[name], shape=(12, 16, 18))
    identifiers = [client.store_series(ramp(axis, acquisition)) for axis in range(3)]
    normal = np.random.default_rng(len(name)).normal(size=3)
    ways = [("oblique", {"normal": text(normal)}), ("axial", {}), ("sagittal", {"axes": "volume"}), ("coronal", {})]
    thickness = 6.4
    for (plane, where), projection in product(ways, ("mean", "mip", "minip")):
        asked = {**where, "slab_thickness": thickness, "projection": projection, "format": "npy"}
        answers = [client.get(f"/series/{one}/mpr/{plane}", **asked) for one in identifiers]
        told = answers[0].told("Reslice-Plane")
        assert (told["Thickness"], told["Slab"], told["Projection"]) == (thickness, thickness, projection)
        places, axis = pixel_positions(told), np.cross(told["Row"], told["Column"])
        ends = [fractional_indices(acquisition.affine, places + s * thickness / 2 * axis) for s in (-1, 1)]
        whole = np.logical_and(*(inside(indices, acquisition.shape, 1e-5) for indices in ends))
        reach = {"mean": 0, "mip": thickness / 2, "minip": -thickness / 2}[projection] * np.abs(axis)
        values = np.stack([answer.array() for answer in answers], axis=-1)
        assert np.count_nonzero(whole) > 10
        assert np.abs(values - places - reach)[whole].max() < 1e-3


def test_samples_without_data_count_for_nothing(client: Client) -> None:
    """At the border of the volume a slab is made of the part that lies inside."""
    path = f"/series/{client.store_series(ramp(2, FINE))}/mpr/axial"  # from -20.5 to 20.5
    for projection, at_the_top in (("mip", 20.0), ("minip", 15.0), ("mean", 17.8)):
        asked = {"position": 20, "slab_thickness": 10, "projection": projection, "format": "npy"}
        np.testing.assert_allclose(client.get(path, **asked).array(), at_the_top, atol=0.15)
    beyond = client.get(path, position=24, slab_thickness=10, projection="minip", format="npy")
    np.testing.assert_allclose(beyond.array(), 19.0, atol=1e-3)
    assert beyond.told("Reslice-Warnings") == []
    outside = client.get(path, position=26, slab_thickness=10, format="npy")
    assert np.isnan(outside.array()).all()
    assert outside.told("Reslice-Warnings")[0]["Reason"] == "outside-volume"


@pytest.mark.parametrize("plane", [*PLANES, "oblique"])
def test_huge_slabs_are_those_that_hold_all_of_the_volume(client: Client, plane: str) -> None:
    path = f"/series/{client.store_series(sheets(THICK_SLICES, 0))}/mpr/{plane}"
    direction = {"normal": "1,1,1"} if plane == "oblique" else {}
    started = time.monotonic()
    for projection in ("mip", "minip"):
        asked = {**direction, "projection": projection, "format": "npy"}
        all_of_it = client.get(path, slab_thickness=500, **asked)
        huge = client.get(path, slab_thickness=10000, **asked)
        np.testing.assert_array_equal(huge.array(), all_of_it.array())
        assert huge.told("Reslice-Plane")["Thickness"] == 10000
    assert np.nanmax(client.get(path, slab_thickness=10000, projection="mip", **direction, format="npy").array()) > 1200
    assert time.monotonic() - started < 10


def test_thin_slab_is_its_plane(client: Client) -> None:
    path = f"/series/{client.store_series(ramp(1, OBLIQUE))}/mpr/oblique"
    for thickness in ("1e-9", "1e-300"):
        thin = client.get(path, normal="1,0,0.3", slab_thickness=thickness, format="npy").array()
        np.testing.assert_allclose(thin, client.get(path, normal="1,0,0.3", format="npy").array(), atol=1e-4)


def test_sizes_and_formats_of_slabs(client: Client) -> None:
    path = f"/series/{client.store_series(sheets(FINE, 1))}/mpr/coronal"
    asked = {"slab_thickness": 10, "projection": "mip"}
    assert client.get(path, width=20, **asked).picture().shape == (20, 20)
    assert client.get(path, pixel_spacing=0.5, **asked).picture().shape == (82, 82)
    whole = client.get(path, format="raw", **asked)
    assert whole.told("Reslice-Raw")["Type"] == "int16"
    values = np.frombuffer(whole.content, "<i2")
    np.testing.assert_array_equal(values, client.get(path, format="npy", **asked).array().ravel())


@pytest.mark.parametrize("thickness", ["0", "-1", "nan", "inf", "1e9", "10001", "", "abc", "10mm", "1,5"])
def test_rubbish_for_a_thickness_is_refused(client: Client, thickness: str) -> None:
    path = f"/series/{client.store_series(ramp(0))}/mpr"
    for plane in ("axial", "oblique"):
        answer = client.get(f"{path}/{plane}", slab_thickness=thickness, normal="0,0,1")
        assert_bad_parameter(answer, "slab-thickness")


def test_projection_without_a_slab_is_refused(client: Client) -> None:
    path = f"/series/{client.store_series(ramp(0))}/mpr"
    for plane, projection in product(PLANES, ("mip", "minip", "mean")):
        answer = client.get(f"{path}/{plane}", projection=projection)
        assert_bad_parameter(answer, "projection", "conflicting-parameters")
    assert_bad_parameter(client.get(f"{path}/axial", projection="max", slab_thickness=3), "projection")


def test_slab_of_too_many_samples_is_refused_at_once() -> None:
    client = InProcessClient(Settings.from_configuration({"LargestSide": 16384}))
    path = f"/series/{client.store_series(ramp(0, Acquisition(shape=(64, 64, 64), spacing=(1.0, 1.0, 1.0))))}/mpr"
    started = time.monotonic()
    body = assert_refused(client.get(f"{path}/axial", width=16384, slab_thickness=64), 413, "too-large")
    assert body["Samples"] > body["LimitSamples"]
    assert time.monotonic() - started < 2
    assert client.get(f"{path}/axial", width=64, slab_thickness=64).status == 200
