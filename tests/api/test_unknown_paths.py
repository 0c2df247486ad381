"""Path parts that name nothing are 404; methods that a path doesn't know are 405."""

from urllib.parse import quote

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import Acquisition, image, noise
from refusals import assert_refused

NOBODY = "00000000-00000000-00000000-00000000-00000000"
LEVELS = ["patients", "studies", "series", "instances"]
ROUTES = ["volumes", "slices", "slices/0", "mpr/axial", "thumbnail"]


@pytest.mark.parametrize("identifier", [NOBODY, "nobody", "1.2.3", quote("<script>"), quote("☃"), "x" * 300])
@pytest.mark.parametrize("route", ROUTES)
def test_unknown_series(client: Client, identifier: str, route: str) -> None:
    assert_refused(client.get(f"/series/{identifier}/{route}"), 404, "unknown-resource")


@pytest.mark.parametrize("level", LEVELS)
def test_unknown_resource_of_any_level(client: Client, level: str) -> None:
    assert_refused(client.get(f"/{level}/{NOBODY}/thumbnail"), 404, "unknown-resource")


@pytest.mark.parametrize("level", LEVELS)
def test_identifier_of_another_level_is_unknown(client: Client, level: str) -> None:
    file = image(np.zeros((4, 4), np.int16))
    client.store([file])
    for other in set(LEVELS) - {level}:
        identifier = orthanc_ids(file)[other]
        assert_refused(client.get(f"/{level}/{identifier}/thumbnail"), 404, "unknown-resource")
        if level == "series":
            assert_refused(client.get(f"/series/{identifier}/slices"), 404, "unknown-resource")


@pytest.mark.parametrize("plane", ["obliqe", "Axial", "axiall", "1", "transverse", quote("☃")])
def test_unknown_plane(client: Client, plane: str) -> None:
    series = client.store_series(noise(Acquisition(shape=(2, 4, 4))))
    assert_refused(client.get(f"/series/{series}/mpr/{plane}"), 404, "unknown-plane")


@pytest.mark.parametrize("n", ["2", "-1", "1.0", "first", "99999999999999999999", "9" * 5000, quote("٣"), "0x1", "1_0"])
def test_unknown_slice(client: Client, n: str) -> None:
    series = client.store_series(noise(Acquisition(shape=(2, 4, 4))))
    assert_refused(client.get(f"/series/{series}/slices/{n}"), 404, "unknown-slice")


@pytest.mark.parametrize("volume", ["1", "7", "999999999"])
def test_unknown_volume(client: Client, volume: str) -> None:
    series = client.store_series(noise(Acquisition(shape=(2, 4, 4))))
    assert_refused(client.get(f"/series/{series}/mpr/axial", volume=volume), 404, "unknown-volume")


@pytest.mark.parametrize(
    ("method", "route"),
    [(m, r) for m in ("POST", "PUT", "DELETE") for r in ROUTES if r != "volumes" or m == "PUT"],
)
def test_wrong_method(client: Client, method: str, route: str) -> None:
    series = client.store_series(noise(Acquisition(shape=(2, 4, 4))))
    allowed = ["GET", "POST", "DELETE"] if route == "volumes" else ["GET"]
    answer = client.request(method, f"/series/{series}/{route}")
    assert answer.status == 405
    assert [name.strip() for name in answer.headers["Allow"].split(",")] == allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/reslice", {"GET"}), ("/reslice/health", {"GET"}), ("/reslice/cache", {"GET", "DELETE"})],
)
def test_wrong_method_on_the_servers_routes(client: Client, path: str, allowed: set[str]) -> None:
    for method in {"POST", "PUT", "DELETE"} - allowed:
        answer = client.request(method, path, headers={"Reslice-Confirm": "1"})
        assert answer.status == 405
        assert {name.strip() for name in answer.headers["Allow"].split(",")} == allowed
