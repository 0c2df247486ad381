"""The samples of README and docs/ run as they stand there, against a real Orthanc."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbclient
import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

from clients import OrthancClient, orthanc_ids
from documented import ROOT, Sample, samples
from phantoms import Acquisition, noise
from server import Orthanc, Servers

FILES = noise(Acquisition(shape=(6, 32, 32)))
IDS = orthanc_ids(FILES[0])
PLACES = {"STUDY": IDS["studies"], "SERIES": IDS["series"], "INSTANCE": IDS["instances"]}
"""What stands for an identifier in a sample: variables of a shell, words of a page."""
ALICE = ("alice", "a-long-password")
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium")
PICTURES = {".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".webp": b"RIFF", ".nii": b"\x5c\x01\x00\x00", ".nrrd": b"NRRD"}
"""How the files begin that samples write."""
SCRIPTS = [one for one in samples("python") if "/opt/reslice" in one.code]
"""Samples that Orthanc itself runs."""
Start = Callable[..., Orthanc]


@pytest.fixture
def documented_server(orthanc: Orthanc, real: OrthancClient) -> Orthanc:
    """A server that holds one small series."""
    real.store(FILES)
    return orthanc


@pytest.fixture(scope="module")
def guarded_server(servers: Servers) -> Iterator[Orthanc]:
    """A server that knows the user of the samples."""
    with servers.running(ALICE, AuthenticationEnabled=True, RegisteredUsers=dict([ALICE])) as server:
        server.client().store(FILES)
        yield server


def at(server: Orthanc, code: str) -> str:
    """The code, with this server's port."""
    return code.replace("localhost:8042", f"localhost:{server.url.rpartition(':')[2]}")


def run(command: Sequence[str], folder: Path) -> str:
    """Run a sample; what it prints."""
    environment = {**os.environ, **PLACES, "NO_PROXY": "*", "no_proxy": "*", "HOME": str(folder)}
    done = subprocess.run(  # noqa: S603
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


# --- In a browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server"])
        yield browser
        browser.close()


@pytest.mark.parametrize("sample", samples("javascript"), ids=str)
def test_modules_run_in_a_page_of_the_server(sample: Sample, documented_server: Orthanc, browser: Browser) -> None:
    page, printed, errors = browser.new_page(), [], []
    page.on("console", lambda message: printed.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{documented_server.url}/app/explorer.html", wait_until="domcontentloaded")
    printed.clear()
    done = f"{sample.code}\nwindow.sampleIsDone = true;"
    page.add_script_tag(content=done, type="module")
    page.wait_for_function("window.sampleIsDone")
    assert len(printed) >= 3
    assert errors == []
    page.close()


class QuietFiles(SimpleHTTPRequestHandler):
    """A web server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """The address of another web server, which serves a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def page_of(sample: Sample, server: Orthanc) -> str:
    """A sample in HTML, with what stands for identifiers filled in."""
    return re.sub(r"\b(STUDY|SERIES|INSTANCE)\b", lambda word: PLACES[word[1]], at(server, sample.code))


SIZES = "() => [...document.images].map(image => [image.naturalWidth, image.complete, image.loading])"


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_show_on_a_page_of_another_site(
    sample: Sample, documented_server: Orthanc, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page_of(sample, documented_server))
    with other_site(tmp_path) as address:
        page = browser.new_page(viewport={"width": 800, "height": 600})
        page.goto(f"{address}/page.html", wait_until="load")
        first = page.evaluate(SIZES)
        assert [width > 0 for width, _, _ in first] == [loading != "lazy" for _, _, loading in first]
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")
        assert max(width for width, _, _ in page.evaluate(SIZES)) <= 256
        page.close()


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_stay_empty_without_a_password(
    sample: Sample, guarded_server: Orthanc, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page_of(sample, guarded_server))
    with other_site(tmp_path) as address:
        page, statuses = browser.new_page(), []
        page.on("response", lambda response: statuses.append((response.url, response.status)))
        page.goto(f"{address}/page.html", wait_until="load")
        asked = {status for url, status in statuses if not url.startswith(address)}
        assert asked == {401}
        assert [width for width, _, _ in page.evaluate(SIZES) if width] == []
        page.close()


@pytest.mark.parametrize("sample", samples("html"), ids=str)
def test_image_tags_show_on_a_page_of_the_server_itself(
    sample: Sample, guarded_server: Orthanc, browser: Browser
) -> None:
    """The browser sends the password that it was given for the page."""
    name, password = ALICE
    context = browser.new_context(http_credentials={"username": name, "password": password})
    page = context.new_page()
    page.goto(f"{guarded_server.url}/system".replace("127.0.0.1", "localhost"))
    page.set_content(page_of(sample, guarded_server), wait_until="load")
    assert page.evaluate(SIZES)[0][0] > 0
    context.close()


# --- In a notebook --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples("python", "notebook"), ids=str)
def test_cells_show_a_picture(sample: Sample, documented_server: Orthanc, tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(at(documented_server, sample.code))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    kernel = {"kernel_name": "python3", "resources": {"metadata": {"path": str(tmp_path)}}}
    nbclient.NotebookClient(notebook, timeout=120, **kernel).execute()
    shown = [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
    assert [base64.b64decode(picture)[:4] for picture in shown] == [b"\x89PNG"]


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
