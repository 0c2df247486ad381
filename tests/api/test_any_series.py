"""Series of any kind, in any orientation, gap pattern and order of files: each voxel is shown where it lies."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients import Answer, Client, InProcessClient
from grids import Grid, even, with_gaps, without_data
from naive import PLANES, pixel_positions
from phantoms import ACQUISITIONS, Acquisition, rotated
from quickly import mostly_slow
from series_phantoms import ENCODERS, lookup_table, shuffled

AXES = [np.roll([s, 0, 0], k) for k in range(3) for s in (1.0, -1.0)]
QUARTERS = st.integers(2, 14).map(lambda n: n / 4)
TOLERANCE = 2e-3  # mm: the step of 16-bit storage


@st.composite
def acquisitions(draw: st.DrawFn) -> Acquisition:
    """Any of the 48 right-angled ones, or one turned anyhow with a tilted gantry."""
    row = draw(st.sampled_from(AXES))
    column = draw(st.sampled_from([axis for axis in AXES if not np.dot(axis, row)]))
    shape = draw(st.tuples(st.integers(2, 7), st.integers(2, 8), st.integers(2, 8)))
    center = draw(st.tuples(*[st.integers(-300, 300).map(lambda n: n / 10)] * 3))
    spacing = draw(st.tuples(QUARTERS, QUARTERS, QUARTERS))
    found = Acquisition(shape, spacing, tuple(row.tolist()), tuple(column.tolist()), center)
    if draw(st.booleans()):
        for axis in range(3):
            found = rotated(found, draw(st.integers(-180, 180)), axis)
        found = replace(found, tilt=float(draw(st.integers(-30, 30))))
    return found


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Even slices, or gaps of one to three steps; thin slices make wide gaps missing ones, thick ones don't."""
    acquisition = draw(acquisitions())
    if draw(st.booleans()):
        return even(acquisition)
    gaps = draw(st.lists(st.sampled_from([1.0, 1.0, 1.25, 2.0, 3.0]), min_size=2, max_size=6))
    return with_gaps(acquisition, gaps, draw(st.sampled_from([None, acquisition.spacing[0], 40.0])))


def ramps(client: Client, grid: Grid, kind: str, seed: int) -> list[str]:
    """Three series: the LPS coordinates x, y and z of each voxel, of one kind."""
    encoded = [ENCODERS[kind](grid.coordinates[..., axis], grid) for axis in range(3)]
    return [client.store_series(shuffled(files, seed) if len(files) > 1 else files) for files in encoded]


def planes(client: Client, series: list[str], plane: str, **query: object) -> list[Answer]:
    return [client.get(f"/series/{one}/mpr/{plane}", format="npy", **query) for one in series]


def assert_tells_its_places(answers: list[Answer], grid: Grid, interpolated: bool = False) -> None:
    """Between the outermost centres each pixel holds its own place; where slices are missing, nothing."""
    told = answers[0].told("Reslice-Plane")
    assert all(answer.told("Reslice-Plane") == told for answer in answers)
    values, positions = np.stack([answer.array() for answer in answers], axis=-1), pixel_positions(told)
    assert values.shape == positions.shape
    mm, _, _ = grid.places_of(positions)
    inner = grid.within(positions)
    nothing, perhaps_nothing = without_data(grid, mm, 1e-3), without_data(grid, mm, -grid.acquisition.spacing[0])
    if interpolated:
        nothing = perhaps_nothing = np.zeros_like(nothing)
    assert np.isnan(values[nothing & inner]).all()
    certain = inner & ~perhaps_nothing
    assert np.abs(values - positions)[certain].max(initial=0) < TOLERANCE  # NaN is not less
    edge = inner & ~without_data(grid, mm, -1e-3)
    assert np.isfinite(values[edge]).all()


@settings(max_examples=40)
@given(grids(), st.sampled_from(["single-frames", "monochrome1", "own-slopes"]), st.data())
def test_ramps_of_single_frames(grid: Grid, kind: str, data: st.DataObject) -> None:
    client = InProcessClient()
    series = ramps(client, grid, kind, data.draw(st.integers(0, 99)))
    plane, fraction = data.draw(st.sampled_from(list(PLANES))), data.draw(st.floats(0, 1))
    assert_tells_its_places(planes(client, series, plane, fraction=fraction, width=11), grid)


