"""A radiograph of the chest: the body phantom, upright, breathed in, projected from the back to a detector in front."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.uid import DigitalXRayImageStorageForPresentation

from demo import upright
from demo.blur import blur
from demo.canvas import Canvas
from demo.projection import SOURCE, WATER, Detector, Film, exposed, line_integrals, processed, thickness
from demo.series import DemoSeries, coded

DETECTOR = Detector(1640, 1640, 0.25)
COARSE = Detector(820, 820, 0.5)  # what the canvas is sharp enough for
BITS = 14
VESSEL = WATER * (0.06 - upright.LUNG / 1000)  # attenuation that a vessel adds to the lung's, per mm
BLUR = 0.3  # mm: focal spot, motion and detector
DARKEST, BRIGHTEST = -0.05, 3.12  # of the processed image
GAMMA = 1.25


def brightness() -> NDArray[np.float32]:
    """Make the picture (row, column) as a display shows it: 0 is black, where most rays arrive, 1 is white."""
    canvas = Canvas(np.arange(-198, 199, 0.9), np.arange(-124, 125, 2), np.arange(74, 476, 0.9))
    upright.paint(canvas)
    coarse = Image.fromarray(line_integrals(canvas, COARSE))
    film = np.asarray(coarse.resize((DETECTOR.columns, DETECTOR.rows), Image.Resampling.BICUBIC))
    film = film + np.float32(VESSEL) * thickness(upright.lung_vessels(canvas), DETECTOR)
    film = blur(film + lead_letter(), (BLUR / DETECTOR.spacing,) * 2)
    picture = processed(exposed(film, seed=1895), DETECTOR.spacing)
    return np.clip((picture - DARKEST) / (BRIGHTEST - DARKEST), 0, 1) ** np.float32(GAMMA)


def lead_letter() -> Film:
    """Give the attenuation of the letter at the patient's right shoulder, upright for whoever looks at the picture."""
    letter = Image.new("L", (DETECTOR.columns, DETECTOR.rows))
    ImageDraw.Draw(letter).text((70, 60), "R", fill=255, font=ImageFont.load_default(90))
    return np.asarray(letter, np.float32) * np.float32(4 / 255)


def make_images(series: DemoSeries) -> Iterator[Dataset]:
    """Make the one image, MONOCHROME1: the higher a value, the more rays arrived, the darker it is shown."""
    highest = 2**BITS - 1
    image = series.begin(0)
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME1"
    image.Rows, image.Columns = DETECTOR.rows, DETECTOR.columns
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, BITS, BITS - 1, 0
    image.PixelData = np.rint(highest * (1 - brightness())).astype("<u2").tobytes()
    yield image


SERIES = DemoSeries(
    key="chest",
    title="Chest radiograph",
    modality="DX",
    sop_class=DigitalXRayImageStorageForPresentation,
    instance_count=1,
    attributes={
        "PatientName": "Demo^Chest",
        "PatientID": "RESLICE-DEMO-CHEST",
        "PatientBirthDate": "19780511",
        "PatientSex": "M",
        "PatientAge": "047Y",
        "PatientComments": "Synthetic: a phantom made of formulas",
        "StudyID": "1",
        "StudyDate": "20260107",
        "StudyTime": "142000",
        "SeriesDate": "20260107",
        "SeriesTime": "142200",
        "AcquisitionDate": "20260107",
        "AcquisitionTime": "142200",
        "ContentDate": "20260107",
        "ContentTime": "142205",
        "AccessionNumber": "DEMO-DX-1",
        "ReferringPhysicianName": "Demo^Referrer",
        "StudyDescription": "Radiograph of the chest (synthetic)",
        "SeriesDescription": "Chest PA",
        "SeriesNumber": 1,
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "Body phantom",
        "InstitutionName": "Reslice demonstration",
        "PresentationIntentType": "FOR PRESENTATION",
        "ImageType": ["ORIGINAL", "PRIMARY", ""],
        "BodyPartExamined": "CHEST",
        "AnatomicRegionSequence": [coded("816094009", "Chest")],
        "ImageLaterality": "U",
        "PatientOrientation": ["L", "F"],
        "ViewPosition": "PA",
        "ViewCodeSequence": [coded("272479007", "postero-anterior")],
        "PatientOrientationCodeSequence": [coded("10904000", "erect")],
        "AcquisitionContextSequence": [],
        "ImagerPixelSpacing": [f"{DETECTOR.spacing}"] * 2,
        "DistanceSourceToDetector": f"{SOURCE:g}",
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "AREA",
        "KVP": "125",
        "Exposure": 2,
        "Grid": ["FIXED", "FOCUSED"],
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": 1,  # higher values are more rays
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "PresentationLUTShape": "INVERSE",  # as MONOCHROME1 asks for
        "WindowCenter": f"{2 ** (BITS - 1)}",
        "WindowWidth": f"{2**BITS}",
        "WindowCenterWidthExplanation": "NORMAL",
        "LossyImageCompression": "00",
        "BurnedInAnnotation": "NO",
    },
    make_images=make_images,
    views={"image": "slices/0", "image, 800 pixels wide": "slices/0?width=800", "what it holds, as JSON": "slices"},
)
