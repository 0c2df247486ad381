"""What an image's edges are of the patient: from its direction cosines, else as the file says (PS3.3 C.7.6.1.1.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from reslice.dicom.instance import Description

FAINTEST = 0.087
"""Cosine of a patient axis from which it is named: 5 degrees off the others' plane."""
AXES = ("LR", "PA", "HF")
"""What LPS coordinates grow to, and what they come from."""
BIPED = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}
QUADRUPED = {
    **{"LE": "RT", "RT": "LE", "D": "V", "V": "D", "CR": "CD", "CD": "CR", "R": "CD"},
    **{"M": "L", "L": "M", "PR": "DI", "DI": "PR", "PA": "D", "PL": "D"},
}
"""Opposites; towards the nose (R) and towards the head (CR) are both away from the tail."""
LATERALITIES = frozenset({"R", "L", "U", "B"})


@dataclass(frozen=True)
class EdgeLabels:
    """What lies at each edge of an image as it is stored."""

    left: str
    right: str
    top: str
    bottom: str


def edge_labels(description: Description) -> EdgeLabels | None:
    """The labels of an image's edges; None where the file doesn't tell them: they are never guessed."""
    d = description
    return _edge_labels(d.orientation, d.patient_orientation, d.is_quadruped)


@lru_cache(maxsize=1024)
def _edge_labels(
    cosines: Sequence[float] | None, patient_orientation: tuple[str, str] | None, is_quadruped: bool
) -> EdgeLabels | None:
    if cosines is not None and not is_quadruped:
        return labels_of_directions(cosines[:3], cosines[3:])
    if patient_orientation is None:
        return None
    opposites = QUADRUPED if is_quadruped else BIPED
    right, bottom = patient_orientation
    left, top = opposite(right, opposites), opposite(bottom, opposites)
    if not left or not top or _axes(right, opposites)[0] == _axes(bottom, opposites)[0]:
        return None
    return EdgeLabels(left, right, top, bottom)


def labels_of_directions(row: Sequence[float], column: Sequence[float]) -> EdgeLabels:
    """The labels of an image whose rows and columns run along these LPS directions, of a biped."""
    negative_row, negative_column = [-c for c in row], [-c for c in column]
    return EdgeLabels(letters(negative_row), letters(row), letters(negative_column), letters(column))


def letters(direction: Sequence[float]) -> str:
    """What a unit vector runs to, its greatest part first: `A`, `AR`, `AFR`."""
    order = sorted(range(3), key=lambda k: -abs(direction[k]))
    return "".join(AXES[k][direction[k] < 0] for k in order if abs(direction[k]) >= FAINTEST)


def opposite(code: str, opposites: dict[str, str]) -> str:
    """The code of the opposite direction; empty where it can't be told."""
    parts = _parts(code, opposites)
    is_code = "".join(parts) == code and len(set(_axes(code, opposites))) == len(parts)
    return "".join(opposites[part] for part in parts) if is_code else ""


def _parts(code: str, opposites: dict[str, str]) -> list[str]:
    return re.findall("|".join(sorted(opposites, key=len, reverse=True)), code)


def _axes(code: str, opposites: dict[str, str]) -> list[frozenset[str]]:
    return [frozenset((part, opposites[part])) for part in _parts(code, opposites)]


def laterality(description: Description) -> str | None:
    """R, L, U (unpaired) or B (both) of the body part; None where the file doesn't tell (PS3.3 C.8.11.2)."""
    return description.laterality if description.laterality in LATERALITIES else None


def view_position(description: Description) -> str | None:
    """How a projection was taken, e.g. PA or CC; None where the file doesn't tell."""
    return description.view_position or None
