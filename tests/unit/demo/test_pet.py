"""The demonstration PET: SUV by the QIBA rule, in the CT's space, with lesions where the CT has them."""

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from demo import body, pet, torso, tracer
from demo.body import Lesion

BACKGROUND = {"liver": 2.3, "lung": 0.45, "kidney": 2.8}
INSTALLATION = Path(__file__).resolve().parents[3] / "docs" / "installation.md"


@pytest.fixture(scope="module")
def images() -> list[Dataset]:
    """All slices."""
    return list(pet.SERIES.make_images(pet.SERIES))


@pytest.fixture(scope="module")
def suv(images: list[Dataset]) -> np.ndarray:
    """SUVbw (slice, row, column), from nothing but the headers and the stored values."""
    planes = []
    for image in images:
        stored = np.frombuffer(image.PixelData, "<i2").reshape(image.Rows, image.Columns)
        planes.append((stored * float(image.RescaleSlope) + float(image.RescaleIntercept)) * factor(image))
    return np.stack(planes)


def factor(image: Dataset) -> float:
    """From Bq/ml to SUVbw: weight over the dose that is left when the series starts."""
    assert image.Units == "BQML" and image.DecayCorrection == "START"
    assert {"ATTN", "DECY"} <= set(image.CorrectedImage)
    started = moment(image.SeriesDate + image.SeriesTime)
    assert started <= moment(image.AcquisitionDate + image.AcquisitionTime)
    tracer_given = image.RadiopharmaceuticalInformationSequence[0]
    seconds = (started - moment(tracer_given.RadiopharmaceuticalStartDateTime)).total_seconds()
    assert seconds == 3600
    decayed = tracer_given.RadionuclideTotalDose * 2 ** (-seconds / tracer_given.RadionuclideHalfLife)
    return float(image.PatientWeight) * 1000 / float(decayed)


def moment(text: str) -> datetime:
    """A DICOM date and time."""
    return datetime.strptime(text, "%Y%m%d%H%M%S")


def around(suv: np.ndarray, images: list[Dataset], center: tuple[float, float, float], reach: int) -> np.ndarray:
    """A cube of voxels round a place in LPS mm."""
    first = images[0]
    step = float(images[1].ImagePositionPatient[2]) - float(first.ImagePositionPatient[2])
    x, y, z = np.subtract(center, [float(v) for v in first.ImagePositionPatient]) / (*first.PixelSpacing[::-1], step)
    k, j, i = round(float(z)), round(float(y)), round(float(x))
    return suv[k - reach : k + reach + 1, j - reach : j + reach + 1, i - reach : i + reach + 1]


def arriving(diameter: float, away: float) -> float:
    """How much of a sphere's uptake arrives `away` mm from its middle, blurred by the scanner and by the voxels."""
    sigma = math.hypot(pet.RESOLUTION / 2.3548, pet.VOXEL / math.sqrt(12))
    near, far = ((diameter / 2 + sign * away) / sigma for sign in (-1, 1))
    within = (math.erf(near / math.sqrt(2)) + math.erf(far / math.sqrt(2))) / 2
    return within - sigma / away / math.sqrt(2 * math.pi) * (math.exp(-near * near / 2) - math.exp(-far * far / 2))


def expected(lesion: Lesion, uptake: float) -> float:
    """The SUV of the voxel next to a lesion's middle."""
    background = next(suv for organ, suv in BACKGROUND.items() if organ in lesion.name)
    x, y, z = lesion.center
    away = math.dist(
        (0, 0, 0), [(place / pet.VOXEL + half + 0.5) % 1 - 0.5 for place, half in ((x, 0.5), (y, 0.5), (z, 0))]
    )
    return background + arriving(lesion.diameter, max(away * pet.VOXEL, 0.01)) * (uptake - background)


@pytest.mark.slow
def test_lesions_take_up_what_they_shall(suv: np.ndarray, images: list[Dataset]) -> None:
    for lesion, uptake in zip(body.LESIONS, tracer.LESION_SUV, strict=True):
        seen = around(suv, images, lesion.center, 0).item()
        assert seen == pytest.approx(expected(lesion, uptake), rel=0.13, abs=0.15), lesion.name


