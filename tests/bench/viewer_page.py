"""V1 to V7: the viewer's page in Chromium, from a click to the first picture, and how quickly it follows hands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import TimeoutError as TookTooLong

from bench.loading import forget
from bench.study import StoredSeries
from bench.timing import LeftOut, Line
from bench.wire import Wire
from browser import NO_CHROMIUM, chromium, executable

SEEN = (Path(__file__).parent / "seen.js").read_text()
PAGE = "/reslice/viewer/index.html"
SCREEN = {"width": 1920, "height": 1080}
SLOW_LINE = {"offline": False, "latency": 50, "downloadThroughput": 2.5e6, "uploadThroughput": 2.5e6}
"""50 ms for each answer, and 20 Mbit/s (bytes a second)."""
FIRST_MS, USABLE_MS, USABLE_SLOW_MS = 1500.0, 3000.0, 6000.0
PAINT_MS, PLANES_A_SECOND = 8.0, 15.0
WHEEL_STEPS = 100
DRAG_STEPS, DRAG_PIXELS = 60, 120
MILLISECONDS = 120_000
"""The longest that anything is waited for."""
VOLUME_MILLISECONDS = 5000
"""So long after the planes a 3-D pane has to be there, or there is none."""
REST_MILLISECONDS = 1000
"""What the page reads ahead is there by then."""
UNTIL = "([name, longest]) => bench.until(name, longest)"
WINDOW = "figure.axial .corner.bottom-right"
NO_VOLUME = "the page has no 3-D pane"


@dataclass(frozen=True)
class Watched:
    """What was measured, and what couldn't be."""

    lines: tuple[Line, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass
class Opened:
    """Milliseconds of one way to open the series, run by run."""

    first: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)
    volume: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """One way to open the series."""

    number: str
    words: str
    is_clicked: bool
    is_slow: bool

    def lines(self, opened: Opened, slices: int) -> list[Line]:
        """Until something is there, and until all planes are."""
        work = f"CT of {slices} slices, cold, {self.words}"
        aim = 1 if self.is_slow else None
        usable = USABLE_SLOW_MS if self.is_slow else USABLE_MS
        return [
            against(self.number, f"{work}: first picture", opened.first, FIRST_MS, aim),
            against(self.number, f"{work}: usable", opened.usable, usable, 1),
        ]


WAYS = (
    Way("V1", "from the click on its study", is_clicked=True, is_slow=False),
    Way("V2", "from the link in an empty browser", is_clicked=False, is_slow=False),
    Way("V3", "from the click, 20 Mbit/s, 50 ms", is_clicked=True, is_slow=True),
    Way("V4", "from the link in an empty browser, 20 Mbit/s, 50 ms", is_clicked=False, is_slow=True),
)


def against(number: str, work: str, ours: list[float], limit: float, aim: float | None) -> Line:
    """A line that is held against so many milliseconds."""
    words = f"{limit / 1000:g} s" if limit >= 1000 else f"{limit:g} ms"
    return Line(number, work, words, aim, ours, [limit])


def lines(wire: Wire, url: str, series: StoredSeries, runs: int) -> Watched:
    """All of them; the series has to be the only one of the only study."""
    if executable() is None:
        return Watched(left_out=(LeftOut("V1", "the viewer's page", NO_CHROMIUM),))
    with chromium() as browser:
        return ViewerPage(wire, url, series, runs, browser).measured()


