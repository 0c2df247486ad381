"""Claims that lie: each gets a clear reason, quickly, and costs no memory."""

import io
import time
from collections.abc import Iterator

import numpy as np
import pytest
from pydicom import dcmread

from clients import Answer, Client, InProcessClient, OrthancClient, orthanc_ids
from lies import LIES, Lie
from phantoms import AXIAL, Acquisition, noise
from refusals import assert_harmless
from resident_memory import MEBIBYTE, ResidentMemory
from server import Orthanc

ROUTES = (
    "volumes",
    "slices",
    "slices/0",
    "slices/0?format=npy",
    "slices/7",
    "mpr/axial?width=32",
    "mpr/coronal?width=32&format=npy",
    "thumbnail",
)
SECONDS = 2.0
MORE_MEMORY = 50 * MEBIBYTE
EVERY_LIE = pytest.mark.parametrize("lie", LIES.values(), ids=LIES)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Invalid value for VR", "ignore:.*pixel data"),
]


def asked(client: Client, path: str) -> Answer:
    """An answer within the time, with a reason where it is a refusal."""
    started = time.monotonic()
    answer = client.get(path)
    assert time.monotonic() - started < SECONDS, path
    assert answer.status in (200, 404, 413, 415, 422), (path, answer.status, answer.content[:400])
    if answer.status != 200:
        assert answer.json()["Reason"]
        assert answer.json()["Details"]
        assert_harmless(answer)
    return answer


def told_reasons(answers: dict[str, Answer]) -> set[str]:
    """Why something isn't shown, wherever it is said: lists, warnings and refusals."""
    listed = answers["volumes"].json()
    told = {entry["Reason"] for entry in [*listed["Stacks"], *listed["Others"]]}
    told |= {warning["Reason"] for volume in listed["Volumes"] for warning in volume["Warnings"]}
    return told | {answer.json()["Reason"] for answer in answers.values() if answer.status != 200}


def ask_everything(client: Client, series: str) -> dict[str, Answer]:
    return {route: asked(client, f"/series/{series}/{route}") for route in ROUTES}


def assert_told(lie: Lie, answers: dict[str, Answer]) -> None:
    """The reason is told; nothing is made a volume that has no place; no number is nonsense."""
    listed = answers["volumes"].json()
    assert lie.volume or not listed["Volumes"]
    if lie.reasons and not listed["Volumes"]:
        assert told_reasons(answers) & lie.reasons
    for volume in listed["Volumes"]:
        assert np.isfinite(volume["Affine"]).all()
        assert min(volume["Spacing"]) > 0
    text = answers["volumes"].content.decode()
    assert "NaN" not in text
    assert "Infinity" not in text


@EVERY_LIE
def test_reason_is_told(in_process: InProcessClient, lie: Lie) -> None:
    files = lie.files()
    series = in_process.store_series(files)
    assert_told(lie, ask_everything(in_process, series))


@pytest.fixture
def memory(orthanc: Orthanc, real: OrthancClient) -> Iterator[ResidentMemory]:
    """Of the server, after it has done everything once; the peak begins with the first request of the test."""
    series = real.store_series(noise(AXIAL))
    for route in ROUTES:
        real.get(f"/series/{series}/{route}")
    return ResidentMemory(orthanc._process.pid)


@EVERY_LIE
def test_server_answers_without_more_memory(real: OrthancClient, memory: ResidentMemory, lie: Lie) -> None:
    files = lie.files()
    stored = [real.post("/instances", file) for file in files]
    if any(answer.status != 200 for answer in stored):
        assert all(answer.status in (400, 404) for answer in stored)  # Orthanc itself sees through it
        return
    memory.forget_peak()
    before = memory.now
    answers = ask_everything(real, stored[0].json()["ParentSeries"])
    assert_told(lie, answers)
    assert memory.peak - before < MORE_MEMORY


@pytest.mark.parametrize("name", [name for name, lie in LIES.items() if lie.reasons])
def test_liar_hides_no_neighbours(in_process: InProcessClient, name: str) -> None:
    """One lying file in a healthy series: the slices around it stay what they are."""
    liar = LIES[name].files()[0]
    ids = orthanc_ids(liar)
    header = header_of(liar)
    files = noise(Acquisition(shape=(6, 10, 12)), **header)
    series = in_process.store_series([*files, liar])
    assert series == ids["series"]
    listed = asked(in_process, f"/series/{series}/volumes").json()
    volume = next(v for v in listed["Volumes"] if v["Shape"] == [6, 10, 12])
    cut = in_process.get(f"/series/{series}/mpr/axial", format="npy", index=3, volume=volume["Index"])
    np.testing.assert_array_equal(cut.array(), files[3].pixel_array)


def header_of(file: bytes) -> dict[str, str]:
    """The identifiers that its neighbours share."""
    found = dcmread(io.BytesIO(file), force=True, stop_before_pixels=True)
    return {keyword: str(found[keyword].value) for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")}