@settings(max_examples=30)
@given(grids(), st.sampled_from(["enhanced-shared", "enhanced-per-frame", "enhanced-reversed"]), st.data())
def test_ramps_of_enhanced_frames(grid: Grid, kind: str, data: st.DataObject) -> None:
    client = InProcessClient()
    series = ramps(client, grid, kind, 0)
    plane, fraction = data.draw(st.sampled_from(list(PLANES))), data.draw(st.floats(0, 1))
    assert_tells_its_places(planes(client, series, plane, fraction=fraction, width=11), grid)


@settings(max_examples=25)
@given(acquisitions(), st.sampled_from(list(PLANES)), st.floats(0, 1))
def test_ramps_of_dose_grids(acquisition: Acquisition, plane: str, fraction: float) -> None:
    client, grid = InProcessClient(), even(replace(acquisition, tilt=0.0))
    series = ramps(client, grid, "dose-grid", 0)
    assert_tells_its_places(planes(client, series, plane, fraction=fraction, width=11), grid)


@settings(max_examples=25)
@given(grids(), st.sampled_from(list(PLANES)), st.floats(0, 1))
def test_missing_slices_are_filled_when_asked_for(grid: Grid, plane: str, fraction: float) -> None:
    client = InProcessClient()
    series = ramps(client, grid, "single-frames", 1)
    answers = planes(client, series, plane, fraction=fraction, width=11, gaps="interpolate")
    assert_tells_its_places(answers, grid, interpolated=True)


@settings(max_examples=25)
@given(grids(), st.integers(0, 99), st.sampled_from(["single-frames", "enhanced-reversed", "own-slopes"]))
def test_volume_is_told_truly(grid: Grid, seed: int, kind: str) -> None:
    """Origins, positions and step; the order of files and numbers doesn't matter."""
    client = InProcessClient()
    series = ramps(client, grid, kind, seed)[0]
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    normal = np.cross(grid.acquisition.row, grid.acquisition.column)
    assert volume["Shape"] == list(grid.shape)
    np.testing.assert_allclose(volume["Origins"], grid.origins, atol=1e-5)
    np.testing.assert_allclose(volume["Positions"], grid.origins @ normal, atol=1e-5)
    affine, n = np.array(volume["Affine"]), len(grid.places)
    np.testing.assert_allclose(affine[:3, 0], (grid.origins[-1] - grid.origins[0]) / (n - 1), atol=1e-5)
    assert volume["Regular"] is bool(np.ptp(np.diff(grid.positions)) < 1e-3)


KINDS = {
    "tilted": even(ACQUISITIONS["tilted-oblique"]),
    "feet-first": even(ACQUISITIONS["axial-feet-first"]),
    "uneven": with_gaps(ACQUISITIONS["oblique"], [1, 1, 1.25, 1], 2.5),
    "missing": with_gaps(ACQUISITIONS["coronal"], [1, 1, 2, 1, 1], 2.5),
}


@pytest.mark.parametrize("kind", [kind for kind in ENCODERS if kind != "dose-grid"])
@pytest.mark.parametrize("grid", **mostly_slow(KINDS, "tilted", "missing"))
def test_each_kind(client: Client, grid: Grid, kind: str) -> None:
    series = ramps(client, grid, kind, 3)
    for plane in PLANES:
        assert_tells_its_places(planes(client, series, plane, width=14), grid)


@pytest.mark.parametrize("name", ["axial", "sagittal", "double-oblique", "axial-prone"])
def test_dose_grid(client: Client, name: str) -> None:
    grid = even(ACQUISITIONS[name])
    series = ramps(client, grid, "dose-grid", 0)
    for plane in PLANES:
        assert_tells_its_places(planes(client, series, plane, width=14), grid)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_modality_lut(client: Client, axis: int) -> None:
    """Looked up voxel by voxel before anything is interpolated."""
    grid = even(Acquisition((5, 7, 9), (3.0, 2.0, 1.0), center=(40.0, 60.0, 80.0)))
    values = grid.coordinates[..., axis]
    series = client.store_series(shuffled(lookup_table(values, grid), 5))
    for k in range(5):
        np.testing.assert_array_equal(client.get(f"/series/{series}/slices/{k}", format="npy").array(), values[k])
    for plane in PLANES:
        answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", width=15)
        positions = pixel_positions(answer.told("Reslice-Plane"))
        inner = grid.within(positions)
        assert np.abs(answer.array() - positions[..., axis])[inner].max() < 1e-3
