"""The viewer page in a browser: what it shows of a study, and that it keeps what is its own."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from phantoms import ACQUISITIONS, Acquisition, noise, ramp
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
PERSON = {"PatientID": "P1", "PatientName": "Doe^Jane^Q", "PatientBirthDate": "19700131", "PatientSex": "F"}
STUDY = {"StudyDescription": "Chest", "StudyDate": "20260105", "AccessionNumber": "A-1"}
SECONDS = 10.0
EDGES = {"axial": "RLAP", "coronal": "RLHF", "sagittal": "APHF"}
"""Left, right, top, bottom of each plane, as radiologists expect them."""


def address(server: Orthanc, **query: str) -> str:
    return f"{server.url}/reslice/viewer/index.html?" + "&".join(f"{name}={value}" for name, value in query.items())


def edges(pane: Locator) -> str:
    return "".join(pane.locator(f".edge.{edge}").inner_text() for edge in ("left", "right", "top", "bottom"))


def pixels(pane: Locator) -> bytes:
    """What the browser shows."""
    return pane.locator("img").screenshot()


def assert_shown(pane: Locator, condition: Callable[[bytes], bool]) -> None:
    """Wait until the picture is painted: a browser shows the old one until it has decoded the new one."""
    deadline = time.monotonic() + SECONDS
    while not condition(pixels(pane)):
        assert time.monotonic() < deadline
        pane.page.wait_for_timeout(50)


def assert_planes(page: Page) -> None:
    for plane in EDGES:
        image = page.locator(f"figure.{plane} img")
        expect(image).to_be_visible()
        expect(image).not_to_have_js_property("naturalWidth", 0)


def test_study_shows_its_facts_and_three_planes(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(SMALL, **PERSON, **STUDY, SeriesDescription="Thin")
    real.store(files)
    page.goto(address(orthanc, study=orthanc_ids(files[0])["studies"]))
    assert_planes(page)
    expect(page.locator("#subject")).to_have_text("Doe, Jane Q")
    facts = " ".join(page.locator("#facts").inner_text().split())
    assert facts == "ID P1 Born 1970-01-31 Sex F Study Chest Date 2026-01-05 Accession A-1"
    expect(page.get_by_text("Not for diagnostic use")).to_be_visible()
    expect(page.locator("button.series .title")).to_have_text("Thin")
    expect(page.locator("button.series img")).to_be_visible()
    assert page.title() == "Doe, Jane Q \u2013 Reslice"


@pytest.mark.parametrize(
    "acquisition",
    [
        "axial",
        pytest.param("sagittal", marks=pytest.mark.slow),
        pytest.param("coronal-feet-up", marks=pytest.mark.slow),
    ],
)
def test_edges_are_named_in_the_patient(page: Page, orthanc: Orthanc, real: OrthancClient, acquisition: str) -> None:
    page.goto(address(orthanc, series=real.store_series(ramp(2, ACQUISITIONS[acquisition]))))
    assert_planes(page)
    assert {plane: edges(page.locator(f"figure.{plane}")) for plane in EDGES} == EDGES


def test_sliders_keys_and_wheel_move_through_the_planes(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    page.goto(address(orthanc, series=real.store_series(noise(SMALL))))
    assert_planes(page)
    for plane, count in (("axial", 6), ("coronal", 32), ("sagittal", 40)):
        pane = page.locator(f"figure.{plane}")
        slider = pane.get_by_role("slider")
        expect(slider).to_have_attribute("aria-label", f"{plane.capitalize()}: position")
        before, index = pixels(pane), int(slider.input_value())
        slider.focus()
        page.keyboard.press("ArrowRight")
        expect(pane.locator("output")).to_contain_text(f"{index + 2} / {count}")
        assert_shown(pane, lambda now, before=before: now != before)
        pane.locator(".picture").hover()
        page.mouse.wheel(0, -100)
        expect(pane.locator("output")).to_contain_text(f"{index + 1} / {count}")
        assert_shown(pane, lambda now, before=before: now == before)
        slider.focus()
        page.keyboard.press("End")
        expect(pane.locator("output")).to_contain_text(f"{count} / {count}")
    expect(page.locator("figure.axial output")).to_contain_text("H 5.0 mm")
    page.route("**/mpr/**", lambda route: None)  # a picture that never comes
    page.locator("figure.axial").get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(page.locator("figure.axial input")).to_have_attribute("aria-valuetext", "1 of 6")
    expect(page.locator("figure.axial output")).to_contain_text("6 / 6")


def test_series_that_is_no_volume_says_why_and_shows_its_images(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    series = real.store_series(noise(Acquisition(shape=(3, 32, 32)), **nowhere))
    reason = real.get(f"/series/{series}/volumes").json()["Stacks"][0]["Details"]
    page.goto(address(orthanc, series=series))
    pane = page.locator("figure.stored")
    expect(pane.locator("img")).to_be_visible()
    expect(page.locator("#stage > .reason")).to_have_text(f"This series can't be reconstructed. {reason}.")
    expect(page.locator("button.series .reason")).to_have_text(f"{reason}.")
    expect(pane.locator("output")).to_have_text("1 / 3 \u00b7 orientation unknown")
    before = pixels(pane)
    pane.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(pane.locator("output")).to_contain_text("3 / 3")
    assert_shown(pane, lambda now: now != before)


@pytest.mark.slow
def test_radiograph_is_shown_without_a_warning(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None, "Modality": "DX"}
    page.goto(address(orthanc, series=real.store_series(noise(Acquisition(shape=(1, 32, 32)), **nowhere))))
    expect(page.locator("figure.stored img")).to_be_visible()
    expect(page.locator("#stage > p")).to_contain_text("Images of this kind (DX) are no slices")
    expect(page.locator(".reason")).to_have_count(0)
    expect(page.locator("figure input")).to_be_hidden()


@pytest.mark.slow
def test_deleted_series_is_told(page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient) -> None:
    files = noise(SMALL)
    page.goto(address(orthanc, series=real.store_series(files)))
    assert_planes(page)
    for file in files:
        real.remove(orthanc_ids(file)["instances"])
    watch.expected = {"404"}
    pane = page.locator("figure.axial")
    pane.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(pane.locator(".picture p")).to_have_text("This is no longer on the server.")
    expect(pane.locator("output")).to_be_empty()


@pytest.mark.slow
def test_series_are_chosen_by_the_keyboard(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    files = [noise(SMALL, seed=k, **PERSON, StudyInstanceUID="2.25.7", SeriesDescription=f"Number {k}") for k in (1, 2)]
    for stored in files:
        real.store(stored)
    page.goto(address(orthanc, study=orthanc_ids(files[0][0])["studies"]))
    assert_planes(page)
    for name in ("Number 1", "Number 2"):
        button = page.locator("button.series", has_text=name)
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(page.locator("button.series[aria-pressed=true]")).to_have_count(1)
        expect(page.locator("#stage h2")).to_have_text(name)
        assert_planes(page)


def test_token_leaves_the_address_and_goes_with_every_request(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    series = real.store_series(noise(SMALL))
    page.goto(f"{address(orthanc, series=series)}&token=s%2Bcret")
    assert_planes(page)
    assert page.url == address(orthanc, series=series)
    assert page.evaluate("history.length") == 2  # about:blank, and the page once
    data = [url for url in asked if "/series/" in url or "/studies/" in url]
    assert len(data) >= 7
    assert all("token=s%2Bcret" in url for url in data)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [{"study": "no-such"}, {"series": "%3Cimg%20src=x%20onerror=alert(1)%3E"}, {"study": "../.."}]
)
def test_unknown_study_is_told(page: Page, watch: Watch, orthanc: Orthanc, query: dict[str, str]) -> None:
    watch.expected = {"404"}
    page.goto(address(orthanc, **query))
    expect(page.locator("#stage")).to_contain_text(f"This server has no such {next(iter(query))}.")
    expect(page.locator("#status")).to_be_empty()
    expect(page.locator("img:not(#home img)")).to_have_count(0)
    page.get_by_text("Newest studies").click()
    expect(page.locator("#stage")).to_contain_text("There are no studies yet.")


def test_busy_server_is_asked_again(page: Page, watch: Watch, orthanc: Orthanc) -> None:
    watch.expected = {"503"}
    asked: list[str] = []

    def busy_at_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"Details": "The work list is being read"})

    page.route("**/reslice/studies*", busy_at_first)
    page.goto(address(orthanc))
    expect(page.locator("#stage")).to_contain_text("There are no studies yet.")
    assert len(asked) == 2


def test_without_a_study_the_newest_are_there_to_choose(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    for day in ("20250101", "20260105"):
        real.store(noise(SMALL, PatientID=day, PatientName="Doe^J", StudyDate=day, StudyDescription=f"Of {day}"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{orthanc.url}/reslice/viewer?token=secret")
    links = page.locator("#studies a")
    expect(links).to_have_count(2)
    assert "2026-01-05 \u00b7 CT" in links.first.inner_text()
    expect(links.first.locator("img")).not_to_have_js_property("naturalWidth", 0)
    links.last.click()
    assert_planes(page)
    expect(page.locator("#facts")).to_contain_text("Of 20250101")
    assert "token" not in page.url
    data = [url for url in asked if "/series/" in url or "/studies/" in url or "/reslice/studies?" in url]
    assert len(data) >= 9
    assert all("token=secret" in url for url in data)
    page.go_back()
    expect(links).to_have_count(2)
    expect(page.locator("figure")).to_have_count(0)


@pytest.mark.slow
def test_list_asks_no_picture_of_reports_and_holds_long_words(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    real.store(noise(SMALL, Modality="SR", StudyDescription="D" * 64, PatientName="L" * 64))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{orthanc.url}/reslice/viewer/index.html")
    card = page.locator("#studies a")
    expect(card).to_contain_text("No image")
    assert [url for url in asked if "thumbnail" in url] == []
    assert card.evaluate(
        "card => card.scrollWidth <= card.clientWidth && card.offsetWidth <= card.parentElement.clientWidth"
    )


@pytest.mark.slow
def test_volumes_of_a_series_are_told_apart(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    own = {"SeriesInstanceUID": "2.25.9", "StudyInstanceUID": "2.25.8", "SeriesNumber": 4}
    files = [file for name in ("axial", "sagittal") for file in noise(ACQUISITIONS[name], **own)]
    page.goto(address(orthanc, series=real.store_series(files)))
    assert_planes(page)
    told = page.locator("select option").all_inner_texts()
    assert {text.rpartition(", ")[2] for text in told} == {"sagittal", "axial"}
    assert len(told) == 2
    expect(page.locator("button.series")).to_contain_text("CT \u00b7 ")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_panes_use_the_window_and_fit_into_it(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, size: tuple[int, int]
) -> None:
    width, height = size
    page = open_page(viewport={"width": width, "height": height})
    page.goto(address(orthanc, series=real.store_series(noise(SMALL, **PERSON, **STUDY))))
    assert_planes(page)
    panes = [page.locator(f"figure.{plane}").bounding_box() for plane in EDGES]
    assert len({pane["y"] for pane in panes}) == 1
    assert all(height - 40 < pane["y"] + pane["height"] <= height for pane in panes)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")


@pytest.mark.slow
def test_empty_server_says_that_it_is_empty(page: Page, orthanc: Orthanc) -> None:
    page.goto(f"{orthanc.url}/reslice/viewer/index.html")
    expect(page.locator("#stage")).to_contain_text("There are no studies yet.")


@pytest.mark.slow
def test_volume_that_cant_be_had_says_so_on_each_pane(
    page: Page, watch: Watch, start_orthanc: Callable[..., Orthanc]
) -> None:
    server = start_orthanc(Reslice={"LargestVolumeMegabytes": 1})
    series = server.client().store_series(noise(Acquisition(shape=(3, 512, 512))))
    watch.expected = {"413"}
    page.goto(address(server, series=series))
    for plane in EDGES:
        expect(page.locator(f"figure.{plane} .picture p")).to_be_visible()
        expect(page.locator(f"figure.{plane} .picture p")).not_to_be_empty()


@pytest.mark.slow
def test_inline_scripts_and_foreign_hosts_are_kept_out(
    page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient
) -> None:
    page.goto(address(orthanc, series=real.store_series(noise(SMALL))))
    assert_planes(page)
    watch.expected = {"Content Security Policy", "Content-Security-Policy"}
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.intruder = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.intruder = 2">');
    }""")
    page.wait_for_timeout(300)
    assert page.evaluate("window.intruder") is None
    assert len(watch.problems) >= 2


@pytest.mark.slow
def test_narrow_screens_show_everything_below_each_other(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient
) -> None:
    page = open_page(viewport={"width": 390, "height": 800})
    page.goto(address(orthanc, series=real.store_series(noise(SMALL, **PERSON))))
    assert_planes(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
