"""LibreOffice without a window: what a spreadsheet program makes of our files."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
NEEDS_OFFICE = pytest.mark.skipif(
    SOFFICE is None and os.environ.get("CI") != "true", reason="LibreOffice (libreoffice-calc-nogui) is not installed"
)
"""In CI its absence is a failure."""

COMMA, SEMICOLON = 44, 59


def csv_filter(separator: int = COMMA) -> str:
    """How LibreOffice reads and writes CSV: quoted by ", UTF-8, values as they are, formulas of the text evaluated."""
    return f"Text - txt - csv (StarCalc):{separator},34,76,1,,0,false,false,false,false,false,-1,true"


def converted(source: Path, to: str, folder: Path, *, reads: str | None = None) -> list[Path]:
    """The files that LibreOffice makes of `source`, with a profile of its own under `folder`."""
    assert SOFFICE is not None, "LibreOffice is not installed"
    out = folder / "converted"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    reading = [f"--infilter={reads}"] if reads else []
    command = [SOFFICE, profile, "--headless", *reading, "--convert-to", to, "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603
    files = sorted(out.glob("*")) if out.is_dir() else []
    assert done.returncode == 0, done.stderr
    assert files, done.stderr
    return files
