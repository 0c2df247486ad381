"""The table of measurements, and CSV made of it."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.measurement.tables import COLUMNS, guarded, to_csv
from unit.measurement.records import ALL, AREA, COBB, HOSTILE, PIXELS, SERIES, STUDY, UPTAKE, VOLUME, record, value


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def row(**changes: Any) -> dict[str, str]:
    (found,) = read(to_csv([record(**changes)]))
    return found


def test_titles_are_these_in_this_order() -> None:
    """Programs read them: they don't change."""
    assert [column.title for column in COLUMNS] == [
        *("id", "type", "tool", "label", "description", "finding", "finding_code", "site", "site_code"),
        *("series", "series_uid", "sop_instance_uid", "frame", "slice", "value", "unit"),
        *("length_mm", "length_px", "angle_deg", "supplement_deg", "area_mm2", "area_px2"),
        *("perimeter_mm", "perimeter_px", "volume_mm3", "volume_cm3", "n", "suvbw", "suvbw_mean", "suvbw_max"),
        *("intensity", "mean", "sd", "min", "max", "median", "p5", "p95", "intensity_unit"),
        *("excluded", "other_values"),
        *("calibration", "warning", "claimed_mismatch", "space", "points", "region"),
        *("author", "created", "updated", "updated_by", "revision", "stale", "tracking_uid", "study"),
    ]


def test_a_distance_in_its_row() -> None:
    filled = {title: cell for title, cell in row().items() if cell}
    assert filled == {
        "id": "2f1c9e0e-57b5-4d2c-9f63-0a7d7d1f0c11",
        "type": "distance",
        "tool": "line",
        "label": "Lesion 1",
        "finding": "Mass",
        "finding_code": "SCT:4147007",
        "series": SERIES,
        "series_uid": "1.2.840.1",
        "sop_instance_uid": "1.2.840.1.5",
        "frame": "1",
        "slice": "12",
        "value": "45.27431392126",
        "unit": "mm",
        "length_mm": "45.27431392126",
        "calibration": "patient-geometry",
        "space": "LPS",
        "points": "[[-10.5,0.1,3],[20.25,33.3,3]]",
        "author": "anna",
        "created": "2026-11-24T13:37:00.123Z",
        "updated": "2026-11-25T01:02:03.000Z",
        "revision": "3",
        "stale": "false",
        "tracking_uid": "2.25.62690216411034366471302416373834288145",
        "study": STUDY,
    }


def test_each_type_has_its_principal_value_and_the_others_beside_it() -> None:
    cobb, area, volume, uptake, pixels = read(to_csv([COBB, AREA, VOLUME, UPTAKE, PIXELS]))
    assert (cobb["value"], cobb["unit"], cobb["supplement_deg"]) == ("12.5", "deg", "167.5")
    assert (area["value"], area["unit"], area["perimeter_mm"], area["n"]) == ("120.75", "mm2", "44.1", "483")
    statistics = [area[title] for title in ("mean", "sd", "min", "max", "median", "p5", "p95", "intensity_unit")]
    assert statistics == ["-71.03", "12.1", "-120.0", "3.0", "-70.0", "-110.0", "-1.5", "HU"]
    assert (volume["value"], volume["unit"], volume["volume_mm3"], volume["volume_cm3"]) == (
        *("12500.0", "mm3"),
        *("12500.0", "12.5"),
    )
    assert (uptake["value"], uptake["unit"], uptake["intensity"]) == ("5230.5", "Bq/ml", "5230.5")
    assert [uptake[t] for t in ("suvbw", "suvbw_mean", "suvbw_max", "stale")] == ["2.1", "2.05", "3.5", "true"]
    assert (pixels["length_px"], pixels["length_mm"], pixels["warning"]) == ("300.5", "", "The image tells no spacing")


def test_planimetry_tells_its_polygons_and_its_range() -> None:
    (found,) = read(to_csv([VOLUME]))
    assert json.loads(found["points"]) == VOLUME["Geometry"]["Polygons"]
    assert json.loads(found["region"]) == {"Shape": "polygons", "Range": [-100, 200.5]}
    assert found["frame"] == found["slice"] == found["sop_instance_uid"] == ""


def test_values_without_a_column_are_not_lost() -> None:
    strange = [
        value("Length", 4.5, "cm"),
        value("Roundness", 0.9, "1"),
        value("Mean", 3.0, "HU"),
        value("Maximum", 2.0, "Gy"),
    ]
    found = row(Values=strange)
    assert json.loads(found["other_values"]) == [strange[0], strange[1], strange[3]]
    assert (found["length_mm"], found["mean"], found["max"], found["value"]) == ("", "3.0", "", "4.5")


def test_samples_without_data_are_counted_beside_the_others() -> None:
    (found,) = read(to_csv([{**AREA, "Method": {"Excluded": 7}}]))
    assert (found["n"], found["excluded"]) == ("483", "7")


def test_who_changed_it_stands_beside_who_made_it() -> None:
    found = row(UpdatedBy="boris")
    assert (found["author"], found["updated_by"]) == ("anna", "boris")


def test_an_imported_record_tells_whether_its_sender_disagreed() -> None:
    assert row(Claimed={"Values": [], "Mismatch": True})["claimed_mismatch"] == "true"
    assert row()["claimed_mismatch"] == ""


@pytest.mark.parametrize("missing", sorted(record()))
def test_a_record_without_a_key_still_has_its_row(missing: str) -> None:
    whole = record()
    for changed in ({k: v for k, v in whole.items() if k != missing}, {**whole, missing: None}):
        (found,) = read(to_csv([changed]))
        assert found["study"] == STUDY or missing == "Study"


