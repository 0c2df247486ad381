"""P12: lists of measurements, and the making of one, against Orthanc's own metadata, which hold them."""

import json

from bench.answers import REQUESTS_A_RUN
from bench.study import StoredSeries
from bench.timing import Line, Side, Work, in_turns, spread
from bench.wire import Wire

FIRST_FOREIGN = 1024
"""Where numbers that Orthanc leaves to its users begin; Reslice's own lie higher."""
AIM = 3.0


class Measurements:
    """A study whose measurements grow from none to twice `count`: distances, areas and points on its slices."""

    def __init__(self, wire: Wire, series: StoredSeries, runs: int, count: int) -> None:
        self._wire, self._series, self._count = wire, series, count
        self._runs = runs * REQUESTS_A_RUN
        self._study = str(wire.json(f"/series/{series.id}")["ParentStudy"])
        self._path = f"/studies/{self._study}/measurements"
        self._foreign = 0

    def lines(self) -> list[Line]:
        """All lines, from few measurements to many."""
        create_among_few = self._create(f"create a measurement where there are less than {self._runs + 2}")
        self._fill(self._count)
        lists = [self._list()]
        create_among_many = self._create(f"create a measurement where there are {self._count}")
        self._clear_foreign()
        self._fill(2 * self._count)
        return [*lists, self._list(), create_among_few, create_among_many]

    def _line(self, work: str, reference: str, ours: Work, theirs: Work) -> Line:
        taken = in_turns({"ours": Side(ours), "theirs": Side(theirs)}, self._runs)
        return Line("P12", work, reference, AIM, taken["ours"], taken["theirs"])

    def _list(self) -> Line:
        listed = self._wire.json(self._path)
        assert len(listed["Measurements"]) == listed["Count"]
        work = f"list of {listed['Count']} measurements"
        metadata = f"/studies/{self._study}/metadata?expand"
        return self._line(
            work, "metadata?expand", lambda _: self._wire.get(self._path), lambda _: self._wire.get(metadata)
        )

    def _create(self, work: str) -> Line:
        """A distance, beside an entry of as many bytes that is put into the same study."""
        text = json.dumps(self._created(0)).encode()

        def theirs(_run: int) -> None:
            self._wire.request("PUT", self._foreign_path(self._foreign), body=text)
            self._foreign += 1

        return self._line(work, "PUT of one metadata entry", lambda run: self._created(3 * run), theirs)

    def _foreign_path(self, number: int) -> str:
        return f"/studies/{self._study}/metadata/{FIRST_FOREIGN + number}"

    def _clear_foreign(self) -> None:
        for number in range(self._foreign):
            self._wire.request("DELETE", self._foreign_path(number))
        self._foreign = 0

    def _fill(self, count: int) -> None:
        for run in range(self._wire.json(f"{self._path}?limit=1")["Count"], count):
            self._created(run)

    def _created(self, run: int) -> dict[str, object]:
        body = json.dumps(self._body(run)).encode()
        answer: dict[str, object] = json.loads(self._wire.request("POST", self._path, body=body, status=201)[1])
        return answer

    def _body(self, run: int) -> dict[str, object]:
        """A distance, an area, a point, and so on."""
        instance = self._series.instances[spread(run, len(self._series.instances))]
        a, b = self._series.side // 3, self._series.side // 2
        points = [[[a, a], [b, b]], [[a, a], [b, a], [b, b], [a, b]], [[a, b]]][run % 3]
        kind, tool = [("distance", "line"), ("area", "polygon"), ("hu", "point")][run % 3]
        return {
            "Type": kind,
            "Tool": tool,
            "Image": {"Instance": instance},
            "Geometry": {"Space": "pixel", "Points": points},
            "Label": f"Lesion {run}",
        }
