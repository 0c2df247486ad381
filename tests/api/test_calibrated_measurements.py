"""Measurements tell how a pixel got its size, and are in pixels where it has none."""

import math

import numpy as np
import pytest
from pydicom.uid import ComputedRadiographyImageStorage

from calibration_cases import ACROSS, CASES, LINE, SPLIT_SCREEN, WITH_WARNING, Case, picture
from clients import Client
from drafts import Bench, on_image, values_of
from pixel_masks import statistics_of
from refusals import assert_refused

EVERY_CASE = pytest.mark.parametrize("name", CASES)
SQUARE = [(8, 6), (30, 6), (30, 20), (8, 20)]
RIGHT_ANGLE = [(30, 6), (8, 6), (8, 20)]
SLANT = [(30, 6), (8, 6), (30, 20)]
WIDE = picture(ComputedRadiographyImageStorage, "CR", PixelAspectRatio=["2", "1"])
SPACED = {name: case for name, case in CASES.items() if case.spacing is not None}
UNSPACED = {name: case for name, case in CASES.items() if case.spacing is None}


def scale_of(case: Case) -> tuple[float, float, str]:
    """The size of a pixel downwards and across, and its unit."""
    return (*case.spacing, "mm") if case.spacing is not None else (1.0, 1.0, "px")


@EVERY_CASE
def test_length_and_its_calibration(client: Client, name: str) -> None:
    case = CASES[name]
    down, across, unit = scale_of(case)
    bench = Bench(client, [case.dataset])
    answer = bench.compute(on_image(bench.instance(), LINE))
    assert answer.status == 200, answer.content
    told = answer.json()["Calibration"]
    assert told["Source"] == case.source
    assert ("Warning" in told) is (name in WITH_WARNING)
    assert told["Spacing"] == (pytest.approx(list(case.spacing)) if case.spacing is not None else None)
    (value,) = answer.json()["Values"]
    code = {"mm": "mm", "px": "1"}[unit]
    assert (value["Name"], value["Unit"], value["Code"]) == ("Length", unit, code)
    assert value["Value"] == pytest.approx(math.hypot(22 * across, 14 * down), rel=1e-9)


@EVERY_CASE
def test_areas_and_perimeters(client: Client, name: str) -> None:
    case = CASES[name]
    down, across, unit = scale_of(case)
    bench = Bench(client, [case.dataset])
    ellipse = [(8, 13), (30, 13), (19, 6), (19, 20)]
    for tool, points, area in (
        ("rectangle", SQUARE, 22 * 14),
        ("polygon", SQUARE, 22 * 14),
        ("polygon", SLANT, 11 * 14),
        ("ellipse", ellipse, math.pi * 11 * 7),
    ):
        values = bench.values(on_image(bench.instance(), points, "area", Tool=tool))
        assert values["Area", f"{unit}2"] == pytest.approx(area * down * across, rel=1e-9)
        assert values["Count", "1"] > 0
        if tool == "rectangle":
            assert values["Perimeter", unit] == pytest.approx(44 * across + 28 * down, rel=1e-9)


@pytest.mark.parametrize("name", [name for name in CASES if name != "projection-aspect"])
def test_angles(client: Client, name: str) -> None:
    case = CASES[name]
    down, across, _ = scale_of(case)
    bench = Bench(client, [case.dataset])
    for points, degrees in ((RIGHT_ANGLE, 90.0), (SLANT, math.degrees(math.atan2(14 * down, 22 * across)))):
        assert bench.values(on_image(bench.instance(), points, "angle")) == {("Angle", "deg"): pytest.approx(degrees)}
    lines = [(8, 6), (30, 6), (8, 6), (30, 20)]
    values = bench.values(on_image(bench.instance(), lines, "angle", Tool="cobb"))
    assert values["Angle", "deg"] == pytest.approx(math.degrees(math.atan2(14 * down, 22 * across)))
    assert values["Angle", "deg"] + values["Supplement", "deg"] == pytest.approx(180)


