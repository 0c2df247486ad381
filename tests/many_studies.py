"""An Orthanc filled quickly: many tiny studies with varied names, modalities, dates and series."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from phantoms import file_of, instance

FAMILY = ("Müller", "Meyer", "SMITH", "O'Brien", "Nuñez", "García", "Yamada", "Hong", "Łukasz", "Åström", "de la Cruz")
GIVEN = ("Anna", "José", "Chloé", "Tarou", "Gildong", "Zoë", "Peter", "Maria", "Søren", "Eve")
IDEOGRAPHIC = ("", "", "", "=山田^太郎=やまだ^たろう", "=洪^吉洞=홍^길동")
MODALITIES = ("CT", "MR", "US", "CR", "PT", "XA", "MG")
DESCRIPTIONS = ("Thorax", "Schädel nativ", "ABDOMEN with contrast", "Knee left", "", "Follow-up 🫀", "Contrôle")
MOST_SERIES = 3
CONNECTIONS = 4


def study_of(k: int, seed: int = 0) -> list[Dataset]:
    """The k-th study: one tiny instance for each of its series."""
    chosen = random.Random(f"{seed}/{k}")  # noqa: S311 - the same study every time
    patient = chosen.randrange(max(1, 2 * k // 3 + 1))
    named = random.Random(f"{seed}/patient/{patient}")  # noqa: S311 - one patient has one name
    common = {
        "PatientID": f"P{patient:06d}",
        "PatientName": f"{named.choice(FAMILY)}^{named.choice(GIVEN)}{named.choice(IDEOGRAPHIC)}",
        "PatientBirthDate": f"19{named.randrange(30, 100)}0{named.randrange(1, 10)}1{named.randrange(10)}",
        "PatientSex": named.choice("FMO"),
        "StudyInstanceUID": f"1.2.826.0.1.3680043.8.498.{seed}.{k}",
        "StudyDate": f"20{chosen.randrange(10, 26):02d}{chosen.randrange(1, 13):02d}{chosen.randrange(1, 29):02d}",
        "StudyTime": f"{chosen.randrange(24):02d}{chosen.randrange(60):02d}{chosen.randrange(60):02d}",
        "StudyDescription": chosen.choice(DESCRIPTIONS),
        "AccessionNumber": f"A{chosen.randrange(10**8):08d}",
    }
    return [_one(common, n, chosen.choice(MODALITIES)) for n in range(chosen.randint(1, MOST_SERIES))]


def _one(common: dict[str, str], n: int, modality: str) -> Dataset:
    dataset = instance(CTImageStorage)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in common.items():
        setattr(dataset, keyword, value)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, n + 1, 1
    dataset.SeriesInstanceUID = f"{common['StudyInstanceUID']}.{n}"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{dataset.SeriesInstanceUID}.1"
    return dataset


def files(numbers: Sequence[int], seed: int = 0) -> Iterator[bytes]:
    """All files of these studies."""
    for k in numbers:
        for dataset in study_of(k, seed):
            yield file_of(dataset)


def fill(url: str, count: int, seed: int = 0) -> None:
    """Store so many studies by several connections at once."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda n: _send(url, range(n, count, CONNECTIONS), seed), range(CONNECTIONS)))


def _send(url: str, numbers: range, seed: int) -> None:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        for file in files(numbers, seed):
            connection.request("POST", "/instances", file)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {content[:300]!r}")
    finally:
        connection.close()
