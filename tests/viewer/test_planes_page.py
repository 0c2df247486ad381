"""The three planes in the page: the right plane, the right way round, pixel for pixel what the server shows."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page

from clients import OrthancClient
from grids import Grid, with_gaps
from naive import pixel_positions
from phantoms import ACQUISITIONS, Acquisition, noise, series
from series_phantoms import single_frames
from server import Orthanc
from viewing import (
    AXES,
    EDGES,
    PLANES,
    Seen,
    assert_shows,
    centre_of,
    eventually,
    millimetres,
    open_series,
    panes_of,
    places_of,
)

QUICK = ("axial", "double-oblique")
EVERY_ACQUISITION = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in ACQUISITIONS]
)
CUBE = {"shape": (31, 31, 31), "spacing": (1.0, 1.0, 1.0)}
MARKERS = {
    "L": (11, 2, 1),
    "R": (-11, -3, 2),
    "P": (3, 11, -2),
    "A": (-2, -11, -3),
    "H": (-1, 3, 11),
    "F": (2, -1, -11),
}
"""Off-centre places of the patient's sides, LPS mm."""
RADIUS = 2.4
FLAT = "0,4096,LINEAR"


def markers(acquisition: Acquisition) -> list:
    """Six balls in a volume of 0, each with a value of its own: 1000, 2000, ..."""
    values = np.zeros(acquisition.shape)
    for k, point in enumerate(MARKERS.values()):
        values[np.linalg.norm(acquisition.coordinates - point, axis=-1) < RADIUS] = 1000 * (k + 1)
    return series(values, acquisition)


def side_of(seen: Seen, grey: float) -> str:
    """At which edge of the pane a grey lies: the first letter of that edge."""
    rows, columns = np.nonzero(np.abs(seen.canvas[..., 0].astype(float) - grey) <= 2)
    assert rows.size > 20, f"there is no grey of {grey}"
    right, down = columns.mean() - seen.canvas.shape[1] / 2, rows.mean() - seen.canvas.shape[0] / 2
    edge = (0 if right < 0 else 1) if abs(right) > abs(down) else (2 if down < 0 else 3)
    return seen.letters[edge][0]


@EVERY_ACQUISITION
def test_planes_are_the_servers_pixel_for_pixel(page: Page, orthanc: Orthanc, real: OrthancClient, name: str) -> None:
    stored = real.store_series(noise(ACQUISITIONS[name]))
    open_series(page, orthanc, stored, window=FLAT)
    centre = centre_of(real, stored)
    for plane, pane in panes_of(page).items():
        answer = real.get(f"/series/{stored}/mpr/{plane}", window_center=0, window_width=4096)
        told, seen = answer.told("Reslice-Plane"), pane.seen()
        assert seen.edges == EDGES[plane]
        place, _, step = seen.place.partition(" \u00b7 ")
        axis = AXES[plane]
        assert millimetres(place, axis) == pytest.approx(told["Position"][axis], abs=0.0501)
        assert step == f"{told['Index'] + 1} / {told['Count']}"
        assert_shows(seen, answer, centre, tolerance=1)
        is_own = plane == PLANES[0] and name.startswith(("axial", "decubitus"))
        assert is_own <= ("Interpolated" not in seen.lines)
        if is_own:
            assert_shows(seen, answer, centre)


@EVERY_ACQUISITION
def test_every_side_of_the_patient_is_at_its_letter(
    page: Page, orthanc: Orthanc, real: OrthancClient, name: str
) -> None:
    stored = real.store_series(markers(replace(ACQUISITIONS[name], **CUBE)))
    open_series(page, orthanc, stored, window="3000.5,6001,LINEAR", slab="60,mip")
    for plane, pane in panes_of(page).items():
        seen = pane.seen()
        assert seen.corners["top-left"] == [plane.capitalize(), "MIP 60 mm"]
        for k, side in enumerate(MARKERS):
            if side in EDGES[plane]:
                assert side_of(seen, 255 * (k + 1) / 6) == side


