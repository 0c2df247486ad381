"""The page's address keeps what is to be seen; whatever can't be right in it is left out without harm."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from clients import OrthancClient
from phantoms import Acquisition, multiframe, noise
from server import Orthanc
from viewing import PaneOf, address, assert_shows, centre_of, open_series, panes_of, wait_for

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
PAUSE_MS = 700
BAD = [
    {"at": "NaN,1,2", "window": "NaN,400,LINEAR", "slab": "NaN,mip", "axes": "NaN,0,0,0,1,0"},
    {"at": "1e9,0,0", "window": "40,-400,LINEAR", "slab": "1e9,mip", "axes": "1,0,0,1,0,0"},
    {"at": "1,2", "window": "40,400,<script>", "slab": "10,<script>", "axes": "1,0,0"},
    {"at": "<img src=x onerror=alert(1)>", "window": "<script>alert(1)</script>", "pane": "<b>", "unit": "suv"},
    {"at": "Infinity,0,0", "window": "Infinity,400", "slab": "-3,mip", "pane": "stack", "volume": "-1"},
    {"volume": "99"},
    {"volume": "0.5", "at": ",,", "window": ",", "slab": ",", "axes": ",,,,,", "pane": ""},
    {"frame": "<script>"},
    {"frame": "3"},
]


def test_reload_shows_the_same(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored)
    coronal = panes_of(page)["coronal"]
    coronal.wheel(3)
    coronal.drag(coronal.middle, (coronal.middle[0] + 40, coronal.middle[1] + 20))
    page.wait_for_timeout(PAUSE_MS)
    before, address_before = {name: pane.seen() for name, pane in panes_of(page).items()}, page.url
    assert "3 / 32" not in before["coronal"].place
    assert "20 / 32" in before["coronal"].place
    page.reload()
    wait_for(page)
    page.wait_for_timeout(PAUSE_MS)
    assert page.url == address_before
    for name, pane in panes_of(page).items():
        seen = pane.seen()
        assert (seen.corners, seen.letters) == (
            before[name].corners | {"bottom-left": [before[name].place]},
            before[name].letters,
        )
        assert (seen.canvas == before[name].canvas).all()


def test_image_of_a_stack_stays(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    frames = np.random.default_rng(6).integers(0, 4000, (5, 12, 14)).astype(np.uint16)
    stored = real.store_series([multiframe(frames)])
    open_series(page, orthanc, stored, "stack")
    stack = PaneOf(page, "stack")
    stack.wheel(2)
    expect(stack.figure.locator(".corner.bottom-left span").first).to_have_text("Image 3 / 5")
    page.wait_for_timeout(PAUSE_MS)
    assert "frame=2" in page.url
    page.reload()
    wait_for(page, "stack")
    expect(stack.figure.locator(".corner.bottom-left span").first).to_have_text("Image 3 / 5")


@pytest.mark.parametrize("query", BAD, ids=str)
def test_what_cant_be_right_is_left_out(
    page: Page, orthanc: Orthanc, real: OrthancClient, query: dict[str, str]
) -> None:
    stored = real.store_series(noise(SMALL))
    page.goto(address(orthanc, series=stored, **query))
    wait_for(page)
    centre = centre_of(real, stored)
    for name, pane in panes_of(page).items():
        assert_shows(pane.seen(), real.get(f"/series/{stored}/mpr/{name}"), centre, tolerance=1)
    page.wait_for_timeout(PAUSE_MS)
    assert "script" not in page.url
    assert "NaN" not in page.url
