"""What the page keeps out and keeps to itself: foreign scripts, and the token of a link."""

import pytest
from playwright.sync_api import Page

from browser import Watch
from clients import OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc
from viewing import address, open_series

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
PAUSE_MS = 700


def test_token_leaves_the_address_and_goes_with_every_request(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    series = real.store_series(noise(SMALL))
    open_series(page, orthanc, series, **{"token": "s+cret"})
    page.wait_for_timeout(PAUSE_MS)
    assert page.url.startswith(address(orthanc, series=series))
    assert "token" not in page.url
    assert page.evaluate("history.length") == 2  # about:blank, and the page once
    data = [url for url in asked if "/series/" in url or "/studies/" in url]
    assert len(data) >= 7
    assert all("token=s%2Bcret" in url for url in data)


@pytest.mark.slow
def test_inline_scripts_and_foreign_hosts_are_kept_out(
    page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient
) -> None:
    open_series(page, orthanc, real.store_series(noise(SMALL)))
    watch.expected = {"Content Security Policy", "Content-Security-Policy"}
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.intruder = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.intruder = 2">');
    }""")
    page.wait_for_timeout(300)
    assert page.evaluate("window.intruder") is None
    assert len(watch.problems) >= 2
