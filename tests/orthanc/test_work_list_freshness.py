"""The work list of a real Orthanc is true at once, whatever happens to studies, to the log of changes, or to it."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from clients import OrthancClient, orthanc_ids
from many_studies import files_of, fill, texts_of, tiny_file
from phantoms import structured_report
from server import Orthanc

FEW = 30
INDEXED = "search=p"
"""Each patient has a P in the identifier: a search that finds all, and which no Orthanc answers by itself."""
QUESTIONS = ("", f"&{INDEXED}", "&order-by=patient-name", "&order-by=-last-update")


def study_of(k: int) -> str:
    return orthanc_ids(next(files_of(k)))["studies"]


def listed(client: OrthancClient, question: str = "") -> list[str]:
    """The Orthanc ids of all studies, page by page."""
    ids: list[str] = []
    while True:
        answer = client.get(f"/reslice/studies?limit=7&since={len(ids)}{question}")
        assert answer.status == 200, answer.content
        page = answer.json()
        ids += [study["ID"] for study in page["Studies"]]
        if not page["Studies"]:
            assert page["Count"] == len(ids)
            return ids


@pytest.fixture
def filled(orthanc: Orthanc, real: OrthancClient) -> OrthancClient:
    fill(orthanc.url, FEW)
    return real


@pytest.mark.parametrize("question", QUESTIONS)
def test_paging_gives_each_study_once(filled: OrthancClient, question: str) -> None:
    ids = listed(filled, question)
    assert sorted(ids) == sorted(map(study_of, range(FEW)))
    assert listed(filled, question) == ids


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_change_is_seen_by_the_very_next_request(filled: OrthancClient, question: str) -> None:
    expected = set(listed(filled, question))
    for k in range(FEW, FEW + 5):
        filled.store(files_of(k))
        expected.add(study_of(k))
        assert set(listed(filled, question)) == expected
        filled.delete(f"/studies/{study_of(k - 20)}")
        expected.remove(study_of(k - 20))
        assert set(listed(filled, question)) == expected


def test_one_that_comes_while_another_goes_is_seen(filled: OrthancClient) -> None:
    """The number of studies stays the same."""
    before = set(listed(filled, f"&{INDEXED}"))
    filled.store(files_of(FEW))
    filled.delete(f"/studies/{study_of(0)}")
    assert set(listed(filled, f"&{INDEXED}")) == before - {study_of(0)} | {study_of(FEW)}


def test_a_deletion_of_the_last_that_came_is_seen(filled: OrthancClient) -> None:
    """The newest entries of the log of changes go with it."""
    before = listed(filled, f"&{INDEXED}")
    for _ in range(3):
        filled.store(files_of(FEW))
        assert study_of(FEW) in listed(filled, f"&{INDEXED}")
        filled.delete(f"/studies/{study_of(FEW)}")
        assert listed(filled, f"&{INDEXED}") == before


def test_more_series_and_images_are_counted_at_once(filled: OrthancClient) -> None:
    texts = {**texts_of(3), "Modality": "NM", "SeriesInstanceUID": f"{texts_of(3)['StudyInstanceUID']}.77"}
    before = one(filled, 3)
    for number in range(1, 4):
        filled.store([tiny_file({**texts, "SOPInstanceUID": f"{texts['SeriesInstanceUID']}.{number}"})])
        now = one(filled, 3)
        assert now["SeriesCount"] == before["SeriesCount"] + 1
        assert now["InstanceCount"] == before["InstanceCount"] + number
        assert now["Modalities"] == sorted({*before["Modalities"], "NM"})
        assert filled.get("/reslice/studies", modality="NM", search="p").json()["Count"] == 1
    filled.delete(f"/series/{orthanc_ids(tiny_file(texts))['series']}")
    assert one(filled, 3) | {"LastUpdate": ""} == before | {"LastUpdate": ""}
    assert filled.get("/reslice/studies", modality="NM").json()["Count"] == 0


def one(client: OrthancClient, k: int) -> dict:
    patient = orthanc_ids(next(files_of(k)))["patients"]
    studies = client.get("/reslice/studies", patient=patient, search="p").json()["Studies"]
    (found,) = [study for study in studies if study["ID"] == study_of(k)]
    return found


def test_a_cleared_log_of_changes_hides_nothing(filled: OrthancClient) -> None:
    question = f"&{INDEXED}"
    expected = set(listed(filled, question))
    for k in range(FEW, FEW + 4):
        filled.store(files_of(k))
        filled.delete(f"/studies/{study_of(k - FEW)}")
        expected = expected - {study_of(k - FEW)} | {study_of(k)}
        assert filled.delete("/changes").status == 200
        assert set(listed(filled, question)) == expected
        texts = {**texts_of(k), "Modality": f"X{k}", "SeriesInstanceUID": f"{texts_of(k)['StudyInstanceUID']}.9"}
        filled.store([tiny_file(texts)])
        assert filled.delete("/changes").status == 200
        assert filled.get("/reslice/studies", modality=f"X{k}", search="p").json()["Count"] == 1


@pytest.mark.slow
def test_a_restart_on_a_warm_storage_knows_all(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
    fill(server.url, FEW)
    before = listed(server.client(), f"&{INDEXED}")
    server.end()
    server.restart()
    client = server.client()
    assert listed(client, f"&{INDEXED}") == before
    assert client.get("/reslice/patients").json()["Count"] == len({texts_of(k)["PatientID"] for k in range(FEW)})


def test_sixteen_ask_while_studies_come_and_go(orthanc: Orthanc, filled: OrthancClient) -> None:
    """Whatever was there before a request and is there after it, is listed; what had gone before it, isn't."""
    steady, has_ended = {study_of(k) for k in range(FEW)}, threading.Event()
    gone: set[str] = set()

    def come_and_go() -> None:
        client = orthanc.client()
        for k in range(FEW, FEW + 25):
            client.store(files_of(k))
            client.delete(f"/studies/{study_of(k)}")
            gone.add(study_of(k))
        has_ended.set()

    def ask(seed: int) -> int:
        client, chosen, count = orthanc.client(), random.Random(seed), 0  # noqa: S311 - the same choices every time
        while not has_ended.is_set() or count < 3:
            gone_before, question = set(gone), chosen.choice(QUESTIONS)
            answer = client.get(f"/reslice/studies?limit=500{question}")
            assert answer.status == 200, answer.content
            ids = [study["ID"] for study in answer.json()["Studies"]]
            assert len(ids) == len(set(ids))
            assert steady <= set(ids)
            assert not gone_before & set(ids)
            count += 1
        return count

    with ThreadPoolExecutor(17) as pool:
        writer = pool.submit(come_and_go)
        counts = list(pool.map(ask, range(16)))
        writer.result()
    assert min(counts) >= 3
    assert set(listed(filled, f"&{INDEXED}")) == steady


