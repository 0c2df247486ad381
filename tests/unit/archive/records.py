"""Measurements to be kept, and a study to keep them with."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from clients import orthanc_ids
from phantoms import file_of
from reslice.archive.entries import MARK
from reslice.archive.measurements import MeasurementStore
from reslice.archive.memory import MemoryArchive
from unit.dicom.files import one_slice

FIRST, LAST = 50000, 59999
STUDY = orthanc_ids(one_slice())["studies"]
INSTANCE = orthanc_ids(one_slice())["instances"]
BEGINNING = datetime(2026, 11, 24, 13, 37, 0, 123456, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        """Forward, by what `timedelta` takes."""
        self.now += timedelta(**time)


def an_id(number: int) -> str:
    """One UUID for each number."""
    return str(uuid.UUID(int=number))


def document(number: int = 1, **changes: object) -> dict:
    """What a request asks to be kept; the same number is the same request."""
    own = {
        "Id": an_id(number),
        "TrackingUID": f"2.25.{number}",
        "Type": "distance",
        "Tool": "line",
        "Study": STUDY,
        "Series": orthanc_ids(one_slice())["series"],
        "Image": {"Instance": INSTANCE, "Frame": 0},
        "Geometry": {"Space": "pixel", "Points": [[1, 2], [5.25, 6]]},
        "Label": f"L\u00e4sion {number}",
        "Values": [{"Name": "Length", "Value": 45.2, "Unit": "mm", "Code": "mm"}],
        "RequestDigest": f"digest-{number}",
    }
    return {**own, **changes}


def with_study(archive: MemoryArchive) -> MemoryArchive:
    """The archive, after the study was stored."""
    archive.store(file_of(one_slice()))
    return archive


def store_over(
    archive: MemoryArchive, first: int = FIRST, last: int = LAST, clock: Clock | None = None
) -> MeasurementStore:
    """A store in these numbers; the clock stands still unless the test has one."""
    return MeasurementStore(archive, first, last, clock or Clock())


def put(archive: MemoryArchive, number: int, text: str | None) -> None:
    """Write an entry as somebody would who knows nothing of measurements."""
    assert archive.swap_entry(STUDY, number, archive.study_entries(STUDY).get(number), text)


def content(archive: MemoryArchive, number: int) -> dict:
    """What an entry of ours says."""
    text = archive.study_entries(STUDY)[number]
    assert MARK.match(text)
    return json.loads(text)


def text_with(entry: Mapping[str, object], **changes: object) -> str:
    """The text of an entry, changed."""
    return json.dumps({**entry, **changes}, separators=(",", ":"))
