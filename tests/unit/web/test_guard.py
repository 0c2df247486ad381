"""Writes that another site's page could trick a browser into: the table of api.md."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import Forbidden
from reslice.web.guard import require_confirmation, require_own_site
from reslice.web.message import Request

HOST = "pacs.example:8042"
FRIEND = "https://friend.example"


def passes(headers: dict[str, str], allowed: tuple[str, ...] = ()) -> bool:
    try:
        require_own_site(Request("DELETE", "/reslice/cache", headers={"host": HOST, **headers}), allowed)
    except Forbidden as error:
        assert error.reason == "cross-site-write"
        return False
    return True


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": f"http://{HOST}"},
        {"sec-fetch-site": "none", "referer": "https://elsewhere.example/"},
        {"origin": f"http://{HOST}"},
        {"origin": f"https://{HOST}"},
        {"origin": "https://viewer.example", "x-forwarded-host": "viewer.example"},
        {"origin": "https://viewer.example", "x-forwarded-host": "viewer.example, inner.example"},
        {"referer": f"http://{HOST}/reslice/viewer/index.html"},
        {"referer": "https://viewer.example/x", "x-forwarded-host": "viewer.example"},
        {"origin": f"http://{HOST}", "referer": "https://elsewhere.example/"},
    ],
    ids=str,
)
def test_own_pages_and_programs_may_write(headers: dict[str, str]) -> None:
    assert passes(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "referer": f"http://{HOST}/"},
        {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": HOST},
        {"origin": f"http://{HOST}.elsewhere.example"},
        {"origin": "http://pacs.example"},
        {"origin": "http://pacs.example:8043"},
        {"origin": f"http://{HOST}@elsewhere.example"},
        {"origin": f"http://elsewhere.example/{HOST}"},
        {"origin": f"http://elsewhere.example#{HOST}"},
        {"origin": "http://["},
        {"origin": "http://[::1"},
        {"referer": "https://elsewhere.example/page"},
        {"referer": f"https://elsewhere.example/?{HOST}"},
        {"referer": "http://["},
        {"origin": "", "host": ""},
        {"origin": "null", "host": "", "x-forwarded-host": ""},
        {"origin": FRIEND},
        {"origin": "https://inner.example", "x-forwarded-host": "viewer.example, inner.example"},
    ],
    ids=str,
)
def test_pages_of_other_sites_may_not(headers: dict[str, str]) -> None:
    assert not passes(headers)


def test_allowed_origins_may_write() -> None:
    assert passes({"origin": FRIEND}, (FRIEND,))
    assert passes({"origin": FRIEND, "sec-fetch-site": "cross-site"}, (FRIEND,))
    assert not passes({"origin": FRIEND + ".evil.example"}, (FRIEND,))
    assert not passes({"origin": "http://friend.example"}, (FRIEND,)), "another scheme is another origin"
    assert not passes({"referer": FRIEND + "/"}, ()), "an image tag sends no Origin"


def test_null_is_nobodys_origin() -> None:
    """Sandboxed frames and files of any site send it: allowing it would allow all."""
    assert not passes({"origin": "null"}, ("null",))


@given(st.text(max_size=40), st.sampled_from(["origin", "referer"]))
def test_any_header_is_decided(text: str, name: str) -> None:
    assert passes({name: text}) is False or HOST in text


@pytest.mark.parametrize("value", [None, "", "0", "true", "yes", "01", "1,1", " 1"])
def test_confirmation_is_the_header_with_a_one(value: str | None) -> None:
    headers = {} if value is None else {"reslice-confirm": value}
    with pytest.raises(Forbidden) as caught:
        require_confirmation(Request("DELETE", "/reslice/cache", headers=headers))
    assert caught.value.reason == "confirmation-required"


def test_confirmed() -> None:
    require_confirmation(Request("DELETE", "/reslice/cache", headers={"reslice-confirm": "1"}))
