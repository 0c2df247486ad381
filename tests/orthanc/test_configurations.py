"""Servers that are configured otherwise: authentication, compression, a site's own script, wrong settings."""

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clients import OrthancClient, orthanc_ids
from drafts import body_of, on_image
from phantoms import Acquisition, noise, ramp
from server import REPOSITORY, Orthanc

Start = Callable[..., Orthanc]
SMALL = Acquisition(shape=(4, 32, 32), spacing=(2.0, 1.0, 1.0))

pytestmark = pytest.mark.slow

SITE_SCRIPT = """
import os, site, sys
minor = f"python3.{{sys.version_info.minor}}"
site.addsitedir(os.path.join(os.environ["RESLICE_VENV"], "lib", minor, "site-packages"))
sys.path.insert(0, {plugin!r})
import orthanc
import reslice.host.sdk

def hello(output, uri, **request):
    output.AnswerBuffer("hello from the site", "text/plain")

def changed(change, level, resource):
    orthanc.LogWarning(f"the site saw change {{change}}")

orthanc.RegisterRestCallback("/site/hello", hello)
orthanc.RegisterOnChangeCallback(changed)
reslice.host.sdk.install(change_callback=False)  # Orthanc has room for one, the site's own
"""


def test_authentication_guards_our_routes(start_orthanc: Start) -> None:
    users = {"alice": "correct horse", "bob": "battery"}
    server = start_orthanc(credentials=("alice", "correct horse"), AuthenticationEnabled=True, RegisteredUsers=users)
    alice, nobody, mallory = (
        server.client(),
        OrthancClient(server.url),
        OrthancClient(server.url, ("alice", "wrong")),
    )
    series = alice.store_series(noise(SMALL))
    paths = ["/reslice", "/reslice/health", "/reslice/cache", f"/series/{series}/mpr/axial"]
    paths += [f"/series/{series}/slices/0", f"/series/{series}/thumbnail", f"/series/{series}/volumes"]
    for path in paths:
        assert alice.get(path).status == 200
        assert mallory.get(path).status == 401
        assert nobody.get(path).status == 401
    confirmed = {"Reslice-Confirm": "1"}
    assert mallory.delete("/reslice/cache", headers=confirmed).status == 401
    assert alice.delete("/reslice/cache", headers=confirmed).status == 200
    assert alice.get(f"/series/{series}/mpr/axial?nonsense=1").status == 400
    nobody.close()
    mallory.close()
    for secret in ("correct horse", b64encode(b"alice:correct horse").decode(), "Authorization"):
        assert secret not in server.log


def test_compressing_server_sends_the_same_bytes(start_orthanc: Start, real: OrthancClient) -> None:
    squeezed = start_orthanc(HttpCompressionEnabled=True).client()
    files = noise(SMALL)
    series = real.store_series(files)
    assert squeezed.store_series(files) == series
    for route in (
        "slices/1?format=npy",
        "slices/1?format=raw",
        "slices/1",
        "mpr/coronal?format=raw",
        "volumes",
    ):
        answers = [client.get(f"/series/{series}/{route}") for client in (squeezed, real)]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content


def test_sites_own_script_can_install_us(start_orthanc: Start, tmp_path: Path) -> None:
    script = tmp_path / "site_script.py"
    script.write_text(SITE_SCRIPT.format(plugin=str(REPOSITORY / "plugin")))
    server = start_orthanc(PythonScript=str(script))
    client = server.client()
    assert client.get("/site/hello").content == b"hello from the site"
    series = client.store_series(ramp(2, SMALL))
    values = client.get(f"/series/{series}/mpr/coronal", format="npy").array()
    assert np.isfinite(values).all()
    assert client.get("/reslice").status == 200
    assert "the site saw change" in server.log


SITE_EXPLORER = re.search(
    r"```\n(import orthanc\n.*?)```", (REPOSITORY / "docs/explorer.md").read_text("utf-8"), re.DOTALL
)[1]
"""What the documentation tells a site to write."""


def test_sites_own_script_keeps_its_place_in_the_explorer(start_orthanc: Start, tmp_path: Path) -> None:
    script = tmp_path / "site_script.py"
    own = tmp_path / "own.js"
    own.write_text("/* the site's own */ ")
    preamble = SITE_SCRIPT.partition("import orthanc")[0].format(plugin=str(REPOSITORY / "plugin"))
    assert "/etc/orthanc/own.js" in SITE_EXPLORER
    script.write_text(preamble + SITE_EXPLORER.replace("/etc/orthanc/own.js", str(own)))
    client = start_orthanc(PythonScript=str(script)).client()
    served = client.get("/plugins/explorer.js").content.decode()
    assert served.count("/* the site's own */ /* Reslice in Orthanc Explorer") == 1
    assert client.get("/plugins/python").json()["RootUri"] == "../own/page"


