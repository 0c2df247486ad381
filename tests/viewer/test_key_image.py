"""Key images and links: what is taken away from the page, and that nothing of the patient's goes along unasked."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from clients import OrthancClient
from phantoms import Acquisition, noise, series
from server import Orthanc
from viewed_page import await_true, await_window, button, corner, field, open_viewer, query_of, viewer_of

SMALL = Acquisition(shape=(9, 32, 32), spacing=(2.0, 1.0, 1.0))
OPTIONS = {"viewport": {"width": 1200, "height": 900}, "accept_downloads": True}
LABELS, PATIENT, CROSSHAIR = "Sides, place, window, warnings, scale", "Name, ID, birth and study date", "Crosshair"
GREY = 153
"""Of 100 in a window of 0 to 1000 around 500: none of the page's colours."""


def opened(open_page: Callable[..., Page], server: Orthanc, real: OrthancClient, **patient: object) -> Page:
    """A page that shows one flat grey."""
    files = series(np.full(SMALL.shape, 100.0), SMALL, WindowCenter="0.5", WindowWidth="1001", **patient)
    page = open_page(**OPTIONS)
    open_viewer(page, viewer_of(server, series=real.store_series(files)))
    return page


def dialog_of(page: Page) -> Locator:
    button(page, "Key image").click()
    return page.get_by_role("dialog", name="Key image")


def saved(page: Page, folder: Path, **choices: bool) -> tuple[str, NDArray[np.uint8]]:
    """The file's name and pixels, with these of the three choices made."""
    sheet = dialog_of(page)
    for name, choice in {LABELS: "labels", PATIENT: "patient", CROSSHAIR: "crosshair"}.items():
        if choice in choices:
            sheet.get_by_label(name).set_checked(choices[choice])
    with page.expect_download() as download:
        sheet.get_by_role("button", name="Save").click()
    path = folder / "picture.png"
    download.value.save_as(path)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"
        assert image.info.keys() <= {"srgb", "gamma", "dpi", "chromaticity"}, "texts in the file would tell unseen"
        return download.value.suggested_filename, np.asarray(image.convert("RGB"))


