"""No route of Orthanc's own is replaced by one of ours: a callback would do that without a word."""

import json
import re
import subprocess
from itertools import zip_longest

import pytest

from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition, noise
from reslice.web.routes import ROUTES
from server import Servers, environment, executable, free_port

# Orthanc leaves out of its OpenAPI what it can't illustrate without the network, and says so in its log.
UNDOCUMENTED = re.compile(r"Ignoring URI without API documentation: (?:GET|POST|PUT|DELETE) (\S+)")
METHODS = {"get", "post", "put", "delete"}


@pytest.fixture(scope="module")
def core_paths(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The template of every route that the installed Orthanc registers itself."""
    folder = tmp_path_factory.mktemp("openapi")
    document, file = folder / "openapi.json", folder / "orthanc.json"
    file.write_text(json.dumps({"StorageDirectory": str(folder), "Plugins": [], "HttpPort": free_port()}))
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    run = subprocess.run(  # noqa: S603
        [executable(), f"--openapi={document}", str(file)],
        env={**environment(), **nowhere},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert document.exists(), run.stderr[-2000:]
    return set(json.loads(document.read_text())["paths"]) | set(UNDOCUMENTED.findall(run.stderr))


def collide(one: str, other: str) -> bool:
    """Whether some path fits both templates."""
    pairs = zip_longest(one.strip("/").split("/"), other.strip("/").split("/"))
    return all(None not in pair and (pair[0] == pair[1] or any("{" in part for part in pair)) for pair in pairs)


def test_orthanc_tells_all_its_routes(core_paths: set[str]) -> None:
    assert len(core_paths) > 150
    for known in ("/series/{id}", "/series/{id}/study", "/instances/{id}/preview", "/system", "/tools/find"):
        assert any(collide(known, path) for path in core_paths), known


def test_comparison_would_see_a_replaced_route(core_paths: set[str]) -> None:
    for replaced in ("/series/{id}/study", "/instances/{uuid}/frames/{n}/preview", "/patients"):
        assert any(collide(replaced, path) for path in core_paths)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_route_is_ours_alone(core_paths: set[str], route: object) -> None:
    assert not {path for path in core_paths if collide(route.template, path)}


def test_routes_fit_no_other_routes_path(core_paths: set[str]) -> None:
    samples = {re.sub(r"\{[^}]*\}", "sample", path) for path in core_paths}
    for route in ROUTES:
        assert not {path for path in samples if re.fullmatch(route.pattern, path)}


def test_core_answers_as_without_us(real: OrthancClient, core_paths: set[str], servers: Servers) -> None:
    files = noise(Acquisition(shape=(2, 8, 8)))
    with servers.running(PythonScript="", Plugins=[], probe="/system") as bare:
        clients = [real, bare.client()]
        for client in clients:
            client.store(files)
        paths = sorted(p for p in core_paths if re.fullmatch(r"/(patients|studies|series|instances)/\{id\}.*", p))
        paths = [p for p in paths if p.count("{") == 1 and "/modify" not in p]
        assert len(paths) > 40
        for path in paths:
            level = path.split("/")[1]
            asked = path.replace("{id}", orthanc_ids(files[0])[level])
            ours, theirs = (client.get(asked) for client in clients)
            assert ours.status == theirs.status, path
            assert ours.headers.get("Content-Type") == theirs.headers.get("Content-Type"), path
