"""Layout and fingers: one pane alone, narrow screens, and what one, two and three fingers do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from clients import OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc
from viewing import PLANES, PaneOf, Seen, address, eventually, open_series, panes_of, wait_for

SMALL = Acquisition(shape=(20, 32, 40), spacing=(2.0, 1.0, 1.0))
Place = tuple[float, float]
STEPS = 5


def test_double_click_shows_one_pane_alone_and_back(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_series(page, orthanc, real.store_series(noise(SMALL)))
    panes = panes_of(page)
    small = panes["coronal"].seen()
    page.mouse.dblclick(*panes["coronal"].on_page(panes["coronal"].middle))
    for name in PLANES:
        expect(panes[name].figure).to_be_visible(visible=name == "coronal")
    eventually(page, lambda: is_wider(panes["coronal"].seen(), small))
    page.mouse.dblclick(*panes["coronal"].on_page(panes["coronal"].middle))
    for name in PLANES:
        expect(panes[name].figure).to_be_visible()
    eventually(page, lambda: is_as_wide(panes["coronal"].seen(), small))


def is_wider(seen: Seen, before: Seen) -> None:
    assert seen.width > 1.5 * before.width
    assert seen.canvas.shape[1] == pytest.approx(seen.width, abs=1)
    assert seen.scale > 1.2 * before.scale


def is_as_wide(seen: Seen, before: Seen) -> None:
    assert seen.canvas.shape == before.canvas.shape
    assert (seen.canvas == before.canvas).all()


@pytest.mark.parametrize("size", [(390, 800), pytest.param((768, 1024), marks=pytest.mark.slow)])
def test_narrow_screens_never_scroll_sideways(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, size: tuple[int, int]
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    open_series(page, orthanc, real.store_series(noise(SMALL, PatientName="Doe^Jane", StudyDescription="Chest")))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for pane in panes_of(page).values():
        assert pane.seen().width > 100
        assert pane.seen().canvas.max() > 0


@pytest.mark.parametrize("size", [(1366, 768), pytest.param((1024, 768), marks=pytest.mark.slow)])
def test_panes_use_the_window_and_fit_into_it(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, size: tuple[int, int]
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    open_series(page, orthanc, real.store_series(noise(SMALL, PatientName="Doe^Jane", StudyDescription="Chest")))
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    boxes = {name: pane.figure.bounding_box() for name, pane in panes_of(page).items()}
    assert boxes["axial"]["y"] == boxes["coronal"]["y"]
    assert boxes["axial"]["x"] == boxes["sagittal"]["x"]
    assert size[1] - 40 < boxes["sagittal"]["y"] + boxes["sagittal"]["height"] <= size[1]


class Fingers:
    """Real touches, by the browser's own protocol."""

    def __init__(self, pane: PaneOf) -> None:
        self.pane = pane
        self.session: CDPSession = pane.page.context.new_cdp_session(pane.page)

    def _send(self, kind: str, places: list[Place]) -> None:
        points = [dict(zip(("x", "y"), self.pane.on_page(at), strict=True), id=k) for k, at in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, starts: list[Place], ends: list[Place]) -> None:
        """Put fingers down one after the other, lead them somewhere, take them away."""
        for count in range(1, len(starts) + 1):
            self._send("touchStart", starts[:count])
        for step in range(1, STEPS + 1):
            part = step / STEPS
            between = [
                (x + (to_x - x) * part, y + (to_y - y) * part)
                for (x, y), (to_x, to_y) in zip(starts, ends, strict=True)
            ]
            self._send("touchMove", between)
        self._send("touchEnd", [])


@pytest.fixture
def touched(open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient) -> PaneOf:
    """The axial pane on a screen that takes fingers."""
    page = open_page(has_touch=True)
    page.goto(address(orthanc, series=real.store_series(noise(SMALL, WindowCenter=1000, WindowWidth=2000))))
    wait_for(page)
    return PaneOf(page, "axial")


def test_one_finger_is_the_tool(touched: PaneOf) -> None:
    before, (x, y) = touched.seen(), touched.middle
    Fingers(touched).move([(x, y)], [(x + 60, y)])
    eventually(touched.page, lambda: has_another_window(touched.seen(), before))
    assert (touched.seen().place, touched.seen().scale) == (before.place, before.scale)


def has_another_window(seen: Seen, before: Seen) -> None:
    assert seen.corners["bottom-right"] != before.corners["bottom-right"]


def test_two_fingers_zoom_and_pan_and_leave_the_window(touched: PaneOf) -> None:
    before, (x, y) = touched.seen(), touched.middle
    Fingers(touched).move([(x - 30, y), (x + 30, y)], [(x - 60, y), (x + 60, y)])
    eventually(touched.page, lambda: is_scaled(touched.seen(), 2 * before.scale))
    seen = touched.seen()
    assert seen.corners["bottom-right"] == before.corners["bottom-right"]
    assert seen.place == before.place


def is_scaled(seen: Seen, scale: float) -> None:
    assert seen.scale == pytest.approx(scale, rel=0.05)


def test_three_fingers_scroll(touched: PaneOf) -> None:
    before, (x, y) = touched.seen(), touched.middle
    starts = [(x - 40, y), (x, y), (x + 40, y)]
    Fingers(touched).move(starts, [(a, b + 40) for a, b in starts])
    eventually(touched.page, lambda: is_further(touched.seen(), before))
    assert touched.seen().corners["bottom-right"] == before.corners["bottom-right"]


def is_further(seen: Seen, before: Seen) -> None:
    now, then = (int(one.place.rpartition(" \u00b7 ")[2].split(" / ")[0]) for one in (seen, before))
    assert now > then
