"""The samples of README and docs/ run as they stand there, against a real Orthanc."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from clients import OrthancClient
from documented import FILES, IDS, PLACES, ROOT, Sample, at, samples
from server import Orthanc

NODE = shutil.which("node")
PICTURES = {".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".webp": b"RIFF", ".nii": b"\x5c\x01\x00\x00", ".nrrd": b"NRRD"}
"""How the files begin that samples write."""
SCRIPTS = [one for one in samples("python") if "/opt/reslice" in one.code]
"""Samples that Orthanc itself runs."""
Start = Callable[..., Orthanc]


def run(command: Sequence[str], folder: Path) -> str:
    """Run a sample; what it prints."""
    environment = {**os.environ, **PLACES, "NO_PROXY": "*", "no_proxy": "*", "HOME": str(folder)}
    done = subprocess.run(  # noqa: S603 - the samples of our own documents
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def command(sample: Sample, server: Orthanc) -> list[str]:
    """How a sample is run by itself."""
    code = at(server, sample.code)
    return {
        "bash": ["bash", "-euo", "pipefail", "-c", code],
        "python": [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code],
        "javascript": [NODE or "node", "--input-type=module", "-e", code],
    }[sample.language]


def assert_files(folder: Path) -> None:
    """Files that a sample has written are what their names say."""
    for file in folder.iterdir():
        if file.suffix in PICTURES:
            assert file.read_bytes().startswith(PICTURES[file.suffix]), file.name


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("sample", [one for one in samples("bash") + samples("python") if one not in SCRIPTS], ids=str)
def test_samples_run(sample: Sample, documented_server: Orthanc, tmp_path: Path) -> None:
    printed = run(command(sample, documented_server), tmp_path)
    if "# 304" in sample.code:
        assert printed.strip() == "304"
    if "unknown-parameter" in sample.code:
        assert json.loads(printed)["Reason"] == "unknown-parameter"
    assert_files(tmp_path)


@pytest.mark.parametrize("sample", samples("bash", "user") + samples("python", "user"), ids=str)
def test_samples_with_a_user_run(sample: Sample, guarded_server: Orthanc, tmp_path: Path) -> None:
    assert run(command(sample, guarded_server), tmp_path).strip()


@pytest.mark.parametrize("sample", samples("bash", "user") + samples("python", "user"), ids=str)
def test_samples_with_a_user_need_him(sample: Sample, guarded_server: Orthanc, tmp_path: Path) -> None:
    """What the test above relies on: with another password they end with an error."""
    wrong = Sample(**{**vars(sample), "code": sample.code.replace("a-long-password", "wrong")})
    with pytest.raises(AssertionError):
        run(command(wrong, guarded_server), tmp_path)


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.parametrize("sample", samples("javascript"), ids=str)
def test_modules_run_in_node(sample: Sample, documented_server: Orthanc, tmp_path: Path) -> None:
    assert run(command(sample, documented_server), tmp_path).strip()


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.parametrize("sample", samples("javascript", "user"), ids=str)
def test_modules_with_a_user_run_in_node(sample: Sample, guarded_server: Orthanc, tmp_path: Path) -> None:
    assert run(command(sample, guarded_server), tmp_path).startswith("200 ")


# --- Configurations and scripts of Orthanc --------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples("json"), ids=str)
def test_configurations_start_a_server(sample: Sample, start_orthanc: Start, tmp_path: Path) -> None:
    changes = json.loads(sample.code)
    for key, name in (("LuaScripts", "/etc/orthanc/"),):
        changes |= {key: [str(tmp_path / path.removeprefix(name)) for path in changes[key]]} if key in changes else {}
    for script in samples("lua"):
        (tmp_path / "filter.lua").write_text(script.code)
    users = changes.get("RegisteredUsers", {})
    if users and "AuthenticationEnabled" not in changes:
        changes["AuthenticationEnabled"] = True  # as RemoteAccessAllowed, or a file beside it, does
    server = start_orthanc(credentials=next(iter(users.items()), None), **changes)
    assert server.client().get("/reslice").status == 200
    assert not users or OrthancClient(server.url).get("/reslice").status == 401


@pytest.mark.parametrize("sample", SCRIPTS, ids=str)
def test_script_of_a_site_runs(sample: Sample, start_orthanc: Start, tmp_path: Path) -> None:
    virtual_environment = os.environ.get("RESLICE_VENV", sys.prefix)
    code = sample.code.replace("/opt/reslice/.venv", virtual_environment).replace("/opt/reslice", str(ROOT))
    script = tmp_path / "script.py"
    script.write_text(code)
    client = start_orthanc(PythonScript=str(script)).client()
    client.store(FILES)
    assert client.get(f"/series/{IDS['series']}/mpr/axial").picture().any()
