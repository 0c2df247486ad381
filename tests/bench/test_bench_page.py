"""The viewer's page is still measured: on a series so small that the numbers mean nothing."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench import study, viewer_page
from bench.viewer_page import NO_CHROMIUM, NO_VOLUME, Watched, percentile, planes_a_second
from bench.wire import Wire
from server import Orthanc

LINES = {"V1": 2, "V2": 2, "V3": 2, "V4": 2, "V5": 2, "V6": 1}
SLICES, SIDE = 12, 48


@pytest.fixture
def wire(orthanc: Orthanc) -> Iterator[Wire]:
    """The bench's own client of a server that holds nothing."""
    orthanc.emptied()
    with closing(Wire(orthanc.url)) as wire:
        yield wire
    orthanc.emptied()


def opened(wire: Wire, orthanc: Orthanc, folder: Path) -> Watched:
    series = study.store(wire, folder / "series", SLICES, SIDE)
    return viewer_page.lines(wire, orthanc.url, series, 1)


@pytest.mark.slow
def test_every_way_to_open_the_page_has_its_lines(wire: Wire, orthanc: Orthanc, tmp_path: Path) -> None:
    orthanc.wait_for_kernels()
    watched = opened(wire, orthanc, tmp_path)
    numbers = Counter(line.number for line in watched.lines)
    left_out = {line.number: line.reason for line in watched.left_out}
    assert left_out in ({}, {"V7": NO_VOLUME})
    assert numbers == LINES | ({} if left_out else {"V7": 1})
    for line in watched.lines:
        assert len(line.ours) == 1, line
        assert math.isfinite(line.ours[0]), line
        assert line.ours[0] > 0, line
    first, usable = watched.lines[:2]
    assert first.ours[0] <= usable.ours[0]
    assert first.work.endswith("first picture")
    assert (usable.reference, usable.aim) == ("3 s", 1)


def test_without_a_browser_the_page_is_left_out_with_the_reason(
    wire: Wire, orthanc: Orthanc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer_page, "executable", lambda: None)
    watched = opened(wire, orthanc, tmp_path)
    assert watched.lines == ()
    assert [(line.number, line.reason) for line in watched.left_out] == [("V1", NO_CHROMIUM)]


def test_a_wheel_that_turns_nothing_onto_the_screen_ends_the_measuring() -> None:
    assert planes_a_second({"shown": 30, "milliseconds": 1500}) == 20
    with pytest.raises(RuntimeError, match="no plane onto the screen"):
        planes_a_second({"shown": 0, "milliseconds": 1500})


def test_one_of_twenty_paintings_may_be_slower() -> None:
    assert percentile([1.0] * 21 + [50.0]) == 1.0
    assert percentile([3.0]) == 3.0
