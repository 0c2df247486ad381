"""Measurements leave as a structured report and come back from it, or stay with the study as one of its instances."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from clients import Client, InProcessClient, OrthancClient, orthanc_ids
from drafts import in_series, on_image, values_of
from enhanced_phantoms import enhanced
from exchanges import GRID, PIXELS, VOLUMES, Exchange, by_tracking_uid, said
from grids import even
from phantoms import file_of, instance, multiframe, noise, structured_report, without_geometry
from refusals import assert_refused
from shared_data import case_bytes

SINGLE = 1e-5
"""Pixels or mm that a coordinate in single precision may be off."""
WORDS = ("Type", "Tool", "Label", "Description", "Finding", "Site")
NAMES = {
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "german": ("ISO_IR 100", "Äneas^Rüdiger"),
    "plain": (None, "Doe^Jane"),
}
OF_STUDY = ("PatientName", "PatientID", "StudyInstanceUID", "StudyDate", "AccessionNumber", "ReferringPhysicianName")


@pytest.fixture
def exchange(client: Client) -> Exchange:
    return Exchange(client)


@pytest.fixture
def alone() -> Exchange:
    """In this process: for what no server changes."""
    return Exchange(InProcessClient())


def there_and_back(exchange: Exchange) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
    """Export a report, delete all measurements, import it: the answer, and the records by tracking UID."""
    report = exchange.exported("sr").content
    exchange.empty()
    answer = exchange.imported(report)
    return answer, by_tracking_uid(exchange.listed())


def assert_values(new: Mapping[str, Any], old: Mapping[str, Any], *names: str) -> None:
    """The same values, all of them or those of some names."""
    olds, news = values_of(old), values_of(new)
    assert olds.keys() == news.keys()
    for key, value in olds.items():
        if not names or key[0] in names:
            assert news[key] == pytest.approx(value, rel=1e-4, abs=1e-6), key


def points_of(record: Mapping[str, Any]) -> np.ndarray:
    return np.array(record["Geometry"]["Points"])


def references(report: bytes) -> list[int | None]:
    """The frame number of each region's image."""
    found = []
    for element in pydicom.dcmread(io.BytesIO(report)).iterall():
        if element.keyword == "ContentSequence":
            regions = [item for item in element.value if item.ValueType == "SCOORD"]
            found += [r.ContentSequence[0].ReferencedSOPSequence[0].get("ReferencedFrameNumber") for r in regions]
    return found


# --- There and back ------------------------------------------------------------------------------------------


def test_planar_measurements_come_back_from_a_report(exchange: Exchange) -> None:
    words = {"Label": "Läsion 日本 1", "Description": "drawn by hand"}
    codes = {key: exchange.everything()[0][key] for key in ("Finding", "Site")}
    olds = by_tracking_uid(exchange.fill(exchange.planar(tool, **words, **codes) for tool in PIXELS))
    answer, news = there_and_back(exchange)
    assert (len(answer["Created"]), answer["Skipped"], answer["Warnings"]) == (len(PIXELS), [], [])
    assert news.keys() == olds.keys()
    for uid, old in olds.items():
        new = news[uid]
        assert {key: new[key] for key in WORDS} == {key: old[key] for key in WORDS}
        assert (new["Image"], new["Geometry"]["Space"]) == (old["Image"], "pixel")
        assert np.abs(points_of(new) - points_of(old)).max() < SINGLE
        assert_values(new, old)
        assert new["Claimed"]["Mismatch"] is False
        assert {v["Name"] for v in new["Claimed"]["Values"]} == {v["Name"] for v in old["Values"]}
        assert (new["Origin"]["Format"], new["Origin"]["Sender"]) == ("sr", "reslice")
        assert (new["Origin"]["Author"], new["Author"], new["Stale"]) == ("anonymous", "anonymous", False)
        assert new["Calibration"] == old["Calibration"]


