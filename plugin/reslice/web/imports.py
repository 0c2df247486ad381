"""Measurements that come back into a study: from an export in JSON, or from a structured report."""

from typing import Any

from reslice.archive import exported, reported
from reslice.archive.importing import Candidate, Importer, Outcome
from reslice.errors import InvalidMeasurement
from reslice.web.authors import author_of
from reslice.web.bodies import LARGEST_IMPORT, decoded, require_size
from reslice.web.guard import require_own_site
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.services import Services

PREAMBLE = slice(128, 132)
"""Where a DICOM file says that it is one (PS3.10 7.1)."""


def load(services: Services, request: Request, id: str) -> Response:
    """Take the measurements of a file into the study; what is there already isn't taken twice."""
    require_own_site(request, services.settings.allowed_origins)
    require_size(request.body, LARGEST_IMPORT)
    services.store.list(id)
    outcome = Outcome()
    candidates = _candidates(services, request, id, outcome)
    author = author_of(request, services.settings)
    Importer(services.store, services.measurer).take(id, candidates, author, services.now(), outcome)
    return as_json(outcome.to_json(id), headers=NO_STORE)


def _candidates(services: Services, request: Request, study: str, outcome: Outcome) -> list[Candidate]:
    if request.body[PREAMBLE] == b"DICM":
        return reported.candidates_of(services.measurer, study, request.body, outcome)
    document = decoded(request.body, LARGEST_IMPORT)
    if isinstance(document, dict) and document.keys() == {"Instance"}:
        content = _of_the_study(services, request, study, document["Instance"])
        return reported.candidates_of(services.measurer, study, content, outcome)
    return exported.candidates_of(document, outcome)


def _of_the_study(services: Services, request: Request, study: str, instance: Any) -> bytes:
    """An instance of the same study, read with the rights of whoever asks."""
    members = {member for series in services.archive.series_of("studies", study) for member in series.instances}
    if not isinstance(instance, str) or instance not in members:
        raise InvalidMeasurement("The study holds no such instance", reason="image-not-in-study", Parameter="Instance")
    return services.archive.read_as(instance, request.headers, request.query)
