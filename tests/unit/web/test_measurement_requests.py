"""What measurement routes read of a request: the body, the revision, the author."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement, PreconditionFailed, ResliceError, TooLarge
from reslice.host.passwords import asks_for_passwords, user_of
from reslice.settings import Settings
from reslice.web.authors import author_of
from reslice.web.bodies import decoded
from reslice.web.message import Request
from reslice.web.revisions import asked_revision, headers_of


def basic(text: bytes) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text).decode()}


def test_user_is_the_name_before_the_colon() -> None:
    assert user_of(basic(b"alice:secret")) == "alice"
    assert user_of(basic(b"alice:a:b")) == "alice"
    assert user_of(basic("jürgen:x".encode())) == "jürgen"
    assert user_of({"authorization": basic(b"bob:x")["authorization"].replace("Basic", "bAsIc")}) == "bob"


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer eyJhbGciOi", "Basic " + base64.b64encode(b"\xff\xfe:x").decode()]
)
def test_nobody_is_believed_otherwise(header: str) -> None:
    assert user_of({"authorization": header}) is None
    assert user_of({}) is None
    assert user_of(basic(b":secret")) is None
    assert user_of(basic(b"alice")) is None


@given(header=st.text(max_size=40))
def test_any_header_is_a_user_or_nobody(header: str) -> None:
    user_of({"authorization": header})
    user_of({"authorization": f"Basic {header}"})


def test_orthanc_asks_for_passwords_where_others_may_ask() -> None:
    assert asks_for_passwords({"AuthenticationEnabled": True})
    assert asks_for_passwords({"RemoteAccessAllowed": True})
    assert not asks_for_passwords({"RemoteAccessAllowed": True, "AuthenticationEnabled": False})
    assert not asks_for_passwords({})


def test_author_is_the_user_then_whom_the_proxy_names_then_nobody() -> None:
    settings = Settings(trusted_user_header="X-Remote-User", anonymous_author="somebody")
    named = Request("POST", "/", headers={"x-remote-user": "carol"})
    assert author_of(named, settings) == "carol"
    assert author_of(named, Settings()) == "anonymous"
    assert author_of(Request("POST", "/", headers={"x-remote-user": "carol"}, user="alice"), settings) == "alice"
    assert author_of(Request("POST", "/"), settings) == "somebody"
    assert author_of(Request("POST", "/", headers={"authorization": "Bearer x"}), settings) == "somebody"


def test_author_is_one_printable_line() -> None:
    assert author_of(Request("POST", "/", user="a\r\nb\0c"), Settings()) == "abc"
    assert author_of(Request("POST", "/", user="\x00"), Settings()) == "anonymous"
    assert len(author_of(Request("POST", "/", user="x" * 999), Settings())) == 256


@pytest.mark.parametrize("first_last", [(1023, 2000), (50000, 65536), (5, 5), (60000, 50000)])
def test_metadata_range_is_that_of_users(first_last: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="MetadataRange"):
        Settings.from_configuration({"MetadataRange": list(first_last)})


@given(body=st.binary(max_size=60))
def test_any_body_is_json_or_refused(body: bytes) -> None:
    try:
        decoded(body)
    except ResliceError as error:
        assert error.reason in ("malformed-json", "bad-number")


def test_body_is_read_strictly() -> None:
    assert decoded(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    for body in (b'{"a": 1, "a": 1}', b"{'a': 1}", b'{"a": 1,}', b"", b"9" * 9999):
        with pytest.raises(InvalidMeasurement):
            decoded(body)
    with pytest.raises(TooLarge):
        decoded(b" " * 11, limit=10)


def test_revision_is_a_strong_tag() -> None:
    assert asked_revision(Request("PUT", "/", headers={"if-match": ' "12" '})) == 12
    assert headers_of({"Revision": 12}) == {"ETag": '"12"', "Cache-Control": "no-store"}
    with pytest.raises(PreconditionFailed):
        asked_revision(Request("PUT", "/"))
    with pytest.raises(InvalidMeasurement):
        asked_revision(Request("PUT", "/", headers={"if-match": '"\u0661"'}))
