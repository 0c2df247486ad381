"""axe-core finds nothing serious on our pages, whatever they show."""

import pytest
from playwright.sync_api import Page, expect

from accessibility import violations
from clients import OrthancClient
from drafts import Bench, in_series, on_image
from phantoms import Acquisition, noise
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
NOWHERE = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
PERSON = {"PatientID": "P1", "PatientName": "Doe^Jane", "StudyDescription": "Chest", "StudyDate": "20260105"}


def opened(page: Page, server: Orthanc, query: str = "") -> None:
    page.goto(f"{server.url}/reslice/viewer/index.html{query}")


def test_what_is_wrong_is_found(page: Page, orthanc: Orthanc) -> None:
    opened(page, orthanc)
    page.evaluate("document.body.append(document.createElement('button'))")
    assert any(one.startswith("button-name: ") for one in violations(page))


def test_start_page(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    real.store(noise(SMALL, **PERSON))
    opened(page, orthanc)
    expect(page.get_by_text("Doe, Jane")).to_be_visible()
    assert violations(page) == []


@pytest.mark.slow
def test_empty_start_page(page: Page, orthanc: Orthanc) -> None:
    opened(page, orthanc)
    expect(page.locator("main")).to_be_visible()
    assert violations(page) == []


def test_volume(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    opened(page, orthanc, f"?series={real.store_series(noise(SMALL, **PERSON))}")
    for plane in ("axial", "coronal", "sagittal"):
        expect(page.locator(f"figure.{plane} .corner.bottom-right")).to_contain_text("W ")
    assert violations(page) == []


def test_stack(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    opened(page, orthanc, f"?series={real.store_series(noise(SMALL, **PERSON, **NOWHERE))}")
    expect(page.locator("figure")).to_be_visible()
    assert violations(page) == []


def test_list_of_measurements(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    bench = Bench(real, noise(SMALL, **PERSON))
    bench.created(bench.line(Label="Lesion"))
    bench.created(on_image(bench.instance(), [(3, 3), (12, 3), (12, 12)], "area", Label="\u75c5\u5909"))
    bench.created(in_series(bench.series, [(0, 0, 0)], "hu"))
    opened(page, orthanc, f"?series={bench.series}")
    entries = page.locator("#measurements li")
    expect(entries).to_have_count(3)
    assert violations(page) == []
    entries.first.locator("button.choose").click()
    page.locator("#measurements details.files summary").click()
    expect(entries.first.locator("form")).to_be_visible()
    assert violations(page) == []


@pytest.mark.slow
def test_help_sheet(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    opened(page, orthanc, f"?series={real.store_series(noise(SMALL, **PERSON))}")
    page.locator("figure.axial .surface").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


@pytest.mark.slow
def test_documentation(page: Page, orthanc: Orthanc) -> None:
    page.goto(f"{orthanc.url}/reslice/docs/index.html")
    route = page.locator("details.route").first
    route.locator("summary").first.click()
    expect(route.locator(".send")).to_be_visible()
    assert violations(page) == []
