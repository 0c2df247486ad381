"""Measurements of several people, and as files: nothing is lost, and nothing in them is run."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom import dcmread

from browser import Watch
from clients import OrthancClient
from measuring_page import MeasuringPage, measuring_page
from phantoms import Acquisition, noise
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
WORD = "xyz-1"
HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def measuring(page: Page, orthanc: Orthanc, real: OrthancClient) -> MeasuringPage:
    """A study with one measurement, which is chosen."""
    measuring = measuring_page(page, orthanc, real, noise(SMALL, PatientName="Doe^Jane", PatientID="P1"), SMALL)
    measuring.choose("l")
    measuring.press("Enter", "Enter", "6*ArrowRight", "Enter")
    measuring.kept(1)
    return measuring


def label(page: Page) -> Locator:
    return page.get_by_label("Label", exact=True)


def changed_elsewhere(measuring: MeasuringPage, **changes: object) -> dict:
    """Somebody else changes the only record."""
    (record,) = measuring.records()
    body = {key: record[key] for key in ("Type", "Tool", "Image", "Geometry")} | changes
    path = f"/studies/{measuring.study}/measurements/{record['Id']}"
    answer = measuring.client.put(path, json.dumps(body).encode(), {"If-Match": f'"{record["Revision"]}"'})
    assert answer.status == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("choice", "labels"),
    [
        ("Keep theirs", ["theirs"]),
        ("Replace theirs by mine", ["mine"]),
        ("Keep both", ["theirs", "mine"]),
    ],
)
def test_change_of_two_people_is_decided_and_nothing_lost(
    measuring: MeasuringPage, watch: Watch, choice: str, labels: list[str]
) -> None:
    watch.expected = {"412"}
    page = measuring.page
    label(page).fill("mine")
    changed_elsewhere(measuring, Label="theirs")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="Changed by somebody else")
    row = dialog.get_by_role("row", name="Label")
    expect(row.get_by_role("cell")).to_have_text(["mine", "theirs"])
    expect(row).to_have_class("differs")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(label(page)).to_have_value("mine")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_role("button", name=choice).click()
    expect(dialog).to_have_count(0)
    records = measuring.kept(len(labels))
    assert [record["Label"] for record in records] == labels
    expect(measuring.items().locator(".title")).to_have_text(labels)
    expect(measuring.page.locator("#measurements .note")).to_have_count(0)


def test_moved_shape_has_its_own_number_in_the_list_and_in_the_question_what_stays(
    measuring: MeasuringPage, watch: Watch
) -> None:
    watch.expected = {"412"}
    page = measuring.page
    changed_elsewhere(measuring, Geometry={"Space": "LPS", "Points": [[0.5, 0.5, 1], [3.5, 0.5, 1]]})
    measuring.drag((6.5, 0.5), (12.5, 0.5))
    dialog = page.get_by_role("dialog", name="Changed by somebody else")
    measured = dialog.get_by_role("row", name="Measured").get_by_role("cell")
    expect(measured).to_have_text([re.compile(r"^1[12]\.\d mm$"), "3.0 mm"])
    places = dialog.get_by_role("row", name="Geometry").get_by_role("cell")
    expect(places.nth(1)).to_have_text("L 0.5 P 0.5 H 1.0; L 3.5 P 0.5 H 1.0")
    mine = measured.first.text_content() or ""
    page.keyboard.press("Escape")
    expect(measuring.items().locator(".value")).to_have_text(mine)
    expect(measuring.items().locator(".note")).to_have_text("not saved")
    expect(page.locator("#measurements .facts data").first).not_to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(measuring.items().locator("button data")).to_have_text("3.0 mm")
    expect(page.locator("#measurements .facts data").first).to_be_visible()


def test_two_tabs_see_each_other(measuring: MeasuringPage, watch: Watch) -> None:
    watch.expected = {"412"}
    first = measuring.page
    second = first.context.new_page()
    second.goto(first.url)
    other = second.locator("#measurements li")
    expect(other).to_have_count(1)
    other.locator("button.choose").click()
    label(second).fill("from the second tab")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".title")).to_have_text("from the second tab")
    label(first).fill("from the first")
    first.get_by_role("button", name="Save", exact=True).click()
    first.get_by_role("dialog").get_by_role("button", name="Keep both").click()
    assert [record["Label"] for record in measuring.kept(2)] == ["from the second tab", "from the first"]
    second.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(other).to_have_count(2)


def test_measurement_deleted_meanwhile_is_saved_as_a_new_one(measuring: MeasuringPage, watch: Watch) -> None:
    watch.expected = {"410"}
    page = measuring.page
    label(page).fill("mine")
    (record,) = measuring.records()
    path = f"/studies/{measuring.study}/measurements/{record['Id']}"
    assert measuring.client.delete(path, {"If-Match": '"1"'}).status == 200
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog", name="Deleted meanwhile").get_by_role("button", name="Save mine").click()
    expect(measuring.items().locator(".title")).to_have_text("mine")
    (back,) = measuring.kept(1)
    assert (back["Label"], back["Geometry"]) == ("mine", record["Geometry"])
    assert back["Id"] != record["Id"]


def test_words_and_codes_are_kept_as_they_are_written(measuring: MeasuringPage) -> None:
    page = measuring.page
    label(page).fill(HOSTILE)
    page.get_by_label("Description").fill("more\n<b>words</b>")
    page.get_by_label("Finding", exact=True).select_option(label="Nodule")
    page.get_by_label("Site", exact=True).select_option("other")
    for part, text in (("Scheme", "99OWN"), ("Code", "S-1"), ("Meaning", "Elbow")):
        page.get_by_label(f"Site: {part}").fill(text)
    page.get_by_label("Description").press("Enter")
    expect(page.locator("#status")).to_have_text("Saved.")
    expect(measuring.items().locator("button.choose")).to_be_focused()
    (record,) = measuring.records()
    assert (record["Label"], record["Description"]) == (HOSTILE, "more <b>words</b>")
    assert record["Finding"] == {"Scheme": "SCT", "Code": "27925004", "Meaning": "Nodule"}
    assert record["Site"] == {"Scheme": "99OWN", "Code": "S-1", "Meaning": "Elbow"}
    measuring.open()
    expect(measuring.items().locator(".title")).to_have_text(HOSTILE)
    expect(page.locator("figure.axial .beside")).to_contain_text(HOSTILE)
    assert page.locator("#measurements img, figure img").count() == 0


def test_keys_of_measurements_leave_text_fields_alone(measuring: MeasuringPage, watch: Watch) -> None:
    watch.expected = {"410"}
    page = measuring.page
    label(page).fill("word")
    measuring.press("Home", "Delete", "Control+z", "Escape")
    expect(measuring.items()).to_have_count(1)
    expect(label(page)).to_be_visible()
    assert len(measuring.records()) == 1
    page.get_by_role("button", name="Discard").click()
    head = measuring.items().locator("button.choose")
    expect(head).to_be_focused()
    page.get_by_label("Site", exact=True).select_option("other")
    page.get_by_label("Site: Scheme").fill("half")
    page.evaluate("document.querySelector('a[href=\"index.html\"]').click()")
    expect(page.locator("#studies")).to_be_visible()
    page.go_back()
    head.click()
    expect(page.get_by_label("Site: Scheme")).to_have_value("half")
    record = changed_elsewhere(measuring, Label="theirs")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(label(page)).to_have_value("theirs")
    expect(page.get_by_label("Site: Scheme")).to_have_value("half")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Site: Scheme")).not_to_be_visible()
    assert page.evaluate("() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"), "it asks"
    measuring.client.delete(f"/studies/{measuring.study}/measurements/{record['Id']}", {"If-Match": '"2"'})
    page.get_by_role("button", name="Undo").press("Enter")
    expect(measuring.items()).to_have_count(0)
    expect(page.locator("#measurements h2")).to_be_focused()


def test_files_go_out_and_come_back(measuring: MeasuringPage, tmp_path: Path) -> None:
    page = measuring.page
    page.locator("#measurements summary").click()
    files = {}
    for name in ("CSV", "XLSX", "JSON", "DICOM SR"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Export: {name}").click()
        assert download.value.suggested_filename.startswith("measurements.")
        assert "token" not in download.value.url
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    (row,) = csv.DictReader(io.StringIO(files["CSV"].read_text("utf-8-sig")))
    assert float(row["length_mm"]) == 6.0
    assert files["XLSX"].read_bytes().startswith(b"PK")
    assert dcmread(files["DICOM SR"]).Modality == "SR"
    measuring.surface().focus()
    page.keyboard.press("Delete")
    measuring.kept(0)
    page.locator("#measurements input[type=file]").set_input_files(files["JSON"])
    expect(page.locator("#measurements .told")).to_have_text("1 taken over, 0 there already")
    (record,) = measuring.kept(1)
    assert record["Values"][0]["Value"] == 6.0
    page.locator("#measurements input[type=file]").set_input_files(files["DICOM SR"])
    expect(page.locator("#measurements .told")).to_contain_text("0 taken over, 1 there already")
    page.get_by_role("button", name="Write report into the study").dblclick()
    expect(page.locator("#measurements .told")).to_have_text("The report was written: 1 measurement.")
    kept = [
        measuring.client.get(f"/series/{series}").json()
        for series in measuring.client.get(f"/studies/{measuring.study}").json()["Series"]
    ]
    images = {series["MainDicomTags"]["Modality"]: len(series["Instances"]) for series in kept}
    assert images == {"CT": 6, "SR": 1}


@pytest.mark.slow
def test_token_goes_with_every_request_and_into_no_address(
    open_page: Callable[..., Page], orthanc: Orthanc, real: OrthancClient
) -> None:
    page = open_page()
    measuring = measuring_page(page, orthanc, real, noise(SMALL), SMALL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    measuring.open(**{"token": WORD})
    measuring.choose("l")
    measuring.press("Enter", "Enter", "6*ArrowRight", "Enter")
    measuring.kept(1)
    assert all(f"token={WORD}" in url for url in asked if "/measurements" in url)
    assert WORD not in page.url
