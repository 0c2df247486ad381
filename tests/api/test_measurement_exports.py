"""Measurements leave as JSON, CSV, XLSX and structured report: what the files hold, and what they can't do."""

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pydicom
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from clients import Client, OrthancClient
from drafts import values_of
from exchanges import Exchange
from measuring_clients import MeasuredStudy, write_entry
from refusals import assert_bad_parameter, assert_refused

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sr": "application/dicom",
}
EXTENSIONS = {"json": "json", "csv": "csv", "xlsx": "xlsx", "sr": "dcm"}
EVERY_FORMAT = pytest.mark.parametrize("format_", MEDIA_TYPES)
HOSTILE = {
    "formula": '=HYPERLINK("http://x","y")',
    "plus": "+1+cmd|'/c calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1,1)",
    "wide": "\uff1d1+1",
    "script": "<script>alert(1)</script>",
    "quotes": "say \"a\", 'b', and ;=1+1",
    "foreign": "病変 1, Läsion 😀",
}
BREAKS = ["a\nb", "a\r\n=1+1", "a\tb", "a\x00b", "a\x1bb", "\ud800"]
MANY = 2000
SECONDS = 30.0
"""For the export of as many records as a study can have; it takes a tenth of it."""


@pytest.fixture
def exchange(client: Client) -> Exchange:
    return Exchange(client)


