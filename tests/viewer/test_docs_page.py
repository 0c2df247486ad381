"""The page of the REST contract in a browser: what it shows, what it sends, and that it runs nothing of others."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser import Watch, behind_prefix
from clients import OrthancClient, orthanc_ids
from drafts import body_of, on_image
from phantoms import Acquisition, noise
from reslice.web.routes import ROUTES
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
HOSTILE = "<img src=x onerror=alert(1)>\"'"
WORDS = {"mpr": 1, "slice": 2, "delete reslice": 1, "no such route": 0}


@pytest.fixture
def ids(real: OrthancClient) -> dict[str, str]:
    files = noise(SMALL)
    real.store(files)
    return orthanc_ids(files[0])


def opened(page: Page, server: Orthanc | str, operation: str = "", query: str = "") -> Locator:
    """The page, and one of its routes, opened by its address."""
    root = server if isinstance(server, str) else server.url
    page.goto(f"{root}/reslice/docs{query}#{operation}")
    expect(page.locator("details.route").first).to_be_visible()
    route = page.locator(f"#{operation}") if operation else page.locator("main")
    if operation:
        expect(route.locator(".send")).to_be_visible()
    return route


def sent(route: Locator) -> str:
    """The first line of the answer, after a click."""
    route.locator(".send").click()
    expect(route.locator(".status")).to_be_visible()
    return route.locator(".status").inner_text()


def test_page_shows_every_route_with_its_sentence(page: Page, orthanc: Orthanc) -> None:
    opened(page, orthanc)
    shown = list(
        zip(*(page.locator(f"details.route .{part}").all_inner_texts() for part in ("method", "path")), strict=True)
    )
    assert sorted(shown) == sorted((route.method, route.template) for route in ROUTES)
    assert all(text.endswith(".") for text in page.locator("details.route .told").all_inner_texts())
    expect(page.locator("nav a")).to_have_count(page.locator("main section").count())


@pytest.mark.parametrize("words", WORDS)
def test_search_leaves_what_holds_all_words(page: Page, orthanc: Orthanc, words: str) -> None:
    opened(page, orthanc)
    page.keyboard.press("/")
    page.keyboard.type(words)
    shown = page.locator("details.route:visible")
    if WORDS[words] == 0:
        expect(shown).to_have_count(0)
    assert WORDS[words] <= shown.count() < len(ROUTES)
    page.keyboard.press("Escape")
    expect(shown).to_have_count(len(ROUTES))


def test_picture_is_tried_and_shown(page: Page, orthanc: Orthanc, ids: dict[str, str]) -> None:
    route = opened(page, orthanc, "mpr_image")
    route.locator("[name=id]").fill(ids["series"])
    route.locator("[name=plane]").select_option("coronal")
    route.locator("[name=width]").fill("60")
    assert sent(route).startswith("200 OK")
    expect(route.locator(".answer img")).to_have_js_property("naturalWidth", 60)
    told = dict(zip(route.locator("dt").all_inner_texts(), route.locator("dd").all_inner_texts(), strict=True))
    assert told["Content-Type"] == "image/png"
    assert json.loads(told["Reslice-Plane"])["Size"][1] == 60
    line = route.locator(".line pre").inner_text()
    assert line == f"curl '{orthanc.url}/series/{ids['series']}/mpr/coronal?width=60' -o coronal.png"


def test_identifiers_of_the_server_are_suggested_and_needed(page: Page, orthanc: Orthanc, ids: dict[str, str]) -> None:
    route = opened(page, orthanc, "volumes_of_series")
    route.locator(".send").click()  # an example is no identifier of this server: nothing is sent
    expect(route.locator(".answer")).to_be_empty()
    expect(route.locator("[name=id]:invalid")).to_be_focused()
    expect(route.locator(".line pre")).to_have_text(f"curl '{orthanc.url}/series/{{id}}/volumes'")
    route.locator("[name=id]").blur()
    route.locator("[name=id]").focus()
    expect(route.locator("datalist option")).to_have_attribute("value", ids["series"])


@pytest.mark.slow
def test_file_of_the_command_is_named_by_what_comes(page: Page, orthanc: Orthanc) -> None:
    route = opened(page, orthanc, "rendered3d_image")
    line = route.locator(".line pre")
    expect(line).to_contain_text("-o rendered3d.jpeg")
    route.locator("[name=format]").select_option("png")
    expect(line).to_contain_text("-o rendered3d.png")


def test_refusal_shows_its_reason(page: Page, orthanc: Orthanc, ids: dict[str, str], watch: Watch) -> None:
    watch.expected.add("400")
    route = opened(page, orthanc, "mpr_image")
    route.locator("[name=id]").fill(ids["series"])
    route.locator("[name=width]").fill("-1")
    assert sent(route).startswith("400")
    assert json.loads(route.locator(".answer pre").inner_text())["Parameter"] == "width"


def test_writes_are_marked_and_sent_by_their_own_button_only(
    page: Page, orthanc: Orthanc, real: OrthancClient, ids: dict[str, str]
) -> None:
    route = opened(page, orthanc, "measurements_create")
    expect(route.locator(".send")).to_have_text("Send POST: this changes the server")
    route.locator("[name=id]").fill(ids["studies"])
    body = on_image(ids["instances"], [(1, 2), (4, 6)], Label=HOSTILE)
    route.locator("textarea").fill(json.dumps(body))
    measurements = f"/studies/{ids['studies']}/measurements"
    assert real.get(measurements).json()["Count"] == 0
    assert sent(route).startswith("201")
    assert real.get(measurements).json()["Measurements"][0]["Label"] == HOSTILE


def test_what_others_wrote_is_text(page: Page, orthanc: Orthanc, real: OrthancClient, ids: dict[str, str]) -> None:
    real.post(
        f"/studies/{ids['studies']}/measurements", body_of(on_image(ids["instances"], [(1, 2), (4, 6)], Label=HOSTILE))
    )
    route = opened(page, orthanc, "measurements_of_study")
    route.locator("[name=id]").fill(ids["studies"])
    assert sent(route).startswith("200")
    assert json.loads(route.locator(".answer pre").inner_text())["Measurements"][0]["Label"] == HOSTILE
    expect(route.locator(".answer img")).to_have_count(0)


def test_a_route_is_opened_and_sent_by_keyboard(page: Page, orthanc: Orthanc, ids: dict[str, str]) -> None:
    opened(page, orthanc)
    page.locator("#volumes_of_series > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#volumes_of_series .send")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type(ids["series"])
    page.keyboard.press("Enter")
    expect(page.locator("#volumes_of_series .status")).to_contain_text("200 OK")


def test_page_works_below_a_prefix_and_with_its_slash(page: Page, orthanc: Orthanc) -> None:
    with behind_prefix(orthanc.url, "/imaging/orthanc") as root:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.replace("%20", "+")))
        route = opened(page, root, "server_description", "?token=a%20b")
        assert sent(route).startswith("200")
        assert route.locator(".line pre").inner_text() == f"curl '{root}/reslice?token=...'"
        assert page.url == f"{root}/reslice/docs/index.html#server_description"
        expect(page.locator("#document")).to_have_attribute("href", re.compile("^blob:"))
        data = [url for url in asked if "openapi.json" in url or url.endswith("token=a+b")]
        assert len(data) == 4  # what leads to the page, the page, the contract, and what was sent
        assert all(url.endswith("?token=a+b") for url in data)
        page.goto(f"{root}/reslice/docs/")
        expect(page.locator("details.route").first).to_be_visible()
        page.goto(f"{root}/reslice/docs/index.html")
        expect(page.locator("details.route").first).to_be_visible()


def test_page_that_cannot_read_the_contract_says_so(page: Page, orthanc: Orthanc, watch: Watch) -> None:
    watch.expected.add("503")
    page.route("**/openapi.json*", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"{orthanc.url}/reslice/docs")
    expect(page.locator("#state")).to_contain_text("The contract can't be read: 503")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_readable_in_both_schemes(open_page: Callable[..., Page], orthanc: Orthanc, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    opened(page, orthanc, "mpr_image")
    for part in ("body", ".told", "td", ".method"):
        ink, ground = (luminance(page, part, name) for name in ("color", "backgroundColor"))
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) > 4.5, part


def luminance(page: Page, selector: str, name: str) -> float:
    """Relative luminance (WCAG) of a colour of the first of these elements, of its ancestors where it has none."""
    colour = page.locator(selector).first.evaluate(
        """(element, name) => {
            let value = getComputedStyle(element)[name];
            while (value === "rgba(0, 0, 0, 0)") {
                element = element.parentElement;
                value = getComputedStyle(element)[name];
            }
            return value.match(/[0-9]+/g).slice(0, 3).map(Number);
        }""",
        name,
    )
    red, green, blue = ((v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
