"""One way to ask, two places to ask at: the application in this process, and a real Orthanc.

What the API tests know of either is `Client`: the same case runs against both.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlencode

import numpy as np
import requests
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from requests.structures import CaseInsensitiveDict

from phantoms import file_of
from reslice.archive.memory import MemoryArchive
from reslice.settings import Settings
from reslice.web.application import Application
from reslice.web.message import Request

File = Dataset | bytes


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (looked up in any case) and the body."""

    status: int
    headers: CaseInsensitiveDict[str]
    content: bytes

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, and without the second one that newer Orthanc adds to errors."""
        return re.split("[;,]", self.headers["Content-Type"])[0].strip()

    def json(self) -> dict:
        return json.loads(self.content)

    def array(self) -> NDArray[np.generic]:
        """The body of `format=npy`."""
        assert self.status == 200, self.content
        return np.load(io.BytesIO(self.content), allow_pickle=False)

    def picture(self) -> NDArray[np.uint8]:
        """The pixels of a PNG, JPEG or WebP body."""
        assert self.status == 200, self.content
        with Image.open(io.BytesIO(self.content)) as image:
            return np.asarray(image)

    def told(self, header: str) -> dict:
        """One of our JSON headers, e.g. `Reslice-Plane`."""
        return json.loads(self.headers[header])


class Client(Protocol):
    """A server with our routes, and an archive that tests may fill and empty."""

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send one request; `path` carries its query, as on the wire."""

    def upload(self, file: bytes) -> str:
        """Store one DICOM file and tell its Orthanc id."""

    def remove(self, instance: str) -> None:
        """Delete one instance."""

    def clear(self) -> None:
        """Delete all patients and everything held in memory."""


class ClientMethods:
    """What both clients can do, said with `request` and `upload`."""

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: object) -> Answer:
        """GET a path; keyword arguments become its query (`_` in a name is sent as `-`)."""
        pairs = urlencode({name.replace("_", "-"): value for name, value in query.items()})
        return self.request("GET", f"{path}?{pairs}" if pairs else path, headers)

    def post(self, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("POST", path, headers, body)

    def put(self, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("PUT", path, headers, body)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("DELETE", path, headers)

    def store(self, files: Iterable[File]) -> list[str]:
        """Store instances and tell their Orthanc ids."""
        return [self.upload(file if isinstance(file, bytes) else file_of(file)) for file in files]

    def store_series(self, files: Iterable[File]) -> str:
        """Store the instances of one series and tell the series' Orthanc id."""
        files = list(files)
        self.store(files)
        return orthanc_ids(files[0])["series"]


def orthanc_ids(file: File) -> dict[str, str]:
    """The Orthanc identifiers of an instance's four levels: SHA-1 over the DICOM identifiers."""
    dataset = dcmread(io.BytesIO(file), stop_before_pixels=True, force=True) if isinstance(file, bytes) else file
    keywords = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    uids = [str(dataset.get(keyword, "")) for keyword in keywords]
    levels = ("patients", "studies", "series", "instances")
    return {level: _orthanc_id("|".join(uids[: n + 1])) for n, level in enumerate(levels)}


def _orthanc_id(text: str) -> str:
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[i : i + 8] for i in range(0, 40, 8))


class InProcessClient(ClientMethods):
    """The application over a MemoryArchive, without a server."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self.clear()

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Hand the application what host/sdk.py would hand it: everything decoded, names in lower case."""
        path, _, query = path.partition("?")
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        decoded = dict(parse_qsl(query, keep_blank_values=True))
        response = self._application.handle(
            Request(method=method, path=unquote(path), query=decoded, headers=lower, body=body)
        )
        answered = CaseInsensitiveDict({"Content-Type": response.content_type, **response.headers})
        return Answer(response.status, answered, bytes(response.body))

    def upload(self, file: bytes) -> str:
        return self._archive.store(file)

    def remove(self, instance: str) -> None:
        self._archive.delete(instance)

    def clear(self) -> None:
        """Start over with an empty archive."""
        self._archive = MemoryArchive()
        self._application = Application(self._archive, self._settings)


class OrthancClient(ClientMethods):
    """A real Orthanc over HTTP."""

    def __init__(self, url: str, credentials: tuple[str | bytes, str | bytes] | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False  # never through a proxy
        self._session.auth = credentials

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send the path as it is written."""
        response = self._session.request(
            method, self.url + path, headers=headers, data=body, timeout=60, allow_redirects=False
        )
        return Answer(response.status_code, response.headers, response.content)

    def upload(self, file: bytes) -> str:
        """POST a file to Orthanc itself."""
        answer = self.post("/instances", file)
        assert answer.status == 200, answer.content
        return answer.json()["ID"]

    def remove(self, instance: str) -> None:
        assert self.delete(f"/instances/{instance}").status == 200

    def clear(self) -> None:
        """Delete all patients: quicker than another server."""
        for patient in self.get("/patients").json():
            self.delete(f"/patients/{patient}")
        self.delete("/reslice/cache", headers={"Reslice-Confirm": "1"})

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()
