"""Places in the page: scrolling, the crosshair, what is told under the cursor, held against the server's numbers."""

import numpy as np
import pytest
from playwright.sync_api import Page

from clients import OrthancClient
from phantoms import ACQUISITIONS, Acquisition, noise, ramp
from server import Orthanc
from viewing import (
    AXES,
    PLANES,
    PaneOf,
    assert_shows,
    centre_of,
    eventually,
    millimetres,
    open_series,
    panes_of,
    places_of,
)

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0), center=(7.0, -3.0, 20.0))
COUNTS = {"axial": 6, "coronal": 32, "sagittal": 40}
FLAT = {"window_center": 1000, "window_width": 4096}
WINDOW = "1000,4096,LINEAR"
TOLD = 0.0501
"""Places are told to a tenth of a millimetre."""


def index_of(pane: PaneOf) -> int:
    """Which plane is told, from 0 on."""
    return int(pane.seen().place.rpartition(" \u00b7 ")[2].split(" / ")[0]) - 1


def assert_at(pane: PaneOf, client: OrthancClient, stored: str, index: int) -> None:
    """Slider, corner and pixels are those of one plane."""
    seen = pane.seen()
    answer = client.get(f"/series/{stored}/mpr/{pane.name}", index=index, **FLAT)
    told = answer.told("Reslice-Plane")
    place, _, step = seen.place.partition(" \u00b7 ")
    assert step == f"{index + 1} / {told['Count']}"
    axis = AXES[pane.name]
    assert millimetres(place, axis) == pytest.approx(told["Position"][axis], abs=TOLD)
    assert pane.slider.input_value() == str(index)
    assert pane.slider.get_attribute("aria-valuetext") == step
    # Between slices the page's numbers are rounded before they become grey.
    assert_shows(seen, answer, centre_of(client, stored), tolerance=0 if pane.name == "axial" else 1)


def test_wheel_slider_and_keys_move_through_the_planes(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored, window=WINDOW)
    for name, pane in panes_of(page).items():
        begin, last = COUNTS[name] // 2, COUNTS[name] - 1

        def at(index: int, pane: PaneOf = pane) -> None:
            eventually(page, lambda: assert_at(pane, real, stored, index))

        at(begin)
        pane.wheel(2)
        at(begin + 2)
        pane.wheel(-1)
        at(begin + 1)
        pane.surface.focus()
        for key, index in (("ArrowDown", begin + 2), ("ArrowUp", begin + 1), ("End", last), ("ArrowDown", last)):
            page.keyboard.press(key)
            at(index)
        for key, index in (("PageUp", max(0, last - 10)), ("Home", 0), ("ArrowUp", 0), ("PageDown", min(last, 10))):
            page.keyboard.press(key)
            at(index)
        pane.slider.focus()
        page.keyboard.press("ArrowRight" if last > 10 else "ArrowLeft")
        at(11 if last > 10 else last - 1)


def test_what_is_told_is_what_is_on_the_screen(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    """Planes that never come leave the old one, with its own place and pixels."""
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored, window=WINDOW)
    axial = panes_of(page)["axial"]
    page.wait_for_timeout(300)  # the neighbours are here by then
    before = axial.seen()
    page.route("**/mpr/coronal?**", lambda route: None)
    coronal = panes_of(page)["coronal"]
    old = coronal.seen()
    coronal.surface.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    now = coronal.seen()
    assert now.place == old.place
    np.testing.assert_array_equal(now.canvas, old.canvas)
    assert axial.seen().place == before.place
    assert "loading" in (coronal.figure.get_attribute("class") or "")


@pytest.mark.parametrize(
    "name", ["axial", pytest.param("double-oblique", marks=pytest.mark.slow), pytest.param("gantry-tilt")]
)
def test_value_and_place_under_the_cursor_are_the_servers(
    page: Page, orthanc: Orthanc, real: OrthancClient, name: str
) -> None:
    acquisition = ACQUISITIONS[name]
    for axis in range(3):
        stored = real.store_series(ramp(axis, acquisition))
        open_series(page, orthanc, stored, at="0.5,0.5,1.25")
        centre = centre_of(real, stored)
        for plane, pane in panes_of(page).items():
            told = real.get(f"/series/{stored}/mpr/{plane}", position=(0.5, 0.5, 1.25)[AXES[plane]])
            facts = told.told("Reslice-Plane")
            for away in ((2.2, 1.3), (-3.4, -0.6)):
                point = centre + np.array(facts["Row"]) * away[0] + np.array(facts["Column"]) * away[1]
                point[AXES[plane]] = facts["Position"][AXES[plane]]
                x, y = places_of(pane.seen(), facts, point, centre)
                pane.hover((x, y))
                eventually(page, lambda p=pane, at=point, s=stored, k=axis: assert_told(p, real, s, at, k))


def assert_told(pane: PaneOf, client: OrthancClient, stored: str, point: np.ndarray, axis: int) -> None:
    """The told place is the one pointed at; the value is the ramp's coordinate of the nearest pixel there."""
    seen = pane.seen()
    assert len(seen.corners["bottom-left"]) == 2
    assert seen.point == pytest.approx(point.tolist(), abs=0.6)  # the mouse stands on whole pixels
    asked = ",".join(map(str, seen.point))
    found = client.get(f"/series/{stored}/probe", point=asked, interpolation="linear").json()
    assert seen.value is not None
    assert seen.value == pytest.approx(found["Value"], abs=0.65)  # half a pixel, and its rounding
    assert seen.value == pytest.approx(seen.point[axis], abs=0.65)


