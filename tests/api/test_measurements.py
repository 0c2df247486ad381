"""The life of a measurement: made, listed, read, changed, deleted; and who may do what when."""

import re
import uuid

import pytest

from clients import Client
from drafts import Bench, body_of, named, on_image
from phantoms import Acquisition, noise
from refusals import assert_bad_parameter, assert_refused

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench(client, noise(Acquisition(shape=(3, 16, 16))))


def test_creation_answers_the_record_and_its_tag(bench: Bench) -> None:
    answer = bench.create(bench.line(Label="Lesion 1", Finding={"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"}))
    assert answer.status == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"
    record = answer.json()
    assert UUID.fullmatch(record["Id"])
    assert record["TrackingUID"] == f"2.25.{uuid.UUID(record['Id']).int}"
    assert (record["Revision"], record["Type"], record["Tool"]) == (1, "distance", "line")
    assert (record["Study"], record["Series"], record["Volume"]) == (bench.study, bench.series, 0)
    assert record["Image"] == {"Instance": bench.instance(), "Frame": 0}
    assert record["Finding"] == {"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"}
    assert record["Values"] == [{"Name": "Length", "Value": 5.0, "Unit": "mm", "Code": "mm"}]
    assert record["Calibration"]["Source"] == "patient-geometry"
    assert record["Author"] == "anonymous"
    assert MOMENT.fullmatch(record["CreatedAt"])
    assert record["CreatedAt"] == record["UpdatedAt"]
    assert record["Stale"] is False
    assert record["Method"]["Software"].startswith("Reslice ")


def test_record_is_read_back_as_it_was_answered(bench: Bench) -> None:
    record = bench.created(bench.line(Label="äöü 日本 😀"))
    answer = bench.client.get(f"{bench.url}/{record['Id']}")
    assert answer.status == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == record
    assert bench.listed() == [record]


@pytest.mark.parametrize("condition", ['"1"', "*", 'W/"1"'])
def test_records_are_never_304(bench: Bench, condition: str) -> None:
    record = bench.created(bench.line())
    for path in (bench.url, f"{bench.url}/{record['Id']}"):
        assert bench.client.get(path, headers={"If-None-Match": condition}).status == 200


def test_same_creation_again_answers_what_is_kept(bench: Bench) -> None:
    own = str(uuid.uuid4())
    body = bench.line(Id=own, Label="a")
    first = bench.create(body)
    again = bench.create(dict(reversed(body.items())))
    assert (first.status, again.status) == (201, 200)
    assert first.json() == again.json()
    bench.put(own, bench.line(Label="b"))
    late = bench.create(body)
    assert (late.status, late.json()["Label"], late.headers["ETag"]) == (200, "b", '"2"')
    assert len(bench.listed()) == 1


def test_another_creation_with_the_same_id_is_refused(bench: Bench) -> None:
    own = str(uuid.uuid4())
    bench.created(bench.line(Id=own))
    assert_refused(bench.create(bench.line(Id=own, Label="other")), 409, "id-in-use")
    bench.delete(own)
    assert_refused(bench.create(bench.line(Id=own)), 410, "deleted")


def test_update_computes_anew_and_keeps_what_stays(bench: Bench) -> None:
    record = bench.created(bench.line())
    answer = bench.put(record["Id"], on_image(bench.instance(1), [(0, 0), (0, 7)], Label="longer"))
    assert answer.status == 200
    assert answer.headers["ETag"] == '"2"'
    changed = answer.json()
    assert named(changed) == {"Length": 7.0}
    assert (changed["Label"], changed["Revision"]) == ("longer", 2)
    assert changed["Image"]["Instance"] == bench.instance(1)
    for key in ("Id", "TrackingUID", "CreatedAt", "Author", "Study"):
        assert changed[key] == record[key]
    assert changed["UpdatedAt"] >= record["UpdatedAt"]
    assert bench.listed() == [changed]


def test_update_may_change_the_type(bench: Bench) -> None:
    record = bench.created(bench.line())
    changed = bench.put(record["Id"], on_image(bench.instance(), [(3, 3)], "hu")).json()
    assert (changed["Type"], [v["Name"] for v in changed["Values"]]) == ("hu", ["Value"])


def test_update_and_deletion_need_the_revision(bench: Bench) -> None:
    record = bench.created(bench.line())
    own = record["Id"]
    assert_refused(bench.put(own, bench.line(), None), 412, "if-match-required")
    assert_refused(bench.delete(own, None), 412, "if-match-required")
    assert_refused(bench.put(own, bench.line(), '"2"'), 412, "stale-revision", Revision=1)
    assert_refused(bench.delete(own, '"0"'), 412, "stale-revision")
    for malformed in ("*", 'W/"1"', '"1", "2"', "1", '"one"', '"1', '""', '"-1"', '"1.0"', '"99999999999999"'):
        assert_refused(bench.put(own, bench.line(), malformed), 400, "bad-if-match")
        assert_refused(bench.delete(own, malformed), 400, "bad-if-match")
    assert bench.listed() == [record]


