"""A browser for the tests of our pages; it ends with their module, since it holds an event loop of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser import Watch, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong on the pages of a test: nothing may."""
    watch = Watch()
    yield watch
    assert watch.unexpected == []


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Make a page in a context of its own, with the options of Playwright's `new_context`."""
    contexts = []

    def make(**options: object) -> Page:
        contexts.append(browser.new_context(**options))
        contexts[-1].on("page", watch.over)
        return contexts[-1].new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page."""
    return open_page()
