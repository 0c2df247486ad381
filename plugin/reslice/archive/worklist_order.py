"""In which order studies are listed: what has no value comes last, whichever the direction, and no two are equal."""

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from reslice.archive.studies import StoredStudy
from reslice.archive.worklist_search import SEPARATORS, folded

MOST_PUT_IN = 200
"""Studies that are put into their places one by one; of more, all are sorted."""

Values = Callable[[StoredStudy], tuple[str, ...]]


def _text(value: str) -> tuple[str, ...]:
    """As people sort: without case, accents and separators; the letters themselves decide between equal ones."""
    return folded(value.translate(SEPARATORS)).strip(), value


VALUES: dict[str, Values] = {
    "study-date": lambda study: (study.date, study.time),
    "patient-name": lambda study: _text(study.patient_name),
    "patient-id": lambda study: _text(study.patient_id),
    "accession-number": lambda study: _text(study.accession_number),
    "study-description": lambda study: _text(study.description),
    "last-update": lambda study: (study.last_update,),
}
"""What is compared, one after the other, by the name of the order."""


def in_order(studies: Iterable[StoredStudy], order: str) -> list[StoredStudy]:
    """The studies in an order; a leading `-` means descending.

    Between equal ones StudyInstanceUID and PatientID decide, ascending, from which Orthanc makes its identifier.
    """
    values, is_descending = VALUES[order.removeprefix("-")], order.startswith("-")

    def key(study: StoredStudy) -> list[tuple[bool, str]]:
        return [(bool(value) is is_descending, value) for value in values(study)]

    ordered = sorted(studies, key=lambda study: (study.uid, study.patient_id, study.id))
    ordered.sort(key=key, reverse=is_descending)  # equal ones stay as they are, reversed or not
    return ordered


def in_order_again(
    ordered: Sequence[StoredStudy], changed: Set[str], studies: Mapping[str, StoredStudy], order: str
) -> list[StoredStudy]:
    """The same as `in_order` of all studies, made of what was in order before a few of them came, changed or went."""
    if len(changed) > MOST_PUT_IN:
        return in_order(studies.values(), order)
    again = [study for study in ordered if study.id not in changed]
    for study_id in changed & studies.keys():
        again.insert(_place(again, studies[study_id], order), studies[study_id])
    return again


def _place(ordered: Sequence[StoredStudy], study: StoredStudy, order: str) -> int:
    def comes_later(other: StoredStudy) -> bool:
        return in_order((other, study), order)[0] is study

    return bisect(ordered, False, key=comes_later)
