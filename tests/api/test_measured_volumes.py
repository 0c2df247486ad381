"""Volumes of solid bodies: near the mathematician's, and exactly as many voxels as an independent count finds."""

import math
from dataclasses import replace

import numpy as np
import pytest

from clients import Client
from drafts import Bench, in_series
from grids import Grid, even, with_gaps
from phantoms import ACQUISITIONS, Acquisition
from quickly import mostly_slow
from series_phantoms import single_frames
from solids import (
    BRIGHT,
    Solid,
    circle,
    connected,
    cylinder,
    ellipsoid,
    inside_polygon,
    series_of,
    slice_extents,
    sphere,
    voxel_mm3,
)

FINE = {"shape": (20, 44, 36), "spacing": (1.2, 0.5, 0.7), "center": (7.0, -11.0, 40.0)}
CENTER = np.array([7.13, -11.21, 40.34])
GRIDS = {name: even(replace(acquisition, **FINE)) for name, acquisition in ACQUISITIONS.items()}
EVERY_GRID = pytest.mark.parametrize("grid", **mostly_slow(GRIDS, "sagittal", "tilted-oblique"))
AXES = np.array([[6.0, 3.0, 0.0], [-1.5, 3.0, 0.0], [0.0, 0.0, 5.0]])
SOLIDS: dict[str, tuple[Solid, float]] = {
    "sphere": (sphere(CENTER, 7.0), 4 / 3 * math.pi * 343),
    "ellipsoid": (ellipsoid(CENTER, AXES), 4 / 3 * math.pi * float(np.prod(np.linalg.norm(AXES, axis=1)))),
    "cylinder": (cylinder(CENTER, (0.3, 0.5, 1.0), 5.0, 8.0), math.pi * 25 * 8),
}
SOLID_RANGE = [BRIGHT / 2, BRIGHT * 2]
VOXELISATION = 0.02
"""Of the volume: bodies of 4 to 14 voxels across, whose errors mostly cancel."""


def threshold(series: str, shape: str = "everywhere", points: object = (), **geometry: object) -> dict:
    more = {"Shape": shape, "Range": SOLID_RANGE, **geometry}
    return in_series(series, points, "volume", Geometry=more)


def region(series: str, seed: object, connectivity: int = 6, **geometry: object) -> dict:
    more = {"Shape": "everywhere", "Range": SOLID_RANGE, "Seed": list(map(float, seed)), "Connectivity": connectivity}
    return in_series(series, geometry.pop("points", ()), "volume", Tool="region", Geometry=more | geometry)


def assert_counted(bench: Bench, body: dict, voxels: np.ndarray, members: np.ndarray, mm3: float) -> dict:
    """The volume to float precision, and the statistics of just these voxels."""
    answer = bench.compute(body)
    assert answer.status == 200, answer.content
    values = {(v["Name"], v["Unit"]): v["Value"] for v in answer.json()["Values"]}
    inside = voxels[members].astype(float)
    assert values["Count", "1"] == inside.size
    assert values["Volume", "mm3"] == pytest.approx(inside.size * mm3, rel=1e-7)
    assert values["Volume", "cm3"] == pytest.approx(inside.size * mm3 / 1000, rel=1e-7)
    named = {name: value for (name, unit), value in values.items() if unit in ("HU", "1")}
    assert named["Mean"] == pytest.approx(inside.mean(), abs=1e-9)
    assert named["StandardDeviation"] == pytest.approx(inside.std(), abs=1e-9)
    assert (named["Minimum"], named["Maximum"]) == (inside.min(), inside.max())
    assert [named["Percentile5"], named["Median"], named["Percentile95"]] == pytest.approx(
        np.percentile(inside, [5, 50, 95]).tolist()
    )
    return answer.json()


@EVERY_GRID
@pytest.mark.parametrize("solid", SOLIDS)
def test_solids(client: Client, grid: Grid, solid: str) -> None:
    holds, mm3 = SOLIDS[solid]
    files, inside = series_of(holds, grid)
    bench, voxels = Bench(client, files), np.where(inside, BRIGHT, 0.0)
    assert inside.sum() * voxel_mm3(grid) == pytest.approx(mm3, rel=VOXELISATION)
    assert_counted(bench, threshold(bench.series), voxels, inside, voxel_mm3(grid))
    for connectivity in (6, 18, 26):
        assert_counted(bench, region(bench.series, CENTER, connectivity), voxels, inside, voxel_mm3(grid))


