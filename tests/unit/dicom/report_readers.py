"""What others make of structured reports: DCMTK, highdicom, and OHIF's own code in Node (tests/node)."""

import importlib
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

from shared_data import unavailable

NODE = Path(__file__).resolve().parents[2] / "node"
UNCHECKED_LETTERS = "does not support this Specific Character Set"
"""What DCMTK up to 3.6.7 says of every file in UTF-8: no complaint about the file."""


def dsrdump(report: bytes, folder: Path) -> tuple[str, list[str]]:
    """DCMTK's print of a report, and what it complains about; it must accept the file."""
    program = shutil.which("dsrdump") or unavailable("DCMTK's dsrdump is not installed")
    found = _run([program, "+Pl", str(_file(report, folder))])
    return found.stdout, [line for line in found.stderr.splitlines() if UNCHECKED_LETTERS not in line]


def highdicom_reports() -> ModuleType:
    """highdicom's module of structured reports."""
    try:
        return importlib.import_module("highdicom.sr")
    except ImportError:
        return unavailable("highdicom is not installed")


def hydrated(report: bytes, images: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """What OHIF makes of a report: its measurements and warnings, as tests/node/hydrate.mjs tells them."""
    known = folder / "images.json"
    known.write_text(json.dumps(images))
    return json.loads(_node("hydrate.mjs", _file(report, folder), known))


def written_by_ohif(task: dict[str, Any], folder: Path) -> bytes:
    """The report that OHIF writes of a task, as tests/node/write_report.mjs reads it."""
    asked, report = folder / "task.json", folder / "ohif.dcm"
    asked.write_text(json.dumps(task))
    _node("write_report.mjs", asked, report)
    return report.read_bytes()


def _file(report: bytes, folder: Path) -> Path:
    file = folder / "report.dcm"
    file.write_bytes(report)
    return file


def _node(script: str, *files: Path) -> str:
    program = shutil.which("node") or unavailable("Node is not installed")
    if not (NODE / "node_modules").is_dir():
        unavailable("OHIF's code is not installed: npm ci in tests/node")
    return _run([program, str(NODE / script), *map(str, files)]).stdout


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)  # noqa: S603
    assert found.returncode == 0, found.stderr
    return found
