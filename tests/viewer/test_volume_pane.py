"""The 3-D pane: the right side of the patient, the right way round, by WebGL2 and by the server."""

import io
import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from browser import Watch
from clients import OrthancClient
from phantoms import Acquisition, rotated, series
from server import Orthanc
from viewed_page import query_of

Picture = NDArray[np.uint8]
SOLID = Acquisition(shape=(24, 26, 28), spacing=(2.0, 2.0, 2.0))
"""Sides of 48, 52 and 56 mm."""
SIDES = {"R": (-1, 0, 0), "L": (1, 0, 0), "A": (0, -1, 0), "P": (0, 1, 0), "F": (0, 0, -1), "H": (0, 0, 1)}
AXES = {"A": (0, 2), "P": (0, 2), "L": (1, 2), "R": (1, 2), "H": (0, 1), "F": (0, 1)}
"""The patient's axes across and along the picture, seen from each side."""
VIEWPORT = {"width": 1100, "height": 760}
SECONDS = 40.0
BORDER = 4
SHOW_OTHERS = """
  (how) => {
    const others = document.querySelectorAll('figure.volume .surface > :not(canvas)');
    others.forEach((node) => { node.style.visibility = how; });
  }
"""
LOSE = """
  () => {
    const context = document.querySelector('figure.volume canvas').getContext('webgl2');
    context.getExtension('WEBGL_lose_context').loseContext();
  }
"""
COUNTED = """
  window.counts = { draws: 0, textures: 0, lost: 0 };
  const gl = WebGL2RenderingContext.prototype;
  const count = (name, key, by) => {
    const real = gl[name];
    gl[name] = function (...given) { window.counts[key] += by; return real.apply(this, given); };
  };
  count('drawArrays', 'draws', 1);
  count('drawElements', 'draws', 1);
  count('createTexture', 'textures', 1);
  count('deleteTexture', 'textures', -1);
  addEventListener('webglcontextlost', () => { window.counts.lost += 1; }, true);
"""


def markers(acquisition: Acquisition = SOLID) -> NDArray[np.float64]:
    """Air with balls off the middle: at the right, before, and above, each at another distance."""
    places = acquisition.coordinates - np.asarray(acquisition.center)
    values = np.full(acquisition.shape, -1000.0)
    for side, distance, radius in (("R", 18, 5), ("A", 14, 4), ("H", 16, 3)):
        values[np.linalg.norm(places - distance * np.array(SIDES[side]), axis=-1) < radius] = 1500
    return values


def open_pane(page: Page, server: Orthanc, identifier: str, webgl: str = "on") -> Locator:
    page.set_viewport_size(VIEWPORT)
    page.goto(f"{server.url}/reslice/viewer/index.html?series={identifier}&webgl={webgl}")
    pane = page.locator("figure.volume")
    expect(pane.locator("canvas")).to_be_visible()
    settle(page)
    return pane


def settle(page: Page) -> None:
    """Wait until the picture stays: nothing is loaded, and twice in a row the same is on the screen."""
    expect(page.locator("figure.volume progress")).to_be_hidden()
    deadline, before = time.monotonic() + SECONDS, b""
    while True:
        page.wait_for_timeout(300)
        now = page.locator("figure.volume .surface").screenshot()
        if now == before and picture_of(now).any():
            return
        assert time.monotonic() < deadline
        before = now


