"""The viewer's page as its tests see it: its address, its toolbar, its panes and the pixels on them."""

import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from server import Orthanc

SECONDS = 20.0
MIDDLE = """canvas => {
  const copy = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  copy.drawImage(canvas, canvas.width >> 1, canvas.height >> 1, 1, 1, 0, 0, 1, 1);
  return [...copy.getImageData(0, 0, 1, 1).data];
}"""
"""Read from a copy: Chromium complains of canvases that are read themselves."""


class Numbers(NamedTuple):
    """A window as the toolbar's fields tell it."""

    center: float
    width: float


def viewer_of(server: Orthanc, **query: str) -> str:
    """The page's address."""
    return f"{server.url}/reslice/viewer/index.html?" + "&".join(f"{name}={value}" for name, value in query.items())


def open_viewer(page: Page, address: str) -> None:
    """Go there, and wait until numbers are on the screen: the tools work on them."""
    page.goto(address)
    expect(page.locator(".pane .corner.bottom-right").first).not_to_be_empty()
    expect(page.locator(".pane.preview, .pane.loading")).to_have_count(0)


def button(page: Page, name: str) -> Locator:
    """A button of the toolbar."""
    return page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    """A field of the toolbar."""
    return page.get_by_role("toolbar").get_by_label(name, exact=True)


def window_of(page: Page) -> Numbers:
    """What the fields say."""
    return Numbers(*(float(field(page, f"Window {part}").input_value()) for part in ("centre", "width")))


def await_window(page: Page, center: float, width: float) -> None:
    """Wait until the fields say so."""
    await_true(page, lambda: window_of(page) == (center, width), lambda: window_of(page))


def corner(page: Page, pane: str, name: str) -> Locator:
    """The text in a corner of a pane."""
    return page.locator(f".pane.{pane} .corner.{name}")


def grey_in_the_middle(page: Page, pane: str = "axial") -> int:
    """The pixel that the pane's canvas shows in its middle."""
    canvas = page.locator(f".pane.{pane} canvas").first
    red, green, blue, _ = canvas.evaluate(MIDDLE)
    assert red == green == blue
    return red


def await_grey(page: Page, grey: int, pane: str = "axial", tolerance: int = 0) -> None:
    """Wait until the middle of a pane is so bright."""
    await_true(
        page,
        lambda: abs(grey_in_the_middle(page, pane) - grey) <= tolerance,
        lambda: f"{grey_in_the_middle(page, pane)}, not {grey}",
    )


def await_true(page: Page, condition: Callable[[], bool], found: Callable[[], object]) -> None:
    """Wait for it; `found` tells what there is instead."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, found()
        page.wait_for_timeout(50)


def query_of(page: Page) -> dict[str, str]:
    """The query of the page's address, which follows the state after a moment."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}
