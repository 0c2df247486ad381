"""scripts/serve: what others' tools rely on."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from server import REPOSITORY, free_port

pytestmark = pytest.mark.slow

SERVE = REPOSITORY / "scripts" / "serve"
SECONDS_TO_ANSWER = 120  # with --demo, which makes all its studies
ALL_LOADED = "All 5 demonstration studies are here"


class Serving:
    """One run of scripts/serve."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.storage = folder / "a new folder" / "storage"
        self._output = folder / "output"
        command = [SERVE, "--no-install", "--http-port", str(port), "--storage", self.storage, *options]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)  # noqa: S603

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._output.read_text(errors="replace")

    def await_text(self, text: str) -> None:
        """Wait until it has printed a text."""
        end = time.monotonic() + SECONDS_TO_ANSWER
        while text not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < end, self.output
            time.sleep(0.05)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def serving(folder: Path, *options: str, port: int | None = None) -> Iterator[Serving]:
    """scripts/serve, ended whatever happens."""
    run = Serving(folder, port or free_port(), *options)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.end()


def configuration(folder: Path, content: dict) -> str:
    """A file for --config."""
    path = folder / "site.json"
    path.write_text(json.dumps(content))
    return str(path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_prints_its_links_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    with serving(tmp_path) as run:
        run.await_text(f"{run.url}/reslice")
        assert f"{run.url}/app/explorer.html" in run.output
        assert requests.get(f"{run.url}/reslice/health", timeout=10).json()["Status"] == "healthy"
        assert run.storage.is_dir()
        assert requests.get(f"{run.url}/reslice/cache", timeout=10).status_code == 200
        assert run.end(number) == 0
        assert "asked to end and did" not in run.output, "Orthanc crashed on its way out"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(run.url.rpartition(":")[2]))) != 0


def test_busy_port_is_a_clear_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with serving(tmp_path, port=taken.getsockname()[1]) as run:
            assert run.process.wait(30) == 1
            assert "--http-port" in run.output


def test_one_port_for_two_protocols_is_a_clear_error(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, "--dicom-port", str(port), port=port) as run:
        assert run.process.wait(30) == 1
        assert "--dicom-port" in run.output


def test_configuration_is_merged_deeply_and_401_counts_as_an_answer(tmp_path: Path) -> None:
    site = {
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"reader": "secret"},
        "Reslice": {"JpegQuality": 71},
        "Name": "Elsewhere",
    }
    with serving(tmp_path, "--config", configuration(tmp_path, site)) as run:
        run.await_text(f"{run.url}/reslice")
        assert requests.get(f"{run.url}/reslice", timeout=10).status_code == 401
        about = requests.get(f"{run.url}/reslice", auth=("reader", "secret"), timeout=10).json()
        assert about["Orthanc"]["Name"] == "Elsewhere"
        assert "secret" not in run.output


@pytest.mark.parametrize("section", [{"JpegQualitty": 80}, {"JpegQuality": 101}, []])
def test_a_setting_that_cannot_be_used_stops_the_start_with_its_name(tmp_path: Path, section: object) -> None:
    with serving(tmp_path, "--config", configuration(tmp_path, {"Reslice": section})) as run:
        assert run.process.wait(60) == 1
        assert 'Section "Reslice"' in run.output


@pytest.mark.slow
def test_demo_is_loaded_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo") as run:
        run.await_text(ALL_LOADED)
        before = requests.get(f"{run.url}/statistics", timeout=10).json()
        assert (before["CountPatients"], before["CountStudies"], before["CountSeries"]) == (4, 5, 5)
        assert before["CountInstances"] == 160 + 100 + 176 + 1 + 1
        links = [word for word in run.output.split() if word.startswith(run.url) and "#" not in word]
        assert len(links) > 20
        for link in links:
            assert requests.get(link, timeout=60).status_code == 200, link
        assert run.end() == 0
    with serving(tmp_path, "--demo") as again:
        again.await_text(ALL_LOADED)
        assert requests.get(f"{again.url}/statistics", timeout=10).json() == before


def test_no_environment_says_what_to_do(tmp_path: Path) -> None:
    command = [SERVE, "--no-install", "--http-port", str(free_port()), "--storage", tmp_path / "storage"]
    environment = {**os.environ, "RESLICE_VENV": str(tmp_path / "nothing")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)  # noqa: S603
    assert done.returncode != 0
    assert "scripts/setup" in done.stderr
