"""Nobody waits for the end of somebody else's long load: what takes little is answered meanwhile."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from pydicom.uid import JPEG2000Lossless

from clients import Answer, OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc

LARGE = Acquisition(shape=(60, 512, 512), spacing=(2.0, 1.0, 1.0))
SMALL = Acquisition(shape=(8, 32, 32), spacing=(2.0, 1.0, 1.0))
PATIENCE = 60
WARM_ANSWERS = 10

Load = Callable[[], Future[Answer]]


@pytest.fixture
def load(orthanc: Orthanc, real: OrthancClient) -> Iterator[Load]:
    """Begin the cold load of a series that takes the better part of a second."""
    files = noise(LARGE)
    for file in files:
        file.compress(JPEG2000Lossless)
    series, client = real.store_series(files), orthanc.client()

    def begin() -> Future[Answer]:
        before, deadline = misses(real), time.monotonic() + PATIENCE
        answer = pool.submit(client.get, f"/series/{series}/mpr/coronal")
        while misses(real) == before:
            assert time.monotonic() < deadline
        return answer

    with ThreadPoolExecutor(1) as pool:
        yield begin


def misses(client: OrthancClient) -> int:
    """How many loads have begun."""
    begun: int = client.get("/reslice/cache").json()["Misses"]
    return begun


def test_a_small_cold_series_is_answered_before_a_large_one(real: OrthancClient, load: Load) -> None:
    small = real.store_series(noise(SMALL, 1))
    large = load()
    assert real.get(f"/series/{small}/mpr/coronal").status == 200
    assert not large.done()
    assert large.result(PATIENCE).status == 200


def test_warm_answers_keep_coming_during_a_load(real: OrthancClient, load: Load) -> None:
    small = real.store_series(noise(SMALL, 1))
    paths = [f"/series/{small}/{path}" for path in ("slices/3", "mpr/coronal", "mpr/sagittal?format=jpeg")]
    expected = [real.get(path).content for path in paths]
    large = load()
    for _ in range(WARM_ANSWERS):
        assert [real.get(path).content for path in paths] == expected
    assert not large.done()
    assert large.result(PATIENCE).status == 200


def test_a_request_does_not_wait_for_loads_in_the_background(real: OrthancClient, load: Load) -> None:
    small, others = real.store_series(noise(SMALL, 1)), [real.store_series(noise(SMALL, seed)) for seed in (2, 3, 4)]
    large = load()
    for other in others:
        assert real.post(f"/series/{other}/volumes").status == 202
    assert real.get(f"/series/{small}/mpr/coronal").status == 200
    assert not large.done()
    assert large.result(PATIENCE).status == 200
