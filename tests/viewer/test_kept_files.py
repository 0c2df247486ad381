"""What a browser has of the viewer page it keeps, until there is another version."""

import re
import time

from playwright.sync_api import Page, Route, expect

from clients import OrthancClient
from server import Orthanc

SECONDS = 10.0


def opened(page: Page, server: Orthanc) -> dict[str, int]:
    """The files that the page has loaded from its lasting folder, with the bytes that came over the line; no others."""
    page.goto(f"{server.url}/reslice/viewer/index.html")
    entries = page.evaluate("performance.getEntriesByType('resource').map((e) => [e.name, e.transferSize])")
    found: dict[str, int] = {}
    for address, size in entries:
        name = address.partition("/reslice/viewer/")[2]
        if name:
            assert re.match("files-[0-9a-f]{16}/", name), name
            found[name.partition("/")[2]] = found.get(name.partition("/")[2], 0) + size
    return found


def test_a_page_opened_again_asks_for_none_of_its_files(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    first = opened(page, orthanc)
    assert first.keys() >= {"viewer.js", "viewer.css", "icon.svg"}
    assert all(first.values()), "they came from the server"
    again = opened(page, orthanc)
    assert again.keys() >= {"viewer.js", "viewer.css"}
    assert not any(again.values()), "they came from the browser, which didn't ask"


def test_modules_are_asked_for_before_the_script_that_imports_them_has_come(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    held: list[Route] = []
    asked: set[str] = set()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/viewer.js", hold)
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{orthanc.url}/reslice/viewer/index.html", wait_until="commit")
    links = page.locator("link[rel=modulepreload]")
    expect(page.locator("script")).to_have_count(2)
    named = set(links.evaluate_all("(links) => links.map((link) => link.href)"))
    deadline = time.monotonic() + SECONDS
    while not (held and named <= asked) and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert len(named) > 3
    assert named <= asked
    held[0].continue_()
    page.wait_for_load_state()
