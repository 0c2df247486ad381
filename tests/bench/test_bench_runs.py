"""The benchmarks still run: on a series so small that their numbers mean nothing."""

import json
import math
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report import BEGIN, END, put_between_marks

pytestmark = pytest.mark.slow

NUMBERS = ["P1", "P2", "P3", "P4", "P4", "P5", "P5", "P8", "P8", "P9", "P9", "P11", "P12", "P12", "P12", "P12"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """The JSON and the document of a whole run."""
    folder = tmp_path_factory.mktemp("bench")
    document, results = folder / "performance.md", folder / "results" / "latest.json"
    document.write_text(f"Before.\n\n{BEGIN}\nold table\n{END}\n\nAfter.\n")
    sizes = ["--slices", "12", "--side", "64", "--runs", "2", "--measurements", "30", "--large"]
    main([*sizes, "--json", str(results), "--document", str(document)])
    return json.loads(results.read_text()), document.read_text()


def test_every_line_has_a_number_for_every_run(written: tuple[dict, str]) -> None:
    lines = written[0]["lines"]
    assert [line["number"] for line in lines] == NUMBERS
    for line in lines:
        assert len(line["ours"]) == (2 if line["number"] in {"P1", "P2", "P3", "P11"} else 20)
        assert all(map(math.isfinite, [*line["ours"], *line["theirs"]])), line
        assert line["unit"] == "MiB" or min(*line["ours"], *line["theirs"]) > 0, line


def test_every_line_is_compared_with_its_aim(written: tuple[dict, str]) -> None:
    for line in written[0]["summary"]:
        assert line["Ratio"] == pytest.approx(line["Ours"] / line["Theirs"])
        assert line["Met"] == (line["Ratio"] <= line["Aim"])


def test_series_of_several_sizes_show_the_growth(written: tuple[dict, str]) -> None:
    growth = written[0]["growth"]
    assert [step["slices"] for step in growth] == [4, 12, 40]
    assert all([line["number"] for line in step["lines"]] == ["P1", "P2", "P3", "P11"] for step in growth)


def test_the_machine_is_described_without_its_name(written: tuple[dict, str]) -> None:
    machine = written[0]["machine"]
    assert all(machine[key] for key in ("Processor", "Cores", "Orthanc", "Python", "numpy", "SimpleITK"))
    assert str(Path.home()) not in written[1]


def test_the_document_gets_both_tables_and_keeps_its_text(written: tuple[dict, str]) -> None:
    before, _, rest = written[1].partition(BEGIN)
    tables, _, after = rest.partition(END)
    assert (before, after) == ("Before.\n\n", "\n\nAfter.\n")
    assert [row.split("|")[1].strip() for row in tables.splitlines() if row.startswith("| P")] == NUMBERS
    assert [row.split("|")[1].strip() for row in tables.splitlines()[-3:]] == ["4", "12", "40"]
    assert "old table" not in tables


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("No marks.\n")
    with pytest.raises(ValueError, match="lacks the marks"):
        put_between_marks(document, "table")
    assert document.read_text() == "No marks.\n"
