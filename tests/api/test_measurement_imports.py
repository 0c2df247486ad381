"""Measurements come back from an export in JSON: all of them, once, computed anew, whatever the document is like."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from clients import Client, InProcessClient
from drafts import values_of
from exchanges import VOLUMES, Exchange, by_tracking_uid, said
from phantoms import Acquisition, noise
from refusals import assert_harmless, assert_refused

OTHER = Acquisition(shape=(2, 8, 8))
LIMIT = 64 << 20


@pytest.fixture
def exchange(client: Client) -> Exchange:
    return Exchange(client)


@pytest.fixture
def alone() -> Exchange:
    """In this process: for what no server changes."""
    return Exchange(InProcessClient())


def sent(exchange: Exchange, document: object) -> dict[str, Any]:
    """What becomes of a document that can be read."""
    return exchange.imported(json.dumps(document).encode())


def outcome(answer: Mapping[str, Any]) -> tuple[int, int, int]:
    """How many were created, were there, were skipped."""
    return len(answer["Created"]), len(answer["Existing"]), len(answer["Skipped"])


def reasons(answer: Mapping[str, Any]) -> list[str]:
    return [skipped["Reason"] for skipped in answer["Skipped"]]


def document_of(records: Iterable[object]) -> dict[str, Any]:
    """An export with these entries."""
    return {"Format": "reslice-measurements", "FormatVersion": 1, "Measurements": list(records)}


def assert_restored(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """All that was said, and all that was computed."""
    assert said(new) == said(old)
    assert values_of(new) == values_of(old)
    for key in ("TrackingUID", "Study", "Series", "Volume", "Source", "Calibration", "Method", "InputsDigest"):
        assert new.get(key) == old.get(key), key


# --- All comes back, once ------------------------------------------------------------------------------------


def test_every_record_comes_back_after_its_deletion(exchange: Exchange) -> None:
    before = exchange.fill(exchange.everything())
    assert {record["Type"] for record in before} == {"distance", "angle", "area", "volume", "hu"}
    content = exchange.exported("json").content
    exchange.empty()
    answer = exchange.imported(content)
    assert (answer["Study"], answer["Skipped"], answer["Warnings"]) == (exchange.study, [], [])
    after = exchange.listed()
    assert answer["Created"] == [record["Id"] for record in sorted(after, key=_place(answer["Created"]))]
    assert len(after) == len(before) == len(answer["Created"])
    olds, news = by_tracking_uid(before), by_tracking_uid(after)
    assert olds.keys() == news.keys()
    for uid, old in olds.items():
        new = news[uid]
        assert_restored(old, new)
        assert new["Id"] not in {record["Id"] for record in before}, "the old Id was deleted for good"
        assert new["Claimed"]["Mismatch"] is False
        assert {(v["Name"], v["Unit"]): v["Value"] for v in new["Claimed"]["Values"]} == values_of(old)
        assert new["Origin"]["Format"] == "json"
        told = {key: new["Origin"].get(key) for key in ("Id", "Author", "CreatedAt", "UpdatedAt", "Revision")}
        assert told == {key: old[key] for key in told}
        assert (new["Revision"], new["Author"], new["Stale"]) == (1, "anonymous", False)


def _place(ids: list[str]) -> Any:
    return lambda record: ids.index(record["Id"])


def test_coming_twice_adds_nothing(exchange: Exchange) -> None:
    exchange.fill([exchange.planar("line"), exchange.in_patient("polygon"), exchange.voxels("box")])
    content = exchange.exported("json").content
    exchange.empty()
    first, second = exchange.imported(content), exchange.imported(content)
    assert (outcome(first), outcome(second)) == ((3, 0, 0), (0, 3, 0))
    assert second["Existing"] == first["Created"]
    assert len(exchange.listed()) == 3


def test_records_that_are_there_are_left_as_they_are(exchange: Exchange) -> None:
    before = exchange.fill([exchange.planar("line"), exchange.planar("point"), exchange.voxels("grown")])
    document = exchange.exported("json").json()
    document["Measurements"][0]["Label"] = "changed elsewhere"
    answer = sent(exchange, document)
    assert outcome(answer) == (0, 3, 0)
    assert sorted(answer["Existing"]) == sorted(record["Id"] for record in before)
    assert exchange.listed() == before


def test_deleted_again_and_again_it_comes_back_each_time(exchange: Exchange) -> None:
    exchange.created(exchange.line())
    content = exchange.exported("json").content
    ids = []
    for _ in range(4):
        exchange.empty()
        assert outcome(exchange.imported(content)) == (1, 0, 0)
        (record,) = exchange.listed()
        ids.append(record["Id"])
    assert len(set(ids)) == 4


def test_what_was_changed_after_the_export_stays_changed(exchange: Exchange) -> None:
    record = exchange.created(exchange.line(Label="a"))
    content = exchange.exported("json").content
    assert exchange.put(record["Id"], exchange.line(Label="b")).status == 200
    assert outcome(exchange.imported(content)) == (0, 1, 0)
    assert [found["Label"] for found in exchange.listed()] == ["b"]


def test_study_that_was_sent_again_gets_its_records_under_their_ids(exchange: Exchange) -> None:
    before = exchange.fill(exchange.everything())
    content = exchange.exported("json").content
    exchange.client.clear()
    exchange.client.store(exchange.files)
    assert exchange.listed() == []
    assert outcome(exchange.imported(content)) == (len(before), 0, 0)
    after = {record["Id"]: record for record in exchange.listed()}
    assert after.keys() == {record["Id"] for record in before}
    for old in before:
        new = after[old["Id"]]
        assert said(new) == said(old)
        assert values_of(new) == values_of(old)
        assert (new["TrackingUID"], new["Claimed"]["Mismatch"], new["Stale"]) == (old["TrackingUID"], False, False)


def test_imported_records_live_on_like_others(exchange: Exchange) -> None:
    exchange.created(exchange.line(Label="a"))
    content = exchange.exported("json").content
    exchange.empty()
    (own,) = exchange.imported(content)["Created"]
    changed = exchange.put(own, exchange.line(Label="b")).json()
    assert (changed["Label"], changed["Revision"]) == ("b", 2)
    assert changed["Origin"]["Format"] == "json"
    assert "Claimed" not in changed, "the sender said nothing of this revision"
    assert outcome(exchange.imported(content)) == (0, 1, 0)
    again = exchange.exported("json").content
    assert exchange.delete(own, '"2"').status == 200
    assert outcome(exchange.imported(again)) == (1, 0, 0)
    assert [record["Label"] for record in exchange.listed()] == ["b"]


# --- Our own numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["line", "cobb", "ellipse", "point"])
def test_wrong_numbers_are_kept_as_the_senders_and_ours_computed(exchange: Exchange, tool: str) -> None:
    old = exchange.created(exchange.planar(tool))
    document = exchange.exported("json").json()
    exchange.empty()
    for value in document["Measurements"][0]["Values"]:
        value["Value"] = value["Value"] * 1.00001 + 1
    assert outcome(sent(exchange, document)) == (1, 0, 0)
    (new,) = exchange.listed()
    assert values_of(new) == values_of(old)
    assert new["Claimed"]["Mismatch"] is True
    claimed = [value["Value"] for value in new["Claimed"]["Values"]]
    assert claimed == [value["Value"] for value in document["Measurements"][0]["Values"]]


@pytest.mark.parametrize("shape", VOLUMES)
def test_wrong_volume_is_a_mismatch(alone: Exchange, shape: str) -> None:
    old = alone.created(alone.voxels(shape))
    document = alone.exported("json").json()
    alone.empty()
    document["Measurements"][0]["Values"][0]["Value"] += 0.5
    sent(alone, document)
    (new,) = alone.listed()
    assert (new["Claimed"]["Mismatch"], values_of(new)) == (True, values_of(old))


@pytest.mark.parametrize(
    "values", [None, [], "many", [5, None, "x"], [{"Name": "Length"}], [{"Name": 1, "Unit": "mm", "Value": 2}]]
)
def test_values_that_are_none_cost_nothing(alone: Exchange, values: object) -> None:
    alone.created(alone.line())
    document = alone.exported("json").json()
    alone.empty()
    document["Measurements"][0]["Values"] = values
    assert outcome(sent(alone, document)) == (1, 0, 0)
    (new,) = alone.listed()
    assert values_of(new) == {("Length", "mm"): 3.75}
    assert new.get("Claimed", {"Values": []})["Values"] == []


def test_nothing_of_the_servers_own_is_believed(alone: Exchange) -> None:
    """Whoever wrote the file doesn't decide who measured what when."""
    alone.created(alone.line())
    document = alone.exported("json").json()
    alone.empty()
    lies = {
        **{"Author": "dr. house", "Revision": 17, "CreatedAt": "1999-01-01T00:00:00.000Z", "Study": "elsewhere"},
        **{"Calibration": {"Source": "magic"}, "Method": {"Software": "x"}, "InputsDigest": "0", "Stale": True},
        **{"Source": {"SOPInstanceUID": "1.2.3"}, "Claimed": {"Mismatch": False}, "Origin": {"Format": "paper"}},
        **{"UpdatedBy": "root", "RequestDigest": "0", "SeriesDigest": "0", "Warnings": ["x"], "Volume": None},
    }
    document["Measurements"][0].update(lies)
    assert outcome(sent(alone, document)) == (1, 0, 0)
    (new,) = alone.listed()
    assert (new["Author"], new["Revision"], new["Study"], new["Stale"]) == ("anonymous", 1, alone.study, False)
    assert new["CreatedAt"] > "2020"
    assert new["Calibration"]["Source"] == "patient-geometry"
    assert new["Source"]["SOPInstanceUID"] == alone.files[0].SOPInstanceUID
    assert "UpdatedBy" not in new
    assert (new["Origin"]["Author"], new["Origin"]["Revision"], new["Origin"]["Format"]) == ("dr. house", 17, "json")


