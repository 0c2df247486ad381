"""Lengths, angles and areas are those of the drawing board, in pixels and in the patient, however it was acquired."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients import Client, InProcessClient
from drafts import Bench, in_series, on_image, values_of
from drawn_shapes import SHAPES, Shape, directions, in_patient, in_pixels, middle_of, plane
from phantoms import ACQUISITIONS, AXIAL, Acquisition, noise
from quickly import mostly_slow
from refusals import assert_refused

FINE = {"shape": (9, 32, 16), "spacing": (2.5, 0.3, 0.7)}
GRIDS = {name: replace(acquisition, **FINE) for name, acquisition in ACQUISITIONS.items()}
"""Every acquisition with voxels that no two axes of which can be confused."""
GRIDS["anisotropic-columns"] = replace(AXIAL, shape=(9, 14, 34), spacing=(1.0, 0.7, 0.3))
GRIDS["far-away"] = replace(GRIDS["tilted-oblique"], center=(-512.25, 333.125, -1876.5))
EVERY_GRID = pytest.mark.parametrize("grid", **mostly_slow(GRIDS, "axial", "anisotropic-columns", "far-away"))
PRECISION = 1e-6
TURNS = ((90.0, 0.0, 0.0), (0.0, 90.0, 90.0), (30.0, -20.0, 65.0), (-75.0, 10.0, 200.0))
K = 3


def measured(bench: Bench, body: dict, shape: Shape) -> dict[tuple[str, str], float]:
    """The values that the shape tells, all found; the source is the patient's geometry."""
    answer = bench.compute(body)
    assert answer.status == 200, answer.content
    assert answer.json()["Calibration"]["Source"] == "patient-geometry"
    values = values_of(answer.json())
    assert shape.expected.keys() <= values.keys()
    return {name: values[name] for name in shape.expected}


def assert_as_drawn(bench: Bench, body: dict, shape: Shape) -> None:
    assert measured(bench, body, shape) == pytest.approx(shape.expected, abs=PRECISION, rel=PRECISION), body


@EVERY_GRID
def test_on_a_slice_in_pixels_and_in_the_patient(client: Client, grid: Acquisition) -> None:
    bench = Bench(client, noise(grid))
    for shape in SHAPES.values():
        pixels = in_pixels(shape.points, grid)
        place = in_patient(shape.points, middle_of(grid, K), grid.row, grid.column)
        assert_as_drawn(bench, on_image(bench.instance(K), pixels, shape.type, Tool=shape.tool), shape)
        in_lps = on_image(bench.instance(K), place, shape.type, Tool=shape.tool, Space="LPS")
        assert_as_drawn(bench, in_lps, shape)
        on_plane = plane(middle_of(grid, K), grid.row, grid.column)
        assert_as_drawn(bench, in_series(bench.series, place, shape.type, Tool=shape.tool, Plane=on_plane), shape)


@EVERY_GRID
def test_on_planes_cut_anyhow_and_freely_in_the_volume(client: Client, grid: Acquisition) -> None:
    bench = Bench(client, noise(grid))
    middle = grid.affine[:3] @ [*((np.array(grid.shape) - 1) / 2), 1]
    for turn in TURNS:
        row, column = directions(*turn)
        for shape in SHAPES.values():
            place = in_patient(shape.points, middle, row, column)
            body = in_series(bench.series, place, shape.type, Tool=shape.tool)
            assert_as_drawn(bench, body | {"Plane": plane(middle - row - column, row, column)}, shape)
            if shape.type != "area":
                assert_as_drawn(bench, body, shape)


@EVERY_GRID
def test_line_from_slice_to_slice(client: Client, grid: Acquisition) -> None:
    """The tilt is in the line: voxels are joined by their true places."""
    bench = Bench(client, noise(grid))
    ends = grid.affine[:3] @ np.array([[1, 3, 2, 1], [7, 12, 14, 1]]).T
    gap, down, right = grid.spacing
    shear = 6 * gap * np.tan(np.radians(grid.tilt))
    expected = float(np.linalg.norm([6 * gap, 9 * down + shear, 12 * right]))
    assert bench.values(in_series(bench.series, ends.T)) == {("Length", "mm"): pytest.approx(expected, abs=PRECISION)}


def test_in_space_the_angle_is_that_between_directions(client: Client) -> None:
    """Of the cube's diagonals 2 atan(1/sqrt 2) lies between neighbours, and its supplement beyond."""
    bench = Bench(client, noise(replace(AXIAL, spacing=(1.0, 0.3, 0.7))))
    corners = [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [-1.0, 1.0, 1.0]]
    between = 2 * np.degrees(np.arctan(1 / np.sqrt(2)))
    assert bench.values(in_series(bench.series, corners, "angle")) == {("Angle", "deg"): pytest.approx(between)}
    lines = [[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, 1.0]]
    assert bench.values(in_series(bench.series, lines, "angle", Tool="cobb")) == {
        ("Angle", "deg"): pytest.approx(between),
        ("Supplement", "deg"): pytest.approx(180 - between),
    }


