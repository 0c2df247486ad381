"""What Orthanc's index answers, as value objects."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from reslice.archive.port import StoredInstance, StoredSeries


class Listing:
    """All instances of a series as the index tells them; equal to another that reads the same, letter by letter."""

    def __init__(self, text: bytes) -> None:
        self._digest = hashlib.sha256(text).digest()
        self._text: bytes | None = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listing) and other._digest == self._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def take(self) -> list[StoredInstance] | None:
        """The instances, once: the text, which may be long, isn't kept. None afterwards."""
        text, self._text = self._text, None
        return None if text is None else instances_of(text)


def instances_of(text: bytes) -> list[StoredInstance]:
    """From `/series/{id}/instances?expand`."""
    return [stored_instance(entry) for entry in from_json(text)]


def stored_instance(entry: Mapping[str, Any]) -> StoredInstance:
    """From `/instances/{id}`."""
    tags: Mapping[str, str] = entry["MainDicomTags"]
    return StoredInstance(
        id=entry["ID"],
        file=entry["FileUuid"],
        uid=tags.get("SOPInstanceUID", ""),
        number=_whole(tags.get("InstanceNumber"), 0),
        frames=_whole(tags.get("NumberOfFrames"), 1),
        position=tags.get("ImagePositionPatient", ""),
        orientation=tags.get("ImageOrientationPatient", ""),
    )


def stored_series(entry: Mapping[str, Any]) -> StoredSeries:
    """From `/series/{id}`."""
    tags: Mapping[str, str] = entry["MainDicomTags"]
    number = _whole(tags.get("SeriesNumber"), 0)
    return StoredSeries(
        id=entry["ID"],
        modality=tags.get("Modality", ""),
        number=number,
        instances=tuple(entry["Instances"]),
        study=entry["ParentStudy"],
        uid=tags.get("SeriesInstanceUID", ""),
    )


def _whole(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
