"""What a line of the benchmarks says, and that nobody is compared whose answer is another one."""

import numpy as np
import pytest

from bench import oracles
from bench.fairness import each
from bench.kernels import oblique_plane
from bench.machine import PACKAGES
from bench.report import Report, empty_row_of, place, row_of
from bench.study import volume
from bench.timing import LeftOut, Line
from reslice.imaging.resample import cut

DESCRIBED = ("Processor", "Cores", "MemoryGiB", "System", "Orthanc", "PythonPlugin", "Python")


@pytest.mark.parametrize(
    ("aim", "is_least", "met", "shown"),
    [(0.5, False, "yes", "0.5"), (0.4, False, "no", "0.4"), (0.6, True, "no", "at least 0.6"), (None, False, "", "")],
)
def test_an_aim_is_met_from_its_own_side(aim: float | None, is_least: bool, met: str, shown: str) -> None:
    line = Line("P1", "work", "reference", aim, [1.0, 2.0, 9.0], [4.0], is_least=is_least)
    assert row_of(line)[3:] == ["2.00 ms", "4.00 ms", "0.500", shown, met]


def test_a_ratio_may_have_to_be_high() -> None:
    assert Line("P10", "work", "reference", 1.7, [18.0], [10.0], "/s", is_least=True).is_met


def test_a_line_that_is_left_out_stands_in_its_place_with_its_reason() -> None:
    lines = [Line(number, "work", "reference", 1, [1.0], [1.0]) for number in ("F1", "P12", "R2", "P2")]
    machine = dict.fromkeys([*PACKAGES, *DESCRIBED], "x")
    report = Report("today", 7, 0.1, 1.0, machine, lines, [], [LeftOut("P3", "a list", "there is none")])
    rows = [row.split("|")[1:4] for row in report.as_markdown().splitlines() if row.startswith("| ")][1:-1]
    assert [row[0].strip() for row in rows] == ["P2", "P3", "P12", "R2", "F1"]
    assert rows[1][1:] == [" a list ", " left out: there is none "]


def test_rows_have_as_many_cells_with_numbers_as_without() -> None:
    line = Line("R1", "work", "reference", 1, [1.0], [1.0])
    assert len(row_of(line)) == len(empty_row_of(LeftOut("R1", "work", "reason")))
    assert place(row_of(line)) < place(["F1"])


def test_the_first_run_of_each_kind_is_not_counted() -> None:
    assert each(max, [[100.0], [1.0, 2.0], [4.0, 3.0]]) == [2.0, 4.0]


def test_references_answer_the_same_plane_and_another_one_is_refused() -> None:
    ct = volume(20, 32)
    plane, thin = oblique_plane(ct.geometry, 0.0), np.zeros(1)
    ours = cut(ct, plane)
    by_itk = oracles.largest(oracles.resampler(plane, thin, threads=1), oracles.itk_image(ct))
    oracles.agree(ours, by_itk, "SimpleITK")
    oracles.agree(ours, oracles.by_scipy(ct, oracles.coordinates(ct, plane)), "scipy")
    with pytest.raises(RuntimeError, match="SimpleITK answers another picture"):
        oracles.agree(ours, by_itk[::-1], "SimpleITK")
