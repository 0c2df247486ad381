"""Methods that never reach us, and those that come in disguise."""

import pytest

from clients import OrthancClient
from phantoms import Acquisition, noise
from refusals import assert_refused

PATHS = ["/reslice", "/reslice/health", "/reslice/cache", "/series/{id}/mpr/axial", "/series/{id}/thumbnail"]


@pytest.fixture
def series(real: OrthancClient) -> str:
    """A stored series whose volume is loaded."""
    identifier = real.store_series(noise(Acquisition(shape=(3, 8, 8))))
    assert real.get(f"/series/{identifier}/mpr/axial").status == 200
    return identifier


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("method", "status"), [("HEAD", 404), ("OPTIONS", 404), ("PATCH", 400)])
def test_methods_that_orthanc_answers_itself(
    real: OrthancClient, series: str, path: str, method: str, status: int
) -> None:
    assert real.request(method, path.format(id=series)).status == status


@pytest.mark.parametrize("disguise", ["?_method=delete", "?_method=DELETE"])
def test_image_tag_can_not_drop_the_cache(real: OrthancClient, series: str, disguise: str) -> None:
    answer = real.get(f"/reslice/cache{disguise}")
    assert answer.status in (200, 403)
    cross_site = real.get(f"/reslice/cache{disguise}", headers={"Referer": "http://evil.example/"})
    assert cross_site.status in (200, 403)
    assert [v["Series"] for v in real.get("/reslice/cache").json()["Volumes"]] == [series]


def test_disguised_delete_is_told_why_it_is_refused(real: OrthancClient, series: str) -> None:
    assert_refused(real.get("/reslice/cache?_method=delete"), 403, "confirmation-required")
    overridden = real.get("/reslice/cache", headers={"X-HTTP-Method-Override": "DELETE"})
    assert_refused(overridden, 403, "confirmation-required")
    hurried = {"Referer": "http://evil.example/", "Reslice-Confirm": "1"}
    assert_refused(real.get("/reslice/cache?_method=delete", headers=hurried), 403, "cross-site-write")
    assert len(real.get("/reslice/cache").json()["Volumes"]) == 1


def test_disguised_methods_on_other_routes(real: OrthancClient, series: str) -> None:
    for method in ("delete", "put"):
        answer = real.get(f"/series/{series}/mpr/axial?_method={method}")
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET"
    assert real.get(f"/series/{series}").status == 200


def test_trailing_slash_is_dropped(real: OrthancClient, series: str) -> None:
    for path in ("/reslice/", f"/series/{series}/volumes/", f"/series/{series}/mpr/axial/"):
        assert real.get(path).status == 200


def test_path_that_is_nobodys_stays_orthancs_404(real: OrthancClient) -> None:
    for path in ("/reslice/nope", "/reslice/cache/x", "/reslice/health/1"):
        assert real.get(path).status == 404
