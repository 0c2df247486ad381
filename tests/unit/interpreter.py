"""A fresh interpreter, in which nothing has been imported or compiled yet."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


WITHOUT = (
    "import sys, runpy; sys.modules[sys.argv.pop(1)] = None; runpy.run_module(sys.argv.pop(1), run_name='__main__')"
)


def run_module(
    name: str, *arguments: str, memory: int | None = None, numba: bool = True, without: str | None = None
) -> str:
    """What `python -m name arguments` prints; it must succeed, within so many bytes of address space.

    `without` names a package that can't be imported there.
    """
    missing = without if numba else "numba"
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "plugin")])
    done = subprocess.run(  # noqa: S603
        [sys.executable, *(["-c", WITHOUT, missing] if missing else ["-m"]), name, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        preexec_fn=_limited_to(memory) if memory else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _limited_to(memory: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
