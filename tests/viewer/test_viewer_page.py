"""The viewer page in a browser: what it shows of a study, and that it keeps what is its own."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

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
