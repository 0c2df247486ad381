"""The results as text, as JSON, and as the tables of docs/performance.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.timing import LeftOut, Line

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
Table = list[list[str]]
KINDS = "PRFV"
"""Lines of performance, of rendering, of fairness, of the viewer's page, in the table's order."""
MET = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class Growth:
    """What a series of one size took; the lines are P1, P2, P3 and P11 of it."""

    slices: int
    lines: Sequence[Line]


@dataclass(frozen=True)
class Report:
    """All that was measured in one run."""

    date: str
    runs: int
    load: float
    minutes: float
    machine: Mapping[str, str | int | float]
    lines: Sequence[Line]
    growth: Sequence[Growth]
    left_out: Sequence[LeftOut] = ()

    def as_json(self) -> str:
        """Everything, every single run included."""
        return json.dumps(asdict(self) | {"summary": [summary(line) for line in self.lines]}, indent=1)

    def as_text(self) -> str:
        """The tables in columns."""
        parts = [self._about(), columns(self._main_table()), columns(growth_table(self.growth))]
        return "\n\n".join(parts) + "\n"

    def as_markdown(self) -> str:
        """The tables for the document."""
        return "\n\n".join([self._about(), markdown(self._main_table()), markdown(growth_table(self.growth))])

    def _main_table(self) -> Table:
        """One row a line, those that are left out in their places."""
        heads = ["#", "work", "reference", "Reslice", "reference takes", "ratio", "aim", "met"]
        rows = [*map(row_of, self.lines), *map(empty_row_of, self.left_out)]
        return [heads, *sorted(rows, key=place)]

    def _about(self) -> str:
        m = self.machine
        return (
            f"{self.date}, medians of {self.runs} runs (single answers: ten times as many), load {self.load} before, "
            f"{self.minutes:.1f} minutes in all. "
            f"{m['Processor']}, {m['Cores']} cores, {m['MemoryGiB']} GiB; {m['System']}, Orthanc {m['Orthanc']}, "
            f"Python plugin {m['PythonPlugin']}, Python {m['Python']}, numpy {m['numpy']}, numba {m['numba']}, "
            f"pydicom {m['pydicom']}, SimpleITK {m['SimpleITK']}, scipy {m['scipy']}, VTK {m['vtk']}."
        )


def summary(line: Line) -> dict[str, object]:
    """What the table says of a line."""
    return {
        "Number": line.number,
        "Work": line.work,
        "Reference": line.reference,
        "Unit": line.unit,
        "Ours": median(line.ours),
        "Theirs": median(line.theirs),
        "Ratio": line.ratio,
        "Aim": line.aim,
        "AtLeast": line.is_least,
        "Met": line.is_met,
    }


def row_of(line: Line) -> list[str]:
    """What the main table says of a line."""
    ours, theirs = (f"{significant(median(side))} {line.unit}" for side in (line.ours, line.theirs))
    return [
        line.number,
        line.work,
        line.reference,
        ours,
        theirs,
        significant(line.ratio),
        aim_of(line),
        MET[line.is_met],
    ]


def empty_row_of(line: LeftOut) -> list[str]:
    """A line without numbers, with the reason."""
    return [line.number, line.work, f"left out: {line.reason}", *[""] * 5]


def aim_of(line: Line) -> str:
    """The aim, and in which direction it is one if not downwards."""
    if line.aim is None:
        return ""
    return f"at least {line.aim:g}" if line.is_least else f"{line.aim:.3g}"


def place(row: list[str]) -> tuple[int, int]:
    """Where a row stands, by its number."""
    return KINDS.index(row[0][0]), int(row[0][1:])


def growth_table(growth: Sequence[Growth]) -> Table:
    """One row a size of series."""
    rows = [
        ["slices", "cold first plane", "a slice", "of HTTP client", "of SimpleITK", "of bare loop", "peak of volume"]
    ]
    for step in growth:
        taken = median(step.lines[0].ours)
        ratios = [significant(line.ratio) for line in step.lines]
        rows.append([str(step.slices), f"{significant(taken)} ms", f"{significant(taken / step.slices)} ms", *ratios])
    return rows


def significant(number: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:#.3g}"


def columns(table: Table) -> str:
    """A table as aligned text."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join(lines)


def markdown(table: Table) -> str:
    """A table as Markdown."""
    rows = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([rows[0], "|" + "---|" * len(table[0]), *rows[1:]])


def put_between_marks(document: Path, content: str) -> None:
    """Replace what stands between the marks of a document; the text around them stays."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document.name} lacks the marks {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")
