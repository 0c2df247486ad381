"""A little HTTP server that keeps texts as Orthanc keeps metadata, and can be told to misbehave."""

import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from reslice.host.rest import Refusal, Rest

CERTIFICATE = Path(__file__).with_name("self_signed.pem")
"""For a name that nobody has, with a key that guards nothing."""
STUDY = "/studies/s"
TOKEN = "Bearer of-the-server"  # noqa: S105
SYSTEM = json.dumps({"Name": "A", "Version": "1.10.1", "HttpPort": 1, "DicomAet": "ORTHANC"}).encode()


class MetadataServer(ThreadingHTTPServer):
    """Its texts by path, the requests it has seen, and what it does wrong next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.texts: dict[str, bytes] = {}
        self.has_study = True
        self.system = SYSTEM
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.fails_with: tuple[int, bytes] | None = None
        self.hangs_up_after_writing = False
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def rest(self) -> Rest:
        """The same texts, as the SDK gives them."""

        def get(path: str) -> bytes:
            if path in self.texts:
                return self.texts[path]
            if path == STUDY and self.has_study:
                return b"{}"
            raise Refusal(17, "Unknown resource")

        def put(path: str, body: bytes) -> None:
            self.texts[path] = body

        return Rest(get, put, lambda path, body: b"", self.texts.pop)


def tag_of(text: bytes) -> str:
    """The entity tag of a text."""
    return f'"0-{hashlib.md5(text, usedforsecurity=False).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MetadataServer

    def do_GET(self) -> None:
        self.note()
        if self.path == "/system":
            return self.answer(200, self.server.system)
        text = self.server.texts.get(self.path)
        return self.answer(404) if text is None else self.answer(200, text, tag_of(text))

    def do_PUT(self) -> None:
        self.write(self.rfile.read(int(self.headers["Content-Length"])))

    def do_DELETE(self) -> None:
        self.write(None)

    def write(self, body: bytes | None) -> None:
        self.note()
        if self.server.fails_with is not None:
            return self.answer(*self.server.fails_with)
        if not self.server.has_study:
            return self.answer(404)
        with self.server.lock:
            present = self.server.texts.get(self.path)
            if present is not None and tag_of(present) != self.headers["If-Match"]:
                return self.answer(409)
            if body is None:
                self.server.texts.pop(self.path, None)
            else:
                self.server.texts[self.path] = body
        if self.server.hangs_up_after_writing:
            self.close_connection = True
            return None
        return self.answer(200, b"", '"1-wrong-on-some-versions"')

    def note(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers))

    def answer(self, status: int, body: bytes = b"", tag: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if tag is not None:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def metadata_server(*, is_secure: bool = False) -> Iterator[MetadataServer]:
    """One that listens meanwhile."""
    server = MetadataServer()
    if is_secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
