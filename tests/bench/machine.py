"""On what kind of machine it was measured; never on which one."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from bench.wire import Wire

PACKAGES = ("numpy", "numba", "pydicom", "SimpleITK", "scipy", "vtk")
BUSY = 0.7
"""Load from which other work disturbs the measurements."""


def machine(wire: Wire) -> dict[str, str | int | float]:
    """The processor, the system, and the versions of all that takes part."""
    return {
        "Processor": processor(),
        "Cores": cores(),
        "MemoryGiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "System": platform.freedesktop_os_release()["PRETTY_NAME"],
        "Orthanc": wire.json("/system")["Version"],
        "PythonPlugin": wire.json("/plugins/python")["Version"],
        "Python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def processor() -> str:
    """The model's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float:
    """How many processes wanted to run in the last minute."""
    return round(os.getloadavg()[0], 2)
