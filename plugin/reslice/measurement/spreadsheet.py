"""Measurements as a spreadsheet: typed cells on one sheet, counts and statistics on another."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from reslice.measurement.principal import Record
from reslice.measurement.tables import COLUMNS, Cell

LONGEST_CELL = 32767
"""Excel's limit, in UTF-16 code units."""

LARGEST_NUMBER = 9.99999999999999e307
"""The largest that Excel takes."""

FIRST_YEAR = 1900
"""Before it Excel has no dates."""

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 (section 2.2) can't hold, and carriage returns, which it changes."""

REPLACEMENT = "\ufffd"
WIDEST_COLUMN = 300
"""Pixels."""

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": 'yyyy-mm-dd hh:mm:ss "UTC"',
    "remove_timezone": True,
}
"""Text stays text, whatever it looks like; a spreadsheet's dates have no time zone, so the format tells it."""


@dataclass(frozen=True)
class DocumentFacts:
    """What the file says of itself: its title, and when it was made."""

    title: str
    created: datetime


def to_xlsx(records: Sequence[Record], summary: Mapping[str, Any], facts: DocumentFacts) -> bytes:
    """An XLSX file with the sheets Measurements (the columns of `tables.COLUMNS`) and Summary (of `summarise`).

    Numbers, moments (UTC) and truth values are typed; text is never a formula or a link, and what no cell can hold is
    replaced or cut, which the cell tells at its end. The same input makes the same bytes.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        book.set_properties({"title": writable(facts.title), "created": facts.created.astimezone(UTC)})
        bold = book.add_format({"bold": True})
        _write_measurements(book.add_worksheet("Measurements"), bold, records)
        _write_summary(book.add_worksheet("Summary"), bold, summary, facts)
    return stream.getvalue()


def _write_measurements(sheet: Any, bold: Any, records: Sequence[Record]) -> None:
    for k, column in enumerate(COLUMNS):
        sheet.write_string(0, k, column.title, bold)
        for row, record in enumerate(records, 1):
            _write(sheet, row, k, column.cell(record))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(records), len(COLUMNS) - 1)
    sheet.autofit(WIDEST_COLUMN)


def _write_summary(sheet: Any, bold: Any, summary: Mapping[str, Any], facts: DocumentFacts) -> None:
    for row, (is_title, cells) in enumerate(_summary_rows(summary, facts)):
        for k, cell in enumerate(cells):
            _write(sheet, row, k, cell, *((bold,) if is_title else ()))
    sheet.autofit(WIDEST_COLUMN)


def _summary_rows(summary: Mapping[str, Any], facts: DocumentFacts) -> Iterator[tuple[bool, Sequence[Cell]]]:
    """The rows of the second sheet, and whether each is a heading."""
    yield True, (facts.title,)
    yield False, ("study", summary["Study"])
    yield False, ("created", facts.created.astimezone(UTC))
    yield False, ("measurements", summary["Count"])
    yield False, ("unreadable", summary["ErrorCount"])
    for title, key in (("type", "ByType"), ("series", "BySeries"), ("author", "ByAuthor")):
        yield False, ()
        yield True, (title, "count")
        yield from ((False, row) for row in summary[key].items())
    yield False, ()
    yield True, ("type", "unit", "count", "mean", "min", "max")
    for kind, units in summary["Statistics"].items():
        for unit, found in units.items():
            yield False, (kind, unit, found["Count"], found["Mean"], found["Minimum"], found["Maximum"])


def _write(sheet: Any, row: int, column: int, cell: Cell, *style: Any) -> None:
    """Each type by its own method: nothing is left to the look of the text."""
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, *style)
    elif isinstance(cell, int | float) and abs(cell) <= LARGEST_NUMBER:
        sheet.write_number(row, column, cell, *style)
    elif isinstance(cell, datetime) and cell.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, cell, *style)
    else:
        sheet.write_string(row, column, writable(str(cell)), *style)


def writable(text: str) -> str:
    """Text that a cell can hold: characters without a place in XML replaced, too long text cut, which its end tells."""
    clean = UNWRITABLE.sub(REPLACEMENT, text)
    units = clean.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return clean
    ending = f"... [cut, {len(text)} characters]"
    return units[: 2 * (LONGEST_CELL - len(ending))].decode("utf-16-le", errors="ignore") + ending
