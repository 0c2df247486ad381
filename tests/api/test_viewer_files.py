"""The viewer's files as they are served: these and no others, under a strict policy."""

import re
from http.client import HTTPConnection
from urllib.parse import urljoin

import pytest

from clients import Client, OrthancClient
from refusals import assert_refused
from reslice.web.served_files import STATIC

PAGE = "/reslice/viewer/index.html"
FILES = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "viewer").rglob("*") if path.is_file())
OUTSIDE = [
    "../explorer.js",
    "..%2fexplorer.js",
    "%2e%2e/explorer.js",
    "%2e%2e%2fexplorer.js",
    "..%5cexplorer.js",
    "../../main.py",
    "..%2f..%2f..%2fmain.py",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "index.html/x",
    "INDEX.HTML",
    "index.html%20",
    "index.html%0d%0aX: y",
    "nothing.js",
    "vendor/nothing.js",
    "a" * 3000,
]

REFERENCES = re.compile(r' (?:href|src)="([^"#?]+)"')
IMPORTS = re.compile(r"^(?:import|export) [^;]*?from '([^']+)';|^import '([^']+)';", re.MULTILINE)


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_what_it_is(client: Client, name: str) -> None:
    answer = client.request("GET", f"/reslice/{name}")
    assert answer.status == 200
    if f"/reslice/{name}" != PAGE:
        assert answer.content == (STATIC / name).read_bytes()
    assert answer.media_type != "application/octet-stream"
    if answer.media_type.startswith("text/"):
        assert answer.headers["Content-Type"].endswith("; charset=utf-8")


def test_page_may_run_and_load_only_what_is_ours(client: Client) -> None:
    headers = client.request("GET", PAGE).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert {policy[name] for name in ("base-uri", "form-action", "object-src")} == {"'none'"}
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"


def references(client: Client) -> list[str]:
    """The files that the page refers to, but for itself."""
    found = REFERENCES.findall(client.request("GET", PAGE).content.decode())
    return [name for name in found if name != "index.html"]


