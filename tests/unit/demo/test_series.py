"""What holds for every demonstration series."""

import re
from collections import Counter

import pytest

from demo.load import STUDIES
from demo.series import DemoSeries
from reslice.web.routes import ROUTES

EVERY_STUDY = pytest.mark.parametrize("series", STUDIES, ids=lambda series: series.key)
ORTHANC_SERIES = {
    "body": "6d6cc86b-a9e496e9-6cb3c4d6-b0dffb48-7db7144a",
    "pet": "222bc649-1a774150-04398038-29535aea-c8f8a4ce",
    "brain": "16e4da09-3e594df9-e372d891-4ad097d6-a8ab151f",
    "chest": "e718882f-4db7002f-df232287-09a481f6-cf164eea",
    "heart": "50a3c032-e8455ea4-e1896f6e-a7294985-85439219",
}
"""As Orthanc itself named them when they were first loaded; bookmarks hang on them."""


def test_identifiers_never_change() -> None:
    assert {series.key: series.orthanc_id("series") for series in STUDIES} == ORTHANC_SERIES


def test_studies_and_series_have_their_own_uids() -> None:
    uids = Counter(series.uid(part) for series in STUDIES for part in ("study", "series", "instance/0"))
    assert max(uids.values()) == 1


@EVERY_STUDY
def test_an_instance_begins_well_formed(series: DemoSeries) -> None:
    image = series.begin(3)
    assert image == series.begin(3)
    assert image.InstanceNumber == 4
    assert image.SOPClassUID.name.endswith("Storage") or "Storage - " in image.SOPClassUID.name
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert image[keyword].value.is_valid
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "StudyDate", "StudyTime", "AccessionNumber"):
        assert image[keyword].value
    assert re.fullmatch(r"RESLICE-DEMO-[A-Z]+", image.PatientID)


@EVERY_STUDY
def test_views_lie_below_the_series(series: DemoSeries) -> None:
    routes = [route for route in ROUTES if route.method == "GET" and route.template.startswith("/series/{id}/")]
    for view in series.views.values():
        assert any(route.match(f"/series/x/{view.partition('?')[0]}") for route in routes), view
