"""POST and DELETE /series/{id}/volumes, GET of one volume, and of a study's: loading ahead, and letting go."""

import time

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import AXIAL, Acquisition, noise, structured_report
from refusals import assert_refused
from series_phantoms import in_one_series

SECONDS = 20
CONFIRMED = {"Reslice-Confirm": "1"}


def listed(client: Client, series: str) -> list[dict]:
    return client.get(f"/series/{series}/volumes").json()["Volumes"]


def wait_until_ready(client: Client, series: str) -> list[dict]:
    """Poll as a viewer does; progress never goes back."""
    deadline, before = time.monotonic() + SECONDS, 0.0
    while time.monotonic() < deadline:
        volumes = listed(client, series)
        progress = sum(volume["Progress"] for volume in volumes)
        assert all(volume["Status"] in ("absent", "loading", "ready") for volume in volumes)
        assert all(0 <= volume["Progress"] <= 1 for volume in volumes)
        assert progress >= before
        before = progress
        if all(volume["Status"] == "ready" for volume in volumes):
            return volumes
        time.sleep(0.01)
    raise AssertionError("the series was not loaded in time")


def test_load_ahead(client: Client) -> None:
    files = noise(AXIAL)
    series = client.store_series(files)
    (volume,) = listed(client, series)
    assert (volume["Status"], volume["Progress"], volume["Range"]) == ("absent", 0.0, None)
    answer = client.post(f"/series/{series}/volumes")
    assert answer.status == 202
    assert answer.json()["Status"] in ("loading", "ready")
    assert 0 <= answer.json()["Progress"] <= 1
    (volume,) = wait_until_ready(client, series)
    voxels = np.stack([file.pixel_array for file in files])
    assert (volume["Progress"], volume["Range"]) == (1.0, [voxels.min(), voxels.max()])


def test_loading_twice_is_loading_once(client: Client) -> None:
    series = client.store_series(noise(AXIAL))
    misses = client.get("/reslice/cache").json()["Misses"]
    for _ in range(3):
        assert client.post(f"/series/{series}/volumes").status == 202
    wait_until_ready(client, series)
    again = client.post(f"/series/{series}/volumes")
    assert (again.status, again.json()["Status"], again.json()["Progress"]) == (202, "ready", 1.0)
    assert client.get("/reslice/cache").json()["Misses"] == misses + 1


def test_planes_need_no_second_load(client: Client) -> None:
    series = client.store_series(noise(AXIAL))
    client.post(f"/series/{series}/volumes")
    wait_until_ready(client, series)
    misses = client.get("/reslice/cache").json()["Misses"]
    assert client.get(f"/series/{series}/mpr/coronal").status == 200
    assert client.get("/reslice/cache").json()["Misses"] == misses


def test_plane_asked_for_while_it_loads(client: Client) -> None:
    files = noise(Acquisition(shape=(40, 64, 64)))
    series = client.store_series(files)
    client.post(f"/series/{series}/volumes")
    plane = client.get(f"/series/{series}/mpr/axial", format="npy", index=7)
    np.testing.assert_array_equal(plane.array(), files[7].pixel_array)
    wait_until_ready(client, series)


def test_all_volumes_of_a_series_are_loaded(client: Client) -> None:
    phases = [noise(AXIAL, k, TemporalPositionIdentifier=k + 1) for k in range(2)]
    series = client.store_series(in_one_series(*phases))
    client.post(f"/series/{series}/volumes")
    assert len(wait_until_ready(client, series)) == 2


def test_drop(client: Client) -> None:
    series, other = client.store_series(noise(AXIAL)), client.store_series(noise(AXIAL, 1))
    for one in (series, other):
        client.post(f"/series/{one}/volumes")
        wait_until_ready(client, one)
    assert client.delete(f"/series/{series}/volumes", headers=CONFIRMED).status == 200
    assert listed(client, series)[0]["Status"] == "absent"
    assert listed(client, other)[0]["Status"] == "ready"
    assert [v["Series"] for v in client.get("/reslice/cache").json()["Volumes"]] == [other]
    assert client.get(f"/series/{series}/mpr/axial").status == 200


def test_drop_of_what_isnt_there(client: Client) -> None:
    series = client.store_series(noise(AXIAL))
    for _ in range(2):
        answer = client.delete(f"/series/{series}/volumes", headers=CONFIRMED)
        assert (answer.status, answer.media_type) == (200, "application/json")