def test_pages_of_patients_give_each_once(filled: OrthancClient) -> None:
    ids: list[str] = []
    while page := filled.get("/reslice/patients", since=len(ids), limit=4).json()["Patients"]:
        ids += [patient["ID"] for patient in page]
    assert sorted(ids) == sorted(filled.get("/patients").json())


@pytest.mark.parametrize(
    ("character_set", "name", "search"),
    [
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 たろう yamada"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "길동 洪 HONG"),
        ("ISO_IR 100", "Müller^<script>alert(1)</script>", "muller <script>alert(1)</script>"),
        ("ISO_IR 192", 'O\'Brien^"Zoë" 🫀', "o'brien 🫀 zoe"),
    ],
)
def test_names_of_every_character_set_are_found_and_shown(
    real: OrthancClient, character_set: str | list[str], name: str, search: str
) -> None:
    real.store([structured_report(SpecificCharacterSet=character_set, PatientName=name, StudyDate="20240131")])
    for route, key in (("studies", "Studies"), ("patients", "Patients")):
        (found,) = real.get(f"/reslice/{route}", search=search).json()[key]
        assert found["PatientName"] == name


def test_bytes_of_no_character_set_harm_nothing(real: OrthancClient) -> None:
    file = tiny_file({**texts_of(0), "PatientName": "XXXX^YYYY"})
    real.store([file.replace(b"XXXX", b"\xff\xfe\xe9\x1b")])
    assert real.get("/reslice/studies").json()["Count"] == 1
    assert real.get("/reslice/studies", search="yyyy").json()["Count"] == 1


@pytest.mark.slow
def test_a_server_stops_at_once_while_it_reads_its_studies(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc()
    fill(server.url, 400)
    server.end()
    server.restart()
    with ThreadPoolExecutor(4) as pool:
        clients = [server.client() for _ in range(4)]
        asking = [pool.submit(client.get, "/reslice/studies?search=p") for client in clients]
        time.sleep(0.1)
        server.end()
        for future in asking:
            future.exception()  # answered or cut off: both are well
    server.reap()
    assert "Segmentation" not in server.log
    assert server.log.rstrip().endswith("Orthanc has stopped")