# --- Entries that aren't taken -------------------------------------------------------------------------------

NOT_TAKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no tracking uid": ({"TrackingUID": None}, "bad-id"),
    "tracking uid of a number": ({"TrackingUID": 5}, "bad-id"),
    "tracking uid that is none": ({"TrackingUID": "1.2.<script>"}, "bad-id"),
    "tracking uid with leading zeros": ({"TrackingUID": "1.02.3"}, "bad-id"),
    "tracking uid too long": ({"TrackingUID": "2.25." + "1" * 60}, "bad-id"),
    "bad id": ({"Id": "../../etc"}, "bad-id"),
    "id of a number": ({"Id": 7}, "bad-id"),
    "no type": ({"Type": None}, "missing-key"),
    "unknown type": ({"Type": "circle"}, "unknown-type"),
    "list as type": ({"Type": ["distance"]}, "unknown-type"),
    "unknown tool": ({"Tool": "laser"}, "unknown-tool"),
    "no geometry": ({"Geometry": None}, "missing-key"),
    "text as geometry": ({"Geometry": "line"}, "bad-value"),
    "unknown key": ({"Password": "x"}, "unknown-key"),
    "label too long": ({"Label": "x" * 257}, "text-too-long"),
    "label of a break": ({"Label": "a\nb"}, "control-character"),
    "half a character": ({"Label": "\ud800"}, "control-character"),
    "number as label": ({"Label": 5}, "bad-value"),
    "nested label": ({"Label": [[[["x"]]]]}, "bad-value"),
    "finding without a code": ({"Finding": {"Scheme": "SCT"}}, "missing-key"),
    "other study's image": ({"Image": {"Instance": "deadbeef-" * 4 + "deadbeef", "Frame": 0}}, "image-not-in-study"),
    "other study's series": ({"Image": None, "Geometry": {"Space": "LPS", "Points": [[0, 0, 0], [0, 0, 1]]}}, ""),
    "frame that isn't there": ({"Image.Frame": 3}, "unknown-frame"),
    "truth as frame": ({"Image.Frame": True}, "bad-number"),
    "point outside": ({"Geometry.Points": [[0, 0], [99, 0]]}, "outside-image"),
    "one point": ({"Geometry.Points": [[0, 0]]}, "wrong-point-count"),
    "coincident points": ({"Geometry.Points": [[1, 1], [1, 1]]}, "coincident-points"),
    "text as coordinate": ({"Geometry.Points": [["1", 1], [2, 2]]}, "bad-number"),
    "endless coordinate": ({"Geometry.Points": [[float(10**300), 1], [2, 2]]}, "bad-number"),
}


