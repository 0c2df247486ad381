"""Stored frames tell how the size of their pixels is known in the middle: what a measurement there would tell."""

import numpy as np
import pytest

from calibration_cases import CASES, SPLIT_SCREEN, WITH_WARNING, region, ultrasound
from clients import Client
from drafts import Bench, on_image
from phantoms import Acquisition, noise, without_geometry

MIDDLE = [(19.4, 15.5), (19.6, 15.5)]
"""Two points on either side of it, in images of 40 by 32 pixels."""

ELSEWHERE = {"us-one-point-outside", "us-overlap-of-scales"}
"""Cases of what lies beside the middle."""


@pytest.mark.parametrize("name", CASES)
def test_frames_tell_what_measurements_in_their_middle_tell(client: Client, name: str) -> None:
    case = CASES[name]
    bench = Bench(client, [case.dataset])
    path = f"/series/{bench.series}/slices/0"
    told = client.get(path, format="raw").told("Reslice-Plane")["Calibration"]
    assert told == bench.compute(on_image(bench.instance(), MIDDLE)).json()["Calibration"]
    if name not in ELSEWHERE:
        assert told["Source"] == case.source
        assert ("Warning" in told) is (name in WITH_WARNING)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("query", [{}, {"width": 13}, {"height": 100}], ids=str)
def test_sizes_are_those_of_the_pixels_that_are_sent(client: Client, name: str, query: dict) -> None:
    path = f"/series/{Bench(client, [CASES[name].dataset]).series}/slices/0"
    stored = client.get(path, format="raw").told("Reslice-Plane")
    shown = client.get(path, **query).told("Reslice-Plane")
    before, now = (np.array(plane["Calibration"]["Spacing"] or np.nan) for plane in (stored, shown))
    assert np.isnan(before).all() == np.isnan(now).all()
    if not np.isnan(now).any():
        covered, expected = now * shown["Size"], before * stored["Size"]
        assert (covered > expected - 1e-9).all(), "a last pixel may reach beyond the image"
        assert (covered < expected + now).all()


def test_only_the_region_that_holds_the_middle_counts(client: Client) -> None:
    left = ultrasound(region((0, 0, 15, 31), (0.1, 0.1)), region((16, 0, 39, 31), (0.02, 0.04)))
    told = client.get(f"/series/{client.store_series([left])}/slices/0").told("Reslice-Plane")
    assert told["Calibration"] == {
        "Source": "ultrasound-region",
        "Spacing": [pytest.approx(0.4), pytest.approx(0.2)],
        "Region": 1,
    }
    assert told["Spacing"] is None, "the patient's millimetres aren't known"
    split = client.get(f"/series/{client.store_series([SPLIT_SCREEN])}/slices/0").told("Reslice-Plane")["Calibration"]
    assert (split["Source"], split["Spacing"]) == ("none", None)
    assert "No ultrasound region" in split["Warning"]


def test_slices_tell_the_same_whether_their_volume_is_in_memory_or_not(client: Client) -> None:
    files = noise(Acquisition(shape=(3, 6, 8), spacing=(2.0, 0.5, 0.25)), WindowCenter=1, WindowWidth=2)
    series = client.store_series(files)
    expected = {"Source": "patient-geometry", "Spacing": [0.5, 0.25]}
    for _ in range(2):
        for k in range(3):
            answer = client.get(f"/series/{series}/slices/{k}", format="raw")
            assert answer.told("Reslice-Plane")["Calibration"] == expected
        assert client.get(f"/series/{series}/mpr/axial").status == 200
    assert "Calibration" not in client.get(f"/series/{series}/mpr/axial").told("Reslice-Plane")


def test_a_replaced_header_is_told_anew(client: Client) -> None:
    file = without_geometry(np.zeros((4, 4), np.int16))
    path = f"/series/{client.store_series([file])}/slices/0"
    assert client.get(path).told("Reslice-Plane")["Calibration"]["Source"] == "none"
    file.NominalScannedPixelSpacing = [0.2, 0.2]
    client.remove(client.store([file])[0])
    client.store([file])
    told = client.get(path).told("Reslice-Plane")["Calibration"]
    assert (told["Source"], told["Spacing"]) == ("scanned", [0.2, 0.2])
    assert "film" in told["Warning"]
