"""What Orthanc is asked for the work list, and what its log of changes is taken to mean."""

import json
from collections.abc import Mapping

import pytest

from reslice.archive.studies import StudyChanges, StudyQuery
from reslice.errors import UnknownResource
from reslice.host.worklist import CHANGES_AT_ONCE, MOST_CHANGES, Studies

ENTRY = {
    "ID": "study",
    "ParentPatient": "patient",
    "LastUpdate": "20240131T101010",
    "MainDicomTags": {"StudyDate": "20240131", "StudyTime": "1015", "StudyInstanceUID": "1.2"},
    "PatientMainDicomTags": {"PatientID": "P"},
    "RequestedTags": {
        "ModalitiesInStudy": "MR\\CT",
        "NumberOfStudyRelatedSeries": "2",
        "NumberOfStudyRelatedInstances": "7",
    },
}


class Asked:
    """Answers by path, and what was asked."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self.answers = answers
        self.questions: list[str] = []
        self.bodies: list[dict] = []

    def ask(self, path: str) -> bytes:
        self.questions.append(path)
        if path not in self.answers:
            raise UnknownResource(path)
        return json.dumps(self.answers[path]).encode()

    def find(self, path: str, body: bytes) -> bytes:
        self.bodies.append(json.loads(body))
        return self.ask(path)

    def studies(self, largest_page: int = 0) -> Studies:
        return Studies(self.ask, self.find, largest_page)


def finding(entry: Mapping[str, object] = ENTRY, **system: object) -> Asked:
    facts = {"Capabilities": {"HasExtendedFind": True}} | system
    return Asked({"/system": facts, "/tools/find": [entry], "/tools/count-resources": {"Count": 9}})


def test_one_find_and_one_count_make_a_page() -> None:
    asked = finding()
    query = StudyQuery(modalities=("CT", "MR"), dates=("20240131", "20240131"), patient="x", since=5, limit=20)
    found = asked.studies().find(query)
    assert found is not None
    (study,) = found.studies
    assert (found.count, study.modalities, study.series, study.instances) == (9, ("CT", "MR"), 2, 7)
    page, count = asked.bodies
    assert count["Query"] == page["Query"] == {"StudyDate": "20240131-20240131", "ModalitiesInStudy": "CT\\MR"}
    assert (page["Since"], page["Limit"], page["ParentPatient"], count["ParentPatient"]) == (5, 20, "x", "x")
    assert [(order["Key"], order["Direction"]) for order in page["OrderBy"]] == [
        ("StudyDate", "DESC"),
        ("StudyTime", "DESC"),
        ("StudyInstanceUID", "ASC"),
        ("PatientID", "ASC"),
    ]


@pytest.mark.parametrize("order", ["study-date", "patient-name", "-patient-id", "study-description"])
def test_orders_that_a_database_knows_otherwise_are_left_to_the_index(order: str) -> None:
    asked = finding()
    assert asked.studies().find(StudyQuery(order=order)) is None
    assert asked.bodies == []


def test_words_old_servers_and_short_limits_are_left_to_the_index() -> None:
    assert finding().studies().find(StudyQuery(words=("a",))) is None
    assert finding(Capabilities={}).studies().find(StudyQuery()) is None
    assert finding(Capabilities={"HasExtendedFind": False}).studies().find(StudyQuery()) is None
    assert finding().studies(largest_page=49).find(StudyQuery(limit=50)) is None
    assert finding().studies(largest_page=50).find(StudyQuery(limit=50)) is not None


@pytest.mark.parametrize("missing", ["StudyDate", "StudyTime"])
def test_a_page_with_a_study_without_date_or_time_is_left_to_the_index(missing: str) -> None:
    entry = ENTRY | {"MainDicomTags": {**ENTRY["MainDicomTags"], missing: ""}}  # type: ignore[dict-item]
    assert finding(entry).studies().find(StudyQuery()) is None


def log(*numbers: int, last: int, done: bool = True, kind: str = "NewStudy") -> dict:
    changes = [{"Seq": number, "ChangeType": kind, "ID": f"id-{number}"} for number in numbers]
    return {"Changes": changes, "Last": last, "Done": done}


SINCE_7, OLDEST, LAST = f"/changes?since=7&limit={CHANGES_AT_ONCE}", "/changes?since=0&limit=1", "/changes?last"


def changes(**answers: object) -> StudyChanges:
    names = {"since_7": SINCE_7, "oldest": OLDEST, "last": LAST}
    return Asked({names.get(name, name): answer for name, answer in answers.items()}).studies().changes(7)


def test_nothing_new_is_one_question() -> None:
    assert changes(since_7=log(last=7)) == StudyChanges(7, ())


def test_changes_name_their_studies_once() -> None:
    assert changes(since_7=log(8, 9, last=9), oldest=log(2, last=2)) == StudyChanges(9, ("id-8", "id-9"))


def test_a_hole_is_a_deletion_as_long_as_anything_older_is_left() -> None:
    assert changes(since_7=log(last=12), oldest=log(7, last=7)) == StudyChanges(12, ())
    assert changes(since_7=log(last=12), oldest=log(9, last=9)) == StudyChanges(12, None)
    assert changes(since_7=log(last=12), oldest=log(last=12)) == StudyChanges(12, None)


def test_a_long_log_is_read_in_parts_and_a_very_long_one_not_at_all() -> None:
    part, oldest, far = log(8, last=8, done=False), log(2, last=2), 8 + MOST_CHANGES
    assert changes(since_7=part, oldest=oldest, last=log(99, last=99)) == StudyChanges(8, ("id-8",), is_last=False)
    assert changes(since_7=part, oldest=oldest, last=log(far, last=far)) == StudyChanges(far, None)


def test_what_has_gone_meanwhile_names_no_study() -> None:
    assert changes(since_7=log(8, last=8, kind="NewSeries"), oldest=log(2, last=2)) == StudyChanges(8, ())
    assert changes(since_7=log(8, last=8, kind="UpdatedMetadata"), oldest=log(2, last=2)) == StudyChanges(8, ())


def test_the_number_of_studies_is_told_by_the_place_of_the_last() -> None:
    asked = Asked({"/studies?since=2&limit=2": ["c"], "/studies?since=0&limit=2": ["a", "b"]})
    assert asked.studies().are("studies", 3)
    assert not asked.studies().are("studies", 1)
    assert not asked.studies().are("studies", 0)
    assert Asked({"/studies?since=0&limit=2": []}).studies().are("studies", 0)
