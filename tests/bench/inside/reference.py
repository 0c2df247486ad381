"""What Orthanc runs for the benchmarks, in the place of plugin/main.py: Reslice, and routes to compare it with."""

import ctypes
import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "plugin"))

import orthanc

change_handlers: list[Callable[..., None]] = []
register_on_change = orthanc.RegisterOnChangeCallback


def register_and_remember(handler: Callable[..., None]) -> None:
    """Reslice's handler of changes is what tells it that a series is gone."""
    change_handlers.append(handler)
    register_on_change(handler)


orthanc.RegisterOnChangeCallback = register_and_remember

import main  # noqa: E402, F401 - installs Reslice, as every server does
from reslice.host.archive import OrthancArchive  # noqa: E402 - main has made it known

STATUS, CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # proc(5): makes the peak of the resident memory its present value


def read_files(output: Any, uri: str, **request: Any) -> None:
    """Read every file of a series and do nothing with it: the floor below any way to load its pixels."""
    read = sum(len(orthanc.GetDicomForInstance(instance)) for instance in instances(request["groups"][0]))
    answer(output, {"Bytes": read})


@cache
def instances(series: str) -> list[str]:
    """Orthanc's identifiers; remembered, so that the loop above is bare from the second time on."""
    found: list[str] = json.loads(orthanc.RestApiGet(f"/series/{series}"))["Instances"]
    return found


def memory(output: Any, uri: str, **request: Any) -> None:
    """Resident memory of the server now and at its peak, in bytes.

    `reset` begins a new peak, after memory that is free, but kept for later, went back to the system.
    """
    if request["groups"][0] == "reset":
        ctypes.CDLL(None).malloc_trim(0)
        CLEAR_REFS.write_text(RESET_PEAK)
    status = STATUS.read_text()
    answer(output, {"Resident": in_bytes(status, "VmRSS"), "Peak": in_bytes(status, "VmHWM")})


def in_bytes(status: str, name: str) -> int:
    """A line of the process's status, in bytes."""
    found = re.search(rf"^{name}:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def pretend(output: Any, uri: str, **request: Any) -> None:
    """Let Reslice believe that several nodes share the index, or ask Orthanc again."""
    is_shared = request["groups"][0] == "shared"
    OrthancArchive._has_shared_index = (lambda self: True) if is_shared else really_shared
    answer(output, {"Shared": is_shared})


def forget(output: Any, uri: str, **request: Any) -> None:
    """Let Reslice believe that a series was deleted, so that it drops this one alone."""
    for handler in change_handlers:
        handler(orthanc.ChangeType.DELETED, orthanc.ResourceType.SERIES, request["groups"][0])
    answer(output, {"Forgotten": len(change_handlers)})


def answer(output: Any, body: object) -> None:
    """Answer 200 with JSON."""
    output.AnswerBuffer(json.dumps(body), "application/json")


really_shared = OrthancArchive._has_shared_index

orthanc.RegisterRestCallback("/bench/files/([^/]+)", read_files)
orthanc.RegisterRestCallback("/bench/memory/(now|reset)", memory)
orthanc.RegisterRestCallback("/bench/forget/([^/]+)", forget)
orthanc.RegisterRestCallback("/bench/index/(own|shared)", pretend)
