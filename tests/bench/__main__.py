"""Run all benchmarks on an Orthanc of their own, print the table, keep it as JSON and in docs/performance.md."""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench import loading, machine, rendering, study, viewer_page, work_list
from bench.answers import Answers
from bench.crowd import Crowd
from bench.fairness import Fairness
from bench.kernels import Kernels
from bench.measuring import Measurements
from bench.report import Growth, Report, put_between_marks
from bench.timing import LeftOut, Line
from bench.viewer_page import Watched
from bench.wire import Wire
from server import REPOSITORY, folder_in_memory, running_orthanc

SCRIPT = Path(__file__).parent / "inside" / "reference.py"
SLICES, SIDE, RUNS = 300, 512, 7
MEASUREMENTS = 1000
STUDIES = 10_000
SECONDS = 1.0
OTHER_SIZES, LARGE = (100,), 1000


def main(arguments: list[str]) -> None:
    """The command."""
    options = parsed(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = measured(Path(folder), options)
    sys.stdout.write(report.as_text())
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(report.as_json())
    put_between_marks(options.document, report.as_markdown())


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--slices", type=int, default=SLICES, help="slices of the series (default %(default)s)")
    parser.add_argument("--side", type=int, default=SIDE, help="rows and columns of a slice (default %(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often a volume is loaded (default %(default)s)")
    parser.add_argument("--measurements", type=int, default=MEASUREMENTS, help="of the study (default %(default)s)")
    parser.add_argument("--studies", type=int, default=STUDIES, help="of the work list (default %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="that clients ask in a run (default %(default)s)"
    )
    parser.add_argument("--large", action="store_true", help=f"measure a series of {LARGE} slices too")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".cache" / "bench" / "latest.json")
    parser.add_argument("--document", type=Path, default=REPOSITORY / "docs" / "performance.md")
    parser.add_argument("--no-install", action="store_true", help="take what is installed (read by scripts/bench)")
    return parser.parse_args(arguments)


def measured(folder: Path, options: argparse.Namespace) -> Report:
    """What needs no server first; then start one, fill it, measure."""
    load, started = load_before(), time.monotonic()
    alone, left_out = without_server(options)
    with running_orthanc(folder, PythonScript=str(SCRIPT)) as server, closing(Wire(server.url)) as wire:
        lines, growth, page = with_server(folder, options, server.url, wire)
        listed = many_studies(options)
        return Report(
            date=date.today().isoformat(),
            runs=options.runs,
            load=load,
            minutes=(time.monotonic() - started) / 60,
            machine=machine.machine(wire),
            lines=[*alone, *lines, *page.lines, *listed],
            growth=growth,
            left_out=[*left_out, *page.left_out],
        )


def without_server(options: argparse.Namespace) -> tuple[list[Line], list[LeftOut]]:
    """Planes, slabs and renderings of a volume in this process."""
    say(f"making a volume of {options.slices} slices of {options.side} x {options.side}")
    volume = study.volume(options.slices, options.side)
    say("cutting planes and slabs")
    lines = Kernels(volume, options.runs).lines()
    say("rendering")
    rendered = rendering.lines(volume, options.side, options.runs)
    return [*lines, *rendered.lines], list(rendered.left_out)


def with_server(
    folder: Path, options: argparse.Namespace, url: str, wire: Wire
) -> tuple[list[Line], list[Growth], Watched]:
    """Everything that is asked of a server."""
    say(f"making and storing {options.slices} slices of {options.side} x {options.side}")
    series = study.store(wire, folder / "series", options.slices, options.side)
    say("loading volumes")
    loads = loading.lines(wire, series, options.runs)
    say("opening the viewer's page")
    page = viewer_page.lines(wire, url, series, options.runs)  # before there are measurements
    say("asking for single answers")
    answers = Answers(wire, series, options.runs).lines()
    say("asking by eight clients at once")
    answers += Crowd(wire, url, series, options.runs, options.seconds).lines()
    say("making and listing measurements")
    answers += Measurements(wire, series, options.runs, options.measurements).lines()
    stored = [Stored(series, loads), *others(wire, folder, options)]
    stored.sort(key=lambda one: len(one.series.instances))
    say("asking while a large series is loaded")
    answers += Fairness(wire, url, stored[-1].series, stored[0].series, options.runs).lines()
    return [*loads, *answers], [Growth(len(one.series.instances), one.loads) for one in stored], page


def many_studies(options: argparse.Namespace) -> list[Line]:
    """The work list of a server of its own, whose files lie in memory where there is room."""
    say(f"storing {options.studies} studies and listing them")
    with folder_in_memory() as folder, running_orthanc(folder) as server, closing(Wire(server.url)) as wire:
        return work_list.lines(wire, server.url, options.runs, options.studies)


@dataclass(frozen=True)
class Stored:
    """A series of one size, and what its loads took."""

    series: study.StoredSeries
    loads: list[Line]


def load_before() -> float:
    """The load that others bring."""
    load = machine.load()
    if load > machine.BUSY:
        say(f"the load is {load}: something else runs here, so don't trust the numbers")
    return load


def others(wire: Wire, folder: Path, options: argparse.Namespace) -> list[Stored]:
    """The same loads of series of other sizes, in proportion to the main one."""
    sizes = [max(4, size * options.slices // SLICES) for size in (*OTHER_SIZES, *((LARGE,) if options.large else ()))]
    stored = []
    for size in sizes:
        say(f"making, storing and loading {size} slices")
        series = study.store(wire, folder / f"series-{size}", size, options.side)
        stored.append(Stored(series, loading.lines(wire, series, options.runs)))
    return stored


def say(what: str) -> None:
    """Tell what is going on, and when."""
    sys.stderr.write(f"bench: {time.strftime('%H:%M:%S')} {what}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
