"""What Reslice adds to the legacy Orthanc Explorer, in a browser."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from browser import behind_prefix
from clients import OrthancClient, orthanc_ids
from drafts import Bench
from phantoms import Acquisition, noise
from reslice.archive.thumbnails import WITHOUT_PICTURES
from reslice.web.served_files import STATIC
from server import Orthanc, plugins_folder

SMALL = Acquisition(shape=(4, 32, 32), spacing=(2.0, 1.0, 1.0))
MINUTES = "%Y-%m-%d %H:%M"
PERSON = {"PatientID": "P1", "PatientName": "Doe^Jane"}


def explorer(url: str, page: str, uuid: str, query: str = "") -> str:
    return f"{url}/app/explorer.html{query}#{page}?uuid={uuid}"


def flat_images(**attributes: object) -> list:
    """Images whose place in the patient isn't known."""
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    return noise(Acquisition(shape=(2, 32, 32)), seed=1, **{**PERSON, **nowhere, **attributes})


@pytest.fixture
def bench(real: OrthancClient) -> Bench:
    """A study of one series with a volume."""
    return Bench(real, noise(SMALL, **PERSON, StudyDescription="Chest", StudyDate="20260105"))


@pytest.mark.parametrize("script", ["explorer.js", "viewer/words.js"])
def test_pages_know_the_modalities_without_pictures(script: str) -> None:
    listed = re.search(r"WITHOUT_PICTURES = [^;]*", (STATIC / script).read_text())
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[0])) == WITHOUT_PICTURES


