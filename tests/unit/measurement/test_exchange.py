"""The JSON export: out, back in, and what a sender claimed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement
from reslice.measurement.exchange import MOST_CLAIMED, Skipped, StudyFacts, claimed_of, from_json, to_json
from unit.measurement.records import ALL, AREA, COBB, STUDY, VOLUME, record, value

FACTS = StudyFacts(STUDY, "1.2.840.9", "2026-12-01T00:00:00.000Z")


def document(**changes: Any) -> dict[str, Any]:
    return {**to_json(FACTS, ALL), **changes}


def reason_of(sent: Any) -> str:
    with pytest.raises(InvalidMeasurement) as refused:
        from_json(sent)
    assert refused.value.details
    return refused.value.reason


def test_an_export_tells_what_it_is() -> None:
    found = document()
    assert list(found.values())[:-1] == ["reslice-measurements", 1, STUDY, "1.2.840.9", "2026-12-01T00:00:00.000Z", 6]
    assert list(found) == [
        *("Format", "FormatVersion", "Study", "StudyInstanceUID", "ExportedAt", "Count", "Measurements")
    ]


def test_nothing_is_lost_on_the_way_there_and_back() -> None:
    entries = from_json(json.loads(json.dumps(document())))
    assert [index for index, _ in entries.records] == list(range(6))
    assert [found for _, found in entries.records] == list(ALL)
    assert all(found["InputsDigest"] and found["RequestDigest"] for _, found in entries.records)
    assert entries.skipped == ()


def test_an_empty_export_is_one() -> None:
    entries = from_json(to_json(FACTS, []))
    assert (entries.records, entries.skipped) == ((), ())


@pytest.mark.parametrize(
    "sent",
    [
        *(None, [], "reslice-measurements", 1, {}),
        document(Format="reslice"),
        document(Format=None),
        document(Measurements=None),
        document(Measurements={"0": {}}),
        {"Study": STUDY, "Count": 0, "Measurements": []},
    ],
)
def test_another_document_is_refused(sent: Any) -> None:
    assert reason_of(sent) == "not-an-export"


@pytest.mark.parametrize("version", [0, 2, "1", 1.0, True, None, []])
def test_another_version_is_refused(version: Any) -> None:
    assert reason_of(document(FormatVersion=version)) == "unsupported-version"


def test_more_than_a_study_can_have_is_refused() -> None:
    assert len(from_json(document(Measurements=[{}] * 2000)).records) == 2000
    assert reason_of(document(Measurements=[{}] * 2001)) == "too-many-measurements"


def test_entries_that_are_no_objects_are_skipped_and_the_others_keep_their_places() -> None:
    entries = from_json(document(Measurements=[COBB, 7, None, AREA, [COBB]]))
    assert entries.records == ((0, COBB), (3, AREA))
    assert entries.skipped == tuple(
        Skipped(index, "not-an-object", f"Entry {index} isn't a JSON object") for index in (1, 2, 4)
    )


def mismatch(theirs: list[Any], ours: list[dict[str, Any]]) -> bool:
    claimed = claimed_of(record(Values=theirs), ours)
    assert claimed is not None
    return claimed["Mismatch"]


@pytest.mark.parametrize("sent", ALL, ids=lambda r: r["Id"])
def test_a_sender_who_agrees_is_quoted_without_a_mismatch(sent: dict[str, Any]) -> None:
    claimed = claimed_of(sent, sent["Values"])
    quoted = [{key: entry[key] for key in ("Name", "Value", "Unit")} for entry in sent["Values"]]
    assert claimed == {"Values": quoted, "Mismatch": False}


@pytest.mark.parametrize(
    ("factor", "expected"), [(1 + 9e-7, False), (1 + 1.1e-6, True), (1 - 1.1e-6, True), (-1, True)]
)
def test_a_millionth_is_the_difference_that_counts(factor: float, expected: bool) -> None:
    ours = [value("Length", 45.2, "mm")]
    assert mismatch([value("Length", 45.2 * factor, "mm")], ours) is expected


def test_noise_about_zero_is_no_difference() -> None:
    assert not mismatch([value("Mean", 1e-14, "HU")], [value("Mean", 0.0, "HU")])
    assert mismatch([value("Mean", 1e-9, "HU")], [value("Mean", 0.0, "HU")])


def test_a_name_on_one_side_only_is_a_mismatch() -> None:
    assert mismatch(AREA["Values"][:-1], AREA["Values"])
    assert mismatch(AREA["Values"], AREA["Values"][1:])


def test_no_common_unit_is_a_mismatch_and_one_of_two_is_enough() -> None:
    assert mismatch([value("Length", 4.52, "cm")], [value("Length", 45.2, "mm")])
    assert not mismatch(VOLUME["Values"][1:], VOLUME["Values"])
    wrong_cm3 = [value("Volume", 12500.0, "mm3"), value("Volume", 1.25, "cm3"), value("Count", 4000, "1")]
    assert mismatch(wrong_cm3, VOLUME["Values"])


@pytest.mark.parametrize("sent", [None, [], {}, "45.2", 7])
def test_a_sender_without_numbers_claimed_nothing(sent: Any) -> None:
    assert claimed_of(record(Values=sent), COBB["Values"]) is None
    assert claimed_of({}, COBB["Values"]) is None


@pytest.mark.parametrize(
    "entry",
    [
        *(7, None, {}, value("Length", True, "mm"), value("Length", float("inf"), "mm")),
        *(
            value("x" * 65, 1, "mm"),
            value("a\nb", 1, "mm"),
            value("", 1, "mm"),
            {"Name": ["Length"], "Value": 1, "Unit": "mm"},
        ),
    ],
)
def test_malformed_claims_are_not_kept_but_noticed(entry: Any) -> None:
    ours = [value("Length", 45.2, "mm")]
    assert claimed_of(record(Values=[entry]), ours) == {"Values": [], "Mismatch": True}


def test_a_flood_of_claims_is_cut() -> None:
    flood = [value(f"Name{k}", k, "mm") | {"Essay": "x" * 1000} for k in range(5000)]
    claimed = claimed_of(record(Values=flood), COBB["Values"])
    assert claimed is not None
    assert len(claimed["Values"]) == MOST_CLAIMED
    assert claimed["Mismatch"]
    assert len(json.dumps(claimed)) < 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Name", "Value", "Unit", "x"]), inner),
)


@given(st.lists(JSON, max_size=4))
def test_any_json_in_place_of_values_is_survived(sent: list[Any]) -> None:
    claimed = claimed_of(record(Values=sent), COBB["Values"])
    assert (claimed is None) == (sent == [])
    json.dumps(claimed, allow_nan=False)


@given(JSON)
def test_any_json_in_place_of_a_document_is_refused(sent: Any) -> None:
    assert reason_of(sent) == "not-an-export"


@pytest.mark.parametrize(
    ("theirs", "is_mismatch"),
    [
        ([value("Angle", 21.5, "deg")], False),
        ([value("Angle", 21.5 * 1.00005, "deg")], False),
        ([value("Angle", 21.5 * 1.001, "deg")], True),
        ([value("Angle", 21.5, "deg"), value("Skewness", 0.1, "1")], False),
        ([value("Angle", 21.5, "px")], True),
        ([value("Skewness", 0.1, "1")], False),
    ],
)
def test_report_is_held_to_what_it_tells(theirs: list[dict[str, Any]], is_mismatch: bool) -> None:
    ours = [value("Angle", 21.5, "deg"), value("Supplement", 158.5, "deg")]
    claimed = claimed_of(record(Values=theirs), ours, is_reported=True)
    assert claimed is not None
    assert claimed["Mismatch"] is is_mismatch
