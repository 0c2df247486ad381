"""Pages of studies and patients: what is on them, which are found, in which order, and what is refused."""

import json
from urllib.parse import quote

import pytest

from clients import Client, InProcessClient, OrthancClient, orthanc_ids
from many_studies import tiny_file
from phantoms import Acquisition, ramp

NAMES = {
    "muller": "Müller^Anna Maria",
    "yamada": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "hong": "Hong^Gildong=洪^吉洞=홍^길동",
    "emoji": 'O\'Brien 🫀^<b>"Zoë"</b>',
    "halfwidth": "ﾔﾏﾀﾞ^ﾀﾛｳ",
}
DATES = {"muller": "20240131", "yamada": "20231231", "hong": "20240215", "emoji": "20190704", "halfwidth": ""}
MODALITIES = {"muller": "CT", "yamada": "MR", "hong": "CT", "emoji": "US", "halfwidth": "MR"}
ALL = ["hong", "muller", "yamada", "emoji", "halfwidth"]
"""Newest first, and what has no date last."""


def file(name: str, series: int = 1, **texts: str | None) -> bytes:
    uid = f"1.2.3.{list(NAMES).index(name)}"
    return tiny_file(
        {
            "PatientID": f"ID-{name}",
            "PatientName": NAMES[name],
            "PatientBirthDate": "19800229",
            "PatientSex": "F",
            "StudyInstanceUID": uid,
            "StudyDate": DATES[name],
            "StudyTime": "101500",
            "StudyDescription": f"Schädel {name} * 100%",
            "AccessionNumber": f"ACC.{name}" if name == "emoji" else f"ACC-{name}",
            "Modality": MODALITIES[name],
            "SeriesInstanceUID": f"{uid}.{series}",
            **texts,
        }
    )


@pytest.fixture(scope="module")
def filled(lasting_client: InProcessClient | OrthancClient) -> Client:
    lasting_client.store([file(name) for name in NAMES])
    lasting_client.store([file("muller", series=2, Modality="SR", SeriesInstanceUID="1.2.3.0.2")])
    return lasting_client


def found(client: Client, **query: object) -> list[str]:
    """The studies of a page, by the names above."""
    answer = client.get("/reslice/studies", **query)
    assert answer.status == 200, answer.content
    page = answer.json()
    names = [study["PatientID"].removeprefix("ID-") for study in page["Studies"]]
    assert page["Count"] >= len(names)
    return names


def test_a_study_tells_all_that_a_list_shows(filled: InProcessClient) -> None:
    answer = filled.get("/reslice/studies", search="anna")
    page = answer.json()
    ids = orthanc_ids(file("muller"))
    (study,) = page.pop("Studies")
    assert page == {"Count": 1, "Since": 0, "Limit": 50}
    assert len(study.pop("LastUpdate")) == len("20240131T101010")
    assert study == {
        "ID": ids["studies"],
        "PatientID": "ID-muller",
        "PatientName": "Müller^Anna Maria",
        "PatientBirthDate": "19800229",
        "PatientSex": "F",
        "StudyDate": "20240131",
        "StudyTime": "101500",
        "StudyDescription": "Schädel muller * 100%",
        "AccessionNumber": "ACC-muller",
        "StudyInstanceUID": "1.2.3.0",
        "Modalities": ["CT", "SR"],
        "SeriesCount": 2,
        "InstanceCount": 2,
        "MeasurementCount": 0,
        "Patient": ids["patients"],
        "Thumbnail": f"/studies/{ids['studies']}/thumbnail",
        "Viewer": f"/reslice/viewer/index.html?study={ids['studies']}",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content.isascii()


def test_a_patient_tells_of_all_studies(filled: InProcessClient) -> None:
    page = filled.get("/reslice/patients", search="anna").json()
    patient = orthanc_ids(file("muller"))["patients"]
    assert (page["Count"], page["Since"], page["Limit"]) == (1, 0, 50)
    assert page["Patients"] == [
        {
            "ID": patient,
            "PatientID": "ID-muller",
            "PatientName": "Müller^Anna Maria",
            "PatientBirthDate": "19800229",
            "PatientSex": "F",
            "StudyCount": 1,
            "SeriesCount": 2,
            "InstanceCount": 2,
            "MeasurementCount": 0,
            "Modalities": ["CT", "SR"],
            "LastStudyDate": "20240131",
            "Thumbnail": f"/patients/{patient}/thumbnail",
            "Studies": f"/reslice/studies?patient={patient}",
        }
    ]
    assert found(filled, patient=patient) == ["muller"]


def test_newest_come_first_and_undated_last(filled: Client) -> None:
    assert found(filled) == ALL
    assert found(filled, order_by="study-date") == [*reversed(ALL[:-1]), "halfwidth"]


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("patient-name", "hong", "halfwidth"),
        ("-patient-name", "halfwidth", "hong"),
        ("patient-id", "emoji", "yamada"),
        ("-patient-id", "yamada", "emoji"),
        ("accession-number", "halfwidth", "emoji"),  # a hyphen before a full stop
        ("-accession-number", "emoji", "halfwidth"),
        ("study-description", "emoji", "yamada"),
        ("-study-description", "yamada", "emoji"),
    ],
)
def test_each_order_goes_both_ways(filled: Client, order: str, first: str, last: str) -> None:
    names = found(filled, order_by=order)
    assert sorted(names) == sorted(ALL)
    assert (names[0], names[-1]) == (first, last)


