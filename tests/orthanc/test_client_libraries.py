"""The Python clients that people use: pyorthanc, orthanc-api-client, plain requests."""

import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import requests
from numpy.typing import NDArray
from orthanc_api_client import OrthancApiClient, exceptions
from pyorthanc import Orthanc

from clients import OrthancClient
from phantoms import Acquisition, file_of, noise
from server import Orthanc as Server

GRID = Acquisition(shape=(4, 8, 8), spacing=(2.0, 1.0, 1.0))
UNKNOWN = "/series/00000000-00000000-00000000-00000000-00000000"


def loaded(content: bytes) -> NDArray[np.generic]:
    """An npy body."""
    return np.load(io.BytesIO(content), allow_pickle=False)


@pytest.fixture
def expected() -> NDArray[np.generic]:
    """The third slice of the stored series."""
    return noise(GRID)[2].pixel_array


@pytest.fixture
def pyorthanc_client(orthanc: Server) -> Iterator[Orthanc]:
    """pyorthanc, as its users write it."""
    with Orthanc(orthanc.url, trust_env=False) as client:
        yield client


@pytest.fixture
def api_client(orthanc: Server) -> Iterator[OrthancApiClient]:
    """orthanc-api-client, as its users write it."""
    client = OrthancApiClient(orthanc.url)
    client._http_session.trust_env = False
    yield client
    client.close()


def test_pyorthanc(real: OrthancClient, pyorthanc_client: Orthanc, expected: NDArray[np.generic]) -> None:
    client, url = pyorthanc_client, pyorthanc_client.url
    uploaded = [client.post_instances(file_of(file)) for file in noise(GRID)]
    series = f"{url}/series/{uploaded[0]['ParentSeries']}"
    assert client._get(f"{url}/reslice")["Name"]
    assert client._get(f"{series}/volumes")["Volumes"][0]["Shape"] == [4, 8, 8]
    assert client._get(f"{series}/slices")["Count"] == 4
    for route, query in (("slices/2", {}), ("mpr/axial", {"index": 2})):
        content = client._get(f"{series}/{route}", params={"format": "npy", **query})
        np.testing.assert_array_equal(loaded(content), expected)
    assert client._get(f"{series}/thumbnail").startswith(b"\x89PNG")
    assert client._delete(f"{url}/reslice/cache", headers={"Reslice-Confirm": "1"}) is not None
    with pytest.raises(httpx.HTTPError, match="404"):
        client._get(f"{url}{UNKNOWN}/slices")


def test_orthanc_api_client(real: OrthancClient, api_client: OrthancApiClient, expected: NDArray[np.generic]) -> None:
    client = api_client
    ids = [client.upload(file_of(file))[0] for file in noise(GRID)]
    series = client.instances.get_parent_series_id(ids[0])
    assert client.get_json("reslice")["Name"]
    assert client.get_json(f"series/{series}/volumes")["Volumes"][0]["Shape"] == [4, 8, 8]
    content = client.get_binary(f"series/{series}/mpr/axial", params={"index": 2, "format": "npy"})
    np.testing.assert_array_equal(loaded(content), expected)
    assert client.get_binary(f"series/{series}/thumbnail").startswith(b"\x89PNG")
    client.delete("reslice/cache", headers={"Reslice-Confirm": "1"})
    with pytest.raises(exceptions.ResourceNotFound):
        client.get_json(f"{UNKNOWN}/slices")
    with pytest.raises(exceptions.NotAuthorized):
        client.delete("reslice/cache")
    with pytest.raises(exceptions.HttpError, match="400"):
        client.get_binary(f"series/{series}/mpr/axial?indx=2")


def test_plain_requests(real: OrthancClient, orthanc: Server, expected: NDArray[np.generic]) -> None:
    series = real.store_series(noise(GRID))
    with requests.Session() as session:
        session.trust_env = False
        url = f"{orthanc.url}/series/{series}/mpr/axial"
        answer = session.get(url, params={"index": 2}, headers={"Accept": "application/x-npy"}, timeout=30)
        np.testing.assert_array_equal(loaded(answer.content), expected)
        etag = answer.headers["ETag"]
        headers = {"Accept": "application/x-npy", "If-None-Match": etag}
        assert session.get(url, params={"index": 2}, headers=headers, timeout=30).status_code == 304
        picture = session.get(f"{orthanc.url}/series/{series}/thumbnail", timeout=30)
        assert picture.headers["Content-Type"] == "image/png"
        with pytest.raises(requests.HTTPError):
            session.get(f"{orthanc.url}{UNKNOWN}/slices", timeout=30).raise_for_status()
