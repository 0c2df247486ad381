"""Reports that the server makes of real images, through the code of OHIF's viewer, DCMTK and highdicom; and back."""

import io
import json
import shutil
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from clients import OrthancClient, orthanc_ids
from drafts import on_image, values_of
from exchanges import LUNG, MASS, Exchange, by_tracking_uid
from shared_data import case_bytes, unavailable
from unit.dicom.report_readers import dsrdump, highdicom_reports, hydrated, written_by_ohif

pytestmark = pytest.mark.slow

CASES = ("ct-head-phantom-5mm", "mr-sagittal-oblique")
WORLD = 1e-3
"""Millimetres: OHIF and the files count in single precision."""
LABEL = "Größe 病変 종양"
SHAPES: dict[str, tuple[str, str, list[tuple[float, float]]]] = {
    "line": ("distance", "Length", [(103.25, 104), (143.5, 164.25)]),
    "polyline": ("distance", "PlanarFreehandROI", [(103, 104), (143.5, 164.25), (120, 105), (180, 130)]),
    "angle": ("angle", "Angle", [(102, 102), (150, 110), (102, 188.5)]),
    "cobb": ("angle", "CobbAngle", [(102, 102), (160, 104), (103, 180), (162, 175)]),
    "polygon": (
        "area",
        "PlanarFreehandROI",
        [(105.25, 105.25), (145.25, 106.25), (160.25, 140.25), (112.25, 168.25), (104.25, 135.5)],
    ),
    "rectangle": ("area", "RectangleROI", [(105.25, 105.25), (165.25, 105.25), (165.25, 137.5), (105.25, 137.5)]),
    "ellipse": ("area", "EllipticalROI", [(105.2, 140.3), (175.2, 140.3), (140.2, 112.3), (140.2, 168.3)]),
    "point": ("hu", "Probe", [(137, 139)]),
}
"""The type of each of our tools, OHIF's name for it, and pixels [column, row] well inside the images.

No outline goes through the centre of a pixel, which single precision would take to one side of it.
"""
FACTS = ("SOPInstanceUID", "SOPClassUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "Modality")
NUMBERS = ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient")
STATISTICS: dict[str, dict[str, object]] = {
    "line": {"length": 1, "unit": "mm"},
    "polyline": {"length": 1},
    "angle": {"angle": 1},
    "cobb": {"angle": 1},
    "point": {},
}
OF_AREA = {"area": 1, "perimeter": 1, "areaUnit": "mm\u00b2", "mean": 1, "stdDev": 1, "max": 1, "min": 1}


@dataclass(frozen=True)
class Viewed:
    """A study on the server, its files, its measurements, and the report that the server made of these."""

    exchange: Exchange
    images: list[Dataset]
    records: dict[str, Any]
    report: bytes

    def image(self, tool: str) -> Dataset:
        """The image that a tool measures: each another one."""
        return self.images[2 + list(SHAPES).index(tool)]


def known(image: Dataset) -> dict[str, Any]:
    """An image as OHIF's metadata."""
    facts = {keyword: str(image[keyword].value) for keyword in FACTS}
    numbers = {keyword: list(map(float, image[keyword].value)) for keyword in NUMBERS}
    person = {"PatientID": str(image.PatientID), "PatientName": str(image.PatientName)}
    return {**facts, **numbers, **person, "Rows": image.Rows, "Columns": image.Columns}


def world(image: Dataset, points: Iterable[tuple[float, float]]) -> np.ndarray:
    """Pixels in LPS mm, by the equation of PS3.3 C.7.6.2.1.1."""
    position, cosines = np.array(image.ImagePositionPatient, float), np.array(image.ImageOrientationPatient, float)
    down, right = map(float, image.PixelSpacing)
    return np.array([position + c * right * cosines[:3] + r * down * cosines[3:] for c, r in points])


def handles(image: Dataset, tool: str) -> np.ndarray:
    """Where OHIF holds the points of a tool: the corners of a rectangle row by row."""
    points = world(image, SHAPES[tool][2])
    return points[[0, 1, 3, 2]] if tool == "rectangle" else points


def measured(client: OrthancClient, case: str) -> Viewed:
    """Every tool in pixels and once more in the patient, a volume, and their report."""
    images = [pydicom.dcmread(io.BytesIO(content)) for content in case_bytes(case)]
    exchange = Exchange(client, images)
    viewed = Viewed(exchange, images, {}, b"")
    for tool, (type_, _, points) in SHAPES.items():
        instance = orthanc_ids(viewed.image(tool))["instances"]
        words = {"Label": LABEL, "Finding": MASS, "Site": LUNG, "Description": tool}
        viewed.records[tool] = exchange.created(on_image(instance, points, type_, Tool=tool, **words))
        patient = world(viewed.image(tool), points).tolist()
        body = on_image(instance, patient, type_, Tool=tool, Space="LPS", **words)
        viewed.records[f"{tool} in the patient"] = exchange.created(body)
    return Viewed(exchange, images, viewed.records, exchange.exported("sr").content)


@pytest.fixture(params=CASES)
def viewed(request: pytest.FixtureRequest, real: OrthancClient) -> Viewed:
    require_node()
    return measured(real, request.param)


def require_node() -> None:
    """Node has to be there in CI."""
    if shutil.which("node") is None:
        unavailable("Node is not installed")


def test_ohif_takes_over_every_planar_measurement(viewed: Viewed, tmp_path: Path) -> None:
    found = hydrated(viewed.report, [known(image) for image in viewed.images], tmp_path)
    assert found["Warnings"] == []
    measurements = {one["TrackingUniqueIdentifier"]: one for one in found["Measurements"]}
    assert measurements.keys() == by_tracking_uid(viewed.records.values()).keys()
    for record in viewed.records.values():
        one, tool = measurements[record["TrackingUID"]], record["Tool"]
        image = viewed.image(tool)
        points = np.array(one["Polyline"] or one["Points"])
        assert np.abs(points - handles(image, tool)).max() < WORLD, tool
        assert (one["Tool"], one["Label"], one["Finding"], one["Sites"]) == (SHAPES[tool][1], LABEL, MASS, [LUNG])
        assert one["SOPInstanceUID"] == image.SOPInstanceUID
        assert one["FrameOfReferenceUID"] == image.FrameOfReferenceUID
        values = {name: value for (name, _), value in values_of(record).items()}
        shown = {"length": "Length", "angle": "Angle", "area": "Area", "mean": "Mean"}
        for key, name in shown.items():
            if key in one["Statistics"] and name in values:
                assert one["Statistics"][key] == pytest.approx(values[name], rel=1e-9), (tool, key)


def test_volume_does_not_disturb_ohif(viewed: Viewed, tmp_path: Path) -> None:
    exchange = viewed.exchange
    everywhere = {"Space": "LPS", "Shape": "everywhere", "Range": [500, 900]}
    body = {"Type": "volume", "Tool": "threshold", "Series": exchange.series, "Geometry": everywhere}
    volume = exchange.created(body)
    found = hydrated(exchange.exported("sr").content, [known(image) for image in viewed.images], tmp_path)
    tracked = {one["TrackingUniqueIdentifier"] for one in found["Measurements"]}
    assert tracked == by_tracking_uid(viewed.records.values()).keys()
    assert volume["TrackingUID"] not in tracked


def test_report_written_into_the_study_is_the_one_that_ohif_reads(viewed: Viewed, tmp_path: Path) -> None:
    exchange = viewed.exchange
    written = exchange.client.post(f"{exchange.url}/report").json()
    content = exchange.client.get(f"{written['Path']}/file").content
    found = hydrated(content, [known(image) for image in viewed.images], tmp_path)
    assert (len(found["Measurements"]), found["Warnings"]) == (len(viewed.records), [])


def test_dcmtk_reads_the_report_without_a_warning(viewed: Viewed, tmp_path: Path) -> None:
    printed, complaints = dsrdump(viewed.report, tmp_path)
    assert complaints == []
    for record in viewed.records.values():
        assert record["TrackingUID"] in printed


def test_highdicom_reads_the_report_without_a_warning(viewed: Viewed) -> None:
    sr = highdicom_reports()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = sr.ComprehensiveSR.from_dataset(pydicom.dcmread(io.BytesIO(viewed.report)))
        groups = report.content.get_planar_roi_measurement_groups() + report.content.get_image_measurement_groups()
    assert {group.tracking_uid for group in groups} == by_tracking_uid(viewed.records.values()).keys()


def drawn(image: Dataset, tool: str) -> dict[str, Any]:
    """What OHIF is asked to write of a tool."""
    return {
        "Tool": SHAPES[tool][1],
        "SOPInstanceUID": str(image.SOPInstanceUID),
        "Points": handles(image, tool).tolist(),
        "Label": LABEL,
        "Finding": MASS,
        "Sites": [LUNG],
        "Closed": tool != "polyline",
        "Statistics": STATISTICS.get(tool, OF_AREA),
    }


@pytest.fixture
def from_ohif(viewed: Viewed, tmp_path: Path) -> bytes:
    """OHIF's own report of every tool on the same images."""
    drawings = [drawn(viewed.image(tool), tool) for tool in SHAPES]
    series = {"SeriesDescription": "OHIF", "SeriesNumber": 99}
    images = [known(image) for image in viewed.images]
    return written_by_ohif({"Images": images, "Series": series, "Measurements": drawings}, tmp_path)


def test_what_ohif_writes_is_imported_and_measured_anew(viewed: Viewed, from_ohif: bytes) -> None:
    exchange = viewed.exchange
    exchange.empty()
    answer = exchange.imported(from_ohif)
    assert (len(answer["Created"]), answer["Existing"], answer["Skipped"]) == (len(SHAPES), [], [])
    assert answer["Warnings"] == []
    news = {record["Tool"]: record for record in exchange.listed()}
    assert news.keys() == SHAPES.keys()
    for tool, new in news.items():
        assert new["Image"]["Instance"] == orthanc_ids(viewed.image(tool))["instances"]
        assert np.abs(np.array(new["Geometry"]["Points"]) - SHAPES[tool][2]).max() < WORLD
        assert (new["Label"], new["Finding"], new["Site"]) == (LABEL, MASS, LUNG)
        assert (new["Origin"]["Format"], new["Origin"]["Sender"]) == ("sr", "cornerstone")
        for key, value in values_of(viewed.records[tool]).items():
            if key[0] in ("Length", "Angle", "Supplement", "Area", "Perimeter", "Value"):
                assert values_of(new)[key] == pytest.approx(value, rel=1e-4)
        if tool != "point":
            assert new["Claimed"]["Mismatch"] is True, "OHIF was told that everything is 1"


def test_what_ohif_writes_comes_in_once(viewed: Viewed, from_ohif: bytes) -> None:
    exchange = viewed.exchange
    exchange.empty()
    first, second = exchange.imported(from_ohif), exchange.imported(from_ohif)
    assert (second["Created"], second["Existing"]) == ([], first["Created"])
    stored = exchange.client.upload(from_ohif)
    third = exchange.imported(json.dumps({"Instance": stored}).encode())
    assert (third["Created"], third["Existing"]) == ([], first["Created"])
    assert len(exchange.listed()) == len(SHAPES)


def test_around_the_whole_way(viewed: Viewed, tmp_path: Path) -> None:
    """From here to OHIF, out of it again, and back: the same geometry and values, under OHIF's tracking UIDs."""
    exchange, images = viewed.exchange, [known(image) for image in viewed.images]
    seen = hydrated(viewed.report, images, tmp_path)["Measurements"]
    of_images = {"areaUnit": "mm\u00b2", "modalityUnit": "HU" if images[0]["Modality"] == "CT" else "raw"}
    again = [  # the viewer computes statistics and their units anew
        one | {"Points": one["Polyline"] or one["Points"], "Statistics": one["Statistics"] | of_images} for one in seen
    ]
    report = written_by_ohif({"Images": images, "Series": {"SeriesNumber": 99}, "Measurements": again}, tmp_path)
    exchange.empty()
    assert len(exchange.imported(report)["Created"]) == len(viewed.records)
    for new in exchange.listed():
        old = values_of(viewed.records[new["Tool"]])
        for key, value in values_of(new).items():
            if key[0] in ("Length", "Angle", "Area", "Perimeter", "Value"):
                assert old[key] == pytest.approx(value, rel=1e-4)
        if new["Type"] in ("distance", "angle") or "Claimed" in new:
            assert new["Claimed"]["Mismatch"] is False, (new["Tool"], new["Claimed"])