@pytest.mark.parametrize("order", ["last-update", "-last-update"])
def test_what_was_stored_together_has_one_order_too(filled: Client, order: str) -> None:
    assert found(filled, order_by=order) == found(filled, order_by=order)
    assert sorted(found(filled, order_by=order)) == sorted(ALL)


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("muller", ["muller"]),
        ("MÜLLER", ["muller"]),
        ("maria ANNA", ["muller"]),
        ("anna^maria", ["muller"]),
        ("anna tarou", []),
        ("schadel", ALL),
        ("id-hong acc-hong", ["hong"]),
        ("山田", ["yamada"]),
        ("やま", ["yamada"]),
        ("ヤマダ", ["halfwidth"]),
        ("タロウ", ["halfwidth"]),
        ("홍", ["hong"]),
        ("길동 洪", ["hong"]),
        ("길 동", ["hong"]),
        ("기", []),
        ("🫀", ["emoji"]),
        ("zoe", ["emoji"]),
        ("o'brien", ["emoji"]),
        ('"zoë"', ["emoji"]),
        ("<b>", ["emoji"]),
        ("*", ALL),
        ("100%", ALL),
        ("?", []),
        ("m?ller", []),
        ("mul*", []),
        (".*", []),
        ("acc.emoji", ["emoji"]),
        ("acc.hong", []),
        ("%", ALL),
        ("_", []),
        ("'; --", []),
        ("[a-z]", []),
        ("(", []),
        ("  \t ", ALL),
        ("", ALL),
        ("^=", ALL),
    ],
)
def test_words_are_found_as_people_mean_them(filled: Client, search: str, names: list[str]) -> None:
    assert found(filled, search=search) == names


def test_a_null_character_harms_nothing(filled: Client) -> None:
    """Some builds of Orthanc end a value there."""
    assert found(filled, search="anna\0tarou") in ([], ["muller"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"modality": "CT"}, ["hong", "muller"]),
        ({"modality": "sr"}, ["muller"]),
        ({"modality": "US,MR"}, ["yamada", "emoji", "halfwidth"]),
        ({"modality": "US, CT"}, ["hong", "muller", "emoji"]),
        ({"modality": "PT"}, []),
        ({"date": "20240131"}, ["muller"]),
        ({"date": "20231231-20240131"}, ["muller", "yamada"]),
        ({"date": "20240101-"}, ["hong", "muller"]),
        ({"date": "-20231231"}, ["yamada", "emoji"]),
        ({"date": "20240101-", "modality": "CT", "search": "anna"}, ["muller"]),
    ],
)
def test_modalities_and_dates_narrow_the_list(filled: Client, query: dict[str, str], names: list[str]) -> None:
    assert found(filled, **query) == names


@pytest.mark.parametrize("order", ["-study-date", "study-date", "patient-name", "-last-update"])
def test_pages_give_each_study_once(filled: InProcessClient, order: str) -> None:
    pages = [filled.get("/reslice/studies", since=k, limit=2, order_by=order).json() for k in range(0, 8, 2)]
    assert [len(page["Studies"]) for page in pages] == [2, 2, 1, 0]
    assert {page["Count"] for page in pages} == {5}
    assert len({study["ID"] for page in pages for study in page["Studies"]}) == 5


def test_an_unknown_patient_has_no_studies(filled: Client) -> None:
    assert found(filled, patient="-".join(["01234567"] * 5)) == []


