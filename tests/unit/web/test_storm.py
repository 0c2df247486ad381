"""Many readers while the series changes under their feet: every answer is a whole one, and the last is the latest."""

import threading
from collections.abc import Callable

import numpy as np
from pydicom.dataset import Dataset

from clients import InProcessClient, orthanc_ids
from phantoms import Acquisition, file_of, series
from reslice.archive.memory import MemoryArchive
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Request, Response
from unit.archive.stores import filled

GRID = Acquisition(shape=(4, 6, 8))
VERSIONS = 40
READERS = 4


def version_of(datasets: list[Dataset], number: int) -> list[bytes]:
    """The same instances with every voxel of slice k at 100 x number + k, and headers of another length."""
    contents = []
    for k, dataset in enumerate(datasets):
        dataset.PixelData = np.full(GRID.shape[1:], 100 * number + k, np.int16).tobytes()
        dataset.PatientComments = "x" * (2 * number)
        contents.append(file_of(dataset))
    return contents


def read_until(finished: threading.Event, ask: Callable[[str], Response], path: str, seen: dict, wrong: list) -> None:
    """Ask again and again; keep what each entity tag stood for."""
    while not finished.is_set():
        response = ask(path)
        if response.status != 200:
            wrong.extend([(path, response.status, response.body[:300])] if response.status != 404 else [])
            continue
        values = np.frombuffer(response.body, np.int16).reshape(-1, GRID.shape[2])
        wrong.extend([(path, values)] if (values != values[:, :1]).any() else [])
        known = seen.setdefault((path, response.headers["ETag"]), response.body)
        wrong.extend([(path, "two bodies under one tag")] if known != response.body else [])


def test_replaced_again_and_again() -> None:
    archive = MemoryArchive()
    datasets = series(np.zeros(GRID.shape), GRID)
    identifier = filled(archive, version_of(datasets, 0))
    log: list[str] = []
    application = Application(archive, Settings(), log.append)

    def ask(path: str) -> Response:
        return application.handle(Request("GET", path, {"format": "raw"}))

    paths = [f"/series/{identifier}/{p}" for p in ("slices/1", "mpr/axial", "mpr/coronal", "slices/3")]
    finished, wrong, seen = threading.Event(), [], {}
    readers = [threading.Thread(target=read_until, args=(finished, ask, p, seen, wrong)) for p in paths]
    for reader in readers:
        reader.start()
    for number in range(1, VERSIONS):
        for content in version_of(datasets, number):
            archive.store(content)
    finished.set()
    for reader in readers:
        reader.join(60)
    assert wrong == []
    assert log == []
    last = np.frombuffer(ask(paths[0]).body, np.int16)
    assert (last == 100 * (VERSIONS - 1) + 1).all()


def test_deleted_and_stored_again() -> None:
    client = InProcessClient()
    datasets = series(np.zeros(GRID.shape), GRID)
    identifier = client.store_series(version_of(datasets, 5))
    doomed = orthanc_ids(datasets[2])["instances"]
    for _ in range(5):
        assert client.get(f"/series/{identifier}/slices").json()["Count"] == 4
        client.remove(doomed)
        assert client.get(f"/series/{identifier}/slices").json()["Count"] == 3
        client.upload(version_of(datasets, 5)[2])