@pytest.mark.slow
def test_without_noise_they_do_exactly(images: list[Dataset]) -> None:
    mean = pet.blurred_suv()
    for lesion, uptake in zip(body.LESIONS, tracer.LESION_SUV, strict=True):
        seen = around(mean, images, lesion.center, 0).item()
        assert seen == pytest.approx(expected(lesion, uptake), rel=0.05, abs=0.1), lesion.name


@pytest.mark.slow
@pytest.mark.parametrize("lesion", body.LESIONS[:4], ids=lambda lesion: lesion.name)
def test_lesions_are_hottest_within_a_voxel_of_where_the_ct_has_them(
    suv: np.ndarray, images: list[Dataset], lesion: Lesion
) -> None:
    cube = around(suv, images, lesion.center, 3)
    weights = np.maximum(cube - 0.6 * cube.max(), 0)
    middle = [np.average(index, weights=weights) for index in np.indices(cube.shape)]
    first = images[0]
    near = np.rint((np.array(lesion.center) - [float(v) for v in first.ImagePositionPatient]) / pet.VOXEL) - 3
    found = (near + middle[::-1]) * pet.VOXEL + [float(v) for v in first.ImagePositionPatient]
    assert np.abs(found - lesion.center).max() < 2.0


@pytest.mark.slow
def test_documented_maxima_are_the_pictures_own(suv: np.ndarray, images: list[Dataset]) -> None:
    rows = [line.split("|") for line in INSTALLATION.read_text().splitlines() if " mm | " in line]
    documented = {tuple(float(v) for v in row[4].split(",")): (float(row[5]), float(row[6])) for row in rows}
    assert len(documented) == len(body.LESIONS)
    for lesion, uptake in zip(body.LESIONS, tracer.LESION_SUV, strict=True):
        painted, seen = documented[lesion.center]
        cube = around(suv, images, lesion.center, 1)
        assert painted == uptake
        assert seen == pytest.approx(cube.max() if uptake > 1 else cube.min(), abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "expected", "tolerance"),
    [
        ((-90, -30, 150), 2.3, 0.1),  # liver
        ((98, 48, 168), 1.9, 0.15),  # spleen
        ((-34, torso.body_y(90) + 2, 90), 0.6, 0.12),  # psoas
        ((90, -20, 330), 0.42, 0.1),  # lung
        ((20, torso.body_y(240) - 19, 240), 1.5, 0.15),  # aorta
    ],
)
def test_organs_take_up_what_they_shall(
    suv: np.ndarray, images: list[Dataset], place: tuple[float, float, float], expected: float, tolerance: float
) -> None:
    assert around(suv, images, place, 1).mean() == pytest.approx(expected, abs=tolerance)


@pytest.mark.slow
def test_slices_have_their_own_slopes_and_use_their_bits(images: list[Dataset]) -> None:
    assert len({float(image.RescaleSlope) for image in images}) == pet.SLICES
    for image in images:
        assert (image.BitsStored, image.PixelRepresentation, float(image.RescaleIntercept)) == (16, 1, 0)
        stored = np.frombuffer(image.PixelData, "<i2")
        assert stored.min() >= 0
        assert stored.max() > 32000


@pytest.mark.slow
def test_it_registers_with_the_ct(images: list[Dataset]) -> None:
    ct = body.SERIES.begin(0)
    for image in images:
        assert image.FrameOfReferenceUID == body.SERIES.uid("frame of reference")
        for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientWeight", "PatientPosition"):
            assert image[keyword] == ct[keyword]
        assert image.ImageOrientationPatient == [1, 0, 0, 0, 1, 0]
    assert [float(image.ImagePositionPatient[2]) for image in images] == [4.0 * k for k in range(pet.SLICES)]


@pytest.mark.slow
def test_decay_is_corrected_from_each_bed_to_the_start(images: list[Dataset]) -> None:
    decay = math.log(2) / pet.HALF_LIFE
    started = moment(images[0].SeriesDate + images[0].SeriesTime)
    for image in images:
        begun = (moment(image.AcquisitionDate + image.AcquisitionTime) - started).total_seconds()
        times = np.linspace(begun, begun + float(image.ActualFrameDuration) / 1000, 2001)
        assert float(image.DecayFactor) == pytest.approx(1 / np.exp(-decay * times).mean(), rel=1e-5)
        average = np.exp(decay * float(image.FrameReferenceTime) / 1000)
        assert average == pytest.approx(float(image.DecayFactor), rel=1e-6)
