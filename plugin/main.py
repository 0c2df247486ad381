"""What Orthanc's "PythonScript" names: find the dependencies, then install Reslice."""

import os
import sys
from pathlib import Path

MINIMUM = (3, 11)

if sys.version_info < MINIMUM:
    raise ImportError(f"Reslice needs Python {'.'.join(map(str, MINIMUM))} or later, this is {sys.version}")

home = Path(__file__).resolve().parent
environment = Path(os.environ.get("RESLICE_VENV") or home.parent / ".venv")
packages = environment / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
sys.path[1:1] = [str(packages)]  # before the system's own packages, of whatever version they are

try:
    from reslice.host import sdk
except ImportError as error:
    raise ImportError(
        f"Reslice can't start: {error}. Its dependencies belong into a virtual environment made with "
        f"{sys.version_info[0]}.{sys.version_info[1]} of /usr/bin/python3, in {environment} or in $RESLICE_VENV."
    ) from error

sdk.install()
