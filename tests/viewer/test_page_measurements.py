"""Measuring on the viewer page: what is drawn is what the server keeps, and both are what the phantom says."""

import json
import math

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from grids import Grid
from measuring_page import MeasuringPage, measuring_page, value
from phantoms import Acquisition, noise
from server import Orthanc
from solids import series_of, sphere

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
"""The axial pane begins on its slice 3, at z = 1, with the crosshair at (0.5, 0.5)."""


@pytest.fixture
def measuring(page: Page, orthanc: Orthanc, real: OrthancClient) -> MeasuringPage:
    return measuring_page(page, orthanc, real, noise(SMALL), SMALL)


def flat(record: dict) -> list[float]:
    """All coordinates of its points."""
    return [part for point in record["Geometry"]["Points"] for part in point]


def test_what_a_mouse_draws_is_measured_and_still_there_after_a_reload(measuring: MeasuringPage) -> None:
    measuring.choose("l")
    measuring.drag((-17, -13), (-5, -8))
    measuring.kept(1)
    measuring.choose("l")
    measuring.click((-17, -6), (-11, -6))
    measuring.kept(2)
    measuring.choose("a")
    measuring.click((10, -13), (2, -13), (2, -7))
    measuring.kept(3)
    measuring.page.get_by_role("button", name="Cobb").click()
    measuring.drag((-17, 0), (-7, 0))
    measuring.drag((-17, 2), (-7, 7))
    measuring.kept(4)
    measuring.choose("e")
    measuring.drag((4, -4), (12, 2))
    measuring.kept(5)
    measuring.choose("t")
    measuring.drag((4, 5), (12, 11))
    measuring.kept(6)
    measuring.choose("g")
    measuring.click((-3, -3), (1, -3), (1, 3), (-3, 3), (-3, -3))
    records = measuring.kept(7)
    mm = measuring.precision()
    expected = {
        ("line", "Length"): (13.0, 2 * mm),
        ("angle", "Angle"): (90.0, 12 * mm),
        ("cobb", "Angle"): (math.degrees(math.atan2(5, 10)), 12 * mm),
        ("ellipse", "Area"): (math.pi * 4 * 3, 16 * mm),
        ("rectangle", "Area"): (48.0, 16 * mm),
        ("polygon", "Area"): (24.0, 12 * mm),
    }
    first = {record["Tool"]: record for record in reversed(records)}
    for (tool, name), (number, within) in expected.items():
        assert value(first[tool], name) == pytest.approx(number, abs=within), tool
    assert value(records[1], "Length") == pytest.approx(6.0, abs=2 * mm)
    assert flat(first["line"]) == pytest.approx([-17, -13, 1, -5, -8, 1], abs=mm)
    told = measuring.items().locator("button data")
    principal = [
        value(record, {"distance": "Length", "angle": "Angle", "area": "Area"}[record["Type"]]) for record in records
    ]
    assert [float(data.get_attribute("value") or "nan") for data in told.all()] == principal
    before = [measuring.drawn(record) for record in records]
    measuring.open()
    expect(measuring.items()).to_have_count(7)
    assert [measuring.drawn(record) for record in records] == before
    for record, lines in zip(records, before, strict=True):
        assert (record["Image"], record["Geometry"]["Space"]) == (first["line"]["Image"], "LPS")
        if record["Tool"] not in ("ellipse", "cobb"):
            corners = [tuple(point[:2]) for point in record["Geometry"]["Points"]]
            assert np.array(lines[0]) == pytest.approx(np.array(corners), abs=0.02)