def noisy(grid: Grid) -> np.ndarray:
    return np.random.default_rng(4).integers(-1000, 1000, grid.shape).astype(float)


def corners_of_box(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Two opposite corners between voxels, and which voxels lie between them, by their indices."""
    low, high = np.array([2.5, 5.5, 3.5]), np.array([15.5, 30.5, 20.5])
    k, i, j = np.indices(grid.shape)
    inside = (k > 2) & (k < 16) & (i > 5) & (i < 31) & (j > 3) & (j < 21)
    mixed = np.where([True, False, True], low, high), np.where([True, False, True], high, low)
    return np.array([grid.acquisition.affine[:3] @ [*corner, 1] for corner in mixed]), inside


@EVERY_GRID
def test_ranges_in_shapes_of_noise(client: Client, grid: Grid) -> None:
    voxels, mm3 = noisy(grid), voxel_mm3(grid)
    bench = Bench(client, single_frames(voxels, grid))
    box, in_box = corners_of_box(grid)
    in_ellipsoid = ellipsoid(CENTER, AXES)(grid.coordinates)
    ends = [CENTER, *(CENTER + AXES)]
    places = {"everywhere": ((), np.ones(grid.shape, bool)), "box": (box, in_box), "ellipsoid": (ends, in_ellipsoid)}
    for shape, (points, inside) in places.items():
        for low, high in ((-1000, 1000), (-250, 100), (7, 7), (-3.5, 900.25)):
            members = inside & (voxels >= low) & (voxels <= high)
            if members.any():
                body = threshold(bench.series, shape, points, Range=[low, high])
                assert assert_counted(bench, body, voxels, members, mm3)["Method"]["Excluded"] == 0


@pytest.mark.parametrize(
    "name", **mostly_slow(["axial", "decubitus-left", "sagittal", "double-oblique", "tilted-oblique"], "double-oblique")
)
@pytest.mark.parametrize("connectivity", [6, 18, 26])
def test_regions_grown_in_noise(client: Client, name: str, connectivity: int) -> None:
    """Near the point where noise begins to hang together: what belongs is decided by single neighbours."""
    grid = GRIDS[name]
    voxels, high = noisy(grid), {6: -350.0, 18: -700.0, 26: -780.0}[connectivity]
    bench = Bench(client, single_frames(voxels, grid))
    box, in_box = corners_of_box(grid)
    ends, in_ellipsoid = [CENTER, *(CENTER + AXES)], ellipsoid(CENTER, AXES)(grid.coordinates)
    for shape, points, inside in (
        ("everywhere", (), np.ones(grid.shape, bool)),
        ("box", box, in_box),
        ("ellipsoid", ends, in_ellipsoid),
    ):
        mask, sizes = inside & (voxels <= high), []
        for seed in np.argwhere(mask)[:: mask.sum() // 9]:
            members = connected(mask, tuple(seed), connectivity)
            sizes.append(members.sum())
            at = grid.coordinates[tuple(seed)] + 0.2 * np.array(grid.acquisition.row) * 0.7
            body = region(bench.series, at, connectivity, Shape=shape, points=points, Range=[-1000, high])
            assert_counted(bench, body, voxels, members, voxel_mm3(grid))
        assert 10 < max(sizes) < mask.sum()


def outlines(grid: Grid, slices: range, radius: float = 6.0) -> tuple[list, np.ndarray, float]:
    """A circle on each slice, moved and turned from one to the next; which voxels lie inside; the area of each."""
    corners, area = circle(radius, 24)
    polygons, members = [], np.zeros(grid.shape, bool)
    _, down, right = grid.acquisition.spacing
    i, j = np.indices(grid.shape[1:])
    in_plane = np.stack([j * right, i * down], axis=-1)
    middle = in_plane[-1, -1] / 2
    for k in slices:
        ring = corners + middle + [0.11 * k, 0.07]
        members[k] = inside_polygon(in_plane, ring)
        directions = np.array([grid.acquisition.row, grid.acquisition.column])
        polygons.append((grid.origins[k] + ring @ directions).tolist())
    return polygons, members, area


@EVERY_GRID
def test_planimetry(client: Client, grid: Grid) -> None:
    """The sum of areas times thickness; a tilted gantry makes no slice thicker."""
    polygons, members, area = outlines(grid, range(4, 14))
    voxels = noisy(grid)
    bench = Bench(client, single_frames(voxels, grid))
    body = in_series(bench.series, (), "volume", Tool="polygons", Geometry={"Shape": "polygons", "Polygons": polygons})
    values = bench.values(body)
    thickness = grid.acquisition.spacing[0]
    assert values["Volume", "mm3"] == pytest.approx(10 * area * thickness, rel=1e-6)
    assert values["Count", "1"] == members.sum()
    assert values["Mean", "HU"] == pytest.approx(voxels[members].mean())
    assert members.sum() * voxel_mm3(grid) == pytest.approx(values["Volume", "mm3"], rel=VOXELISATION)
    within = threshold(bench.series, "polygons", Polygons=polygons[::-1], Range=[-200, 300])
    assert_counted(bench, within, voxels, members & (voxels >= -200) & (voxels <= 300), voxel_mm3(grid))


@pytest.mark.parametrize("name", ["axial", "gantry-tilt"])
def test_planimetry_of_a_sphere(client: Client, name: str) -> None:
    grid, radius = GRIDS[name], 7.0
    normal = np.cross(grid.acquisition.row, grid.acquisition.column)
    depths = grid.origins @ normal - CENTER @ normal
    polygons, expected = [], 0.0
    for depth in depths[np.abs(depths) < radius]:
        corners, area = circle(math.sqrt(radius**2 - depth**2), 16)
        directions = np.array([grid.acquisition.row, grid.acquisition.column])
        polygons.append((CENTER + depth * normal + corners @ directions).tolist())
        expected += area * grid.acquisition.spacing[0]
    bench = Bench(client, series_of(sphere(CENTER, radius), grid)[0])
    body = in_series(bench.series, (), "volume", Tool="polygons", Geometry={"Shape": "polygons", "Polygons": polygons})
    volume = bench.values(body)["Volume", "mm3"]
    assert volume == pytest.approx(expected, rel=1e-6)
    assert volume == pytest.approx(SOLIDS["sphere"][1], rel=VOXELISATION)


UNEVEN = {
    "uneven": with_gaps(Acquisition(**FINE), [1, 1.25, 1, 0.75, 1, 1.4, 1, 1.2, 0.9, 1], 1.2),
    "uneven-and-tilted": with_gaps(Acquisition(**FINE, tilt=-18.5), [1, 1.25, 1, 0.75, 1, 1.4, 1, 1.2, 0.9, 1], 1.2),
}


EVERY_UNEVEN_GRID = pytest.mark.parametrize("grid", UNEVEN.values(), ids=UNEVEN)


@EVERY_UNEVEN_GRID
def test_uneven_slices_weigh_by_their_extents(client: Client, grid: Grid) -> None:
    voxels = noisy(grid)
    bench, mask = Bench(client, single_frames(voxels, grid)), voxels <= 500
    pixel = math.prod(grid.acquisition.spacing[1:])
    seed = tuple(np.argwhere(mask)[999])
    grown = connected(mask, seed, 6)
    assert mask.sum() > grown.sum() > mask.sum() / 2
    bodies = {
        "threshold": (threshold(bench.series, Range=[-1000, 500]), mask),
        "region": (region(bench.series, grid.coordinates[seed], Range=[-1000, 500]), grown),
    }
    for body, members in bodies.values():
        values = bench.values(body)
        expected = float(members.sum(axis=(1, 2)) @ slice_extents(grid)) * pixel
        assert (values["Volume", "mm3"], values["Count", "1"]) == (pytest.approx(expected, rel=1e-6), members.sum())


@EVERY_UNEVEN_GRID
def test_planimetry_of_uneven_slices(client: Client, grid: Grid) -> None:
    bench = Bench(client, single_frames(noisy(grid), grid))
    polygons, members, area = outlines(grid, range(2, 8))
    body = in_series(bench.series, (), "volume", Tool="polygons", Geometry={"Shape": "polygons", "Polygons": polygons})
    values = bench.values(body)
    assert values["Volume", "mm3"] == pytest.approx(area * slice_extents(grid)[2:8].sum(), rel=1e-6)
    assert values["Count", "1"] == members.sum()
