"""What strangers wrote into a study is shown, letter by letter, and runs nowhere."""

import pytest
from playwright.sync_api import Page, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from drafts import Bench
from hostile import EMOJI, HALF_WIDTH, IMAGE, JAPANESE, KOREAN, LABELS, LONG, NAME, SCRIPT, hostile_study, study
from server import Orthanc

NAMES = {
    "japanese": (JAPANESE, ["", "ISO 2022 IR 87"]),
    "half-width": (HALF_WIDTH, ["ISO 2022 IR 13", "ISO 2022 IR 87"]),
    "roman-and-kanji": (JAPANESE, ["ISO 2022 IR 13", "ISO 2022 IR 87"]),
    "korean": (KOREAN, ["", "ISO 2022 IR 149"]),
    "sixty-four-letters": (LONG, "ISO_IR 100"),
    "utf-8": (KOREAN, "ISO_IR 192"),
}


@pytest.fixture
def bench(real: OrthancClient) -> Bench:
    """A hostile study with a hostile measurement for each label."""
    bench = Bench(real, hostile_study())
    for label in LABELS:
        bench.created(bench.line(Label=label, Description=label))
    return bench


def assert_nothing_ran(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.intruder") is None


def test_explorer_shows_hostile_text_and_runs_none(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    page.goto(f"{orthanc.url}/app/explorer.html#study?uuid={bench.study}")
    cells = page.locator("#reslice-measurements tbody tr td:first-child")
    expect(cells).to_have_count(len(LABELS))
    assert sorted(cells.all_text_contents()) == sorted(LABELS)
    assert page.locator("#reslice-measurements td :is(script, img, b, a)").count() == 0
    assert_nothing_ran(page)
    page.goto(f"{orthanc.url}/app/explorer.html#patient?uuid={bench.ids[0]['patients']}")
    link = page.locator("#reslice-patient .reslice-open")
    expect(link).to_have_text(f"2026-01-05, {SCRIPT}{EMOJI}")
    assert_nothing_ran(page)
    page.goto(f"{orthanc.url}/app/explorer.html#series?uuid={bench.series}")
    expect(page.locator("#reslice-series img")).to_be_visible()
    assert_nothing_ran(page)


@pytest.mark.slow
def test_hostile_address_runs_nothing(page: Page, watch: Watch, orthanc: Orthanc) -> None:
    watch.expected = {"404", "Failed to load resource"}
    for level in ("patient", "study", "series"):
        page.goto(f"{orthanc.url}/app/explorer.html#{level}?uuid=%22%3E%3Cimg%20src=x%20onerror=window.intruder=1%3E")
        assert_nothing_ran(page)


@pytest.mark.slow
def test_viewer_page_shows_hostile_text_and_runs_none(page: Page, orthanc: Orthanc, bench: Bench) -> None:
    page.goto(f"{orthanc.url}/reslice/viewer/index.html?study={bench.study}")
    expect(page.locator("figure.axial canvas")).to_be_visible()
    expect(page.locator("#subject")).to_have_text(NAME)
    expect(page.locator("button.series .title")).to_have_text(IMAGE)
    facts = page.locator("#facts dd")
    assert {SCRIPT, f"{SCRIPT}{EMOJI}", "<b>'\"&</b>"} <= set(facts.all_text_contents())
    assert page.locator("#facts :is(script, img, b)").count() == 0
    assert_nothing_ran(page)


@pytest.mark.parametrize("kind", [pytest.param(k, marks=[] if k == "japanese" else pytest.mark.slow) for k in NAMES])
def test_names_of_the_world_are_shown(page: Page, orthanc: Orthanc, real: OrthancClient, kind: str) -> None:
    name, character_set = NAMES[kind]
    files = study(name, character_set)
    real.store(files)
    page.goto(f"{orthanc.url}/reslice/viewer/index.html?study={orthanc_ids(files[0])['studies']}")
    writings = [writing.split("^") for writing in name.split("=")]
    expected = ", ".join(writings[0])
    others = ", ".join(" ".join(parts) for parts in writings[1:])
    expect(page.locator("#subject")).to_have_text(f"{expected} ({others})" if others else expected)
