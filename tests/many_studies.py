"""An Orthanc filled quickly: many tiny studies with varied names, modalities, dates and numbers of series."""

import random
import struct
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from clients import Answer, ClientMethods

FAMILY = ("Müller", "Meyer", "SMITH", "O'Brien", "Nuñez", "García", "Yamada", "Hong", "Łukasz", "Åström", "de la Cruz")
GIVEN = ("Anna", "José", "Chloé", "Tarou", "Gildong", "Zoë", "Peter", "Maria", "Søren", "Eve")
IDEOGRAPHIC = ("", "", "", "=山田^太郎=やまだ^たろう", "=洪^吉洞=홍^길동")
MODALITIES = ("CT", "MR", "US", "CR", "PT", "XA", "MG")
DESCRIPTIONS = ("Thorax", "Schädel nativ", "ABDOMEN with contrast", "Knee left", "", "Follow-up 🫀", "Contrôle")
SERIES = (1, 1, 1, 1, 1, 1, 2, 3)
CONNECTIONS = 3
READY_SECONDS = 60
"""A database on a busy machine takes a third of a second a study."""
ROOT = "1.2.826.0.1.3680043.8.498"
LETTERS_OF_UIDS = b"\0"

Texts = Mapping[str, str | None]


def tiny_file(texts: Texts) -> bytes:
    """A DICOM file of these elements by keyword, all of them texts, in UTF-8; None leaves one out.

    Written by hand, since pydicom takes ten times as long.
    """
    whole = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": CTImageStorage,
        "SeriesInstanceUID": f"{texts['StudyInstanceUID']}.1",
        **texts,
    }
    whole.setdefault("SOPInstanceUID", f"{whole['SeriesInstanceUID']}.1")
    tags = sorted((tag_for_keyword(keyword) or 0, keyword) for keyword, text in whole.items() if text is not None)
    body = b"".join(_element(tag, dictionary_VR(keyword), str(whole[keyword])) for tag, keyword in tags)
    meta = b"".join(
        [
            _element(0x20002, "UI", CTImageStorage),
            _element(0x20003, "UI", str(whole["SOPInstanceUID"])),
            _element(0x20010, "UI", ExplicitVRLittleEndian),
        ]
    )
    length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta))
    return bytes(128) + b"DICM" + length + meta + body


def _element(tag: int, vr: str, text: str) -> bytes:
    value = text.encode()
    value += (LETTERS_OF_UIDS if vr == "UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value


def texts_of(k: int, seed: int = 0) -> dict[str, str]:
    """Patient and study of the k-th of the many."""
    chosen = random.Random(f"{seed}/{k}")  # noqa: S311 - the same study every time
    patient = chosen.randrange(2 * k // 3 + 1)
    named = random.Random(f"{seed}/patient/{patient}")  # noqa: S311 - one patient has one name
    return {
        "PatientID": f"P{patient:06d}",
        "PatientName": f"{named.choice(FAMILY)}^{named.choice(GIVEN)}{named.choice(IDEOGRAPHIC)}",
        "PatientBirthDate": f"19{named.randrange(30, 100)}0{named.randrange(1, 10)}1{named.randrange(10)}",
        "PatientSex": named.choice("FMO"),
        "StudyInstanceUID": f"{ROOT}.{seed}.{k}",
        "StudyDate": f"20{chosen.randrange(10, 26):02d}{chosen.randrange(1, 13):02d}{chosen.randrange(1, 29):02d}",
        "StudyTime": f"{chosen.randrange(24):02d}{chosen.randrange(60):02d}{chosen.randrange(60):02d}",
        "StudyDescription": chosen.choice(DESCRIPTIONS),
        "AccessionNumber": f"A{chosen.randrange(10**8):08d}",
    }


def files_of(k: int, seed: int = 0) -> Iterator[bytes]:
    """One tiny file for each series of the k-th study."""
    chosen, texts = random.Random(f"{seed}/series/{k}"), texts_of(k, seed)  # noqa: S311 - the same series every time
    for n in range(chosen.choice(SERIES)):
        modality, series = chosen.choice(MODALITIES), f"{texts['StudyInstanceUID']}.{n}"
        yield tiny_file({**texts, "Modality": modality, "SeriesInstanceUID": series, "SeriesNumber": str(n + 1)})


def fill(url: str, count: int, seed: int = 0) -> None:
    """Store so many studies, by several connections at once."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda n: _send(url, range(n, count, CONNECTIONS), seed), range(CONNECTIONS)))


def when_ready(client: ClientMethods, path: str) -> Answer:
    """The answer of a work list, asked for again while the server says that it is still reading its studies."""
    deadline = time.monotonic() + READY_SECONDS
    while (answer := client.get(path)).status == 503 and time.monotonic() < deadline:
        assert answer.json()["StudiesLeft"] >= 0, answer.content
        time.sleep(0.2)
    assert answer.status == 200, answer.content
    return answer


def _send(url: str, numbers: range, seed: int) -> None:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        for file in (file for k in numbers for file in files_of(k, seed)):
            connection.request("POST", "/instances", file)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {content[:300]!r}")
    finally:
        connection.close()
