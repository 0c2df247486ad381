"""What never comes out: passwords, the server's own token, names of patients; and what a site's filter forbids."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from clients import Answer, OrthancClient
from good_requests import MeasuredStudy, writes
from phantoms import Acquisition, noise
from refusals import assert_refused
from reslice.web.routes import ROUTES
from server import REPOSITORY, Orthanc

pytestmark = pytest.mark.slow

USERS = {"alice": "correct horse", "bob": "battery"}
PATIENT = "Secretive^Patient"
LINK_TOKEN = "token-of-a-link"  # noqa: S105
SITE_SCRIPT = """
import json, os, site, sys
site.addsitedir(os.path.join(os.environ["RESLICE_VENV"], f"lib/python3.{{sys.version_info.minor}}/site-packages"))
sys.path.insert(0, {plugin!r})
import orthanc
from reslice.host import sdk

generate, read = orthanc.GenerateRestApiAuthorizationToken, orthanc.GetDicomForInstance

def generated():
    token = generate()
    with open("tokens", "a") as file:
        file.write(token + "\\n")
    return token

def broken(instance):
    if os.path.exists("broken"):
        raise RuntimeError
    return read(instance)

def may_pass(uri, **request):
    with open("seen", "a") as file:
        file.write(json.dumps([request["method"], uri, request["headers"]]) + "\\n")
    return not (uri.startswith("/instances/") and request["headers"].get("authorization") == {bob!r})

orthanc.GenerateRestApiAuthorizationToken = generated
orthanc.GetDicomForInstance = broken
orthanc.RegisterIncomingHttpRequestFilter(may_pass)
sdk.install()
"""
LUA_FILTER = """
function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  return not (username == 'bob' and string.find(uri, '^/instances/'))
end
"""
Start = Callable[..., Orthanc]


def basic(name: str) -> str:
    """The Authorization of a user."""
    return f"Basic {b64encode(f'{name}:{USERS[name]}'.encode()).decode()}"


class RememberingClient(OrthancClient):
    """A client that keeps all answers."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, (name, USERS[name]))
        self.answers: list[Answer] = []

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        self.answers.append(super().request(method, path, headers, body))
        return self.answers[-1]

    @property
    def heard(self) -> str:
        """Everything that was answered."""
        return "\n".join(f"{dict(a.headers)} {a.content.decode('latin-1')}" for a in self.answers)


