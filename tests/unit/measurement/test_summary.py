"""A study's measurements in numbers."""

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.measurement.summary import statistics_of, summarise
from unit.measurement.records import ALL, COBB, PIXELS, SERIES, STUDY, VOLUME, record, value


def distances(*numbers: float, unit: str = "mm") -> list[dict[str, Any]]:
    return [record(Values=[value("Length", number, unit)]) for number in numbers]


def test_counts_by_type_series_and_author() -> None:
    found = summarise(STUDY, ALL, 2)
    assert found["Study"] == STUDY
    assert (found["Count"], found["ErrorCount"]) == (6, 2)
    assert found["ByType"] == {"angle": 1, "area": 1, "distance": 2, "hu": 1, "volume": 1}
    assert found["BySeries"] == {SERIES: 5, "other": 1}
    assert found["ByAuthor"] == {"": 1, "anna": 4, "boris": 1}


def test_the_latest_is_the_one_changed_last() -> None:
    expected = {key: PIXELS[key] for key in ("Id", "Type", "Label", "Author", "UpdatedAt")}
    assert summarise(STUDY, ALL)["Latest"] == expected
    assert summarise(STUDY, ALL[::-1])["Latest"] == expected


def test_nothing_has_a_summary_too() -> None:
    assert summarise(STUDY, []) == {
        "Study": STUDY,
        "Count": 0,
        "ErrorCount": 0,
        "ByType": {},
        "BySeries": {},
        "ByAuthor": {},
        "Latest": None,
        "Statistics": {},
    }


def test_order_of_the_records_makes_no_difference() -> None:
    shuffled = random.Random(1).sample(ALL, len(ALL))  # noqa: S311
    assert json.dumps(summarise(STUDY, shuffled)) == json.dumps(summarise(STUDY, ALL))


def test_units_are_never_mixed() -> None:
    found = statistics_of([*distances(1, 2, 6), *distances(100, unit="px"), COBB, VOLUME])
    assert found["distance"] == {
        "mm": {"Count": 3, "Mean": 3.0, "Minimum": 1.0, "Maximum": 6.0},
        "px": {"Count": 1, "Mean": 100.0, "Minimum": 100.0, "Maximum": 100.0},
    }
    assert list(found["angle"]) == ["deg"]


def test_a_volume_counts_once() -> None:
    assert statistics_of([VOLUME])["volume"] == {
        "mm3": {"Count": 1, "Mean": 12500.0, "Minimum": 12500.0, "Maximum": 12500.0}
    }


@pytest.mark.parametrize("wrong", [[], None, [value("Area", 3, "mm2")], [value("Length", math.nan, "mm")]])
def test_a_record_without_its_principal_value_counts_in_no_statistics(wrong: Any) -> None:
    found = summarise(STUDY, [record(Values=wrong)])
    assert found["Count"] == found["ByType"]["distance"] == 1
    assert found["Statistics"] == {}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_statistics_of_any_numbers_are_finite_and_in_order(numbers: list[float]) -> None:
    (found,) = statistics_of(distances(*numbers))["distance"].values()
    assert found["Count"] == len(numbers)
    assert found["Minimum"] == min(numbers) <= found["Mean"] <= max(numbers) == found["Maximum"]
    json.dumps(found, allow_nan=False)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_the_mean_is_the_rounded_sum(numbers: list[float]) -> None:
    (found,) = statistics_of(distances(*numbers))["distance"].values()
    assert found["Mean"] == pytest.approx(math.fsum(numbers) / len(numbers), rel=1e-15, abs=1e-300)


def test_values_that_were_not_computed_here_are_in_no_statistics() -> None:
    """A file may claim any number; it is counted, and believed no further."""
    kept = {"Id": "a", "Type": "volume", "Values": [{"Name": "Volume", "Value": 5.0, "Unit": "mm3", "Code": "mm3"}]}
    claimed = {**kept, "Id": "b", "Method": {"Computed": False}, "Values": [{**kept["Values"][0], "Value": 1e6}]}
    summary = summarise("study", [kept, claimed])
    assert summary["Count"] == 2
    assert summary["Statistics"]["volume"]["mm3"]["Count"] == 1
    assert summary["Statistics"]["volume"]["mm3"]["Maximum"] == 5.0