def test_study_page_shows_a_thumbnail_and_opens_the_viewer(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    page.goto(explorer(orthanc.url, "study", bench.study))
    image = page.locator("#reslice-study img")
    expect(image).to_be_visible()
    assert image.get_attribute("alt") == "Thumbnail of this study"
    assert image.evaluate("image => image.naturalWidth") == 32  # never larger than it is
    with page.expect_popup() as opened:
        page.locator("#reslice-study .reslice-open").click()
    assert opened.value.url == f"{orthanc.url}/reslice/viewer/index.html?study={bench.study}"
    expect(opened.value.locator("#subject")).to_have_text("Doe, Jane")
    expect(opened.value.locator("figure.axial .corner.bottom-left")).to_contain_text(" / ")
    assert opened.value.evaluate("window.opener") is None


def test_series_page_tells_what_the_volume_is(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    page.goto(explorer(orthanc.url, "series", bench.series))
    expect(page.locator("#reslice-series")).to_contain_text(
        "Axial: 32 x 32 x 4 voxels of 1 x 1 x 2 mm".replace("x ", "\u00d7 ")
    )
    expect(page.locator("#reslice-series img")).to_be_visible()
    with page.expect_popup() as opened:
        page.locator("#reslice-series .reslice-open").click()
    assert opened.value.url.endswith(f"/reslice/viewer/index.html?series={bench.series}")
    expect(opened.value.locator("button.series[aria-pressed=true]")).to_have_count(1)


def test_series_page_says_why_it_is_no_volume(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    series = real.store_series(flat_images())
    page.goto(explorer(orthanc.url, "series", series))
    block = page.locator("#reslice-series")
    expect(block).to_contain_text("This series can't be reconstructed")
    reason = real.get(f"/series/{series}/volumes").json()["Stacks"][0]["Details"]
    expect(block).to_contain_text(f"2 images: {reason}")
    expect(block.locator("img")).to_be_visible()


@pytest.mark.slow
def test_patient_page_opens_each_study_the_newest_first(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = {day: noise(SMALL, **PERSON, StudyDate=day, StudyDescription="Chest") for day in ("20250101", "20260105")}
    for stored in files.values():
        real.store(stored)
    studies = [orthanc_ids(files[day][0])["studies"] for day in ("20260105", "20250101")]
    page.goto(explorer(orthanc.url, "patient", orthanc_ids(files["20250101"][0])["patients"]))
    links = page.locator("#reslice-patient .reslice-open")
    expect(links).to_have_text(["2026-01-05, Chest", "2025-01-01, Chest"])
    assert [link.get_attribute("href") for link in links.all()] == [
        f"../reslice/viewer/index.html?study={study}" for study in studies
    ]
    expect(page.locator("#reslice-patient img")).to_be_visible()


def test_study_page_lists_the_measurements_and_exports_them(
    open_page: Callable[..., Page], orthanc: Orthanc, bench: Bench
) -> None:
    page = open_page(timezone_id="Asia/Tokyo")
    created = datetime.fromisoformat(bench.created(bench.line(Label="Lesion"))["CreatedAt"])
    page.goto(explorer(orthanc.url, "study", bench.study))
    block = page.locator("#reslice-measurements")
    expect(block.locator("th")).to_have_text(["Label", "Type", "Value", "Author", "Date"])
    cells = block.locator("tbody td")
    expect(cells).to_have_count(5)
    assert cells.all_text_contents()[:4] == ["Lesion", "Distance, line", "5 mm", "anonymous"]
    expect(cells.last).to_have_text((created + timedelta(hours=9)).strftime(MINUTES))
    expect(cells.last).to_have_attribute("title", created.strftime(f"{MINUTES} UTC"))
    suffixes = []
    for link in block.locator(".reslice-export").all():
        with page.expect_download() as downloaded:
            link.click()
        suffixes.append(downloaded.value.suggested_filename.rpartition(".")[2])
    assert suffixes == ["csv", "xlsx", "json", "dcm"]


@pytest.mark.slow
def test_of_many_measurements_the_newest_twenty_are_listed_and_all_on_demand(
    page: Page, orthanc: Orthanc, bench: Bench
) -> None:
    for k in range(23):
        bench.created(bench.line(Label=f"Lesion {k}"))
    page.goto(explorer(orthanc.url, "study", bench.study))
    rows = page.locator("#reslice-measurements tbody tr")
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("Lesion 22")
    expect(page.locator("#reslice-measurements")).to_contain_text("The newest 20 of 23.")
    page.locator(".reslice-all").click()
    expect(rows).to_have_count(23)
    expect(rows.last).to_contain_text("Lesion 0")
    expect(page.locator(".reslice-all")).to_have_count(0)


@pytest.mark.slow
def test_on_narrow_screens_the_table_scrolls_and_no_word_breaks(
    open_page: Callable[..., Page], orthanc: Orthanc, bench: Bench
) -> None:
    bench.created(bench.line(Label="Metastasis"))
    page = open_page(viewport={"width": 420, "height": 800})
    page.goto(explorer(orthanc.url, "study", bench.study))
    row = page.locator("#reslice-measurements tbody tr")
    expect(row).to_be_visible()
    assert row.bounding_box()["height"] < 40
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.slow
def test_study_without_measurements_has_no_table(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    page.goto(explorer(orthanc.url, "study", bench.study))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#reslice-study .reslice-open")).to_be_visible()
    expect(page.locator("#reslice-measurements")).to_have_count(0)


def follow(page: Page, series: str) -> None:
    """From a study to a series; while one page slides over another, Explorer hears no click."""
    page.wait_for_function("!$('body').hasClass('ui-mobile-viewport-transitioning')")
    page.locator(f"#list-series a[href$='{series}']").click()


def assert_each_once(page: Page, *parts: str) -> None:
    for part in parts:
        expect(page.locator(part)).to_have_count(1)


def assert_round(page: Page) -> None:
    """The first and the last row of each list on the page are round, and no others."""
    page.wait_for_function("""() => $('.ui-page-active ul.ui-listview-inset').get().every(list => {
        const rows = [...list.children].filter(row => row.offsetHeight > 0);
        const having = name => rows.map((row, k) => row.classList.contains(name) ? k : -1).filter(k => k >= 0).join();
        if (rows.length === 0) return true;
        return having('ui-corner-top') === '0' && having('ui-corner-bottom') === `${rows.length - 1}`;
    })""")


@pytest.mark.slow
def test_back_and_forth_nothing_stands_twice(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line())
    page.goto(explorer(orthanc.url, "study", bench.study))
    for _ in range(3):
        follow(page, bench.series)
        expect(page.locator("#reslice-series img")).to_be_visible()
        assert_each_once(page, "#reslice-series", "#reslice-series .reslice-open", "#reslice-series img")
        page.go_back()
        expect(page.locator("#reslice-measurements table")).to_be_visible()
        assert_each_once(page, "#reslice-study", "#reslice-study .reslice-open", "#reslice-study img")
        assert_each_once(page, "#reslice-measurements", "#reslice-measurements tbody tr")
        assert_round(page)


@pytest.mark.slow
def test_each_visit_reads_the_measurements_anew(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line())
    page.goto(explorer(orthanc.url, "study", bench.study))
    expect(page.locator("#reslice-measurements tbody tr")).to_have_count(1)
    follow(page, bench.series)
    bench.created(bench.line())
    page.go_back()
    expect(page.locator("#reslice-measurements tbody tr")).to_have_count(2)


@pytest.mark.slow
def test_another_study_in_the_address_is_another_link(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line())
    other = Bench(bench.client, noise(SMALL, seed=2, PatientID="P2"))
    page.goto(explorer(orthanc.url, "study", bench.study))
    expect(page.locator("#reslice-measurements table")).to_be_visible()
    page.evaluate("address => { window.location.href = address; }", explorer(orthanc.url, "study", other.study))
    link = page.locator("#reslice-study .reslice-open")
    expect(link).to_have_attribute("href", f"../reslice/viewer/index.html?study={other.study}")
    expect(page.locator("#reslice-measurements")).to_have_count(0)


@pytest.mark.slow
def test_late_answer_is_not_shown_on_a_later_page(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line(Label="of the first"))
    other = Bench(bench.client, noise(SMALL, seed=2, **PERSON, StudyDescription="Other"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/studies/{bench.study}/measurements**", hold)
    page.goto(explorer(orthanc.url, "study", bench.study))
    expect(page.locator("#reslice-study img")).to_be_visible()
    page.goto(explorer(orthanc.url, "study", other.study))
    link = page.locator("#reslice-study .reslice-open")
    expect(link).to_have_attribute("href", f"../reslice/viewer/index.html?study={other.study}")
    with page.expect_response(f"**/studies/{bench.study}/measurements**"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#reslice-measurements")).to_have_count(0)


def test_study_without_images_has_no_broken_picture(
    page: Page, orthanc: Orthanc, real: OrthancClient, bench: Bench
) -> None:
    bench.created(bench.line())
    report = real.post(f"{bench.url}/report", b"{}").json()["Instance"]
    series = real.get(f"/instances/{report}/series").json()["ID"]
    for instance in (bench.instance(k) for k in range(SMALL.shape[0])):
        real.remove(instance)
    page.goto(explorer(orthanc.url, "study", bench.study))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#reslice-study .reslice-open")).to_be_visible()
    expect(page.locator("#reslice-study img")).to_have_count(0)
    page.goto(explorer(orthanc.url, "series", series))
    expect(page.locator("#reslice-series")).to_contain_text("1 file: ")
    expect(page.locator("#reslice-series img")).to_have_count(0)


@pytest.mark.slow
def test_other_plugins_buttons_stay(page: Page, start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc(Plugins=[plugins_folder()])
    client = server.client()
    if "web-viewer" not in client.get("/plugins").json():
        pytest.skip("this release of Debian has no orthanc-webviewer")
    page.goto(explorer(server.url, "series", client.store_series(noise(SMALL))))
    expect(page.locator("#reslice-series .reslice-open")).to_be_visible()
    expect(page.locator("#series").get_by_text("Orthanc Web Viewer")).to_be_visible()


@pytest.mark.slow
def test_list_of_plugins_opens_the_viewer(page: Page, orthanc: Orthanc) -> None:
    page.goto(f"{orthanc.url}/app/explorer.html#plugins")
    with page.expect_popup() as opened:
        page.get_by_text("Run Python scripts as Orthanc plugins").click()
    assert opened.value.url == f"{orthanc.url}/reslice/viewer/index.html"


@pytest.mark.slow
def test_behind_a_proxys_prefix(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line())
    with behind_prefix(orthanc.url, "/pacs/orthanc") as url:
        page.goto(explorer(url, "study", bench.study))
        expect(page.locator("#reslice-study img")).to_be_visible()
        expect(page.locator("#reslice-measurements tbody tr")).to_have_count(1)
        with page.expect_popup() as opened:
            page.locator("#reslice-study .reslice-open").click()
        assert opened.value.url == f"{url}/reslice/viewer/index.html?study={bench.study}"
        for plane in ("axial", "coronal", "sagittal"):
            expect(opened.value.locator(f"figure.{plane} .corner.bottom-left")).to_contain_text(" / ")
        for address in ("viewer", "viewer/"):
            opened.value.goto(f"{url}/reslice/{address}?series={bench.series}")
            shown = re.escape(f"{url}/reslice/viewer/index.html?series={bench.series}")
            expect(opened.value).to_have_url(re.compile(f"^{shown}(&at=.*)?$"))
        page.goto(f"{url}/app/explorer.html#plugins")
        with page.expect_popup() as listed:
            page.get_by_text("Run Python scripts as Orthanc plugins").click()
        assert listed.value.url == f"{url}/reslice/viewer/index.html"
        expect(listed.value.locator("#studies img")).to_have_js_property("naturalWidth", 32)
        listed.value.wait_for_load_state("networkidle")  # before the proxy ends


@pytest.mark.slow
def test_token_goes_along(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    bench.created(bench.line())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(explorer(orthanc.url, "study", bench.study, "?token=a%2Bb"))
    expect(page.locator("#reslice-study img")).to_be_visible()
    expect(page.locator(".reslice-export").first).to_have_attribute(
        "href", f"../studies/{bench.study}/measurements/export?format=csv&token=a%2Bb"
    )
    ours = [url for url in asked if "thumbnail" in url or "/measurements" in url]
    assert len(ours) == 2
    assert all("token=a%2Bb" in url for url in ours)
    with page.expect_popup() as opened:
        page.locator("#reslice-study .reslice-open").click()
    expect(opened.value.locator("figure.axial .corner.bottom-left")).to_contain_text(" / ")
    without = rf"index\.html\?(study={bench.study}|series={bench.series}(&at=[^&]*)?(&window=[^&]*)?)$"
    expect(opened.value).to_have_url(re.compile(without))


@pytest.mark.slow
def test_switched_off_it_is_not_there(page: Page, start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc(Reslice={"ExplorerButtons": False, "ViewerLink": False})
    files = noise(SMALL)
    server.client().store(files)
    page.goto(explorer(server.url, "study", orthanc_ids(files[0])["studies"]))
    expect(page.locator("#list-series li").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#reslice-study")).to_have_count(0)
    assert "RootUri" not in server.client().get("/plugins/python").json()
    assert b"Reslice" not in server.client().get("/plugins/explorer.js").content


@pytest.mark.slow
def test_with_passwords(open_page: Callable[..., Page], start_orthanc: Callable[..., Orthanc]) -> None:
    users = {"alice": "correct horse"}
    server = start_orthanc(credentials=("alice", "correct horse"), AuthenticationEnabled=True, RegisteredUsers=users)
    bench = Bench(server.client(), noise(SMALL, **PERSON))
    bench.created(bench.line())
    page = open_page(http_credentials={"username": "alice", "password": "correct horse"})
    page.goto(explorer(server.url, "study", bench.study))
    expect(page.locator("#reslice-study img")).to_be_visible()
    expect(page.locator("#reslice-measurements tbody td").nth(3)).to_have_text("alice")
    with page.expect_popup() as opened:
        page.locator("#reslice-study .reslice-open").click()
    expect(opened.value.locator("figure.axial .corner.bottom-left")).to_contain_text(" / ")
