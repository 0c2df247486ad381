"""Measurements of a study: create, list, read, change, delete, and compute without keeping."""

import uuid
from collections.abc import Mapping
from typing import Any

from reslice.archive.entries import Entry
from reslice.archive.inputs import Freshness
from reslice.archive.port import Level
from reslice.errors import InvalidMeasurement
from reslice.measurement.document import Draft, draft_of
from reslice.measurement.record import changed_record, new_record, shown
from reslice.web.authors import author_of
from reslice.web.bodies import decoded
from reslice.web.guard import require_own_site
from reslice.web.message import NO_STORE, Request, Response, as_json, as_list, as_text
from reslice.web.parameters import MeasurementParameters
from reslice.web.revisions import asked_revision, headers_of
from reslice.web.services import Services


def of_study(services: Services, request: Request, parameters: MeasurementParameters, id: str) -> Response:
    """All measurements of a study, oldest first."""
    return _list(services, parameters, id, {})


def of_series(services: Services, request: Request, parameters: MeasurementParameters, id: str) -> Response:
    """All measurements on one series, oldest first."""
    return _below(services, parameters, "series", id, {"Series": id})


def of_instance(services: Services, request: Request, parameters: MeasurementParameters, id: str) -> Response:
    """All measurements on the frames of one instance, oldest first."""
    return _below(services, parameters, "instances", id, {"Instance": id})


def _below(
    services: Services, parameters: MeasurementParameters, level: Level, id: str, wanted: Mapping[str, str]
) -> Response:
    return _list(services, parameters, services.archive.study_of(level, id), wanted)


def _list(services: Services, parameters: MeasurementParameters, study: str, wanted: Mapping[str, str]) -> Response:
    entries = services.store.contents(study)
    found = [e for e in entries.live if _fits(e.content, parameters) and _is_on(e.content, wanted)]
    page = found[parameters.since : parameters.since + parameters.limit]
    freshness = Freshness(services.library)
    facts = {"Study": study, **wanted, "Count": len(found), "Errors": list(entries.errors)}
    return as_list(facts, "Measurements", (_told(entry, freshness) for entry in page), NO_STORE)


def _told(entry: Entry, freshness: Freshness) -> str:
    """A record of a list; its text is written anew only where more than `Stale` has to be told."""
    facts = freshness.facts(entry.record)
    if facts.keys() != {"Stale"}:
        return as_text(shown({**entry.record, **facts}))
    return f'{entry.shown_text[:-1]},"Stale":{"true" if facts["Stale"] else "false"}}}'


def _fits(record: Mapping[str, Any], parameters: MeasurementParameters) -> bool:
    asked = {"Type": parameters.type, "Series": parameters.series, "Label": parameters.label}
    return all(value is None or record.get(key) == value for key, value in asked.items())


def _is_on(record: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    image = record.get("Image") or {}
    facts = {"Series": record.get("Series"), "Instance": image.get("Instance")}
    return all(facts[key] == value for key, value in wanted.items())


def create(services: Services, request: Request, id: str) -> Response:
    """Measure, and keep it. The same body with the same Id again answers what is kept."""
    require_own_site(request, services.settings.allowed_origins)
    draft = draft_of(decoded(request.body))
    known = services.store.known(id, draft.id, draft.digest) if draft.id is not None else None
    if known is not None:
        return _one(services, known)
    measured = services.measurer.measure(id, draft)
    author = author_of(request, services.settings)
    record = new_record(id, draft, measured.to_json(), author, services.now(), draft.id or str(uuid.uuid4()))
    kept, is_new = services.store.create(id, record)
    return _just_measured(kept, 201) if is_new else _one(services, kept)


def one(services: Services, request: Request, id: str, uuid: str) -> Response:
    """One measurement."""
    return _one(services, services.store.get(id, uuid))


def _one(services: Services, record: dict[str, Any]) -> Response:
    return as_json(shown(Freshness(services.library).told(record)), headers=headers_of(record))


def _just_measured(record: dict[str, Any], status: int = 200) -> Response:
    return as_json(shown({**record, "Stale": False}), status, headers_of(record))


def update(services: Services, request: Request, id: str, uuid: str) -> Response:
    """Say anew what is measured; it is computed again."""
    require_own_site(request, services.settings.allowed_origins)
    revision = asked_revision(request)
    draft = draft_of(decoded(request.body))
    if draft.id not in (None, uuid):
        raise InvalidMeasurement("The Id in the body isn't that of the path", reason="bad-id", Parameter="Id")
    author = author_of(request, services.settings)

    def change(current: dict[str, Any]) -> dict[str, Any]:
        measured = services.measurer.measure(id, draft)
        return changed_record(current, draft, measured.to_json(), author, services.now())

    return _just_measured(services.store.update(id, uuid, revision, change))


def delete(services: Services, request: Request, id: str, uuid: str) -> Response:
    """Delete a measurement of a known revision."""
    require_own_site(request, services.settings.allowed_origins)
    services.store.delete(id, uuid, asked_revision(request))
    return as_json({}, headers=NO_STORE)


def compute(services: Services, request: Request, id: str) -> Response:
    """Measure, and keep nothing."""
    require_own_site(request, services.settings.allowed_origins)
    draft = draft_of(decoded(request.body))
    return as_json(_computed(id, draft, services.measurer.measure(id, draft).to_json()), headers=NO_STORE)


def _computed(study: str, draft: Draft, measured: Mapping[str, Any]) -> dict[str, Any]:
    said = draft.to_json()
    said.pop("Id", None)
    return shown({"Study": study, **said, **measured})
