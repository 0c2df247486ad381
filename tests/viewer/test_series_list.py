"""The series of a study: what the list tells of each, what is opened first, and what doesn't wait for what."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from drafts import Bench
from phantoms import ACQUISITIONS, Acquisition, noise, structured_report, with_attributes
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
LARGE = Acquisition(shape=(20, 32, 32))
NOWHERE = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
STUDY = {
    **{"StudyInstanceUID": "2.25.7", "PatientID": "P1", "PatientName": "Doe^Jane^Q", "PatientBirthDate": "19700131"},
    **{"PatientSex": "F", "StudyDescription": "Chest", "StudyDate": "20260105", "AccessionNumber": "A-1"},
}


def address(server: Orthanc, **query: str) -> str:
    return f"{server.url}/reslice/viewer/index.html?" + "&".join(f"{name}={value}" for name, value in query.items())


def store(client: OrthancClient, number: int, acquisition: Acquisition = SMALL, **attributes: object) -> str:
    """A series of the study; its identifier."""
    own = {"SeriesInstanceUID": f"2.25.7{number:03}", "SeriesNumber": number, "SeriesDescription": f"S{number}"}
    return client.store_series(noise(acquisition, seed=number, **{**STUDY, **own, **attributes}))


def study_of(client: OrthancClient, series: str) -> str:
    return str(client.get(f"/series/{series}").json()["ParentStudy"])


def keep(held: list[Route]) -> Callable[[Route], None]:
    """Answer nothing for now."""

    def hold(route: Route) -> None:
        held.append(route)

    return hold


def entry(page: Page, name: str) -> Locator:
    return page.locator("#list .series-list > li", has=page.locator(".title", has_text=name))


def expect_opened(page: Page, name: str) -> None:
    expect(page.locator("button.series[aria-pressed=true] .title")).to_have_text(name)


def test_header_names_patient_and_study(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    page.goto(address(orthanc, series=store(real, 1)))
    expect(page.locator("#subject")).to_have_text("Doe, Jane Q")
    facts = page.locator("#facts")
    told = " ".join(facts.inner_text().split())
    assert told == "ID P1 Born 1970-01-31 Sex F Date 2026-01-05 Study Chest Accession A-1"
    assert "Study: Chest" in (facts.get_attribute("title") or "")
    expect(page.get_by_text("Not for diagnostic use")).to_be_visible()
    assert page.title() == "Doe, Jane Q \u2013 Reslice"


@pytest.mark.slow
@pytest.mark.parametrize("width", [1024, 1366])
def test_header_is_one_line_and_names_patient_and_date(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 768})
    page.goto(address(orthanc, series=store(real, 1, StudyDescription="D" * 64)))
    expect(page.locator("#subject")).to_have_text("Doe, Jane Q")
    header = page.locator("header").bounding_box()
    assert header is not None
    assert header["height"] < 50
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    date = page.locator("#facts .date").bounding_box()
    facts = page.locator("#facts").bounding_box()
    assert date is not None
    assert facts is not None
    assert date["x"] + date["width"] < facts["x"] + facts["width"]


def test_series_tell_what_they_are(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    study = study_of(real, store(real, 2))
    store(real, 3, Acquisition(shape=(3, 32, 32)), **NOWHERE)
    store(real, 4, Acquisition(shape=(1, 32, 32)), Modality="DX", **NOWHERE)
    report = {**STUDY, "SeriesInstanceUID": "2.25.7005", "SeriesNumber": 5, "SeriesDescription": "S5", "Modality": "SR"}
    real.store([with_attributes(structured_report(), report)])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address(orthanc, study=study))
    expect(page.locator(".toggle")).to_contain_text("4 series")
    expect(entry(page, "S2")).to_contain_text("CT \u00b7 Series 2 \u00b7 6 files")
    expect(entry(page, "S2")).to_contain_text("6 slices, axial")
    expect(entry(page, "S2").locator("img")).not_to_have_js_property("naturalWidth", 0)
    why = "Position, orientation or pixel spacing is missing, or can't be right."
    expect(entry(page, "S3").locator(".thumbnail .why")).to_have_text(why)
    expect(entry(page, "S3").locator(".why")).to_have_attribute("title", why)
    expect(entry(page, "S3").locator("button")).to_be_enabled()
    expect(entry(page, "S4").locator("img")).not_to_have_js_property("naturalWidth", 0)
    expect(entry(page, "S4").locator(".why")).to_have_count(0)
    expect(entry(page, "S5").locator("button")).to_be_disabled()
    expect(entry(page, "S5").locator(".why")).to_have_text("It holds no pixels.")
    assert len([url for url in asked if "/thumbnail?" in url]) == 3
    expect_opened(page, "S2")


def test_localizer_is_not_opened_first_where_a_large_series_is_there(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    scout = store(real, 1, Acquisition(shape=(3, 32, 32)))
    store(real, 2, LARGE)
    study = study_of(real, scout)
    page.goto(address(orthanc, study=study))
    expect_opened(page, "S2")
    page.goto(address(orthanc, series=scout))
    expect_opened(page, "S1")


def test_first_series_with_a_volume_is_opened(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, 1, **NOWHERE)
    study = study_of(real, store(real, 2))
    page.goto(address(orthanc, study=study))
    expect_opened(page, "S2")


@pytest.mark.slow
def test_images_are_opened_where_nothing_is_a_volume(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, 1, **NOWHERE)
    study = study_of(real, store(real, 2, Modality="DX", **NOWHERE))
    page.goto(address(orthanc, study=study))
    expect_opened(page, "S1")


def test_first_series_is_shown_before_the_whole_study_has_been_read(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    store(real, 1, LARGE)
    study = study_of(real, store(real, 2, LARGE))
    held: list[Route] = []
    page.route("**/studies/*/volumes*", keep(held))
    page.goto(address(orthanc, study=study))
    expect_opened(page, "S1")
    expect(entry(page, "S1")).to_contain_text("20 slices, axial")
    expect(entry(page, "S2").locator(".thumbnail")).to_have_text("Reading \u2026")
    entry(page, "S2").locator("button").click()
    expect_opened(page, "S2")
    assert len(held) == 1
    held[0].continue_()
    expect(entry(page, "S2")).to_contain_text("CT \u00b7 Series 2 \u00b7 20 files")
    expect(entry(page, "S2").locator("img")).not_to_have_js_property("naturalWidth", 0)
    expect_opened(page, "S2")


def test_choice_made_before_the_first_series_has_come_holds(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    first = store(real, 1, LARGE)
    study = study_of(real, store(real, 2, LARGE))
    held: list[Route] = []
    page.route(f"**/series/{first}/volumes*", keep(held))
    page.goto(address(orthanc, study=study))
    entry(page, "S2").locator("button").click()
    expect_opened(page, "S2")
    held[0].continue_()
    expect(entry(page, "S1")).to_contain_text("20 files")
    expect_opened(page, "S2")


def test_volumes_of_a_series_are_chosen_by_the_keyboard(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    own = {"SeriesInstanceUID": "2.25.7009", "SeriesNumber": 9, "SeriesDescription": "Both"}
    files = [file for name in ("axial", "sagittal") for file in noise(ACQUISITIONS[name], **{**STUDY, **own})]
    page.goto(address(orthanc, series=real.store_series(files)))
    parts = page.locator("button.part")
    expect(parts).to_have_count(2)
    assert {text.rpartition(", ")[2] for text in parts.all_inner_texts()} == {"sagittal", "axial"}
    expect(parts.nth(0)).to_have_attribute("aria-pressed", "true")
    page.locator("button.series").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(parts.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(parts.nth(0)).to_have_attribute("aria-pressed", "false")
    expect_opened(page, "Both")


def test_measurements_and_warnings_are_counted(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(Acquisition(shape=(9, 32, 32)), **STUDY)
    bench = Bench(real, files[:4] + files[6:])
    bench.created(bench.line(Label="one"))
    page.goto(address(orthanc, series=bench.series))
    expect(page.locator(".badge").first).to_have_text("1 measurement")
    told = {w["Details"] for v in real.get(f"/series/{bench.series}/volumes").json()["Volumes"] for w in v["Warnings"]}
    assert told
    warned = page.locator(".badge.warned")
    expect(warned).to_have_text(f"{len(told)} warning{'s' * (len(told) > 1)}")
    assert all(details in (warned.get_attribute("title") or "") for details in told)


def test_other_studies_of_the_patient_are_linked(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    series = store(real, 1)
    files = noise(SMALL, **{**STUDY, "StudyInstanceUID": "2.25.8", "StudyDate": "20200102", "StudyDescription": "Old"})
    real.store(files)
    page.goto(address(orthanc, series=series))
    link = page.locator(".other-studies a")
    expect(link).to_have_count(1)
    assert link.inner_text().split("\n") == ["2020-01-02 \u00b7 CT", "Old"]
    link.click()
    expect(page.locator("#facts")).to_contain_text("Date 2020-01-02")
    expect(page.locator(".other-studies a")).to_contain_text("2026-01-05")


@pytest.mark.slow
def test_list_is_folded_away_on_a_narrow_screen_and_on_demand(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient
) -> None:
    series = store(real, 1)
    page = open_page(viewport={"width": 390, "height": 800})
    page.goto(address(orthanc, series=series))
    toggle = page.locator(".toggle")
    expect(toggle).to_contain_text("S1")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(page.locator("button.series")).to_be_hidden()
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(page.locator("button.series")).to_be_visible()
    wide = open_page(viewport={"width": 1366, "height": 768})
    wide.goto(address(orthanc, series=series))
    expect(wide.locator("button.series")).to_be_visible()
    wide.locator(".toggle").click()
    expect(wide.locator("button.series")).to_be_hidden()
    assert wide.locator("#list").bounding_box()["width"] < 60


@pytest.mark.slow
def test_study_without_pictures_says_so(page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient) -> None:
    report = with_attributes(structured_report(), {**STUDY, "SeriesInstanceUID": "2.25.7005", "Modality": "SR"})
    real.store([report])
    page.goto(address(orthanc, study=orthanc_ids(report)["studies"]))
    expect(page.locator("#status")).to_have_text("There are no images in this study.")
    expect(page.locator("button.series")).to_be_disabled()
