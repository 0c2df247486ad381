"""Measurements that come back, from an export or from a structured report: computed anew, kept once."""

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reslice.archive.measurements import Creator, MeasurementStore
from reslice.archive.measuring import Measurer
from reslice.errors import ArchiveUnavailable, Busy, Conflict, Gone, ResliceError, StorageFull, UnknownResource
from reslice.measurement.document import Draft
from reslice.measurement.exchange import claimed_of
from reslice.measurement.record import NOT_COMPUTED, carried_record, new_record

UUID_ROOT = "2.25."
MOST_DELETED = 32
"""Ids of one record that are passed over, each of them deleted after an import."""
LONGEST_SECONDS = 60.0
"""So long an import computes; what it didn't reach is told, and comes in when it is sent again."""


@dataclass(frozen=True)
class Candidate:
    """A measurement that wants to come in.

    `draft` is None where its geometry wasn't carried: then the sender's values are all there is. `identifier` is the
    Id that it had here or elsewhere. `is_reported`: it comes from a structured report, not from an export.
    """

    tracking_uid: str
    draft: Draft | None
    claimed: Mapping[str, Any]
    origin: Mapping[str, Any]
    identifier: str | None = None
    is_reported: bool = False

    @property
    def id(self) -> str:
        """Its own, else one that is always the same for its tracking UID, so that coming twice adds nothing."""
        if self.identifier is not None:
            return self.identifier
        number = self.tracking_uid.removeprefix(UUID_ROOT)
        if number != self.tracking_uid and number.isdigit() and int(number) < 1 << 128:
            return str(uuid.UUID(int=int(number)))
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.tracking_uid))


@dataclass
class Outcome:
    """What became of each candidate."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def skip(self, reason: str, details: str, **facts: Any) -> None:
        """Tell why something wasn't taken."""
        self.skipped.append({"Reason": reason, "Details": details, **facts})

    def to_json(self, study: str) -> dict[str, Any]:
        """The answer."""
        return {
            "Study": study,
            "Created": self.created,
            "Existing": self.existing,
            "Skipped": self.skipped,
            "Warnings": self.warnings,
        }


class Importer:
    """Takes candidates into a study."""

    def __init__(self, store: MeasurementStore, measurer: Measurer) -> None:
        self._store = store
        self._measurer = measurer

    def take(self, study: str, candidates: Iterable[Candidate], author: str, now: datetime, outcome: Outcome) -> None:
        """Compute and keep each candidate whose tracking UID the study doesn't hold yet; tell the rest with its reason.

        Raises what no further candidate would get past, with the ids that were `Created` before: UnknownResource
        (the study has gone), Conflict (it is full), StorageFull, Busy, ArchiveUnavailable.
        """
        known = {r["TrackingUID"]: r["Id"] for r in self._store.list(study).records if "TrackingUID" in r}
        creator, end = self._store.creator(study), time.monotonic() + LONGEST_SECONDS
        for candidate in candidates:
            if time.monotonic() > end:
                outcome.skip("not-reached", "There was no time left: send it again", TrackingUID=candidate.tracking_uid)
                continue
            if candidate.tracking_uid in known:
                outcome.existing.append(known[candidate.tracking_uid])
                continue
            try:
                kept, is_new = _keep(creator, self._record(study, candidate, author, now))
            except ResliceError as error:
                if _stops(error):
                    error.facts["Created"] = outcome.created
                    raise
                outcome.skip(error.reason, error.details, TrackingUID=candidate.tracking_uid)
                continue
            if candidate.draft is None:
                outcome.warnings.append(f"{candidate.tracking_uid}: not-computed: {NOT_COMPUTED}")
            known[candidate.tracking_uid] = kept["Id"]
            (outcome.created if is_new else outcome.existing).append(kept["Id"])

    def _record(self, study: str, candidate: Candidate, author: str, now: datetime) -> dict[str, Any]:
        if candidate.draft is None:
            record = carried_record(study, candidate.claimed, author, now, candidate.id)
        else:
            measured = self._measurer.measure(study, candidate.draft).to_json()
            record = new_record(study, candidate.draft, measured, author, now, candidate.id)
            claimed = claimed_of(candidate.claimed, measured["Values"], is_reported=candidate.is_reported)
            record |= {"Claimed": claimed} if claimed is not None else {}
        return {**record, "TrackingUID": candidate.tracking_uid, "Origin": dict(candidate.origin)}


def _stops(error: ResliceError) -> bool:
    """Whether no further record would be taken either."""
    is_over = isinstance(error, StorageFull | Busy | ArchiveUnavailable)
    return is_over or error.reason in ("too-many-measurements", UnknownResource.reason)


def _keep(creator: Creator, record: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Under its Id; under another where that was deleted or is another's, the same for everybody who tries now."""
    identifier = record["Id"]
    for _ in range(MOST_DELETED):
        try:
            return creator.create({**record, "Id": identifier})
        except (Gone, Conflict) as error:
            if error.reason not in (Gone.reason, "id-in-use"):
                raise
        identifier = str(uuid.uuid5(uuid.NAMESPACE_OID, identifier))
    return creator.create({**record, "Id": str(uuid.uuid4())})