def test_marker_at_the_patients_left_is_on_the_right_and_on_its_plane_alone(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    acquisition = Acquisition(shape=(9, 15, 81), spacing=(2.0, 1.0, 1.0))
    values = np.where((np.abs(acquisition.coordinates - (30, 0, 0)) < 0.5).all(axis=-1), 1000.0, 0.0)
    stored = real.store_series(series(values, acquisition))
    centre, marker = centre_of(real, stored), np.array([[30.0, 0.0, 0.0]])

    def bright(name: str) -> bool:
        seen = panes_of(page)[name].seen()
        told = real.get(f"/series/{stored}/mpr/{name}", index=0).told("Reslice-Plane")
        places = places_of(seen, told, marker, centre)
        if name != "sagittal":
            assert places[0, 0] > 0.75 * seen.width
        levels = seen.canvas[..., 0]
        assert levels.max() == 0 or seen.at(places)[0, 0] > 100  # pixels so small are drawn smoothed
        return bool(levels.max())

    for x in (29, 30, 31):
        open_series(page, orthanc, stored, window="500,1000,LINEAR", at=f"{x},0,0")
        assert [bright(name) for name in PLANES] == [True, True, x == 30]


def test_tilted_gantry_is_told(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_series(page, orthanc, real.store_series(noise(ACQUISITIONS["gantry-tilt"])))
    for pane in panes_of(page).values():
        assert "\u26a0 Gantry tilt 18.5\u00b0" in pane.seen().corners["top-right"]
        assert pane.figure.locator(".warning").is_visible()


def uneven(gaps: list[float]) -> tuple[Grid, list]:
    """Slices at such gaps (in units of 2.5 mm), each of one value: 100, 200, ..."""
    grid = with_gaps(Acquisition(shape=(8, 10, 12)), gaps, thickness=2.5)
    values = np.zeros(grid.shape) + 100.0 * (1 + np.arange(grid.shape[0]))[:, None, None]
    return grid, single_frames(values, grid)


def test_uneven_slices_lie_at_their_places(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    grid, files = uneven([1, 1.4, 1, 1.2, 1.4])
    stored = real.store_series(files)
    open_series(page, orthanc, stored, window="400,800,LINEAR")
    panes, centre = panes_of(page), centre_of(real, stored)
    assert all("\u26a0 Uneven gaps" in pane.seen().lines for pane in panes.values())
    assert_shows(panes["coronal"].seen(), real.get(f"/series/{stored}/mpr/coronal", **levels(800)), centre, 1)
    slices = panes["axial"].slider
    slices.focus()
    page.keyboard.press("Home")
    for k, origin in enumerate(grid.origins):
        told = real.get(f"/series/{stored}/mpr/axial", index=k, **levels(800))

        def check(k: int = k, z: float = origin[2], told=told) -> None:
            seen = panes["axial"].seen()
            place, _, step = seen.place.partition(" \u00b7 ")
            assert step == f"{k + 1} / {len(grid.origins)}"
            assert millimetres(place, 2) == pytest.approx(z, abs=0.0501)
            assert_shows(seen, told, centre)

        eventually(page, check)
        page.keyboard.press("ArrowRight")


def levels(width: float) -> dict[str, float]:
    return {"window_center": width / 2, "window_width": width}


def test_missing_slices_are_black_and_told(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    _, files = uneven([1, 1, 4, 1, 1])
    stored = real.store_series(files)
    open_series(page, orthanc, stored, window="-1000,500,LINEAR")  # whatever is data is white
    seen = panes_of(page)["coronal"].seen()
    assert "\u26a0 Slices missing" in seen.lines
    answer = real.get(f"/series/{stored}/mpr/coronal", window_center=-1000, window_width=500)
    assert_shows(seen, answer, centre_of(real, stored))
    middle = seen.at(np.array([[seen.width / 2, seen.height / 2]]))
    assert middle.max() == 0
    assert (answer.picture() == 255).any()
    page.keyboard.press("i")
    eventually(page, lambda: nothing_is_white(panes_of(page)["coronal"].seen()))


def nothing_is_white(seen: Seen) -> None:
    assert "inverted" in seen.corners["bottom-right"][0]
    assert seen.canvas.max() == 0


def test_padding_stays_black_when_inverted(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    acquisition = Acquisition(shape=(5, 12, 12), spacing=(2.0, 1.0, 1.0))
    values = np.full(acquisition.shape, 0.0)
    values[:, :, :6] = -2000.0
    stored = real.store_series(series(values, acquisition, PixelPaddingValue=-2000))
    for invert, data in (("", 0), (",invert", 255)):
        open_series(page, orthanc, stored, window=f"500,1000,LINEAR{invert}")
        for plane in ("axial", "coronal"):
            seen = panes_of(page)[plane].seen()
            told = real.get(f"/series/{stored}/mpr/{plane}").told("Reslice-Plane")
            places = places_of(seen, told, pixel_positions(told), centre_of(real, stored))
            greys = seen.at(places)[..., 0]
            assert (greys[:, :6] == 0).all()
            assert (greys[:, 6:] == data).all()
