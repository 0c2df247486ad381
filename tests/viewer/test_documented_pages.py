"""The samples of README and docs/ that are pages, scripts of pages, or cells of a notebook run as they stand there."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest
from playwright.sync_api import Browser, Page

from documented import ALICE, PLACES, Sample, at, samples
from other_site import other_site
from server import Orthanc


@pytest.fixture
def alices_page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that was told the user's password."""
    name, password = ALICE
    context = browser.new_context(http_credentials={"username": name, "password": password})
    yield context.new_page()
    context.close()


def run_in(page: Page, sample: Sample, server: Orthanc) -> list[str]:
    """What a module prints in a page of the server itself."""
    printed: list[str] = []
    errors: list[str] = []
    page.goto(f"{server.url}/app/explorer.html", wait_until="load")
    page.on("console", lambda message: printed.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_script_tag(content=f"{sample.code}\nwindow.sampleIsDone = true;", type="module")
    page.wait_for_function("window.sampleIsDone")
    assert errors == []
    return printed


@pytest.mark.parametrize("sample", samples("javascript"), ids=str)
def test_modules_run_in_a_page_of_the_server(
    sample: Sample, documented_server: Orthanc, guarded_server: Orthanc, browser: Browser, alices_page: Page
) -> None:
    page = browser.new_page()
    assert len(run_in(page, sample, documented_server)) >= 3
    page.close()
    assert len(run_in(alices_page, sample, guarded_server)) >= 3


def page_of(sample: Sample, server: Orthanc) -> str:
    """A sample in HTML, with what stands for identifiers filled in."""
    return re.sub(r"\b(STUDY|SERIES|INSTANCE)\b", lambda word: PLACES[word[1]], at(server, sample.code))


SIZES = "() => [...document.images].map(image => [image.naturalWidth, image.complete, image.loading])"


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_show_on_a_page_of_another_site(
    sample: Sample, documented_server: Orthanc, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page_of(sample, documented_server))
    with other_site(tmp_path) as address:
        page = browser.new_page(viewport={"width": 800, "height": 600})
        page.goto(f"{address}/page.html", wait_until="load")
        first = page.evaluate(SIZES)
        assert [width > 0 for width, _, _ in first] == [loading != "lazy" for _, _, loading in first]
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")
        assert max(width for width, _, _ in page.evaluate(SIZES)) <= 256
        page.close()


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_stay_empty_without_a_password(
    sample: Sample, guarded_server: Orthanc, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page_of(sample, guarded_server))
    with other_site(tmp_path) as address:
        page, statuses = browser.new_page(), []
        page.on("response", lambda response: statuses.append((response.url, response.status)))
        page.goto(f"{address}/page.html", wait_until="load")
        asked = {status for url, status in statuses if not url.startswith(address)}
        assert asked == {401}
        assert [width for width, _, _ in page.evaluate(SIZES) if width] == []
        page.close()


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_show_on_a_page_of_the_server_itself(
    sample: Sample, guarded_server: Orthanc, alices_page: Page
) -> None:
    """The browser sends the password that it was given for the page."""
    alices_page.goto(f"{guarded_server.url}/system".replace("127.0.0.1", "localhost"))
    alices_page.set_content(page_of(sample, guarded_server), wait_until="load")
    assert alices_page.evaluate(SIZES)[0][0] > 0


# --- In a notebook --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples("python", "notebook"), ids=str)
def test_cells_show_a_picture(sample: Sample, documented_server: Orthanc, tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(at(documented_server, sample.code))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    kernel = {"kernel_name": "python3", "resources": {"metadata": {"path": str(tmp_path)}}}
    nbclient.NotebookClient(notebook, timeout=120, **kernel).execute()
    shown = [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
    assert [base64.b64decode(picture)[:4] for picture in shown] == [b"\x89PNG"]
