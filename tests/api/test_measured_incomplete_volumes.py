"""Volumes with something missing: slices, values, or word of which volume of the series is meant."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import Client
from drafts import Bench, in_series, values_of
from grids import Grid, even, with_gaps
from phantoms import AXIAL, Acquisition, noise
from refusals import assert_refused
from series_phantoms import ENCODERS, Encoder, in_one_series, single_frames
from solids import BRIGHT, ellipsoid, series_of, sphere, voxel_mm3

BIG = Acquisition(shape=(9, 16, 18), spacing=(2.5, 1.0, 0.8), center=(3.0, -4.0, 50.0))
MISSING = with_gaps(BIG, [1, 1, 1, 2, 1, 1], 2.5)
BEFORE = 3
"""The slice before the gap of two steps."""
ALL = [-1000, 3000]
PADDING = -2000
DRAFT = {"Shape": "everywhere", "Range": ALL}


def volume(series: str, points: object = (), tool: str = "threshold", **geometry: object) -> dict:
    return in_series(series, points, "volume", Tool=tool, Geometry={**DRAFT, **geometry})


def between(grid: Grid, first: int, last: int) -> list:
    """Opposite corners of a box from one slice to another."""
    _, rows, columns = grid.shape
    return [grid.coordinates[first, 0, 0], grid.coordinates[last, rows - 1, columns - 1]]


def voxels_of(files: list[Dataset]) -> np.ndarray:
    return np.stack([file.pixel_array for file in files]).astype(float)


def test_nothing_is_measured_across_missing_slices(client: Client) -> None:
    values = np.random.default_rng(1).integers(-1000, 3000, MISSING.shape).astype(float)
    bench = Bench(client, single_frames(values, MISSING))
    seed = MISSING.coordinates[2, 5, 5].tolist()
    across = between(MISSING, 2, 5)
    middle = (MISSING.coordinates[BEFORE, 8, 9] + MISSING.coordinates[BEFORE + 1, 8, 9]) / 2
    ends = [middle, *(middle + np.diag([2.0, 2.0, 5.0]))]
    square = [[(2, 2), (9, 2), (9, 9), (2, 9)]] * 2
    polygons = [
        [MISSING.coordinates[k, row, column].tolist() for column, row in ring]
        for k, ring in zip((BEFORE, BEFORE + 1), square, strict=True)
    ]
    drafts = [
        volume(bench.series),
        volume(bench.series, across, Shape="box"),
        volume(bench.series, ends, Shape="ellipsoid"),
        volume(bench.series, Shape="polygons", Polygons=polygons),
        volume(bench.series, Shape="polygons", Polygons=polygons, tool="polygons"),
        volume(bench.series, tool="region", Seed=seed),
        volume(bench.series, across, tool="region", Seed=seed, Shape="box"),
    ]
    del drafts[4]["Geometry"]["Range"]
    for draft in drafts:
        assert_refused(bench.compute(draft), 422, "missing-slices")
    point = in_series(bench.series, [middle], "hu")
    assert_refused(bench.compute(point), 422, "no-data")


def test_either_side_of_missing_slices_is_measured(client: Client) -> None:
    """The slices beside the gap reach half a usual gap into it, no further."""
    values = np.random.default_rng(1).integers(-1000, 3000, MISSING.shape).astype(float)
    bench = Bench(client, single_frames(values, MISSING))
    for first, last in ((0, BEFORE), (BEFORE + 1, 6)):
        inside = values[first : last + 1]
        box = between(MISSING, first, last)
        for draft in (
            volume(bench.series, box, Shape="box"),
            volume(bench.series, box, Shape="box", tool="region", Seed=MISSING.coordinates[first, 5, 5].tolist()),
        ):
            found = bench.values(draft)
            assert (found["Count", "1"], found["Mean", "HU"]) == (inside.size, pytest.approx(inside.mean()))
            assert found["Volume", "mm3"] == pytest.approx(inside.size * 2.5 * 0.8)


def test_region_that_ends_before_the_gap_is_measured(client: Client) -> None:
    holds = sphere(MISSING.coordinates[1, 8, 9], 3.0)
    files, inside = series_of(holds, MISSING)
    assert not inside[BEFORE:].any()
    bench = Bench(client, files)
    draft = volume(
        bench.series, tool="region", Seed=MISSING.coordinates[1, 8, 9].tolist(), Range=[BRIGHT, BRIGHT], Connectivity=26
    )
    found = bench.values(draft)
    assert (found["Count", "1"], found["Volume", "mm3"]) == (inside.sum(), pytest.approx(inside.sum() * 2.0))


def test_damaged_slice_is_a_missing_one(client: Client) -> None:
    files = noise(BIG)
    files[4].PixelData = files[4].PixelData[: len(files[4].PixelData) // 4 * 2]
    bench, grid = Bench(client, files), even(BIG)
    assert_refused(bench.compute(volume(bench.series)), 422, "missing-slices")
    at = grid.coordinates[2, 5, 5].tolist()
    assert_refused(bench.compute(volume(bench.series, tool="region", Seed=at)), 422, "missing-slices")
    found = bench.values(volume(bench.series, between(grid, 0, 3), Shape="box"))
    expected = voxels_of(files[:4])
    assert (found["Count", "1"], found["Mean", "HU"]) == (expected.size, pytest.approx(expected.mean()))


def padded(last: int | None, **attributes: object) -> tuple[list[Dataset], np.ndarray]:
    """Noise in which stored values from PADDING to `last` are padding, and where."""
    files = noise(BIG, PixelPaddingValue=PADDING, PixelPaddingRangeLimit=last, **attributes)
    values = voxels_of(files)
    rng = np.random.default_rng(8)
    holes = rng.random(values.shape) < 0.2
    values[holes] = rng.integers(PADDING, (PADDING if last is None else last) + 1, holes.sum())
    for file, pixels in zip(files, values, strict=True):
        file.PixelPaddingValue, file.PixelData = PADDING, pixels.astype("<i2").tobytes()
        file["PixelPaddingValue"].VR = "SS"
        if last is not None:
            file["PixelPaddingRangeLimit"].VR = "SS"
    return files, holes


@pytest.mark.parametrize("last", [None, -1500])
def test_padding_is_left_out_and_counted(client: Client, last: int | None) -> None:
    files, holes = padded(last)
    bench, grid, values = Bench(client, files), even(BIG), voxels_of(files)
    center, axes = grid.coordinates[4, 8, 9], np.diag([5.0, 6.0, 8.0])
    in_ellipsoid = ellipsoid(center, axes)(grid.coordinates)
    wide = [-3000, 3000]
    for draft, inside in (
        (volume(bench.series, Range=wide), np.ones_like(holes)),
        (volume(bench.series, [center, *(center + axes)], Shape="ellipsoid", Range=wide), in_ellipsoid),
    ):
        record = bench.compute(draft).json()
        found, members = values_of(record), inside & ~holes
        assert record["Method"]["Excluded"] == (inside & holes).sum() > 0
        assert found["Count", "1"] == members.sum()
        assert found["Volume", "mm3"] == pytest.approx(members.sum() * voxel_mm3(grid))
        assert found["Minimum", "HU"] == values[members].min()
        assert found["Mean", "HU"] == pytest.approx(values[members].mean())


def test_padding_stops_a_region_and_is_no_seed(client: Client) -> None:
    """A wall of padding through the middle: the region fills its side, and meets the wall."""
    files = noise(BIG, PixelPaddingValue=PADDING)
    for file in files:
        pixels = file.pixel_array.copy()
        pixels[:, 9] = PADDING
        file.PixelData = pixels.tobytes()
        file["PixelPaddingValue"].VR = "SS"
    bench, grid = Bench(client, files), even(BIG)
    seed = grid.coordinates[4, 8, 3].tolist()
    record = bench.compute(volume(bench.series, tool="region", Seed=seed, Range=[-3000, 3000])).json()
    assert values_of(record)["Count", "1"] == 9 * 16 * 9
    assert record["Method"]["Excluded"] == 9 * 16
    wall = volume(bench.series, tool="region", Seed=grid.coordinates[4, 8, 9].tolist(), Range=[-3000, 3000])
    assert_refused(bench.compute(wall), 422, "seed-outside")


def test_series_of_several_volumes_needs_the_volume(client: Client) -> None:
    """Two of other sizes, and the same place in both of them."""
    small, large = noise(replace(BIG, shape=(3, 8, 8)), 1), noise(replace(BIG, shape=(4, 10, 12)), 2)
    bench = Bench(client, in_one_series(small, large))
    listed = client.get(f"/series/{bench.series}/volumes").json()["Volumes"]
    wholes = {3: voxels_of(small), 4: voxels_of(large)}
    body = volume(bench.series)
    point = in_series(bench.series, [BIG.center], "hu", Geometry={"Radius": 2.6})
    line = in_series(bench.series, [BIG.center, np.array(BIG.center) + 1])
    for draft in (body, point, line):
        assert_refused(bench.compute(draft), 400, "ambiguous-volume", Parameter="Volume")
        assert_refused(bench.compute(draft | {"Volume": 2}), 400, "unknown-volume", Parameter="Volume")
    for k, told in enumerate(listed):
        whole = wholes[told["Shape"][0]]
        record = bench.compute(body | {"Volume": k}).json()
        found = values_of(record)
        assert record["Volume"] == k
        assert (found["Count", "1"], found["Mean", "HU"]) == (whole.size, pytest.approx(whole.mean()))
        assert found["Volume", "mm3"] == pytest.approx(whole.size * 2.0)
        assert bench.values(point | {"Volume": k})["Value", "HU"] in whole[1:3].ravel()


def test_phases_are_measured_each_by_itself(client: Client) -> None:
    phases = [noise(BIG, seed, AcquisitionNumber=seed, TemporalPositionIdentifier=seed) for seed in (1, 2, 3)]
    bench = Bench(client, in_one_series(*phases))
    means = [bench.values(volume(bench.series) | {"Volume": k})["Mean", "HU"] for k in range(3)]
    assert means == [pytest.approx(voxels_of(phase).mean()) for phase in phases]


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_solid_in_every_kind_of_series(client: Client, encoder: Encoder) -> None:
    grid = even(replace(BIG, center=(0.0, 0.0, 0.0)))
    inside = sphere((0.2, -0.3, 0.4), 6.0)(grid.coordinates)
    files = encoder(np.where(inside, 1000.0, -100.0 if encoder is not ENCODERS["dose-grid"] else 0.0), grid)
    bench = Bench(client, files)
    for draft in (
        volume(bench.series, Range=[900, 1100]),
        volume(bench.series, Range=[900, 1100], tool="region", Seed=[0, 0, 0]),
    ):
        record = bench.compute(draft).json()
        found = values_of(record)
        assert found["Count", "1"] == inside.sum()
        assert found["Volume", "mm3"] == pytest.approx(inside.sum() * 2.0)
        mean = next(value for (name, _), value in found.items() if name == "Mean")
        assert mean == pytest.approx(1000, rel=1e-3)


def test_single_slice_holds_no_volume(client: Client) -> None:
    bench = Bench(client, noise(replace(AXIAL, shape=(1, 8, 8))))
    assert_refused(bench.compute(volume(bench.series)), 422, "single-frame")
