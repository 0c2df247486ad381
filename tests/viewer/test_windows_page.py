"""Windows in the page: its greys are the server's, whatever the window, the unit and the kind of the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from clients import OrthancClient
from grids import even
from phantoms import AXIAL, noise, ramp, without_geometry
from series_phantoms import monochrome1, own_slopes
from server import Orthanc
from viewing import PaneOf, Seen, assert_shows, centre_of, eventually, open_series, panes_of, wait_for

WINDOWS = [
    (40, 400, "LINEAR", False),
    (40, 400, "LINEAR", True),
    (-600, 1500, "LINEAR", False),
    (1000, 4096, "LINEAR", False),
    (350.5, 2000.5, "LINEAR", False),
    (100, 1, "LINEAR", False),
    (1000, 2000, "LINEAR_EXACT", False),
    (1000, 2000, "LINEAR_EXACT", True),
    (1000, 0.5, "LINEAR_EXACT", False),
    (1000, 1200, "SIGMOID", False),
    (1000, 1200, "SIGMOID", True),
]


def query_of(center: float, width: float, function: str, invert: bool) -> dict[str, object]:
    """A window as the server takes it."""
    return {"window_center": center, "window_width": width, "voi_function": function, "invert": str(invert).lower()}


def link_of(center: float, width: float, function: str, invert: bool) -> str:
    """The same as the page's address has it."""
    return f"{center:g},{width:g},{function}{',invert' if invert else ''}"


def window_told(seen: Seen) -> tuple[float, float]:
    """Centre and width in the corner."""
    center, width = seen.corners["bottom-right"][0].split(" \u00b7 ")[:2]
    return float(center.removeprefix("C ")), float(width.removeprefix("W "))


def pet(**attributes: object) -> list[Dataset]:
    """Noise of a PET whose SUV can be computed: a day's weight, dose and times that fit."""
    isotope = Dataset()
    isotope.RadionuclideTotalDose, isotope.RadionuclideHalfLife = "370000000", "6586.2"
    isotope.RadiopharmaceuticalStartTime = "100000"
    facts = {
        "PatientWeight": "70",
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["ATTN", "DECY"],
        "SeriesDate": "20260105",
        "SeriesTime": "110000",
        "AcquisitionDate": "20260105",
        "AcquisitionTime": "110000",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "RadiopharmaceuticalInformationSequence": Items([isotope]),
    }
    values = np.random.default_rng(4).uniform(0, 40_000, AXIAL.shape)
    files = own_slopes(values, even(AXIAL))
    for file in files:
        for keyword, value in {**facts, **attributes}.items():
            setattr(file, keyword, value)
    return files


def test_greys_are_the_servers_for_every_window(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise())
    centre = centre_of(real, stored)
    for window in WINDOWS:
        open_series(page, orthanc, stored, "axial", window=link_of(*window), pane="axial")
        answer = real.get(f"/series/{stored}/mpr/axial", **query_of(*window))
        seen = panes_of(page)["axial"].seen()
        assert_shows(seen, answer, centre)
        assert ("inverted" in seen.corners["bottom-right"][0]) == window[3]
        assert ("sigmoid" in seen.corners["bottom-right"][0]) == (window[2] == "SIGMOID")


