"""Two nodes on one database: what one of them stores or deletes, the other lists at once."""

from collections.abc import Callable

import pytest

from clients import OrthancClient, orthanc_ids
from many_studies import files_of, fill, texts_of, tiny_file, when_ready
from server import Orthanc

FEW = 12
INDEXED = "&search=p"
"""Finds all, and no Orthanc answers it by itself."""


def ids(client: OrthancClient, query: str = "") -> set[str]:
    page = when_ready(client, f"/reslice/studies?limit=500{query}").json()
    assert page["Count"] == len(page["Studies"])
    return {study["ID"] for study in page["Studies"]}


@pytest.mark.slow
def test_what_one_node_does_the_other_lists_at_once(two_nodes: Callable[..., list[Orthanc]]) -> None:
    nodes = two_nodes()
    fill(nodes[0].url, FEW)
    clients = [node.client() for node in nodes]
    expected = set(clients[0].get("/studies").json())
    for k in range(FEW, FEW + 4):
        here, there = clients[k % 2], clients[1 - k % 2]
        assert ids(here, INDEXED) == ids(there, INDEXED) == ids(there) == expected
        here.store(files_of(k))
        expected.add(orthanc_ids(next(files_of(k)))["studies"])
        assert ids(there, INDEXED) == ids(there) == expected
        gone = orthanc_ids(next(files_of(k - FEW)))["studies"]
        here.delete(f"/studies/{gone}")
        expected.remove(gone)
        assert ids(there, INDEXED) == ids(there) == expected
        texts = {**texts_of(k), "Modality": f"X{k}", "SeriesInstanceUID": f"{texts_of(k)['StudyInstanceUID']}.9"}
        here.store([tiny_file(texts)])
        assert len(ids(there, f"{INDEXED}&modality=X{k}")) == 1
        if k % 3 == 0:
            assert here.delete("/changes").status == 200
