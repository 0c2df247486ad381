"""The real DICOM data that lies beside the repository: `../shared/data`, or where RESLICE_SHARED says."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("RESLICE_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def case_files(case: str) -> list[Path]:
    """The files of one case; without the data a skip, in CI a failure."""
    folder = SHARED / "data" / case
    if not folder.is_dir():
        unavailable(f"the shared data is not there: {case}")
    return sorted(path for path in folder.iterdir() if path.suffix != ".json")


def case_bytes(case: str) -> list[bytes]:
    """The same, read."""
    return [path.read_bytes() for path in case_files(case)]


def truth(case: str) -> dict:
    """What pydicom and SimpleITK agreed on for a case."""
    case_files(case)
    return _all_truth()["cases"][case]


@cache
def _all_truth() -> dict:
    return json.loads((SHARED / "data" / "truth.json").read_text())


def unavailable(reason: str) -> None:
    """Skip on a developer's machine; fail in CI, where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true)")
    pytest.skip(reason)