def picture_of(file: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def seen(page: Page) -> Picture:
    """The picture alone: letters, cube and buttons left out, and the frame of the focus."""
    page.evaluate(SHOW_OTHERS, "hidden")
    file = page.locator("figure.volume .surface").screenshot()
    page.evaluate(SHOW_OTHERS, "")
    return picture_of(file)[BORDER:-BORDER, BORDER:-BORDER]


def look(page: Page, name: str) -> None:
    page.locator("figure.volume select").select_option(name)
    settle(page)


def look_from(page: Page, side: str) -> Picture:
    page.locator(f"figure.volume button[value={side}]").click()
    settle(page)
    return seen(page)


def blobs(picture: Picture) -> list[tuple[float, float]]:
    """Middles (x, y) of bright spots in pixels from the picture's middle, by x then y."""
    bright = picture.max(axis=-1) > 60
    found = []
    while bright.any():
        stack = [tuple(int(v) for v in np.argwhere(bright)[0])]
        bright[stack[0]] = False
        spot = []
        while stack:
            y, x = stack.pop()
            spot.append((x, y))
            for j, i in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= j < bright.shape[0] and 0 <= i < bright.shape[1] and bright[j, i]:
                    bright[j, i] = False
                    stack.append((j, i))
        if len(spot) > 20:
            x, y = np.mean(spot, axis=0)
            found.append((x + 0.5 - picture.shape[1] / 2, y + 0.5 - picture.shape[0] / 2))
    return sorted(found)


def scale_of(page: Page, acquisition: Acquisition = SOLID) -> float:
    """CSS pixels a mm: all six sides of the box around the voxels fit, with a margin of 4 %."""
    box = page.locator("figure.volume .surface").bounding_box()
    assert box is not None
    corners = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in acquisition.shape])).reshape(3, -1)
    x, y, z = np.ptp(acquisition.affine[:3, :3] @ corners, axis=1)
    sides = ((x, z), (y, z), (x, y))
    return min(min(box["width"] / w, box["height"] / h) for w, h in sides) / 1.04


def expected_from(side: str, scale: float) -> list[tuple[float, float]]:
    """Where the balls of `markers` are seen."""
    right = {"A": (1, 0, 0), "P": (-1, 0, 0), "L": (0, 1, 0), "R": (0, -1, 0), "H": (-1, 0, 0), "F": (1, 0, 0)}[side]
    down = {"H": (0, 1, 0), "F": (0, 1, 0)}.get(side, (0, 0, -1))
    balls = [18 * np.array(SIDES["R"]), 14 * np.array(SIDES["A"]), 16 * np.array(SIDES["H"])]
    return sorted((float(b @ np.array(right)) * scale, float(b @ np.array(down)) * scale) for b in balls)


def assert_places(found: list[tuple[float, float]], expected: list[tuple[float, float]], within: float) -> None:
    """Each spot stands where one is expected."""
    assert len(found) == len(expected)
    left = list(expected)
    for place in found:
        nearest = min(left, key=lambda other: np.hypot(place[0] - other[0], place[1] - other[1]))
        assert np.hypot(place[0] - nearest[0], place[1] - nearest[1]) < within, (found, expected)
        left.remove(nearest)


