"""Who may what, of every route there is: passwords, other sites' pages, and the filters of docs/permissions.md."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients import InProcessClient, OrthancClient
from documented import ROOT, samples_of
from good_requests import MeasuredStudy, writes
from refusals import assert_refused
from reslice.web.routes import ROUTES
from server import Orthanc, Servers

ALICE = ("alice", "correct horse")
USERS = {
    "alice": "correct horse",
    "Zoë Müller": "pässwörd",
    "山田 太郎": "ひみつ",
    'o\'brien "<b>"': "semi;colon:colon",
    "=cmd|' /C calc'!A1": "x",
}
CREDENTIALS = {
    "none": {},
    "a wrong password": {"Authorization": f"Basic {b64encode(b'alice:wrong').decode()}"},
    "an unknown user": {"Authorization": f"Basic {b64encode(b'root:correct horse').decode()}"},
    "a bearer token": {"Authorization": "Bearer e30.eyJzdWIiOiJhbGljZSJ9."},
    "another scheme": {"Authorization": f"Digest {b64encode(b'alice:correct horse').decode()}"},
    "a name in a proxy's header": {"X-Remote-User": "alice"},
}
HOSTILE = {
    "an origin": {"Origin": "https://evil.example"},
    "an opaque origin": {"Origin": "null"},
    "an origin and a faked referer": {"Origin": "https://evil.example", "Referer": "{own}/app/explorer.html"},
    "a referer": {"Referer": "https://evil.example/page"},
    "a cross-site fetch": {"Sec-Fetch-Site": "cross-site"},
    "a fetch of a sibling": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "an origin that begins like ours": {"Origin": "{own}.evil.example"},
    "another port of this host": {"Origin": "http://127.0.0.1:1"},
}
WELCOME = {
    "no browser": {},
    "our own page": {"Origin": "{own}", "Referer": "{own}/app/explorer.html"},
    "our own page, told by its referer": {"Referer": "{own}/app/explorer.html"},
    "our own page, told by the browser": {"Sec-Fetch-Site": "same-origin", "Origin": "{own}"},
    "an address typed in": {"Sec-Fetch-Site": "none"},
    "a page behind a proxy": {"Origin": "https://pacs.example", "X-Forwarded-Host": "pacs.example"},
    "a page that the settings allow": {"Origin": "https://viewer.example", "Sec-Fetch-Site": "cross-site"},
}
PAGE = samples_of(ROOT / "docs" / "permissions.md")
BY_RESOURCE = re.compile(r"/(patients|studies|series|instances)/[^/]+(/.*)?")
"""Paths whose level the authorization plugin knows: GET needs no line of its own."""
Start = Callable[..., Orthanc]


def told(headers: dict[str, str], server: Orthanc) -> dict[str, str]:
    """Headers with this server's address filled in."""
    return {name: value.replace("{own}", server.url) for name, value in headers.items()}


# --- Passwords ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(servers: Servers) -> Iterator[Orthanc]:
    """A server that asks for passwords."""
    with servers.running(ALICE, AuthenticationEnabled=True, RegisteredUsers=USERS) as server:
        yield server
        assert server.alive


@pytest.fixture
def study(guarded: Orthanc) -> MeasuredStudy:
    """The only study of that server, as alice sees it."""
    return MeasuredStudy(guarded.emptied())


@pytest.fixture
def nobody(guarded: Orthanc) -> Iterator[OrthancClient]:
    """A client of that server without credentials."""
    client = OrthancClient(guarded.url)
    yield client
    client.close()


def test_there_is_a_request_for_each_route(study: MeasuredStudy) -> None:
    """What other tests here rely on: with a password, each of them does what it is for."""
    for route in sorted(ROUTES, key=lambda route: route.method == "DELETE"):
        request = study.good(route)
        answer = request.send(study.client)
        assert answer.status in (request.status, 302), (request.path, answer.content[:300])


@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
def test_every_route_answers_401_without_a_password(
    study: MeasuredStudy, nobody: OrthancClient, credentials: dict[str, str]
) -> None:
    before = study.kept()
    for request in map(study.good, ROUTES):
        answer = request.send(nobody, credentials)
        assert answer.status == 401, request
        assert "Basic" in answer.headers["WWW-Authenticate"]
        for secret in (study.study, study.series, study.instance(), study.record["Id"]):
            assert secret not in answer.content.decode() + str(answer.headers)
        assert request.disguised(nobody, credentials).status == 401, request
    assert study.kept() == before


@pytest.mark.parametrize("name", USERS)
def test_the_user_is_the_author(study: MeasuredStudy, nobody: OrthancClient, name: str) -> None:
    authorization = {"Authorization": f"Basic {b64encode(f'{name}:{USERS[name]}'.encode()).decode()}"}
    answer = nobody.post(study.url, json.dumps(study.line()).encode(), authorization)
    assert (answer.status, answer.json()["Author"]) == (201, name)
    kept = {record["Id"]: record["Author"] for record in study.listed()}
    assert kept[answer.json()["Id"]] == name


@pytest.mark.parametrize("name", ["alice", "Zoë Müller", "山田 太郎"])
def test_requests_names_a_user_in_utf_8_when_given_bytes(study: MeasuredStudy, guarded: Orthanc, name: str) -> None:
    """What docs/clients.md says of it."""
    client = OrthancClient(guarded.url, (name.encode(), USERS[name].encode()))
    assert client.post(study.url, json.dumps(study.line()).encode()).json()["Author"] == name
    client.close()