def test_lost_race_changes_nothing(bench: Bench) -> None:
    own = bench.created(bench.line())["Id"]
    assert bench.put(own, bench.line(Label="first")).status == 200
    assert_refused(bench.put(own, bench.line(Label="second")), 412, "stale-revision", Revision=2)
    assert bench.listed()[0]["Label"] == "first"


def test_refused_update_changes_nothing(bench: Bench) -> None:
    record = bench.created(bench.line())
    assert_refused(bench.put(record["Id"], on_image(bench.instance(), [(0, 0), (99, 0)])), 422, "outside-image")
    assert_refused(bench.put(record["Id"], bench.line(Id=NOBODY)), 400, "bad-id")
    assert bench.listed() == [record]


def test_deleted_stays_deleted(bench: Bench) -> None:
    own = bench.created(bench.line())["Id"]
    answer = bench.delete(own)
    assert (answer.status, answer.json()) == (200, {})
    assert answer.media_type == "application/json"
    path = f"{bench.url}/{own}"
    assert_refused(bench.client.get(path), 410, "deleted")
    assert_refused(bench.put(own, bench.line()), 410, "deleted")
    assert_refused(bench.put(own, bench.line(), '"2"'), 410, "deleted")
    assert_refused(bench.delete(own, '"2"'), 410, "deleted")
    assert bench.listed() == []


@pytest.mark.parametrize("unknown", [NOBODY, "x-1", "summary2", "1" * 300])
def test_unknown_measurement(bench: Bench, unknown: str) -> None:
    assert_refused(bench.client.get(f"{bench.url}/{unknown}"), 404, "unknown-measurement")
    assert_refused(bench.delete(unknown), 404, "unknown-measurement")


def test_unknown_study_series_and_instance(bench: Bench) -> None:
    nowhere = "deadbeef-deadbeef-deadbeef-deadbeef-deadbeef"
    for level in ("studies", "series", "instances"):
        assert bench.client.get(f"/{level}/{nowhere}/measurements").status == 404
        assert bench.client.get(f"/{level}/x/measurements").status == 404
    for path in ("summary", "export", NOBODY):
        assert bench.client.get(f"/studies/{nowhere}/measurements/{path}").status == 404
    for path in ("", "/compute", "/import", "/report"):
        body = body_of(bench.line()) if path != "/report" else b""
        assert bench.client.post(f"/studies/{nowhere}/measurements{path}", body).status == 404


def test_list_is_in_the_order_of_making_and_in_pages(bench: Bench) -> None:
    made = [bench.created(bench.line(Label=f"{k}"))["Id"] for k in range(5)]
    listed = bench.listed()
    assert {record["Id"] for record in listed} == set(made)
    assert [(r["CreatedAt"], r["Id"]) for r in listed] == sorted((r["CreatedAt"], r["Id"]) for r in listed)
    answer = bench.client.get(bench.url, since=1, limit=2).json()
    assert answer["Count"] == 5
    assert answer["Measurements"] == listed[1:3]
    assert bench.client.get(bench.url, since=5).json()["Measurements"] == []


def test_list_is_filtered(bench: Bench) -> None:
    bench.created(bench.line(Label="a"))
    bench.created(on_image(bench.instance(1), [(3, 3)], "hu", Label="b"))
    assert [r["Label"] for r in bench.listed(type="hu")] == ["b"]
    assert [r["Label"] for r in bench.listed(label="a")] == ["a"]
    assert [r["Label"] for r in bench.listed(series=bench.series, type="distance")] == ["a"]
    assert bench.listed(series=bench.study) == []
    of_series = bench.client.get(f"/series/{bench.series}/measurements").json()
    assert (of_series["Count"], of_series["Study"], of_series["Series"]) == (2, bench.study, bench.series)
    of_instance = bench.client.get(f"/instances/{bench.instance(1)}/measurements").json()
    assert [r["Label"] for r in of_instance["Measurements"]] == ["b"]
    assert of_instance["Instance"] == bench.instance(1)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 0), ("limit", 2001), ("since", -1), ("type", "x"), ("since", "a")]
)
def test_bad_list_parameters(bench: Bench, name: str, value: object) -> None:
    assert_bad_parameter(bench.client.get(bench.url, **{name: value}), name)
    assert_bad_parameter(bench.client.get(bench.url, order="x"), "order", "unknown-parameter")


def test_computing_keeps_nothing(bench: Bench) -> None:
    answer = bench.compute(bench.line(Label="x"))
    assert answer.status == 200
    computed = answer.json()
    assert named(computed) == {"Length": 5.0}
    assert not {"Id", "Revision", "Author", "TrackingUID", "CreatedAt"} & computed.keys()
    assert bench.listed() == []