def test_what_keys_draw_is_measured_to_the_last_digit(measuring: MeasuringPage) -> None:
    measuring.choose("l")
    measuring.press("Enter", "Enter", "12*ArrowRight", "9*ArrowDown", "Enter")
    measuring.kept(1)
    measuring.choose("a")
    measuring.press("Escape", "Enter", "Enter", "Shift+ArrowRight", "Enter", "6*ArrowDown", "Enter")
    measuring.kept(2)
    measuring.page.get_by_role("button", name="Cobb").click()
    measuring.surface().focus()
    measuring.press(
        "Enter", "Enter", "10*ArrowRight", "Enter", "5*ArrowUp", "Enter", "10*ArrowLeft", "10*ArrowUp", "Enter"
    )
    measuring.kept(3)
    measuring.choose("e")
    measuring.press("Enter", "Enter", "8*ArrowRight", "6*ArrowDown", "Enter")
    measuring.kept(4)
    measuring.choose("t")
    measuring.press("Enter", "2*ArrowLeft", "Enter", "8*ArrowLeft", "6*ArrowUp", "ArrowUp", "Enter")
    measuring.kept(5)
    measuring.choose("g")
    measuring.press(
        "Enter", "Enter", "6*ArrowLeft", "Enter", "ArrowDown", "Enter", "Backspace", "3*ArrowDown", "Enter", "Enter"
    )
    measuring.kept(6)
    measuring.choose("o")
    measuring.press("Enter", "Enter")
    records = measuring.kept(7)
    assert value(records[0], "Length") == pytest.approx(15.0, abs=1e-9)
    assert flat(records[0]) == pytest.approx([0.5, 0.5, 1, 12.5, 9.5, 1], abs=1e-9)
    assert value(records[1], "Angle") == pytest.approx(90.0, abs=1e-9)
    assert (value(records[2], "Angle"), value(records[2], "Supplement")) == pytest.approx((135.0, 45.0), abs=1e-9)
    assert value(records[3], "Area") == pytest.approx(math.pi * 12, abs=1e-9)
    assert value(records[4], "Area") == pytest.approx(56.0, abs=1e-9)
    assert value(records[5], "Area") == pytest.approx(12.0, abs=1e-9)
    stored = np.random.default_rng(0).integers(-1000, 3000, SMALL.shape)
    assert value(records[6], "Value") == stored[3, 16, 20]
    expect(measuring.page.locator("#measurements .live")).to_contain_text(f"Measured: {stored[3, 16, 20]} HU")


def test_escape_gives_up_and_arrows_go_on_scrolling_before_enter(measuring: MeasuringPage) -> None:
    measuring.choose("l")
    measuring.press("ArrowDown")
    expect(measuring.page.locator("figure.axial .corner.bottom-left")).to_contain_text("5 / 6")
    measuring.press("Enter", "Enter", "4*ArrowRight")
    draft = measuring.page.locator("figure.axial .draft")
    expect(measuring.page.locator("figure.axial .beside.of-draft")).to_have_text("4.0 mm")
    measuring.press("Escape")
    expect(draft).to_have_count(0)
    expect(measuring.page.locator(".measurements .cursor")).to_have_count(0)
    assert measuring.records() == []


