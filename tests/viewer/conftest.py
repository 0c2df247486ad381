"""A browser for the tests of our pages; it ends with their module, since it holds an event loop of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

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


@pytest.fixture(scope="module")
def module_context(browser: Browser) -> Iterator[BrowserContext]:
    """What the pages of a module share: the files that a browser keeps. Ours keep nothing else."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(module_context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page; a browser that has seen ours before opens it."""
    module_context.on("page", watch.over)
    yield module_context.new_page()
    module_context.remove_listener("page", watch.over)
    for opened in module_context.pages:
        opened.close()
    module_context.clear_cookies()
