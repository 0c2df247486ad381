"""A server that is started again on what it has stored answers as before, bytes and entity tags, and soon."""

import time
from collections.abc import Callable

import pytest
from pydicom.uid import RLELossless

from clients import Answer, OrthancClient, orthanc_ids
from drafts import body_of, in_series, on_image
from phantoms import Acquisition, compressed, noise
from server import Orthanc

pytestmark = pytest.mark.slow

SLICES = noise(Acquisition((24, 128, 96), (2.0, 0.8, 0.8)))
PACKED = [compressed(file, RLELossless) for file in noise(Acquisition((12, 64, 64)), seed=5, PatientID="packed")]
SOON = 10.0
"""Seconds for all first answers; kernels are read from the disk, volumes loaded anew."""
OF_A_SERIES = (
    "mpr/axial",
    "mpr/coronal?format=npy",
    "mpr/sagittal?format=jpeg&slab-thickness=10",
    "mpr/oblique?normal=1,2,3&format=npy",
    "rendered3d?renderingmethod=maximum_ip&viewport=80,80",
    "volumes/0/voxels?format=nifti",
    "slices",
    "slices/3",
    "thumbnail",
    "probe?point=0,0,0",
    "measurements",
)


def kept(client: OrthancClient) -> list[str]:
    """Store two series, measure in one of them, and tell what is asked before and after."""
    client.store([*SLICES, *PACKED])
    ids = orthanc_ids(SLICES[0])
    measurements = f"/studies/{ids['studies']}/measurements"
    for draft in (on_image(ids["instances"], [(0, 0), (40, 9)]), in_series(ids["series"], [(0, 0, 0), (9, 9, 9)])):
        assert client.post(measurements, body_of(draft)).status == 201
    paths = [f"/series/{orthanc_ids(file)['series']}/{rest}" for file in (SLICES[0], PACKED[0]) for rest in OF_A_SERIES]
    paths += [f"/{level}/{identifier}/thumbnail" for level, identifier in ids.items()]
    one = client.get(measurements).json()["Measurements"][0]["Id"]
    return [*paths, measurements, f"{measurements}/{one}", f"{measurements}/export?format=csv"]


def told(answer: Answer) -> tuple[int, bytes, str | None]:
    """What must not change."""
    return answer.status, answer.content, answer.headers.get("ETag")


@pytest.mark.parametrize("ended", ["told to end", "killed"])
def test_restarted_server_answers_the_same(start_orthanc: Callable[..., Orthanc], ended: str) -> None:
    server = start_orthanc()
    server.wait_for_kernels()
    paths = kept(server.client())
    before = {path: told(server.client().get(path)) for path in paths}
    assert {status for status, _, _ in before.values()} == {200}
    assert sum(tag is not None for _, _, tag in before.values()) > len(paths) // 2
    server.end() if ended == "told to end" else server.kill()
    server.restart()
    begun = time.monotonic()
    client = server.client()
    after = {path: told(client.get(path)) for path in paths}
    assert time.monotonic() - begun < SOON
    for path in paths:
        assert after[path] == before[path], path
    for path, (_, _, tag) in before.items():
        if tag is not None and "/measurements/" not in path:  # whose tags are for writing
            assert client.get(path, headers={"If-None-Match": tag}).status == 304, path


def test_killed_while_it_loads_and_measures_starts_again(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
    server.wait_for_kernels()
    client = server.client()
    paths = kept(client)
    before = told(client.get(paths[0]))
    client.delete("/reslice/cache", headers={"Reslice-Confirm": "1"})
    assert client.post(f"/series/{orthanc_ids(PACKED[0])['series']}/volumes").status in {200, 202}
    server.kill()
    server.restart()
    assert told(server.client().get(paths[0])) == before
