"""Which format is answered: `format` beats Accept; q-values and wildcards count."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import NotAcceptable
from reslice.imaging.encode import FORMATS
from reslice.web.negotiation import choose

ALL = list(FORMATS.values())
DISPLAY = [f for f in ALL if f.is_display]
BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "png"),
        ("", "png"),
        ("  ", "png"),
        ("*/*", "png"),
        ("image/*", "png"),
        ("image/jpeg", "jpeg"),
        ("IMAGE/JPEG", "jpeg"),
        ("image/jpeg, image/png", "png"),
        ("image/jpeg;q=0.9, image/png;q=0.5", "jpeg"),
        ("image/jpeg; q=0.9 , image/webp ;q=1.0", "webp"),
        ("image/jpeg;Q=0.3, image/webp;q=0.2", "jpeg"),
        ("image/jpeg;q = 0.3, image/webp;q=0.2", "jpeg"),
        ("image/png;q=0, image/*", "jpeg"),
        ("image/png;q=0,*/*;q=0.1", "jpeg"),
        ("image/*;q=0, */*", "raw"),
        ("image/*;q=0.2, application/x-npy;q=0.3", "npy"),
        ("application/octet-stream", "raw"),
        ("application/x-npy", "npy"),
        ("application/*", "raw"),
        ("text/html, image/webp;q=0.1", "webp"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "png"),
        ("image/webp,image/*;q=0.9", "webp"),
        ("image/png;q=0.001", "png"),
        ("image/jpeg;level=1;q=0.4, image/png;q=0.3", "jpeg"),
        (",,image/jpeg,,", "jpeg"),
        (BROWSER, "png"),
    ],
)
def test_best_liked_format(accept: str | None, expected: str) -> None:
    assert choose(None, accept, ALL).name == expected


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/gif",
        "image/png;q=0",
        "*/*;q=0",
        "image/*;q=0.0",
        "image",
        "png",
        "image/",
        ";;;",
        "image/tiff,text/*",
    ],
)
def test_nothing_fits(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        choose(None, accept, ALL)
    assert caught.value.facts["Allowed"] == [f.media_type for f in ALL]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("accept", [None, "text/html", "image/png", "*/*;q=0"])
def test_format_beats_accept(name: str, accept: str | None) -> None:
    assert choose(name, accept, ALL).name == name


def test_only_what_is_offered() -> None:
    assert choose(None, "*/*", DISPLAY).name == "png"
    with pytest.raises(NotAcceptable) as caught:
        choose(None, "application/x-npy", DISPLAY)
    assert caught.value.facts["Allowed"] == ["image/png", "image/jpeg", "image/webp"]


@given(st.text(max_size=60))
def test_any_header_is_answered_or_refused(accept: str) -> None:
    with suppress(NotAcceptable):
        assert choose(None, accept, ALL) in ALL


@given(st.dictionaries(st.sampled_from([f.media_type for f in ALL]), st.integers(0, 1000), min_size=1))
def test_highest_quality_wins(likings: dict[str, int]) -> None:
    accept = ", ".join(f"{media_type};q={quality / 1000:.3f}" for media_type, quality in likings.items())
    best = max(likings.values())
    if best == 0:
        with pytest.raises(NotAcceptable):
            choose(None, accept, ALL)
    else:
        first = next(f.name for f in ALL if likings.get(f.media_type) == best)
        assert choose(None, accept, ALL).name == first
