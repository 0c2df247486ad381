"""ETag, 304 and the headers that keep caches honest."""

import pytest

from clients import Client, orthanc_ids
from phantoms import Acquisition, noise, store_pixels

SMALL = Acquisition(shape=(3, 8, 8), spacing=(2.0, 1.0, 1.0))
ROUTES = ["slices/1", "mpr/axial", "thumbnail"]


@pytest.fixture(params=ROUTES)
def path(request: pytest.FixtureRequest, client: Client) -> str:
    """An image route of a stored series."""
    return f"/series/{client.store_series(noise(SMALL))}/{request.param}"


def test_caches_must_ask_each_time(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*", '"a,b",{}'])
def test_unchanged_is_304_without_a_body(client: Client, path: str, form: str) -> None:
    etag = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": form.format(etag)})
    assert answer.status == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == etag


@pytest.mark.parametrize("etag", ['"other"', "rubbish", "", '"' * 500])
def test_another_tag_brings_the_whole_answer(client: Client, path: str, etag: str) -> None:
    answer = client.get(path, headers={"If-None-Match": etag})
    assert answer.status == 200
    assert answer.content


def test_tag_stays_and_tells_apart_what_differs(client: Client, path: str) -> None:
    asked = [
        client.get(path),
        client.get(path, headers={"Accept": "image/jpeg"}),
        client.get(path, headers={"Accept": "image/webp"}),
        client.get(path, width=7) if "thumbnail" not in path else client.get(path, size=32),
    ]
    tags = [answer.headers["ETag"] for answer in asked]
    assert len(set(tags)) == len(tags)
    assert client.get(path).headers["ETag"] == tags[0]


def test_deleting_and_replacing_change_the_tag(client: Client) -> None:
    files = noise(SMALL)
    series = client.store_series(files)
    path = f"/series/{series}/slices/1"
    first = client.get(path).headers["ETag"]
    client.remove(orthanc_ids(files[2])["instances"])
    second = client.get(path, headers={"If-None-Match": first})
    assert second.status == 200
    assert second.headers["ETag"] != first
    store_pixels(files[2], files[2].pixel_array + 1)
    client.store([files[2]])
    third = client.get(path, headers={"If-None-Match": second.headers["ETag"]})
    assert third.status == 200
    assert third.headers["ETag"] not in (first, second.headers["ETag"])


def test_unknown_parameter_beats_a_tag(client: Client, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    assert client.get(f"{path}?windw=3", headers={"If-None-Match": etag}).status == 400


def test_unknown_series_beats_a_tag(client: Client) -> None:
    answer = client.get("/series/00000000-00000000-00000000-00000000-00000000/slices/0", headers={"If-None-Match": "*"})
    assert answer.status == 404


def test_revalidating_loads_no_volume(client: Client) -> None:
    path = f"/series/{client.store_series(noise(SMALL))}/mpr/axial"
    etag = client.get(path).headers["ETag"]
    client.delete("/reslice/cache", headers={"Reslice-Confirm": "1"})
    assert client.get(path, headers={"If-None-Match": etag}).status == 304
    assert client.get("/reslice/cache").json()["Volumes"] == []


@pytest.mark.parametrize("route", ["slices/99", "mpr/axial?index=99", "mpr/axial?volume=7"])
def test_what_is_not_there_is_not_unchanged(client: Client, route: str) -> None:
    series = client.store_series(noise(SMALL))
    assert client.get(f"/series/{series}/{route}", headers={"If-None-Match": "*"}).status in (400, 404)
