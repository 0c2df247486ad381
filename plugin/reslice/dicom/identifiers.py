"""The identifiers by which Orthanc knows an instance, its series, study and patient."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import pydicom

IDENTIFYING_KEYWORDS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


STUDY_KEYWORDS = {
    "patient_id": "PatientID",
    "patient_name": "PatientName",
    "birth_date": "PatientBirthDate",
    "sex": "PatientSex",
    "date": "StudyDate",
    "time": "StudyTime",
    "description": "StudyDescription",
    "accession_number": "AccessionNumber",
}
"""What a work list shows of a study, and the elements that hold it."""


@dataclass(frozen=True)
class Identifiers:
    """Orthanc's ids of the four levels, with the elements of its index that stacking looks at."""

    patient: str
    study: str
    series: str
    instance: str
    study_uid: str
    series_uid: str
    instance_uid: str
    modality: str
    series_number: int
    instance_number: int
    frames: int
    position: str
    orientation: str


def orthanc_id(*uids: str) -> str:
    """SHA-1 of the DICOM identifiers joined by bars, in five groups."""
    digest = hashlib.sha1("|".join(uids).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[k : k + 8] for k in range(0, 40, 8))


def identify(content: bytes) -> Identifiers:
    """The identifiers of a DICOM file."""
    dataset = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, force=True)
    uids = [str(dataset.get(keyword, "")) for keyword in IDENTIFYING_KEYWORDS]
    return Identifiers(
        patient=orthanc_id(*uids[:1]),
        study=orthanc_id(*uids[:2]),
        series=orthanc_id(*uids[:3]),
        instance=orthanc_id(*uids),
        study_uid=uids[1],
        series_uid=uids[2],
        instance_uid=uids[3],
        modality=str(dataset.get("Modality", "")),
        series_number=_whole(dataset, "SeriesNumber", 0),
        instance_number=_whole(dataset, "InstanceNumber", 0),
        frames=_whole(dataset, "NumberOfFrames", 1),
        position=_joined(dataset.get("ImagePositionPatient")),
        orientation=_joined(dataset.get("ImageOrientationPatient")),
    )


def study_texts(content: bytes) -> dict[str, str]:
    """What a file tells of its patient and its study, by the names of `STUDY_KEYWORDS`."""
    dataset = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, force=True)
    return {name: _text(dataset.get(keyword)) for name, keyword in STUDY_KEYWORDS.items()}


def _whole(dataset: pydicom.Dataset, keyword: str, default: int) -> int:
    """A whole number; the default where there is none or it is no number."""
    try:
        return int(dataset.get(keyword, default) or default)
    except (TypeError, ValueError):
        return default


def _text(value: Any) -> str:
    """As it stands in the file, but for blanks around it; several values with the backslashes between them."""
    is_several = isinstance(value, pydicom.multival.MultiValue)
    return ("\\".join(map(str, value)) if is_several else str(value or "")).strip(" ")


def _joined(values: object) -> str:
    return "\\".join(map(str, values)) if isinstance(values, list | pydicom.multival.MultiValue) else ""
