"""The demonstration radiograph: rays that go where they should, sides, and the attributes of DX."""

import math

import numpy as np
import pytest
from pydicom.dataset import Dataset

from demo import projection, radiograph, upright
from demo.canvas import Canvas
from demo.projection import CENTER, WATER, Detector

SMALL = Detector(101, 121, 1.0)
# PS3.3 A.26: attributes of type 1 and 2 that no other test looks at.
MANDATORY = (
    *("PresentationIntentType", "AnatomicRegionSequence", "ImageLaterality", "ImageType", "AcquisitionContextSequence"),
    *("PixelIntensityRelationship", "PixelIntensityRelationshipSign", "RescaleIntercept", "RescaleSlope"),
    *("RescaleType", "LossyImageCompression", "BurnedInAnnotation", "DetectorType", "ImagerPixelSpacing"),
    *("WindowCenter", "WindowWidth"),
)


@pytest.fixture(scope="module")
def image() -> Dataset:
    """The one image."""
    (image,) = radiograph.SERIES.make_images(radiograph.SERIES)
    return image


@pytest.fixture(scope="module")
def shown(image: Dataset) -> np.ndarray:
    """Its brightness on a display, 0 to 1: MONOCHROME1 shows its highest value black (PS3.3 C.7.6.3.1.2)."""
    assert image.PhotometricInterpretation == "MONOCHROME1"
    stored = np.frombuffer(image.PixelData, "<u2").reshape(image.Rows, image.Columns)
    assert stored.max() < 2**image.BitsStored
    return 1 - stored / (2**image.BitsStored - 1)


def mean_at(shown: np.ndarray, place: tuple[float, float, float], reach: int = 12) -> float:
    """The brightness where a place of the body (LPS mm) throws its shadow."""
    row, column = (round(float(v[0])) for v in projection.shadow(np.array([place], float), radiograph.DETECTOR))
    return float(shown[row - reach : row + reach, column - reach : column + reach].mean())


def mirrored(place: tuple[float, float, float]) -> tuple[float, float, float]:
    """The same place on the other side."""
    return -place[0], place[1], place[2]


@pytest.mark.slow
def test_the_patients_left_is_on_the_right(shown: np.ndarray, image: Dataset) -> None:
    assert image.PatientOrientation == ["L", "F"]
    heart, bubble, liver = (62.0, -40.0, 240.0), (58.0, 4.0, 180.0), (-58.0, 4.0, 180.0)
    assert mean_at(shown, heart) > mean_at(shown, mirrored(heart)) + 0.15
    assert mean_at(shown, bubble) < mean_at(shown, liver) - 0.15
    letter = shown[60:190, 60:150]
    assert letter.max() > shown[60:190, -150:-60].max() + 0.2


@pytest.mark.slow
def test_densities_are_those_of_a_chest(shown: np.ndarray) -> None:
    lungs = [mean_at(shown, (x, 0, z)) for x in (-85, 95) for z in (280, 320)]
    assert max(lungs) < 0.45
    assert min(lungs) > 0.12
    assert mean_at(shown, (-70, 0, 170)) > 0.7  # liver
    assert mean_at(shown, (0, 60, 260)) > 0.7  # spine and heart
    assert shown[:40, :200].max() < 0.1  # beside the neck


@pytest.mark.slow
def test_it_is_well_formed(image: Dataset) -> None:
    assert image.PresentationLUTShape == "INVERSE"
    assert (image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation) == (16, 14, 13, 0)
    assert len(image.PixelData) == 2 * image.Rows * image.Columns
    assert (image.Modality, image.ViewPosition, image.BodyPartExamined) == ("DX", "PA", "CHEST")
    assert image.PixelIntensityRelationshipSign == 1, "the highest value, black, is where most rays arrive"
    assert not [keyword for keyword in MANDATORY if keyword not in image]


def test_shadows_fall_where_they_should() -> None:
    """Row and column of the middle, of the patient's left, of the head; and things near the source are larger."""
    front, back = projection.PLACE, projection.PLACE + projection.SOURCE / 2
    rows, columns = projection.shadow(
        np.array([(0, front, CENTER), (10, front, CENTER), (0, front, CENTER + 10), (10, back, CENTER)]), SMALL
    )
    assert rows == pytest.approx([50, 50, 40, 50])
    assert columns == pytest.approx([60, 70, 60, 80])


def test_a_slab_of_water_attenuates_by_its_thickness() -> None:
    axis = np.arange(-90, 91, 2.0)
    canvas = Canvas(axis, np.arange(-100, 101, 2.0), CENTER + axis)
    canvas.hu[:, 20:50] = 0
    assert projection.line_integrals(canvas, SMALL) == pytest.approx(60 * WATER, rel=1e-4)


def test_a_block_on_the_patients_left_shades_the_right_of_the_picture() -> None:
    axis = np.arange(-90, 91, 2.0)
    canvas = Canvas(axis, np.arange(-100, 101, 2.0), CENTER + axis)
    canvas.paint((20, -20, CENTER + 10), (30, 20, CENTER + 20), lambda x, y, z: np.abs(x - 25) - 5 + 0 * (y + z), 0)
    film = projection.line_integrals(canvas, SMALL)
    row, column = np.unravel_index(np.argmax(film), film.shape)
    assert (column > 60, row < 50) == (True, True)


@pytest.mark.parametrize("end", [(40, -100, CENTER), (0, -60, CENTER), (20, -100, CENTER - 25)])
def test_a_vessel_shades_by_its_volume(end: tuple[float, float, float]) -> None:
    """Whatever its direction, the rays together run through as much as it holds (magnified on the detector)."""
    start = np.array((0, -100, CENTER))
    film = projection.thickness([(start, np.array(end), 3.0, 3.0)], SMALL)
    middle = (start[1] + end[1]) / 2
    volume = math.pi * 9 * float(np.linalg.norm(np.subtract(end, start)))
    assert film.sum() * SMALL.spacing**2 == pytest.approx(volume / projection.shrinking(middle) ** 3, rel=0.03)


@pytest.mark.parametrize("number", [1, 4, 8, 12])
def test_ribs_run_down_to_the_front_on_both_sides(number: int) -> None:
    left, right = upright.rib_curve(1, number), upright.rib_curve(-1, number)
    assert left * (-1, 1, 1) == pytest.approx(right)
    assert left[:, 0].min() > 0
    assert left[-1, 2] < left[0, 2] - 8
