"""Query parameters of the work list."""

import re
from dataclasses import replace
from datetime import date as calendar_date
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from reslice.archive.port import ORTHANC_ID
from reslice.archive.studies import StudyQuery
from reslice.archive.worklist_search import words_of
from reslice.web.parameters import Parameters, Whole

LARGEST_PAGE = 500
LONGEST_SEARCH = 128
"""Characters."""
MOST_MODALITIES = 32
MODALITY = re.compile(r"[A-Z0-9_]{1,16}")
DATES = re.compile(r"(\d{8})?(-?)(\d{8})?", re.ASCII)
FIRST_DAY, LAST_DAY = "00010101", "99991231"

Order = Literal[
    "-study-date",
    "study-date",
    "patient-name",
    "-patient-name",
    "patient-id",
    "-patient-id",
    "accession-number",
    "-accession-number",
    "study-description",
    "-study-description",
    "last-update",
    "-last-update",
]
ORDERS: tuple[str, ...] = get_args(Order)


def _modalities(value: object) -> object:
    """Code strings, separated by commas; each counts once. A blank arrives as `+` on some builds of Orthanc."""
    parts = [part.strip(" +").upper() for part in str(value).split(",")]
    if len(parts) > MOST_MODALITIES or not all(MODALITY.fullmatch(part) for part in parts):
        raise ValueError("no list of modalities")
    return tuple(dict.fromkeys(parts))


def _dates(value: object) -> object:
    """A day, or a range of days that may be open at one end (PS3.4 C.2.2.2.5)."""
    found = DATES.fullmatch(str(value))
    if found is None or not (found[1] or found[3]) or (found[3] and not found[2]):
        raise ValueError("no date and no range of dates")
    first = _day(found[1] or FIRST_DAY)
    last = _day(found[3] or (LAST_DAY if found[2] else first))
    if first > last:
        raise ValueError("a range that ends before it begins")
    return first, last


def _day(text: str) -> str:
    calendar_date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return text


ONE_MODALITY = "[A-Za-z0-9_]{1,16}"
MODALITIES: dict[str, object] = {"type": "string", "pattern": f"^{ONE_MODALITY}(,{ONE_MODALITY}){{0,31}}$"}
DAYS: dict[str, object] = {"type": "string", "pattern": "^([0-9]{8}(-([0-9]{8})?)?|-[0-9]{8})$"}
Modalities = Annotated[tuple[str, ...], BeforeValidator(_modalities), WithJsonSchema(MODALITIES)]
Dates = Annotated[tuple[str, str], BeforeValidator(_dates), WithJsonSchema(DAYS)]


class WorkListParameters(Parameters):
    """Which patients or studies are listed, and in which order."""

    since: Annotated[Whole, Field(ge=0)] = Field(0, description="a whole number, 0 or more")
    limit: Annotated[Whole, Field(ge=1, le=LARGEST_PAGE)] = Field(50, description="a whole number from 1 to 500")
    search: str = Field("", max_length=LONGEST_SEARCH, description="words, at most 128 characters in all")
    modality: Modalities | None = Field(
        None, description="modalities, separated by commas: letters, digits and underscores, at most 32 of them"
    )
    date: Dates | None = Field(None, description="20240131, 20240101-20240131, 20240101- or -20240131, of real days")
    order_by: Order = "-study-date"

    @property
    def query(self) -> StudyQuery:
        """What is asked of the archive."""
        return StudyQuery(
            words=words_of(self.search),
            modalities=self.modality or (),
            dates=self.date,
            order=self.order_by,
            since=self.since,
            limit=self.limit,
        )


class StudyListParameters(WorkListParameters):
    """The same for studies, which may be those of one patient."""

    patient: str | None = Field(None, pattern=f"^{ORTHANC_ID}$", description="the Orthanc identifier of a patient")

    @property
    def query(self) -> StudyQuery:
        """What is asked of the archive."""
        return replace(super().query, patient=self.patient or "")
