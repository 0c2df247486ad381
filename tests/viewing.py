"""The viewer page as people see and handle it: what its panes say, which pixels they show, what hands do on them."""

import base64
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page

from clients import Answer, OrthancClient
from naive import pixel_positions
from server import Orthanc

Array = NDArray[Any]
PLANES = ("axial", "coronal", "sagittal")
AXES = {"axial": 2, "coronal": 1, "sagittal": 0}
"""Which LPS coordinate tells where a plane lies."""
EDGES = {"axial": "RLAP", "coronal": "RLHF", "sagittal": "APHF"}
"""Left, right, top, bottom of each plane, as radiologists expect them."""
POSITIVE, NEGATIVE = "LPH", "RAF"
SECONDS = 15.0
LEAST_SAMPLES = 12
NOTCH = 1.15
"""How much a notch of the wheel zooms, with Ctrl."""
INSIDE = 1.5
"""CSS pixels that a sample keeps from the pane's border."""

# Everything of a pane at one moment: it draws, and says what it has drawn, in one go.
SEEN = """figure => {
    const text = (selector) => figure.querySelector(selector)?.textContent ?? '';
    const lines = (corner) => [...figure.querySelectorAll(`.corner.${corner} span`)].map((line) => line.textContent);
    const surface = figure.querySelector('.surface');
    const scale = figure.querySelector('.scale');
    return {
        canvas: figure.querySelector('canvas').toDataURL('image/png'),
        width: surface.clientWidth,
        height: surface.clientHeight,
        corners: Object.fromEntries(['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((k) => [k, lines(k)])),
        letters: ['left', 'right', 'top', 'bottom'].map((edge) => text(`.edge.${edge}`)),
        bar: scale.hidden ? null : [parseFloat(scale.style.width), scale.textContent],
        message: figure.querySelector('.message').hidden ? '' : text('.message'),
        preview: figure.classList.contains('preview'),
    };
}"""
IS_THERE = """names => names.every((name) => {
    const figure = document.querySelector(`figure.pane.${name}`);
    return figure && !figure.classList.contains('preview')
        && (figure.querySelector('.corner.bottom-left').textContent || figure.querySelector('.message:not([hidden])'));
})"""


def address(server: Orthanc, **query: object) -> str:
    """The page with a query."""
    return f"{server.url}/reslice/viewer/index.html?{urlencode(query)}"


def eventually(page: Page, check: Callable[[], object], seconds: float = SECONDS) -> None:
    """Check again and again until it holds: the browser draws when it likes."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            page.wait_for_timeout(40)
        else:
            return


@dataclass(frozen=True)
class Seen:
    """A pane at one moment."""

    canvas: Array  # device pixels, RGB
    width: float  # CSS pixels
    height: float
    corners: dict[str, list[str]]
    letters: list[str]
    bar: tuple[float, str] | None
    message: str
    preview: bool

    @property
    def edges(self) -> str:
        """Left, right, top, bottom."""
        return "".join(self.letters)

    @property
    def lines(self) -> list[str]:
        """What stands in all corners."""
        return [line for lines in self.corners.values() for line in lines]

    @property
    def place(self) -> str:
        """Where the plane lies, or which image it is."""
        return (self.corners["bottom-left"] or [""])[0]

    @property
    def scale(self) -> float:
        """CSS pixels a millimetre, by the scale bar."""
        assert self.bar, "there is no scale bar"
        width, text = self.bar
        length, unit = text.split()
        return width / (float(length) * {"mm": 1, "cm": 10}[unit])

    def at(self, places: Array) -> Array:
        """Colours at CSS places (x, y)."""
        ratio = self.canvas.shape[1] / self.width
        columns, rows = np.moveaxis(np.floor(np.asarray(places) * ratio).astype(int), -1, 0)
        colours: Array = self.canvas[rows, columns]
        return colours

    def holds(self, places: Array) -> Array:
        """Which CSS places lie in the pane."""
        x, y = np.moveaxis(np.asarray(places), -1, 0)
        inside: Array = (x > INSIDE) & (x < self.width - INSIDE) & (y > INSIDE) & (y < self.height - INSIDE)
        return inside

    @property
    def value(self) -> float | None:
        """The value told under the cursor; None: outside."""
        text = self.corners["bottom-left"][1].split(" \u00b7 ")[0]
        return None if text == "outside" else float(text.split()[0])

    @property
    def point(self) -> list[float]:
        """The LPS place told under the cursor."""
        parts = self.corners["bottom-left"][1].split(" \u00b7 ")[1].split("  ")
        return [millimetres(part, axis) for axis, part in enumerate(parts)]


def millimetres(text: str, axis: int) -> float:
    """`R 12.0` as an LPS coordinate."""
    letter, _, number = text.removesuffix(" mm").rpartition(" ")
    assert letter in ("", POSITIVE[axis], NEGATIVE[axis]), text
    return -float(number) if letter == NEGATIVE[axis] else float(number)


class PaneOf:
    """A pane of the page, by its name."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.figure: Locator = page.locator(f"figure.pane.{name}")
        self.surface = self.figure.locator(".surface")
        self.slider = self.figure.get_by_role("slider")

    def seen(self) -> Seen:
        """What it shows now."""
        told = self.figure.evaluate(SEEN)
        encoded = told.pop("canvas").partition(",")[2]
        with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
            return Seen(canvas=np.asarray(image.convert("RGB")), **told)

    def on_page(self, at: tuple[float, float]) -> tuple[float, float]:
        """A CSS place of the pane as one of the page."""
        box = self.surface.bounding_box()
        assert box
        return box["x"] + at[0], box["y"] + at[1]

    @property
    def middle(self) -> tuple[float, float]:
        """Of the pane."""
        box = self.surface.bounding_box()
        assert box
        return box["width"] / 2, box["height"] / 2

    def hover(self, at: tuple[float, float]) -> None:
        """Move the mouse there."""
        self.page.mouse.move(*self.on_page(at))

    def click(self, at: tuple[float, float]) -> None:
        """Click there."""
        self.page.mouse.click(*self.on_page(at))

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: Any = "left") -> None:
        """From one place to another, in a few steps."""
        self.hover(start)
        self.page.mouse.down(button=button)
        self.page.mouse.move(*self.on_page(end), steps=4)
        self.page.mouse.up(button=button)

    def wheel(self, notches: int) -> None:
        """Turn the wheel over the middle, notch by notch; down is positive."""
        self.hover(self.middle)
        for _ in range(abs(notches)):
            self.page.mouse.wheel(0, 100 if notches > 0 else -100)

    def zoom(self, notches: int) -> Callable[[Array], Array]:
        """Zoom in about the middle; the answer tells where CSS places of before have gone."""
        corner = np.array(self.on_page((0, 0)))
        anchor = np.floor(np.array(self.on_page(self.middle))) - corner  # wheels turn on whole pixels
        self.page.mouse.move(*(corner + anchor).tolist())
        self.page.keyboard.down("Control")
        self.page.mouse.wheel(0, -100 * notches)
        self.page.keyboard.up("Control")
        return lambda places: anchor + (places - anchor) * NOTCH**notches


