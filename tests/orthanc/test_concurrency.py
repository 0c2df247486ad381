"""Many clients at once: a cold series is loaded once, and everybody gets the same bytes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from clients import Answer, OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc

GRID = Acquisition(shape=(40, 256, 256), spacing=(2.0, 1.0, 1.0))


def at_once(orthanc: Orthanc, paths: list[str]) -> list[Answer]:
    """Ask each path by a client of its own, all starting together."""
    barrier = threading.Barrier(len(paths))

    def ask(client: OrthancClient, path: str) -> Answer:
        client.get("/reslice/cache")  # the connection stands before the race
        barrier.wait()
        return client.get(path)

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(ask, [orthanc.client() for _ in paths], paths))


@pytest.fixture
def misses(real: OrthancClient) -> Callable[[], int]:
    """How many loads there have been in this test."""
    before = real.get("/reslice/cache").json()["Misses"]
    return lambda: real.get("/reslice/cache").json()["Misses"] - before


def test_two_clients_load_a_cold_series_once(orthanc: Orthanc, real: OrthancClient, misses: Callable[[], int]) -> None:
    series = real.store_series(noise(GRID))
    answers = at_once(orthanc, [f"/series/{series}/mpr/coronal"] * 2)
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert misses() == 1


def test_eight_clients_asking_for_different_planes_load_it_once(
    orthanc: Orthanc, real: OrthancClient, misses: Callable[[], int]
) -> None:
    series = real.store_series(noise(GRID))
    planes = ["axial", "coronal", "sagittal", "axial?index=3", "axial?format=npy", "coronal?width=32"]
    answers = at_once(orthanc, [f"/series/{series}/mpr/{plane}" for plane in [*planes, "axial", "sagittal"]])
    assert {answer.status for answer in answers} == {200}
    assert misses() == 1


def test_failing_load_fails_for_all_and_is_tried_again(orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(Acquisition(shape=(1, 8, 8)))
    series = real.store_series(files)
    for _ in range(2):
        answers = at_once(orthanc, [f"/series/{series}/mpr/axial"] * 4)
        assert {answer.status for answer in answers} == {422}


def test_eight_clients_get_what_one_gets(orthanc: Orthanc, real: OrthancClient) -> None:
    series = [real.store_series(noise(Acquisition(shape=(12, 64, 64)), seed)) for seed in range(3)]
    routes = [
        "slices/3",
        "slices/5?format=npy",
        "mpr/axial?format=jpeg",
        "mpr/coronal",
        "mpr/sagittal?format=npy",
    ]
    routes += ["mpr/coronal?width=200", "thumbnail", "volumes"]
    paths = [f"/series/{s}/{route}" for s in series for route in routes]
    for path in paths:
        real.get(path)
    expected = {path: real.get(path).content for path in paths}

    def ask(client: OrthancClient, start: int) -> list[bool]:
        turned = paths[start:] + paths[:start]
        answers = {path: client.get(path) for path in turned}
        return [a.status == 200 and a.content == expected[p] for p, a in answers.items()]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(ask, [orthanc.client() for _ in range(8)], range(8)))
    assert all(all(result) for result in results)


@pytest.mark.slow
def test_series_vanishes_while_clients_ask(orthanc: Orthanc, real: OrthancClient) -> None:
    for seed in range(5):
        series = real.store_series(noise(Acquisition(shape=(20, 64, 64)), seed))
        clients = [orthanc.client() for _ in range(4)]

        def ask(client: OrthancClient, series: str = series) -> list[int]:
            return [client.get(f"/series/{series}/{r}").status for r in ("mpr/axial", "slices/1", "thumbnail") * 6]

        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(ask, client) for client in clients]
            real.delete(f"/series/{series}")
            assert {status for future in asked for status in future.result()} <= {200, 404, 422}
