"""Studies as a work list sees them: what is shown of each, what is asked for, and what has changed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """One study as the index knows it, with the patient whose it is; `last_update` is local time, to the second."""

    id: str
    patient: str
    uid: str
    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    sex: str = ""
    date: str = ""
    time: str = ""
    description: str = ""
    accession_number: str = ""
    last_update: str = ""
    modalities: tuple[str, ...] = ()
    series: int = 0
    instances: int = 0
    series_ids: tuple[str, ...] = ()
    """The Orthanc identifiers of its series; none where an archive finds pages itself."""


@dataclass(frozen=True)
class StudyQuery:
    """Which studies, in which order (a name, descending with a leading `-`), and which part of them.

    `words` are folded (`worklist_search.folded`); `dates` are the first and the last day, both included.
    """

    words: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    dates: tuple[str, str] | None = None
    patient: str = ""
    order: str = "-study-date"
    since: int = 0
    limit: int = 50


@dataclass(frozen=True)
class FoundStudies:
    """One page of studies, and how many there are on all pages."""

    count: int
    studies: Sequence[StoredStudy]


@dataclass(frozen=True)
class StudyChanges:
    """What has changed since a token was taken, and the token for the next time.

    `ids` are studies that are new or have got images; deleted ones are not among them. None: it isn't known, so that
    everything must be read anew. Not `is_last`: there are more, to be asked for with the new token.
    """

    token: Hashable
    ids: Sequence[str] | None
    is_last: bool = True
