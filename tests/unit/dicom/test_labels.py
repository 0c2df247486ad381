"""What the edges of images are called."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import ACQUISITIONS, noise, without_geometry
from reslice.dicom.labels import BIPED, QUADRUPED, EdgeLabels, edge_labels, laterality, letters, opposite, view_position
from unit.dicom.files import read

PIXELS = np.zeros((4, 5), np.uint8)
EXPECTED = {
    "axial": "R L A P",
    "axial-feet-first": "L R A P",
    "axial-prone": "L R P A",
    "decubitus-right": "A P L R",
    "decubitus-left": "P A R L",
    "coronal": "R L H F",
    "coronal-feet-up": "L R F H",
    "sagittal": "A P H F",
    "sagittal-from-right": "P A H F",
    "oblique": "R L AF PH",
    "gantry-tilt": "R L A P",
}


def labels(**attributes: object) -> EdgeLabels | None:
    """Of an image without geometry."""
    return edge_labels(read(without_geometry(PIXELS, **attributes))[0].description)


@pytest.mark.parametrize("name", EXPECTED)
def test_labels_by_the_direction_cosines(name: str) -> None:
    found = edge_labels(read(noise(ACQUISITIONS[name])[0])[0].description)
    assert found == EdgeLabels(*EXPECTED[name].split())


def test_cosines_beat_what_the_file_says() -> None:
    dataset = noise(ACQUISITIONS["axial"], PatientOrientation=["A", "R"])[0]
    assert edge_labels(read(dataset)[0].description) == EdgeLabels("R", "L", "A", "P")


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "H"),
        ((0, 0, -1), "F"),
        ((0.6, 0.8, 0), "PL"),
        ((0.8, -0.6, 0), "LA"),
        ((-0.5, -0.4, 0.77), "HRA"),
        ((0.9987, 0.0499, 0), "L"),
        ((0.9925, 0.1219, 0), "LP"),
    ],
)
def test_letters_of_a_direction(direction: tuple[float, float, float], expected: str) -> None:
    assert letters(direction) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["L", "F"], EdgeLabels("R", "L", "H", "F")),
        (["A", "F"], EdgeLabels("P", "A", "H", "F")),
        (["PL", "FP"], EdgeLabels("AR", "PL", "HA", "FP")),
        (["R", "P"], EdgeLabels("L", "R", "A", "P")),
    ],
)
def test_labels_by_the_file(told: list[str], expected: EdgeLabels) -> None:
    assert labels(PatientOrientation=told) == expected


@pytest.mark.parametrize(
    "told",
    [None, [], ["L"], ["L", ""], ["", "F"], ["L", "R"], ["L", "LP"], ["LR", "F"], ["X", "F"], ["CR", "LE"]],
    ids=str,
)
def test_nothing_is_guessed(told: list[str] | None) -> None:
    assert labels(PatientOrientation=told) is None


def test_animals() -> None:
    facts = {"AnatomicalOrientationType": "QUADRUPED"}
    assert labels(PatientOrientation=["CR", "V"], **facts) == EdgeLabels("CD", "CR", "D", "V")
    assert labels(PatientOrientation=["LE", "CD"], **facts) == EdgeLabels("RT", "LE", "CR", "CD")
    assert labels(PatientOrientation=["L", "DI"], **facts) == EdgeLabels("M", "L", "PR", "DI")
    assert labels(PatientOrientation=["LEV", "CDV"], **facts) == EdgeLabels("RTD", "LE" + "V", "CRD", "CDV")
    assert labels(PatientOrientation=["H", "F"], **facts) is None
    assert labels(PatientOrientation=["CR", "CD"], **facts) is None
    scanned = noise(ACQUISITIONS["axial"], **facts)[0]
    assert edge_labels(read(scanned)[0].description) is None, "its axes have other names"


@pytest.mark.parametrize("opposites", [BIPED, QUADRUPED])
def test_every_opposite_is_known(opposites: dict[str, str]) -> None:
    for code, other in opposites.items():
        assert opposite(code, opposites) == other
        assert opposite(other, opposites), "it has one too"


@pytest.mark.parametrize("code", ["", "LL", "LR", "LAPH", "l", "L A", "LPAH"])
def test_no_code_at_all(code: str) -> None:
    assert opposite(code, BIPED) == ""


def test_laterality_and_view() -> None:
    description = read(without_geometry(PIXELS, ImageLaterality="L", Laterality="R", ViewPosition="CC"))[0].description
    assert (laterality(description), view_position(description)) == ("L", "CC")
    description = read(without_geometry(PIXELS, Laterality="R"))[0].description
    assert (laterality(description), view_position(description)) == ("R", None)
    assert laterality(replace(description, laterality="left")) is None
    assert laterality(replace(description, laterality="")) is None
