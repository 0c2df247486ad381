"""The spreadsheet: typed cells, text that stays text, and what other programs read in it."""

import csv
import io
import re
import warnings
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from reslice.measurement.spreadsheet import LONGEST_CELL, DocumentFacts, to_xlsx, writable
from reslice.measurement.summary import summarise
from reslice.measurement.tables import COLUMNS, guarded, to_csv
from unit.measurement.office import COMMA, NEEDS_OFFICE, SEMICOLON, converted, csv_filter
from unit.measurement.records import ALL, HOSTILE, SERIES, STUDY, VOLUME, record, value

FACTS = DocumentFacts("Measurements of 1.2.840.9", datetime(2026, 12, 1, 12, 30, tzinfo=UTC))
PLACES = {column.title: k for k, column in enumerate(COLUMNS)}


def made(*records: dict[str, Any]) -> bytes:
    return to_xlsx(records, summarise(STUDY, records, 1), FACTS)


def sheet(content: bytes, name: str = "Measurements") -> Worksheet:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(io.BytesIO(content))[name]


def cell(found: Worksheet, title: str, row: int = 1) -> Any:
    return found.cell(row + 1, PLACES[title] + 1)


def test_numbers_are_numbers_moments_are_moments_and_truth_is_truth() -> None:
    found = sheet(made(*ALL))
    assert [c.value for c in found[1]] == [column.title for column in COLUMNS]
    for title, expected, kind in (
        ("value", 45.27431392126, "n"),
        ("frame", 1, "n"),
        ("revision", 3, "n"),
        ("label", "Lesion 1", "s"),
        ("created", datetime(2026, 11, 24, 13, 37, 0, 123000), "d"),
        ("stale", False, "b"),
        ("points", "[[-10.5,0.1,3],[20.25,33.3,3]]", "s"),
        ("site", None, "n"),
    ):
        assert (cell(found, title).value, cell(found, title).data_type) == (expected, kind), title
    assert cell(found, "created").number_format.endswith('"UTC"')


def test_each_row_holds_what_the_table_says() -> None:
    found = sheet(made(*ALL))
    assert (found.max_row, found.max_column) == (len(ALL) + 1, len(COLUMNS))
    for row, one in enumerate(ALL, 1):
        for column in COLUMNS:
            expected = column.cell(one)
            if isinstance(expected, datetime):
                expected = expected.replace(tzinfo=None)
            assert cell(found, column.title, row).value == expected, column.title


def test_moments_of_other_zones_are_utc() -> None:
    found = sheet(made(record(CreatedAt="2026-11-24T15:37:00+02:00")))
    assert cell(found, "created").value == datetime(2026, 11, 24, 13, 37)


def test_moments_that_excel_does_not_know_stay_text() -> None:
    found = sheet(made(record(CreatedAt="1899-12-31T00:00:00Z", UpdatedAt="soon")))
    assert cell(found, "created").value == "1899-12-31 00:00:00+00:00"
    assert cell(found, "updated").value == "soon"


def test_the_header_is_bold_frozen_and_filters() -> None:
    found = sheet(made(*ALL))
    assert all(c.font.bold for c in found[1])
    assert not any(c.font.bold for c in found[2])
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == f"A1:{found.cell(len(ALL) + 1, len(COLUMNS)).coordinate}"
    widths = [found.column_dimensions[c.column_letter].width for c in found[1]]
    assert all(4 < width < 45 for width in widths), widths


def test_no_measurements_make_a_file_too() -> None:
    assert sheet(made()).max_row == 1
    assert sheet(made(), "Summary")["B4"].value == 0


def test_the_summary_is_the_second_sheet() -> None:
    content = made(*ALL)
    rows = [[c for c in row if c is not None] for row in sheet(content, "Summary").values]
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["Measurements", "Summary"]
    assert rows[:5] == [
        ["Measurements of 1.2.840.9"],
        ["study", STUDY],
        ["created", datetime(2026, 12, 1, 12, 30)],
        ["measurements", 6],
        ["unreadable", 1],
    ]
    for row in (["type", "count"], ["distance", 2], ["series", "count"], [SERIES, 5], ["author", "count"], ["anna", 4]):
        assert row in rows
    assert ["distance", "mm", 1, 45.27431392126, 45.27431392126, 45.27431392126] in rows
    assert ["distance", "px", 1, 300.5, 300.5, 300.5] in rows
    assert ["volume", "mm3", 1, 12500, 12500, 12500] in rows


def test_the_same_input_makes_the_same_bytes() -> None:
    other_zone = FACTS.created.astimezone(timezone(timedelta(hours=9)))
    again = to_xlsx(ALL, summarise(STUDY, ALL, 1), DocumentFacts(FACTS.title, other_zone))
    assert again == made(*ALL)
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        assert archive.testzip() is None
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2026-12-01T12:30:00Z"] * 2
    assert "<dc:title>Measurements of 1.2.840.9</dc:title>" in core


@pytest.mark.parametrize("text", [t for t in HOSTILE if t == writable(t)], ids=lambda t: ascii(t[:24]))
def test_hostile_text_stays_text(text: str) -> None:
    content = made(record(Label=text, Description=text, Author=text, Finding={"Meaning": text}))
    found = sheet(content)
    for title in ("label", "description", "author", "finding"):
        assert cell(found, title).data_type == "s"
        assert unescaped(cell(found, title).value) == text
        assert cell(found, title).hyperlink is None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [
        name for name, part in parts.items() if b"<f>" in part or b"<hyperlink" in part or b"TargetMode" in part
    ]


def unescaped(text: str) -> str:
    """ECMA-376 part 1, 22.9.2.19: `_x005F_` is an underscore before what would be an escape (openpyxl leaves it)."""
    return text.replace("_x005F_", "_")


