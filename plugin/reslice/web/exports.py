"""Measurements of a study for others: counts, files, and a structured report kept with the images."""

from collections.abc import Callable, Sequence
from typing import Any

from reslice.archive.inputs import Freshness
from reslice.archive.measurements import Entries
from reslice.archive.reporting import Report, report_of
from reslice.errors import InvalidMeasurement, Unmeasurable
from reslice.measurement import exchange
from reslice.measurement.record import timestamp
from reslice.measurement.spreadsheet import DocumentFacts, to_xlsx
from reslice.measurement.summary import summarise
from reslice.measurement.tables import to_csv
from reslice.web.authors import author_of
from reslice.web.bodies import decoded
from reslice.web.guard import require_own_site
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.parameters import ExportParameters
from reslice.web.services import Services

Records = Sequence[dict[str, Any]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def summary(services: Services, request: Request, id: str) -> Response:
    """Counts by type, series and author, and statistics for each type."""
    entries = services.store.list(id)
    return as_json(summarise(id, entries.records, len(entries.errors)), headers=NO_STORE)


def export(services: Services, request: Request, parameters: ExportParameters, id: str) -> Response:
    """All measurements as one file."""
    media_type, made = EXPORTS[parameters.format](services, request, id, _told(services, id))
    extension = "dcm" if parameters.format == "sr" else parameters.format
    disposition = f'attachment; filename="measurements-{id[:8]}.{extension}"'
    return Response(200, media_type, made, {**NO_STORE, "Content-Disposition": disposition})


def _told(services: Services, study: str) -> Entries:
    freshness, entries = Freshness(services.library), services.store.list(study)
    return Entries(tuple(freshness.told(record) for record in entries.records), entries.errors)


def _json(services: Services, request: Request, study: str, entries: Entries) -> tuple[str, bytes]:
    facts = exchange.StudyFacts(study, services.archive.study_uid(study), timestamp(services.now()))
    document = {**exchange.to_json(facts, entries.records), "Errors": list(entries.errors)}
    return "application/json", as_json(document).body


def _csv(services: Services, request: Request, study: str, entries: Entries) -> tuple[str, bytes]:
    return "text/csv; charset=utf-8", to_csv(entries.records)


def _xlsx(services: Services, request: Request, study: str, entries: Entries) -> tuple[str, bytes]:
    facts = DocumentFacts("Measurements", services.now())
    return XLSX, to_xlsx(entries.records, summarise(study, entries.records, len(entries.errors)), facts)


def _sr(services: Services, request: Request, study: str, entries: Entries) -> tuple[str, bytes]:
    return "application/dicom", _report(services, request, study, entries.records).content


def _report(services: Services, request: Request, study: str, records: Records) -> Report:
    if not records:
        raise Unmeasurable("The study has no measurements to report", reason="no-measurements")
    author = author_of(request, services.settings)
    return report_of(services.measurer, study, records, author, services.now())


Export = Callable[[Services, Request, str, Entries], tuple[str, bytes]]
EXPORTS: dict[str, Export] = {"json": _json, "csv": _csv, "xlsx": _xlsx, "sr": _sr}


def report(services: Services, request: Request, id: str) -> Response:
    """Write the structured report into the study."""
    require_own_site(request, services.settings.allowed_origins)
    if request.body.strip() and decoded(request.body) != {}:
        raise InvalidMeasurement("A report takes no body: it holds all measurements", reason="unknown-key")
    made = _report(services, request, id, _told(services, id).records)
    instance = services.archive.store(made.content)
    body: dict[str, Any] = {"Study": id, "Instance": instance, "Path": f"/instances/{instance}", "Count": made.count}
    body["Skipped"] = [{"TrackingUID": s.tracking_uid, "Reason": s.reason, "Details": s.details} for s in made.skipped]
    return as_json(body, headers=NO_STORE)