def test_angle_between_pixels_that_are_not_square(client: Client) -> None:
    """Lengths are in pixels; an angle would look like one, and be wrong."""
    bench = Bench(client, [WIDE])
    answer = bench.compute(on_image(bench.instance(), LINE))
    assert values_of(answer.json()) == {("Length", "px"): pytest.approx(math.hypot(22, 14))}
    assert answer.json()["Calibration"]["PixelAspectRatio"] == [2, 1]
    for tool, points in (("angle", SLANT), ("cobb", [*LINE, *LINE[::-1]])):
        body = on_image(bench.instance(), points, "angle", Tool=tool)
        assert_refused(bench.compute(body), 422, "unequal-pixels")


def test_angle_between_square_pixels_of_no_size(client: Client) -> None:
    square = picture(ComputedRadiographyImageStorage, "CR", PixelAspectRatio=["3", "3"])
    bench = Bench(client, [square])
    assert bench.values(on_image(bench.instance(), RIGHT_ANGLE, "angle")) == {("Angle", "deg"): pytest.approx(90)}


@pytest.mark.parametrize("name", UNSPACED)
def test_radius_needs_the_size_of_pixels(client: Client, name: str) -> None:
    bench = Bench(client, [CASES[name].dataset])
    body = on_image(bench.instance(), LINE[1:], "hu", Geometry={"Radius": 2.0})
    assert_refused(bench.compute(body), 422, "no-spacing")


@pytest.mark.parametrize("name", SPACED)
def test_radius_is_in_the_millimetres_of_the_calibration(client: Client, name: str) -> None:
    case = CASES[name]
    down, across, _ = scale_of(case)
    bench = Bench(client, [case.dataset])
    answer = bench.compute(on_image(bench.instance(), [(9.3, 8.8)], "hu", Geometry={"Radius": 1.31}))
    assert answer.status == 200, answer.content
    rows, columns = np.indices((32, 40))
    inside = np.hypot((rows - 8.8) * down, (columns - 9.3) * across) <= 1.31
    expected = statistics_of(case.dataset.pixel_array.reshape(-1, 32, 40)[0][inside])
    values = {value["Name"]: value["Value"] for value in answer.json()["Values"]}
    assert {key: values[key] for key in ("Mean", "StandardDeviation", "Count")} == pytest.approx(
        {key: expected[key] for key in ("Mean", "StandardDeviation", "Count")}
    )


def test_points_in_two_ultrasound_regions(client: Client) -> None:
    bench = Bench(client, [SPLIT_SCREEN])
    assert_refused(bench.compute(on_image(bench.instance(), ACROSS)), 422, "two-ultrasound-regions")
    within = bench.compute(on_image(bench.instance(), [(8, 17), (30, 31)])).json()
    assert values_of(within) == {("Length", "mm"): pytest.approx(math.hypot(22 * 0.25, 14 * 0.5))}
    assert within["Calibration"]["Region"] == 1


@pytest.mark.parametrize("name", ["us-multi-frame", "multi-frame-scanned", "enhanced-per-frame"])
def test_second_frame_has_its_own_calibration(client: Client, name: str) -> None:
    down, across = (0.6, 0.3) if name == "enhanced-per-frame" else CASES[name].spacing
    bench = Bench(client, [CASES[name].dataset])
    values = bench.values(on_image(bench.instance(), LINE, frame=1))
    assert values == {("Length", "mm"): pytest.approx(math.hypot(22 * across, 14 * down))}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.source != "patient-geometry"])
def test_image_outside_the_patient_takes_no_patient_coordinates(client: Client, name: str) -> None:
    bench = Bench(client, [CASES[name].dataset])
    body = on_image(bench.instance(), [(-9, -19, 30), (-8, -18, 30)], Space="LPS")
    assert_refused(bench.compute(body), 422, "no-geometry")


@pytest.mark.parametrize("name", ["detector-plane", "magnification-factor", "us-region", "scanned", "none"])
def test_what_is_kept_tells_its_calibration(client: Client, name: str) -> None:
    case = CASES.get(name, CASES["capture-without-spacing"])
    bench = Bench(client, [case.dataset])
    computed = bench.compute(on_image(bench.instance(), LINE)).json()
    record = bench.created(on_image(bench.instance(), LINE))
    assert record["Calibration"] == computed["Calibration"]
    assert record["Values"] == computed["Values"]
