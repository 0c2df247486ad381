"""P4, P5, P8 and P9: single answers, against Orthanc's own of the same kind."""

import io

from PIL import Image

from bench.loading import first_plane, forget
from bench.study import StoredSeries
from bench.timing import Line, Side, Work, in_turns, spread, spread_inside
from bench.wire import Wire

REQUESTS_A_RUN = 10
"""Single answers are quick: so many more of them are timed than volumes are loaded."""
ACCEPTED = {"JPEG": "image/jpeg", "PNG": "image/png"}
SMALL = "?width=128&height=128"


class Answers:
    """What is asked of one series, each time for another slice or plane of it."""

    def __init__(self, wire: Wire, series: StoredSeries, runs: int) -> None:
        self._wire, self._series, self._runs = wire, series, runs * REQUESTS_A_RUN

    def lines(self) -> list[Line]:
        """All lines; the volume is in memory until thumbnails are asked for."""
        first_plane(self._wire, self._series, 0)
        return [
            self._warm_slice("JPEG", 0.4),
            self._warm_slice("PNG", 0.2),
            self._warm_plane("coronal"),
            self._warm_plane("sagittal"),
            self._revalidation(),
            self._revalidation_elsewhere(),
            self._thumbnail_of_instance(),
            self._thumbnail_of_series(),
        ]

    def _line(self, number: str, work: str, reference: str, aim: float, ours: Side, theirs: Work) -> Line:
        taken = in_turns({"ours": ours, "theirs": Side(theirs)}, self._runs)
        return Line(number, work, reference, aim, taken["ours"], taken["theirs"])

    def _warm_slice(self, form: str, aim: float) -> Line:
        def ours(run: int) -> bytes:
            return self._wire.get(f"{self._slice_path(run)}?format={form.lower()}")

        def theirs(run: int) -> bytes:
            return self._rendered(run, form)

        reference = f"/rendered, {form}, {size_of(theirs(0))}"
        return self._line("P4", f"warm slice, {form}, {size_of(ours(0))}", reference, aim, Side(ours), theirs)

    def _slice_path(self, run: int) -> str:
        return self._series.path(f"slices/{spread(run, len(self._series.instances))}")

    def _instance(self, run: int) -> str:
        return self._series.instances[spread(run, len(self._series.instances))]

    def _rendered(self, run: int, form: str, query: str = "") -> bytes:
        """Orthanc's own picture of the same slice, through the same window."""
        return self._wire.get(f"/instances/{self._instance(run)}/rendered{query}", Accept=ACCEPTED[form])

    def _warm_plane(self, name: str) -> Line:
        def ours(run: int) -> bytes:
            index = spread_inside(run, self._series.side)
            return self._wire.get(self._series.path(f"mpr/{name}?index={index}&format=jpeg"))

        def theirs(run: int) -> bytes:
            return self._rendered(run, "JPEG")

        reference = f"/rendered, JPEG, {size_of(theirs(0))}"
        return self._line("P5", f"warm {name} plane, JPEG, {size_of(ours(0))}", reference, 0.4, Side(ours), theirs)

    def _revalidation(self) -> Line:
        theirs = "/system"
        return self._line("P8", "304 of a slice", theirs, 3, self._not_modified(), lambda _: self._wire.get(theirs))

    def _revalidation_elsewhere(self) -> Line:
        """What happens where nodes share an index, on this index, by telling the plugin so."""
        listing = self._series.path("instances?expand")
        self._wire.get("/bench/index/shared")
        ours, work = self._not_modified(), "304 of a slice, the index said to be shared"
        line = self._line("P8", work, "instances?expand", 1.2, ours, lambda _: self._wire.get(listing))
        self._wire.get("/bench/index/own")
        return line

    def _not_modified(self) -> Side:
        paths = [self._slice_path(run) for run in range(len(self._series.instances))]
        tags = {path: self._wire.etag(path) for path in paths}

        def ours(run: int) -> None:
            path = self._slice_path(run)
            self._wire.request("GET", path, {"If-None-Match": tags[path]}, status=304)

        return Side(ours)

    def _thumbnail_of_instance(self) -> Line:
        def ours(run: int) -> bytes:
            return self._wire.get(f"/instances/{self._instance(run)}/thumbnail")

        def theirs(run: int) -> bytes:
            return self._rendered(run, "PNG", SMALL)

        work, cold = "cold thumbnail of an instance, PNG", Side(ours, lambda _: forget(self._wire))
        return self._line("P9", work, f"/rendered{SMALL}, PNG", 0.6, cold, theirs)

    def _thumbnail_of_series(self) -> Line:
        middle = self._series.instances[len(self._series.instances) // 2]
        thumbnail, rendered = self._series.path("thumbnail"), f"/instances/{middle}/rendered{SMALL}"
        cold = Side(lambda _: self._wire.get(thumbnail), lambda _: forget(self._wire))
        work, reference = "cold thumbnail of the series, PNG", f"/rendered{SMALL} of its middle instance, PNG"
        return self._line("P9", work, reference, 0.6, cold, lambda _: self._wire.get(rendered, Accept="image/png"))


def size_of(picture: bytes) -> str:
    """Columns x rows, from the picture itself."""
    with Image.open(io.BytesIO(picture)) as image:
        return f"{image.width} x {image.height}"
