"""Never a stale pixel: instances come, go and are replaced under the server's hands."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition, series, store_pixels
from server import Servers

GRID = Acquisition(shape=(6, 8, 8), spacing=(2.0, 1.0, 1.0))
ROUNDS = 25
QUIET_SECONDS = 1.5


@pytest.fixture(scope="module", params=[True, False], ids=["change-callback", "no-change-callback"])
def overwriting(request: pytest.FixtureRequest, servers: Servers) -> Iterator[OrthancClient]:
    """A server that lets instances be replaced."""
    settings = {"ChangeCallback": request.param}
    with servers.running(OverwriteInstances=True, Reslice=settings) as server:
        yield server.client()
        assert server.alive


@pytest.fixture
def client(overwriting: OrthancClient) -> OrthancClient:
    """Its client, the server emptied."""
    overwriting.clear()
    return overwriting


def uniform() -> list[Dataset]:
    """Slices of one value each: 0, 100, 200..."""
    return series(np.broadcast_to(np.arange(6.0)[:, None, None] * 100, GRID.shape), GRID)


def refilled(file: Dataset, value: int) -> Dataset:
    """The same instance with other pixels."""
    store_pixels(file, np.full((file.Rows, file.Columns), value, np.int16))
    return file


def shown(client: OrthancClient, identifier: str, k: int) -> set[float]:
    """The values of a slice, as the slice and as the plane through it."""
    stored = client.get(f"/series/{identifier}/slices/{k}", format="npy").array()
    cut = client.get(f"/series/{identifier}/mpr/axial", format="npy", index=k).array()
    return {float(v) for v in np.unique(stored)} | {float(v) for v in np.unique(cut)}


def test_replaced_twice_within_a_second_shows_the_last_pixels(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    assert shown(client, identifier, 2) == {200.0}
    for n in range(ROUNDS):
        client.store([refilled(files[2], 1000 + 2 * n)])
        client.store([refilled(files[2], 1001 + 2 * n)])
        assert shown(client, identifier, 2) == {1001.0 + 2 * n}


def test_replaced_and_looked_at_in_turns(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    for n in range(ROUNDS):
        client.store([refilled(files[n % 6], n)])
        assert shown(client, identifier, n % 6) == {float(n)}


def test_clearing_the_log_of_changes_hides_nothing(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    for n in range(5):
        client.delete("/changes")
        assert shown(client, identifier, 3) == {float(1000 + n - 1) if n else 300.0}
        client.store([refilled(files[3], 1000 + n)])
        client.delete("/changes")
        assert shown(client, identifier, 3) == {float(1000 + n)}


def test_thumbnail_and_tag_follow_a_replacement(client: OrthancClient) -> None:
    files = [refilled(file, 0) for file in uniform()]
    for file in files:
        file.WindowCenter, file.WindowWidth = 128, 257
    identifier = client.store_series(files)
    path, tags = f"/series/{identifier}/thumbnail", set()
    for value in (10, 200, 90):
        client.store([refilled(file, value) for file in files])
        answer = client.get(path)
        tags.add(answer.headers["ETag"])
        assert set(np.unique(answer.picture())) <= {value - 1, value, value + 1}
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    assert len(tags) == 3


def test_new_instance_is_in_the_next_answer(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files[:2])
    for count in range(2, 7):
        client.store(files[:count])
        assert client.get(f"/series/{identifier}/slices").json()["Count"] == count
        (volume,) = client.get(f"/series/{identifier}/volumes").json()["Volumes"]
        assert volume["Shape"][0] == count
        assert shown(client, identifier, count - 1) == {100.0 * (count - 1)}


def test_deleted_instance_is_gone(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    for count in range(5, 1, -1):
        etag = client.get(f"/series/{identifier}/mpr/coronal").headers["ETag"]
        client.remove(orthanc_ids(files[count])["instances"])
        assert client.get(f"/series/{identifier}/slices").json()["Count"] == count
        fresh = client.get(f"/series/{identifier}/mpr/coronal", format="npy")
        assert fresh.told("Reslice-Plane")["Size"][0] == 2 * count
        again = client.get(f"/series/{identifier}/mpr/coronal", headers={"If-None-Match": etag})
        assert again.status == 200
    client.remove(orthanc_ids(files[0])["instances"])
    client.remove(orthanc_ids(files[1])["instances"])
    assert client.get(f"/series/{identifier}/slices").status == 404
    assert client.get("/reslice/cache").status == 200


def test_deleted_series_is_gone(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    assert client.get(f"/series/{identifier}/mpr/axial").status == 200
    assert client.delete(f"/series/{identifier}").status == 200
    assert client.get(f"/series/{identifier}/mpr/axial").status == 404
    client.store([refilled(file, 7) for file in files])
    assert shown(client, identifier, 2) == {7.0}


@pytest.mark.slow
def test_replaced_while_others_look(client: OrthancClient) -> None:
    files = uniform()
    identifier = client.store_series(files)
    stop, failures = threading.Event(), []

    def look() -> None:
        other = OrthancClient(client.url)
        while not stop.is_set():
            answer = other.get(f"/series/{identifier}/mpr/axial", format="npy", index=2)
            if answer.status != 200 or len(np.unique(answer.array())) != 1:
                failures.append((answer.status, answer.content[:200]))
        other.close()

    watchers = [threading.Thread(target=look) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    try:
        for n in range(60):
            client.store([refilled(files[2], n)])
            assert shown(client, identifier, 2) == {float(n)}
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join()
    assert not failures


def test_change_callback_gives_the_memory_back(real: OrthancClient) -> None:
    identifier = real.store_series(uniform())
    assert real.get(f"/series/{identifier}/mpr/axial").status == 200
    real.delete(f"/series/{identifier}")
    deadline = time.monotonic() + 10  # Orthanc tells of changes a moment later
    while real.get("/reslice/cache").json()["Volumes"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert real.get("/reslice/cache").json()["Volumes"] == []


def test_changes_are_seen_after_a_quiet_time(client: OrthancClient) -> None:
    """The index is left alone for longer than it takes until the server stops asking it."""
    files = uniform()
    identifier = client.store_series(files)
    for n in range(3):
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            assert shown(client, identifier, 2) == {float(1000 + n - 1) if n else 200.0}
        client.store([refilled(files[2], 1000 + n)])
        assert shown(client, identifier, 2) == {float(1000 + n)}
    time.sleep(QUIET_SECONDS)
    assert shown(client, identifier, 2) == {1002.0}
    client.remove(orthanc_ids(files[3])["instances"])
    assert shown(client, identifier, 3) == {400.0}
    assert client.get(f"/series/{identifier}/slices").json()["Count"] == 5
