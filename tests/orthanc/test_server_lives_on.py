"""What no client should send: whatever comes, the server answers and goes on."""

import socket
from urllib.parse import urlsplit

import pytest

from clients import OrthancClient
from phantoms import Acquisition, file_of, noise
from server import Orthanc
from shared_data import case_bytes, case_files

ANSWERED = {200, 404, 413, 415, 422}


def raw_status(url: str, head: bytes) -> int:
    """Send bytes that no HTTP library would, and read the status."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(head + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = connection.makefile("rb").readline()
    return int(received.split()[1]) if received else 0


@pytest.mark.parametrize(
    "query",
    [
        "%zz",
        "a=%",
        "width=%00",
        "&&&=",
        "=1",
        "width",
        "width=1=2",
        "a" * 6000,
        "position=%u0031",
        "x[]=1",
    ],
)
def test_broken_queries(real: OrthancClient, orthanc: Orthanc, query: str) -> None:
    series = real.store_series(noise(Acquisition(shape=(3, 8, 8))))
    path = f"/series/{series}/mpr/axial?{query}"
    assert raw_status(orthanc.url, f"GET {path} HTTP/1.1".encode()) in (200, 400)


@pytest.mark.parametrize(
    "path", ["/series/%0d%0aX:1/slices", "/series//slices", "/series/../slices", "/series/%2e%2e/slices"]
)
def test_broken_paths(real: OrthancClient, orthanc: Orthanc, path: str) -> None:
    assert raw_status(orthanc.url, f"GET {path} HTTP/1.1".encode()) in (400, 404)


@pytest.mark.parametrize("header", [b"If-None-Match: \xe2\x98\x83", b"Accept: " + b"a" * 7000])
def test_broken_headers(real: OrthancClient, orthanc: Orthanc, header: bytes) -> None:
    series = real.store_series(noise(Acquisition(shape=(3, 8, 8))))
    head = f"GET /series/{series}/slices/0 HTTP/1.1\r\n".encode() + header
    assert raw_status(orthanc.url, head) in (200, 400, 406)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /series/%ff%fe/slices HTTP/1.1",
        b"GET /reslice?width=%ff%fe HTTP/1.1",
        b"GET /reslice HTTP/1.1\r\nOrigin: \xff",
    ],
)
def test_bytes_that_are_no_text(real: OrthancClient, orthanc: Orthanc, head: bytes) -> None:
    """Orthanc's Python plugin itself may answer 500 to them; what counts is that it goes on (fixture `real`)."""
    assert raw_status(orthanc.url, head) in (400, 404, 500)


def test_truncated_upload_is_refused_by_orthanc(real: OrthancClient) -> None:
    file = file_of(noise(Acquisition(shape=(1, 8, 8)))[0])
    assert real.post("/instances", file[:-50]).status == 400


@pytest.mark.parametrize(
    "case", ["corrupt", "non-image", "color", "gray-special", "enhanced", "mr-mosaic", "mr-4d-bold"]
)
def test_real_oddities_are_answered(real: OrthancClient, case: str) -> None:
    for path, content in zip(case_files(case), case_bytes(case), strict=True):
        answer = real.post("/instances", content)
        if answer.status != 200:
            continue  # Orthanc itself refuses this file
        series = answer.json()["ParentSeries"]
        for route in (
            "volumes",
            "slices",
            "slices/0",
            "slices/0?format=npy",
            "mpr/axial?width=64",
            "thumbnail",
        ):
            asked = real.get(f"/series/{series}/{route}")
            assert asked.status in ANSWERED, (path.name, route, asked.content[:600])
            if asked.status != 200:
                assert asked.json()["Reason"], (path.name, route)
