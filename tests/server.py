"""A real Orthanc for the tests: started, polled until it answers, ended by its handle."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from clients import OrthancClient

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 20
COMPILE_SECONDS = 600
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
ROOM = 4 << 30
"""Bytes that have to be free in memory before a server's files are kept there."""
PLUGINS = ("Python", "Gdcm", "DicomWeb", "PostgreSQLIndex", "PostgreSQLStorage")
DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM")  # a run that is killed leaves no server behind


class Orthanc:
    """One running server: its client, its log, its handle."""

    def __init__(
        self,
        folder: Path,
        configuration: Mapping[str, object],
        credentials: tuple[str, str] | None,
        probe: str,
        launcher: Sequence[str] = (),
    ) -> None:
        self.url = f"http://127.0.0.1:{configuration['HttpPort']}"
        self.storage = folder / "storage"
        self._log = folder / "orthanc.log"
        self._probe = probe
        self._mark = 0
        self._credentials = credentials
        self._clients: list[OrthancClient] = []
        file = folder / "orthanc.json"
        file.write_text(json.dumps(configuration))
        self._folder = folder
        self._command = [*DIES_WITH_US, *launcher, executable(), str(file)]
        self._process = self._started("wb")

    def _started(self, mode: str) -> subprocess.Popen[bytes]:
        with self._log.open(mode) as log:
            return subprocess.Popen(  # noqa: S603
                self._command, cwd=self._folder, stdout=log, stderr=log, env=environment()
            )

    def client(self) -> OrthancClient:
        """A client with connections of its own, closed with the server."""
        self._clients.append(OrthancClient(self.url, self._credentials))
        return self._clients[-1]

    def emptied(self) -> OrthancClient:
        """The same, after all patients and all volumes in memory are gone."""
        client = self.client()
        client.clear()
        return client

    @property
    def log(self) -> str:
        """Everything that the server has printed."""
        return self._log.read_text(errors="replace")

    def mark(self) -> None:
        """A test begins here: `recent_log` is what comes after."""
        self._mark = self._log.stat().st_size

    @property
    def recent_log(self) -> str:
        """What has been printed since the mark."""
        if not self._log.exists():
            return "the server and its log are gone"
        return self._log.read_bytes()[self._mark :].decode(errors="replace")[-4000:]

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def status(self, seconds: float) -> int:
        """Its exit status, for which so long is waited; raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)

    def wait(self) -> None:
        """Poll until the probed route answers."""
        client, deadline = self.client(), time.monotonic() + START_SECONDS
        while not self._answers(client):
            if not self.alive or time.monotonic() > deadline:
                raise RuntimeError(f"Orthanc did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)

    def wait_for_kernels(self) -> None:
        """Poll until requests no longer wait for the compiler: minutes, on a busy machine and with nothing kept."""
        client, deadline = self.client(), time.monotonic() + COMPILE_SECONDS
        while b"Being compiled" in client.get("/reslice/health").content:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernels are not compiled after {COMPILE_SECONDS} s")
            time.sleep(0.2)

    def _answers(self, client: OrthancClient) -> bool:
        try:
            return client.get(self._probe).status == 200
        except OSError:  # requests' own errors are OSErrors
            return False

    def end(self) -> None:
        """Tell it to end, as its operator would; Orthanc takes two seconds for that."""
        for client in self._clients:
            client.close()
        self._process.terminate()

    def kill(self) -> None:
        """End it in the middle of whatever it does, as a failing machine would (SIGKILL)."""
        for client in self._clients:
            client.close()
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it anew on the same folder and port, after it has been ended or killed."""
        self.reap()
        self._process = self._started("ab")
        self.wait()

    @property
    def root(self) -> Path:
        """The file system as the server sees it: it may have been started in one of its own."""
        return Path(f"/proc/{self._process.pid}/root")

    def reap(self) -> None:
        """Wait until it has ended; kill it only if it doesn't obey."""
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder in memory where there is room, else on the disk: deleting a study takes 2 ms there, not 50."""
    is_roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with TemporaryDirectory(prefix="reslice-tests-", dir=MEMORY if is_roomy else None) as folder:
        yield Path(folder)


@contextmanager
def running_orthanc(
    folder: Path,
    credentials: tuple[str, str] | None = None,
    probe: str = "/reslice/health",
    **changes: object,
) -> Iterator[Orthanc]:
    """Start an Orthanc in a folder; `changes` are put over the repository's orthanc.json."""
    with Servers(lambda: folder) as servers, servers.running(credentials, probe, **changes) as server:
        yield server


class Servers:
    """Starts servers, and waits for their ends only when all of them are no longer needed."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._started: list[Orthanc] = []

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._started:
            server.reap()

    @contextmanager
    def running(
        self,
        credentials: tuple[str, str] | None = None,
        probe: str = "/reslice/health",
        launcher: Sequence[str] = (),
        **changes: object,
    ) -> Iterator[Orthanc]:
        """Start one, in a folder of its own; a `launcher` is a command that becomes the one behind it."""
        folder = self._new_folder()
        server = Orthanc(folder, configuration(folder, changes), credentials, probe, launcher)
        self._started.append(server)
        try:
            server.wait()
            yield server
        finally:
            server.end()


def configuration(folder: Path, changes: Mapping[str, object]) -> dict[str, object]:
    """The repository's orthanc.json, moved to free ports and a folder of its own."""
    own: dict[str, object] = {
        "HttpPort": free_port(),
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "PythonScript": str(REPOSITORY / "plugin" / "main.py"),
        "Plugins": needed_plugins(),
    }
    text = (REPOSITORY / "orthanc.json").read_text()
    return {**json.loads(without_comments(text)), **own, **changes}


def shared_database(connection: str, name: str) -> dict[str, object]:
    """What a node needs to keep index and files in a PostgreSQL together with other nodes."""
    return {
        "DatabaseServerIdentifier": name,  # from 1.11.1; before, Orthanc derives one from its port, among others
        "PostgreSQL": {
            "EnableIndex": True,
            "EnableStorage": True,
            "ConnectionUri": connection,
            "Lock": False,  # or the second node is refused
            "IndexConnectionsCount": 5,  # 4.0 would use one, which its clients had to share
        },
    }


def without_comments(text: str) -> str:
    """JSON as Orthanc reads it, without its comments; strings are left alone."""
    pattern = r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/'
    return re.sub(pattern, lambda match: match[1] or "", text, flags=re.DOTALL)


def executable() -> str:
    """Orthanc, from `RESLICE_ORTHANC` or the PATH (Debian puts it into /usr/sbin)."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    found = os.environ.get("RESLICE_ORTHANC") or shutil.which("Orthanc", path=path)
    if not found:
        raise RuntimeError("Orthanc is not installed: see scripts/setup, or set RESLICE_ORTHANC")
    return found


def plugins_folder() -> str:
    """Where the Python plugin lies."""
    return os.environ.get("RESLICE_ORTHANC_PLUGINS", "/usr/share/orthanc/plugins")


def needed_plugins() -> list[str]:
    """The plugins that the tests need: others, such as the web viewer, take a second of each start and work on."""
    files = [Path(plugins_folder()) / f"libOrthanc{name}.so" for name in PLUGINS]
    return [str(file) for file in files if file.exists()]


def environment() -> dict[str, str]:
    """The plugin gets the dependencies of the Python that runs the tests; nothing goes out by a proxy."""
    return {**os.environ, "RESLICE_VENV": os.environ.get("RESLICE_VENV", sys.prefix)}


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
