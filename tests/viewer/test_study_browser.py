"""The start page: studies searched, ordered, page by page, and the way into one and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from hostile import EMOJI, IMAGE, NAME, SCRIPT, hostile_study
from many_studies import tiny_file
from phantoms import Acquisition, noise
from server import Orthanc

SMALL = Acquisition(shape=(3, 32, 32))
PAGE = 24
TYPED = """(field, word) => [...word].forEach((_, k) => {
    field.value = word.slice(0, k + 1);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
})"""
"""Letter by letter, faster than any machine is slow."""


def start(server: Orthanc, query: str = "") -> str:
    return f"{server.url}/reslice/viewer/index.html{query}"


def store(client: OrthancClient, name: str, **attributes: object) -> str:
    """A small study; its identifier."""
    files = noise(SMALL, seed=len(name), **{"PatientID": name, "PatientName": name, **attributes})
    client.store(files)
    return orthanc_ids(files[0])["studies"]


def titles(page: Page) -> list[str]:
    return page.locator("#studies .title").all_text_contents()


def expect_titles(page: Page, *names: str) -> None:
    expect(page.locator("#studies .title")).to_have_text(list(names))


def keep(held: list[Route]) -> Callable[[Route], None]:
    """Answer nothing for now."""

    def hold(route: Route) -> None:
        held.append(route)

    return hold


def fill(client: OrthancClient, count: int) -> None:
    """Studies without a picture, a report each."""
    for k in range(count):
        uid = f"2.25.99{k:03}"
        client.upload(
            tiny_file({"StudyInstanceUID": uid, "PatientID": uid, "PatientName": f"P{k:03}^", "Modality": "SR"})
        )


def test_card_tells_what_the_study_is_and_opens_it(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    person = {"PatientID": "P1", "PatientBirthDate": "19700131", "PatientSex": "F", "AccessionNumber": "A-1"}
    study = store(real, "Doe^Jane", StudyDescription="Chest", StudyDate="20260105", **person)
    store(real, "Older", StudyDate="20200101")
    page.goto(start(orthanc))
    card = page.locator("#studies a").first
    expect(card).to_have_attribute("href", f"index.html?study={study}")
    lines = card.locator("> span:not(.thumbnail)").all_inner_texts()
    assert lines == [
        "Doe, Jane",
        "P1 \u00b7 1970-01-31 \u00b7 F",
        "Chest",
        "2026-01-05 \u00b7 CT",
        "1 series, 3 images",
        "Accession A-1",
    ]
    expect(card.locator("img")).not_to_have_js_property("naturalWidth", 0)
    expect(page.locator(".found")).to_have_text("2 studies")
    card.click()
    expect(page.locator("#subject")).to_have_text("Doe, Jane")
    expect(page.locator("button.series[aria-pressed=true]")).to_have_count(1)


def test_words_modality_dates_and_order_narrow_the_list_and_stand_in_the_address(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    store(real, "M\u00fcller^A", StudyDate="20240131", SpecificCharacterSet="ISO_IR 192")
    store(real, "Muller^B", StudyDate="20230101", Modality="MR")
    store(real, "Other", StudyDate="20250101")
    page.goto(start(orthanc))
    expect_titles(page, "Other", "M\u00fcller, A", "Muller, B")
    page.get_by_label("Search", exact=True).fill("MULLER")
    expect_titles(page, "M\u00fcller, A", "Muller, B")
    assert page.url == start(orthanc, "?search=MULLER")
    page.get_by_label("Modality").select_option("MR")
    expect_titles(page, "Muller, B")
    page.get_by_label("Modality").select_option("")
    page.get_by_label("From", exact=True).fill("2024-01-31")
    expect_titles(page, "M\u00fcller, A")
    page.get_by_label("To", exact=True).fill("2024-01-31")
    expect_titles(page, "M\u00fcller, A")
    assert page.url == start(orthanc, "?search=MULLER&date=20240131")
    page.get_by_label("To", exact=True).fill("2024-01-30")
    expect(page.locator(".found")).to_have_text("The first day is after the last one.")
    expect_titles(page)
    page.get_by_label("From", exact=True).fill("")
    expect_titles(page, "Muller, B")
    assert page.url == start(orthanc, "?search=MULLER&date=-20240130")
    page.get_by_label("To", exact=True).fill("")
    page.get_by_label("Order").select_option("Oldest first")
    expect_titles(page, "Muller, B", "M\u00fcller, A")
    page.reload()
    expect_titles(page, "Muller, B", "M\u00fcller, A")
    expect(page.get_by_label("Search", exact=True)).to_have_value("MULLER")
    expect(page.get_by_label("Order")).to_have_value("study-date")


def test_way_back_leads_to_the_same_search_and_page(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    fill(real, PAGE + 2)
    last = store(real, "Zz")
    page.goto(start(orthanc, "?order-by=patient-name"))
    expect(page.locator("#studies li")).to_have_count(PAGE)
    expect(page.locator(".found")).to_have_text(f"{PAGE} of {PAGE + 3} studies")
    page.get_by_role("button", name="More studies").click()
    expect(page.locator("#studies li")).to_have_count(PAGE + 3)
    expect(page.get_by_role("button", name="More studies")).to_be_hidden()
    assert titles(page) == [f"P{k:03}" for k in range(PAGE + 2)] + ["Zz"]
    page.locator(f"#studies a[href$='{last}']").click()
    expect(page.locator("#subject")).to_have_text("Zz")
    page.go_back()
    expect(page.locator("#studies li")).to_have_count(PAGE + 3)
    expect(page.locator(f"#studies a[href$='{last}']")).to_be_in_viewport()
    expect(page.get_by_label("Order")).to_have_value("patient-name")
    expect(page.locator("#subject")).to_have_text("")


def test_answer_to_the_last_question_wins(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, "First")
    store(real, "Second")
    held: list[Route] = []
    page.goto(start(orthanc))
    expect(page.locator("#studies li")).to_have_count(2)
    page.route("**/reslice/studies?search=First*", keep(held))
    search = page.get_by_label("Search", exact=True)
    with page.expect_request("**/reslice/studies?search=First*"):
        search.fill("First")
    search.fill("Second")
    expect_titles(page, "Second")
    page.wait_for_timeout(100)
    assert len(held) == 1
    page.unroute_all(behavior="ignoreErrors")
    expect_titles(page, "Second")


def test_letters_typed_in_a_row_are_one_question(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, "Abcdef")
    page.goto(start(orthanc))
    expect_titles(page, "Abcdef")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/reslice/studies?search=abcdef*"):
        page.get_by_label("Search", exact=True).evaluate(TYPED, "abcdef")
    assert len([url for url in asked if "/reslice/studies?" in url]) == 1


def test_nothing_fits_and_the_way_out(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, "Somebody")
    page.goto(start(orthanc, "?search=nobody&order-by=patient-id"))
    expect(page.locator(".found")).to_contain_text("No study fits.")
    page.get_by_role("button", name="Show all studies").click()
    expect_titles(page, "Somebody")
    assert page.url == start(orthanc, "?order-by=patient-id")


@pytest.mark.parametrize(
    "query",
    [
        "?date=20249999&modality=%3Cb%3E&order-by=age",
        pytest.param(f"?search={'x%20' * 200}", marks=pytest.mark.slow),
        pytest.param("?date=99999999-&search=%00", marks=pytest.mark.slow),
    ],
)
def test_address_that_asks_nonsense_is_refused_by_nobody(
    page: Page, orthanc: Orthanc, real: OrthancClient, query: str
) -> None:
    page.goto(start(orthanc, query))
    expect(page.locator(".found")).to_contain_text("stud")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_empty_server_says_that_it_is_empty(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    page.goto(start(orthanc))
    expect(page.locator("#start")).to_contain_text("There are no studies yet.")


def test_busy_server_is_waited_for_and_told(page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient) -> None:
    watch.expected = {"503"}
    asked: list[str] = []

    def busy_at_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            body = {"Details": "The work list is being read", "StudiesRead": 1, "StudiesLeft": 1234}
            route.fulfill(status=503, headers={"Retry-After": "1"}, json=body)

    page.route("**/reslice/studies*", busy_at_first)
    page.goto(start(orthanc))
    expect(page.locator(".found")).to_have_text("The server is still reading its studies, 1,234 are left \u2026")
    expect(page.locator(".found")).to_have_text("There are no studies yet.")
    assert len(asked) == 3


def test_refusal_is_told_and_can_be_tried_again(
    page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient
) -> None:
    watch.expected = {"403"}
    store(real, "Somebody")
    page.route("**/reslice/studies*", lambda route: route.fulfill(status=403, json={}))
    page.goto(start(orthanc))
    expect(page.locator(".found")).to_contain_text("You may not see this.")
    page.unroute("**/reslice/studies*")
    page.get_by_role("button", name="Try again").click()
    expect_titles(page, "Somebody")


def test_token_goes_with_every_question(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    store(real, "Somebody")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(start(orthanc, "?search=some&token=s%2Bcret"))
    expect(page.locator("#studies img")).not_to_have_js_property("naturalWidth", 0)
    assert page.url == start(orthanc, "?search=some")
    page.locator("#studies a").click()
    expect(page.locator("button.series img")).not_to_have_js_property("naturalWidth", 0)
    assert "token" not in page.url
    data = [url for url in asked if "/viewer/" not in url and ("/series" in url or "/studies" in url)]
    assert len(data) >= 6
    assert all("token=s%2Bcret" in url for url in data)


@pytest.mark.slow
def test_list_asks_no_picture_of_reports_and_holds_long_words(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    store(real, "L" * 64, Modality="SR", StudyDescription="D" * 64)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(start(orthanc))
    card = page.locator("#studies a")
    expect(card).to_contain_text("No image")
    assert [url for url in asked if "/thumbnail?" in url] == []
    assert card.evaluate(
        "card => card.scrollWidth <= card.clientWidth && card.offsetWidth <= card.parentElement.clientWidth"
    )


@pytest.mark.slow
def test_hostile_texts_are_letters(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    real.store(hostile_study())
    page.goto(start(orthanc))
    card = page.locator("#studies a")
    expect(card.locator(".title")).to_have_text(NAME)
    expect(card.locator(".description")).to_have_text(f"{SCRIPT}{EMOJI}")
    card.click()
    expect(page.locator("button.series .title")).to_have_text(IMAGE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.intruder") is None


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1024, 1920])
def test_page_fits_the_width_of_the_screen(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, width: int
) -> None:
    for k in range(5):
        store(real, f"Somebody {k}^With a long name", StudyDescription="D" * 60)
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(start(orthanc))
    expect(page.locator("#studies li")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["study=no-such", "series=%3Cimg%20src=x%20onerror=alert(1)%3E", "study=../..", "series=..%2F.."]
)
def test_unknown_study_is_told(page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient, query: str) -> None:
    watch.expected = {"404"}
    page.goto(start(orthanc, f"?{query}"))
    expect(page.locator("#start")).to_contain_text(f"This server has no such {query.partition('=')[0]}.")
    expect(page.locator("#status")).to_be_empty()
    page.get_by_role("link", name="All studies").click()
    expect(page.locator("#start")).to_contain_text("There are no studies yet.")
