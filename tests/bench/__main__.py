"""Run all benchmarks on an Orthanc of their own, print the table, keep it as JSON and in docs/performance.md."""

import argparse
import sys
import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path

from bench import loading, machine, study
from bench.answers import Answers
from bench.measuring import Measurements
from bench.report import Growth, Report, put_between_marks
from bench.wire import Wire
from server import REPOSITORY, running_orthanc

SCRIPT = Path(__file__).parent / "inside" / "reference.py"
SLICES, SIDE, RUNS = 300, 512, 7
MEASUREMENTS = 1000
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
    parser.add_argument("--large", action="store_true", help=f"measure a series of {LARGE} slices too")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".cache" / "bench" / "latest.json")
    parser.add_argument("--document", type=Path, default=REPOSITORY / "docs" / "performance.md")
    parser.add_argument("--no-install", action="store_true", help="take what is installed (read by scripts/bench)")
    return parser.parse_args(arguments)


def measured(folder: Path, options: argparse.Namespace) -> Report:
    """Start the server, fill it, measure."""
    load = load_before()
    with running_orthanc(folder, PythonScript=str(SCRIPT)) as server, closing(Wire(server.url)) as wire:
        say(f"making and storing {options.slices} slices of {options.side} x {options.side}")
        series = study.store(wire, folder / "series", options.slices, options.side)
        say("loading volumes")
        loads = loading.lines(wire, series, options.runs)
        say("asking for single answers")
        answers = Answers(wire, series, options.runs).lines()
        say("making and listing measurements")
        answers += Measurements(wire, series, options.runs, options.measurements).lines()
        growth = [Growth(options.slices, loads), *others(wire, folder, options)]
        lines = sorted([*loads, *answers], key=lambda line: int(line.number[1:]))
        return Report(
            date=date.today().isoformat(),
            runs=options.runs,
            load=load,
            machine=machine.machine(wire),
            lines=lines,
            growth=sorted(growth, key=lambda step: step.slices),
        )


def load_before() -> float:
    """The load that others bring."""
    load = machine.load()
    if load > machine.BUSY:
        say(f"the load is {load}: something else runs here, so don't trust the numbers")
    return load


def others(wire: Wire, folder: Path, options: argparse.Namespace) -> list[Growth]:
    """The same loads of series of other sizes, in proportion to the main one."""
    sizes = [max(4, size * options.slices // SLICES) for size in (*OTHER_SIZES, *((LARGE,) if options.large else ()))]
    growth = []
    for size in sizes:
        say(f"making, storing and loading {size} slices")
        series = study.store(wire, folder / f"series-{size}", size, options.side)
        growth.append(Growth(size, loading.lines(wire, series, options.runs)))
    return growth


def say(what: str) -> None:
    """Tell what is going on."""
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