def test_no_records_are_a_table_with_titles() -> None:
    content = to_csv([])
    assert content.startswith(b"\xef\xbb\xbfid,type,")
    assert content.endswith(b",study\r\n")
    assert content.count(b"\r\n") == 1


def test_the_same_columns_hold_the_same_type_in_every_row() -> None:
    types = {"text": str, "number": int | float, "boolean": bool, "moment": datetime}
    for column in COLUMNS:
        for cell in map(column.cell, ALL):
            assert cell is None or isinstance(cell, types[column.type])
            assert column.type != "number" or not isinstance(cell, bool)


def test_moments_are_utc() -> None:
    created = next(column for column in COLUMNS if column.title == "created")
    expected = datetime(2026, 11, 24, 13, 37, 0, 123000, UTC)
    for written in ("2026-11-24T13:37:00.123Z", "2026-11-24T15:37:00.123+02:00", "2026-11-24T13:37:00.123"):
        assert created.cell(record(CreatedAt=written)) == expected
    assert row(CreatedAt="2026-11-24T15:37:00.123+02:00")["created"] == "2026-11-24T13:37:00.123Z"


@pytest.mark.parametrize("written", ["yesterday", "0001-01-01T00:00:00+14:00", 7])
def test_what_is_no_moment_stays_text(written: Any) -> None:
    assert row(CreatedAt=written)["created"] == str(written)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), True, "45.2", None, [1], 10**400])
def test_what_is_no_finite_number_leaves_its_cell_empty(wrong: Any) -> None:
    found = row(Values=[value("Length", wrong, "mm")])
    assert found["value"] == found["length_mm"] == ""


@pytest.mark.parametrize("number", [-1, -0.5, -1e308, 5e-324, 0.1 + 0.2, -71.03, 0, 2**53 + 1])
def test_numbers_stay_numbers_to_the_last_digit(number: float) -> None:
    cell = row(Values=[value("Length", number, "mm")])["value"]
    assert cell == repr(number)
    assert type(number)(cell) == number


@pytest.mark.parametrize(
    "text",
    [
        *("=1", "+1", "-1", "@a", "\ttab", "\rreturn", "\nline", " =1", "\u00a0=1", "\u3000=1", "\r\n =1", "\x00=1"),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20a", " \uff1d1", "\ufe661", "\u22121", "\u200b=1", "\ufeff=1", '"=1"'),
    ],
)
def test_text_that_begins_like_a_formula_is_guarded(text: str) -> None:
    assert guarded(text).replace("'", "") == text
    assert row(Label=text)["label"].startswith("'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x;=1", "x;'=1"),
        ("x; \t-1", "x; \t'-1"),
        ('x;"=1"', 'x;\'"=1"'),
        ("x\t@a", "x\t'@a"),
        ("x\n+1", "x\n'+1"),
        ("x\r\n=1;=2", "x\r\n'=1;'=2"),
    ],
)
def test_so_is_text_that_another_separator_cuts_into_formulas(text: str, expected: str) -> None:
    assert guarded(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a=1", "'=1", "a-b", "a; b", "x@y", "[-1]", "1-2", " a", "\u53f3\u80ba", "a,=1", "a, -5 to -3", "{=1}"]
)
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


def test_guarding_takes_no_longer_than_reading() -> None:
    """Linear in the text, whatever is repeated: an hour if it weren't."""
    for piece in ("\t", " \t", ";", "; ", '"', '\t"', "\n\u200b"):
        text = piece * 500_000
        assert guarded(text).replace("'", "") == text


@pytest.mark.parametrize("title", ["label", "author", "finding", "warning", "description"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t[:24]))
def test_hostile_text_is_one_cell(title: str, text: str) -> None:
    keys = {"label": "Label", "author": "Author", "description": "Description"}
    changes: dict[str, Any] = {keys[title]: text} if title in keys else {}
    changes |= {"Finding": {"Meaning": text}} if title == "finding" else {"Calibration": {"Warning": text}}
    found = row(**changes)
    assert found[title] == guarded(text)
    assert found["study"] == STUDY


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_any_text_comes_back(texts: list[str]) -> None:
    found = read(to_csv([record(Label=text, Description=text[::-1]) for text in texts]))
    assert [r["label"] for r in found] == [guarded(text) for text in texts]
    assert [r["description"] for r in found] == [guarded(text[::-1]) for text in texts]
    assert all(r["label"][0] not in "=+-@\t\r\n" for r in found)
    assert [r["label"].replace("'", "") for r in found] == [text.replace("'", "") for text in texts]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63), min_size=1))
def test_any_number_comes_back(numbers: list[float]) -> None:
    found = read(to_csv([record(Values=[value("Length", number, "mm")]) for number in numbers]))
    assert [type(n)(r["length_mm"]) for n, r in zip(numbers, found, strict=True)] == numbers
    assert [r["value"] for r in found] == [r["length_mm"] for r in found]


@given(st.text(st.characters(categories=["Cs", "Ll"]), min_size=1))
def test_half_a_surrogate_pair_becomes_its_escape(text: str) -> None:
    expected = "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    assert row(Label=text)["label"] == expected


def test_rows_end_as_rfc_4180_says() -> None:
    content = to_csv(ALL)
    assert content.count(b"\r\n") == len(ALL) + 1 == content.count(b"\n")
