"""A study to measure on, and the requests that make, change and delete its measurements."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from clients import Answer, InProcessClient, OrthancClient, orthanc_ids
from phantoms import Acquisition, noise

SLICES = Acquisition(shape=(2, 16, 16), spacing=(2.0, 1.0, 1.0))
ENTRIES = range(50000, 60000)


@dataclass(frozen=True)
class MeasuredStudy:
    """A study of one small series, as one client sees it."""

    client: InProcessClient | OrthancClient
    study: str
    series: str
    instance: str

    @property
    def path(self) -> str:
        """Where its measurements are."""
        return f"/studies/{self.study}/measurements"

    def distance(self, **changes: object) -> dict[str, object]:
        """What a client says to measure a distance of the first image; None leaves a key out."""
        own: dict[str, object] = {
            "Type": "distance",
            "Tool": "line",
            "Image": {"Instance": self.instance, "Frame": 0},
            "Geometry": {"Space": "pixel", "Points": [[1, 2], [5, 6]]},
            "Label": "x",
        }
        return {key: value for key, value in {**own, **changes}.items() if value is not None}

    def create(self, **changes: object) -> Answer:
        """POST a distance."""
        return self.client.post(self.path, json.dumps(self.distance(**changes)).encode())

    def made(self, **changes: object) -> dict:
        """The record of a new distance."""
        answer = self.create(**changes)
        assert (answer.status, answer.headers.get("ETag")) == (201, '"1"'), answer.content
        return answer.json()

    def read(self, record: Mapping[str, object]) -> Answer:
        """GET a record again."""
        return self.client.get(f"{self.path}/{record['Id']}")

    def replace(self, record: Mapping[str, object], **changes: object) -> Answer:
        """PUT a distance in place of the record, knowing its revision."""
        body = json.dumps(self.distance(**changes)).encode()
        return self.client.put(f"{self.path}/{record['Id']}", body, known(record))

    def replaced(self, record: Mapping[str, object], **changes: object) -> dict:
        """The record that came of it."""
        answer = self.replace(record, **changes)
        assert answer.status == 200, answer.content
        assert answer.json()["Revision"] == int(str(record["Revision"])) + 1
        return answer.json()

    def delete(self, record: Mapping[str, object]) -> Answer:
        """DELETE a record, knowing its revision."""
        return self.client.delete(f"{self.path}/{record['Id']}", known(record))

    def deleted(self, record: Mapping[str, object]) -> None:
        """The same, and it worked."""
        answer = self.delete(record)
        assert (answer.status, answer.json()) == (200, {}), answer.content

    def listed(self) -> dict:
        """What GET says of all of them."""
        answer = self.client.get(self.path)
        assert answer.status == 200, answer.content
        return answer.json()

    def records(self) -> list[dict]:
        """All of them, nothing being wrong."""
        listed = self.listed()
        assert listed["Errors"] == []
        assert listed["Count"] == len(listed["Measurements"])
        return listed["Measurements"]

    def seen_by(self, client: OrthancClient) -> "MeasuredStudy":
        """The same study through another client."""
        return MeasuredStudy(client, self.study, self.series, self.instance)


def known(record: Mapping[str, object]) -> dict[str, str]:
    """The header that says which revision is meant."""
    return {"If-Match": f'"{record["Revision"]}"'}


def measured_study(client: InProcessClient | OrthancClient, files: Sequence[Dataset] | None = None) -> MeasuredStudy:
    """Store a study to measure on: these files of one series, or new ones."""
    files = files or noise(SLICES)
    client.store(files)
    ids = orthanc_ids(files[0])
    return MeasuredStudy(client, ids["studies"], ids["series"], ids["instances"])


def entries(study: MeasuredStudy) -> dict[int, str]:
    """The study's entries in the range of measurements, as Orthanc itself tells them."""
    listed = study.client.get(f"/studies/{study.study}/metadata?expand").json()
    return {int(name): text for name, text in listed.items() if name.isdigit() and int(name) in ENTRIES}


def entry(study: MeasuredStudy, number: int) -> str:
    """Where Orthanc keeps one of them."""
    return f"/studies/{study.study}/metadata/{number}"


def write_entry(study: MeasuredStudy, number: int, text: bytes) -> None:
    """Write an entry by Orthanc's own route, whatever was there."""
    path = entry(study, number)
    tag = study.client.get(path).headers.get("ETag", '"0-00000000000000000000000000000000"')
    assert study.client.put(path, text, {"If-Match": tag}).status == 200
