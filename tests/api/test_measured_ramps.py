"""Ramps, whose values are their own coordinates: what is measured anywhere must tell where it was measured."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients import Client, InProcessClient
from drafts import Bench, in_series, named, on_image
from drawn_shapes import directions, in_patient, plane
from grids import Grid, even, with_gaps
from phantoms import ACQUISITIONS, Acquisition, noise
from pixel_masks import statistics_of
from quickly import mostly_slow
from series_phantoms import ENCODERS, single_frames
from solids import inside_polygon

TALL = {"shape": (14, 30, 26), "spacing": (1.5, 0.8, 0.9), "center": (-20.0, 35.0, 110.0)}
GRIDS = {name: even(replace(acquisition, **TALL)) for name, acquisition in ACQUISITIONS.items()}
GRIDS["uneven"] = with_gaps(Acquisition(**TALL), [1, 1.25, 1, 0.75, 1, 1.4, 1, 1.2, 0.9, 1], 1.5)
GRIDS["uneven-and-tilted"] = with_gaps(replace(GRIDS["gantry-tilt"].acquisition), [1, 1.25, 1, 0.75, 1.4, 1, 1], 1.5)
EVERY_GRID = pytest.mark.parametrize("grid", **mostly_slow(GRIDS, "axial", "tilted-oblique", "uneven-and-tilted"))
TURNS = ((0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 90.0), (30.0, -20.0, 65.0))
TOLERANCE = 1e-3
"""mm: half the step between stored values, twice over."""
ROUND = [(-3.0, 0.0), (3.0, 0.0), (0.0, -2.0), (0.0, 2.0)]
OBLONG = [(-3.0, -2.0), (3.0, -2.0), (3.0, 2.0), (-3.0, 2.0)]
SLANTED = [(-3.05, -1.04), (1.13, -2.01), (3.07, 1.06), (-1.02, 2.03)]
SYMMETRIC = {"ellipse": ROUND, "rectangle": OBLONG}
FINEST = 0.8


@pytest.fixture(scope="module")
def client(lasting_client: Client) -> Client:
    """What was stored stays."""
    return lasting_client


@cache
def ramps(client: Client, grid: Grid, kind: str = "single-frames") -> list[Bench]:
    """One series for each coordinate, stored once."""
    return [Bench(client, ENCODERS[kind](grid.coordinates[..., axis], grid)) for axis in range(3)]


def told(benches: list[Bench], body_in: object, name: str) -> np.ndarray:
    """One value of each of the three ramps; `body_in` makes the body for a series."""
    answers = [bench.compute(body_in(bench.series)) for bench in benches]
    assert [answer.status for answer in answers] == [200] * 3, answers[0].content
    return np.array([named(answer.json())[name] for answer in answers])


def inner_points(grid: Grid, count: int, seed: int) -> np.ndarray:
    """LPS points between the outermost centres, anywhere."""
    rng = np.random.default_rng(seed)
    _, rows, columns = grid.shape
    affine, places = grid.acquisition.affine, np.array(grid.places)
    at = np.stack([rng.uniform(0, end, count) for end in (places[-1], rows - 1, columns - 1)] + [np.ones(count)])
    return (affine[:3] @ at).T


@EVERY_GRID
def test_value_at_a_point_is_that_of_the_nearest_voxel(client: Client, grid: Grid) -> None:
    benches = ramps(client, grid)
    centres = grid.coordinates.reshape(-1, 3)
    for point in inner_points(grid, 12, 2):
        apart = np.linalg.norm(centres - point, axis=1)
        first, second = np.sort(apart)[:2]
        if second - first > 1e-6:
            value = told(benches, lambda series, at=point: in_series(series, [at], "hu"), "Value")
            assert value == pytest.approx(centres[apart.argmin()], abs=TOLERANCE)


@EVERY_GRID
def test_value_at_a_voxels_centre_is_its_coordinate(client: Client, grid: Grid) -> None:
    benches, rng = ramps(client, grid), np.random.default_rng(3)
    last = np.array(grid.shape) - 1
    for voxel in [(0, 0, 0), tuple(last), *(tuple(rng.integers(0, last + 1)) for _ in range(6))]:
        at = grid.coordinates[voxel]
        value = told(benches, lambda series, at=at: in_series(series, [at], "hu"), "Value")
        assert value == pytest.approx(at, abs=TOLERANCE)
        mean = told(benches, lambda series, at=at: in_series(series, [at], "hu", Geometry={"Radius": 0.5}), "Mean")
        assert mean == pytest.approx(at, abs=TOLERANCE)


def centre_of(grid: Grid) -> np.ndarray:
    return np.mean([grid.coordinates[0, 0, 0], grid.coordinates[-1, -1, -1]], axis=0)


@EVERY_GRID
def test_mean_of_a_symmetric_region_on_a_plane_is_its_centre(client: Client, grid: Grid) -> None:
    """Whatever lies within: samples on both sides of the centre weigh each other out, for the grid starts there."""
    benches, middle = ramps(client, grid), centre_of(grid)
    for turn, (tool, points) in product(TURNS, SYMMETRIC.items()):
        row, column = directions(*turn)
        place, on = in_patient(points, middle, row, column), plane(middle, row, column)
        bodies = [in_series(bench.series, place, "area", Tool=tool, Plane=on) for bench in benches]
        values = [named(bench.compute(body).json()) for bench, body in zip(benches, bodies, strict=True)]
        for name in ("Mean", "Median"):
            assert [value[name] for value in values] == pytest.approx(middle, abs=TOLERANCE)


@EVERY_GRID
def test_samples_on_a_plane_start_at_its_position(client: Client, grid: Grid) -> None:
    """They stand at whole steps of the finest pixel from Position, and each tells its own place."""
    benches, middle = ramps(client, grid), centre_of(grid)
    steps = np.stack(np.meshgrid(np.arange(-12, 13), np.arange(-12, 13), indexing="ij"), axis=-1) * FINEST
    samples = steps + np.array([0.37, -0.21])
    inside = samples[inside_polygon(samples, np.array(SLANTED))]
    for turn, (axis, bench) in product(TURNS, enumerate(benches)):
        row, column = directions(*turn)
        expected = statistics_of((middle + inside @ np.stack([row, column]))[:, axis])
        on = plane(middle + 0.37 * row - 0.21 * column, row, column)
        record = bench.compute(
            in_series(bench.series, in_patient(SLANTED, middle, row, column), "area", Plane=on)
        ).json()
        assert {name: named(record)[name] for name in expected} == pytest.approx(expected, abs=TOLERANCE)
        assert (record["Method"]["Interpolation"], record["Method"]["Excluded"]) == ("linear", 0)


@pytest.mark.parametrize("kind", ["monochrome1", "own-slopes", "enhanced-shared", "enhanced-reversed", "dose-grid"])
def test_other_kinds_of_series_tell_their_places(client: Client, kind: str) -> None:
    """In a volume, on a plane through it, and on a stored frame, wherever that stands in its file."""
    grid = GRIDS["oblique"]
    benches, (row, column) = ramps(client, grid, kind), directions(*TURNS[-1])
    middle = np.array(TALL["center"])
    at = grid.coordinates[5, 11, 7]
    tolerance = 5e-3
    assert told(benches, lambda series: in_series(series, [at], "hu"), "Value") == pytest.approx(at, abs=tolerance)
    slices = [client.get(f"/series/{bench.series}/slices").json()["Slices"][5] for bench in benches]
    for axis, (bench, entry) in enumerate(zip(benches, slices, strict=True)):
        for points, space in (([at], "LPS"), ([(7, 11)], "pixel")):
            body = on_image(entry["Instance"], points, "hu", frame=entry["Frame"], Space=space)
            assert named(bench.compute(body).json())["Value"] == pytest.approx(at[axis], abs=tolerance)
    place, on = in_patient(ROUND, middle, row, column), plane(middle, row, column)
    mean = told(benches, lambda series: in_series(series, place, "area", Tool="ellipse", Plane=on), "Mean")
    assert mean == pytest.approx(middle, abs=tolerance)


@pytest.mark.parametrize("name", ["axial", "sagittal", "tilted-oblique"])
def test_plane_of_a_slice_holds_what_the_slice_holds(client: Client, name: str) -> None:
    """With square pixels the samples are the pixels themselves."""
    acquisition = replace(ACQUISITIONS[name], shape=(5, 20, 20), spacing=(2.0, 0.8, 0.8))
    files = noise(acquisition)
    bench = Bench(client, files)
    values, rows = files[2].pixel_array, np.indices((20, 20))
    corners = [(2.3, 1.6), (14.7, 3.2), (11.1, 16.4), (6.2, 9.9)]
    mask = inside_polygon(np.stack([rows[1], rows[0]], axis=-1).astype(float), np.array(corners))
    place = [acquisition.affine[:3] @ [2, row, column, 1] for column, row in corners]
    on = plane(acquisition.slice_origin(2), acquisition.row, acquisition.column)
    record = bench.compute(in_series(bench.series, place, "area", Plane=on)).json()
    expected = statistics_of(values[mask])
    assert {key: named(record)[key] for key in expected} == pytest.approx(expected, rel=1e-6)


def test_gap_holds_no_samples(client: Client) -> None:
    """A plane across missing slices: samples in the gap are left out and counted, the others tell their places."""
    grid = with_gaps(Acquisition(shape=(7, 16, 18), spacing=(2.0, 0.5, 0.5)), [1, 1, 1, 4, 1, 1], 2.0)
    bench = Bench(client, single_frames(grid.coordinates[..., 2], grid))
    first, last = grid.origins[3][2], grid.origins[4][2]
    column = (grid.coordinates[3, 8, 9] + grid.coordinates[4, 8, 9]) / 2
    corners = [(-1.1, -5.1), (1.1, -5.1), (1.1, 5.1), (-1.1, 5.1)]
    row, down = np.array([1.0, 0, 0]), np.array([0.0, 0, -1])
    body = in_series(bench.series, in_patient(corners, column, row, down), "area", Plane=plane(column, row, down))
    record = bench.compute(body).json()
    heights = np.repeat(column[2] + np.arange(-10, 11) * 0.5, 5)
    has_data = (heights <= first + 1) | (heights >= last - 1)
    held = np.clip(heights, None, first) * (heights < column[2]) + np.clip(heights, last, None) * (heights > column[2])
    assert record["Method"]["Excluded"] == np.count_nonzero(~has_data) > 0
    assert named(record)["Count"] == np.count_nonzero(has_data)
    assert named(record)["Mean"] == pytest.approx(held[has_data].mean(), abs=TOLERANCE)


@pytest.fixture(scope="module")
def in_this_process() -> InProcessClient:
    """For what no server changes."""
    return InProcessClient()


@settings(max_examples=25)
@given(
    name=st.sampled_from(list(GRIDS)),
    angles=st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180)),
    move=st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2)),
    size=st.floats(0.9, 3.0),
)
def test_any_symmetric_region_tells_its_centre(
    in_this_process: InProcessClient, name: str, angles: tuple, move: tuple, size: float
) -> None:
    grid = GRIDS[name]
    benches, (row, column) = ramps(in_this_process, grid), directions(*angles)
    middle = np.mean([grid.coordinates[0, 0, 0], grid.coordinates[-1, -1, -1]], axis=0) + move
    points = [(-size, 0.0), (size, 0.0), (0.0, -size), (0.0, size)]
    place, on = in_patient(points, middle, row, column), plane(middle, row, column)
    mean = told(benches, lambda series: in_series(series, place, "area", Tool="ellipse", Plane=on), "Mean")
    assert mean == pytest.approx(middle, abs=TOLERANCE)
