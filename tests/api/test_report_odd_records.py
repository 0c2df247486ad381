"""Records that someone wrote by Orthanc's own routes: a report leaves out those that it can't hold, and tells it."""

import json
from typing import Any

import pytest

from clients import OrthancClient
from exchanges import Exchange
from measuring_clients import MeasuredStudy, entries, write_entry
from refusals import assert_refused

Record = dict[str, Any]
ODD: dict[str, Record] = {
    "source-null": {"Source": None},
    "source-without-frame": {"Source": {"SOPInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2"}},
    "source-empty": {"Source": {}},
    "no-tracking-uid": {"TrackingUID": None},
    "tracking-uid-of-letters": {"TrackingUID": "é"},
    "geometry-null": {"Geometry": None},
    "geometry-empty": {"Geometry": {}},
    "geometry-without-space": {"Geometry": {"Points": [[1, 2], [3, 4]]}},
    "three-numbers": {"Geometry": {"Space": "pixel", "Points": [[1, 2, 3], [4, 5, 6]]}},
    "no-points": {"Geometry": {"Space": "pixel", "Points": []}},
    "far-points": {"Geometry": {"Space": "pixel", "Points": [[1, 2], [1e300, 4]]}},
    "points-of-text": {"Geometry": {"Space": "pixel", "Points": [["a", "b"], [3, 4]]}},
    "finding-empty": {"Finding": {}},
    "finding-of-numbers": {"Finding": {"Scheme": 1, "Code": 2, "Meaning": 3}},
    "value-beyond-measure": {"Values": [{"Name": "Length", "Value": 10**400, "Unit": "mm"}]},
    "no-values": {"Values": []},
    "end-of-time": {"CreatedAt": "9999-12-31T23:59:59.999Z"},
    "image-of-others": {"Image": {"Instance": "nowhere", "Frame": 0}, "InputsDigest": ""},
    "image-empty": {"Image": {"Frame": 0}},
    "image-a-list": {"Image": {"Instance": [1], "Frame": {}}},
    "volume-afar": {"Image": None, "InputsDigest": "", "Volume": 9},
}
UNREADABLE = {
    "geometry-empty",
    "geometry-without-space",
    "three-numbers",
    "points-of-text",
    "finding-empty",
    "finding-of-numbers",
    "value-beyond-measure",
    "image-empty",
    "image-a-list",
}
"""Those that are no records at all: they stand under `Errors` of every list."""


def oddly(real: OrthancClient, kind: str) -> Exchange:
    """A study with one odd record."""
    exchange = Exchange(real)
    exchange.created(exchange.planar("line"))
    study = MeasuredStudy(real, exchange.study, exchange.series, exchange.instance())
    ((number, text),) = entries(study).items()
    odd = {**json.loads(text), **ODD[kind]}
    write_entry(study, number, json.dumps(odd, separators=(",", ":")).encode())
    told = real.get(exchange.url).json()
    assert [record["Id"] for record in told["Measurements"]] == ([] if kind in UNREADABLE else [odd["Id"]])
    assert [error["Reason"] for error in told["Errors"]] == (["corrupt-entry"] if kind in UNREADABLE else [])
    return exchange


@pytest.mark.parametrize("kind", ODD)
def test_odd_record_alone_is_no_report(real: OrthancClient, kind: str) -> None:
    exchange = oddly(real, kind)
    assert_refused(real.get(f"{exchange.url}/export", format="sr"), 422, "no-measurements")
    assert_refused(real.post(f"{exchange.url}/report"), 422, "no-measurements")


@pytest.mark.parametrize("kind", ODD)
def test_odd_record_leaves_the_others_reported(real: OrthancClient, kind: str) -> None:
    exchange = oddly(real, kind)
    sound = exchange.created(exchange.planar("ellipse"))
    assert sound["TrackingUID"].encode() in exchange.exported("sr").content
    answer = real.post(f"{exchange.url}/report")
    assert (answer.status, answer.json()["Count"]) == (200, 1)
    assert len(exchange.imported(exchange.exported("sr").content)["Existing"]) == 1