def test_characters_without_a_place_in_xml_are_replaced_and_the_file_lives() -> None:
    for text in ("a\x00b", "a\x1fb", "a\x0bb", "a\rb", "a\ufffeb", "a\uffffb", "a\ud800b", "a\udfffb"):
        assert cell(sheet(made(record(Label=text))), "label").value == "a\ufffdb"
    assert cell(sheet(made(record(Label="a\tb\nc"))), "label").value == "a\tb\nc"


def test_the_longest_text_is_whole_and_longer_ones_tell_that_they_are_cut() -> None:
    """Excel counts UTF-16 code units, and refuses the whole file over one."""
    for character in ("x", "\U0001f9e0"):
        longest = character * (LONGEST_CELL // (1 + (character > "\uffff")))
        assert cell(sheet(made(record(Label=longest))), "label").value == longest
        found = cell(sheet(made(record(Label=longest + character * 2))), "label").value
        assert found.endswith(f"... [cut, {len(longest) + 2} characters]")
        assert LONGEST_CELL - 2 <= len(found.encode("utf-16-le")) // 2 <= LONGEST_CELL
        assert set(found.partition("...")[0]) == {character}


def test_many_polygons_leave_the_file_whole() -> None:
    polygons = [[[x / 7, 0.1, z] for x in range(40)] for z in range(100)]
    found = sheet(made({**VOLUME, "Geometry": {"Space": "LPS", "Polygons": polygons}}, record()))
    assert "... [cut, " in cell(found, "points").value
    assert cell(found, "label", 2).value == "Lesion 1"


@pytest.mark.parametrize("number", [9e307, -9e307, 5e-324, 0, -0.5, 2**60, float("nan"), float("inf")])
def test_any_number_leaves_the_file_whole(number: float) -> None:
    found = cell(sheet(made(record(Values=[value("Length", number, "mm")]))), "value").value
    assert found == (pytest.approx(number, rel=1e-15) if abs(number) < float("inf") else None)


@pytest.mark.parametrize("number", [1e308, -1.7976931348623157e308, 10**308])
def test_numbers_beyond_excel_are_text(number: float) -> None:
    found = cell(sheet(made(record(Values=[value("Length", number, "mm")]))), "value")
    assert (found.value, found.data_type) == (str(number), "s")


@given(st.text(max_size=50), st.floats(-9e307, 9e307))
def test_any_text_and_number_come_back(text: str, number: float) -> None:
    found = sheet(made(record(Label=text, Values=[value("Length", number, "mm")])))
    assert unescaped(cell(found, "label").value or "") == writable(text)
    assert cell(found, "value").value == pytest.approx(number, rel=1e-15)


def office_rows(content: bytes, folder: Path) -> list[dict[str, str]]:
    (folder / "m.xlsx").write_bytes(content)
    (file,) = (f for f in converted(folder / "m.xlsx", f"csv:{csv_filter()}", folder) if "Summary" not in f.name)
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))


@NEEDS_OFFICE
@pytest.mark.slow
def test_libreoffice_reads_the_same_numbers(tmp_path: Path) -> None:
    found = office_rows(made(*ALL), tmp_path)
    assert len(found) == len(ALL)
    for row, one in zip(found, ALL, strict=True):
        for column in COLUMNS:
            expected = column.cell(one)
            if column.type == "number":
                assert (float(row[column.title]) if row[column.title] else None) == expected, column.title
            elif column.type == "text":
                assert row[column.title] == (expected or ""), column.title
    assert {row["stale"] for row in found} == {"TRUE", "FALSE"}
    assert found[0]["created"].startswith("2026-11-24 13:37:00")


@NEEDS_OFFICE
@pytest.mark.slow
def test_libreoffice_takes_no_text_of_a_spreadsheet_for_a_formula(tmp_path: Path) -> None:
    texts = [t for t in HOSTILE if t == writable(t)]
    found = office_rows(made(*(record(Label=text) for text in texts)), tmp_path)
    assert [row["label"] for row in found] == texts


@NEEDS_OFFICE
@pytest.mark.slow
@pytest.mark.parametrize("separator", [COMMA, SEMICOLON])
def test_libreoffice_takes_no_text_of_a_csv_for_a_formula(separator: int, tmp_path: Path) -> None:
    """With the separator of other regions the cells are cut wrongly: even then none is a formula."""
    cells = opened(to_csv([record(Label=text, Description=text) for text in HOSTILE]), separator, tmp_path)
    assert not [c.value for c in cells if c.data_type == "f"]
    if separator == COMMA:
        shown = {str(c.value) for c in cells}
        assert {guarded(t) for t in HOSTILE if t.isprintable() and not t[0].isdigit()} - shown <= {"TRUE", "#N/A"}


@NEEDS_OFFICE
@pytest.mark.slow
@pytest.mark.parametrize(("separator", "text"), [(COMMA, "=1+1"), (SEMICOLON, "harmless;=1+1")])
def test_an_unguarded_csv_has_formulas(separator: int, text: str, tmp_path: Path) -> None:
    """What the test above looks for can be seen."""
    content = to_csv([record(Label=text)]).replace(guarded(text).encode(), text.encode())
    assert [c.value for c in opened(content, separator, tmp_path) if c.data_type == "f"]


def opened(content: bytes, separator: int, folder: Path) -> list[Any]:
    (folder / "m.csv").write_bytes(content)
    (file,) = converted(folder / "m.csv", "xlsx", folder, reads=csv_filter(separator))
    return [c for row in openpyxl.load_workbook(file).active.iter_rows() for c in row]
