"""Which studies a query means. Texts are compared without case, accents, and forms of the same letter."""

import unicodedata
from collections.abc import Callable

from reslice.archive.studies import StoredStudy, StudyQuery

ACCENTS = dict.fromkeys(range(0x300, 0x370))
"""Combining diacritical marks; not the voicing of kana nor the vowels of Indic scripts, which make other words."""
LETTERS = str.maketrans(
    {
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u00f8": "o",
        "\u0142": "l",
        "\u0111": "d",
        "\u00f0": "d",
        "\u0127": "h",
        "\u0131": "i",
        "\u00fe": "th",
        **dict.fromkeys("\u2018\u2019\u02bc", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013", "-"),
    }
)
"""Small Latin letters that people type without their stroke or ligature, though Unicode doesn't take them apart; and
apostrophes and hyphens, as phones write them."""
FIRST_OF_EAST_ASIA = "\u2e80"
"""From here on people write names without a blank between family and given name."""
SEPARATORS = str.maketrans("^=", "  ")
"""Between the parts of a person's name (PS3.5 6.2)."""

Condition = Callable[[StoredStudy], bool]


def folded(text: str) -> str:
    """The text as it is compared: small letters without accents, full and half width alike, syllables whole."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFKD", apart).translate(ACCENTS).translate(LETTERS)
    return unicodedata.normalize("NFC", plain)


def words_of(search: str) -> tuple[str, ...]:
    """The words of a search, folded; blanks and commas separate them, the signs between parts of a name, and `+`.

    That is how forms write a blank, and some builds of Orthanc leave it so. Commas stand in names as people write them.
    """
    apart = search.translate(SEPARATORS).replace("+", " ").replace(",", " ")
    return tuple(dict.fromkeys(folded(apart).split()))


def searched_text(study: StoredStudy) -> str:
    """Everything in which words are looked for, folded."""
    name = study.patient_name.translate(SEPARATORS)
    together = [
        group.replace("^", "")
        for group in study.patient_name.split("=")
        if max(group, default="") >= FIRST_OF_EAST_ASIA
    ]
    return folded("\n".join((name, *together, study.patient_id, study.accession_number, study.description)))


def condition_of(query: StudyQuery) -> Condition | None:
    """What a study has to be, but for the words; None where anything will do."""
    conditions = [*_of_modalities(query), *_of_dates(query), *_of_patient(query)]
    if not conditions:
        return None
    return lambda study: all(condition(study) for condition in conditions)


def _of_modalities(query: StudyQuery) -> list[Condition]:
    wanted = frozenset(query.modalities)
    return [lambda study: not wanted.isdisjoint(map(str.upper, study.modalities))] if wanted else []


def _of_dates(query: StudyQuery) -> list[Condition]:
    if query.dates is None:
        return []
    first, last = query.dates
    return [lambda study: first <= study.date <= last]


def _of_patient(query: StudyQuery) -> list[Condition]:
    return [lambda study: study.patient == query.patient] if query.patient else []