def test_key_image_is_the_pane(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    page = opened(open_page, orthanc, real)
    name, pixels = saved(page, tmp_path, labels=False)
    assert name == "reslice-axial.png"
    size = page.locator(".pane.axial canvas").first.evaluate("c => [c.height, c.width]")
    assert list(pixels.shape[:2]) == size
    rows, columns = size
    assert (pixels[rows // 4 : -rows // 4, columns // 2 - 50 : columns // 2 + 50] == GREY).all()
    assert pixels.max() == GREY, "neither texts nor lines, which are brighter"
    assert (pixels == pixels[..., :1]).all()
    page.keyboard.press("i")
    expect(button(page, "Invert")).to_have_attribute("aria-pressed", "true")
    _, inverted = saved(page, tmp_path, labels=False)
    assert inverted[rows // 2, columns // 2, 0] == 255 - GREY


def test_labels_stand_where_they_do_on_the_pane(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    page = opened(open_page, orthanc, real)
    _, plain = saved(page, tmp_path, labels=False)
    _, told = saved(page, tmp_path)
    rows, columns = plain.shape[:2]
    differs = (plain != told).any(axis=2)
    regions = {
        "left": differs[rows // 2 - 10 : rows // 2 + 10, :24],
        "right": differs[rows // 2 - 10 : rows // 2 + 10, -24:],
        "top": differs[:26, columns // 2 - 12 : columns // 2 + 12],
        "bottom": differs[-26:, columns // 2 - 12 : columns // 2 + 12],
        "lines": differs[:60, : columns // 3],
        "scale": differs[-20:, : columns // 4],
        "caution": differs[-26:, -150:],
    }
    assert [name for name, region in regions.items() if not region.any()] == []
    assert not differs[rows // 4 : rows // 2 - 20, 30:-30].any(), "the picture itself stays free"


def test_scale_bar_is_true(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    """32 mm of grey, 32 pixels of a mm each: the bar's mm times pixels a mm is its length."""
    page = opened(open_page, orthanc, real)
    _, plain = saved(page, tmp_path, labels=False)
    _, told = saved(page, tmp_path)
    rows = plain.shape[0]
    pixels_of_mm = (plain[rows // 2, :, 0] == GREY).sum() / 32
    line = told[rows - 16, :, 0] > 240
    longest = max(len(run) for run in "".join("x" if lit else " " for lit in line).split())
    possible = [digit * 10.0**power for power in (-1, 0, 1) for digit in (1, 2, 5)]
    assert min(abs(longest / pixels_of_mm - length) for length in possible) < 2.5 / pixels_of_mm


def test_crosshair_comes_along_when_it_is_asked_for(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    page = opened(open_page, orthanc, real)
    _, pixels = saved(page, tmp_path, labels=False, crosshair=True)
    red, green, blue = (pixels[..., k].astype(int) for k in range(3))
    coronal = (green - np.maximum(red, blue)) > 20
    sagittal = (np.minimum(red, green) - blue) > 30
    assert coronal.any(axis=0).mean() > 0.8, "a green line from left to right"
    assert sagittal.any(axis=1).mean() > 0.8, "a yellow one from top to bottom"


def test_shapes_of_the_overlay_come_along(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    page = opened(open_page, orthanc, real)
    page.locator(".pane.axial svg").first.evaluate(
        """svg => {
          const made = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
          for (const [k, v] of Object.entries({x: 40, y: 60, width: 30, height: 20})) made.setAttribute(k, v);
          made.style.fill = 'rgb(255, 0, 255)';
          svg.append(made);
        }"""
    )
    _, pixels = saved(page, tmp_path, labels=False)
    pink = (pixels == (255, 0, 255)).all(axis=2)
    assert pink[60:80, 40:70].all()
    assert pink.sum() == 600


def test_patient_is_told_only_when_asked(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, tmp_path: Path
) -> None:
    people = [
        {"PatientID": "P1", "PatientName": "Doe^Jane", "PatientBirthDate": "19700131", "StudyDate": "20260105"},
        {"PatientID": "SECOND", "PatientName": "Roe^Richard^Quentin", "StudyDate": "20250301"},
    ]
    pictures = []
    for person in people:
        page = opened(open_page, orthanc, real, **person)
        pictures.append([saved(page, tmp_path, patient=told) for told in (False, True)])
    (first, first_told), (second, second_told) = pictures
    assert first[0] == second[0] == first_told[0] == "reslice-axial.png"
    np.testing.assert_array_equal(first[1], second[1])
    for (_, plain), (_, told) in pictures:
        differs = (plain != told).any(axis=2)
        assert differs[:60, : plain.shape[1] // 2].any()
        assert not differs[120:].any()
    assert (first_told[1] != second_told[1]).any()


def test_link_shows_the_same_picture_and_has_no_token(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    identifier = real.store_series(noise(SMALL, WindowCenter="0", WindowWidth="1000"))
    open_viewer(page, viewer_of(orthanc, series=identifier) + "&token=very-secret")
    page.keyboard.press("3")
    page.keyboard.press("PageDown")
    page.keyboard.press("i")
    field(page, "Slab thickness in mm; 0 is thin").fill("4")
    field(page, "Slab thickness in mm; 0 is thin").press("Enter")
    await_window(page, 350, 2000)
    button(page, "Copy link").click()
    expect(page.locator("#status")).to_have_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert "secret" not in link
    assert "token" not in link
    other = open_page()
    open_viewer(other, link)
    await_window(other, 350, 2000)
    expect(button(other, "Invert")).to_have_attribute("aria-pressed", "true")
    for place in ("top-left", "bottom-left", "bottom-right"):
        expect(corner(other, "axial", place)).to_have_text(
            corner(page, "axial", place).inner_text(), use_inner_text=True
        )
    expect(corner(other, "axial", "bottom-left")).to_contain_text("9 / 9")
    canvas = "c => c.toDataURL()"
    shown = page.locator(".pane.coronal canvas").first.evaluate(canvas)
    await_true(other, lambda: other.locator(".pane.coronal canvas").first.evaluate(canvas) == shown, lambda: "another")
    assert "token" not in query_of(other)


@pytest.mark.slow
def test_link_is_shown_where_there_is_no_clipboard(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    identifier = real.store_series(noise(SMALL))
    open_viewer(page, viewer_of(orthanc, series=identifier))
    button(page, "Copy link").click()
    shown = page.get_by_role("dialog", name="Copy link").get_by_label("Address")
    expect(shown).to_be_focused()
    link = shown.input_value()
    assert f"series={identifier}" in link
    assert page.evaluate("document.activeElement.selectionEnd - document.activeElement.selectionStart") == len(link)
