"""No stale pixel: late answers, other series, changed files, slow lines and refusals in the page."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import Error, Page, Route, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition, multiframe, noise, with_attributes
from server import Orthanc
from viewing import (
    PLANES,
    PaneOf,
    address,
    assert_same_pixels,
    assert_shows,
    centre_of,
    eventually,
    open_series,
    panes_of,
    pixel_positions,
    places_of,
    wait_for,
)

SMALL = Acquisition(shape=(6, 24, 28), spacing=(2.0, 1.0, 1.0))
LARGE = Acquisition(shape=(180, 190, 200))
"""No plane of it is small enough to come at once."""
WINDOW = "1000,4096,LINEAR"
FLAT = {"window_center": 1000, "window_width": 4096}
FRESH_MS = 20_000


class Held:
    """Requests that a test keeps waiting."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def keep(self, route: Route) -> None:
        self.routes.append(route)

    def release(self) -> None:
        """Let all of them go on; the page may have given some up."""
        routes, self.routes = self.routes, []
        for route in routes:
            with suppress(Error):
                route.continue_()


def two_series(real: OrthancClient) -> tuple[str, str, str]:
    """The study, and two series of it with other pixels at the same places."""
    study = {"StudyInstanceUID": "2.25.77", "FrameOfReferenceUID": "2.25.1"}
    files = [noise(SMALL, seed=k, SeriesDescription=f"Number {k}", SeriesNumber=k, **study) for k in (1, 2)]
    first, second = (real.store_series(stored) for stored in files)
    return orthanc_ids(files[0][0])["studies"], first, second


def assert_planes_of(page: Page, real: OrthancClient, stored: str, **query: object) -> None:
    centre = centre_of(real, stored)
    for name, pane in panes_of(page).items():
        assert_shows(pane.seen(), real.get(f"/series/{stored}/mpr/{name}", **FLAT, **query), centre, tolerance=1)