def test_ball_is_grown_from_its_middle_and_its_range_changed(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    grid = Grid(Acquisition(shape=(20, 24, 24), spacing=(1.5, 1.0, 1.0)), tuple(range(20)))
    files, inside = series_of(sphere((0.5, 0.5, 0.75), 6.0), grid)
    measuring = measuring_page(page, orthanc, real, files, grid.acquisition)
    measuring.choose("v")
    measuring.press("Enter", "Enter", "9*ArrowRight", "Enter")
    (record,) = measuring.kept()
    assert (record["Tool"], record["Geometry"]["Shape"], record.get("Image"), record.get("Plane")) == (
        "region",
        "ellipsoid",
        None,
        None,
    )
    assert record["Geometry"]["Seed"] == pytest.approx([0.5, 0.5, 0.75], abs=1e-9)
    assert value(record, "Count") == inside.sum()
    assert value(record, "Volume") == pytest.approx(inside.sum() * 1.5)
    for pane in ("axial", "coronal", "sagittal"):
        lines = measuring.drawn(record, pane)
        around = np.hypot(*(np.array(lines[0]).T - np.array([[0.5], [-0.75 if pane != "axial" else 0.5]])))
        assert around == pytest.approx(9.0, abs=0.05), pane
    page.get_by_label("What counts").select_option("threshold")
    low, high = page.locator("#measurements .bounds input").all()
    low.fill("-10")
    high.fill("10")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#status")).to_have_text("Saved.")
    (changed,) = measuring.records()
    ball = np.linalg.norm(grid.coordinates - np.array([0.5, 0.5, 0.75]), axis=-1) <= 9.0 + 1e-6
    assert (changed["Tool"], changed["Geometry"]["Range"]) == ("threshold", [-10, 10])
    assert value(changed, "Count") == (ball & ~inside).sum()


def test_records_made_elsewhere_are_drawn_where_they_lie_and_not_on_other_slices(measuring: MeasuringPage) -> None:
    slices = measuring.client.get(f"/series/{measuring.series}/slices").json()["Slices"]
    bodies = [
        {
            "Type": "distance",
            "Tool": "line",
            "Geometry": {"Space": "pixel", "Points": [[4, 5], [24, 20]]},
            "Label": str(k),
        }
        | {"Image": {"Instance": slices[k]["Instance"], "Frame": 0}}
        for k in (3, 2)
    ]
    here, away = [
        measuring.client.post(f"/studies/{measuring.study}/measurements", json.dumps(body).encode()).json()
        for body in bodies
    ]
    measuring.open()
    measuring.kept(2)
    ((start, end),) = measuring.drawn(here)
    assert (*start, *end) == pytest.approx((4 - 19.5, 5 - 15.5, 24 - 19.5, 20 - 15.5), abs=0.02)
    expect(measuring.shape(away)).to_have_count(0)
    measuring.items().nth(1).locator("button.choose").click()
    expect(measuring.shape(away)).to_have_class("shape selected")
    expect(measuring.shape(here)).to_have_count(0)
    expect(measuring.page.locator("figure.axial .corner.bottom-left")).to_contain_text("3 / 6")


def test_handles_reshape_and_lines_move(measuring: MeasuringPage) -> None:
    measuring.choose("l")
    measuring.drag((-9, -4), (3, 5))
    (record,) = measuring.kept()
    mm = measuring.precision()
    measuring.drag((3, 5), (3, -4))
    expect(measuring.page.locator("figure.axial .beside")).to_have_text("12.0 mm")
    expect(measuring.page.locator("figure.axial .unsaved")).to_have_count(0)
    (reshaped,) = measuring.records()
    assert (reshaped["Revision"], value(reshaped, "Length")) == (2, pytest.approx(12.0, abs=2 * mm))
    measuring.choose("w")  # a drawing tool would draw there
    measuring.drag((-3, -4), (-1, 3))
    expect(measuring.page.locator("figure.axial .unsaved")).to_have_count(0)
    (moved,) = measuring.records()
    assert moved["Revision"] == 3
    assert flat(moved) == pytest.approx(
        [a + b for a, b in zip(flat(reshaped), [2, 7, 0, 2, 7, 0], strict=True)], abs=2 * mm
    )
    measuring.press("Control+z")
    expect(measuring.page.locator("#status")).to_have_text("The change was taken back.")
    assert flat(measuring.records()[0]) == flat(reshaped)
    measuring.press("Control+z")
    expect(measuring.page.locator("figure.axial .beside")).to_have_text("15.0 mm")
    assert flat(measuring.records()[0]) == flat(record)


def test_deletion_is_taken_back(measuring: MeasuringPage) -> None:
    measuring.choose("t")
    measuring.drag((-9, -4), (3, 5))
    (record,) = measuring.kept()
    badge = measuring.page.locator(".series-list .badge")
    expect(badge).to_have_text("1 measurement")
    measuring.press("Delete")
    measuring.kept(0)
    expect(measuring.page.locator(".measurements .shape")).to_have_count(0)
    expect(badge).to_have_count(0)
    measuring.page.get_by_role("button", name="Undo").click()
    (back,) = measuring.kept(1)
    assert (back["Geometry"], back["Values"]) == (record["Geometry"], record["Values"])
    expect(badge).to_have_text("1 measurement")
    measuring.page.get_by_role("button", name="Redo").click()
    measuring.kept(0)


def test_answer_that_is_lost_makes_nothing_twice_and_nobody_leaves_before(
    measuring: MeasuringPage, watch: Watch
) -> None:
    watch.expected = {"ERR_FAILED", "409"}
    page = measuring.page

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/measurements", lose)
    measuring.choose("l")
    measuring.drag((-9, -4), (3, -4))
    expect(page.locator("#status")).to_have_text("The server can't be reached.")
    (lost,) = measuring.records()
    expect(measuring.items()).to_have_count(0)
    page.unroute("**/measurements")
    assert is_guarded(page)
    measuring.choose("w")  # what isn't kept yet stays
    expect(page.locator("figure.axial .draft")).to_have_count(1)
    measuring.choose("l")
    measuring.click((3, 5))
    (record,) = measuring.kept(1)
    assert (record["Id"], value(record, "Length")) == (lost["Id"], pytest.approx(15.0, abs=2 * measuring.precision()))
    expect(page.locator("figure.axial .draft")).to_have_count(0)
    assert not is_guarded(page)
    page.route("**/measurements", lose)
    measuring.drag((-9, 2), (-3, 2))
    expect(page.locator("#status")).to_have_text("The server can't be reached.")
    page.unroute("**/measurements")
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # the list shows it: it is kept after all
    measuring.kept(2)
    expect(page.locator("figure.axial .draft")).to_have_count(0)
    measuring.press("Control+z")
    assert [one["Id"] for one in measuring.kept(1)] == [record["Id"]]


def is_guarded(page: Page) -> bool:
    """Whether the browser would ask before the page is closed."""
    return page.evaluate("() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")


def test_what_is_refused_is_told_and_the_drawing_stays(measuring: MeasuringPage, watch: Watch) -> None:
    watch.expected = {"400", "422"}
    measuring.choose("l")
    measuring.click((-9, -4), (30, -4))
    expect(measuring.page.locator("#status")).not_to_be_empty()
    expect(measuring.page.locator("figure.axial .draft")).to_have_count(1)
    assert measuring.records() == []
    measuring.click((3, 5))
    (record,) = measuring.kept()
    assert value(record, "Length") == pytest.approx(15.0, abs=2 * measuring.precision())


@pytest.mark.slow
def test_whoever_may_not_write_is_told_and_goes_on_reading(measuring: MeasuringPage, watch: Watch) -> None:
    watch.expected = {"403"}
    refuse = "**/measurements"
    measuring.page.route(
        refuse, lambda route: route.fulfill(status=403) if route.request.method == "POST" else route.continue_()
    )
    measuring.choose("l")
    measuring.drag((-9, -4), (3, 5))
    expect(measuring.page.locator("#status")).to_have_text("You may not change measurements here.")
    expect(measuring.page.locator("figure.axial .draft")).to_have_count(1)
    measuring.page.unroute(refuse)
    measuring.click((3, 5))
    measuring.kept(1)


def test_image_of_unknown_size_is_measured_in_pixels(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None, "Modality": "DX"}
    files = noise(Acquisition(shape=(1, 32, 32)), **nowhere)
    real.store(files)
    ids = orthanc_ids(files[0])
    measuring = MeasuringPage(page, real, orthanc, ids["series"], ids["studies"], SMALL)
    page.goto(f"{orthanc.url}/reslice/viewer/index.html?series={ids['series']}")
    expect(page.locator("figure.stack .corner.bottom-right")).not_to_be_empty()
    measuring.choose("l", "stack")
    measuring.press("Enter", "Enter", "6*ArrowRight", "8*ArrowUp", "Enter")
    (record,) = measuring.kept()
    assert record["Geometry"] == {"Space": "pixel", "Points": [[16, 16], [22, 8]]}
    assert [(entry["Value"], entry["Unit"]) for entry in record["Values"]] == [(10.0, "px")]
    expect(page.locator("figure.stack .beside")).to_have_text("10.0 px")
    assert record["Calibration"] == {"Source": "none", "Spacing": None}


def test_what_a_report_brings_without_its_place_is_listed_and_spoils_nothing(measuring: MeasuringPage) -> None:
    path = f"/studies/{measuring.study}/measurements"
    solid = {"Type": "volume", "Tool": "threshold", "Label": "Solid", "Series": measuring.series}
    body = {**solid, "Geometry": {"Space": "LPS", "Shape": "everywhere", "Range": [0, 4000]}}
    client = measuring.client
    made = client.post(path, json.dumps(body).encode())
    assert made.status == 201, made.content
    report = client.get(f"{path}/export", format="sr").content
    headers = {"If-Match": made.headers["ETag"], "Reslice-Confirm": "1"}
    assert client.delete(f"{path}/{made.json()['Id']}", headers=headers).status == 200
    assert client.post(f"{path}/import", report).status == 200
    measuring.open()
    expect(measuring.items()).to_have_count(1)
    measuring.choose("l")
    measuring.drag((-9, -4), (3, -4))
    foreign = next(record for record in measuring.kept(2) if record["Type"] == "volume")
    assert "Geometry" not in foreign
    measuring.items().filter(has_text="Solid").get_by_role("button").first.click()
    expect(measuring.shape(foreign)).to_have_count(0)
    expect(measuring.page.get_by_label("Label")).to_be_disabled()
    measuring.page.get_by_role("button", name="Delete").click()
    (line,) = measuring.kept(1)
    assert line["Tool"] == "line"
