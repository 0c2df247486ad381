"""Who measured, who may, and what never comes out: a server that asks for passwords, and one behind a proxy."""

import io
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator

import pydicom
import pytest

from clients import Answer, OrthancClient
from drafts import Bench, body_of
from exchanges import Exchange
from phantoms import noise
from refusals import assert_refused
from server import Orthanc, Servers

pytestmark = pytest.mark.slow

PASSWORDS = {"alice": "correct horse", "bob": "battery", "Zoë": "pässwörd"}
PROXY = {"X-Remote-User": "carol"}
Start = Callable[..., Orthanc]


def basic(text: str) -> dict[str, str]:
    """A Basic Authorization of a name and a password, in UTF-8 (RFC 7617)."""
    return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}


@pytest.fixture(scope="module", params=[False, True], ids=["by the SDK", "by the loopback"])
def server(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Orthanc]:
    """One that knows alice and bob, for each way to write."""
    users = {"AuthenticationEnabled": True, "RegisteredUsers": PASSWORDS, "CheckRevisions": request.param}
    with servers.running(("alice", PASSWORDS["alice"]), **users) as server:
        yield server
        assert server.alive
        assert_discreet(server)


def assert_discreet(server: Orthanc) -> None:
    """Neither passwords nor what the server authorizes itself with stand in the log."""
    text = server.log
    for name, password in PASSWORDS.items():
        assert password not in text
        assert b64encode(f"{name}:{password}".encode()).decode() not in text
    assert not re.search(r"authorization|bearer|basic [A-Za-z0-9+/=]{8}", text, re.IGNORECASE), text


@pytest.fixture
def exchange(server: Orthanc) -> Exchange:
    """An empty study, as alice sees it."""
    return Exchange(server.emptied())


@pytest.fixture
def nobody(server: Orthanc) -> Iterator[OrthancClient]:
    """Without credentials."""
    client = OrthancClient(server.url)
    yield client
    client.close()


def as_user(server: Orthanc, name: str) -> OrthancClient:
    """A client with this user's password."""
    return OrthancClient(server.url, (name, PASSWORDS[name]))


def every_request(exchange: Exchange, client: OrthancClient, headers: dict[str, str]) -> dict[str, Answer]:
    """Each route of measurements, asked by a client."""
    (record,) = exchange.listed()
    line, own = body_of(exchange.line()), f"{exchange.url}/{record['Id']}"
    matching = {**headers, "If-Match": '"1"'}
    reads = ["", "/summary", f"/{record['Id']}", *(f"/export?format={f}" for f in ("json", "csv", "xlsx", "sr"))]
    found = {f"GET {path}": client.get(f"{exchange.url}{path}", headers) for path in reads}
    for path in ("", "/compute", "/import", "/report"):
        found[f"POST {path}"] = client.post(f"{exchange.url}{path}", b"" if path == "/report" else line, headers)
    named = json.dumps({"Instance": exchange.instance()}).encode()
    found["POST /import of an instance"] = client.post(f"{exchange.url}/import", named, headers)
    found["PUT"] = client.put(own, line, matching)
    found["DELETE"] = client.delete(own, matching)
    found["GET series"] = client.get(f"/series/{exchange.series}/measurements", headers)
    found["GET instance"] = client.get(f"/instances/{exchange.instance()}/measurements", headers)
    return found


def test_nothing_is_told_or_taken_without_a_password(exchange: Exchange, nobody: OrthancClient) -> None:
    record = exchange.created(exchange.line())
    for name, answer in every_request(exchange, nobody, {}).items():
        assert answer.status == 401, name
        assert record["Id"].encode() not in answer.content
    assert exchange.listed() == [record]


@pytest.mark.parametrize(
    "authorization",
    [
        *(
            "",
            "Basic",
            "Basic ",
            "Basic %%%",
            "Basic YWxpY2U=",
            "Basic YWxpY2U6d3Jvbmc=",
            "basic",
            "Digest username=alice",
        ),
        *("Bearer x", "Bearer null", "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ", "Negotiate YWxpY2U6Y29ycmVjdCBob3JzZQ=="),
        *(
            f"Basic {b64encode(text).decode()}"
            for text in (b":", b"alice:", b":correct horse", b"\xff\xfe", b"root:root")
        ),
    ],
)
def test_wrong_and_malformed_credentials_open_nothing(
    exchange: Exchange, nobody: OrthancClient, authorization: str
) -> None:
    record = exchange.created(exchange.line())
    for name, answer in every_request(exchange, nobody, {"Authorization": authorization}).items():
        assert answer.status in (400, 401), name
    assert exchange.listed() == [record]


def test_author_is_who_has_shown_a_password(exchange: Exchange, server: Orthanc) -> None:
    record = exchange.created(exchange.line())
    assert record["Author"] == "alice"
    bob = as_user(server, "bob")
    answer = bob.put(f"{exchange.url}/{record['Id']}", body_of(exchange.line(Label="b")), {"If-Match": '"1"'})
    assert (answer.json()["Author"], answer.json()["UpdatedBy"]) == ("alice", "bob")
    created = bob.post(exchange.url, body_of(exchange.line()))
    assert (created.status, created.json()["Author"]) == (201, "bob")
    assert exchange.client.get(f"{exchange.url}/summary").json()["ByAuthor"] == {"alice": 1, "bob": 1}
    bob.close()