def test_summary_counts(bench: Bench) -> None:
    assert bench.client.get(f"{bench.url}/summary").json()["Count"] == 0
    bench.created(bench.line())
    bench.created(on_image(bench.instance(), [(0, 0), (0, 15)]))
    last = bench.created(on_image(bench.instance(1), [(3, 3)], "hu"))
    summary = bench.client.get(f"{bench.url}/summary").json()
    assert (summary["Study"], summary["Count"]) == (bench.study, 3)
    assert summary["ByType"] == {"distance": 2, "hu": 1}
    assert summary["BySeries"] == {bench.series: 3}
    assert summary["ByAuthor"] == {"anonymous": 3}
    assert summary["Latest"]["UpdatedAt"] == last["UpdatedAt"]
    assert summary["Statistics"]["distance"]["mm"] == {"Count": 2, "Mean": 10.0, "Minimum": 5.0, "Maximum": 15.0}


def test_measurements_go_with_their_study(client: Client) -> None:
    files = noise(Acquisition(shape=(2, 8, 8)))
    bench = Bench(client, files)
    own = bench.created(bench.line())["Id"]
    for k in range(2):
        client.remove(bench.instance(k))
    assert client.get(bench.url).status == 404
    assert client.get(f"{bench.url}/{own}").status == 404
    assert bench.put(own, bench.line()).status == 404
    assert bench.delete(own).status == 404
    client.store(files)
    assert bench.listed() == []


def test_stale_tells_of_other_pixels(client: Client) -> None:
    files = noise(Acquisition(shape=(3, 8, 8)))
    bench = Bench(client, files)
    on_frame = bench.created(bench.line())["Id"]
    whole = {"Type": "hu", "Tool": "point", "Series": bench.series, "Geometry": {"Space": "LPS", "Points": [[0, 0, 0]]}}
    in_volume = bench.created(whole)["Id"]
    client.remove(bench.instance(2))
    stale = {record["Id"]: record["Stale"] for record in bench.listed()}
    assert stale == {on_frame: False, in_volume: True}
    client.remove(bench.instance(0))
    assert all(record["Stale"] for record in bench.listed())
    assert client.get(f"{bench.url}/{on_frame}").headers["ETag"] == '"1"'


def test_computing_again_is_no_longer_stale(client: Client) -> None:
    bench = Bench(client, noise(Acquisition(shape=(3, 8, 8))))
    body = {"Type": "hu", "Tool": "point", "Series": bench.series, "Geometry": {"Space": "LPS", "Points": [[0, 0, 0]]}}
    own = bench.created(body)["Id"]
    client.remove(bench.instance(2))
    assert bench.listed()[0]["Stale"]
    assert bench.put(own, body).json()["Stale"] is False
    assert bench.listed()[0]["Stale"] is False


def test_another_instance_of_the_series_makes_nothing_stale(client: Client) -> None:
    """A volume keeps its frames; what comes beside it is no change of its pixels."""
    files = noise(Acquisition(shape=(3, 8, 8)))
    bench = Bench(client, files)
    body = {"Type": "hu", "Tool": "point", "Series": bench.series, "Geometry": {"Space": "LPS", "Points": [[0, 0, 0]]}}
    bench.created(body)
    others = noise(Acquisition(shape=(3, 6, 6)), StudyInstanceUID=files[0].StudyInstanceUID)
    for other in others:
        other.SeriesInstanceUID = files[0].SeriesInstanceUID
    client.store(others)
    (record,) = bench.listed()
    assert record["Stale"] is False
    volumes = client.get(f"/series/{bench.series}/volumes").json()["Volumes"]
    assert volumes[record["Volume"]]["Shape"] == [3, 8, 8]


def test_writes_of_another_site_are_refused(bench: Bench) -> None:
    record = bench.created(bench.line())
    foreign = {"Origin": "https://evil.example", "If-Match": '"1"'}
    path = f"{bench.url}/{record['Id']}"
    for answer in (
        bench.client.post(bench.url, body_of(bench.line()), foreign),
        bench.client.post(f"{bench.url}/compute", body_of(bench.line()), foreign),
        bench.client.post(f"{bench.url}/import", b"{}", foreign),
        bench.client.post(f"{bench.url}/report", b"", foreign),
        bench.client.put(path, body_of(bench.line()), foreign),
        bench.client.delete(path, foreign),
    ):
        assert_refused(answer, 403, "cross-site-write")
    assert bench.listed() == [record]


def test_methods_that_a_path_does_not_take(bench: Bench) -> None:
    assert bench.client.put(bench.url, b"{}").status == 405
    assert bench.client.delete(bench.url).status == 405
    assert bench.client.get(f"{bench.url}/compute").status in (404, 405)
    assert bench.client.post(f"{bench.url}/{NOBODY}", b"{}").status == 405


def test_volumes_of_a_study_tell_how_much_was_measured(bench: Bench) -> None:
    bench.created(bench.line())
    (series,) = bench.client.get(f"/studies/{bench.study}/volumes").json()["Series"]
    assert series["MeasurementCount"] == 1
