"""A server that is told to stop ends soon and well, whatever it does; and none of its threads is left over."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

import pytest
import requests

from clients import OrthancClient, orthanc_ids
from drafts import body_of, on_image
from phantoms import Acquisition, noise
from reslice.web.routes import ROUTES
from server import COMPILE_SECONDS, Orthanc

LARGE = Acquisition((128, 128, 128), (0.5, 0.5, 0.5))
FAR_LONGER = 20
"""Seconds that the pictures would take, at least; a stop takes two."""


def ask_until_refused(server: Orthanc, path: str) -> None:
    with suppress(requests.RequestException):  # the connection ends with the server
        OrthancClient(server.url).get(path)


@pytest.mark.slow
def test_renderings_are_given_up_when_the_server_stops(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
    server.wait_for_kernels()
    client = server.client()
    path = f"/series/{client.store_series(noise(LARGE))}"
    assert client.get(f"{path}/rendered3d?renderingmethod=average_ip&viewport=64,64").status == 200
    large = f"{path}/rendered3d?renderingmethod=average_ip&viewport=4000,4000"
    clients = [threading.Thread(target=ask_until_refused, args=(server, large)) for _ in range(4)]
    for thread in clients:
        thread.start()
    time.sleep(2)
    assert all(thread.is_alive() for thread in clients)
    begun = time.monotonic()
    server.end()
    while server.alive:
        assert time.monotonic() - begun < FAR_LONGER, server.recent_log
        time.sleep(0.05)
    for thread in clients:
        thread.join(FAR_LONGER)
        assert not thread.is_alive()


SMALL = noise(Acquisition((6, 48, 64), (2.0, 1.0, 1.0)))
IDS = orthanc_ids(SMALL[0])
SOON = 10
"""Seconds: what service managers grant at least. Orthanc itself takes two."""


def routes_of(server: OrthancClient) -> list[tuple[str, str]]:
    """Each route once, about what the server holds."""
    measurements = f"/studies/{IDS['studies']}/measurements"
    made = server.post(measurements, body_of(on_image(IDS["instances"], [(0, 0), (9, 0)])))
    parts = {"k": "0", "n": "1", "plane": "coronal", "uuid": made.json()["Id"], "file": "index.html"}
    found = []
    for route in ROUTES:
        level = route.template.split("/")[1]
        known = {"id": IDS.get(level, ""), **parts}
        found.append((route.method, route.url(**known)))
    return found


def ask_all(server: Orthanc, routes: list[tuple[str, str]], count: int) -> list[int]:
    """So many requests by eight clients at once; all of them are answered."""

    def ask(number: int) -> list[int]:
        client = OrthancClient(server.url)
        mine = islice(cycle(routes), number * len(routes) // 8, number * len(routes) // 8 + count // 8)
        statuses = [
            client.request(method, path, body=b"{}" if method in {"POST", "PUT"} else b"").status
            for method, path in mine
        ]
        client.close()
        return statuses

    with ThreadPoolExecutor(8) as pool:
        return [status for statuses in pool.map(ask, range(8)) for status in statuses]


def settled_threads(server: Orthanc) -> int:
    """How many threads the process has, when two seconds have changed nothing."""
    counts = [0]
    while (len(counts) < 40 and len(set(counts[-5:])) > 1) or len(counts) < 5:
        time.sleep(0.5)
        counts.append(len(list(Path(f"/proc/{server.pid}/task").iterdir())))
    return counts[-1]


@pytest.mark.slow
def test_no_thread_is_left_over_by_requests(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
    server.wait_for_kernels()
    client = server.client()
    client.store(SMALL)
    routes = routes_of(client)
    ask_all(server, routes, 2 * len(routes) + 8)
    before = settled_threads(server)
    statuses = ask_all(server, routes, 304)
    assert len(statuses) == 304
    assert set(statuses) <= {200, 201, 202, 302, 307, 400, 403, 404, 412, 415, 428}
    assert statuses.count(200) > 150
    assert settled_threads(server) == before


def nothing(server: Orthanc) -> None:
    """An idle server."""


def mixed_requests(server: Orthanc) -> None:
    """One that has answered requests on all routes."""
    client = server.client()
    client.store(SMALL)
    ask_all(server, routes_of(client), 80)


def loading(server: Orthanc) -> None:
    """One that loads a volume in the background."""
    client = server.client()
    series = client.store_series(noise(LARGE))
    assert client.post(f"/series/{series}/volumes").status == 202


def rendering(server: Orthanc) -> None:
    """One with pictures and volumes under way."""
    series = server.client().store_series(noise(LARGE))
    paths = [
        f"/series/{series}/rendered3d?viewport=2000,2000",
        f"/series/{series}/mpr/axial?slab-thickness=60&width=4000",
    ]
    for path in (*paths, f"/series/{series}/volumes/0/voxels?format=nifti", f"/series/{series}/thumbnail"):
        threading.Thread(target=ask_until_refused, args=(server, path), daemon=True).start()
    time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.parametrize("occupied", [nothing, mixed_requests, loading, rendering])
def test_server_ends_well_whatever_it_does(
    start_orthanc: Callable[..., Orthanc], occupied: Callable[[Orthanc], None]
) -> None:
    server = start_orthanc()
    server.wait_for_kernels()
    occupied(server)
    server.end()
    assert server.status(SOON) == 0, server.log[-2000:]
    assert "Traceback" not in server.log


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 3])
def test_server_ends_well_while_kernels_are_compiled(
    start_orthanc: Callable[..., Orthanc], tmp_path: Path, seconds: float
) -> None:
    server = start_orthanc(launcher=("env", f"NUMBA_CACHE_DIR={tmp_path}"))
    time.sleep(seconds)
    assert b"Being compiled" in server.client().get("/reslice/health").content
    server.end()
    assert server.status(2 * SOON) == 0, server.log[-2000:]


@pytest.mark.slow
def test_server_ends_well_when_a_request_waits_for_kernels(
    start_orthanc: Callable[..., Orthanc], tmp_path: Path
) -> None:
    server = start_orthanc(launcher=("env", f"NUMBA_CACHE_DIR={tmp_path}"))
    path = f"/series/{server.client().store_series(SMALL)}/mpr/axial"
    client = threading.Thread(target=ask_until_refused, args=(server, path))
    client.start()
    time.sleep(1)
    assert client.is_alive()
    server.end()
    assert server.status(COMPILE_SECONDS) == 0, server.log[-2000:]
    client.join(SOON)
    assert not client.is_alive()
