"""Run the API tests on the Orthanc of Debian 12, 13 and testing, each in a chroot of its own, as root.

The first run builds the chroots with debootstrap and takes minutes; a later one begins with the tests. They
lie in ~/.cache/reslice/matrix, or where RESLICE_MATRIX_DIR says. Mirror, apt and pip settings, proxies and
certificates are the machine's own, read at run time. The tests have no network but loopback. The results go
into docs/compatibility.md, unless arguments for pytest choose among the tests (all after --).
"""
# ruff: noqa: S603 - the commands are written below, and the PATH is the administrator's own

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chroots
import matrix_machine
from matrix_report import Result, record

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("RESLICE_SHARED", REPOSITORY.parent / "shared"))
CACHE = Path(os.environ.get("RESLICE_MATRIX_DIR", Path.home() / ".cache/reslice/matrix"))
TOOLS = chroots.TOOLS | {"git": "git"}
LONGEST_STEP = 3600  # seconds: a server that hangs must not hide the other generations


@dataclass(frozen=True)
class Generation:
    """A release of Debian, and with it of Orthanc, its Python plugin and CPython."""

    title: str
    suite: str

    @property
    def root(self) -> Path:
        """Where its chroot lies."""
        return CACHE / self.suite


GENERATIONS = {
    "debian12": Generation("Debian 12", "bookworm"),
    "debian13": Generation("Debian 13", "trixie"),
    "testing": Generation("Debian testing", "testing"),
}

# --- Commands in a chroot -----------------------------------------------------------------------------

# Where the working tree, the shared data and the dependencies lie in a chroot.
SOURCE, PACK, VENV = "/srv/reslice", "/srv/shared", "/srv/venv"

# A shell stays on top to reap what the tests leave behind. 8 GB are the most that a process may hold: one that
# goes astray must not take the machine with it.
ENTER = """
set -eu
ulimit -d 8388608
root=$1
shift
mount --bind "$root" "$root" # a mount point: without one, no test can have a mount namespace of its own
mount -t proc proc "$root/proc"
for folder in run tmp dev/shm; do mount -t tmpfs tmpfs "$root/$folder"; done
while [ "$1" != -- ]; do
    mkdir -p "$root$2"
    mount --bind -o ro "$1" "$root$2"
    shift 2
done
shift
chroot "$root" ip link set lo up
status=0
chroot "$root" env -C "$@" || status=$?
exit $status
"""


def run_inside(root: Path, *command: str, folders: dict[Path, str], network: bool = False) -> int:
    """Run a command in the working tree of a chroot, with `folders` to read, and return its exit status."""
    binds = [word for folder, place in folders.items() for word in (str(folder), place)]
    net = [] if network else ["--net"]
    shell = ["bash", "-c", ENTER, "matrix", str(root), *binds, "--", SOURCE]
    whole = [*chroots.NAMESPACES, *net, *shell, *command]
    return subprocess.run(whole, env=environment(), timeout=LONGEST_STEP, check=False).returncode


def environment() -> dict[str, str]:
    """Return the whole environment of a command in a chroot."""
    system = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    ours = {"RESLICE_VENV": VENV} | {key: os.environ[key] for key in ("CI",) if key in os.environ}
    return chroots.network_environment() | system | ours


# --- One generation -----------------------------------------------------------------------------------

INSTALL = """
scripts/setup --demo --test
"""
PARALLEL = ("--numprocesses", str(os.cpu_count() or 1), "--dist", "loadscope")
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "--junitxml=report.xml", *PARALLEL)
WHOLE = ("tests/api", "tests/orthanc")
VERSIONS = """
import json, platform, subprocess
from importlib.metadata import version
def package(name):
    query = ["dpkg-query", "--show", "--showformat=${Version}", name]
    return subprocess.run(query, check=True, stdout=subprocess.PIPE, text=True).stdout
found = [package("orthanc"), package("orthanc-python"), platform.python_version(), version("numpy")]
open("versions.json", "w").write(json.dumps(found))
"""


def copy_source(root: Path) -> None:
    """Copy the working tree into the chroot: what is committed, and what is new and not ignored."""
    target = root / SOURCE[1:]
    shutil.rmtree(target, ignore_errors=True)
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(listing, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)


def prepare(generation: Generation) -> None:
    """Make the chroot ready for the tests, with the project's own setup."""
    chroots.bootstrap(generation.root, generation.suite, "ca-certificates,iproute2")
    chroots.adopt_machine(generation.root)
    copy_source(generation.root)
    folders = {folder: str(folder) for folder in matrix_machine.pip_folders()}
    if run_inside(generation.root, "bash", "-euc", INSTALL, folders=folders, network=True):
        raise RuntimeError("the setup failed; its message stands above")


def run_tests(generation: Generation, chosen: list[str]) -> bool:
    """Run the tests and return whether all passed; the result of the whole goes into the document."""
    root, python = generation.root, f"{VENV}/bin/python"
    packs = [name for name in ("data", "data-large") if (SHARED / name).is_dir()]
    folders = {SHARED / name: f"{PACK}/{name}" for name in packs}
    status = run_inside(root, python, *PYTEST, *(chosen or WHOLE), folders=folders)
    report, versions = (root / SOURCE[1:] / name for name in ("report.xml", "versions.json"))
    if run_inside(root, python, "-c", VERSIONS, folders={}) or not report.exists():
        raise RuntimeError(f"there is no result: pytest ended with {status}")
    result = Result.from_junit(report)
    if not chosen:
        record(generation.title, json.loads(versions.read_text()), result)
    say(f"{generation.title}: {result.counts}")
    return status == 0


# --- The whole ----------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"matrix: {text}\n")


@contextlib.contextmanager
def only_run() -> Iterator[None]:
    """Hold the folder of the chroots against a second run."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"matrix: another run uses {CACHE}")
        yield


def passes(generation: Generation, chosen: list[str], *, fresh: bool) -> bool:
    """Take one generation through everything; what goes wrong there must not hide the others."""
    say(f"{generation.title} in {generation.root}")
    try:
        if fresh and generation.root.exists():
            shutil.rmtree(generation.root)
        prepare(generation)
        return run_tests(generation, chosen)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        say(f"{generation.title}: {error}")
        return False


def main() -> None:
    """Run what the command line names."""
    usage = "%(prog)s [--fresh] [GENERATION ...] [-- PYTEST ARGUMENT ...]"
    parser = argparse.ArgumentParser(prog="matrix", usage=usage, description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="build the chroots anew: testing moves on")
    parser.add_argument("generation", nargs="*", help=f"{', '.join(GENERATIONS)}; default: all of them")
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    arguments, chosen = parser.parse_args(words[:end]), words[end + 1 :]
    if unknown := [name for name in arguments.generation if name not in GENERATIONS]:
        parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(GENERATIONS)})")
    if refusal := chroots.refusal(TOOLS):
        sys.exit(f"matrix: {refusal}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("matrix: ended by a signal"))
    with only_run():
        names = arguments.generation or list(GENERATIONS)
        failed = [name for name in names if not passes(GENERATIONS[name], chosen, fresh=arguments.fresh)]
    if failed:
        sys.exit(f"matrix: failed on {', '.join(failed)}")


main()
