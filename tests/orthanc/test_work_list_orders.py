"""Where Orthanc itself orders and counts (from 1.12.5 on), its pages are those of the index, to the letter."""

import random
from collections.abc import Callable

import pytest

from clients import OrthancClient
from many_studies import MODALITIES, files_of, fill, texts_of, tiny_file, when_ready
from server import Orthanc

MANY, ODD = 60, 24
ODD_VALUES = {
    "StudyDate": ("", None, "20240131", "20240131", "2024.01.31"),
    "StudyTime": ("", None, "101010", "101010.5", "101010.25", "10"),
    "PatientID": ("P1", "P2", "P 3", "Pé"),
    "Modality": ("CT", "MR", "ct", "", None),
}


def odd_file(k: int) -> bytes:
    """A study whose date, time or modality is missing, empty, or as some other one's."""
    chosen = random.Random(k)  # noqa: S311 - the same study every time
    odd = {keyword: chosen.choice(values) for keyword, values in ODD_VALUES.items()}
    return tiny_file({**texts_of(k, seed=5), **odd})


def both_ways(client: OrthancClient, query: str) -> tuple[dict, dict]:
    """A page as it is found best, and as the index in memory finds it: only that one searches for words."""
    best, indexed = (when_ready(client, f"/reslice/studies?{query}{search}") for search in ("", "&search=p"))
    return best.json(), indexed.json()


QUERIES = [
    *("limit=500", "limit=7&since=3", "limit=20&since=55", "limit=50&since=1000"),
    *(f"limit=9&since={since}&order-by={order}" for since in (0, 9, 40) for order in ("-last-update", "last-update")),
    *("order-by=study-date&limit=500", "order-by=patient-name"),
    *(f"modality={modality}&limit=13" for modality in (*MODALITIES, "CT,MR", "XX")),
    *("date=20200101-20221231", "date=-20191231&limit=500", "date=20240131", "date=20240131-&modality=CT,US"),
]


def check(client: OrthancClient, step: int) -> None:
    """All queries, and all pages of one."""
    for query in (*QUERIES, *(f"since={since}&limit={step}" for since in range(0, MANY + ODD, step))):
        found, indexed = both_ways(client, query)
        assert found == indexed, query


def store_all(server: Orthanc) -> OrthancClient:
    fill(server.url, MANY, seed=5)
    client = server.client()
    client.store(odd_file(k) for k in range(MANY, MANY + ODD))
    client.store(files_of(3, seed=6))
    return client


def test_pages_are_the_same_whoever_finds_them(orthanc: Orthanc, real: OrthancClient) -> None:
    check(store_all(orthanc), step=5)
    for patient in real.get("/patients").json()[:5]:
        found, indexed = both_ways(real, f"patient={patient}")
        assert found == indexed
        assert found["Count"] >= 1


@pytest.mark.slow
def test_pages_are_the_same_on_a_shared_database(two_nodes: Callable[..., list[Orthanc]]) -> None:
    first, second = two_nodes()
    store_all(first)
    check(second.client(), step=30)


def test_a_limit_of_orthancs_own_shortens_no_page(start_orthanc: Callable[..., Orthanc]) -> None:
    server = start_orthanc(LimitFindResults=5)
    fill(server.url, 12)
    page = server.client().get("/reslice/studies?limit=8").json()
    assert (page["Count"], len(page["Studies"])) == (12, 8)