def test_patient_coordinates_on_an_image_come_back_as_its_pixels(exchange: Exchange) -> None:
    olds = by_tracking_uid(exchange.fill(exchange.in_patient(tool, k=2) for tool in PIXELS))
    answer, news = there_and_back(exchange)
    assert (answer["Skipped"], answer["Warnings"], news.keys()) == ([], [], olds.keys())
    for uid, old in olds.items():
        new = news[uid]
        assert (new["Image"], new["Geometry"]["Space"]) == (old["Image"], "pixel")
        assert np.abs(points_of(new) - PIXELS[old["Tool"]][1]).max() < SINGLE
        assert_values(new, old)
        assert new["Claimed"]["Mismatch"] is False


def test_planes_through_the_volume_come_back_in_the_patient(exchange: Exchange) -> None:
    olds = by_tracking_uid(exchange.fill(exchange.on_plane(tool, Label=tool) for tool in PIXELS))
    report = exchange.exported("sr").content
    assert b"SCOORD3D" in report
    assert references(report) == []
    answer, news = there_and_back(exchange)
    assert (answer["Skipped"], answer["Warnings"], news.keys()) == ([], [], olds.keys())
    for uid, old in olds.items():
        new = news[uid]
        assert (new["Series"], new["Volume"], new["Geometry"]["Space"]) == (old["Series"], 0, "LPS")
        assert np.abs(points_of(new) - points_of(old)).max() < SINGLE
        assert_values(new, old, "Length", "Angle", "Supplement", "Area", "Perimeter", "Value")
        if old["Type"] == "area":
            normals = [np.cross(r["Plane"]["Row"], r["Plane"]["Column"]) for r in (old, new)]
            assert abs(abs(normals[0] @ normals[1]) - 1) < SINGLE


def test_distances_across_slices_come_back(exchange: Exchange) -> None:
    ends = [[-5.0, -15.0, 7.5], [11.0, 1.0, 14.5]]
    exchange.created(in_series(exchange.series, ends))
    sphere = exchange.created(in_series(exchange.series, [[3, -7, 11]], "hu", Geometry={"Radius": 3.0}))
    answer, news = there_and_back(exchange)
    assert (len(news), answer["Skipped"], answer["Warnings"]) == (2, [], [])
    (line,) = (record for record in news.values() if record["Type"] == "distance")
    assert np.abs(points_of(line) - ends).max() < SINGLE
    assert values_of(line)["Length", "mm"] == pytest.approx(np.linalg.norm(np.subtract(*ends)), rel=1e-6)
    assert line["Claimed"]["Mismatch"] is False
    assert_values(news[sphere["TrackingUID"]], sphere)


def test_volumes_come_back_with_their_values_only(exchange: Exchange) -> None:
    olds = by_tracking_uid(exchange.fill(exchange.voxels(shape, Label=shape) for shape in VOLUMES))
    answer, news = there_and_back(exchange)
    assert (len(answer["Created"]), answer["Skipped"], news.keys()) == (len(VOLUMES), [], olds.keys())
    for uid, old in olds.items():
        new = news[uid]
        assert (new["Type"], new["Tool"], new["Label"]) == ("volume", old["Tool"], old["Label"])
        assert new["Origin"]["NotCarried"] == ["Geometry"]
        assert new["Method"]["Computed"] is False
        assert "could not be computed here" in new["Calibration"]["Warning"]
        assert any(new["TrackingUID"] in warning for warning in answer["Warnings"])
        assert new.get("Geometry") is None
        assert values_of(new) == pytest.approx(values_of(old), rel=1e-12)


def test_volumes_without_geometry_travel_on(exchange: Exchange) -> None:
    """From a report to JSON and back, and into another report."""
    exchange.fill(exchange.voxels(shape, Label=shape) for shape in VOLUMES)
    _, carried = there_and_back(exchange)
    content = exchange.exported("json").content
    exchange.empty()
    answer = exchange.imported(content)
    assert (len(answer["Created"]), answer["Skipped"]) == (len(VOLUMES), [])
    again = by_tracking_uid(exchange.listed())
    for uid, old in carried.items():
        assert (again[uid]["Values"], again[uid]["Label"]) == (old["Values"], old["Label"])
        assert again[uid]["Origin"]["NotCarried"] == ["Geometry"]
    _, last = there_and_back(exchange)
    assert {uid: r["Values"] for uid, r in last.items()} == {uid: r["Values"] for uid, r in carried.items()}


