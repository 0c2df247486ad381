"""Debian's Chromium, watched: a page that complains, asks another host or shows a dialogue fails its test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, Request, expect, sync_playwright

from shared_data import unavailable

ARGUMENTS = (
    *("--no-first-run", "--no-proxy-server", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    "--disable-gpu-compositing",  # as on a machine without a GPU; else a processor plays one for every frame
)
NAMES = ("chromium-headless-shell", "chromium")
NO_CHROMIUM = "this system has no package chromium"
MILLISECONDS = 30_000
"""At the very first start the first plane waits until kernels are compiled."""
OWN_HOST = "127.0.0.1"
INSIDE_THE_PAGE = {"blob", "data", "about"}
OF_THE_DRIVER = "GL Driver Message (OpenGL, Performance"
"""How long it takes where a processor plays the GPU, when a test reads what WebGL has drawn: nobody's fault."""
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


def executable() -> str | None:
    """Debian's Chromium: the one without a screen, which takes half the time, or the whole one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser, ended with the block."""
    path = executable() or unavailable(NO_CHROMIUM)
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=False, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Watch:
    """What went wrong on some pages; `expected` holds parts of complaints that a test means to provoke."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.expected: set[str] = set()

    def over(self, page: Page) -> Page:
        """Watch a page."""
        page.set_default_timeout(MILLISECONDS)
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and OF_THE_DRIVER not in message.text:
            self.problems.append(f"{message.text} ({message.location.get('url')})")

    def _error(self, error: Error) -> None:
        self.problems.append(str(error))

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialogue: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in INSIDE_THE_PAGE and address.hostname != OWN_HOST:
            self.problems.append(f"asks {request.url}")

    @property
    def unexpected(self) -> list[str]:
        """All but what was meant to happen."""
        return [problem for problem in self.problems if not any(part in problem for part in self.expected)]


class _Proxy(ThreadingHTTPServer):
    """It takes as many connections at once as a browser makes."""

    request_queue_size = 64
    daemon_threads = True


@contextmanager
def behind_prefix(server: str, prefix: str) -> Iterator[str]:
    """A reverse proxy that serves what is at `server` below `prefix`, and nothing else; its address."""
    handler = _forwarder(urlsplit(server).netloc, prefix)
    with _Proxy((OWN_HOST, 0), handler) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://{OWN_HOST}:{proxy.server_port}{prefix}"
        finally:
            proxy.shutdown()


def _forwarder(server: str, prefix: str) -> type[BaseHTTPRequestHandler]:
    class Forwarder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            connection = HTTPConnection(server, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request("GET", self.path.removeprefix(prefix), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Forwarder
