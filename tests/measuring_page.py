"""Drawing on the viewer page as people do: with a mouse or with keys, at places that are known in the patient."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from pydicom.dataset import Dataset

from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition
from server import Orthanc

Point = tuple[float, float]


@dataclass(frozen=True)
class MeasuringPage:
    """The viewer with one series, and the server behind it."""

    page: Page
    client: OrthancClient
    server: Orthanc
    series: str
    study: str
    acquisition: Acquisition

    def open(self, **query: str) -> None:
        """Show the series, and wait until it can be drawn on."""
        asked = "&".join(f"{name}={value}" for name, value in ({"series": self.series} | query).items())
        self.page.goto(f"{self.server.url}/reslice/viewer/index.html?{asked}")
        self.ready()

    def ready(self) -> None:
        """Wait until the panes show numbers."""
        for pane in ("axial", "coronal", "sagittal"):
            expect(self.page.locator(f"figure.{pane} .corner.bottom-right")).not_to_be_empty()
        self.page.wait_for_load_state("networkidle")

    def surface(self, pane: str = "axial") -> Locator:
        return self.page.locator(f"figure.{pane} .surface")

    def choose(self, key: str, pane: str = "axial") -> None:
        """Take a tool by its key; the pane has the focus."""
        self.surface(pane).focus()
        self.page.keyboard.press(key)

    def places(self, points: Sequence[Point], pane: str = "axial") -> list[Point]:
        """Where points lie on the page: mm to the right of and below the middle of the volume, as the pane shows it."""
        box = self.surface(pane).bounding_box()
        assert box
        inner = self.surface(pane).evaluate(
            "node => [node.clientWidth, node.clientHeight]"
        )  # whole pixels, unlike the box
        scale = min(size / length for size, length in zip(inner, self.extent(pane), strict=True))
        left, top = box["x"] + inner[0] / 2, box["y"] + inner[1] / 2
        return [(left + x * scale, top + y * scale) for x, y in points]

    def extent(self, pane: str) -> Point:
        """Width and height in mm that a pane fits in: from centre to centre, and a voxel's longest side."""
        slices, rows, columns = self.acquisition.shape
        gap, down, right = self.acquisition.spacing
        size = ((columns - 1) * right, (rows - 1) * down, (slices - 1) * gap)
        across, below = {"axial": (0, 1), "coronal": (0, 2), "sagittal": (1, 2)}[pane]
        longest = max(self.acquisition.spacing)
        return size[across] + longest, size[below] + longest

    def precision(self, pane: str = "axial") -> float:
        """How many mm a pixel of the screen is."""
        (x, _), (one, _) = self.places([(0, 0), (1, 0)], pane)
        return 1 / (one - x)

    def drag(self, *points: Point, pane: str = "axial") -> None:
        """From the first point through the others, with the left button held."""
        first, *others = self.places(points, pane)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for place in others:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()

    def click(self, *points: Point, pane: str = "axial") -> None:
        """One after the other."""
        for place in self.places(points, pane):
            self.page.mouse.move(*place, steps=2)
            self.page.mouse.down()
            self.page.mouse.up()

    def press(self, *keys: str) -> None:
        """Keys, one after the other; `3*ArrowLeft` is pressed three times."""
        for key in keys:
            times, _, name = key.rpartition("*")
            for _ in range(int(times or "1")):
                self.page.keyboard.press(name)

    def items(self) -> Locator:
        """The list's entries."""
        return self.page.locator("#measurements li")

    def kept(self, count: int = 1) -> list[dict]:
        """The records, once the list shows so many: what the server itself tells."""
        expect(self.items()).to_have_count(count)
        return self.records()

    def records(self) -> list[dict]:
        listed = self.client.get(f"/studies/{self.study}/measurements").json()
        assert listed["Errors"] == []
        return listed["Measurements"]

    def shape(self, record: dict, pane: str = "axial") -> Locator:
        """What is drawn of a record."""
        return self.page.locator(f'figure.{pane} .shape[data-id="{record["Id"]}"]')

    def drawn(self, record: dict, pane: str = "axial") -> list[list[Point]]:
        """The lines of its shape, in mm from the middle of the volume as the pane shows it."""
        expect(self.shape(record, pane).locator(".line").first).to_be_attached()
        box = self.surface(pane).bounding_box()
        assert box
        (left, top), (one, _) = self.places([(0, 0), (1, 0)], pane)
        scale = one - left
        paths = [path.get_attribute("d") or "" for path in self.shape(record, pane).locator(".line:not(.mark)").all()]
        lines = [[part.split(",") for part in path.strip("MZ").split("L")] for path in paths]
        return [
            [((box["x"] + float(x) - left) / scale, (box["y"] + float(y) - top) / scale) for x, y in line]
            for line in lines
        ]


def measuring_page(
    page: Page, server: Orthanc, client: OrthancClient, files: Sequence[Dataset], where: Acquisition
) -> MeasuringPage:
    """Store a series and show it."""
    client.store(files)
    ids = orthanc_ids(files[0])
    measuring = MeasuringPage(page, client, server, ids["series"], ids["studies"], where)
    measuring.open()
    return measuring


def value(record: dict, name: str) -> float:
    """One of its values."""
    return next(entry["Value"] for entry in record["Values"] if entry["Name"] == name)
