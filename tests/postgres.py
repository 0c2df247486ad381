"""A real PostgreSQL for the tests: a cluster of its own in a temporary folder, gone with whoever started it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 30
PROGRAMS = Path("/usr/lib/postgresql")
SERVANT = "postgres"  # PostgreSQL refuses to run as root; Debian's package brings this user
INITDB = ("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# The shell outlives a test run that is killed for as long as it takes to end the server and to clear up.
SUPERVISOR = """
folder=$1
shift
trap 'kill -INT "$server"' TERM INT
"$@" &
server=$!
until wait "$server" || ! kill -0 "$server" 2>/dev/null; do :; done
rm -rf "$folder"
"""


class Postgres:
    """One running cluster: databases are made in it, and it lives as long as its handle."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._process = process
        self._databases = 0

    def new_database(self) -> str:
        """Make an empty database, and tell its connection string."""
        self._databases += 1
        name = f"orthanc{self._databases}"
        run("createdb", "--host", str(self._folder), "--username", "orthanc", name)
        return f"postgresql:///{name}?host={self._folder}&user=orthanc"

    def wait(self) -> None:
        """Poll until it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._folder):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-4000:]}")
            time.sleep(0.05)

    def end(self) -> None:
        """End it, whoever is still connected, and wait for that."""
        self._process.terminate()
        self._process.wait(STOP_SECONDS)


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Start a cluster; only a durable one writes as carefully as it would for its users, and takes its time for it."""
    folder = Path(tempfile.mkdtemp(prefix="reslice-postgres-"))  # pytest's own folders are closed to other users
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVANT, SERVANT)
        run("initdb", "--pgdata", str(folder / "data"), "--username", "orthanc", *INITDB)
        server = Postgres(folder, start(folder, {} if durable else HASTY))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        server.wait()
        yield server
    finally:
        server.end()


def start(folder: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server of a cluster, reachable by a socket in its folder alone."""
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), **settings}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = as_servant(program("postgres"), "-D", str(folder / "data"), *options)
    command = ["setpriv", "--pdeathsig", "TERM", "sh", "-c", SUPERVISOR, "supervisor", str(folder), *server]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd="/", stdout=log, stderr=log)  # noqa: S603


def run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs to its end."""
    subprocess.run(  # noqa: S603
        as_servant(program(name), *arguments), cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=START_SECONDS
    )


def answers(folder: Path) -> bool:
    """Whether the server whose socket lies in the folder takes connections."""
    command = [program("pg_isready"), "--quiet", "--host", str(folder)]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def as_servant(*command: str) -> list[str]:
    """The command, run by a user whom PostgreSQL accepts."""
    change = ["setpriv", f"--reuid={SERVANT}", f"--regid={SERVANT}", "--clear-groups"]
    return [*(change if os.geteuid() == 0 else []), *command]


def program(name: str) -> str:
    """One of the programs of the newest PostgreSQL that is installed."""
    found = sorted(PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is not installed: see scripts/setup")
    return str(found[-1])
