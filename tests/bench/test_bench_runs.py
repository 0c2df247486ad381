"""The benchmarks still run: on a series so small that their numbers mean nothing."""

import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report import BEGIN, END, place, put_between_marks

pytestmark = pytest.mark.slow

LINES = {"P1": 1, "P2": 1, "P3": 1, "P4": 2, "P5": 2, "P6": 2, "P7": 4, "P8": 2, "P9": 2, "P10": 3, "P11": 1, "P12": 4}
LISTED = {"P13": 1}
RENDERED = {"R1": 1, "R2": 2, "R3": 3, "R4": 2}
FAIR = {"F1": 2, "F2": 1}
PAGE = {"V1": 2, "V2": 2, "V3": 2, "V4": 2, "V5": 2, "V6": 1, "V7": 1}
RUNS_OF_ONE = {"P6": 3, "P4": 10, "P5": 10, "P8": 10, "P9": 10, "P12": 10, "P13": 10}
"""What is quick is timed so many times as often; all else once a run."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """The JSON and the document of a whole run."""
    folder = tmp_path_factory.mktemp("bench")
    document, results = folder / "performance.md", folder / "results" / "latest.json"
    document.write_text(f"Before.\n\n{BEGIN}\nold table\n{END}\n\nAfter.\n")
    sizes = ["--slices", "30", "--side", "64", "--runs", "2", "--measurements", "30", "--seconds", "0.2", "--large"]
    sizes += ["--studies", "60"]
    main([*sizes, "--json", str(results), "--document", str(document)])
    return json.loads(results.read_text()), document.read_text()


def test_every_line_is_there_and_those_that_are_left_out_say_why(written: tuple[dict, str]) -> None:
    left_out = {line["number"]: line["reason"] for line in written[0]["left_out"]}
    page = {} if "V1" in left_out else {number: count for number, count in PAGE.items() if number not in left_out}
    expected = LINES | LISTED | FAIR | page | ({} if "R1" in left_out else RENDERED)
    assert Counter(line["number"] for line in written[0]["lines"]) == expected
    assert left_out.keys() <= {"R1", "V1", "V7"}
    assert all(f"left out: {reason}" in written[1] for reason in left_out.values())


def test_every_line_has_a_number_for_every_run(written: tuple[dict, str]) -> None:
    for line in written[0]["lines"]:
        assert len(line["ours"]) == 2 * RUNS_OF_ONE.get(line["number"], 1), line
        assert all(map(math.isfinite, [*line["ours"], *line["theirs"]])), line
        assert line["unit"] == "MiB" or min(*line["ours"], *line["theirs"]) > 0, line


def test_every_line_is_compared_with_its_aim(written: tuple[dict, str]) -> None:
    for line in written[0]["summary"]:
        assert line["Ratio"] == pytest.approx(line["Ours"] / line["Theirs"])
        if line["Aim"] is None:
            assert line["Met"] is None
        else:
            far = line["Ratio"] - line["Aim"]
            assert line["Met"] == (far >= 0 if line["AtLeast"] else far <= 0)


def test_series_of_several_sizes_show_the_growth(written: tuple[dict, str]) -> None:
    growth = written[0]["growth"]
    assert [step["slices"] for step in growth] == [10, 30, 100]
    assert all([line["number"] for line in step["lines"]] == ["P1", "P2", "P3", "P11"] for step in growth)


def test_the_machine_is_described_without_its_name(written: tuple[dict, str]) -> None:
    machine = written[0]["machine"]
    assert all(machine[key] for key in ("Processor", "Cores", "Orthanc", "Python", "numpy", "SimpleITK"))
    assert str(Path.home()) not in written[1]


def test_the_document_gets_both_tables_and_keeps_its_text(written: tuple[dict, str]) -> None:
    before, _, rest = written[1].partition(BEGIN)
    tables, _, after = rest.partition(END)
    assert (before, after) == ("Before.\n\n", "\n\nAfter.\n")
    numbers = [row.split("|")[1].strip() for row in tables.splitlines() if re.match(r"\| [PRFV]\d", row)]
    assert numbers == sorted(numbers, key=lambda number: place([number]))
    assert len(numbers) == len(written[0]["lines"]) + len(written[0]["left_out"])
    assert [row.split("|")[1].strip() for row in tables.splitlines()[-3:]] == ["10", "30", "100"]
    assert "old table" not in tables


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("No marks.\n")
    with pytest.raises(ValueError, match="lacks the marks"):
        put_between_marks(document, "table")
    assert document.read_text() == "No marks.\n"