def test_everything_at_once_comes_back_and_twice_adds_nothing(exchange: Exchange) -> None:
    olds = by_tracking_uid(exchange.fill(exchange.everything()))
    report = exchange.exported("sr").content
    assert len(exchange.imported(report)["Existing"]) == len(olds), "all of them are there still"
    exchange.empty()
    first, second = exchange.imported(report), exchange.imported(report)
    assert first["Skipped"] == second["Skipped"] == []
    assert (len(first["Created"]), second["Created"]) == (len(olds), [])
    assert second["Existing"] == first["Created"]
    assert by_tracking_uid(exchange.listed()).keys() == olds.keys()


def test_study_that_was_sent_again_gets_its_records_under_their_ids(exchange: Exchange) -> None:
    olds = exchange.fill([exchange.planar("line"), exchange.on_plane("polygon"), exchange.voxels("box")])
    report = exchange.exported("sr").content
    exchange.client.clear()
    exchange.client.store(exchange.files)
    exchange.imported(report)
    assert {record["Id"] for record in exchange.listed()} == {record["Id"] for record in olds}


def test_wrong_numbers_of_a_report_are_told(alone: Exchange) -> None:
    alone.created(alone.planar("line"))
    report = pydicom.dcmread(io.BytesIO(alone.exported("sr").content))
    alone.empty()
    for element in report.iterall():
        if element.keyword == "MeasuredValueSequence":
            element.value[0].NumericValue = "999"
            del element.value[0].FloatingPointValue
    alone.imported(file_of(report))
    (new,) = alone.listed()
    assert new["Claimed"] == {"Values": [{"Name": "Length", "Value": 999.0, "Unit": "mm"}], "Mismatch": True}
    assert values_of(new)["Length", "mm"] == pytest.approx(0.75 * np.hypot(10.5, 10.25))


# --- Frames, tiles, and what has no place in the patient --------------------------------------------------


def test_frame_numbers_are_those_of_the_frames(client: Client) -> None:
    values = np.random.default_rng(3).integers(0, 900, GRID.shape).astype(float)
    exchange = Exchange(client, enhanced(values, even(GRID), order=(3, 0, 4, 1, 2)))
    olds = [exchange.created(exchange.planar("point", k=0, frame=k)) for k in range(5)]
    lps = exchange.created({**exchange.in_patient("line", k=0), "Image": {"Instance": exchange.instance(), "Frame": 1}})
    report = exchange.exported("sr").content
    assert sorted(map(int, filter(None, references(report)))) == [1, 2, 2, 3, 4, 5]
    _, news = there_and_back(exchange)
    for old in [*olds, lps]:
        new = news[old["TrackingUID"]]
        assert (new["Image"], new["Source"]["FrameNumber"]) == (old["Image"], old["Image"]["Frame"] + 1)
        assert_values(new, old)
        assert new["Claimed"]["Mismatch"] is False


def test_single_frames_have_no_frame_number(alone: Exchange) -> None:
    alone.created(alone.planar("line"))
    assert references(alone.exported("sr").content) == [None]


@pytest.mark.parametrize("frames", [1, 3])
def test_pictures_without_a_place_are_measured_in_pixels_there_and_back(client: Client, frames: int) -> None:
    pixels = np.arange(frames * 400, dtype=np.uint8).reshape(frames, 20, 20)
    exchange = Exchange(client, [multiframe(pixels) if frames > 1 else without_geometry(pixels[0])])
    last = frames - 1
    line = exchange.created(on_image(exchange.instance(), [(1, 2), (4, 6)], frame=last))
    area = exchange.created(on_image(exchange.instance(), [(1, 1), (9, 1), (9, 9)], "area", frame=last))
    assert values_of(line) == {("Length", "px"): 5.0}
    _, news = there_and_back(exchange)
    for old in (line, area):
        new = news[old["TrackingUID"]]
        assert (said(new), values_of(new)) == (said(old), values_of(old))
        assert new["Claimed"]["Mismatch"] is False


