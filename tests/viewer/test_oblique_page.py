"""Turned planes and slabs in the page: the pixels of the server's oblique plane for the axes that the address tells."""

import math
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page

from clients import OrthancClient
from phantoms import ACQUISITIONS, Acquisition, noise
from server import Orthanc
from viewing import PLANES, PaneOf, assert_shows, centre_of, eventually, open_series, panes_of, wait_for

SMALL = Acquisition(shape=(16, 24, 28), spacing=(1.5, 1.0, 1.0), center=(4.0, -6.0, 10.0))
WINDOW = "1000,4096,LINEAR"
FLAT = {"window_center": 1000, "window_width": 4096}
UP = {"axial": "0,-1,0", "coronal": "0,0,1", "sagittal": "0,0,1"}
DEGREES = 25
PAUSE_MS = 700
"""The address follows the state a moment later."""


def query_of(page: Page) -> dict[str, str]:
    """The page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def normal_of(name: str, axes: np.ndarray) -> np.ndarray:
    """Away from the viewer: axial planes are seen from the feet, coronal from the front, sagittal from the left."""
    return {"axial": axes[2], "coronal": axes[1], "sagittal": -axes[0]}[name]


def turn(page: Page, pane: PaneOf, other: str, degrees: float) -> None:
    """Take a handle of another plane's line and lead it around the crosshair, clockwise on the screen."""
    handle = pane.figure.locator(f".crosshair .handle.{other}").first
    x, y = (float(handle.get_attribute(key) or "nan") for key in ("cx", "cy"))
    line = pane.figure.locator(f".crosshair line.{other}")
    ends = line.evaluate_all("all => all.map(l => [Number(l.getAttribute('x1')), Number(l.getAttribute('y1'))])")
    middle = np.mean(ends, axis=0)
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    to = middle + matrix @ (np.array([x, y]) - middle)
    pane.drag((x, y), (float(to[0]), float(to[1])))
    page.wait_for_timeout(PAUSE_MS)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("axial", "sagittal"),
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in (("coronal", "axial"), ("sagittal", "coronal"))),
    ],
)
def test_turned_planes_are_the_servers_oblique_ones(
    page: Page, orthanc: Orthanc, real: OrthancClient, name: str, other: str
) -> None:
    stored = real.store_series(noise(SMALL))
    open_series(page, orthanc, stored, window=WINDOW)
    panes, centre = panes_of(page), centre_of(real, stored)
    before = panes[name].seen()
    page.keyboard.press("c")
    panes[name].figure.locator(f".crosshair .handle.{other}").first.wait_for(state="attached")
    turn(page, panes[name], other, DEGREES)
    told = query_of(page)
    x, y = np.array(numbers(told["axes"])).reshape(2, 3)
    axes = np.array([x, y, np.cross(x, y)])
    # Seen along the plane's normal, a clockwise turn on the screen is a right-handed one about it.
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-5)
    normal = normal_of(name, np.eye(3))
    assert (np.trace(axes) - 1) / 2 == pytest.approx(math.cos(math.radians(DEGREES)), abs=0.02)
    turned = sum(np.cross(np.eye(3)[k], axes[k]) for k in range(3)) / 2
    assert turned @ normal == pytest.approx(math.sin(math.radians(DEGREES)), abs=0.03)
    for plane in (plane for plane in PLANES if plane != name):
        where = {"normal": normal_of(plane, axes), "up": UP[plane], "center": numbers(told["at"])}
        where = {
            key: value if isinstance(value, str) else ",".join(map(repr, map(float, value)))
            for key, value in where.items()
        }
        answer = real.get(f"/series/{stored}/mpr/oblique", **where, **FLAT)
        seen = panes[plane].seen()
        assert seen.place.startswith("Oblique, towards ")
        assert "Interpolated" in seen.lines
        assert_shows(seen, answer, centre, tolerance=1)
    assert panes[name].seen().place == before.place
    page.reload()
    wait_for(page)
    assert query_of(page) == told
    assert panes["coronal" if name != "coronal" else "axial"].seen().place.startswith("Oblique")
    page.keyboard.press("r")
    eventually(page, lambda: nothing_is_oblique(page))
    page.wait_for_timeout(PAUSE_MS)
    assert "axes" not in query_of(page)


def nothing_is_oblique(page: Page) -> None:
    assert not [pane for pane in panes_of(page).values() if "Oblique" in pane.seen().place]


@pytest.mark.parametrize("projection", ["mip", *(pytest.param(p, marks=pytest.mark.slow) for p in ("minip", "mean"))])
def test_slabs_are_the_servers(page: Page, orthanc: Orthanc, real: OrthancClient, projection: str) -> None:
    stored = real.store_series(noise(ACQUISITIONS["oblique"]))
    centre = centre_of(real, stored)
    open_series(page, orthanc, stored, window=WINDOW, slab=f"10,{projection}")
    query = {"slab_thickness": 10, "projection": projection, **FLAT}
    name = {"mip": "MIP", "minip": "MinIP", "mean": "Mean"}[projection]
    for plane, pane in panes_of(page).items():
        seen = pane.seen()
        assert seen.corners["top-left"] == [plane.capitalize(), f"{name} 10 mm"]
        assert_shows(seen, real.get(f"/series/{stored}/mpr/{plane}", **query), centre, tolerance=1)


def test_slices_are_shown_as_they_were_acquired(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    acquisition = ACQUISITIONS["tilted-oblique"]
    series = real.store_series(noise(acquisition))
    open_series(page, orthanc, series)
    (volume,) = real.get(f"/series/{series}/volumes").json()["Volumes"]
    affine, origins = np.array(volume["Affine"]), np.array(volume["Origins"])
    normal = np.cross(affine[:3, 2], affine[:3, 1])
    normal /= np.linalg.norm(normal)
    pane = PaneOf(page, "axial")

    def slice_shown() -> int:
        """Which of them all places of the pane lie on, as far as they are told."""
        places = []
        for x, y in ((0.5, 0.5), (0.4, 0.5), (0.5, 0.6)):
            pane.hover((pane.middle[0] * 2 * x, pane.middle[1] * 2 * y))
            eventually(page, lambda: pane.seen().corners["bottom-left"][1])
            places.append(pane.seen().point)
        depths = np.abs((np.array(places)[:, None] - origins) @ normal)
        index = int(depths.sum(axis=0).argmin())
        assert depths[:, index].max() < 0.15, depths
        return index

    page.keyboard.press("s")
    wait_for(page)
    eventually(page, slice_shown)
    first = slice_shown()
    page.keyboard.press("ArrowDown")
    wait_for(page)

    def assert_shown(*slices: int) -> None:
        assert slice_shown() in slices

    eventually(page, lambda: assert_shown(first - 1, first + 1))
    number = len(origins) - 1
    open_series(page, orthanc, series, frame=number)
    eventually(page, lambda: assert_shown(number))