def wait_for(page: Page, *names: str) -> None:
    """Until panes show numbers, not previews, or say why not."""
    page.wait_for_function(IS_THERE, arg=list(names or PLANES))


def open_series(page: Page, server: Orthanc, series: str, *names: str, **query: object) -> None:
    """Open a series, and wait until its panes (the three planes) are there as numbers."""
    page.goto(address(server, series=series, **query))
    wait_for(page, *names)


def panes_of(page: Page) -> dict[str, PaneOf]:
    """The three planes."""
    return {name: PaneOf(page, name) for name in PLANES}


def centre_of(client: OrthancClient, series: str, volume: int = 0) -> Array:
    """The middle of a volume's voxels, LPS: it lies in the middle of each pane until somebody moves the picture."""
    told = client.get(f"/series/{series}/volumes").json()["Volumes"][volume]
    _, rows, columns = told["Shape"]
    affine = np.array(told["Affine"])
    across = affine[:3, 1] * (rows - 1) / 2 + affine[:3, 2] * (columns - 1) / 2
    middle: Array = (np.array(told["Origins"][0]) + np.array(told["Origins"][-1])) / 2 + across
    return middle


def places_of(seen: Seen, told: dict[str, Any], points: Array, centre: Array) -> Array:
    """Where LPS points lie in an unmoved pane with a plane that the server told, CSS pixels."""
    directions = np.array([told["Row"], told["Column"]])
    places: Array = np.array([seen.width, seen.height]) / 2 + seen.scale * ((points - centre) @ directions.T)
    return places


def assert_shows(seen: Seen, answer: Answer, centre: Array, tolerance: int = 0, sharp: bool = True) -> None:
    """The pane's pixels are those of the server's picture of the same plane, each where it lies in the patient."""
    told, picture = answer.told("Reslice-Plane"), answer.picture()
    places = places_of(seen, told, pixel_positions(told), centre)
    assert not sharp or seen.scale * told["Spacing"][0] > 6, "pixels so small are drawn smoothed"
    assert_same_pixels(seen, picture, places, tolerance)


def assert_same_pixels(seen: Seen, picture: Array, places: Array, tolerance: int = 0) -> None:
    """What lies at these places of the pane is the picture."""
    assert not seen.preview
    assert picture.shape[:2] == places.shape[:2]
    inside = seen.holds(places)
    assert inside.sum() >= min(LEAST_SAMPLES, inside.size), "the pane shows too little of the picture"
    expected = picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)
    off = np.abs(seen.at(places[inside]).astype(int) - expected[inside].astype(int)).max(axis=-1)
    assert off.max() <= tolerance, f"{np.count_nonzero(off > tolerance)} of {off.size} pixels are off, by {off.max()}"
