"""What loading costs: the peak stays near the volume, the budget holds under many clients, a limit says its size."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from clients import Answer, OrthancClient
from grids import common, even
from phantoms import Acquisition, decimals, file_of, image, noise
from refusals import assert_refused
from resident_memory import MEBIBYTE, ResidentMemory
from server import Orthanc, Servers

BUDGET = 48
SERIES = Acquisition(shape=(48, 256, 256), spacing=(2.0, 1.0, 1.0))  # int16: 6 MiB
LARGE = Acquisition(shape=(160, 512, 512), spacing=(1.0, 0.5, 0.5))  # int16: 80 MiB
THOUSAND = Acquisition(shape=(1000, 512, 512), spacing=(0.4, 0.7, 0.7))  # int16: 500 MiB
MARGIN = 40 * MEBIBYTE  # threads, sockets, files in transit; whatever the number of clients
SECONDS = 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(servers: Servers) -> Iterator[Orthanc]:
    """A small budget; Orthanc itself keeps no files in memory, so that what grows is ours."""
    reslice = {"CacheMegabytes": BUDGET, "LargestVolumeMegabytes": BUDGET}
    with servers.running(MaximumStorageCacheSize=0, Reslice=reslice) as server:
        yield server
        assert server.alive


@pytest.fixture
def client(server: Orthanc) -> OrthancClient:
    """Its client, the server emptied and warm."""
    client = server.emptied()
    warm_up(client)
    return client


def warm_up(client: OrthancClient) -> None:
    """Everything that is imported, compiled or allocated once, decoders too."""
    files = noise(Acquisition(shape=(4, 64, 64)))
    for file in files[:2]:
        file.compress(RLELossless, generate_instance_uid=False)
    series = client.store_series(files)
    for plane in ("axial", "coronal", "sagittal"):
        assert client.get(f"/series/{series}/mpr/{plane}").status == 200
    client.clear()


def waited_for(client: OrthancClient, series: str) -> None:
    """Load ahead, and poll until it is there."""
    assert client.post(f"/series/{series}/volumes").status == 202
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
        if volume["Status"] == "ready":
            return
        time.sleep(0.02)
    raise AssertionError("the series was not loaded in time")


def at_once(server: Orthanc, paths: list[str]) -> list[Answer]:
    """Ask each path by a client of its own, all starting together."""
    barrier = threading.Barrier(len(paths))

    def ask(client: OrthancClient, path: str) -> Answer:
        barrier.wait()
        return client.get(path)

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(ask, [server.client() for _ in paths], paths))


def test_many_cold_series_at_once_stay_in_the_budget(server: Orthanc, client: OrthancClient) -> None:
    """Twelve series of 6 MiB through 48: none is wrong, some may have to come back later."""
    stored = [noise(SERIES, seed) for seed in range(12)]
    series = [client.store_series(files) for files in stored]
    memory = ResidentMemory(server._process.pid)
    memory.forget_peak()
    idle = memory.now
    answers = at_once(server, [f"/series/{one}/mpr/axial?format=npy&index=5" for one in series])
    assert memory.peak - idle <= BUDGET * MEBIBYTE + MARGIN
    for answer, files in zip(answers, stored, strict=True):
        assert_right_or_busy(answer, files[5])
    assert any(answer.status == 200 for answer in answers)
    cache = client.get("/reslice/cache").json()
    assert cache["UsedMB"] <= cache["BudgetMB"] == BUDGET


def assert_right_or_busy(answer: Answer, file: Dataset) -> None:
    if answer.status == 200:
        np.testing.assert_array_equal(answer.array(), file.pixel_array)
    else:
        assert_refused(answer, 503, "busy")
        assert int(answer.headers["Retry-After"]) >= 1


def test_series_after_series_leaves_nothing_behind(server: Orthanc, client: OrthancClient) -> None:
    """Three times through twelve series: the last round holds no more than the first."""
    series = [client.store_series(noise(SERIES, seed)) for seed in range(12)]
    memory, held = ResidentMemory(server._process.pid), []
    for _ in range(3):
        for one in series:
            assert client.get(f"/series/{one}/mpr/coronal").status == 200
        held.append(memory.now)
    assert held[-1] - held[0] < 16 * MEBIBYTE


@pytest.fixture
def large(start_orthanc: Callable[..., Orthanc]) -> Orthanc:
    """A server with room for the large volume."""
    return start_orthanc(MaximumStorageCacheSize=0, Reslice={"CacheMegabytes": 640, "LargestVolumeMegabytes": 640})


def large_files(kind: str, where: Acquisition = LARGE) -> Iterator[bytes]:
    """One slice after the other, so that the test itself holds one only."""
    grid = even(where)
    shared = common(grid, RescaleSlope="1", RescaleIntercept="-1024", RescaleType="HU")
    if kind == "own-slopes":
        shared = common(grid, Modality="PT", Units="BQML", RescaleIntercept="0")
    for k, origin in enumerate(grid.origins):
        pixels = np.random.default_rng(k).integers(0, 3000, where.shape[1:]).astype(np.int16)
        slope = {"RescaleSlope": f"{1 + k / 1000:.3f}"} if kind == "own-slopes" else {}
        file = image(pixels, InstanceNumber=k + 1, ImagePositionPatient=decimals(origin), **shared, **slope)
        if kind == "compressed":
            file.compress(RLELossless, generate_instance_uid=False)
        yield file_of(file)


@pytest.mark.parametrize(
    ("kind", "size", "where"),
    [("plain", 2, LARGE), ("compressed", 2, LARGE), ("own-slopes", 4, LARGE), ("plain", 2, THOUSAND)],
    ids=["plain", "compressed", "own-slopes", "thousand-slices"],
)
def test_peak_of_loading_is_near_the_volume(large: Orthanc, kind: str, size: int, where: Acquisition) -> None:
    """At most 1.25 times the volume above idle; a float volume has 4 bytes a voxel."""
    client = large.client()
    warm_up(client)
    identifiers = {client.upload(file) for file in large_files(kind, where)}
    assert len(identifiers) == where.shape[0]
    (series,) = client.get("/series").json()
    memory = ResidentMemory(large._process.pid)
    memory.forget_peak()
    idle = memory.now
    waited_for(client, series)
    volume = int(np.prod(where.shape)) * size
    (told,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert told["Bytes"] == volume
    assert memory.peak - idle <= 1.25 * volume


def test_dropped_volume_leaves_the_memory(large: Orthanc) -> None:
    """At once, not when Python happens to look for cycles: what the cache no longer counts must not be there."""
    client = large.client()
    warm_up(client)
    for file in large_files("plain"):
        client.upload(file)
    (series,) = client.get("/series").json()
    memory, volume = ResidentMemory(large._process.pid), 2 * int(np.prod(LARGE.shape))
    idle = memory.now
    for _ in range(2):
        waited_for(client, series)
        client.delete(f"/series/{series}/volumes", headers={"Reslice-Confirm": "1"})
        assert memory.now - idle < 0.25 * volume


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_volume_over_the_limit_says_both_sizes(client: OrthancClient, method: str) -> None:
    grid = Acquisition(shape=(110, 512, 512))  # 55 MiB
    shared = common(even(grid))
    pixels = np.zeros(grid.shape[1:], np.int16)
    files = [image(pixels, ImagePositionPatient=[0, 0, k], **shared) for k in range(grid.shape[0])]
    series = client.store_series(files)
    path = f"/series/{series}/mpr/axial" if method == "GET" else f"/series/{series}/volumes"
    body = assert_refused(client.request(method, path), 413, "too-large")
    assert body["SizeBytes"] == 2 * int(np.prod(grid.shape))
    assert body["LimitBytes"] == BUDGET * MEBIBYTE
    assert "LargestVolumeMegabytes" in body["Details"] or "CacheMegabytes" in body["Details"]
    assert client.get(f"/series/{series}/slices/3").status == 200
    assert client.get(f"/series/{series}/thumbnail").status == 200


def test_volumes_that_fit_alone_but_not_together(server: Orthanc, client: OrthancClient) -> None:
    """Three of 24 MiB at once through 48: right, or busy, and each comes in the end."""
    grid = Acquisition(shape=(48, 512, 512))
    stored = [noise(grid, seed) for seed in range(3)]
    series = [client.store_series(files) for files in stored]
    memory = ResidentMemory(server._process.pid)
    memory.forget_peak()
    idle = memory.now
    paths = [f"/series/{one}/mpr/axial?format=npy&index=7" for one in series]
    for answer, files in zip(at_once(server, paths), stored, strict=True):
        assert_right_or_busy(answer, files[7])
    assert memory.peak - idle <= BUDGET * MEBIBYTE + MARGIN
    for path, files in zip(paths, stored, strict=True):
        np.testing.assert_array_equal(client.get(path).array(), files[7].pixel_array)
