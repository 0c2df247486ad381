"""Schemas of the work list."""

from collections.abc import Mapping

from reslice.web.openapi_parameters import ORTHANC_ID
from reslice.web.openapi_words import TEXT, WHOLE, Schema, listed, ref, shape

DATE: Schema = {"type": "string", "description": "As DICOM writes it, YYYYMMDD; empty where it isn't known"}
PATIENT: Mapping[str, Schema] = {
    "PatientID": TEXT,
    "PatientName": TEXT,
    "PatientBirthDate": DATE,
    "PatientSex": TEXT,
}
COUNTS: Mapping[str, Schema] = dict.fromkeys(("SeriesCount", "InstanceCount", "MeasurementCount"), WHOLE)
PAGE: Mapping[str, Schema] = dict.fromkeys(("Count", "Since", "Limit"), WHOLE)

WORK_LIST: Mapping[str, Schema] = {
    "Study": shape(
        "A study of the work list",
        {
            "ID": ORTHANC_ID,
            **PATIENT,
            "StudyDate": DATE,
            **dict.fromkeys(("StudyTime", "StudyDescription", "AccessionNumber", "StudyInstanceUID"), TEXT),
            "Modalities": listed(TEXT),
            **COUNTS,
            "LastUpdate": TEXT,
            "Patient": ORTHANC_ID,
            "Thumbnail": TEXT,
            "Viewer": TEXT,
        },
    ),
    "Patient": shape(
        "A patient of the work list",
        {
            "ID": ORTHANC_ID,
            **PATIENT,
            "StudyCount": WHOLE,
            **COUNTS,
            "Modalities": listed(TEXT),
            "LastStudyDate": DATE,
            "Thumbnail": TEXT,
            "Studies": TEXT,
        },
    ),
    "Studies": shape("A page of studies, and how many there are", {**PAGE, "Studies": listed(ref("Study"))}),
    "Patients": shape("A page of patients, and how many there are", {**PAGE, "Patients": listed(ref("Patient"))}),
}