def test_tiles_of_a_mosaic_come_back_in_the_patient(client: Client) -> None:
    files = [pydicom.dcmread(io.BytesIO(case_bytes("mr-mosaic")[0]))]
    exchange = Exchange(client, files)
    tile = 17
    line = exchange.created(on_image(exchange.instance(), [(10, 12), (40, 52)], frame=tile))
    square = [(9.5, 9.5), (40.5, 9.5), (40.5, 30.5), (9.5, 30.5)]  # no centre lies on its border
    area = exchange.created(on_image(exchange.instance(), square, "area", frame=tile, Tool="rectangle"))
    point = exchange.created(on_image(exchange.instance(), [(31, 33)], "hu", frame=tile))
    report = exchange.exported("sr").content
    assert references(report) == []
    answer, news = there_and_back(exchange)
    assert (answer["Skipped"], len(news)) == ([], 3)
    assert_values(news[line["TrackingUID"]], line)
    assert_values(news[area["TrackingUID"]], area, "Area", "Perimeter", "Mean", "Count")
    assert_values(news[point["TrackingUID"]], point)
    assert news[point["TrackingUID"]]["Geometry"]["Space"] == "LPS"


def test_points_that_several_series_hold_are_measured_on_their_own(alone: Exchange) -> None:
    """The other series comes first, and lies in the same place."""
    for number in (-7, 7):
        study = alone.files[0].StudyInstanceUID
        alone.client.store(noise(GRID, seed=9 + number, StudyInstanceUID=study, SeriesNumber=number))
    olds = by_tracking_uid(
        alone.fill([alone.on_plane("point"), in_series(alone.series, [(1.3, -6.2, 9.1)], "hu"), alone.planar("line")])
    )
    answer, news = there_and_back(alone)
    assert answer["Warnings"] == []
    for uid, old in olds.items():
        assert news[uid]["Series"] == old["Series"] == alone.series
        assert values_of(news[uid]) == pytest.approx(values_of(old))


def test_points_that_several_series_hold_are_refused_where_none_is_named(alone: Exchange) -> None:
    alone.client.store(noise(GRID, seed=9, StudyInstanceUID=alone.files[0].StudyInstanceUID, SeriesNumber=7))
    alone.fill([alone.on_plane("line"), alone.planar("line")])
    report = unnamed(alone.exported("sr").content)
    alone.empty()
    answer = alone.imported(report)
    assert (len(answer["Created"]), [s["Reason"] for s in answer["Skipped"]]) == (1, ["ambiguous-volume"])


def test_what_is_stale_or_odd_is_left_out_of_a_report(alone: Exchange) -> None:
    kept, stale = (alone.created(alone.planar("line")) for _ in range(2))
    del stale
    alone.created(alone.voxels("box"))
    alone.client.remove(alone.ids[-1]["instances"])
    report = alone.exported("sr").content
    assert kept["TrackingUID"].encode() in report
    assert b"The pixels have changed since it was measured" in report


def two_series(alone: Exchange, measured: int) -> Exchange:
    """A study of two series in one place, of which the measured one comes first or second."""
    own, number = alone.files[0], 7 if measured == 0 else -7
    alone.client.store(noise(GRID, seed=9, StudyInstanceUID=own.StudyInstanceUID, SeriesNumber=number))
    return alone


def unnamed(report: bytes) -> bytes:
    """The report without the images of what lies in the patient."""
    dataset = pydicom.dcmread(io.BytesIO(report))
    for element in list(dataset.iterall()):
        if element.keyword == "ContentSequence" and any(item.ValueType == "NUM" for item in element.value):
            element.value = [item for item in element.value if item.ValueType != "IMAGE"]
    return file_of(dataset)


