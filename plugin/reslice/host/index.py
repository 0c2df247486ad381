"""What Orthanc's index answers, as value objects."""

from collections.abc import Mapping
from typing import Any

from reslice.archive.port import StoredInstance, StoredSeries


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
