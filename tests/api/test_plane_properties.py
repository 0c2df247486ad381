"""The same promises for grids and planes that hypothesis thinks of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients import InProcessClient
from naive import PLANES, fractional_indices, inside, nearest_voxels, pixel_positions, trilinear
from phantoms import Acquisition, noise, ramp, rotated
from ramp_checks import assert_ramps_tell_their_places

AXES = [np.roll([s, 0, 0], k) for k in range(3) for s in (1.0, -1.0)]
QUARTERS = st.integers(2, 14).map(lambda n: n / 4)
SHAPES = st.tuples(st.integers(2, 7), st.integers(2, 9), st.integers(2, 9))
CENTERS = st.tuples(*[st.integers(-400, 400).map(lambda n: n / 10)] * 3)


@st.composite
def right_angled(draw: st.DrawFn, square: bool = False) -> Acquisition:
    """A grid whose axes run along the patient's, in any of the 48 ways."""
    row = draw(st.sampled_from(AXES))
    column = draw(st.sampled_from([axis for axis in AXES if not np.dot(axis, row)]))
    spacing = draw(st.tuples(QUARTERS, QUARTERS, QUARTERS))
    if square:
        spacing = (spacing[0], spacing[1], spacing[1])
    return Acquisition(draw(SHAPES), spacing, tuple(row), tuple(column), draw(CENTERS))


@st.composite
def turned(draw: st.DrawFn) -> Acquisition:
    """Such a grid turned anyhow, with a tilted gantry."""
    acquisition = draw(right_angled())
    for axis in range(3):
        acquisition = rotated(acquisition, draw(st.integers(-180, 180)), axis)
    return Acquisition(**{**vars(acquisition), "tilt": draw(st.integers(-30, 30))})


@given(st.one_of(right_angled(), turned()), st.sampled_from(list(PLANES)), st.floats(0, 1))
def test_ramps_tell_their_places(acquisition: Acquisition, plane: str, fraction: float) -> None:
    client = InProcessClient()
    identifiers = [client.store_series(ramp(axis, acquisition)) for axis in range(3)]
    answers = [
        client.get(f"/series/{series}/mpr/{plane}", format="npy", fraction=fraction, width=12) for series in identifiers
    ]
    assert_ramps_tell_their_places(answers, acquisition)


@given(turned(), st.sampled_from(list(PLANES)))
def test_values_equal_the_slow_interpolation(acquisition: Acquisition, plane: str) -> None:
    client = InProcessClient()
    files = noise(acquisition)
    series = client.store_series(files)
    answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", width=9)
    values, positions = answer.array(), pixel_positions(answer.told("Reslice-Plane"))
    voxels = np.stack([file.pixel_array for file in files]).astype(float)
    within = inside(fractional_indices(acquisition.affine, positions), acquisition.shape, -0.49)
    for value, point in zip(values[within], positions[within], strict=True):
        assert value == pytest.approx(trilinear(voxels, acquisition.affine, point), abs=0.05)


@given(right_angled(square=True), st.data())
def test_plane_of_the_acquisition_is_the_stored_frame(acquisition: Acquisition, data: st.DataObject) -> None:
    client = InProcessClient()
    files = noise(acquisition)
    series = client.store_series(files)
    normal = np.cross(acquisition.row, acquisition.column)
    axis = int(np.argmax(np.abs(normal)))
    plane = ("sagittal", "coronal", "axial")[axis]
    k = data.draw(st.integers(0, acquisition.shape[0] - 1))
    answer = client.get(
        f"/series/{series}/mpr/{plane}", format="npy", position=float(acquisition.slice_origin(k)[axis])
    )
    voxels = np.stack([file.pixel_array for file in files])
    expected = nearest_voxels(voxels, acquisition.affine, answer.told("Reslice-Plane"))
    assert expected.size == voxels[k].size
    np.testing.assert_array_equal(answer.array(), expected)
    np.testing.assert_array_equal(np.sort(expected, axis=None), np.sort(voxels[k], axis=None))
