"""An FDG-PET of the body phantom: the space, the patient and the lesions of its CT, in Bq/ml."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import PositronEmissionTomographyImageStorage

from demo import body, tracer
from demo.blur import FWHM, blur
from demo.canvas import Canvas
from demo.series import DemoSeries, coded
from demo.slices import Grid, slices

MATRIX, SLICES, VOXEL = 128, 100, 4.0
FINE = VOXEL / 2  # the grid that is painted; a voxel averages 2 x 2 x 2 of its points
COLUMNS, ROWS = 200, 128  # of the fine grid: what holds the body
RESOLUTION = 6.0  # mm, full width at half maximum
NOISE, GRAIN = 0.11, 7.0  # standard deviation at SUV 1, and the noise's own full width in mm

DOSE, HALF_LIFE = 320e6, 6586.2  # Bq, s
WEIGHT = float(body.SERIES.attributes["PatientWeight"]) * 1000  # g
START = datetime(2026, 1, 5, 8, 31)
UPTAKE = timedelta(hours=1)
BED_SLICES, BED_SECONDS = 34, 150.0  # slices that are acquired together, and for how long
BQML_PER_SUV = DOSE * 2 ** (-UPTAKE.total_seconds() / HALF_LIFE) / WEIGHT


def suv() -> NDArray[np.float32]:
    """Make the SUV of every voxel (slice, row, column), as a scanner would see it."""
    return with_noise(blurred_suv())


def blurred_suv() -> NDArray[np.float32]:
    """Make the SUV that many scans would show on the average."""
    x, y = ((np.arange(count) - (count - 1) / 2) * FINE for count in (COLUMNS, ROWS))
    canvas = Canvas(x, y, (np.arange(2 * SLICES) - 0.5) * FINE)
    tracer.paint(canvas)
    seen = blur(canvas.hu, (RESOLUTION / FWHM / FINE,) * 3)
    coarse = seen.reshape(SLICES, 2, ROWS // 2, 2, COLUMNS // 2, 2).mean((1, 3, 5))
    margins = [(0, 0), *(((MATRIX - size) // 2,) * 2 for size in coarse.shape[1:])]
    return np.pad(coarse, margins, constant_values=0.03)


def with_noise(mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add noise that grows with the uptake, grained as a reconstruction leaves it; nothing is negative."""
    white = np.random.default_rng(18).standard_normal(mean.shape, np.float32)
    grained = blur(white, (GRAIN / FWHM / VOXEL,) * 3)
    return np.maximum(mean + NOISE * mean**0.75 * grained / grained.std(), 0)


def make_images(series: DemoSeries) -> Iterator[Dataset]:
    """Make the slices, each with its own slope: 16 bits for its own highest value."""
    activity = suv() * BQML_PER_SUV
    slopes = [float(f"{plane.max() / 32767:.9g}") for plane in activity]
    stored = np.stack([np.rint(plane / slope) for plane, slope in zip(activity, slopes, strict=True)])
    affine = np.eye(4)
    affine[:3, :3] = VOXEL * np.eye(3)[::-1]
    affine[:3, 3] = [-(MATRIX - 1) / 2 * VOXEL, -(MATRIX - 1) / 2 * VOXEL, 0]
    for index, image in enumerate(slices(series, Grid(np.clip(stored, 0, 32767).astype(np.int16), affine), bits=16)):
        image.RescaleSlope, image.RescaleIntercept = f"{slopes[index]:.9g}", "0"
        image.ImageIndex = index + 1
        write_times(image, index)
        yield image


def write_times(image: Dataset, index: int) -> None:
    """Write when a slice was acquired, and what corrects its decay to the start of the series (PS3.3 C.8.9.4)."""
    since_start = index // BED_SLICES * BED_SECONDS
    begun = START + timedelta(seconds=since_start)
    decay = math.log(2) / HALF_LIFE
    during = decay * BED_SECONDS / (1 - math.exp(-decay * BED_SECONDS))
    image.AcquisitionDate, image.AcquisitionTime = f"{begun:%Y%m%d}", f"{begun:%H%M%S}"
    image.ActualFrameDuration = f"{BED_SECONDS * 1000:.0f}"
    image.FrameReferenceTime = f"{1000 * (since_start + math.log(during) / decay):.6f}"
    image.DecayFactor = f"{during * math.exp(decay * since_start):.8f}"