def test_author_may_have_foreign_letters(exchange: Exchange, nobody: OrthancClient) -> None:
    answer = nobody.post(exchange.url, body_of(exchange.line()), basic(f"Zoë:{PASSWORDS['Zoë']}"))
    assert (answer.status, answer.json()["Author"]) == (201, "Zoë")


@pytest.mark.parametrize("headers", [PROXY, {"Remote-User": "carol"}, {"X-Forwarded-User": "carol"}, {"From": "carol"}])
def test_no_header_outdoes_a_password(exchange: Exchange, headers: dict[str, str]) -> None:
    answer = exchange.client.post(exchange.url, body_of(exchange.line()), headers)
    assert answer.json()["Author"] == "alice"
    forged = exchange.client.post(exchange.url, body_of({**exchange.line(), "Author": "carol"}))
    assert_refused(forged, 400, "server-owned-key", Parameter="Author")


def test_import_is_its_senders_and_the_old_author_is_told(exchange: Exchange, server: Orthanc) -> None:
    exchange.fill([exchange.planar("line"), exchange.voxels("box")])
    contents = [exchange.exported(format_).content for format_ in ("json", "sr")]
    for content in contents:
        exchange.empty()
        bob = as_user(server, "bob")
        answer = bob.post(f"{exchange.url}/import", content)
        assert (answer.status, len(answer.json()["Created"])) == (200, 2)
        assert {(r["Author"], r["Origin"]["Author"]) for r in exchange.listed()} == {("bob", "alice")}
        bob.close()


def test_report_names_who_measured_and_who_exported(exchange: Exchange, server: Orthanc) -> None:
    exchange.created(exchange.line())
    bob = as_user(server, "bob")
    report = pydicom.dcmread(io.BytesIO(bob.get(f"{exchange.url}/export", format="sr").content))
    names = {str(element.value) for element in report.iterall() if element.keyword == "PersonName"}
    assert names == {"alice", "bob"}
    bob.close()


def test_report_is_written_and_read_with_credentials(exchange: Exchange, server: Orthanc) -> None:
    """The instance is read in the name of who asks: bob may as well as alice."""
    exchange.fill([exchange.planar("line"), exchange.voxels("box")])
    written = exchange.client.post(f"{exchange.url}/report").json()["Instance"]
    exchange.empty()
    bob = as_user(server, "bob")
    answer = bob.post(f"{exchange.url}/import", json.dumps({"Instance": written}).encode())
    assert (answer.status, len(answer.json()["Created"])) == (200, 2)
    assert {record["Author"] for record in exchange.listed()} == {"bob"}
    bob.close()


@pytest.mark.parametrize("field", ["Cookie", "X-Api-Key", "Accept-Encoding", "X-Forwarded-For", "Connection"])
def test_any_header_of_the_caller_may_be_sent_on(exchange: Exchange, field: str) -> None:
    exchange.created(exchange.line())
    written = exchange.client.post(f"{exchange.url}/report").json()["Instance"]
    headers = {field: "keep-alive" if field == "Connection" else "x=1; y=\u00e4"}
    wire = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    answer = exchange.client.post(f"{exchange.url}/import", json.dumps({"Instance": written}).encode(), wire)
    assert (answer.status, len(answer.json()["Existing"])) == (200, 1)


# --- Without passwords --------------------------------------------------------------------------------------


def author(client: OrthancClient, bench: Bench, headers: dict[str, str]) -> str:
    answer = client.post(bench.url, body_of(bench.line()), headers)
    assert answer.status == 201, answer.content
    return answer.json()["Author"]


def test_without_passwords_no_claim_of_a_name_is_believed(real: OrthancClient) -> None:
    """Orthanc checks none here, so a name in Authorization is anybody's."""
    bench = Bench(real, noise())
    for headers in ({}, PROXY, basic("carol:x"), {"Authorization": "Bearer e30.eyJzdWIiOiJjYXJvbCJ9."}):
        assert author(real, bench, headers) == "anonymous"


def test_trusted_header_names_the_author(start_orthanc: Start) -> None:
    server = start_orthanc(Reslice={"TrustedUserHeader": "X-Remote-User", "AnonymousAuthor": "nobody known"})
    client = server.client()
    bench = Bench(client, noise())
    for name, told in (
        ("carol", "carol"),
        ("", "nobody known"),
        ("x" * 1000, "x" * 256),
        ("<b>carol</b>", "<b>carol</b>"),
        ('=HYPERLINK("x")', '=HYPERLINK("x")'),
    ):
        assert author(client, bench, {"X-Remote-User": name}) == told
        assert author(client, bench, {"x-remote-user": name}) == told
    assert author(client, bench, {"X-Remote-User": "carol", **basic("mallory:x")}) == "carol"
    assert author(client, bench, {"Remote-User": "mallory"}) == "nobody known"
    for format_ in ("json", "csv", "xlsx", "sr"):
        assert client.get(f"{bench.url}/export", format=format_).status == 200


def test_password_outdoes_the_trusted_header(start_orthanc: Start) -> None:
    settings = {"TrustedUserHeader": "X-Remote-User"}
    users = {"AuthenticationEnabled": True, "RegisteredUsers": PASSWORDS}
    server = start_orthanc(credentials=("alice", PASSWORDS["alice"]), Reslice=settings, **users)
    client = server.client()
    assert author(client, Bench(client, noise()), PROXY) == "alice"
    assert_discreet(server)
