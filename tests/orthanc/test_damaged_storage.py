"""Files that are cut short, or vanish, behind Orthanc's back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition, noise
from refusals import assert_refused
from server import Orthanc, Servers

ROUTES = ["volumes", "slices", "slices/0", "slices/2", "mpr/axial", "mpr/coronal", "thumbnail"]


@pytest.fixture(scope="module")
def server(servers: Servers) -> Iterator[Orthanc]:
    """A server that reads its storage each time (Orthanc keeps small files in memory by default)."""
    with servers.running(MaximumStorageCacheSize=0) as server:
        yield server
        assert server.alive


@pytest.fixture
def client(server: Orthanc) -> OrthancClient:
    """Its client, the server emptied."""
    return server.emptied()


@pytest.fixture
def files() -> list[Dataset]:
    """Four slices."""
    return noise(Acquisition(shape=(4, 8, 8)))


def stored_file(server: Orthanc, client: OrthancClient, instance: str) -> Path:
    """Where Orthanc keeps an instance."""
    uuid = client.get(f"/instances/{instance}").json()["FileUuid"]
    return server.storage / uuid[:2] / uuid[2:4] / uuid


def reason_of_a_cut_file(client: OrthancClient) -> str:
    """Orthanc 1.13 compares a file with the size that its index knows, and doesn't give it; earlier ones do."""
    major, minor = map(int, client.get("/system").json()["Version"].split(".")[:2])
    return "unreadable" if (major, minor) >= (1, 13) else "damaged"


def assert_all_answer(client: OrthancClient, series: str, first: Dataset) -> None:
    """Nothing is an opaque 500, and the sound slices are shown."""
    for route in ROUTES:
        answer = client.get(f"/series/{series}/{route}")
        if answer.status != 200:
            assert answer.status in (404, 415, 422), (route, answer.content)
            assert_refused(answer, answer.status, answer.json()["Reason"])
    values = client.get(f"/series/{series}/slices/0", format="npy").array()
    np.testing.assert_array_equal(values, first.pixel_array)


def test_pixels_cut_off(server: Orthanc, client: OrthancClient, files: list[Dataset]) -> None:
    series, cut = client.store_series(files), orthanc_ids(files[2])["instances"]
    file = stored_file(server, client, cut)
    file.write_bytes(file.read_bytes()[:-30])
    assert_all_answer(client, series, files[0])
    others = client.get(f"/series/{series}/volumes").json()["Others"]
    if others:  # Orthanc 1.13 doesn't hand out a file that is shorter than it was
        assert [(other["Instance"], other["Reason"]) for other in others] == [(cut, reason_of_a_cut_file(client))]
    else:
        assert_refused(client.get(f"/series/{series}/slices/2"), 422, "damaged")


@pytest.mark.parametrize("left", [1, 100, 300])
def test_header_cut_off(server: Orthanc, client: OrthancClient, files: list[Dataset], left: int) -> None:
    series, cut = client.store_series(files), orthanc_ids(files[2])["instances"]
    file = stored_file(server, client, cut)
    file.write_bytes(file.read_bytes()[:left])
    assert_all_answer(client, series, files[0])
    (other,) = client.get(f"/series/{series}/volumes").json()["Others"]
    assert (other["Instance"], other["Reason"]) == (cut, reason_of_a_cut_file(client))


@pytest.mark.parametrize("empty", [True, False])
def test_file_lost(server: Orthanc, client: OrthancClient, files: list[Dataset], empty: bool) -> None:
    series, lost = client.store_series(files), orthanc_ids(files[2])["instances"]
    file = stored_file(server, client, lost)
    file.unlink()
    if empty:
        file.touch()
    assert_all_answer(client, series, files[0])