@pytest.mark.parametrize("measured", [0, 1])
def test_points_that_several_series_hold_come_back_on_the_measured_one(alone: Exchange, measured: int) -> None:
    two_series(alone, measured)
    olds = by_tracking_uid(alone.fill([alone.on_plane("polygon"), alone.on_plane("point"), alone.planar("line")]))
    answer, news = there_and_back(alone)
    assert (answer["Skipped"], answer["Warnings"], news.keys()) == ([], [], olds.keys())
    for uid, old in olds.items():
        assert news[uid]["Series"] == old["Series"]
        assert_values(news[uid], old, "Value", "Area", "Length")


def test_report_names_an_image_of_the_volume_as_evidence(alone: Exchange) -> None:
    two_series(alone, 1)
    alone.created(alone.on_plane("line"))
    report = pydicom.dcmread(io.BytesIO(alone.exported("sr").content))
    (series,) = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert series.SeriesInstanceUID == alone.files[0].SeriesInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID in {f.SOPInstanceUID for f in alone.files}


def test_points_of_no_told_series_are_skipped_where_several_hold_them(alone: Exchange) -> None:
    alone.created(alone.on_plane("line"))
    report = unnamed(alone.exported("sr").content)
    alone.empty()
    assert len(alone.imported(report)["Created"]) == 1, "one volume alone needs no name"
    alone.empty()
    two_series(alone, 0)
    answer = alone.imported(report)
    assert [skipped["Reason"] for skipped in answer["Skipped"]] == ["ambiguous-volume"]
    assert answer["Created"] == []


# --- In the study --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_report_is_an_instance_of_the_study_and_of_its_patient(real: OrthancClient, name: str) -> None:
    charset, patient = NAMES[name]
    texts = {"PatientName": patient, "ReferringPhysicianName": patient, "StudyDate": "20261124", "AccessionNumber": "7"}
    exchange = Exchange(real, noise(GRID, SpecificCharacterSet=charset, **texts))
    exchange.fill([exchange.planar("line", Label="病変 종양"), exchange.voxels("box")])
    answer = real.post(f"{exchange.url}/report")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    told = answer.json()
    assert (told["Study"], told["Count"], told["Path"]) == (exchange.study, 2, f"/instances/{told['Instance']}")
    assert real.get(f"/instances/{told['Instance']}/study").json()["ID"] == exchange.study
    assert real.get(f"/instances/{told['Instance']}/series").json()["MainDicomTags"]["Modality"] == "SR"
    assert [len(real.get(f"/{level}").json()) for level in ("patients", "studies", "series")] == [1, 1, 2]
    tags = [real.get(f"/instances/{i}/simplified-tags").json() for i in (exchange.instance(), told["Instance"])]
    for keyword in OF_STUDY:
        assert tags[0].get(keyword, "") == tags[1].get(keyword, ""), keyword
    assert tags[1]["PatientName"].rstrip("=") == patient


def test_report_in_the_study_is_read_again_by_its_name(exchange: Exchange) -> None:
    olds = by_tracking_uid(
        exchange.fill([exchange.planar("line"), exchange.on_plane("polygon"), exchange.voxels("box")])
    )
    written = exchange.client.post(f"{exchange.url}/report").json()["Instance"]
    asked = json.dumps({"Instance": written}).encode()
    assert len(exchange.imported(asked)["Existing"]) == 3
    exchange.empty()
    assert len(exchange.imported(asked)["Created"]) == 3
    news = by_tracking_uid(exchange.listed())
    assert news.keys() == olds.keys()
    for uid, new in news.items():
        assert_values(new, olds[uid], "Length", "Area", "Volume")


