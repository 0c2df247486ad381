"""A server that is told to stop doesn't wait for large pictures."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
import requests

from clients import OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc

LARGE = Acquisition((128, 128, 128), (0.5, 0.5, 0.5))
FAR_LONGER = 20
"""Seconds that the pictures would take, at least; a stop takes two."""


def ask_until_refused(server: Orthanc, path: str) -> None:
    with suppress(requests.RequestException):  # the connection ends with the server
        OrthancClient(server.url).get(path)


@pytest.mark.slow
def test_renderings_are_given_up_when_the_server_stops(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
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