@pytest.fixture
def labelled(exchange: Exchange) -> dict[str, dict[str, Any]]:
    """Records with hostile labels, by the names of these."""
    return {name: exchange.created(exchange.line(Label=label)) for name, label in HOSTILE.items()}


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def sheets_of(content: bytes) -> tuple[Worksheet, Worksheet]:
    """The measurements and the summary of a spreadsheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Measurements", "Summary"]
    return book["Measurements"], book["Summary"]


def cells_of(sheet: Worksheet) -> list[dict[str, Any]]:
    """The cells of each row below the titles."""
    titles, *rows = sheet.iter_rows()
    return [{title.value: cell for title, cell in zip(titles, row, strict=True)} for row in rows]


def facts_of(summary: Worksheet) -> dict[str, Any]:
    """What stands beside each word of the summary, where it comes first."""
    return {row[0].value: row[1].value for row in reversed(list(summary.iter_rows(max_col=2)))}


@EVERY_FORMAT
def test_each_format_is_a_file_that_nobody_keeps(exchange: Exchange, format_: str) -> None:
    exchange.created(exchange.line())
    answer = exchange.exported(format_)
    assert answer.media_type == MEDIA_TYPES[format_]
    name = f"measurements-{exchange.study[:8]}.{EXTENSIONS[format_]}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    again = exchange.client.get(f"{exchange.url}/export", {"If-None-Match": "*"}, format=format_)
    assert again.status == 200


def test_json_is_the_default_and_holds_every_record_as_it_is(exchange: Exchange) -> None:
    records = exchange.fill(exchange.everything())
    before = datetime.now(UTC)
    document = exchange.client.get(f"{exchange.url}/export").json()
    assert (document["Format"], document["FormatVersion"], document["Count"]) == (
        "reslice-measurements",
        1,
        len(records),
    )
    assert (document["Study"], document["StudyInstanceUID"]) == (exchange.study, exchange.files[0].StudyInstanceUID)
    assert abs(datetime.fromisoformat(document["ExportedAt"]) - before).total_seconds() < 60
    for record, left in zip(records, document["Measurements"], strict=True):
        assert {key: left.get(key) for key in record} == record


def test_csv_is_one_row_a_record(exchange: Exchange) -> None:
    records = exchange.fill(exchange.everything())
    answer = exchange.exported("csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.count(b"\r\n") == len(records) + 1
    for record, row in zip(records, rows_of(answer.content), strict=True):
        assert row["id"] == record["Id"]
        assert (row["type"], row["tool"], row["label"]) == (record["Type"], record["Tool"], record["Label"])
        assert (row["series"], row["tracking_uid"], row["revision"]) == (record["Series"], record["TrackingUID"], "1")
        assert row["created"] == record["CreatedAt"]
        values = values_of(record)
        for title, key in (("length_mm", ("Length", "mm")), ("area_mm2", ("Area", "mm2")), ("mean", ("Mean", "HU"))):
            assert row[title] == (repr(values[key]) if key in values else "")
        geometry = record["Geometry"]
        if geometry.get("Points") or geometry.get("Polygons"):
            assert json.loads(row["points"]) == (geometry.get("Points") or geometry["Polygons"])


def test_spreadsheet_has_typed_cells(exchange: Exchange) -> None:
    records = exchange.fill(exchange.everything())
    measurements, summary = sheets_of(exchange.exported("xlsx").content)
    for record, cells in zip(records, cells_of(measurements), strict=True):
        assert (cells["id"].value, cells["label"].value) == (record["Id"], record["Label"] or None)
        first = record["Values"][0]
        for value in record["Values"]:
            if value["Name"] == first["Name"] and value["Unit"] == first["Unit"]:
                assert cells["value"].value == pytest.approx(value["Value"], rel=1e-14)
        assert (cells["value"].data_type, cells["revision"].data_type) == ("n", "n")
        assert (cells["created"].data_type, cells["stale"].data_type) == ("d", "b")
        assert cells["created"].value.isoformat(timespec="milliseconds") + "Z" == record["CreatedAt"]
    facts = facts_of(summary)
    assert facts["study"] == exchange.study
    assert (facts["measurements"], facts["unreadable"]) == (len(records), 0)
    counts = {kind: sum(record["Type"] == kind for record in records) for kind in ("distance", "volume", "hu")}
    assert {kind: facts[kind] for kind in counts} == counts


def test_report_tells_of_every_record(exchange: Exchange) -> None:
    records = exchange.fill(exchange.everything())
    content = exchange.exported("sr").content
    report = pydicom.dcmread(io.BytesIO(content))
    assert report.StudyInstanceUID == exchange.files[0].StudyInstanceUID
    for record in records:
        assert record["TrackingUID"].encode() in content


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_label_stays_text_in_json(exchange: Exchange, labelled: dict[str, dict[str, Any]], name: str) -> None:
    found = {record["Id"]: record for record in exchange.exported("json").json()["Measurements"]}
    assert found[labelled[name]["Id"]]["Label"] == HOSTILE[name]


def test_hostile_labels_are_no_formulas_in_csv(exchange: Exchange, labelled: dict[str, dict[str, Any]]) -> None:
    rows = {row["id"]: row for row in rows_of(exchange.exported("csv").content)}
    for name, record in labelled.items():
        shown = rows[record["Id"]]["label"]
        assert shown.replace("'", "") == HOSTILE[name].replace("'", "")
        if name in ("formula", "plus", "minus", "at", "wide"):
            assert shown == "'" + HOSTILE[name]
        for cell in rows[record["Id"]].values():
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not cell.startswith("-") or float(cell)
    assert rows[labelled["quotes"]["Id"]]["label"] == "say \"a\", 'b', and ;'=1+1"
    assert rows[labelled["foreign"]["Id"]]["label"] == HOSTILE["foreign"]


def test_hostile_labels_are_no_formulas_in_a_spreadsheet(
    exchange: Exchange, labelled: dict[str, dict[str, Any]]
) -> None:
    measurements, summary = sheets_of(exchange.exported("xlsx").content)
    shown = {cells["id"].value: cells["label"] for cells in cells_of(measurements)}
    for name, record in labelled.items():
        assert (shown[record["Id"]].value, shown[record["Id"]].data_type) == (HOSTILE[name], "s")
    for sheet in (measurements, summary):
        assert not any(cell.data_type == "f" or cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_hostile_labels_survive_in_a_report(exchange: Exchange, labelled: dict[str, dict[str, Any]]) -> None:
    report = pydicom.dcmread(io.BytesIO(exchange.exported("sr").content))
    texts = {element.value for element in report.iterall() if element.keyword == "TextValue"}
    assert set(HOSTILE.values()) <= texts


@pytest.mark.parametrize("label", BREAKS)
def test_breaks_never_come_as_far_as_a_file(exchange: Exchange, label: str) -> None:
    assert_refused(exchange.create(exchange.line(Label=label)), 400, "control-character", Parameter="Label")


@pytest.mark.parametrize("format_", ["json", "csv", "xlsx"])
def test_study_without_measurements_is_an_empty_file(exchange: Exchange, format_: str) -> None:
    content = exchange.exported(format_).content
    if format_ == "json":
        assert (json.loads(content)["Count"], json.loads(content)["Measurements"]) == (0, [])
    elif format_ == "csv":
        assert content.count(b"\r\n") == 1
        assert rows_of(content) == []
    else:
        assert cells_of(sheets_of(content)[0]) == []


def test_study_without_measurements_has_no_report(exchange: Exchange) -> None:
    assert_refused(exchange.client.get(f"{exchange.url}/export", format="sr"), 422, "no-measurements")
    assert_refused(exchange.client.post(f"{exchange.url}/report"), 422, "no-measurements")


@pytest.mark.parametrize("value", ["pdf", "", "JSON", "dcm", "../json", "csv,json", "\u65e5"])
def test_unknown_format_is_told(exchange: Exchange, value: str) -> None:
    assert_bad_parameter(exchange.client.get(f"{exchange.url}/export", format=value), "format")


def test_unknown_parameter_is_told(exchange: Exchange) -> None:
    assert_bad_parameter(exchange.client.get(f"{exchange.url}/export", fmt="csv"), "fmt", "unknown-parameter")


def test_deleted_measurements_are_in_no_file(exchange: Exchange) -> None:
    gone, stays = exchange.created(exchange.line()), exchange.created(exchange.line())
    assert exchange.delete(gone["Id"]).status == 200
    for format_ in ("json", "csv"):
        content = exchange.exported(format_).content
        assert stays["Id"].encode() in content
        assert gone["Id"].encode() not in content
    report = exchange.exported("sr").content
    assert stays["TrackingUID"].encode() in report
    assert gone["TrackingUID"].encode() not in report


def test_stale_measurement_says_so_everywhere(exchange: Exchange) -> None:
    record = exchange.created(exchange.planar("line", k=0))
    exchange.client.remove(exchange.instance(0))
    assert exchange.exported("json").json()["Measurements"][0]["Stale"] is True
    (row,) = rows_of(exchange.exported("csv").content)
    assert (row["id"], row["stale"]) == (record["Id"], "true")
    (cells,) = cells_of(sheets_of(exchange.exported("xlsx").content)[0])
    assert cells["stale"].value is True
    assert_refused(exchange.client.get(f"{exchange.url}/export", format="sr"), 422, "no-measurements")
    kept = exchange.created(exchange.planar("line", k=1))
    report = exchange.exported("sr").content
    assert kept["TrackingUID"].encode() in report
    assert b"The pixels have changed since it was measured" in report


def test_what_cannot_be_read_is_told_beside_the_rest(real: OrthancClient) -> None:
    exchange = Exchange(real)
    record = exchange.created(exchange.line())
    damaged = MeasuredStudy(real, exchange.study, exchange.series, exchange.instance())
    number = next(n for n in range(50000, 50002) if real.get(f"/studies/{exchange.study}/metadata/{n}").status == 404)
    write_entry(damaged, number, b'{"reslice":1,"Id":"broken"')
    document = exchange.exported("json").json()
    assert [found["Id"] for found in document["Measurements"]] == [record["Id"]]
    assert len(document["Errors"]) == 1
    facts = facts_of(sheets_of(exchange.exported("xlsx").content)[1])
    assert (facts["measurements"], facts["unreadable"]) == (1, 1)
    assert len(rows_of(exchange.exported("csv").content)) == 1


def full(exchange: Exchange) -> None:
    """As many measurements as a study can have, by an import, which is the quickest way."""
    record = exchange.created(exchange.in_patient("line"))
    document = exchange.exported("json").json()
    copies = [record | {"Id": None, "TrackingUID": f"2.25.{k}", "Label": f"{k}"} for k in range(1, MANY)]
    document["Measurements"] = copies
    assert len(exchange.imported(json.dumps(document).encode())["Created"]) == MANY - 1


@pytest.mark.slow
def test_full_study_is_exported_in_seconds(client: Client, timed: Callable[[], float]) -> None:
    exchange = Exchange(client)
    full(exchange)
    for format_ in MEDIA_TYPES:
        timed()
        content = exchange.exported(format_).content
        assert timed() < SECONDS
        if format_ == "csv":
            assert len(rows_of(content)) == MANY


@pytest.fixture
def timed() -> Callable[[], float]:
    """Seconds since it was asked last."""
    last = time.monotonic()

    def ask() -> float:
        nonlocal last
        last, before = time.monotonic(), last
        return last - before

    return ask
