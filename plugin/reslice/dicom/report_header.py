"""What a report takes over from the images of its study: the patient and study modules (PS3.3 C.7.1.1, C.7.2)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from reslice.dicom.report_items import ReportContext, ReportImage
from reslice.dicom.report_raw import CHARACTER_SET, decoded, read_raw
from reslice.errors import Damaged

SOP_CLASS, SOP_INSTANCE, SERIES_UID, STUDY_UID = 0x00080016, 0x00080018, 0x0020000E, 0x0020000D
PATIENT_NAME, REFERRING_PHYSICIAN = 0x00100010, 0x00080090
ACCESSION_NUMBER, PATIENT_ID, STUDY_ID, STUDY_DESCRIPTION = 0x00080050, 0x00100020, 0x00200010, 0x00081030
ISSUER, DEIDENTIFICATION_METHOD = 0x00100021, 0x00120063
OFFSET = 0x00080201
ZONE = re.compile(r"([+-])(0\d|1[0-4])([0-5]\d)", re.ASCII)
"""The range that the Standard allows is -1200 to +1400 (PS3.3 C.12.1.1.8)."""
NAMES = frozenset({PATIENT_NAME, REFERRING_PHYSICIAN})
TEXTS = NAMES | {ACCESSION_NUMBER, PATIENT_ID, STUDY_ID, STUDY_DESCRIPTION, ISSUER, DEIDENTIFICATION_METHOD}
"""The elements whose letters depend on the character set (PS3.5 6.1.2.2)."""
NUMBERS = (0x00101020, 0x00101030)
"""Size and weight: no numbers, no elements."""
LATIN = ("ISO_IR 100",)
"""As which the others pass unchanged, whatever bytes they hold."""

REQUIRED = (
    0x00080020,  # study date
    0x00080030,  # study time
    ACCESSION_NUMBER,
    REFERRING_PHYSICIAN,
    PATIENT_NAME,
    PATIENT_ID,
    0x00100030,  # birth date
    0x00100040,  # sex
    STUDY_UID,
    STUDY_ID,
)
"""Elements of type 1 and 2: empty where the image lacks them."""
OPTIONAL = (
    OFFSET,  # offset from UTC, which the study's times are in
    STUDY_DESCRIPTION,
    ISSUER,
    0x00100032,  # birth time
    0x00101010,  # age
    *NUMBERS,
    0x00120062,  # patient identity removed
    DEIDENTIFICATION_METHOD,
)
"""Elements that are taken over where they are."""
TAGS = tuple(sorted((*REQUIRED, *OPTIONAL, CHARACTER_SET, SOP_CLASS, SOP_INSTANCE, SERIES_UID)))


def context_of(
    content: bytes,
    *,
    series_uid: str,
    instance_uid: str,
    created: datetime,
    author: str = "",
    software_version: str = "",
    evidence: Sequence[ReportImage] = (),
    instance_number: int = 1,
) -> ReportContext:
    """The context of a report that belongs to the study of an image, given as its file. Raises Damaged.

    Names and texts are decoded by the image's own character sets; the report is written in UTF-8. `created`
    is moved to the offset from UTC that the image names, which is that of all times in a file (PS3.3 C.12.1.1.8).
    """
    values, charset = read_raw(content, TAGS)
    header = tuple(
        (tag, decoded(values.content(tag), charset if tag in TEXTS else LATIN, is_name=tag in NAMES))
        for tag in sorted((*REQUIRED, *OPTIONAL))
        if tag in REQUIRED or (values.numbers(tag) if tag in NUMBERS else values.has(tag))
    )
    reference = ReportImage(values.text(SOP_CLASS), values.text(SOP_INSTANCE), values.text(SERIES_UID))
    if not dict(header)[STUDY_UID] or not reference.sop_instance:
        raise Damaged("An image that doesn't say which study it belongs to")
    zone = _zone(dict(header).get(OFFSET, ""))
    return ReportContext(
        header=header,
        reference=reference,
        series_uid=series_uid,
        instance_uid=instance_uid,
        created=created.astimezone(zone) if zone is not None else created,
        author=author,
        software_version=software_version,
        evidence=tuple(evidence),
        instance_number=instance_number,
    )


def _zone(text: str) -> timezone | None:
    """An offset from UTC as &ZZXX; None where it isn't one."""
    found = ZONE.fullmatch(text.strip())
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
