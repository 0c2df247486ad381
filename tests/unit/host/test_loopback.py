"""Orthanc's own port: asked only where it is there, by a few at a time, and with what belongs to the request."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from reslice.errors import ArchiveUnavailable, Busy, Forbidden, UnknownResource
from reslice.host.callers import file_for_caller, forwarded
from reslice.host.loopback import Loopback
from server import free_port
from unit.host.metadata_server import SYSTEM, TOKEN, MetadataServer, metadata_server


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    """A server that listens."""
    with metadata_server() as server:
        yield server


def loopback_to(port: int, **configuration: object) -> Loopback:
    """Of an Orthanc that is configured so."""
    return Loopback({"HttpPort": port, **configuration}, lambda: TOKEN, lambda: SYSTEM)


def untold() -> str:
    pytest.fail("The token isn't needed")


def assert_unavailable(loopback: Loopback) -> None:
    """It says so, and nobody gets through."""
    assert not loopback.is_there()
    with pytest.raises(ArchiveUnavailable) as caught, loopback.slot():
        loopback.require()
    assert caught.value.reason == "loopback-unavailable"


def test_its_own_server_is_recognised(server: MetadataServer) -> None:
    loopback = loopback_to(server.port)
    assert loopback.is_there()
    assert [(method, path) for method, path, _ in server.seen] == [("GET", "/system")]
    assert server.seen[0][2]["authorization"] == TOKEN
    assert loopback.is_there()
    assert len(server.seen) == 1, "asked once"


@pytest.mark.parametrize(
    "configuration",
    [
        {"HttpServerEnabled": False},
        {"SslEnabled": True, "SslVerifyPeers": True},
        {"HttpThreadsCount": 1},
        {"HttpBindAddresses": ["192.0.2.1", "::1"]},
    ],
)
def test_configurations_that_do_not_allow_it(server: MetadataServer, configuration: dict) -> None:
    loopback = Loopback({"HttpPort": server.port, **configuration}, untold, lambda: SYSTEM)
    assert_unavailable(loopback)
    assert server.seen == []


def test_verified_peers_of_a_server_without_tls_mean_nothing(server: MetadataServer) -> None:
    assert loopback_to(server.port, SslVerifyPeers=True).is_there()


@pytest.mark.parametrize("addresses", [[], ["0.0.0.0"], ["192.0.2.1", "127.0.0.1"]])  # noqa: S104
def test_addresses_that_include_the_loopback(server: MetadataServer, addresses: list[str]) -> None:
    assert loopback_to(server.port, HttpBindAddresses=addresses).is_there()


def test_a_server_with_tls_whatever_its_certificate_says() -> None:
    """It was made for the name that clients use, and nobody is between us and the loopback interface."""
    with metadata_server(is_secure=True) as server:
        assert loopback_to(server.port, SslEnabled=True).is_there()
        assert_unavailable(loopback_to(server.port))


def test_nobody_listens() -> None:
    assert_unavailable(loopback_to(free_port()))


@pytest.mark.parametrize(
    "system",
    [b"", b"[]", b"<html>", json.dumps({**json.loads(SYSTEM), "Name": "B"}).encode()],
)
def test_another_server_has_the_port(server: MetadataServer, system: bytes) -> None:
    server.system = system
    assert_unavailable(loopback_to(server.port))


def test_a_server_that_comes_later_is_found(server: MetadataServer) -> None:
    loopback = loopback_to(server.port)
    server.system = b"starting"
    assert not loopback.is_there()
    server.system = SYSTEM
    assert loopback.is_there()


def test_something_that_is_no_http_server() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0)
        loopback = loopback_to(listening.getsockname()[1])
        with pytest.raises(ArchiveUnavailable), loopback.slot(), loopback.conversation():
            raise ConnectionResetError


@pytest.mark.parametrize(("threads", "slots"), [(2, 1), (4, 1), (8, 2), (50, 12), (None, 12)])
def test_a_quarter_of_the_threads_and_at_least_one(threads: int | None, slots: int) -> None:
    loopback = loopback_to(free_port(), **({} if threads is None else {"HttpThreadsCount": threads}))
    for _ in range(2):  # they come back
        with ExitStack() as stack:
            for _ in range(slots):
                stack.enter_context(loopback.slot())
            with pytest.raises(Busy), loopback.slot():
                pass
            assert loopback.is_there(), "busy, hence there"


def test_no_proxy_is_asked(server: MetadataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with metadata_server() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        assert loopback_to(server.port).is_there()
        assert proxy.seen == []


OF_THE_CALLER = {
    "authorization": "Basic YWxpY2U6eA==",
    "cookie": "session=1",
    "token": "t",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-user": "alice",
    "user-agent": "viewer",
}
OF_THE_REQUEST = {
    "host": "example.org",
    "connection": "keep-alive, X-Secret-Of-The-Hop",
    "x-secret-of-the-hop": "1",
    "keep-alive": "timeout=1",
    "transfer-encoding": "chunked",
    "te": "trailers",
    "upgrade": "h2c",
    "proxy-authorization": "Basic eA==",
    "expect": "100-continue",
    "content-length": "99999",
    "content-type": "application/json",
    "content-encoding": "gzip",
    "accept": "application/dicom+json",
    "accept-encoding": "gzip",
    "if-match": '"1"',
    "if-none-match": "*",
    "range": "bytes=0-1",
    "origin": "https://example.org",
    "referer": "https://example.org/x",
    "sec-fetch-site": "same-origin",
    "x-http-method-override": "DELETE",
}


def test_what_tells_of_the_caller_is_forwarded_and_nothing_else() -> None:
    assert forwarded({**OF_THE_CALLER, **OF_THE_REQUEST}) == OF_THE_CALLER


INSTANCE = "0" * 8 + "-00000000" * 4
FILE = f"/instances/{INSTANCE}/file"


def test_a_file_is_asked_for_as_its_caller(server: MetadataServer) -> None:
    server.texts[FILE] = b"DICM"
    headers = {**OF_THE_CALLER, **OF_THE_REQUEST}
    assert file_for_caller(loopback_to(server.port), INSTANCE, headers, {}) == b"DICM"
    method, path, sent = server.seen[-1]
    assert (method, path) == ("GET", FILE)
    assert OF_THE_CALLER.items() <= sent.items()
    assert TOKEN not in sent.values()
    assert not {"if-match", "range", "origin", "x-http-method-override"} & sent.keys()


def test_the_callers_tokens_in_the_query_come_along(server: MetadataServer) -> None:
    server.texts[f"{FILE}?token=a%26b+c"] = b"DICM"
    assert file_for_caller(loopback_to(server.port), INSTANCE, {}, {"token": "a&b c"}) == b"DICM"


def test_names_that_are_not_of_ascii_pass_as_they_came(server: MetadataServer) -> None:
    server.texts[FILE] = b"DICM"
    assert file_for_caller(loopback_to(server.port), INSTANCE, {"x-user": "J\u00f6rg"}, {}) == b"DICM"
    assert server.seen[-1][2]["x-user"].encode("latin-1").decode() == "J\u00f6rg"


def test_a_file_that_is_not_there(server: MetadataServer) -> None:
    with pytest.raises(UnknownResource) as caught:
        file_for_caller(loopback_to(server.port), INSTANCE, {}, {})
    assert caught.value.reason == "unknown-instance"


def test_a_line_break_in_a_header_goes_nowhere(server: MetadataServer) -> None:
    server.texts[FILE] = b"DICM"
    with pytest.raises(Forbidden) as caught:
        file_for_caller(loopback_to(server.port), INSTANCE, {"x-user": "a\r\nauthorization: b"}, {})
    assert caught.value.reason == "forbidden-resource"
    assert all(path == "/system" for _, path, _ in server.seen)
