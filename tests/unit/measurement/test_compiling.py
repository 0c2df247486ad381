"""The compiled kernels and the interpreter find the same; the warm-up leaves nothing to compile."""

import json
from pathlib import Path

from reslice.imaging.compiled import IS_COMPILED
from unit.interpreter import run_module
from unit.measurement.measured import measurements, signatures


def test_without_a_compiler_the_numbers_are_the_same(tmp_path: Path) -> None:
    assert IS_COMPILED
    file = tmp_path / "measurements.json"
    run_module("unit.measurement.measured", str(file), numba=False)
    here = json.loads(json.dumps(measurements()))
    assert len(here) == 15
    assert json.loads(file.read_text()) == here


def test_nothing_is_left_to_compile(tmp_path: Path) -> None:
    assert len(signatures()) > 5
    assert run_module("unit.measurement.measured", str(tmp_path / "measurements.json")) == ""