GRIDS = {
    "axial": SOLID,
    "sagittal": Acquisition((28, 26, 24), (2.0, 2.0, 2.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    "feet-first-prone": replace(SOLID, row=(-1.0, 0.0, 0.0), column=(0.0, -1.0, 0.0)),
    "tilted": Acquisition((24, 30, 28), (2.0, 2.0, 2.0), tilt=12.0),
    "anisotropic-oblique": rotated(rotated(Acquisition((14, 50, 36), (4.0, 1.1, 1.7)), 25, axis=0), 15, axis=2),
}


@pytest.mark.parametrize("webgl", ["on", "off"])
@pytest.mark.parametrize("grid", ["axial", *(pytest.param(name, marks=pytest.mark.slow) for name in list(GRIDS)[1:])])
def test_markers_stand_where_they_are_from_all_sides(
    page: Page, orthanc: Orthanc, real: OrthancClient, grid: str, webgl: str
) -> None:
    acquisition = GRIDS[grid]
    open_pane(page, orthanc, real.store_series(series(markers(acquisition), acquisition)), webgl)
    look(page, "mip")
    scale = scale_of(page, acquisition)
    pixels = 1.5 * max(1.0, max(acquisition.spacing) / 2) * scale  # balls are a few voxels wide
    for side in SIDES if grid == "axial" else "ALH":  # the opposite sides are no matter of the grid
        found = blobs(look_from(page, side))
        assert_places(found, expected_from(side, scale), pixels)


def test_letters_follow_the_camera(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    pane = open_pane(page, orthanc, real.store_series(series(markers(), SOLID)))
    edges = {"A": "RLHF", "P": "LRHF", "L": "APHF", "R": "PAHF", "H": "LRAP", "F": "RLAP"}
    for side, letters in edges.items():
        pane.locator(f"button[value={side}]").click()
        expect(pane.locator(f"button[value={side}]")).to_have_attribute("aria-pressed", "true")
        for edge, letter in zip(("left", "right", "top", "bottom"), letters, strict=True):
            expect(pane.locator(f".edge.{edge}")).to_have_text(letter)
    pane.locator(".surface").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(pane.locator(".edge.left")).to_have_text("RA")


def test_both_ways_of_rendering_agree(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    values = markers()
    values[(np.linalg.norm(SOLID.coordinates - np.asarray(SOLID.center), axis=-1) < 22) & (values < 0)] = 40
    identifier = real.store_series(series(values, SOLID))
    pictures, projections = [], []
    for webgl in ("on", "off"):
        pane = open_pane(page, orthanc, identifier, webgl)
        expect(pane.get_by_text("Rendered by the server")).to_have_count(1 if webgl == "off" else 0)
        pane.locator(".surface").focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "+", "+"):
            page.keyboard.press(key)
        settle(page)
        pictures.append(seen(page).astype(float))
        look(page, "mip")
        projections.append(seen(page).astype(float))
    assert pictures[0].max() > 150
    mine, servers = (picture.max(axis=-1) > 60 for picture in pictures)
    assert (mine & servers).sum() > 0.9 * (mine | servers).sum()
    both = mine & servers
    assert np.abs(pictures[0] - pictures[1])[both].mean() < 20
    assert_air_body_and_bones(projections)


def assert_air_body_and_bones(projections: list[Picture]) -> None:
    """While nobody has touched the window: air is black, the body dark, bones white, whoever renders."""
    for picture in projections:
        grey = picture.max(axis=-1)
        air, body, bone = grey < 5, (grey > 15) & (grey < 60), grey > 235
        assert min(air.mean(), body.mean()) > 0.15
        assert (air | body | bone).mean() > 0.9
        assert bone.mean() > 0.005
    assert np.abs(projections[0] - projections[1]).mean() < 3


@pytest.mark.parametrize("webgl", ["on", "off"])
def test_dragging_turns_and_a_full_turn_returns(page: Page, orthanc: Orthanc, real: OrthancClient, webgl: str) -> None:
    pane = open_pane(page, orthanc, real.store_series(series(markers(), SOLID)), webgl)
    begin = seen(page)
    box = pane.locator(".surface").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = min(box["width"], box["height"])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.2 * reach, y, steps=3)  # some 36 degrees
    page.mouse.up()
    settle(page)
    turned = seen(page)
    assert (np.abs(turned.astype(int) - begin) > 60).sum() > 500
    expect(pane.locator(".edge.left")).to_have_text("RP")
    pane.locator(".surface").focus()
    page.mouse.move(0, 0)
    for _ in range(4):
        page.keyboard.press("r")
    settle(page)
    again = seen(page)
    np.testing.assert_array_equal(again, begin)
    for _ in range(36):
        page.keyboard.press("ArrowRight")
    settle(page)
    assert np.abs(seen(page).astype(int) - begin).max() <= 3


def test_hands_move_and_zoom_and_a_link_shows_the_same(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    pane = open_pane(page, orthanc, real.store_series(series(markers(), SOLID)))
    assert not {"camera", "look"} & query_of(page).keys()
    look(page, "mip")
    before = blobs(seen(page))
    pane.locator(".surface").focus()
    page.keyboard.press("+")
    settle(page)
    assert_places(blobs(seen(page)), [(1.15 * x, 1.15 * y) for x, y in before], 2)
    page.keyboard.press("-")
    box = pane.locator(".surface").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down(button="middle")
    page.mouse.move(box["x"] + 130, box["y"] + 80)
    page.mouse.up(button="middle")
    settle(page)
    assert_places(blobs(seen(page)), [(x + 30, y - 20) for x, y in before], 2)
    pane.locator(".surface").focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "i"):
        page.keyboard.press(key)
    settle(page)
    shown, link = seen(page), query_of(page)
    assert shown[0, 0].min() == 255, "air is white"
    assert (link["look"], link["camera"].split(",")[:2]) == ("mip", ["10", "-20"])
    page.goto(f"{page.url}&webgl=on")
    settle(page)
    assert np.abs(seen(page).astype(int) - shown).max() <= 3
    assert query_of(page) == link
    page.keyboard.press("r")
    expect(pane.locator("button[value=A]")).to_have_attribute("aria-pressed", "true")


def test_nothing_is_drawn_without_a_change_and_all_is_freed(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    page.add_init_script(COUNTED)
    pane = open_pane(page, orthanc, real.store_series(series(markers(), SOLID)))
    page.wait_for_timeout(1500)
    counts = page.evaluate("() => ({ ...window.counts })")
    assert counts["draws"] > 0
    assert counts["textures"] > 0
    page.mouse.move(300, 300)
    page.mouse.move(310, 320)
    page.wait_for_timeout(1500)
    assert page.evaluate("() => window.counts.draws") == counts["draws"]
    pane.locator(".surface").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert 1 <= page.evaluate("() => window.counts.draws") - counts["draws"] <= 2
    page.locator("#home").click()
    expect(pane).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.counts.textures") <= 4  # three's own empty ones go with the context


def brightness(page: Page) -> float:
    picture = seen(page)
    height, width = picture.shape[:2]
    return float(picture[height // 2 - 20 : height // 2 + 20, width // 2 - 20 : width // 2 + 20].mean())


@pytest.mark.parametrize("webgl", ["on", "off"])
def test_a_projection_is_as_bright_as_the_window_says(
    page: Page, orthanc: Orthanc, real: OrthancClient, webgl: str
) -> None:
    places = SOLID.coordinates
    values = np.where(np.abs(places).max(axis=-1) < 20, 300.0, -1000.0)
    open_pane(page, orthanc, real.store_series(series(values, SOLID)), webgl)
    look(page, "mip")
    for center, width in ((300, 1000), (500, 1000), (100, 1000)):
        set_window(page, center, width)
        settle(page)
        expected = 255 * ((300 - (center - 0.5)) / (width - 1) + 0.5)
        assert brightness(page) == pytest.approx(expected, abs=3)


def set_window(page: Page, center: float, width: float) -> None:
    """As people do it in the toolbar."""
    for name, value in (("Window centre", center), ("Window width", width)):
        page.get_by_label(name, exact=True).fill(str(value))
        page.keyboard.press("Enter")


@pytest.mark.slow
def test_a_lost_graphics_processor_is_replaced_by_the_server(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    pane = open_pane(page, orthanc, real.store_series(series(markers(), SOLID)))
    mine = blobs(seen(page))
    page.evaluate(LOSE)
    expect(pane.get_by_text("Rendered by the server")).to_be_visible()
    settle(page)
    assert_places(blobs(seen(page)), mine, 4)


@pytest.mark.slow
def test_what_cannot_be_had_says_why(page: Page, orthanc: Orthanc, real: OrthancClient, watch: Watch) -> None:
    watch.expected |= {"413"}
    answer = {"HttpStatus": 413, "Message": "Too large", "Details": "The voxels take 9 bytes; the limit is 8."}
    page.route("**/voxels?*", lambda route: route.fulfill(status=413, json=answer))
    page.set_viewport_size(VIEWPORT)
    identifier = real.store_series(series(markers(), SOLID))
    page.goto(f"{orthanc.url}/reslice/viewer/index.html?series={identifier}&webgl=on")
    expect(page.locator("figure.volume .message")).to_have_text("The voxels take 9 bytes; the limit is 8.")
    expect(page.locator("figure.volume progress")).to_be_hidden()
