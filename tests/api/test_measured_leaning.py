"""What leans within half a slice is measured as it is seen along the slice's normal."""

from typing import Any

import pytest

from clients import Client
from drafts import Bench, in_series, named, on_image
from phantoms import Acquisition, noise
from refusals import assert_refused

THICK = Acquisition(shape=(5, 20, 20), spacing=(5.0, 1.0, 1.0))
"""Voxel centres from (-9.5, -9.5, -10) to (9.5, 9.5, 10)."""
AXIAL = {"Position": [0, 0, 0], "Row": [1, 0, 0], "Column": [0, 1, 0]}
SHAPES = {
    "polygon": [(-2, -2), (2, -2), (2, 2), (-2, 2)],
    "rectangle": [(-2, -2), (2, -2), (2, 2), (-2, 2)],
    "ellipse": [(-3, 0), (3, 0), (0, -2), (0, 2)],
}
TOOLS = pytest.mark.parametrize("tool", SHAPES)


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench(client, noise(THICK))


def leaning(tool: str, lift: float) -> list[tuple[float, float, float]]:
    """The corners up and down by turns, about z = 0."""
    return [(x, y, lift if k % 2 else -lift) for k, (x, y) in enumerate(SHAPES[tool])]


def sloping(lift: float) -> list[tuple[float, float, float]]:
    """The square on one slope, longer than it looks from above."""
    return [(x, y, lift * x / 2) for x, y in SHAPES["polygon"]]


def answered(bench: Bench, body: dict[str, Any]) -> dict[str, float]:
    answer = bench.compute(body)
    assert answer.status == 200, answer.content
    return named(answer.json())


@TOOLS
def test_on_a_frame(bench: Bench, tool: str) -> None:
    bodies = [on_image(bench.instance(2), leaning(tool, z), "area", Tool=tool, Space="LPS") for z in (0, 2.4)]
    flat, leant = (answered(bench, body) for body in bodies)
    assert leant == pytest.approx(flat)
    if tool != "ellipse":
        assert (leant["Area"], leant["Perimeter"], leant["Count"]) == (pytest.approx(16), pytest.approx(16), 16)


@pytest.mark.parametrize("tool", ["polygon", "rectangle"])
def test_a_slope_is_no_larger_than_it_looks(bench: Bench, tool: str) -> None:
    found = answered(bench, on_image(bench.instance(2), sloping(2.4), "area", Tool=tool, Space="LPS"))
    assert (found["Area"], found["Perimeter"], found["Count"]) == (pytest.approx(16), pytest.approx(16), 16)


@TOOLS
def test_on_a_plane(bench: Bench, tool: str) -> None:
    flat, leant = (
        answered(bench, in_series(bench.series, leaning(tool, z), "area", Tool=tool, Plane=AXIAL)) for z in (0, 0.45)
    )
    assert leant == pytest.approx(flat)


def test_on_a_slice_of_a_volume(bench: Bench) -> None:
    for tool, more in (("polygons", {}), ("threshold", {"Range": [-9999, 9999]})):
        for lift in (0, 2.4):
            for corners in (leaning("polygon", lift), sloping(lift)):
                drawn = {"Shape": "polygons", "Polygons": [corners], **more}
                found = answered(bench, in_series(bench.series, type="volume", Tool=tool, Geometry=drawn))
                assert (found["Volume"], found["Count"]) == (pytest.approx(80), 16)


def test_vertices_above_each_other_are_one_point(bench: Bench) -> None:
    upright = [(-2, -2, 0), (2, -2, -1), (2, -2, 1), (-2, 2, 0)]
    back = [(-2, -2, 0), (2, -2, -1), (2, 2, 0), (2, -2, 1)]
    for points, reason in ((upright, "coincident-points"), (back, "self-intersecting")):
        on_frame = on_image(bench.instance(2), points, "area", Space="LPS")
        drawn = {"Polygons": [points]}
        in_volume = in_series(bench.series, type="volume", Tool="polygons", Geometry=drawn)
        for body in (on_frame, in_volume):
            assert_refused(bench.compute(body), 400, reason)
