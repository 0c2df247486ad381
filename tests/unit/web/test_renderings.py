"""Renderings take all processors, so only a few are made at a time."""

import threading

import pytest

from clients import InProcessClient
from phantoms import Acquisition, noise
from refusals import assert_refused
from reslice.web import rendered3d


def test_a_rendering_that_gets_no_turn_is_refused_and_later_made(monkeypatch: pytest.MonkeyPatch) -> None:
    client = InProcessClient()
    path = f"/series/{client.store_series(noise(Acquisition((3, 4, 5), (2.0, 2.0, 2.0))))}/rendered3d"
    places = client._application.services.renderings
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    assert taken >= 2
    monkeypatch.setattr(rendered3d, "PATIENCE", 0.05)
    refusal = client.get(path, viewport="9,9")
    assert_refused(refusal, 503, "busy")
    monkeypatch.setattr(rendered3d, "PATIENCE", 20)
    threading.Timer(0.1, places.release).start()
    assert client.get(path, viewport="9,9").status == 200
    assert client.get(path, viewport="9,9").status == 200
