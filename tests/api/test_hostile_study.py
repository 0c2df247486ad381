"""A study whose every text means harm: our answers hold it letter by letter, and no spreadsheet runs it."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from clients import Client
from drafts import Bench
from hostile import FORMULA, IMAGE, LABELS, SCRIPT, hostile_study
from reslice.measurement.tables import guarded

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def bench(client: Client) -> Bench:
    """A measurement for each label; label, description, finding and site are hostile."""
    bench = Bench(client, hostile_study())
    for label in LABELS:
        coded = {"Scheme": "99X", "Code": "<c>", "Meaning": label[:64]}
        bench.created(bench.line(Label=label, Description=label, Finding=coded, Site=coded))
    return bench


def export(bench: Bench, kind: str) -> bytes:
    answer = bench.client.get(f"{bench.url}/export", format=kind)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].isascii()
    return answer.content


def test_json_is_ascii_and_says_what_was_said(bench: Bench) -> None:
    for path in (bench.url, f"{bench.url}/export", f"{bench.url}/summary", f"/studies/{bench.study}/volumes"):
        answer = bench.client.get(path)
        assert answer.media_type == "application/json"
        assert answer.content.isascii()
        json.loads(answer.content)
    assert sorted(record["Label"] for record in bench.listed()) == sorted(LABELS)
    assert sorted(record["Description"] for record in bench.listed()) == sorted(LABELS)
    found = bench.listed(label=SCRIPT)
    assert [record["Label"] for record in found] == [SCRIPT]


def test_csv_holds_every_label_and_no_formula(bench: Bench) -> None:
    text = export(bench, "csv").decode("utf-8-sig")
    titles, *rows = csv.reader(io.StringIO(text, newline=""))
    assert sorted(row[titles.index("label")] for row in rows) == sorted(guarded(label) for label in LABELS)
    for row in rows:
        for title in ("label", "description", "finding", "site", "author"):
            assert not row[titles.index(title)].lstrip().startswith(FORMULA_STARTS), row
    kept = [label for label in LABELS if not label.startswith(FORMULA_STARTS)]
    assert all(guarded(label).replace("'", "") == label.replace("'", "") for label in kept)


def test_spreadsheet_holds_text_and_no_formula_or_link(bench: Bench) -> None:
    book = load_workbook(io.BytesIO(export(bench, "xlsx")))
    sheet = book["Measurements"]
    titles = [cell.value for cell in sheet[1]]
    cells = [row[titles.index("label")] for row in sheet.iter_rows(min_row=2)]
    assert sorted(cell.value for cell in cells) == sorted(LABELS)
    assert {cell.data_type for cell in cells} == {"s"}
    every = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in every if cell.data_type == "f" or cell.hyperlink]


def test_report_goes_out_and_comes_back(bench: Bench) -> None:
    report = export(bench, "sr")
    for record in bench.listed():
        assert bench.delete(record["Id"]).status == 200
    bench.imported(report)
    labels = {record["Label"] for record in bench.listed()}
    assert {SCRIPT, IMAGE, FORMULA} <= labels


def test_no_header_and_no_error_repeats_the_study(bench: Bench) -> None:
    paths = ["mpr/axial", "slices/0", "thumbnail", "volumes/0/voxels", "mpr/nonsense", "slices/99", "mpr/axial?x=1"]
    for path in paths:
        answer = bench.client.request("GET", f"/series/{bench.series}/{path}")
        said = " ".join(answer.headers.values())
        assert said.isascii()
        assert "intruder" not in said
        if answer.status != 200:
            assert b"intruder" not in answer.content