def test_outside_is_told_outside(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_series(page, orthanc, real.store_series(noise(SMALL)))
    coronal = panes_of(page)["coronal"]
    coronal.hover(coronal.middle)
    eventually(page, lambda: has_value(coronal, inside=True))
    coronal.hover((coronal.middle[0], 4))
    eventually(page, lambda: has_value(coronal, inside=False))
    page.mouse.move(2, 2)
    eventually(page, lambda: has_no_cursor(coronal))


def has_value(pane: PaneOf, inside: bool) -> None:
    lines = pane.seen().corners["bottom-left"]
    assert len(lines) == 2
    assert lines[1].startswith("outside") is not inside
    assert ("HU" in lines[1]) is inside


def has_no_cursor(pane: PaneOf) -> None:
    assert len(pane.seen().corners["bottom-left"]) == 1


@pytest.mark.parametrize("hold", ["click", "shift"])
def test_crosshair_takes_the_other_planes_to_the_place(
    page: Page, orthanc: Orthanc, real: OrthancClient, hold: str
) -> None:
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored, window=WINDOW)
    panes, centre = panes_of(page), centre_of(real, stored)
    targets = {"axial": (12.5, 3.5), "coronal": (-9.5, 3.0), "sagittal": (-6.5, -5.0)}
    if hold == "click":
        page.keyboard.press("c")
    for name, pane in panes.items():
        facts = real.get(f"/series/{stored}/mpr/{name}", index=index_of(pane)).told("Reslice-Plane")
        along, down = targets[name]
        point = centre + np.array(facts["Row"]) * along + np.array(facts["Column"]) * down
        x, y = places_of(pane.seen(), facts, point, centre)
        own = pane.seen().place
        if hold == "click":
            pane.click((x, y))
        else:
            page.keyboard.down("Shift")
            pane.hover((x, y))
            page.keyboard.up("Shift")
        for other in (panes[other] for other in PLANES if other != name):
            eventually(page, lambda o=other, p=point: assert_passes(o, p))
            assert_at(other, real, stored, index_of(other))
        assert pane.seen().place == own


def assert_passes(pane: PaneOf, point: np.ndarray) -> None:
    """The plane is the one whose voxels lie nearest to the point."""
    axis = AXES[pane.name]
    spacing = {2: 2.0}.get(axis, 1.0)
    place = millimetres(pane.seen().place.partition(" \u00b7 ")[0], axis)
    assert abs(place - point[axis]) <= spacing / 2 + 0.15


def test_lines_stand_where_the_other_planes_cross(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(SMALL))
    at = np.array([12.5, -8.5, 21.0])
    open_series(page, orthanc, stored, at=",".join(map(str, at)))
    centre = centre_of(real, stored)
    for name, pane in panes_of(page).items():
        facts = real.get(f"/series/{stored}/mpr/{name}", position=at[AXES[name]]).told("Reslice-Plane")
        x, y = places_of(pane.seen(), facts, at, centre)
        for other in PLANES:
            lines = pane.figure.locator(f".crosshair line.{other}")
            if other == name:
                assert lines.count() == 0
                continue
            ends = lines.evaluate_all("all => all.map(l => ['x1','y1','x2','y2'].map(k => Number(l.getAttribute(k))))")
            assert len(ends) == 2
            flat = other == "axial" or (name == "axial" and other == "coronal")
            for x1, y1, x2, y2 in ends:
                assert (
                    (y1, y2) == pytest.approx((y, y), abs=0.5) if flat else (x1, x2) == pytest.approx((x, x), abs=0.5)
                )


def test_zoom_and_pan_keep_places_true(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    """What is told under the cursor stays the ramp's own coordinate, and the place under the wheel stays there."""
    stored = real.store_series(ramp(0, SMALL))
    open_series(page, orthanc, stored)
    axial = panes_of(page)["axial"]
    x, y = axial.middle[0] + 60, axial.middle[1] - 30
    axial.hover((x, y))
    eventually(page, lambda: has_value(axial, inside=True))
    before = axial.seen()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    eventually(page, lambda: is_zoomed(axial, before.scale * 1.4))
    axial.hover((x + 1, y))
    axial.hover((x, y))
    eventually(page, lambda: points_at(axial, before.point, 0.11))
    axial.drag((x, y), (x - 40, y + 25), button="middle")
    eventually(page, lambda: points_at(axial, before.point, 0.11))  # it went with the hand
    seen = axial.seen()
    assert seen.value == pytest.approx(seen.point[0], abs=0.65)
    page.keyboard.press("r")
    eventually(page, lambda: is_scale(axial, before.scale))


def is_zoomed(pane: PaneOf, least: float) -> None:
    assert pane.seen().scale > least


def is_scale(pane: PaneOf, scale: float) -> None:
    assert pane.seen().scale == pytest.approx(scale, rel=1e-3)


def points_at(pane: PaneOf, point: list[float], mm: float) -> None:
    assert pane.seen().point == pytest.approx(point, abs=mm)
