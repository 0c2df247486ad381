"""P13: the first page of the work list against the server's own `tools/find`, with as many studies on one server."""

import json

from bench.answers import REQUESTS_A_RUN
from bench.timing import Line, Side, in_turns
from bench.wire import Wire
from many_studies import fill

PAGE = 50
AIM = 2.0


def lines(wire: Wire, url: str, runs: int, count: int) -> list[Line]:
    """Fill the server with so many studies, and ask for the first page of all."""
    fill(url, count)
    there = int(wire.json("/statistics")["CountStudies"])
    question = json.dumps({"Level": "Study", "Expand": True, "Query": {}, "Since": 0, "Limit": PAGE}).encode()
    path = f"/reslice/studies?limit={PAGE}"

    def theirs(_run: int) -> None:
        found = wire.request("POST", "/tools/find", body=question)[1]
        assert len(json.loads(found)) == min(PAGE, there)

    def ours(_run: int) -> None:
        found = wire.json(path)
        assert (found["Count"], len(found["Studies"])) == (there, min(PAGE, there))

    _wait(wire, path)
    taken = in_turns({"ours": Side(ours), "theirs": Side(theirs)}, runs * REQUESTS_A_RUN)
    work = f"work list of {count:,} studies, the first {PAGE}"
    return [Line("P13", work, f"tools/find, expanded, the first {PAGE} it finds", AIM, taken["ours"], taken["theirs"])]


def _wait(wire: Wire, path: str) -> None:
    """Until the index is complete, which is begun by the first who asks."""
    while True:
        try:
            wire.get(path)
        except RuntimeError as error:
            if "503" not in str(error):
                raise
        else:
            return
