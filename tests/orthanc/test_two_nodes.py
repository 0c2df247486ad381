"""PostgreSQL under Orthanc: inert where nobody asks for it, and one archive for the two nodes that share it."""

from collections.abc import Callable

import pytest

from clients import OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc
from writers import new_study, writers


def test_plugins_for_postgresql_do_nothing_unless_configured(real: OrthancClient) -> None:
    system = real.get("/system").json()
    assert "postgresql-index" in real.get("/plugins").json(), "the plugin is not installed: see scripts/setup"
    assert (system["DatabaseBackendPlugin"], system["StorageAreaPlugin"]) == (None, None)


@pytest.mark.slow
def test_two_nodes_share_images_and_measurements(two_nodes: Callable[..., list[Orthanc]]) -> None:
    first, second = (node.client() for node in two_nodes())
    for node in (first, second):
        system = node.get("/system").json()
        assert "PostgreSQLIndex" in system["DatabaseBackendPlugin"]
        assert "PostgreSQLStorage" in system["StorageAreaPlugin"]
    series = first.store_series(noise(Acquisition(shape=(4, 16, 16), spacing=(2.0, 1.0, 1.0))))
    planes = [node.get(f"/series/{series}/mpr/coronal", format="npy") for node in (first, second)]
    assert (planes[0].array() == planes[1].array()).all()


@pytest.mark.slow
def test_measurement_of_one_node_is_read_and_changed_on_the_other(two_nodes: Callable[..., list[Orthanc]]) -> None:
    nodes = two_nodes(CheckRevisions=True)
    one, other = writers(nodes, new_study(nodes[0].client()), 2)
    record = one.create()
    other.append(record, "other")
    one.append(record, "one")
    assert one.read(record) == other.read(record)
    assert (one.read(record)["Revision"], one.read(record)["Description"]) == (3, "other one")
