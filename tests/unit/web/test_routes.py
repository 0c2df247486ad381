"""One template matches and builds: its regular expression for Orthanc, its parts, its URL."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.web.routes import ROUTES, Route

PART = st.text(min_size=1, max_size=20).filter(lambda text: "/" not in text)
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.template}")


def names(route: Route) -> list[str]:
    return re.findall(r"\{(\w+)\}", route.template)


@EVERY_ROUTE
@given(data=st.data())
def test_url_and_match_undo_each_other(route: Route, data: st.DataObject) -> None:
    parts = {name: data.draw(PART) + ("-0" if name == "uuid" else "") for name in names(route)}
    path = route.url(**parts)
    assert route.match(path) == parts
    assert re.fullmatch(route.pattern, path)
    assert [r.template for r in ROUTES if r.match(path) is not None and r.method == route.method] == [route.template]


@EVERY_ROUTE
def test_pattern_is_what_orthanc_takes(route: Route) -> None:
    """Unnamed groups only, as many as placeholders."""
    assert "(?" not in route.pattern
    assert re.compile(route.pattern).groups == len(names(route))
    assert "{" not in route.pattern


@EVERY_ROUTE
def test_near_misses_do_not_match(route: Route) -> None:
    path = route.url(**dict.fromkeys(names(route), "abc0"))
    wrong = ["/x" + path, path[1:], path.upper()]
    wrong += [] if "{file}" in route.template else [path + "/", path + "/x"]  # a file may lie in a folder
    if not route.template.endswith("}"):  # else it is another part, for the handler to refuse
        wrong += [path + "\n", path + "?a=1", path[:-1]]
    for near_miss in wrong:
        assert route.match(near_miss) is None, near_miss
        assert not re.fullmatch(route.pattern, near_miss)


@EVERY_ROUTE
@pytest.mark.parametrize("hostile", ["", "/", "a/b", "../..", "//"])
def test_a_part_holds_no_slash_and_is_never_empty(route: Route, hostile: str) -> None:
    if names(route) and not ("{file}" in route.template and hostile in ("a/b", "../..")):
        path = route.url(**dict.fromkeys(names(route), hostile))
        assert route.match(path) is None
        assert not re.fullmatch(route.pattern, path)


def test_each_method_and_template_once() -> None:
    pairs = [(r.method, r.template) for r in ROUTES]
    assert len(set(pairs)) == len(pairs)
    assert {method for method, _ in pairs} <= {"GET", "POST", "PUT", "DELETE"}


def test_no_two_templates_fight_for_a_path() -> None:
    templates = sorted({r.template for r in ROUTES})
    for one, other in product(templates, templates):
        if one != other:
            route = next(r for r in ROUTES if r.template == other)
            sample = re.sub(r"\{\w+\}", "x0", one)
            assert route.match(sample) is None, (one, other)


def test_templates_are_kebab_case_and_take_the_agreed_names() -> None:
    for route in ROUTES:
        assert re.fullmatch(r"(/([a-z][a-z0-9-]*(\.json)?|\{(id|n|k|plane|uuid|file)\}))+", route.template)
    assert all(callable(r.handler) for r in ROUTES)


def test_routes_cannot_be_changed() -> None:
    assert isinstance(ROUTES, tuple)
    with pytest.raises(AttributeError):
        ROUTES[0].template = "/x"
