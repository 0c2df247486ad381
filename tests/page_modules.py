"""Functions of the viewer page's modules, called in Node with what Python has worked out."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared_data import unavailable

CALLER = Path(__file__).resolve().parent / "node" / "call.mjs"

Call = tuple[str, str, Sequence[Any]]
"""A module (`geometry/plane.js`), one of its functions, and what it is given: all that JSON can hold."""


def called(calls: Sequence[Call], folder: Path) -> list[Any]:
    """What the functions answer, in the order of the calls."""
    program = shutil.which("node") or unavailable("Node is not installed")
    asked = folder / "calls.json"
    told = [{"Module": module, "Function": name, "Arguments": list(given)} for module, name, given in calls]
    asked.write_text(json.dumps(told, allow_nan=False))
    command = [str(program), str(CALLER), str(asked)]
    found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)  # noqa: S603 - our own script
    assert found.returncode == 0, found.stderr
    answers: list[Any] = json.loads(found.stdout)
    return answers