def test_each_report_is_another_instance_of_one_series(exchange: Exchange) -> None:
    exchange.created(exchange.line())
    before = exchange.listed()
    ids = [exchange.client.post(f"{exchange.url}/report").json()["Instance"] for _ in range(2)]
    assert len(set(ids)) == 2
    assert len(exchange.client.get(f"/studies/{exchange.study}/volumes").json()["Series"]) == 2
    assert exchange.listed() == before, "reports make no measurement stale"
    assert exchange.exported("sr").content


def test_reports_are_numbered_within_their_series(real: OrthancClient) -> None:
    exchange = Exchange(real)
    exchange.created(exchange.line())
    ids = [real.post(f"{exchange.url}/report").json()["Instance"] for _ in range(3)]
    tags = [real.get(f"/instances/{i}/simplified-tags").json() for i in ids]
    assert [int(told["InstanceNumber"]) for told in tags] == [1, 2, 3]
    assert len({told["SeriesInstanceUID"] for told in tags}) == 1
    assert not any("SeriesDate" in told or "SeriesTime" in told for told in tags)


@pytest.mark.parametrize("offset", ["+0930", "-0800"])
def test_times_of_a_report_are_in_the_offset_of_the_images(offset: str) -> None:
    exchange = Exchange(InProcessClient(), noise(GRID, TimezoneOffsetFromUTC=offset))
    exchange.created(exchange.line())
    before = datetime.now(UTC)
    report = pydicom.dcmread(io.BytesIO(exchange.exported("sr").content))
    texts = [report.ContentDate + report.ContentTime + report.TimezoneOffsetFromUTC]
    texts += [element.value for element in report.iterall() if element.keyword == "ObservationDateTime"]
    assert len(texts) == 2
    for text in texts:
        assert text.endswith(offset)
        assert abs(datetime.strptime(text, "%Y%m%d%H%M%S.%f%z") - before).total_seconds() < 60


@pytest.mark.parametrize("body", [b'{"Label": "x"}', b"[1]", b"x"])
def test_report_takes_no_body(exchange: Exchange, body: bytes) -> None:
    exchange.created(exchange.line())
    assert exchange.client.post(f"{exchange.url}/report", body).status == 400
    assert exchange.client.post(f"{exchange.url}/report", b"{}").status == 200


# --- Refusals ------------------------------------------------------------------------------------------------


def test_report_of_another_study_is_refused(exchange: Exchange) -> None:
    other = Exchange(exchange.client, noise(GRID, seed=1))
    other.created(other.planar("line"))
    assert_refused(exchange.sent(other.exported("sr").content), 400, "other-study")
    assert exchange.listed() == []


def named(what: object) -> bytes:
    return json.dumps({"Instance": what}).encode()


def test_instance_of_another_study_is_refused(exchange: Exchange) -> None:
    other = Exchange(exchange.client, noise(GRID, seed=1))
    other.created(other.planar("line"))
    written = other.client.post(f"{other.url}/report").json()["Instance"]
    assert_refused(exchange.sent(named(written)), 400, "image-not-in-study", Parameter="Instance")
    assert_refused(exchange.sent(named(other.instance())), 400, "image-not-in-study")


@pytest.mark.parametrize(
    "what", [None, 5, 1.5, True, "", "x", "../../system", [], {}, [[]], ["x"], "\ud800", "x" * 10_000]
)
def test_instance_that_is_no_name_is_refused(exchange: Exchange, what: object) -> None:
    assert_refused(exchange.sent(named(what)), 400, "image-not-in-study", Parameter="Instance")


def test_instance_beside_other_keys_is_no_export(exchange: Exchange) -> None:
    body = json.dumps({"Instance": exchange.instance(), "Format": "sr"}).encode()
    assert_refused(exchange.sent(body), 400, "not-an-export")


def other_documents(exchange: Exchange) -> dict[str, Dataset]:
    """Instances of the study that are no measurement reports."""
    study = {"StudyInstanceUID": exchange.files[0].StudyInstanceUID, "PatientID": exchange.files[0].PatientID}
    basic = instance("1.2.840.10008.5.1.4.1.1.88.11")
    basic.Modality, basic.StudyInstanceUID = "SR", study["StudyInstanceUID"]
    return {"basic": basic, "empty": structured_report(**study), "image": exchange.files[0]}


