"""/reslice, /reslice/health and /reslice/cache."""

import pytest

from clients import Client
from phantoms import Acquisition, noise
from refusals import assert_refused

SMALL = Acquisition(shape=(3, 8, 8), spacing=(2.0, 1.0, 1.0))
CONFIRMED = {"Reslice-Confirm": "1"}


def cache(client: Client) -> dict:
    """What the cache tells about itself."""
    answer = client.get("/reslice/cache")
    assert answer.status == 200, answer.content
    return answer.json()


def test_server_tells_what_it_is(client: Client) -> None:
    told = client.get("/reslice").json()
    text = str(told)
    assert "Reslice" in text
    for name in ("png", "jpeg", "webp", "raw", "npy", "linear", "nearest"):
        assert name in text
    assert any("ersion" in key for key in told)


def test_server_tells_what_it_measures(client: Client) -> None:
    told = client.get("/reslice").json()
    assert told["Capabilities"]["Measurements"] == {
        "Types": ["distance", "angle", "area", "volume", "hu"],
        "Exports": ["json", "csv", "xlsx", "sr"],
        "Writes": "sdk",
    }
    limits = told["Limits"]
    assert (limits["LargestRegionVoxels"], limits["MeasurementsOfAStudy"]) == (50_000_000, 2000)
    (check,) = (c for c in client.get("/reslice/health").json()["Checks"] if c["Name"] == "measurements")
    assert check["Status"] == "healthy"


def test_server_is_healthy(client: Client) -> None:
    answer = client.get("/reslice/health")
    told = answer.json()
    assert answer.status == 200
    assert told["Status"] in {"healthy", "degraded"}
    assert told["Checks"]
    for check in told["Checks"]:
        assert check.keys() >= {"Name", "Status", "Details"}


def test_cache_counts_what_it_holds(client: Client) -> None:
    before = cache(client)
    assert before["Volumes"] == []
    series = client.store_series(noise(SMALL))
    for _ in range(3):
        assert client.get(f"/series/{series}/mpr/axial").status == 200
    after = cache(client)
    (volume,) = after["Volumes"]
    assert volume["Series"] == series
    assert (volume["Index"], volume["Shape"], volume["Type"]) == (0, [3, 8, 8], "int16")
    assert volume["MB"] >= 0
    assert volume["AgeSeconds"] >= 0
    assert after["Misses"] - before["Misses"] == 1
    assert after["Hits"] - before["Hits"] == volume["Hits"] == 2
    assert after["BudgetMB"] > after["UsedMB"] >= 0
    assert after["Evictions"] == before["Evictions"]


def test_slices_and_thumbnails_load_no_volume(client: Client) -> None:
    series = client.store_series(noise(SMALL))
    for route in ("volumes", "slices", "slices/1?format=npy", "slices/1?preset=bone", "thumbnail"):
        assert client.get(f"/series/{series}/{route}").status == 200
    assert cache(client)["Volumes"] == []


def test_cache_is_dropped_when_confirmed(client: Client) -> None:
    series = client.store_series(noise(SMALL))
    client.get(f"/series/{series}/mpr/axial")
    answer = client.delete("/reslice/cache", headers=CONFIRMED)
    assert answer.status == 200
    assert answer.json() is not None
    assert cache(client)["Volumes"] == []
    assert client.delete("/reslice/cache", headers=CONFIRMED).status == 200


@pytest.mark.parametrize("headers", [{}, {"Reslice-Confirm": ""}, {"Reslice-Confirm": "0"}, {"Confirm": "1"}])
def test_cache_is_not_dropped_unconfirmed(client: Client, headers: dict[str, str]) -> None:
    series = client.store_series(noise(SMALL))
    client.get(f"/series/{series}/mpr/axial")
    assert_refused(client.delete("/reslice/cache", headers=headers), 403, "confirmation-required")
    assert len(cache(client)["Volumes"]) == 1


HOST = {"Host": "orthanc.example:8042", **CONFIRMED}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://orthanc.example:9999"},
        {"Origin": "http://orthanc.example:8042.evil.example"},
        {"Referer": "http://evil.example/page"},
        {"Referer": "http://evil.example/orthanc.example:8042"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
    ],
)
def test_writes_from_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    answer = client.delete("/reslice/cache", headers={**HOST, **headers})
    assert_refused(answer, 403, "cross-site-write")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://orthanc.example:8042"},
        {"Origin": "https://proxy.example", "X-Forwarded-Host": "proxy.example"},
        {"Origin": "https://proxy.example", "Sec-Fetch-Site": "same-origin"},
        {"Referer": "http://orthanc.example:8042/app/explorer.html"},
    ],
)
def test_writes_from_the_own_site_pass(client: Client, headers: dict[str, str]) -> None:
    assert client.delete("/reslice/cache", headers={**HOST, **headers}).status == 200