def test_drop_needs_its_confirmation(client: Client) -> None:
    """A picture tag with `?_method=delete` must destroy nothing."""
    series = client.store_series(noise(AXIAL))
    client.post(f"/series/{series}/volumes")
    wait_until_ready(client, series)
    assert client.delete(f"/series/{series}/volumes").status == 403
    assert listed(client, series)[0]["Status"] == "ready"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_load_from_another_site_is_refused(client: Client, origin: str) -> None:
    series = client.store_series(noise(AXIAL))
    answer = client.post(f"/series/{series}/volumes", headers={"Origin": origin})
    assert_refused(answer, 403, "cross-site-write")
    assert listed(client, series)[0]["Status"] == "absent"


def test_nothing_to_load(client: Client) -> None:
    """A series of single images, and one without any, say why."""
    image = client.store_series(noise(Acquisition(shape=(1, 6, 6))))
    assert_refused(client.post(f"/series/{image}/volumes"), 422, "single-frame")
    document = client.store_series([structured_report()])
    assert_refused(client.post(f"/series/{document}/volumes"), 422, "no-volume")


def test_unknown_series(client: Client) -> None:
    path = f"/series/{'0' * 8}-{'0' * 8}-{'0' * 8}-{'0' * 8}-{'0' * 8}/volumes"
    assert client.post(path).status == 404
    assert client.delete(path, headers=CONFIRMED).status == 404
    assert client.get(f"{path}/0").status == 404


def test_one_volume(client: Client) -> None:
    phases = [noise(AXIAL, k, TemporalPositionIdentifier=k + 1) for k in range(2)]
    series = client.store_series(in_one_series(*phases))
    for k, volume in enumerate(listed(client, series)):
        answer = client.get(f"/series/{series}/volumes/{k}")
        assert (answer.status, answer.json()) == (200, volume)
    for k in ("2", "-1", "x", "1.0"):
        assert_refused(client.get(f"/series/{series}/volumes/{k}"), 404, "unknown-volume")


def test_volumes_of_a_study(client: Client) -> None:
    study = {"StudyInstanceUID": "2.25.31"}
    volume = noise(AXIAL, 0, SeriesNumber=2, **study)
    single = noise(Acquisition(shape=(1, 6, 6)), 1, SeriesNumber=1, **study)
    document = structured_report(SeriesNumber=3, **study)
    expected = [client.store_series(files) for files in (single, volume, [document])]
    series = client.get(f"/series/{expected[0]}/volumes").json()
    identifier = orthanc_ids(volume[0])["studies"]
    answer = client.get(f"/studies/{identifier}/volumes")
    assert (answer.status, answer.media_type) == (200, "application/json")
    entries = answer.json()["Series"]
    assert {entry["Series"] for entry in entries} == set(expected)
    by_series = {entry["Series"]: entry for entry in entries}
    assert by_series[expected[0]]["Stacks"] == series["Stacks"]
    assert [v["Shape"] for v in by_series[expected[1]]["Volumes"]] == [list(AXIAL.shape)]
    assert [other["Reason"] for other in by_series[expected[2]]["Others"]] == ["not-an-image"]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"Volumes": 0}',
        b'{"Volumes": []}',
        b'{"Volumes": [-1]}',
        b'{"Volumes": ["0"]}',
        b'{"Volumes": [0.5]}',
        b'{"Volumes": [99999999999999999999]}',
        b'{"Volumes": ' + b"[" * 100_000,
        b'{"Other": 1}',
        b"\xff\xfe",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_body_that_cannot_be_used(client: Client, body: bytes) -> None:
    series = client.store_series(noise(Acquisition(shape=(3, 4, 4))))
    assert_refused(client.post(f"/series/{series}/volumes", body), 400, "bad-parameter")
    assert [volume["Status"] for volume in listed(client, series)] == ["absent"]


def test_some_volumes_by_their_numbers(client: Client) -> None:
    series = client.store_series(noise(Acquisition(shape=(3, 4, 4))))
    assert_refused(client.post(f"/series/{series}/volumes", b'{"Volumes": [1]}'), 404, "unknown-volume")
    answer = client.post(f"/series/{series}/volumes", b'{"Volumes": [0, 0]}')
    assert (answer.status, [v["Index"] for v in answer.json()["Volumes"]]) == (202, [0])
    wait_until_ready(client, series)