@pytest.mark.parametrize("kind", ["basic", "empty", "image"])
def test_what_is_no_measurement_report_is_refused(exchange: Exchange, kind: str) -> None:
    document = other_documents(exchange)[kind]
    assert_refused(exchange.sent(file_of(document)), 400, "not-a-report")
    exchange.client.store([document])
    assert_refused(exchange.sent(named(orthanc_ids(document)["instances"])), 400, "not-a-report")


@pytest.mark.parametrize("length", [132, 140, 300, 1000, 5000])
def test_report_that_is_cut_off_is_refused(exchange: Exchange, length: int) -> None:
    exchange.fill(exchange.planar(tool) for tool in PIXELS)
    report = exchange.exported("sr").content
    answer = exchange.sent(report[:length])
    assert answer.status in (400, 422), answer.content
    assert answer.json()["Reason"] in ("damaged", "not-a-report")
    assert_refused(exchange.sent(report[: len(report) // 2]), 422, "damaged")


def test_measurements_on_images_that_are_gone_are_skipped(exchange: Exchange) -> None:
    gone = exchange.created(exchange.planar("line", k=1))
    stays = exchange.created(exchange.planar("line", k=2))
    report = exchange.exported("sr").content
    exchange.empty()
    exchange.client.remove(exchange.instance(1))
    answer = exchange.imported(report)
    assert [(s["Reason"], s["TrackingUID"]) for s in answer["Skipped"]] == [("image-not-in-study", gone["TrackingUID"])]
    assert [record["TrackingUID"] for record in exchange.listed()] == [stays["TrackingUID"]]


def test_measurements_whose_image_is_gone_are_not_reported(exchange: Exchange) -> None:
    """A report would refer to an image that nobody has; what is left of the study is reported, and they are named."""
    for body in (exchange.planar("line"), exchange.in_patient("ellipse")):
        exchange.created(body)
    kept = exchange.created(exchange.planar("line", k=2))
    exchange.client.remove(exchange.instance(1))
    content = exchange.exported("sr").content
    assert kept["TrackingUID"].encode() in content
    assert content.count(b"The pixels have changed since it was measured") >= 1
    exchange.delete(kept["Id"])
    assert_refused(exchange.client.get(f"{exchange.url}/export", format="sr"), 422, "no-measurements")


def test_report_leaves_out_what_is_stale_and_tells_it(exchange: Exchange) -> None:
    """It names no image that the study doesn't hold, nor values of pixels that have changed."""
    gone = [exchange.created(body) for body in (exchange.planar("line"), exchange.in_patient("ellipse"))]
    stays = exchange.created(exchange.planar("line", k=2))
    exchange.client.remove(exchange.instance(1))
    content = exchange.exported("sr").content
    report = pydicom.dcmread(io.BytesIO(content))
    assert exchange.files[1].SOPInstanceUID.encode() not in content
    groups = [element.value for element in report.iterall() if element.keyword == "UID"]
    assert [uid for uid in groups if uid in {r["TrackingUID"] for r in (*gone, stays)}] == [stays["TrackingUID"]]
    for record in gone:
        assert f"Measurement {record['TrackingUID']} is not in this report (stale)".encode() in content
    told = exchange.client.post(f"{exchange.url}/report").json()
    assert told["Count"] == 1
    assert {s["TrackingUID"]: s["Reason"] for s in told["Skipped"]} == {r["TrackingUID"]: "stale" for r in gone}


def test_report_of_nothing_but_stale_measurements_is_refused(exchange: Exchange) -> None:
    exchange.created(exchange.planar("line"))
    exchange.client.remove(exchange.instance(1))
    assert_refused(exchange.client.get(f"{exchange.url}/export", format="sr"), 422, "no-measurements")
    assert_refused(exchange.client.post(f"{exchange.url}/report"), 422, "no-measurements")