def test_late_answers_of_a_series_never_show_in_the_next(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    study, first, second = two_series(real)
    held = Held()
    page.route(f"**/series/{first}/mpr/**", held.keep)
    page.goto(address(orthanc, study=study, series=first, window=WINDOW))
    eventually(page, lambda: has_kept(held, 3))
    page.locator("button.series", has_text="Number 2").click()
    wait_for(page)
    held.release()
    page.wait_for_timeout(500)
    for name, pane in panes_of(page).items():
        assert_shows(pane.seen(), real.get(f"/series/{second}/mpr/{name}"), centre_of(real, second), tolerance=1)


def has_kept(held: Held, count: int) -> None:
    assert len(held.routes) >= count


def test_last_plane_wins_when_answers_are_slow(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored, window=WINDOW)
    coronal = panes_of(page)["coronal"]
    held = Held()
    page.route("**/mpr/coronal?**", held.keep)
    coronal.wheel(8)  # beyond what has been read ahead
    page.wait_for_timeout(200)
    coronal.wheel(-5)
    page.wait_for_timeout(200)
    for _ in range(20):
        held.release()
        page.wait_for_timeout(60)
    page.unroute("**/mpr/coronal?**")
    held.release()
    answer = real.get(f"/series/{stored}/mpr/coronal", index=15, **FLAT)
    expect(coronal.figure.locator(".corner.bottom-left span").first).to_contain_text("16 / 24")
    centre = centre_of(real, stored)
    eventually(page, lambda: assert_shows(coronal.seen(), answer, centre, tolerance=1))
    page.wait_for_timeout(300)  # whatever else was asked for is here by now
    assert coronal.slider.input_value() == "15"
    assert_shows(coronal.seen(), answer, centre, tolerance=1)


def test_preview_comes_first_and_numbers_replace_it(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(LARGE))
    held = Held()
    page.route("**/mpr/*?*format=raw*", held.keep)
    page.goto(address(orthanc, series=stored, window=WINDOW))
    for pane in panes_of(page).values():
        expect(pane.figure.locator(".corner.top-right")).to_contain_text("Preview")
        assert pane.seen().preview
    axial = panes_of(page)["axial"]
    axial.hover(axial.middle)
    line = axial.figure.locator(".corner.bottom-left span").nth(1)
    expect(line).to_be_visible()
    assert "\u00b7" not in line.inner_text(), "a preview has no values, and isn't outside for that"
    page.unroute("**/mpr/*?*format=raw*")
    held.release()
    wait_for(page)
    answer = real.get(f"/series/{stored}/mpr/axial", **FLAT)
    facts = answer.told("Reslice-Plane")
    places = places_of(axial.seen(), facts, pixel_positions(facts), centre_of(real, stored))
    enlarged = axial.zoom(12)(places)  # until pixels are squares
    eventually(page, lambda: assert_same_pixels(axial.seen(), answer.picture(), enlarged, tolerance=1))


def test_previews_of_single_images_tell_no_values(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    frames = np.random.default_rng(6).integers(0, 4000, (3, 20, 24)).astype(np.uint16)
    stored = real.store_series([multiframe(frames)])
    held = Held()
    page.route("**/slices/*?*format=raw*", held.keep)
    page.goto(address(orthanc, series=stored))
    stack = PaneOf(page, "stack")
    expect(stack.figure.locator(".corner.top-right")).to_contain_text("Preview")
    page.keyboard.press("l")
    x, y = stack.middle
    stack.drag((x - 30, y), (x + 30, y))
    page.wait_for_timeout(200)
    assert len(stack.seen().corners["bottom-left"]) == 1
    assert stack.figure.locator("svg :is(line, path, polyline)").count() == 0, "nothing is measured on a preview"
    page.unroute("**/slices/*?*format=raw*")
    held.release()
    wait_for(page, "stack")


def sent_again(real: OrthancClient, files: list, seed: int) -> list:
    """The same instances with other pixels, the old ones deleted."""
    uids = [file.SOPInstanceUID for file in files]
    own = {"SeriesInstanceUID": files[0].SeriesInstanceUID, "StudyInstanceUID": files[0].StudyInstanceUID}
    other = noise(SMALL, seed=seed, **own)
    for file, uid in zip(other, uids, strict=True):
        with_attributes(file, {"SOPInstanceUID": uid})
    for file in files:
        real.remove(orthanc_ids(file)["instances"])
    real.store(other)
    return other


def test_series_sent_again_is_shown_anew_by_a_reload(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(SMALL, seed=1)
    stored = real.store_series(files)
    open_series(page, orthanc, stored, window=WINDOW)
    assert_planes_of(page, real, stored)
    sent_again(real, files, seed=2)
    page.reload()
    wait_for(page)
    assert_planes_of(page, real, stored)


@pytest.mark.slow
def test_series_sent_again_is_shown_anew_after_a_while(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(SMALL, seed=1)
    stored = real.store_series(files)
    open_series(page, orthanc, stored, window=WINDOW)
    axial, centre = panes_of(page)["axial"], centre_of(real, stored)
    page.wait_for_timeout(500)
    sent_again(real, files, seed=2)
    page.wait_for_timeout(FRESH_MS + 500)
    axial.wheel(1)
    answer = real.get(f"/series/{stored}/mpr/axial", index=4, **FLAT)
    eventually(page, lambda: assert_shows(axial.seen(), answer, centre))
    axial.wheel(-1)
    answer = real.get(f"/series/{stored}/mpr/axial", index=3, **FLAT)
    eventually(page, lambda: assert_shows(axial.seen(), answer, centre))


REFUSALS = {413: "This volume is too large", 415: "The transfer syntax can't be decoded", 422: "There is no volume"}


@pytest.mark.parametrize("status", REFUSALS)
def test_refusals_are_told_where_the_picture_would_be(
    page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient, status: int
) -> None:
    watch.expected = {str(status)}
    stored = real.store_series(noise(SMALL))
    page.route("**/mpr/**", lambda route: route.fulfill(status=status, json={"Details": REFUSALS[status]}))
    page.goto(address(orthanc, series=stored))
    for name in PLANES:
        pane = PaneOf(page, name)
        expect(pane.figure.get_by_role("alert")).to_have_text(REFUSALS[status])
        eventually(page, lambda p=pane: shows_nothing(p))


def shows_nothing(pane: PaneOf) -> None:
    seen = pane.seen()
    assert seen.canvas.max() == 0
    assert seen.lines == []
    assert seen.edges == ""


@pytest.mark.parametrize("how", ["gone", "unreachable"])
def test_what_is_no_longer_there_leaves_no_picture(
    page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient, how: str
) -> None:
    watch.expected = {"404", "ERR_FAILED"}
    files = noise(SMALL)
    stored = real.store_series(files)
    open_series(page, orthanc, stored)
    coronal = panes_of(page)["coronal"]
    if how == "gone":
        for file in files:
            real.remove(orthanc_ids(file)["instances"])
    else:
        page.route("**/mpr/**", lambda route: route.abort())
    coronal.surface.focus()
    page.keyboard.press("Home")
    told = {"gone": "This is no longer on the server.", "unreachable": "The server can't be reached."}[how]
    expect(coronal.figure.get_by_role("alert")).to_have_text(told)
    eventually(page, lambda: shows_nothing(coronal))
    if how == "unreachable":
        page.unroute("**/mpr/**")
        page.keyboard.press("ArrowDown")
        expect(coronal.figure.get_by_role("alert")).to_have_count(0)
        expect(coronal.figure.locator(".corner.bottom-left span").first).to_contain_text("2 / 24")


def test_volume_over_the_limit_says_so(page: Page, watch: Watch, start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc(Reslice={"LargestVolumeMegabytes": 1})
    stored = server.client().store_series(noise(Acquisition(shape=(3, 512, 512))))
    watch.expected = {"413"}
    page.goto(address(server, series=stored))
    for name in PLANES:
        expect(PaneOf(page, name).figure.get_by_role("alert")).not_to_be_empty()
