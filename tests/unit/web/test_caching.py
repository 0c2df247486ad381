"""Entity tags: another tag for whatever changes the bytes, the same for what doesn't."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.web import caching
from reslice.web.caching import etag, is_current, not_modified
from reslice.web.message import Request
from reslice.web.parameters import PlaneParameters, parse


def tag_of(query: dict[str, str], *parts: object) -> str:
    return etag("digest", *parts, parse(PlaneParameters, query))


def test_tags_are_strong_and_short() -> None:
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag("a", 1, None))


def test_order_of_the_query_makes_no_difference() -> None:
    query = {"width": "10", "position": "5", "preset": "bone"}
    assert tag_of(query) == tag_of(dict(reversed(query.items())))


def test_spelling_of_numbers_makes_no_difference() -> None:
    assert tag_of({"position": "5"}) == tag_of({"position": "+5.0e0"})
    assert tag_of({}) == tag_of({"volume": "0"}) == tag_of({"invert": "false"})


VARIANTS = [
    {},
    {"position": "5"},
    {"position": "5.0000001"},
    {"index": "5"},
    {"fraction": "0.5"},
    {"width": "5"},
    {"height": "5"},
    {"pixel-spacing": "5"},
    {"region": "0,0,5,5"},
    {"interpolation": "nearest"},
    {"interpolation": "cubic"},
    {"axes": "volume"},
    {"center": "1,2,3"},
    {"center": "1,3,2"},
    {"normal": "0,1,1"},
    {"normal": "0,1,1", "up": "1,0,0"},
    {"row": "1,0,0", "column": "0,1,0"},
    {"slab-thickness": "5"},
    {"slab-thickness": "5", "projection": "mip"},
    {"invert": "true"},
    {"preset": "bone"},
    {"window-center": "5", "window-width": "9"},
    {"window-center": "9", "window-width": "5"},
    {"voi-function": "SIGMOID"},
    {"format": "png"},
    {"quality": "5"},
    {"volume": "5"},
    {"gaps": "interpolate"},
    {"unit": "suv"},
]


def test_each_parameter_makes_another_tag() -> None:
    assert set().union(*VARIANTS) == {name.replace("_", "-") for name in PlaneParameters.model_fields}
    assert len({tag_of(query) for query in VARIANTS}) == len(VARIANTS)


def test_each_part_makes_another_tag() -> None:
    parts = [("png",), ("jpeg",), ("png", "x"), ("p", "ng"), ("pn", "g"), ()]
    assert len({etag(*p) for p in parts}) == len(parts)


def test_another_version_makes_another_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    before = etag("a")
    monkeypatch.setattr(caching, "__version__", "9.9.9")
    assert etag("a") != before


TAG = etag("this")
OTHER = etag("other")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, False),
        ("", False),
        (TAG, True),
        (f"W/{TAG}", True),
        (f"{OTHER}, {TAG}", True),
        (f'"a","b" ,W/{TAG}', True),
        (f"  {TAG}  ", True),
        ("*", False),
        (" * ", False),
        (OTHER, False),
        (TAG.strip('"'), False),
        (TAG[:-2] + '"', False),
        (f"w/{TAG}", False),
        ('"*"', False),
    ],
)
def test_if_none_match(sent: str | None, expected: bool) -> None:
    headers = {} if sent is None else {"if-none-match": sent}
    assert is_current(Request("GET", "/", headers=headers), TAG) is expected


@given(st.text(max_size=50))
def test_any_header_is_decided(sent: str) -> None:
    assert is_current(Request("GET", "/", headers={"if-none-match": sent}), TAG) is False


@pytest.mark.parametrize(("sent", "expected"), [("*", True), (" * ", True), ("", False), (TAG, False), ('"*"', False)])
def test_any_answer_at_all(sent: str, expected: bool) -> None:
    """`*` is decided by the answer: what isn't there stays unknown."""
    assert caching.holds_any(Request("GET", "/", headers={"if-none-match": sent})) is expected


def test_headers_let_clients_ask_again_and_nobody_else_keep() -> None:
    assert caching.headers(TAG) == {"ETag": TAG, "Cache-Control": "private, no-cache", "Vary": "Accept"}


def test_not_modified_has_no_body() -> None:
    response = not_modified(caching.headers(TAG), "image/png")
    assert (response.status, response.body, response.headers["ETag"]) == (304, b"", TAG)