@pytest.mark.parametrize("route", ["studies", "patients"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("since", value) for value in ("-1", "x", "1.5", "", "9999999999")],
        *[("limit", value) for value in ("0", "501", "-1", "x", "")],
        *[("search", value) for value in ("x" * 129, "ü" * 1000)],
        *[("modality", value) for value in ("", ",", "CT,", "C*", "CT\\MR", "X" * 17, "CT;MR", ",".join(["CT"] * 33))],
        *[("date", value) for value in ("", "-", "2024", "20240230", "20230229", "20241301", "00000101")],
        *[("date", value) for value in ("20240102-20240101", "2024-01-31", "20240101-20240102-", "2024010\uff11")],
        *[("date", value) for value in ("2024010120240102", "20240101-x", " 20240101", "*")],
        *[("order-by", value) for value in ("", "date", "StudyDate", "+study-date", "--study-date", "patient-name;")],
    ],
)
def test_what_cannot_be_used_is_refused(filled: InProcessClient, route: str, name: str, value: str) -> None:
    answer = filled.request("GET", f"/reslice/{route}?{name}={quote(value, safe='')}")
    assert answer.status == 400, answer.content
    problem = answer.json()
    assert (problem["Reason"], problem["Parameter"]) == ("bad-parameter", name)
    assert problem["Value"] == value[:256]
    assert problem["Allowed"]


@pytest.mark.parametrize("value", ["x", "../patients", "0" * 44, "A1234567-" * 4 + "A1234567"])
def test_a_patient_is_named_by_an_orthanc_identifier(filled: InProcessClient, value: str) -> None:
    problem = filled.get("/reslice/studies", patient=value).json()
    assert (problem["Reason"], problem["Parameter"]) == ("bad-parameter", "patient")


@pytest.mark.parametrize(("route", "name"), [("studies", "order"), ("patients", "patient"), ("studies", "Search")])
def test_a_typo_is_refused(filled: InProcessClient, route: str, name: str) -> None:
    problem = filled.request("GET", f"/reslice/{route}?{name}=x").json()
    assert (problem["Reason"], problem["Parameter"]) == ("unknown-parameter", name)


def test_an_empty_server_has_an_empty_list(client: InProcessClient) -> None:
    for route, key in (("studies", "Studies"), ("patients", "Patients")):
        assert client.get(f"/reslice/{route}").json() == {"Count": 0, "Since": 0, "Limit": 50, key: []}


def test_what_is_sent_and_deleted_is_seen_by_the_next_request(client: InProcessClient) -> None:
    for k in range(3):
        instances = client.store([file(name) for name in NAMES])
        assert found(client, search="id") == ALL
        client.remove(instances[0])
        assert found(client, search="id") == [name for name in ALL if name != "muller"]
        assert found(client) == [name for name in ALL if name != "muller"]
        (again,) = client.store([file("muller", series=k + 1, Modality="PT")])
        assert found(client, modality="PT") == ["muller"]
        (other,) = client.store([file("muller", series=9, Modality="MG")])
        assert found(client, modality="mg") == ["muller"]
        assert found(client, modality="mg", search="anna") == ["muller"]
        client.remove(again)
        client.remove(other)


def test_measurements_are_counted(client: InProcessClient) -> None:
    (dataset,) = ramp(0, Acquisition(shape=(1, 8, 8)))
    (instance,) = client.store([dataset])
    body = {"Type": "hu", "Tool": "point", "Image": {"Instance": instance}}
    body["Geometry"] = {"Space": "pixel", "Points": [[3, 3]]}
    made = client.post(f"/studies/{orthanc_ids(dataset)['studies']}/measurements", json.dumps(body).encode())
    assert made.status == 201, made.content
    assert client.get("/reslice/studies").json()["Studies"][0]["MeasurementCount"] == 1
    assert client.get("/reslice/patients").json()["Patients"][0]["MeasurementCount"] == 1


def test_an_endless_search_is_refused_by_whoever_reads_it_first(filled: InProcessClient) -> None:
    assert filled.get("/reslice/studies", search="x" * 10_000).status == 400
    assert filled.get("/reslice/studies", search="\u00fc" * 10_000).status in (400, 414)


def test_links_lead_on(filled: InProcessClient) -> None:
    links = filled.get("/reslice").json()["Links"]
    assert (links["Studies"], links["Patients"]) == ("/reslice/studies", "/reslice/patients")
    patient = filled.get("/reslice/patients", limit=1).json()["Patients"][0]
    assert filled.get(patient["Studies"]).json()["Count"] == patient["StudyCount"]
    assert json.loads(filled.get(patient["Studies"]).content)["Studies"][0]["Patient"] == patient["ID"]
