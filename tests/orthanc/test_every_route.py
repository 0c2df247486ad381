"""Every file of every case on every route: an answer or a reason, quickly, and never a server error."""

import time

import pytest

from cases import ALL, names
from clients import OrthancClient
from drafts import body_of, on_image
from refusals import assert_harmless
from shared_data import case_files
from true_frames import completed

pytestmark = pytest.mark.slow

ROUTES = (
    "volumes",
    "volumes/0",
    "volumes/0/voxels?max-size=64",
    "volumes/0/voxels?format=nifti",
    "volumes/0/voxels?type=uint8&max-size=64&resample=true&format=nrrd",
    "slices",
    "slices/0",
    "slices/0?format=npy",
    "slices/0?format=raw",
    "slices/0?unit=suv",
    "slices/0?overlays=true&shutter=true",
    "slices/1",
    "slices/0?window-center=10&window-width=100",
    "mpr/axial?width=64",
    "mpr/coronal?width=64&format=npy",
    "mpr/sagittal?width=64&gaps=interpolate",
    "mpr/axial?width=64&unit=suv",
    "mpr/oblique?center=0,0,0&normal=0,0,1&width=64",
    "mpr/oblique?normal=1,1,1&slab-thickness=20&projection=mip&width=64",
    "mpr/sagittal?axes=volume&width=64",
    "mpr/coronal?slab-thickness=10000&width=32",
    "probe?point=0,0,0",
    "probe?point=10,-20,30&interpolation=linear&unit=suv",
    "thumbnail",
    "measurements",
)
OF_A_STUDY = (
    "volumes",
    "measurements",
    "measurements?type=area&since=1&limit=1",
    "measurements/summary",
    "measurements/export",
    "measurements/export?format=csv",
    "measurements/export?format=xlsx",
    "measurements/export?format=sr",
    "measurements/00000000-0000-0000-0000-000000000001",
)
ANSWERED = {200, 400, 404, 413, 415, 422}
SECONDS = 10.0


def assert_answered(client: OrthancClient, path: str) -> None:
    started = time.monotonic()
    answer = client.get(path)
    assert time.monotonic() - started < SECONDS
    assert answer.status in ANSWERED, (path, answer.status, answer.content[:600])
    if answer.status != 200:
        assert answer.json()["Reason"], path
        assert answer.json()["Details"], path
        assert_harmless(answer)


def assert_every_route_answers(client: OrthancClient) -> None:
    """Of each series, and the thumbnails of each level above and below."""
    for series in client.get("/series").json():
        for route in ROUTES:
            assert_answered(client, f"/series/{series}/{route}")
    for level in ("patients", "studies", "instances"):
        for identifier in client.get(f"/{level}").json()[:3]:
            assert_answered(client, f"/{level}/{identifier}/thumbnail")
    for instance in client.get("/instances").json()[:3]:
        assert_answered(client, f"/instances/{instance}/measurements")
    for study in client.get("/studies").json():
        measure_something(client, study)
        for route in OF_A_STUDY:
            assert_answered(client, f"/studies/{study}/{route}")


def measure_something(client: OrthancClient, study: str) -> None:
    """A distance and an intensity on the first frame of each series: taken, or refused with a reason."""
    for series in client.get(f"/studies/{study}").json()["Series"]:
        for entry in client.get(f"/series/{series}/slices").json().get("Slices", [])[:1]:
            image = {"Instance": entry["Instance"], "Frame": entry["Frame"]}
            for points, kind in (([(0, 0), (3, 2)], "distance"), ([(1, 1)], "hu")):
                body = body_of(on_image(image["Instance"], points, kind, image["Frame"]))
                answer = client.post(f"/studies/{study}/measurements", body)
                assert answer.status in {201, *ANSWERED} - {200, 404}, (kind, answer.status, answer.content[:600])
                assert answer.status == 201 or answer.json()["Reason"]


@pytest.mark.parametrize("case", ALL)
def test_each_file_alone(real: OrthancClient, case: str) -> None:
    """Up to 15 files of each case; those of one series are alike."""
    for path in case_files(case)[:15]:
        real.clear()
        real.post("/instances", completed(path))  # Orthanc itself refuses some
        assert_every_route_answers(real)


@pytest.mark.parametrize("case", ALL)
def test_all_files_at_once(real: OrthancClient, case: str) -> None:
    for path in case_files(case):
        real.post("/instances", completed(path))
    assert real.get("/series").json() or not names(case)
    assert_every_route_answers(real)
