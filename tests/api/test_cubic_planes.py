"""`interpolation=cubic`: Catmull-Rom along each axis, on planes of every kind and on slabs."""

from itertools import product

import numpy as np
import pytest

from clients import Client
from naive import PLANES, fractional_indices, inside, pixel_positions
from phantoms import Acquisition, noise, ramp, rotated, series
from refusals import assert_bad_parameter

TURNED = rotated(rotated(Acquisition(shape=(9, 11, 12), spacing=(2.0, 1.0, 1.0)), 20.0, axis=0), -30.0, axis=2)
KINDS = [*((plane, {}) for plane in PLANES), ("oblique", {"normal": "1,2,-1"}), ("coronal", {"axes": "volume"})]


def weights(t: float) -> list[float]:
    """Of the four neighbours of a point t beyond the second one (Keys 1981, a = -0.5)."""
    return [
        (-(t**3) + 2 * t**2 - t) / 2,
        (3 * t**3 - 5 * t**2 + 2) / 2,
        (-3 * t**3 + 4 * t**2 + t) / 2,
        (t**3 - t**2) / 2,
    ]


def tricubic(voxels: np.ndarray, index: np.ndarray) -> float:
    """The value at a (slice, row, column) index that has two neighbours on each side."""
    base = np.floor(index).astype(int)
    along = [weights(t) for t in index - base]
    return sum(
        along[0][i] * along[1][j] * along[2][k] * voxels[tuple(base + np.array((i, j, k)) - 1)]
        for i, j, k in product(range(4), repeat=3)
    )


@pytest.mark.parametrize(("plane", "query"), KINDS)
def test_values_equal_the_slow_interpolation(client: Client, plane: str, query: dict) -> None:
    files = noise(TURNED)
    path = f"/series/{client.store_series(files)}/mpr/{plane}"
    voxels = np.stack([file.pixel_array for file in files]).astype(float)
    answer = client.get(path, interpolation="cubic", format="npy", fraction=0.47, pixel_spacing=0.83, **query)
    values, positions = answer.array(), pixel_positions(answer.told("Reslice-Plane"))
    indices = fractional_indices(TURNED.affine, positions)
    inner = inside(indices, TURNED.shape, 1.001)
    assert np.count_nonzero(inner) > 20
    for value, index in zip(values[inner], indices[inner], strict=True):
        assert value == pytest.approx(tricubic(voxels, index), abs=0.05)


def test_straight_lines_stay_straight(client: Client) -> None:
    path = f"/series/{client.store_series(ramp(1, TURNED))}/mpr"
    for (plane, query), slab in product(KINDS, ({}, {"slab_thickness": 3})):
        asked = {"fraction": 0.5, "format": "npy", **query, **slab}
        cubic = client.get(f"{path}/{plane}", interpolation="cubic", **asked)
        places = pixel_positions(cubic.told("Reslice-Plane"))
        inner = inside(fractional_indices(TURNED.affine, places), TURNED.shape, 2.6)
        assert np.count_nonzero(inner) > 5
        assert np.abs(cubic.array() - places[..., 1])[inner].max() < 2e-3


def test_what_overshoots_stays_in_its_type(client: Client) -> None:
    values = np.where(np.indices((6, 8, 8)).sum(axis=0) % 4 < 2, 32767.0, -32767.0)
    path = f"/series/{client.store_series(series(values, Acquisition(shape=(6, 8, 8))))}/mpr/axial"
    asked = {"interpolation": "cubic", "pixel_spacing": 0.31}
    numbers = client.get(path, format="npy", **asked).array()
    whole = np.frombuffer(client.get(path, format="raw", **asked).content, "<i2").reshape(numbers.shape)
    assert numbers.max() > 32767
    assert numbers.min() < -32768
    np.testing.assert_array_equal(whole, np.rint(numbers.clip(-32767, 32767)))  # -32768 would be no data


def test_stored_frames_take_linear_and_nearest(client: Client) -> None:
    path = f"/series/{client.store_series(noise())}/slices/0"
    body = assert_bad_parameter(client.get(path, interpolation="cubic"), "interpolation")
    assert body["Allowed"] == ["linear", "nearest"]