class Site:
    """A server with a script of its own around us, as two users see it, and the script's notes."""

    def __init__(self, server: Orthanc, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self.alice, self.bob = (RememberingClient(server.url, name) for name in USERS)

    @property
    def tokens(self) -> set[str]:
        """What the server has authorized itself with."""
        return {line.split()[-1] for line in (self._folder / "tokens").read_text().splitlines()}

    @property
    def seen(self) -> list[tuple[str, str, dict[str, str]]]:
        """Every request that came to the filter: ours to ourselves too."""
        return [tuple(json.loads(line)) for line in (self._folder / "seen").read_text().splitlines()]

    def break_files(self) -> None:
        """From now on reading any file fails in a way that nobody has foreseen."""
        (self._folder / "broken").touch()


@pytest.fixture
def site(start_orthanc: Start, tmp_path: Path) -> Iterator[Site]:
    """Passwords are asked for, and every write goes by the server's own HTTP port."""
    script = tmp_path / "site_script.py"
    text = SITE_SCRIPT.format(plugin=str(REPOSITORY / "plugin"), bob=basic("bob"))
    for name in ("tokens", "seen", "broken"):
        text = text.replace(f'"{name}"', repr(str(tmp_path / name)))
    script.write_text(text)
    users = {"AuthenticationEnabled": True, "RegisteredUsers": USERS, "CheckRevisions": True}
    server = start_orthanc(credentials=("alice", USERS["alice"]), PythonScript=str(script), **users)
    site = Site(server, tmp_path)
    assert site.alice.request("PUT", "/tools/log-level", body=b"verbose").status == 200
    yield site
    for client in (site.alice, site.bob):
        client.close()
    assert server.alive


def use_everything(site: Site) -> MeasuredStudy:
    """Each route, rightly and wrongly, by somebody who may and by somebody who gives a wrong password."""
    study = MeasuredStudy(site.alice)
    mallory = OrthancClient(site.server.url, ("alice", "not-the-password"))
    for route in sorted(ROUTES, key=lambda route: route.method == "DELETE"):
        request = study.good(route)
        assert mallory.request(request.method, request.path).status == 401
        site.alice.get(f"{request.path}?nonsense=1&token={LINK_TOKEN}")
        request.send(site.alice, {"Origin": "https://evil.example"})
        request.send(site.alice)
    for path in ("/series/unknown/volumes", f"{study.url}/unknown-1", f"/series/{study.series}/mpr/nowhere"):
        assert site.alice.get(f"{path}?token={LINK_TOKEN}").status == 404
    for body in (b"", b"{", b'{"Type": "distance"}', json.dumps({"Author": "bob"}).encode()):
        assert site.alice.post(study.url, body).status == 400
    mallory.close()
    return study


def fail(site: Site) -> Answer:
    """An answer to what went wrong in an unforeseen way."""
    files = noise(Acquisition(shape=(3, 9, 9)))
    for file in files:
        file.PatientName, file.PatientID = PATIENT, "secretive-id"
    series = site.alice.store_series(files)
    site.break_files()
    return site.alice.get(f"/series/{series}/mpr/axial?token={LINK_TOKEN}")


def test_no_secret_in_any_answer_or_in_the_log(site: Site) -> None:
    use_everything(site)
    failed = fail(site)
    assert (failed.status, failed.json()["HttpStatus"]) == (500, 500)
    assert failed.json()["Id"] in site.server.log
    assert "RuntimeError" in site.server.log
    assert site.tokens
    heard, log = site.alice.heard, site.server.log
    secrets = {*site.tokens, *USERS.values(), "not-the-password", *(basic(name).split()[1] for name in USERS)}
    for secret in secrets:
        assert secret not in heard
        assert secret not in log
    for name in ("Secretive", "secretive-id", LINK_TOKEN):
        assert name not in log
        assert name not in failed.content.decode() + str(failed.headers)
    assert not re.search(r"authorization:|bearer |basic [A-Za-z0-9+/=]{8}", log, re.IGNORECASE)


def test_the_servers_token_is_shown_to_no_filter(site: Site) -> None:
    """Orthanc lets requests of its own plugins pass before it asks a filter; all others come with what is theirs."""
    use_everything(site)
    credentials = [headers.get("authorization", "") for _, _, headers in site.seen]
    assert credentials.count(basic("alice")) > len(ROUTES)
    assert [text for text in credentials if set(text.split()) & site.tokens] == []


def written_report(study: MeasuredStudy) -> bytes:
    """The body of an import of a report that lies in the study."""
    answer = study.client.post(f"{study.url}/report")
    return json.dumps({"Instance": answer.json()["Instance"]}).encode()


def test_an_instance_that_a_filter_in_python_forbids_can_not_be_imported(site: Site) -> None:
    study = MeasuredStudy(site.alice)
    body = written_report(study)
    refused = site.bob.post(f"{study.url}/import", body)
    assert_refused(refused, 403, "forbidden-resource")
    assert site.alice.post(f"{study.url}/import", body).json()["Existing"] == [study.record["Id"]]
    files = [headers["authorization"] for _, uri, headers in site.seen if uri.endswith("/file")]
    assert files == [basic("bob"), basic("alice")]


def test_an_instance_that_a_filter_in_lua_forbids_can_not_be_imported(start_orthanc: Start, tmp_path: Path) -> None:
    script = tmp_path / "filter.lua"
    script.write_text(LUA_FILTER)
    users = {"AuthenticationEnabled": True, "RegisteredUsers": USERS, "CheckRevisions": True}
    server = start_orthanc(credentials=("alice", USERS["alice"]), LuaScripts=[str(script)], **users)
    study, bob = MeasuredStudy(server.client()), RememberingClient(server.url, "bob")
    body = written_report(study)
    assert_refused(bob.post(f"{study.url}/import", body), 403, "forbidden-resource")
    assert study.client.post(f"{study.url}/import", body).json()["Existing"] == [study.record["Id"]]
    assert bob.get(f"/instances/{study.instance()}/measurements").status == 403
    assert bob.get(study.url).json()["Count"] == 1
    bob.close()


def test_there_are_writes_by_the_servers_own_port(site: Site) -> None:
    """What the tests above rely on."""
    assert site.alice.get("/reslice").json()["Capabilities"]["Measurements"]["Writes"] == "loopback"
    assert len(writes()) > 5
