"""The work list: the server's patients and studies, page by page."""

from typing import Any

from reslice.archive.studies import StoredStudy
from reslice.archive.worklist import ListedPatient
from reslice.errors import UnknownResource
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.services import Services
from reslice.web.worklist_parameters import StudyListParameters, WorkListParameters


def studies(services: Services, request: Request, parameters: StudyListParameters) -> Response:
    """One page of studies."""
    found = services.work_list.studies(parameters.query)
    page = {"Count": found.count, "Since": parameters.since, "Limit": parameters.limit}
    return as_json({**page, "Studies": [_study(services, study) for study in found.studies]}, headers=NO_STORE)


def patients(services: Services, request: Request, parameters: WorkListParameters) -> Response:
    """One page of patients."""
    found = services.work_list.patients(parameters.query)
    page = {"Count": found.count, "Since": parameters.since, "Limit": parameters.limit}
    return as_json({**page, "Patients": [_patient(services, patient) for patient in found.patients]}, headers=NO_STORE)


def _study(services: Services, study: StoredStudy) -> dict[str, Any]:
    return {
        "ID": study.id,
        **_person(study),
        "StudyDate": study.date,
        "StudyTime": study.time,
        "StudyDescription": study.description,
        "AccessionNumber": study.accession_number,
        "StudyInstanceUID": study.uid,
        "Modalities": list(study.modalities),
        "SeriesCount": study.series,
        "InstanceCount": study.instances,
        "MeasurementCount": _measurements(services, study),
        "LastUpdate": study.last_update,
        "Patient": study.patient,
        "Thumbnail": f"/studies/{study.id}/thumbnail",
        "Viewer": f"/reslice/viewer/index.html?study={study.id}",
    }


def _patient(services: Services, patient: ListedPatient) -> dict[str, Any]:
    studies = patient.studies
    return {
        "ID": patient.id,
        **_person(studies[0]),
        "StudyCount": len(studies),
        "SeriesCount": sum(study.series for study in studies),
        "InstanceCount": sum(study.instances for study in studies),
        "MeasurementCount": sum(_measurements(services, study) for study in studies),
        "Modalities": list(patient.modalities),
        "LastStudyDate": max(study.date for study in studies),
        "Thumbnail": f"/patients/{patient.id}/thumbnail",
        "Studies": f"/reslice/studies?patient={patient.id}",
    }


def _person(study: StoredStudy) -> dict[str, str]:
    return {
        "PatientID": study.patient_id,
        "PatientName": study.patient_name,
        "PatientBirthDate": study.birth_date,
        "PatientSex": study.sex,
    }


def _measurements(services: Services, study: StoredStudy) -> int:
    """How many are kept with a study; none with one that has gone meanwhile."""
    try:
        return len(services.store.contents(study.id).live)
    except UnknownResource:
        return 0
