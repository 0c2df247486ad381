"""Outlines that lie a little off their slice are measured as they are seen on it; and what too fine ones cost."""

import math
import time

import numpy as np
import pytest

from clients import Client
from drafts import Bench, in_series, named, on_image
from phantoms import Acquisition, geometry, image, noise
from refusals import assert_refused

THICK = Acquisition(shape=(3, 24, 24), spacing=(5.0, 1.0, 1.0))
FLAT = [(-2, -2, 0), (2, -2, 0), (2, 2, 0), (-2, 2, 0)]
LEANING = [(x, y, 2.4 if x > 0 else -2.4) for x, y, _ in FLAT]
TOOLS = {"polygon": LEANING, "rectangle": LEANING, "ellipse": [(-2, 0, -2.4), (2, 0, 2.4), (0, -1, 0), (0, 1, 0)]}


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench(client, noise(THICK))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_leaning_outline_is_no_larger(bench: Bench, tool: str) -> None:
    leaning = TOOLS[tool]
    flat = [(x, y, 0.0) for x, y, _ in leaning]
    plane = {"Position": [0, 0, 0], "Row": [1, 0, 0], "Column": [0, 1, 0]}
    on_frame = [on_image(bench.instance(1), p, "area", Tool=tool, Space="LPS") for p in (flat, leaning)]
    values = [bench.values(body) for body in on_frame]
    assert values[0] == pytest.approx(values[1])
    slight = [(x, y, z / 10) for x, y, z in leaning]
    on_plane = [in_series(bench.series, p, "area", Tool=tool, Plane=plane) for p in (flat, slight)]
    values = [bench.values(body) for body in on_plane]
    assert values[0] == pytest.approx(values[1])


def test_a_leaning_polygon_encloses_no_more(bench: Bench) -> None:
    bodies = [
        in_series(bench.series, (), "volume", Tool="polygons", Geometry={"Polygons": [p]}) for p in (FLAT, LEANING)
    ]
    flat, leaning = (named(bench.compute(body).json()) for body in bodies)
    assert flat["Volume"] == pytest.approx(80)
    assert leaning == pytest.approx(flat)


def test_distances_stay_in_space(bench: Bench) -> None:
    body = on_image(bench.instance(1), [(-2, 0, -2), (2, 0, 2)], Space="LPS")
    assert bench.values(body)["Length", "mm"] == pytest.approx(4 * math.sqrt(2))


def test_an_outline_that_runs_out_and_back_is_refused(bench: Bench) -> None:
    spike = [(-2, -2, 0), (2, -2, 0), (2, -2, 1.5), (2, 2, 0), (-2, 2, 0)]
    body = on_image(bench.instance(1), spike, "area", Space="LPS")
    assert_refused(bench.compute(body), 400, "coincident-points")


def comb(teeth: int, size: int, *, level: bool) -> list[tuple[float, float]]:
    """A comb across an image, its teeth lying or standing."""
    along = np.linspace(5, size - 5, 2 * teeth)
    points = [(float(a), 4.0 if k % 4 in (0, 3) else size - 4.0) for k, a in enumerate(along)]
    closed = [*points, (size - 4.5, 1.0), (1.0, 1.0)]
    return [(y, x) for x, y in closed] if level else closed


@pytest.mark.parametrize("level", [False, True], ids=["standing", "lying"])
def test_teeth_cost_little_whichever_way_they_lie(client: Client, level: bool) -> None:
    flat = Acquisition(shape=(1, 1024, 1024))
    bench = Bench(client, [image(np.zeros((1024, 1024), np.int16), **geometry(flat, 0))])
    body = on_image(bench.instance(), comb(950, 1024, level=level), "area")
    began = time.monotonic()
    answer = bench.compute(body)
    assert answer.status == 200, answer.content
    assert time.monotonic() - began < 5


def test_teeth_that_lie_slanted_cost_little(client: Client) -> None:
    flat = Acquisition(shape=(1, 2048, 2048))
    bench = Bench(client, [image(np.zeros((2048, 2048), np.int16), **geometry(flat, 0))])
    upright = [(x - 1024, y - 1024) for x, y in comb(950, 2048, level=False)]
    slanted = [(1024 + (x - y) / 2, 1024 + (x + y) / 2) for x, y in upright]
    began = time.monotonic()
    assert bench.compute(on_image(bench.instance(), slanted, "area")).status == 200
    assert time.monotonic() - began < 5
