"""What a client says, as a draft: the same for all bodies that say the same."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.errors import InvalidMeasurement
from reslice.measurement.document import SERVER_OWNED, draft_of, draft_of_record
from reslice.measurement.record import changed_record, new_record, shown, uid_of
from reslice.measurement.tools import TOOLS

INSTANCE = "-".join(["0123abcd"] * 5)
IDENTIFIER = "12345678-1234-4234-8234-123456789abc"
BODY: dict[str, Any] = {
    "Type": "distance",
    "Tool": "line",
    "Image": {"Instance": INSTANCE, "Frame": 0},
    "Geometry": {"Space": "pixel", "Points": [[1, 2], [3, 4]]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_digest_is_of_what_is_said() -> None:
    one = draft_of(BODY).digest
    assert draft_of(dict(reversed(BODY.items()))).digest == one
    assert draft_of({**BODY, "Label": "", "Description": ""}).digest == one
    assert draft_of({**BODY, "Image": {"Instance": INSTANCE}}).digest == one
    assert draft_of({**BODY, "Id": IDENTIFIER}).digest == one
    assert draft_of({**BODY, "Geometry": {"Space": "pixel", "Points": [[1.0, 2.0], [3, 4]]}}).digest == one
    assert draft_of({**BODY, "Label": "x"}).digest != one
    assert draft_of({**BODY, "Geometry": {"Space": "pixel", "Points": [[1, 2], [3, 5]]}}).digest != one


def test_draft_says_what_was_said() -> None:
    said = draft_of({**BODY, "Label": "ä", "Series": INSTANCE, "Volume": 2}).to_json()
    assert said == {**BODY, "Label": "ä", "Description": "", "Series": INSTANCE, "Volume": 2}


@pytest.mark.parametrize("key", sorted(SERVER_OWNED))
def test_server_owned_keys_are_refused_by_name(key: str) -> None:
    with pytest.raises(InvalidMeasurement) as error:
        draft_of({**BODY, key: 1})
    assert (error.value.reason, error.value.facts["Parameter"]) == ("server-owned-key", key)


def test_a_record_gives_back_its_draft() -> None:
    draft = draft_of({**BODY, "Label": "x"})
    measured = {"Series": INSTANCE, "Volume": 3, "Values": [], "SeriesDigest": "d", "Calibration": {}}
    record = new_record(INSTANCE, draft, measured, "me", datetime(2026, 1, 2, tzinfo=UTC), IDENTIFIER)
    assert record["TrackingUID"] == uid_of(IDENTIFIER)
    assert record["CreatedAt"] == "2026-01-02T00:00:00.000Z"
    assert "SeriesDigest" not in shown(record)
    again = draft_of_record(shown(record))
    assert again.to_json() == {**draft.to_json(), "Id": IDENTIFIER, "Series": INSTANCE}
    other = draft_of({**BODY, "Type": "hu", "Tool": "point", "Geometry": {"Space": "pixel", "Points": [[1, 1]]}})
    origin = {"Format": "sr", "NotCarried": ["Geometry"]}
    changed = changed_record(
        {**record, "Claimed": {}, "Origin": origin}, other, measured, "you", datetime(2026, 1, 3, tzinfo=UTC)
    )
    assert (changed["Author"], changed["UpdatedBy"]) == ("me", "you")
    assert (changed["CreatedAt"], changed["UpdatedAt"]) == ("2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z")
    assert changed["RequestDigest"] == draft.digest
    assert "Claimed" not in changed
    assert changed["Origin"] == {"Format": "sr"}


def test_every_tool_belongs_to_one_type() -> None:
    tools = [tool for tools in TOOLS.values() for tool in tools]
    assert len(tools) == len(set(tools)) == 11


@given(value=JSON)
def test_any_json_is_a_draft_or_a_reason(value: object) -> None:
    with pytest.raises(InvalidMeasurement) as error:
        draft_of(value)
    assert error.value.reason != "internal-error"


@given(key=st.sampled_from([*BODY, "Id", "Series", "Volume", "Plane", "Label", "Finding", "Site"]), value=JSON)
def test_any_value_of_any_key_is_taken_or_refused(key: str, value: object) -> None:
    try:
        assert draft_of({**BODY, key: value}).type == "distance"
    except InvalidMeasurement as error:
        assert error.reason
        assert len(error.details) <= 500


@given(value=JSON)
def test_any_geometry_is_taken_or_refused(value: object) -> None:
    for key in ("Space", "Points", "Shape", "Polygons", "Range", "Seed", "Connectivity", "Radius"):
        body = {**BODY, "Geometry": {**BODY["Geometry"], key: value}}
        try:
            draft_of(body)
        except InvalidMeasurement as error:
            assert error.reason
