"""The toolbar of the viewer: windows, units, slabs, cine and layout, as numbers on the screen and as pixels."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pydicom.dataset import Dataset

from clients import OrthancClient
from phantoms import Acquisition, multiframe, noise, series, without_geometry
from server import Orthanc
from viewed_page import (
    await_grey,
    await_true,
    await_window,
    button,
    corner,
    field,
    grey_in_the_middle,
    open_viewer,
    query_of,
    viewer_of,
    window_of,
)

SMALL = Acquisition(shape=(9, 32, 32), spacing=(2.0, 1.0, 1.0))
OWN = {"WindowCenter": "100", "WindowWidth": "1001"}
PRESETS = {"1": (40, 400), "2": (-600, 1500), "3": (350, 2000), "4": (40, 80), "5": (40, 400), "6": (90, 150)}
"""Centre and width of the number keys of CT; 7 is angio, 600 at 300."""


def flat(value: float, **attributes: object) -> list[Dataset]:
    """A series of one value, shown through a window of 100 +- 500."""
    return series(np.full(SMALL.shape, value), SMALL, **{**OWN, **attributes})


def layers(**attributes: object) -> list[Dataset]:
    """Each slice is brighter than the one below it: 0, 100, 200 ... 800."""
    values = np.broadcast_to(100.0 * np.arange(9)[:, None, None], SMALL.shape)
    return series(values, SMALL, WindowCenter="500.5", WindowWidth="1001", **attributes)


def linear(value: float, center: float, width: float) -> int:
    """The grey of PS3.3 C.11.2.1.2.1."""
    return round(255 * min(1.0, max(0.0, (value - (center - 0.5)) / (width - 1) + 0.5)))


def test_number_keys_choose_windows(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60))))
    await_grey(page, linear(60, 100, 1001))
    for key, (center, width) in {**PRESETS, "7": (300, 600), "8": (100, 1001)}.items():
        page.keyboard.press(key)
        await_window(page, center, width)
        await_grey(page, linear(60, center, width), tolerance=1)
    expect(field(page, "Window preset")).to_have_value("file")


def test_equal_presets_keep_the_name_that_was_chosen(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60))))
    expect(field(page, "Window preset")).to_have_value("file")
    for name in ("mediastinum", "soft-tissue", "lung"):
        field(page, "Window preset").select_option(name)
        expect(field(page, "Window preset")).to_have_value(name)
    field(page, "Window width").fill("1499")
    field(page, "Window width").press("Enter")
    await_window(page, -600, 1499)
    expect(field(page, "Window preset")).to_have_value("")


def test_automatic_window_is_the_servers(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    identifier = real.store_series(noise(SMALL, **OWN))
    told = real.get(f"/series/{identifier}/mpr/axial", preset="auto").told("Reslice-Window")
    open_viewer(page, viewer_of(orthanc, series=identifier))
    page.keyboard.press("i")
    expect(button(page, "Invert")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("0")
    await_window(page, float(f"{told['Center']:.6g}"), float(f"{told['Width']:.6g}"))
    expect(field(page, "Window preset")).to_have_value("auto")
    expect(button(page, "Invert")).to_have_attribute("aria-pressed", "true")


def test_inversion_turns_greys(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60))))
    grey = linear(60, 100, 1001)
    await_grey(page, grey)
    button(page, "Invert").click()
    await_grey(page, 255 - grey)
    expect(corner(page, "axial", "bottom-right")).to_contain_text("inverted")
    page.keyboard.press("2")
    await_grey(page, 255 - linear(60, -600, 1500), tolerance=1)
    page.keyboard.press("i")
    await_grey(page, linear(60, -600, 1500), tolerance=1)


def test_images_that_ask_for_inversion_keep_it(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60, PhotometricInterpretation="MONOCHROME1"))))
    expect(button(page, "Invert")).to_have_attribute("aria-pressed", "false")
    await_grey(page, 255 - linear(60, 100, 1001))
    page.keyboard.press("3")
    await_window(page, 350, 2000)
    await_grey(page, 255 - linear(60, 350, 2000), tolerance=1)


def test_numbers_are_typed_and_checked(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60))))
    for name, value in (("centre", "20"), ("width", "201")):
        field(page, f"Window {name}").fill(value)
        field(page, f"Window {name}").press("Enter")
    await_grey(page, linear(60, 20, 201), tolerance=1)
    assert window_of(page) == (20, 201)
    for nonsense in ("0.5", "-3", ""):
        field(page, "Window width").fill(nonsense)
        field(page, "Window width").press("Tab")
        await_window(page, 20, 201)
    await_grey(page, linear(60, 20, 201), tolerance=1)


def pet(value: float, **attributes: object) -> list[Dataset]:
    """80 kg, and 20 MBq left after one half-life: SUV is the value by 250."""
    tracer = Dataset()
    tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = 40e6, 3600.0
    tracer.RadiopharmaceuticalStartDateTime = "20260105090000"
    moments = {"SeriesDate": "20260105", "SeriesTime": "100000"}
    moments |= {"AcquisitionDate": "20260105", "AcquisitionTime": "100000"}
    facts = {"Modality": "PT", "Units": "BQML", "RescaleType": None, "DecayCorrection": "START", "PatientWeight": "80"}
    corrected = {"CorrectedImage": ["ATTN", "DECY"], "RadiopharmaceuticalInformationSequence": [tracer]}
    windows = {"WindowCenter": "1000", "WindowWidth": "2001"}
    return flat(value, **{**facts, **moments, **corrected, **windows, **attributes})


def test_uptake_keeps_the_greys_and_changes_the_numbers(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    identifier = real.store_series(pet(500))
    (volume,) = real.get(f"/series/{identifier}/volumes").json()["Volumes"]
    assert volume["Suv"]["Factor"] == pytest.approx(1 / 250)
    open_viewer(page, viewer_of(orthanc, series=identifier))
    grey = linear(500, 1000, 2001)
    await_grey(page, grey)
    assert field(page, "Window preset").locator("option[value^=suv]").count() == 0
    button(page, "Standardised uptake value (g/ml)").click()
    await_window(page, 4, 8.004)
    await_grey(page, grey, tolerance=1)
    expect(corner(page, "axial", "top-right")).to_contain_text("SUV")
    field(page, "Window preset").select_option("suv-5")
    await_window(page, 2.5, 5)
    await_grey(page, round(255 * (2.0 / 5)), tolerance=1)
    button(page, "Standardised uptake value (g/ml)").click()
    await_window(page, 625, 1250)
    await_grey(page, round(255 * (500 / 1250)), tolerance=1)


def test_uptake_that_cannot_be_computed_says_why(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(pet(500, PatientWeight=None))))
    switch = button(page, "Standardised uptake value (g/ml)")
    expect(switch).to_have_attribute("aria-disabled", "true")
    expect(switch).to_have_attribute("title", re.compile("the patient's weight"))
    switch.click(force=True)
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert window_of(page) == (1000, 2001)


def test_series_without_uptake_has_no_switch(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(flat(60))))
    expect(button(page, "Standardised uptake value (g/ml)")).to_have_count(0)


def test_slabs_are_as_thick_as_the_slider_says(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    """The middle slice is 400; 2 mm further it is 500."""
    open_viewer(page, viewer_of(orthanc, series=real.store_series(layers())))
    await_grey(page, linear(400, 500.5, 1001), tolerance=1)
    expect(field(page, "MIP")).to_be_disabled()
    field(page, "Slab thickness").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(field(page, "Slab thickness in mm; 0 is thin")).to_have_value("4")
    expect(corner(page, "axial", "top-left")).to_contain_text("Mean 4 mm")
    field(page, "MIP").check(force=True)
    expect(corner(page, "axial", "top-left")).to_contain_text("MIP 4 mm")
    await_grey(page, linear(500, 500.5, 1001), tolerance=1)
    field(page, "MinIP").check(force=True)
    await_grey(page, linear(300, 500.5, 1001), tolerance=1)
    field(page, "Slab thickness in mm; 0 is thin").fill("8")
    field(page, "Slab thickness in mm; 0 is thin").press("Enter")
    await_grey(page, linear(200, 500.5, 1001), tolerance=1)
    await_true(page, lambda: query_of(page).get("slab") == "8,minip", lambda: page.url)
    button(page, "Reset").click()
    await_grey(page, linear(400, 500.5, 1001), tolerance=1)


def test_layout_shows_one_pane_or_all(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(layers())))
    page.locator(".pane.coronal .surface").click()
    button(page, "One pane alone").click()
    expect(page.locator(".pane.coronal")).to_be_visible()
    expect(page.locator(".pane.axial")).to_be_hidden()
    page.keyboard.press("m")
    expect(page.locator(".pane.axial")).to_be_visible()


def test_tools_are_pressed_or_say_why_they_cannot_be(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(layers())))
    button(page, "Crosshair").click()
    expect(button(page, "Crosshair")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Window")).to_have_attribute("aria-pressed", "false")
    stack = real.store_series([without_geometry(np.full((32, 32), 60, dtype=np.int16))])
    open_viewer(page, viewer_of(orthanc, series=stack))
    expect(button(page, "Crosshair")).to_have_attribute("aria-disabled", "true")
    expect(button(page, "Crosshair")).to_have_attribute("title", re.compile("for volumes only"))
    button(page, "Crosshair").click(force=True)
    expect(button(page, "Window")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#status")).to_have_text("Crosshair (C): for volumes only")


def shown_place(page: Page, pane: str) -> int:
    """Which slice or image a pane shows, from 1."""
    found = re.search(r"(\d+) / \d+", corner(page, pane, "bottom-left").inner_text())
    assert found
    return int(found[1])


def clip(**attributes: object) -> list[Dataset]:
    """The same greys as those of `layers`, as frames of one file."""
    frames = np.broadcast_to(100 * np.arange(9, dtype=np.uint16)[:, None, None], SMALL.shape)
    return [multiframe(frames, WindowCenter="500.5", WindowWidth="1001", **attributes)]


@pytest.mark.parametrize("kind", ["volume", "clip"])
def test_cine_plays_and_stops(page: Page, orthanc: Orthanc, real: OrthancClient, kind: str) -> None:
    files = layers() if kind == "volume" else clip(FrameTime="40", CineRate="30")
    pane = "axial" if kind == "volume" else "stack"
    open_viewer(page, viewer_of(orthanc, series=real.store_series(files)))
    await_grey(page, linear(100 * (shown_place(page, pane) - 1), 500.5, 1001), pane, tolerance=1)
    rate = field(page, "Pictures a second that are wanted")
    expect(rate).to_have_value("15" if kind == "volume" else "30")
    for typed, wanted in (("100", "60"), ("0", "1"), ("", "1"), ("5", "5")):
        rate.fill(typed)
        rate.press("Enter")
        expect(rate).to_have_value(wanted)
    seen = {shown_place(page, pane)}
    page.keyboard.press("p")
    expect(button(page, "Pause")).to_be_visible()

    def is_through() -> bool:
        seen.add(shown_place(page, pane))
        return len(seen) == 9

    await_true(page, is_through, lambda: seen)
    expect(page.locator("#toolbar output")).to_have_text(re.compile(r"^\d+(\.\d)? shown$"))
    assert 0.5 < float(page.locator("#toolbar output").inner_text().split()[0]) < 5.6
    page.keyboard.press("p")
    expect(button(page, "Play")).to_be_visible()
    page.wait_for_timeout(400)
    last = shown_place(page, pane)
    page.wait_for_timeout(800)
    assert shown_place(page, pane) == last
    await_grey(page, linear(100 * (last - 1), 500.5, 1001), pane, tolerance=1)


@pytest.mark.parametrize("width", [1024, 1366, 1920])
def test_toolbar_fits_into_the_window(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 768})
    open_viewer(page, viewer_of(orthanc, series=real.store_series(pet(500))))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    bar = page.get_by_role("toolbar").bounding_box()
    assert bar and bar["height"] < 90
    for control in page.get_by_role("toolbar").locator("button:visible, select, input[type=number]").all():
        box = control.bounding_box()
        assert box and box["x"] >= bar["x"] and box["x"] + box["width"] <= bar["x"] + bar["width"]


def test_arrows_go_through_the_buttons(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_viewer(page, viewer_of(orthanc, series=real.store_series(layers())))
    grey = grey_in_the_middle(page)
    button(page, "Window").focus()
    page.keyboard.press("ArrowRight")
    expect(button(page, "Zoom")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(button(page, "Keys and gestures")).to_be_focused()
    page.keyboard.press("Home")
    expect(button(page, "Window")).to_be_focused()
    assert page.locator("#toolbar button[tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(button(page, "Zoom")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(" ")
    assert grey_in_the_middle(page) == grey