def test_explorer_gets_our_script_once(start_orthanc: Start) -> None:
    client = start_orthanc().client()
    assert client.get("/plugins/explorer.js").content.decode().count("Reslice in Orthanc Explorer") == 1
    assert client.get("/plugins/python").json()["RootUri"] == "../reslice/viewer/index.html"


@pytest.mark.parametrize(
    ("setting", "is_there", "is_linked"), [("ExplorerButtons", False, True), ("ViewerLink", True, False)]
)
def test_each_part_of_the_explorer_has_a_switch(
    start_orthanc: Start, setting: str, is_there: bool, is_linked: bool
) -> None:
    client = start_orthanc(Reslice={setting: False}).client()
    assert (b"Reslice in Orthanc Explorer" in client.get("/plugins/explorer.js").content) is is_there
    assert ("RootUri" in client.get("/plugins/python").json()) is is_linked
    assert client.get("/reslice/viewer/index.html").status == 200


BUSY_SITE_SCRIPT = (
    SITE_SCRIPT.partition("def changed")[0]
    + """
def permitted(uri, **request):
    return not uri.endswith("/mpr/sagittal")

def changed(change, level, resource):
    orthanc.LogWarning(f"the site saw change {{change}}")
    ours(change, level, resource)

orthanc.RegisterRestCallback("/site/hello", hello)
orthanc.RegisterIncomingHttpRequestFilter(permitted)
ours = reslice.host.sdk.ChangeHandler(reslice.host.sdk.install(change_callback=False))
orthanc.RegisterOnChangeCallback(changed)
{end}
"""
)


def started_by_site(start_orthanc: Start, folder: Path, end: str = "") -> Orthanc:
    script = folder / "busy_site.py"
    script.write_text(BUSY_SITE_SCRIPT.format(plugin=str(REPOSITORY / "plugin"), end=end))
    return start_orthanc(PythonScript=str(script))


def test_sites_own_callbacks_work_beside_ours(start_orthanc: Start, tmp_path: Path) -> None:
    server = started_by_site(start_orthanc, tmp_path)
    client = server.client()
    assert client.get("/site/hello").content == b"hello from the site"
    files = noise(SMALL)
    series = client.store_series(files)
    assert client.get(f"/series/{series}/mpr/axial").status == 200
    assert client.get(f"/series/{series}/mpr/sagittal").status == 403
    ids = orthanc_ids(files[0])
    path = f"/studies/{ids['studies']}/measurements"
    assert client.post(path, body_of(on_image(ids["instances"], [(0, 0), (9, 0)]))).status == 201
    assert series in client.get("/reslice/cache").content.decode()
    assert client.delete(f"/series/{series}").status == 200
    deadline = time.monotonic() + 10
    while series in client.get("/reslice/cache").content.decode():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "the site saw change" in server.log


def test_sites_script_that_fails_after_installing_us_says_so(start_orthanc: Start, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as failure:
        started_by_site(start_orthanc, tmp_path, end='raise ValueError("the mistake of the site")')
    assert "the mistake of the site" in str(failure.value)
    assert "busy_site" in str(failure.value)


def test_settings_take_effect(start_orthanc: Start) -> None:
    settings = {
        "LargestSide": 100,
        "ThumbnailSize": 16,
        "PassThroughParameters": ["key"],
        "WindowPresets": {"CT": [{"Name": "stroke", "Center": 35, "Width": 35}]},
        "AllowedOrigins": ["https://viewer.example"],
    }
    client = start_orthanc(Reslice=settings).client()
    series = client.store_series(noise(SMALL))
    path = f"/series/{series}/mpr/axial"
    assert client.get(path, width=101).status == 400
    assert client.get(path, width=100).status == 200
    assert client.get(path, key="x").status == 200
    assert client.get(f"{path}?token=x").status == 400
    assert client.get(path, preset="stroke").told("Reslice-Window")["Width"] == 35
    assert client.get(f"/series/{series}/thumbnail").picture().shape == (16, 16)
    headers = {"Reslice-Confirm": "1", "Origin": "https://viewer.example"}
    assert client.delete("/reslice/cache", headers=headers).status == 200


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ({"LargestSize": 100}, "LargestSize"),
        ({"JpegQuality": 500}, "JpegQuality"),
        ({"PassThroughParameters": ["token", "window-center"]}, "window-center"),
        ({"AllowedOrigins": ["https://viewer.example/"]}, "AllowedOrigins"),
        ({"LargestSide": "x"}, "LargestSide"),
    ],
)
def test_wrong_settings_stop_the_start_and_say_why(start_orthanc: Start, section: dict, word: str) -> None:
    with pytest.raises(RuntimeError) as failure:
        start_orthanc(Reslice=section)
    assert word in str(failure.value)
    assert json.dumps("Reslice") in str(failure.value)