def changed(record: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A record with other values under its keys; a dot leads into an object."""
    result = json.loads(json.dumps(record))
    for path, value in changes.items():
        *into, key = path.split(".")
        target = result
        for name in into:
            target = target[name]
        target[key] = value
    return result


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_entry_that_is_wrong_is_skipped_and_the_next_taken(exchange: Exchange, case: str) -> None:
    record = exchange.created(exchange.line())
    exchange.empty()
    changes, reason = NOT_TAKEN[case]
    if case == "other study's series":
        changes, reason = {**changes, "Series": "deadbeef-" * 4 + "deadbeef"}, "series-not-in-study"
    good = record | {"Id": None, "TrackingUID": "2.25.77", "Label": "good"}
    answer = sent(exchange, document_of([changed(record, changes), good]))
    assert outcome(answer) == (1, 0, 1)
    assert reasons(answer) == [reason]
    (skipped,) = answer["Skipped"]
    assert skipped["Details"]
    assert skipped.get("Entry", 0) == 0
    assert "Entry" in skipped or skipped["TrackingUID"] == record["TrackingUID"]
    assert [found["Label"] for found in exchange.listed()] == ["good"]


@pytest.mark.parametrize("entry", [None, 5, "text", True, [], [[]], 1.5])
def test_entry_that_is_no_object_is_skipped(alone: Exchange, entry: object) -> None:
    record = alone.created(alone.line())
    alone.empty()
    answer = sent(alone, document_of([entry, record, entry]))
    assert outcome(answer) == (1, 0, 2)
    assert [(s["Reason"], s["Entry"]) for s in answer["Skipped"]] == [("not-an-object", 0), ("not-an-object", 2)]


def test_another_studys_export_is_skipped_record_by_record(exchange: Exchange) -> None:
    other = Exchange(exchange.client, noise(OTHER, seed=1))
    other.fill([other.line(), other.voxels("everywhere") | {"Label": "v"}])
    answer = exchange.imported(other.exported("json").content)
    assert outcome(answer) == (0, 0, 2)
    assert sorted(reasons(answer)) == ["image-not-in-study", "series-not-in-study"]
    assert exchange.listed() == []
    assert len(other.listed()) == 2


def test_one_tracking_uid_twice_in_a_file_is_one_record(alone: Exchange) -> None:
    record = alone.created(alone.line())
    alone.empty()
    answer = sent(alone, document_of([record, record | {"Label": "other"}, record | {"Id": None}]))
    assert outcome(answer) == (1, 2, 0)
    assert set(answer["Existing"]) == set(answer["Created"])
    assert [found["Label"] for found in alone.listed()] == [""]


def test_id_of_another_record_is_not_taken_from_it(alone: Exchange) -> None:
    """Whether it was there before or came with the same file, and wherever in the file the thief stands."""
    record = alone.created(alone.line(Label="there"))
    entries = [record | {"Id": None, "TrackingUID": f"2.25.{k}", "Label": f"{k}"} for k in range(1, 4)]
    own = "00000000-0000-4000-8000-000000000009"
    new = record | {"Id": own, "TrackingUID": "2.25.8", "Label": "new"}
    thieves = [
        record | {"TrackingUID": f"2.25.{90 + k}", "Label": f"thief {k}", "Id": taken}
        for k, taken in enumerate((record["Id"], own))
    ]
    answer = sent(alone, document_of([*entries, new, *thieves]))
    assert outcome(answer) == (6, 0, 0)
    found = alone.client.get(alone.url).json()
    assert (found["Count"], found["Errors"]) == (7, [])
    ids = {one["Label"]: one["Id"] for one in found["Measurements"]}
    assert (ids["there"], ids["new"], len(set(ids.values()))) == (record["Id"], own, 7)


def test_values_without_geometry_are_marked_as_the_senders(exchange: Exchange) -> None:
    record = exchange.created(exchange.voxels("box", Label="v"))
    exchange.empty()
    bare = {key: value for key, value in record.items() if key != "Geometry"}
    assert outcome(sent(exchange, document_of([bare]))) == (1, 0, 0)
    (new,) = exchange.listed()
    assert (new["Method"]["Computed"], new["Origin"]["NotCarried"]) == (False, ["Geometry"])
    assert values_of(new) == values_of(record)
    assert (new["Label"], new["Author"], new["Stale"]) == ("v", "anonymous", False)
    for format_ in ("json", "csv", "xlsx", "sr"):
        exchange.exported(format_)
    assert exchange.client.get(f"{exchange.url}/summary").json()["Count"] == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Values": []}, "bad-value"),
        ({"Values": None}, "missing-key"),
        ({"Values": [{"Name": "Volume", "Unit": "mm3", "Value": "5"}]}, "bad-number"),
        ({"Values": [{"Name": "Volume", "Unit": "mm3", "Value": True}]}, "bad-number"),
        ({"Values": [{"Name": "Volume", "Unit": "mm3", "Value": 5}] * 65}, "bad-value"),
        ({"Values": [{"Name": "", "Unit": "mm3", "Value": 5}]}, "bad-value"),
        ({"Values": [{"Name": "a\nb", "Unit": "mm3", "Value": 5}]}, "control-character"),
        ({"Label": "x" * 257}, "text-too-long"),
        ({"Tool": "line"}, "unknown-tool"),
        ({"Type": "distance", "Tool": "line"}, "missing-key"),
    ],
)
def test_values_without_geometry_must_be_sound(alone: Exchange, changes: dict[str, Any], reason: str) -> None:
    record = alone.created(alone.voxels("box"))
    alone.empty()
    answer = sent(alone, document_of([record | {"Geometry": None} | changes]))
    assert (outcome(answer), reasons(answer)) == ((0, 0, 1), [reason])
    assert alone.listed() == []


# --- Documents that are none ---------------------------------------------------------------------------------

DEEP = "[" * 100_000
NOT_DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformed-json"),
    "words": (b"these are no measurements", "malformed-json"),
    "half": (b'{"Format": "reslice-meas', "malformed-json"),
    "binary": (bytes(range(256)), "malformed-json"),
    "utf-16": (b"\xff\xfe{\x00}\x00", "malformed-json"),
    "csv": ("\ufeffid,type\r\n".encode(), "malformed-json"),
    "zip": (b"PK\x03\x04" + bytes(200), "malformed-json"),
    "deep": (DEEP.encode(), "malformed-json"),
    "deep object": (b'{"a":' * 100_000, "malformed-json"),
    "deep entry": (b'{"Format":"reslice-measurements","Measurements":[' + DEEP.encode(), "malformed-json"),
    "long number": (b"1" * 10_000, "malformed-json"),
    "NaN": (b'{"Format":"reslice-measurements","FormatVersion":1,"Measurements":[NaN]}', "bad-number"),
    "Infinity": (b'{"Format":"reslice-measurements","FormatVersion":1,"Measurements":[-Infinity]}', "bad-number"),
    "key twice": (
        b'{"Format":"reslice-measurements","FormatVersion":1,"Measurements":[],"Measurements":[]}',
        "malformed-json",
    ),
    "list": (b"[]", "not-an-export"),
    "null": (b"null", "not-an-export"),
    "text": (b'"reslice-measurements"', "not-an-export"),
    "empty object": (b"{}", "not-an-export"),
    "a measurement": (b'{"Type": "distance", "Tool": "line"}', "not-an-export"),
    "other format": (b'{"Format":"Reslice-Measurements","FormatVersion":1,"Measurements":[]}', "not-an-export"),
    "format of a list": (b'{"Format":["reslice-measurements"],"FormatVersion":1,"Measurements":[]}', "not-an-export"),
    "no measurements": (b'{"Format":"reslice-measurements","FormatVersion":1}', "not-an-export"),
    "measurements by name": (b'{"Format":"reslice-measurements","FormatVersion":1,"Measurements":{}}', "not-an-export"),
    "no version": (b'{"Format":"reslice-measurements","Measurements":[]}', "unsupported-version"),
    "later version": (b'{"Format":"reslice-measurements","FormatVersion":2,"Measurements":[]}', "unsupported-version"),
    "true version": (
        b'{"Format":"reslice-measurements","FormatVersion":true,"Measurements":[]}',
        "unsupported-version",
    ),
    "text version": (b'{"Format":"reslice-measurements","FormatVersion":"1","Measurements":[]}', "unsupported-version"),
    "half version": (b'{"Format":"reslice-measurements","FormatVersion":1.0,"Measurements":[]}', "unsupported-version"),
}


@pytest.mark.parametrize("case", NOT_DOCUMENTS)
def test_document_that_is_none_is_refused_with_its_reason(exchange: Exchange, case: str) -> None:
    content, reason = NOT_DOCUMENTS[case]
    assert_refused(exchange.sent(content), 400, reason)
    assert exchange.listed() == []


def test_too_many_entries_are_refused_as_a_whole(exchange: Exchange) -> None:
    record = exchange.created(exchange.line())
    entries = [{"TrackingUID": f"2.25.{k}"} for k in range(2001)]
    answer = exchange.sent(json.dumps(document_of(entries)).encode())
    assert_refused(answer, 400, "too-many-measurements", Count=2001, Limit=2000)
    assert exchange.listed() == [record]


@pytest.mark.slow
def test_no_more_come_in_than_a_study_can_have(alone: Exchange) -> None:
    """The last of them are refused aloud, and what came in before stays."""
    record = alone.created(alone.line())
    copies = [record | {"Id": None, "TrackingUID": f"2.25.{k}", "Label": f"{k}"} for k in range(2000)]
    assert_refused(alone.sent(json.dumps(document_of(copies)).encode()), 409, "too-many-measurements", Limit=2000)
    assert len(alone.listed()) == 2000
    assert_refused(alone.create(alone.line(Label="one more")), 409, "too-many-measurements")


def test_body_over_the_limit_is_refused(exchange: Exchange) -> None:
    document = json.dumps(document_of([])).encode()
    assert exchange.sent(document + b" " * (LIMIT - len(document))).status == 200
    answer = exchange.sent(document + b" " * (LIMIT + 1 - len(document)))
    assert_refused(answer, 413, "body-too-large", LimitBytes=LIMIT, SizeBytes=LIMIT + 1)


HOSTILE_TEXTS = ["<script>alert(1)</script>", "a\nSet-Cookie: x=1", "\u202etxt.exe", "\ud800", "x" * 100_000]


@pytest.mark.parametrize("author", HOSTILE_TEXTS)
def test_hostile_author_is_harmless(exchange: Exchange, author: str) -> None:
    record = exchange.created(exchange.line())
    exchange.empty()
    answer = exchange.sent(json.dumps(document_of([record | {"Author": author, "UpdatedBy": author}])).encode())
    assert answer.status == 200
    assert_harmless(answer)
    (new,) = exchange.listed()
    assert new["Author"] == "anonymous"
    is_sound = len(author) < 257 and author.isprintable()
    assert new["Origin"].get("Author") == (author if is_sound else None)
    for format_ in ("json", "csv", "xlsx", "sr"):
        assert exchange.exported(format_).media_type != "text/html"


ODD_VALUES = [None, [], "x", 10**400]
MORE_ODD_VALUES = [5, 1.5, True, {}, [[]], "", "\ud800", -1, 1e308]


@pytest.mark.parametrize(
    "value", [*ODD_VALUES, *(pytest.param(odd, marks=pytest.mark.slow) for odd in MORE_ODD_VALUES)]
)
@pytest.mark.parametrize(
    "key",
    [
        *("Id", "TrackingUID", "Revision", "Type", "Tool", "Study", "Series", "Volume", "Image", "Plane", "Geometry"),
        *("Label", "Description", "Finding", "Site", "Values", "Calibration", "Method", "InputsDigest", "Author"),
        *("RequestDigest", "CreatedAt", "UpdatedAt", "UpdatedBy", "Stale", "Claimed", "Origin", "Source"),
    ],
)
def test_any_value_under_any_key_is_taken_or_skipped(shared: Exchange, key: str, value: object) -> None:
    """Never an error of the server, and never a record that can't be read again."""
    for body in (shared.line(), shared.voxels("everywhere")):
        record = shared.compute(body).json() | {"Id": None, "TrackingUID": "2.25.99", key: value}
        answer = shared.sent(json.dumps(document_of([record])).encode())
        assert answer.status == 200, answer.content
        assert sum(outcome(answer.json())) == 1
        for format_ in ("json", "csv", "xlsx"):
            shared.exported(format_)
        shared.empty()


@pytest.fixture(scope="module")
def shared() -> Exchange:
    return Exchange(InProcessClient(), noise(OTHER))


def test_study_that_is_not_there(client: Client) -> None:
    content = json.dumps(document_of([])).encode()
    path = "/studies/deadbeef-deadbeef-deadbeef-deadbeef-deadbeef/measurements/import"
    assert_refused(client.post(path, content), 404, "unknown-resource")
    assert client.post("/studies/x/measurements/import", content).status == 404
