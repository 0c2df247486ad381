"""Orthanc's studies for the work list: one by one, what has changed, and pages that Orthanc itself puts in order."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from reslice.archive.port import Level
from reslice.archive.studies import FoundStudies, StoredStudy, StudyChanges, StudyQuery
from reslice.dicom.identifiers import STUDY_KEYWORDS
from reslice.errors import UnknownResource

CHANGES_AT_ONCE = 100
MOST_CHANGES = 10_000
"""Changes since the last look, beyond which reading all studies anew is quicker."""
COMPUTED = ("ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances")
TIES = tuple({"Type": "DicomTag", "Key": key, "Direction": "ASC"} for key in ("StudyInstanceUID", "PatientID"))
ORDERS = {
    "-study-date": (("DicomTag", "StudyDate", "DESC"), ("DicomTag", "StudyTime", "DESC")),
    "-last-update": (("Metadata", "LastUpdate", "DESC"),),
    "last-update": (("Metadata", "LastUpdate", "ASC"),),
}
"""Orders that a database knows as we do. Those of names depend on its collation, and ascending ones begin with what
has no value."""

Ask = Callable[[str], bytes]
"""What is at a path. Raises UnknownResource, ArchiveUnavailable."""
Find = Callable[[str, bytes], bytes]
"""The same of a question that is sent."""


class Studies:
    """All studies of an index; any thread may ask. `largest_page` is what `tools/find` answers at most, 0 for all."""

    def __init__(self, ask: Ask, find: Find, largest_page: int) -> None:
        self._ask, self._find = ask, find
        self._largest_page = largest_page
        self._is_ordering: bool | None = None

    def study(self, study_id: str) -> StoredStudy:
        """One study, of an id that is one of Orthanc's."""
        entry = from_json(self._ask(f"/studies/{study_id}"))
        series = from_json(self._ask(f"/studies/{study_id}/series?expand"))
        modalities = {str(one["MainDicomTags"].get("Modality", "")) for one in series}
        return _stored(
            entry,
            modalities=tuple(sorted(modalities - {""})),
            series=len(series),
            instances=sum(len(one["Instances"]) for one in series),
            series_ids=tuple(sorted(one["ID"] for one in series)),
        )

    def ids(self, level: Level) -> Sequence[str]:
        """All of a level."""
        found: list[str] = from_json(self._ask(f"/{level}"))
        return found

    def are(self, level: Level, count: int) -> bool:
        """Whether there are so many: the last one is there, and no other after it."""
        first = max(0, count - 1)
        return len(from_json(self._ask(f"/{level}?since={first}&limit=2"))) == count - first

    def changes(self, since: Hashable | None) -> StudyChanges:
        """By Orthanc's log. Numbers are never used again, and the log tells the last one even when it is empty.

        What is deleted leaves holes in the log. As long as anything older is left nobody has cleared it.
        """
        if not isinstance(since, int):
            return StudyChanges(self._log("last")["Last"], None)
        log = self._log(f"since={since}&limit={CHANGES_AT_ONCE}")
        changes, last = log["Changes"], int(log["Last"])
        if last <= since:
            return StudyChanges(since, ())
        if self._oldest() > since:
            return StudyChanges(last, None)
        if not log["Done"] and (newest := int(self._log("last")["Last"])) - since > MOST_CHANGES:
            return StudyChanges(newest, None)
        ids = dict.fromkeys(id_ for change in changes if (id_ := self._study_of(change)))
        return StudyChanges(last, tuple(ids), is_last=bool(log["Done"]))

    def _log(self, query: str) -> dict[str, Any]:
        log: dict[str, Any] = from_json(self._ask(f"/changes?{query}"))
        return log

    def _oldest(self) -> int:
        log = self._log("since=0&limit=1")
        return int((log["Changes"] or [{"Seq": log["Last"] + 1}])[0]["Seq"])

    def _study_of(self, change: Mapping[str, Any]) -> str | None:
        """The study that a change is about, if it is one that counts."""
        kind, changed = change["ChangeType"], change["ID"]
        try:
            if kind == "NewStudy":
                return str(changed)
            if kind == "NewSeries":
                return str(from_json(self._ask(f"/series/{changed}"))["ParentStudy"])
            if kind == "NewInstance":
                return str(from_json(self._ask(f"/instances/{changed}/study"))["ID"])
        except UnknownResource:  # it has gone meanwhile
            return None
        return None

    def find(self, query: StudyQuery) -> FoundStudies | None:
        """One ordered `tools/find` and one count, where both mean exactly what the query means; else None."""
        if query.words or query.order not in ORDERS or not self._finds_in_order(query.limit):
            return None
        question = _question(query)
        found = from_json(self._find("/tools/find", json.dumps({**question, **_page(query)}).encode()))
        studies = [_found(entry) for entry in found]
        if not all(study.date and study.time for study in studies):
            return None  # where no value and an empty one differ, which they don't for us
        count = from_json(self._find("/tools/count-resources", json.dumps(question).encode()))["Count"]
        return FoundStudies(int(count), studies)

    def _finds_in_order(self, limit: int) -> bool:
        """Orthanc says so from 1.12.5 on, where its database can."""
        if self._is_ordering is None:
            system = from_json(self._ask("/system"))
            self._is_ordering = bool(system.get("Capabilities", {}).get("HasExtendedFind", False))
        return self._is_ordering and not 0 < self._largest_page < limit


def _question(query: StudyQuery) -> dict[str, Any]:
    """The conditions, as `tools/find` and `tools/count-resources` take them."""
    tags = {}
    if query.dates is not None:
        tags["StudyDate"] = "-".join(query.dates)
    if query.modalities:
        tags["ModalitiesInStudy"] = "\\".join(query.modalities)
    question: dict[str, Any] = {"Level": "Study", "Query": tags}
    return question | ({"ParentPatient": query.patient} if query.patient else {})


def _page(query: StudyQuery) -> dict[str, Any]:
    order = [{"Type": kind, "Key": key, "Direction": direction} for kind, key, direction in ORDERS[query.order]]
    return {
        "Expand": True,
        "RequestedTags": list(COMPUTED),
        "OrderBy": [*order, *TIES],
        "Since": query.since,
        "Limit": query.limit,
    }


def _found(entry: Mapping[str, Any]) -> StoredStudy:
    computed = entry["RequestedTags"]
    modalities, series, instances = (computed[name] for name in COMPUTED)
    return _stored(
        entry,
        modalities=tuple(sorted({part for part in modalities.split("\\") if part})),
        series=int(series),
        instances=int(instances),
    )


def _stored(
    entry: Mapping[str, Any],
    *,
    modalities: tuple[str, ...],
    series: int,
    instances: int,
    series_ids: tuple[str, ...] = (),
) -> StoredStudy:
    """From `/studies/{id}`, or what `tools/find` expands."""
    tags = {**entry["MainDicomTags"], **entry["PatientMainDicomTags"]}
    texts = {name: str(tags.get(keyword, "")) for name, keyword in STUDY_KEYWORDS.items()}
    return StoredStudy(
        id=entry["ID"],
        patient=entry["ParentPatient"],
        uid=str(tags.get("StudyInstanceUID", "")),
        last_update=str(entry.get("LastUpdate", "")),
        modalities=modalities,
        series=series,
        instances=instances,
        series_ids=series_ids,
        **texts,
    )