def radiopharmaceutical() -> Dataset:
    """Say what was injected, how much, and when."""
    injected = START - UPTAKE
    item = Dataset()
    item.Radiopharmaceutical = "Fluorodeoxyglucose"
    item.RadiopharmaceuticalRoute = "IV"
    item.RadiopharmaceuticalStartTime = f"{injected:%H%M%S}"
    item.RadiopharmaceuticalStartDateTime = f"{injected:%Y%m%d%H%M%S}"
    item.RadionuclideTotalDose = f"{DOSE:.0f}"
    item.RadionuclideHalfLife = f"{HALF_LIFE}"
    item.RadionuclidePositronFraction = "0.967"
    item.RadionuclideCodeSequence = [coded("77004003", "^18^Fluorine")]
    item.RadiopharmaceuticalCodeSequence = [coded("35321007", "Fluorodeoxyglucose F^18^")]
    return item


def lying_on_the_back() -> Dataset:
    """Say how the patient lies (PS3.3 C.8.4.6)."""
    item = coded("102538003", "recumbent")
    item.PatientOrientationModifierCodeSequence = [coded("40199007", "supine")]
    return item


OF_THE_PATIENT = ("Name", "ID", "BirthDate", "Sex", "Age", "Size", "Weight", "Position")
SERIES = DemoSeries(
    key="pet",
    title="Body PET",
    modality="PT",
    sop_class=PositronEmissionTomographyImageStorage,
    instance_count=SLICES,
    attributes={
        **{f"Patient{word}": body.SERIES.attributes[f"Patient{word}"] for word in OF_THE_PATIENT},
        "PatientComments": "Synthetic. "
        + "; ".join(f"{e.name}: SUV {suv:g}" for e, suv in zip(body.LESIONS, tracer.LESION_SUV, strict=True)),
        "FrameOfReferenceUID": body.SERIES.uid("frame of reference"),  # they register
        "StudyID": "2",
        "StudyDate": f"{START:%Y%m%d}",
        "StudyTime": "073000",
        "SeriesDate": f"{START:%Y%m%d}",
        "SeriesTime": f"{START:%H%M%S}",
        "AccessionNumber": "DEMO-PT-1",
        "ReferringPhysicianName": "Demo^Referrer",
        "StudyDescription": "FDG-PET chest and abdomen (synthetic)",
        "SeriesDescription": "FDG 4 mm, attenuation corrected",
        "SeriesNumber": 4,
        "SeriesType": ["WHOLE BODY", "IMAGE"],
        "BodyPartExamined": "CHESTABDOMEN",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "Body phantom",
        "InstitutionName": "Reslice demonstration",
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "CorrectedImage": ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM", "DCAL"],
        "DecayCorrection": "START",
        "NumberOfSlices": SLICES,
        "CollimatorType": "NONE",
        "RandomsCorrectionMethod": "DLYD",
        "AttenuationCorrectionMethod": "Measured, computed tomography",
        "ScatterCorrectionMethod": "Model-based",
        "ReconstructionMethod": "Painted, blurred, with noise",
        "ConvolutionKernel": f"Gauss {RESOLUTION:g} mm",
        "RadiopharmaceuticalInformationSequence": [radiopharmaceutical()],
        "PatientOrientationCodeSequence": [lying_on_the_back()],
        "PatientGantryRelationshipCodeSequence": [coded("102540008", "headfirst")],
        "WindowCenter": f"{3.5 * BQML_PER_SUV:.0f}",
        "WindowWidth": f"{7 * BQML_PER_SUV:.0f}",
        "WindowCenterWidthExplanation": "SUV 0 TO 7",
        "BurnedInAnnotation": "NO",
    },
    make_images=make_images,
    views={
        "coronal, inverted": "mpr/coronal?position=10&unit=suv&preset=suv-7&invert=true&width=768",
        "axial, liver lesion": "mpr/axial?position=175&unit=suv&preset=suv-7&invert=true&width=768",
        "coronal, lung nodule": "mpr/coronal?position=28&unit=suv&preset=suv-7&invert=true&width=768",
        "maximum, turning": "rendered3d?renderingmethod=maximum_ip&unit=suv&window=3.5,7&invert=true"
        "&swivelrange=360&animationstepsize=12&viewport=320,320&format=gif",
        "geometry as JSON": "volumes",
    },
    notes=[f"{e.name}: SUV {suv:g}" for e, suv in zip(body.LESIONS, tracer.LESION_SUV, strict=True)],
)
