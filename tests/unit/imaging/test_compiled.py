"""Kernels are kept on disk, whoever the plugin's folder belongs to, and nowhere that others may write."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest

from reslice.imaging.compiled import arithmetic, private_folder
from unit.house import PACKAGE

NOBODY = 65534
ONE_KERNEL = (
    "import json\n"
    "from reslice.imaging.kernels import _nearer as kernel\n"
    "kernel((1, 2, 0.75))\n"
    "print(json.dumps([sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())]))\n"
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="reslice-test-"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def plugin(place: Path) -> Path:
    """A copy of the package that may only be read."""
    shutil.copytree(PACKAGE, place / "plugin/reslice", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (place / "plugin").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return place / "plugin"


def hits_and_misses(plugin: Path, temporary: Path) -> list[int]:
    """What the disk cache said when one kernel was called, by a user without a home who may write one folder."""
    environment = {"PYTHONPATH": str(plugin), "TMPDIR": str(temporary), "XDG_CACHE_HOME": "/proc/nowhere"}
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", ONE_KERNEL],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **nobody,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_user_without_a_home_compiles_once(plugin: Path, place: Path) -> None:
    """The package is read-only, HOME isn't set: the second start finds what the first has compiled."""
    temporary = place / "temporary"
    temporary.mkdir()
    temporary.chmod(0o1777)
    assert hits_and_misses(plugin, temporary) == [0, 1]
    assert hits_and_misses(plugin, temporary) == [1, 0]
    assert [path.name.rpartition("-")[0] for path in temporary.iterdir()] == ["reslice-kernels"]
    assert not list(plugin.rglob("__pycache__"))


def test_without_any_place_kernels_run_all_the_same(plugin: Path, place: Path) -> None:
    """Even the temporary files are out of reach: compiled anew each time, no cache asked."""
    locked = place / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    (locked / f"reslice-kernels-{NOBODY if os.getuid() == 0 else os.getuid()}").write_text("in the way")
    assert hits_and_misses(plugin, locked) in ([0, 0], [0, 1])


def test_a_folder_of_ones_own_is_made_once(tmp_path: Path) -> None:
    folder = private_folder(tmp_path)
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_folder(tmp_path) == folder


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = private_folder(tmp_path)
    assert folder is not None
    folder.chmod(0o777)
    assert private_folder(tmp_path) is None


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"reslice-kernels-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    assert private_folder(tmp_path) is None


def test_where_no_folder_can_be_made_there_is_none(tmp_path: Path) -> None:
    assert private_folder(tmp_path / "missing") is None
    (tmp_path / f"reslice-kernels-{os.getuid()}").write_text("a file in the way")
    assert private_folder(tmp_path) is None


def test_another_processor_is_another_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    before = arithmetic()
    monkeypatch.setattr(numba.config, "CPU_NAME", "nehalem")
    assert arithmetic() != before
