"""The keyboard on the viewer's page: what keys do, where they do nothing, and that the help sheet tells all of them."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from clients import OrthancClient
from phantoms import Acquisition, noise, series
from server import Orthanc
from viewed_page import await_true, button, corner, field, open_viewer, query_of, viewer_of, window_of

SMALL = Acquisition(shape=(31, 32, 40), spacing=(2.0, 1.0, 1.0))
KEYS = {
    "Slices, panes and cine": ["↑", "↓", "Page up", "Page down", "Home", "End", "←", "→", "M", "P", "S", "R or Space"],
    "Windows": ["1", "2", "3", "4", "5", "6", "7", "8", "0", "I"],
    "Tools": ["W", "Z", "H", "C", "L", "A", "E", "T", "G", "O", "V", "Alt+←", "Alt+→", "Esc"],
    "Measuring and help": ["Enter", "Backspace", "Del", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "?"],
}
HELP = "Keys and gestures"


@pytest.fixture
def viewer(page: Page, orthanc: Orthanc, real: OrthancClient) -> Page:
    """A page that shows slice 16 of 31."""
    open_viewer(page, viewer_of(orthanc, series=real.store_series(noise(SMALL, WindowCenter="0", WindowWidth="1000"))))
    expect_slice(page, 16)
    return page


def expect_slice(page: Page, number: int, pane: str = "axial", count: int = 31) -> None:
    expect(corner(page, pane, "bottom-left")).to_contain_text(f"{number} / {count}")


def test_keys_go_through_the_slices(viewer: Page) -> None:
    for key, number in {
        "ArrowDown": 17,
        "ArrowUp": 16,
        "PageUp": 6,
        "Home": 1,
        "PageDown": 11,
        "End": 31,
        "ArrowDown+": 31,
        "r": 16,
    }.items():
        viewer.keyboard.press(key.removesuffix("+"))
        expect_slice(viewer, number)
    viewer.keyboard.press("Home")
    expect_slice(viewer, 1)
    viewer.keyboard.press(" ")
    expect_slice(viewer, 16)


def test_arrows_lead_to_the_next_pane(viewer: Page) -> None:
    viewer.keyboard.press("ArrowRight")
    expect(viewer.locator(".pane.coronal .surface")).to_be_focused()
    viewer.keyboard.press("Home")
    expect_slice(viewer, 1, "coronal", 32)
    expect_slice(viewer, 16)
    viewer.keyboard.press("m")
    expect(viewer.locator(".pane.axial")).to_be_hidden()
    viewer.keyboard.press("ArrowLeft")
    expect(viewer.locator(".pane.axial .surface")).to_be_focused()
    expect(viewer.locator(".pane.coronal")).to_be_hidden()


def test_tools_have_keys(viewer: Page) -> None:
    for key, name in {"z": "Zoom", "h": "Pan", "c": "Crosshair", "w": "Window"}.items():
        viewer.keyboard.press(key)
        expect(button(viewer, name)).to_have_attribute("aria-pressed", "true")
        assert viewer.locator("#toolbar .tools [aria-pressed=true]").count() == 1


def test_alt_and_arrows_turn_the_crosshair(viewer: Page) -> None:
    """A degree clockwise in the axial plane: the patient's x axis dips to y, so that it stays on the screen's right."""
    viewer.keyboard.press("Alt+ArrowRight")
    viewer.wait_for_timeout(500)
    assert "axes" not in query_of(viewer), "only with the crosshair tool"
    viewer.keyboard.press("c")
    viewer.keyboard.press("Alt+ArrowRight")
    for degrees in (1, 11):
        x = [np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), 0]
        await_true(viewer, lambda x=x: np.allclose(axis_of(viewer), x, atol=1e-5), lambda: viewer.url)
        viewer.keyboard.press("Alt+Shift+ArrowRight")
    viewer.keyboard.press("r")
    await_true(viewer, lambda: "axes" not in query_of(viewer), lambda: viewer.url)


def axis_of(page: Page) -> list[float]:
    """The first of the turned axes that the address tells."""
    return [float(part) for part in query_of(page).get("axes", "0,0,0").split(",")[:3]]


def test_keys_do_nothing_in_fields(viewer: Page) -> None:
    before = window_of(viewer)
    for name in ("Window centre", "Pictures a second that are wanted"):
        field(viewer, name).focus()
        for key in ("2", "z", "p", "i", "Home", " ", "?"):
            viewer.keyboard.press(key)
        viewer.keyboard.press("Escape")
    field(viewer, "Window preset").focus()
    viewer.keyboard.press("z")
    field(viewer, "Slab thickness").focus()
    viewer.keyboard.press("End")
    expect(field(viewer, "Slab thickness in mm; 0 is thin")).to_have_value("50")
    expect_slice(viewer, 16)
    expect(button(viewer, "Play")).to_be_visible()
    expect(button(viewer, "Window")).to_have_attribute("aria-pressed", "true")
    expect(viewer.get_by_role("dialog")).to_have_count(0)
    field(viewer, "Window centre").focus()
    viewer.keyboard.press("Tab")
    assert window_of(viewer) == before


def test_keys_of_the_browser_stay_its_own(viewer: Page) -> None:
    for key in ("Control+i", "Meta+r", "Shift+Z", "Alt+z"):
        viewer.evaluate(PRESS, key)
    expect(button(viewer, "Invert")).to_have_attribute("aria-pressed", "false")
    expect(button(viewer, "Window")).to_have_attribute("aria-pressed", "true")


PRESS = """keys => {
  const [held, key] = keys.split('+');
  const held_down = {Control: 'ctrlKey', Meta: 'metaKey', Shift: 'shiftKey', Alt: 'altKey'}[held];
  const event = new KeyboardEvent('keydown', {key, [held_down]: true, bubbles: true, cancelable: true});
  if (!document.body.dispatchEvent(event)) throw new Error(`${keys} was taken`);
}"""
"""By script: the browser would reload the page, or close it."""


def test_help_tells_every_key(viewer: Page, real: OrthancClient) -> None:
    viewer.keyboard.press("?")
    sheet = viewer.get_by_role("dialog", name=HELP)
    for title, keys in KEYS.items():
        table = sheet.get_by_role("table", name=title)
        assert table.get_by_role("rowheader").all_inner_texts() == keys
        assert all(text.strip() for text in table.get_by_role("cell").all_inner_texts())
    version = real.get("/reslice").json()["Version"]
    expect(sheet).to_contain_text(f"Reslice for Orthanc {version}. Not for diagnostic use.")
    viewer.keyboard.press("Home")
    viewer.keyboard.press("?")
    expect(sheet).to_have_count(0)
    expect_slice(viewer, 16)
    button(viewer, HELP).click()
    expect(sheet).to_be_visible()
    viewer.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_escape_stops_cine(viewer: Page) -> None:
    viewer.keyboard.press("p")
    expect(button(viewer, "Pause")).to_be_visible()
    viewer.keyboard.press("Escape")
    expect(button(viewer, "Play")).to_be_visible()


def test_mouse_leaves_the_keys_on_the_pane(viewer: Page) -> None:
    viewer.locator(".pane.coronal .surface").click()
    button(viewer, "Zoom").click()
    expect(viewer.locator(".pane.coronal .surface")).to_be_focused()
    viewer.keyboard.press("Home")
    expect_slice(viewer, 1, "coronal", 32)


@pytest.mark.slow
def test_images_of_a_stack_are_gone_through(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient
) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    files = series(np.broadcast_to(np.arange(12.0)[:, None, None], (12, 32, 32)), Acquisition((12, 32, 32)), **nowhere)
    page = open_page()
    open_viewer(page, viewer_of(orthanc, series=real.store_series(files)))
    for key, number in {"ArrowDown": 2, "PageDown": 12, "Home": 1, "ArrowUp": 1, "End": 12}.items():
        page.keyboard.press(key)
        expect_slice(page, number, "stack", 12)