def test_page_refers_to_files_that_never_change(client: Client) -> None:
    named = references(client)
    (folder,) = {name.partition("/")[0] for name in named}
    assert re.fullmatch("files-[0-9a-f]{16}", folder)
    assert {f"{folder}/viewer.js", f"{folder}/icon.svg"} <= set(named)
    for name in (*named, *(f"{folder}/{file.removeprefix('viewer/')}" for file in FILES)):
        answer = client.request("GET", f"/reslice/viewer/{name}")
        if name.endswith("index.html"):
            assert answer.status == 404, "from there its addresses would lead elsewhere"
            continue
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain = client.request("GET", f"/reslice/viewer/{name.partition('/')[2]}")
        assert (answer.content, answer.media_type) == (plain.content, plain.media_type)
        assert plain.headers["Cache-Control"] == "no-cache"
        again = client.request("GET", f"/reslice/viewer/{name}", {"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.content) == (304, b"")


def test_page_names_each_module_that_its_script_needs_once(client: Client) -> None:
    """Found here by going through the modules as they are served."""
    preloaded = [name for name in references(client) if name.endswith(".js")]
    (script,) = (name for name in preloaded if name.endswith("/viewer.js"))
    needed = [script]
    for name in needed:  # grows while it is gone through
        source = client.request("GET", f"/reslice/viewer/{name}").content.decode()
        beside = {urljoin(name, first or second) for first, second in IMPORTS.findall(source)}
        needed += sorted(beside - set(needed))
    assert len(needed) > 3
    assert sorted(preloaded) == sorted(needed)


@pytest.mark.parametrize("name", ["viewer.js", "index.html", "nothing.js"])
@pytest.mark.parametrize("folder", ["files-0123456789abcdef", "files-0123456789abcdeX", "files-"])
def test_files_of_another_version_are_refused(client: Client, folder: str, name: str) -> None:
    answer = client.request("GET", f"/reslice/viewer/{folder}/{name}")
    body = assert_refused(answer, 404, "unknown-resource")
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("load the page again" in body["Details"]) is folder.endswith("f")


@pytest.mark.parametrize("given", ["{}", "W/{}", '"other", {}', "*"])
def test_page_that_is_held_is_not_sent_again(client: Client, given: str) -> None:
    tag = client.request("GET", PAGE).headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    again = client.request("GET", PAGE, {"If-None-Match": given.format(tag)})
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client.request("GET", PAGE, {"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_else_can_be_reached(client: Client, path: str) -> None:
    answer = client.request("GET", f"/reslice/viewer/{path}")
    assert answer.status in (400, 404), answer.content[:200]
    assert b"root:" not in answer.content
    assert b"sdk" not in answer.content


RAW = [
    *("../explorer.js", "../../../main.py", "%2e%2e/explorer.js", "../../../../../../../../etc/passwd"),
    *("vendor/../../explorer.js", "index.html/../../explorer.js", "//etc/passwd", "%00", "%00/../explorer.js"),
    *("../explorer.js%00.html", "index.html%00", "index.html%2f", "index.html//"),
]


@pytest.mark.parametrize("path", RAW)
def test_no_way_of_writing_leaves_the_folder(real: OrthancClient, path: str) -> None:
    """Sent letter by letter, as no browser would; Orthanc itself drops last slashes, and all behind a NUL."""
    connection = HTTPConnection(real.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"/reslice/viewer/{path}")
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in (400, 404) or content in (b"", real.get(PAGE).content)
    assert answer.status in (200, 302, 400, 404)


@pytest.mark.parametrize("query", ["", "?study=a-b", "?study=a%20b%26c%0d%0aX-Evil:%201&token=t%25"])
def test_address_without_a_file_leads_to_the_page(client: Client, query: str) -> None:
    answer = client.request("GET", f"/reslice/viewer{query}")
    assert answer.status == 302
    assert answer.headers["Location"].startswith("viewer/index.html")
    assert answer.headers["Location"].count("?") == bool(query)
    assert "\n" not in answer.headers["Location"]
    assert "X-Evil" not in answer.headers
    in_folder = client.request("GET", f"/reslice/viewer/viewer/index.html{query}")
    assert in_folder.headers["Location"] == "../index.html" + answer.headers["Location"].removeprefix(
        "viewer/index.html"
    )


def test_page_takes_any_address_of_its_own(client: Client) -> None:
    for query in ("study=x", "series=%3Cscript%3E", "study=a&series=b&token=c", "planes=1,2,3&window=40,400"):
        assert client.request("GET", f"{PAGE}?{query}").status == 200


def test_page_can_not_be_written(client: Client) -> None:
    for method in ("PUT", "POST", "DELETE"):
        answer = client.request(method, PAGE, {}, b"x" if method != "DELETE" else b"")
        assert answer.status in (404, 405)


@pytest.mark.parametrize(
    "path",
    ["/reslice/docs/docs/x%0d%0aX-Evil:%20b", "/reslice/docs/docs/index.html%0aX-Evil:1", "/reslice/docs/docs/%C3%A9"],
)
def test_only_to_files_that_are_there_anybody_is_led(client: Client, path: str) -> None:
    answer = client.request("GET", path)
    assert answer.status == 404
    assert not {"X-Evil", "Location"} & set(answer.headers)


@pytest.mark.parametrize(
    ("path", "location"),
    [("/reslice/docs", "docs/index.html"), ("/reslice/docs/docs/index.html", "../index.html")],
)
def test_documentation_is_found_from_its_folder_with_its_token(client: Client, path: str, location: str) -> None:
    answer = client.request("GET", f"{path}?token=a%2Fb")
    assert (answer.status, answer.headers["Location"]) == (302, f"{location}?token=a%2Fb")