def test_cobb_of_lines_drawn_against_each_other(client: Client) -> None:
    """Whichever way they are drawn, the angle that is meant stands in one of the two values."""
    bench, shape = Bench(client, noise(GRIDS["axial"])), SHAPES["cobb"]
    a0, a1, b0, b1 = in_pixels(shape.points, GRIDS["axial"])
    for points in ([a0, a1, b0, b1], [a1, a0, b1, b0], [b0, b1, a0, a1]):
        assert measured(bench, on_image(bench.instance(), points, "angle", Tool="cobb"), shape) == pytest.approx(
            shape.expected
        )
    for points in ([a1, a0, b0, b1], [a0, a1, b1, b0]):
        values = bench.values(on_image(bench.instance(), points, "angle", Tool="cobb"))
        assert values == {("Angle", "deg"): pytest.approx(145), ("Supplement", "deg"): pytest.approx(35)}


def test_polygon_may_be_closed_by_its_first_point(client: Client) -> None:
    bench, shape = Bench(client, noise(GRIDS["axial"])), SHAPES["polygon"]
    points = in_pixels(shape.points, GRIDS["axial"])
    opened = bench.values(on_image(bench.instance(), points, "area"))
    assert bench.values(on_image(bench.instance(), [*points, points[0]], "area")) == opened


def test_image_reaches_to_the_edges_of_its_pixels(client: Client) -> None:
    grid = GRIDS["axial"]
    bench = Bench(client, noise(grid))
    _, rows, columns = grid.shape
    _, down, right = grid.spacing
    left, top, last, bottom = -0.5, -0.5, columns - 0.5, rows - 0.5
    whole = [(left, top), (last, top), (last, bottom), (left, bottom)]
    values = bench.values(on_image(bench.instance(), whole, "area", Tool="rectangle"))
    assert values["Area", "mm2"] == pytest.approx(rows * down * columns * right)
    assert values["Count", "1"] == rows * columns
    for beyond in ((left - 0.01, 0), (0, top - 0.01), (last + 0.01, 0), (0, bottom + 0.01)):
        assert_refused(bench.compute(on_image(bench.instance(), [(1, 1), beyond])), 422, "outside-image")


@pytest.mark.parametrize("name", ["axial", "oblique", "gantry-tilt"])
def test_points_lie_on_a_slice_within_half_of_it(client: Client, name: str) -> None:
    grid = GRIDS[name]
    bench, normal = Bench(client, noise(grid)), np.cross(grid.row, grid.column)
    line = np.array(in_patient(SHAPES["line"].points, middle_of(grid, K), grid.row, grid.column))
    for side in (-1, 1):
        near, far = (line + side * part * grid.spacing[0] * normal for part in (0.499, 0.501))
        assert bench.compute(on_image(bench.instance(K), near, Space="LPS")).status == 200
        assert_refused(bench.compute(on_image(bench.instance(K), far, Space="LPS")), 422, "off-plane")


def test_rounded_coordinates_lie_on_the_only_slice(client: Client) -> None:
    """One image that doesn't tell how thick it is, and a client that sends a thousandth of a millimetre."""
    grid = replace(GRIDS["double-oblique"], shape=(1, 32, 16))
    (file,) = noise(grid, SliceThickness=None)
    bench = Bench(client, [file])
    for shape in (SHAPES[name] for name in ("line", "polyline", "polygon", "rectangle", "ellipse")):
        place = np.round(in_patient(shape.points, middle_of(grid, 0), grid.row, grid.column), 3)
        body = on_image(bench.instance(), place, shape.type, Tool=shape.tool, Space="LPS")
        assert measured(bench, body, shape) == pytest.approx(shape.expected, rel=2e-3)
        off = place + 0.01 * np.cross(grid.row, grid.column)
        assert_refused(bench.compute(body | {"Geometry": {"Space": "LPS", "Points": off.tolist()}}), 422, "off-plane")


def spacings() -> st.SearchStrategy[float]:
    return st.floats(0.05, 5.0).map(lambda mm: round(mm, 4))


@settings(max_examples=30)
@given(
    name=st.sampled_from(list(ACQUISITIONS)),
    spacing=st.tuples(spacings(), spacings(), spacings()),
    places=st.lists(st.tuples(st.floats(-0.5, 15.5), st.floats(-0.5, 11.5)), min_size=4, max_size=4),
)
def test_pixels_and_patient_agree_on_any_points(
    name: str, spacing: tuple[float, float, float], places: list[tuple[float, float]]
) -> None:
    """Against Pythagoras and the law of cosines."""
    grid = replace(ACQUISITIONS[name], shape=(2, 12, 16), spacing=spacing)
    mm = np.array(places) * [spacing[2], spacing[1]]
    steps = np.linalg.norm(np.diff(mm, axis=0), axis=1)
    if steps.min() < 1e-2:
        return
    bench = Bench(InProcessClient(), noise(grid))
    in_lps = [grid.affine[:3] @ [1, row, column, 1] for column, row in places]
    drawn = (
        on_image(bench.instance(1), places, Tool="polyline"),
        on_image(bench.instance(1), in_lps, Tool="polyline", Space="LPS"),
    )
    for body in drawn:
        assert bench.values(body)["Length", "mm"] == pytest.approx(steps.sum(), abs=PRECISION, rel=PRECISION)
    a, b, c = steps[0], steps[1], float(np.linalg.norm(mm[2] - mm[0]))
    cosine = np.clip((a * a + b * b - c * c) / (2 * a * b), -1, 1)
    for points, space in ((places[:3], "pixel"), (in_lps[:3], "LPS")):
        (angle,) = bench.values(on_image(bench.instance(1), points, "angle", Space=space)).values()
        assert np.cos(np.radians(angle)) == pytest.approx(cosine, abs=1e-6)