# --- Pages of other sites -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_server(servers: Servers) -> Iterator[Orthanc]:
    """A server without passwords, so that nothing but our own checks refuse; one other origin is allowed."""
    with servers.running(Reslice={"AllowedOrigins": ["https://viewer.example"]}) as server:
        yield server
        assert server.alive


@pytest.fixture
def open_study(open_server: Orthanc) -> MeasuredStudy:
    """The only study of that server."""
    return MeasuredStudy(open_server.emptied())


@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE)
def test_another_sites_page_writes_nothing(
    open_server: Orthanc, open_study: MeasuredStudy, headers: dict[str, str]
) -> None:
    client, hostile, before = open_study.client, told(headers, open_server), open_study.kept()
    for request in map(open_study.good, writes()):
        assert_refused(request.send(client, hostile), 403, "cross-site-write")
        if request.method in ("PUT", "DELETE"):  # Orthanc obeys a method in the query or a header of a GET
            assert_refused(request.disguised(client, hostile), 403, "cross-site-write")
            overridden = {**request.headers, **hostile, "X-HTTP-Method-Override": request.method}
            assert_refused(client.request("GET", request.path, overridden), 403, "cross-site-write")
    assert open_study.kept() == before


@pytest.mark.parametrize("headers", WELCOME.values(), ids=WELCOME)
def test_our_own_pages_and_programs_write(
    open_server: Orthanc, open_study: MeasuredStudy, headers: dict[str, str]
) -> None:
    for route in writes():
        request = open_study.good(route)
        answer = request.send(open_study.client, told(headers, open_server))
        assert answer.status == request.status, (request, answer.content)


def test_a_link_or_an_image_deletes_nothing(open_study: MeasuredStudy) -> None:
    """Even without any header that tells where it stands: it can't send the one that is asked for."""
    before = open_study.kept()
    for route in writes():
        if route.method == "DELETE":
            answer = open_study.client.get(f"{open_study.path(route)}?_method=delete")
            assert answer.status in (403, 412), answer.content
    assert open_study.kept() == before


def test_another_sites_page_may_show_pictures_and_read_nothing(open_server: Orthanc, open_study: MeasuredStudy) -> None:
    """Of an image tag the password decides; no header opens any answer to another site's scripts."""
    for headers in HOSTILE.values():
        answer = open_study.client.get(f"/series/{open_study.series}/mpr/axial", told(headers, open_server))
        assert answer.status == 200
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# --- What docs/permissions.md says of filters -----------------------------------------------------------------


def test_the_documented_filter_lets_a_guest_look_and_keep_nothing(start_orthanc: Start, tmp_path: Path) -> None:
    (lua,) = [sample.code for sample in PAGE if sample.language == "lua"]
    (configuration,) = [json.loads(sample.code) for sample in PAGE if "LuaScripts" in sample.code]
    script = tmp_path / "filter.lua"
    script.write_text(lua)
    users = configuration["RegisteredUsers"]
    server = start_orthanc(**{**configuration, "LuaScripts": [str(script)]}, credentials=("alice", users["alice"]))
    study, guest = MeasuredStudy(server.client()), OrthancClient(server.url, ("guest", users["guest"]))
    before = study.kept()
    for route in ROUTES:
        request = study.good(route)
        may = route.method == "GET" or route.template.endswith("/compute")
        assert (request.send(guest).status == 403) is not may, request
        if route.method in ("PUT", "DELETE"):
            assert request.disguised(guest).status == 403, request
    assert study.kept() == before
    for request in map(study.good, writes()):
        assert request.send(study.client).status == request.status, request
    guest.close()


def authorization() -> dict:
    """What the page tells the authorization plugin."""
    (found,) = [json.loads(sample.code) for sample in PAGE if "ExtraPermissions" in sample.code]
    return found["Authorization"]


def lines_for(method: str, path: str) -> list[list[str]]:
    """The documented permissions that fit a request."""
    permissions = authorization()["ExtraPermissions"]
    return [line for line in permissions if line[0] == method.lower() and re.fullmatch(line[1], path)]


def test_the_documented_permissions_name_each_route_once(in_process: InProcessClient) -> None:
    study = MeasuredStudy(in_process)
    for route in ROUTES:
        path = study.path(route)
        unchecked = [folder for folder in authorization()["UncheckedFolders"] if path.startswith(folder)]
        known = route.method == "GET" and BY_RESOURCE.fullmatch(path) is not None
        assert len(lines_for(route.method, path)) + len(unchecked) + known == 1, (route.method, path)


def test_the_documented_permissions_name_nothing_else(in_process: InProcessClient) -> None:
    study = MeasuredStudy(in_process)
    core = (
        "/instances",
        f"/studies/{study.study}",
        f"/studies/{study.study}/metadata/50000",
        "/tools/reset",
        "/changes",
    )
    for path in (*core, f"/series/{study.series}/archive", "/reslice/studies/x", "/system"):
        assert [line for method in ("GET", "POST", "PUT", "DELETE") for line in lines_for(method, path)] == []
    for folder in authorization()["UncheckedFolders"]:
        unchecked = {route.template for route in ROUTES if route.template.startswith(folder)}
        assert unchecked == {f"{folder}{{file}}"}  # files of our own pages, nothing of patients


def test_what_is_told_of_a_resource_stays_with_who_asked(study: MeasuredStudy) -> None:
    for route in ROUTES:
        if route.method == "GET" and "{id}" in route.template:
            kept = study.good(route).send(study.client).headers["Cache-Control"]
            assert kept == "no-store" or "private" in kept, route.template
