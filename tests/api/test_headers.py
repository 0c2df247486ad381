"""Our headers: plain ASCII JSON, small, and silent about the patient."""

import json

import numpy as np
import pytest

from clients import Answer, Client
from phantoms import Acquisition, image, noise

OURS = ("Reslice-Plane", "Reslice-Window", "Reslice-Volume", "Reslice-Warnings", "Reslice-Raw")
LIMIT = 4096
NAMES = [
    "Doe^Jane\r\nSet-Cookie: owned=1",
    "Doe^Jane\nX-Injected: 1",
    "<script>alert(1)</script>",
    'quote"back\\slash',
    "Müller^Zoë",
    "Яковлев^Иван",
    "山田^太郎",
    "x" * 64,
]


def assert_clean(answer: Answer) -> None:
    """Each of our headers is compact ASCII JSON without control characters."""
    assert answer.status == 200, answer.content
    for name, value in answer.headers.items():
        assert value.isascii(), name
        assert value.isprintable(), name
        if name.lower().startswith("reslice-"):
            assert len(value) <= LIMIT
            assert value == json.dumps(json.loads(value), separators=(",", ":"))
    assert not {"set-cookie", "x-injected"} & {name.lower() for name in answer.headers}


def stored(client: Client, name: str) -> str:
    """A series whose texts all hold the patient's name."""
    texts = {
        "PatientName": name,
        "SeriesDescription": name,
        "StudyDescription": name,
        "ImageComments": name,
        "WindowCenterWidthExplanation": name,
        "SpecificCharacterSet": "ISO_IR 192",
    }
    window = {"WindowCenter": 40, "WindowWidth": 400}
    grid = Acquisition(shape=(3, 8, 8), tilt=10.0)
    return client.store_series(noise(grid, **window, **texts))


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom warns of the texts, which is the point
@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_the_patient_reaches_a_header(client: Client, name: str) -> None:
    series = stored(client, name)
    for route in ("slices/1", "mpr/sagittal", "thumbnail", "mpr/axial?position=900", "slices/0?format=raw"):
        answer = client.get(f"/series/{series}/{route}")
        assert_clean(answer)
        told = " ".join(answer.headers.get(header, "") for header in OURS)
        for word in ("Doe", "Jane", "alert", "quote", "u00fc", "u0418", "u5c71", "xxx"):
            assert word not in told
    assert client.get(f"/series/{series}/volumes").status == 200


def test_headers_tell_plane_window_and_volume(client: Client) -> None:
    series = client.store_series(noise(Acquisition(shape=(3, 8, 8), tilt=10.0)))
    answer = client.get(f"/series/{series}/mpr/axial", window_center=40, window_width=400)
    plane = answer.told("Reslice-Plane")
    assert plane.keys() >= {"Position", "Row", "Column", "Spacing", "Thickness", "Size", "Index", "Count"}
    assert plane["Size"] == list(answer.picture().shape)
    assert answer.told("Reslice-Window").keys() >= {"Center", "Width", "Function", "Invert"}
    assert answer.told("Reslice-Volume")["Index"] == 0
    assert "gantry-tilt" in answer.headers["Reslice-Warnings"]


def test_raw_header_only_with_raw(client: Client) -> None:
    series = client.store_series(noise(Acquisition(shape=(3, 8, 8))))
    assert "Reslice-Raw" in client.get(f"/series/{series}/mpr/axial", format="raw").headers
    assert "Reslice-Raw" not in client.get(f"/series/{series}/mpr/axial").headers


def test_many_warnings_stay_below_the_limit(client: Client) -> None:
    grid = Acquisition(shape=(120, 4, 4), tilt=25.0)
    series = client.store_series(noise(grid))
    assert_clean(client.get(f"/series/{series}/mpr/coronal", position=1e6))


def test_every_answer_has_a_content_type(client: Client) -> None:
    series = client.store_series([image(np.zeros((4, 4), np.int16))])
    for path in ("/reslice", "/reslice/cache", f"/series/{series}/volumes", f"/series/{series}/slices/0"):
        answer = client.get(path)
        assert answer.status == 200
        assert answer.media_type