def test_dragging_widens_and_darkens_all_planes(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(noise(WindowCenter=1000, WindowWidth=2000))
    open_series(page, orthanc, stored)
    panes, centre = panes_of(page), centre_of(real, stored)
    page.wait_for_load_state("networkidle")  # neighbours are read ahead
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    x, y = panes["axial"].middle
    panes["axial"].drag((x, y), (x + 60, y + 50))
    center, width = window_told(panes["axial"].seen())
    assert width > 2000
    assert center > 1000
    for name, pane in panes.items():
        answer = real.get(f"/series/{stored}/mpr/{name}", window_center=center, window_width=width)

        def check(pane=pane, answer=answer) -> None:
            seen = pane.seen()
            assert window_told(seen) == (center, width)
            assert_shows(seen, answer, centre, tolerance=1)

        eventually(page, check)
    assert [url for url in asked if "/mpr/" in url] == [], "windows are the page's own work"
    panes["axial"].drag((x, y), (x - 200, y))
    assert window_told(panes["axial"].seen())[1] < width


def test_file_that_asks_for_inversion_is_inverted_once(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    values = np.linspace(0, 1000, np.prod(AXIAL.shape)).reshape(AXIAL.shape)
    files = monochrome1(values, even(AXIAL))
    for file in files:
        file.WindowCenter, file.WindowWidth = 500, 1000
    stored = real.store_series(files)
    centre = centre_of(real, stored)
    open_series(page, orthanc, stored)
    for name, pane in panes_of(page).items():
        answer = real.get(f"/series/{stored}/mpr/{name}")
        assert answer.told("Reslice-Window")["Invert"] is True
        assert_shows(pane.seen(), answer, centre, tolerance=1)
    axial = panes_of(page)["axial"]
    assert "inverted" not in axial.seen().corners["bottom-right"][0]
    page.keyboard.press("i")
    upright = real.get(f"/series/{stored}/mpr/axial", invert="true")
    eventually(page, lambda: assert_shows(axial.seen(), upright, centre, tolerance=1))
    assert "inverted" in axial.seen().corners["bottom-right"][0]
    page.wait_for_timeout(500)  # the address follows a moment later
    page.reload()
    wait_for(page)
    assert_shows(axial.seen(), upright, centre, tolerance=1)


def test_radiographs_that_ask_for_inversion_are_inverted_once_and_turned_round_with_the_others(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    pixels = np.arange(16 * 20, dtype=np.uint16).reshape(16, 20)
    uids = {"SeriesInstanceUID": "2.25.5", "StudyInstanceUID": "2.25.6"}
    window = {"WindowCenter": 160, "WindowWidth": 320}
    kinds = ("MONOCHROME1", "MONOCHROME2")
    files = [
        without_geometry(pixels, PhotometricInterpretation=k, InstanceNumber=n, **window, **uids)
        for n, k in enumerate(kinds)
    ]
    stored = real.store_series(files)
    open_series(page, orthanc, stored, "stack")
    stack = PaneOf(page, "stack")
    assert real.get(f"/series/{stored}/slices/0").picture()[0, 0] > 250
    eventually(page, lambda: assert_least_are(stack, bright=True))
    page.keyboard.press("i")
    eventually(page, lambda: assert_least_are(stack, bright=False))
    stack.slider.fill("1")
    eventually(page, lambda: assert_least_are(stack, bright=True))
    assert "inverted" in stack.seen().corners["bottom-right"][0]
    page.keyboard.press("i")
    eventually(page, lambda: assert_least_are(stack, bright=False))


def assert_least_are(pane: PaneOf, *, bright: bool) -> None:
    """The first rows hold the least values, the last rows the greatest."""
    seen = pane.seen()
    first, last = seen.at(np.array([[seen.width / 2, 8], [seen.width / 2, seen.height - 8]]))[:, 0]
    assert (first > 235, last < 20) == ((True, True) if bright else (False, False))
    assert bright or (first < 20 and last > 235)


def test_uptake_is_shown_in_suv(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(pet())
    (volume,) = real.get(f"/series/{stored}/volumes").json()["Volumes"]
    assert volume["Suv"]["Factor"] > 0
    open_series(page, orthanc, stored, unit="suv", window="3,6,LINEAR_EXACT")
    centre = centre_of(real, stored)
    query = {"unit": "suv", "window_center": 3, "window_width": 6, "voi_function": "LINEAR_EXACT"}
    for name, pane in panes_of(page).items():
        seen = pane.seen()
        assert "SUV by body weight" in seen.corners["top-right"]
        assert_shows(seen, real.get(f"/series/{stored}/mpr/{name}", **query), centre, tolerance=1)
    axial = panes_of(page)["axial"]
    axial.hover((axial.middle[0] + 20, axial.middle[1] + 10))
    eventually(page, lambda: told_like_the_probe(axial.seen(), real, stored))


def told_like_the_probe(seen: Seen, client: OrthancClient, stored: str) -> None:
    assert len(seen.corners["bottom-left"]) == 2
    assert "g/ml" in seen.corners["bottom-left"][1]
    point = ",".join(map(str, seen.point))
    found = client.get(f"/series/{stored}/probe", point=point, unit="suv").json()
    assert seen.value == pytest.approx(found["Value"], abs=0.051)


@pytest.mark.slow
def test_uptake_without_its_facts_stays_as_stored(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(pet(PatientWeight="0"))
    open_series(page, orthanc, stored, unit="suv")
    assert "SUV by body weight" not in panes_of(page)["axial"].seen().lines
    assert_shows(panes_of(page)["axial"].seen(), real.get(f"/series/{stored}/mpr/axial"), centre_of(real, stored), 1)


@pytest.mark.slow
def test_fractions_of_the_unit_are_shown(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series(ramp(0, replace(AXIAL, spacing=(2.5, 0.7, 0.7))))
    open_series(page, orthanc, stored, "axial", window="0.25,3.5,LINEAR_EXACT", pane="axial")
    query = {"window_center": 0.25, "window_width": 3.5, "voi_function": "LINEAR_EXACT"}
    answer = real.get(f"/series/{stored}/mpr/axial", **query)
    assert_shows(panes_of(page)["axial"].seen(), answer, centre_of(real, stored), tolerance=1)