class ViewerPage:
    """The page, opened again and again, by a browser that has never seen it."""

    def __init__(self, wire: Wire, url: str, series: StoredSeries, runs: int, browser: Browser) -> None:
        self._wire, self._url, self._series, self._runs, self._browser = wire, url, series, runs, browser
        self._drags: list[list[float]] = []
        self._planes: list[float] = []

    def measured(self) -> Watched:
        """The ways in turns; a first round warms up everyone and isn't counted."""
        opened = {way: Opened() for way in WAYS}
        for run in range(self._runs + 1):
            for way in WAYS:
                self._open(way, opened[way] if run else Opened(), is_counted=run > 0)
        slices = len(self._series.instances)
        found = [line for way in WAYS for line in way.lines(opened[way], slices)]
        volume = opened[WAYS[0]].volume
        if not volume:
            return Watched((*found, *self._hands()), (LeftOut("V7", "first 3-D picture", NO_VOLUME),))
        work = f"CT of {slices} slices, cold, {WAYS[0].words}: first 3-D picture"
        return Watched((*found, *self._hands(), against("V7", work, volume, USABLE_MS, None)))

    def _open(self, way: Way, opened: Opened, *, is_counted: bool) -> None:
        context = self._browser.new_context(viewport=SCREEN)
        try:
            page = self._begun(context, way)
            page.evaluate(UNTIL, ["usable", MILLISECONDS])
            seen = page.evaluate("bench.seen")
            began = seen["click"] if way.is_clicked else 0
            opened.first.append(seen["first"] - began)
            opened.usable.append(seen["usable"] - began)
            if way is WAYS[0]:
                opened.volume += [at - began for at in self._volume_at(page)]
                self._use(page, is_counted=is_counted)
        finally:
            context.close()

    def _begun(self, context: BrowserContext, way: Way) -> Page:
        """The page on its way to the series, which the server knows nothing of."""
        context.add_init_script(SEEN)
        page = context.new_page()
        line = context.new_cdp_session(page)
        if way.is_slow:
            line.send("Network.enable")
            line.send("Network.emulateNetworkConditions", SLOW_LINE)
        if not way.is_clicked:
            forget(self._wire)
            page.goto(f"{self._url}{PAGE}?series={self._series.id}", wait_until="commit", timeout=MILLISECONDS)
            return page
        page.goto(f"{self._url}{PAGE}", wait_until="networkidle", timeout=MILLISECONDS)
        link = page.locator("#studies li a")
        link.wait_for(timeout=MILLISECONDS)
        forget(self._wire)
        link.click(no_wait_after=True)
        return page

    def _volume_at(self, page: Page) -> list[float]:
        """When the 3-D pane had its first picture; nothing where there is no such pane."""
        try:
            page.wait_for_selector("figure.volume canvas", timeout=VOLUME_MILLISECONDS, state="attached")
        except TookTooLong:
            return []
        page.evaluate("void bench.watchVolume()")
        return [page.evaluate(UNTIL, ["volume", MILLISECONDS])]

    def _use(self, page: Page, *, is_counted: bool) -> None:
        """Drag the window, turn the wheel."""
        page.wait_for_timeout(REST_MILLISECONDS)
        paints, turned = dragged(page), page.evaluate("steps => bench.turn(steps)", self._steps)
        if is_counted:
            self._drags.append(paints)
            self._planes.append(planes_a_second(turned))

    @property
    def _steps(self) -> int:
        """From the middle slice on."""
        return min(WHEEL_STEPS, (len(self._series.instances) - 1) // 2)

    def _hands(self) -> list[Line]:
        """V5 and V6."""
        side = self._series.side
        work, scrolling = f"window drag, a plane of {side} x {side}", f"the wheel through {self._steps} slices, warm"
        medians, slowest = [[of(run) for run in self._drags] for of in (median, percentile)]
        return [
            against("V5", f"{work}: median", medians, PAINT_MS, 1),
            against("V5", f"{work}: 95th percentile", slowest, PAINT_MS, None),
            Line(
                "V6",
                f"{scrolling}: planes a second on the screen",
                f"{PLANES_A_SECOND:g} a second",
                1,
                self._planes,
                [PLANES_A_SECOND],
                "/s",
                is_least=True,
            ),
        ]


def dragged(page: Page) -> list[float]:
    """Drag over the axial pane: milliseconds of each painting of a plane meanwhile."""
    box = page.locator("figure.axial .surface").bounding_box()
    assert box, "the pane isn't on the screen"
    x, y, window = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3, page.inner_text(WINDOW)
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("bench.seen.paints.length = 0")
    page.mouse.move(x + DRAG_PIXELS, y + DRAG_PIXELS / 2, steps=DRAG_STEPS)
    page.mouse.up()
    page.mouse.move(0, 0)
    page.evaluate("new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 50)))")
    paints: list[float] = page.evaluate("bench.seen.paints")
    if page.inner_text(WINDOW) == window or not paints:
        raise RuntimeError(f"The window doesn't follow the hand: {window} as before, painted {len(paints)} times")
    return paints


def planes_a_second(turned: Mapping[str, Any]) -> float:
    """Of a turn of the wheel; the last plane has to be on the screen, or something is stuck."""
    if turned["shown"] < 1:
        raise RuntimeError(f"The wheel turns no plane onto the screen: {dict(turned)}")
    return float(1000 * turned["shown"] / turned["milliseconds"])


def percentile(times: list[float]) -> float:
    """The 95th."""
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
