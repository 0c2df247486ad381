"""A CT of chest and abdomen, made here: anatomy from formulas, with lesions whose sizes are known."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from pydicom.uid import CTImageStorage

from demo.abdomen import paint_abdomen
from demo.canvas import Canvas
from demo.chest import paint_lungs, paint_mediastinum
from demo.series import DemoSeries
from demo.slices import Grid, slices
from demo.torso import paint_couch, paint_shoulders, paint_spine, paint_sternum, paint_wall

SIZE, SPACING = 512, 0.75  # of a slice
SLICES, GAP = 160, 2.5
INTERCEPT = -1024
NOISE = 11.0  # HU, standard deviation


@dataclass(frozen=True)
class Lesion:
    """A sphere of one value."""

    name: str
    center: tuple[float, float, float]  # LPS mm
    diameter: float  # mm
    hu: float


NODULE = Lesion("nodule of the right lung", (-78, 28, 300), 10, 42)
LESIONS = (
    Lesion("lesion of the liver, right lobe, back", (-90, 10, 175), 20, 50),
    Lesion("lesion of the liver, right lobe, front", (-60, -50, 165), 12, 50),
    Lesion("lesion of the liver, left lobe", (10, -55, 187.5), 8, 50),
    NODULE,
    Lesion("cyst of the left kidney", (92, 34, 95), 24, 6),
)


def make_grid() -> Grid:
    """Paint the body, blur and noise included."""
    in_plane = (np.arange(SIZE) - (SIZE - 1) / 2) * SPACING
    canvas = Canvas(in_plane, in_plane, np.arange(SLICES) * GAP)
    paint_couch(canvas)
    on_every_slice(lambda index: paint_wall(canvas, index))
    paint_lungs(canvas, NODULE.center)
    paint_abdomen(canvas)
    paint_mediastinum(canvas)
    paint_spine(canvas)
    paint_sternum(canvas)
    paint_shoulders(canvas)
    for lesion in LESIONS:
        canvas.ellipsoid(lesion.center, (lesion.diameter / 2,) * 3, lesion.hu)
    stored = np.empty(canvas.hu.shape, np.uint16)

    def scan(index: int) -> None:
        below, above = canvas.hu[max(index - 1, 0)], canvas.hu[min(index + 1, SLICES - 1)]
        thick = 0.6 * canvas.hu[index] + 0.2 * (below + above)  # a slice has a profile, not a plane
        stored[index] = np.clip(np.rint(thick + NOISE * noise(index) - INTERCEPT), 0, 4095)

    on_every_slice(scan)
    affine = np.eye(4)
    affine[:3, :3] = np.array([(0, 0, GAP), (0, SPACING, 0), (SPACING, 0, 0)]).T
    affine[:3, 3] = canvas.x[0], canvas.y[0], canvas.z[0]
    return Grid(stored, affine)


def on_every_slice(work: Callable[[int], None], count: int = SLICES) -> None:
    """Do `work` for each of `count` slices; numpy leaves a second core free to help."""
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(count)))


def noise(index: int) -> np.ndarray:
    """Make the noise of a slice, grained as a soft kernel leaves it, of unit deviation."""
    white = np.random.default_rng(index).standard_normal((513, 513), np.float32)
    return (white[1:, 1:] + white[:-1, 1:] + white[1:, :-1] + white[:-1, :-1]) / 2


SERIES = DemoSeries(
    key="body",
    title="Body CT",
    modality="CT",
    sop_class=CTImageStorage,
    instance_count=SLICES,
    attributes={
        "PatientName": "Demo^Body",
        "PatientID": "RESLICE-DEMO-BODY",
        "PatientBirthDate": "19640217",
        "PatientSex": "M",
        "PatientAge": "061Y",
        "PatientSize": "1.78",
        "PatientWeight": "80",
        "PatientComments": "Synthetic. " + "; ".join(f"{e.name}: {e.diameter} mm at {e.center}" for e in LESIONS),
        "PatientPosition": "HFS",
        "StudyID": "1",
        "StudyDate": "20260105",
        "StudyTime": "091500",
        "SeriesDate": "20260105",
        "SeriesTime": "091830",
        "AcquisitionDate": "20260105",
        "AcquisitionTime": "091830",
        "AcquisitionNumber": 1,
        "AccessionNumber": "DEMO-CT-1",
        "ReferringPhysicianName": "Demo^Referrer",
        "StudyDescription": "CT chest and abdomen with contrast (synthetic)",
        "SeriesDescription": "Chest and abdomen 2.5 mm, portal venous",
        "SeriesNumber": 2,
        "BodyPartExamined": "CHESTABDOMEN",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "Body phantom",
        "InstitutionName": "Reslice demonstration",
        "KVP": "120",
        "XRayTubeCurrent": 220,
        "ConvolutionKernel": "SOFT",
        "ContrastBolusAgent": "Synthetic",
        "SpacingBetweenSlices": f"{GAP}",
        "RescaleIntercept": f"{INTERCEPT}",
        "RescaleSlope": "1",
        "RescaleType": "HU",
        "WindowCenter": ["40", "-600", "400"],
        "WindowWidth": ["400", "1500", "1800"],
        "WindowCenterWidthExplanation": ["SOFT TISSUE", "LUNG", "BONE"],
        "BurnedInAnnotation": "NO",
    },
    make_images=lambda series: slices(series, make_grid()),
    views={
        "axial, liver": "mpr/axial?position=175",
        "coronal": "mpr/coronal?position=-10",
        "sagittal, spine": "mpr/sagittal?position=0",
        "coronal, lungs": "mpr/coronal?position=28&window-center=-600&window-width=1500",
        "coronal, 25 mm maximum": "mpr/coronal?position=30&slab-thickness=25&projection=mip"
        "&window-center=-300&window-width=1200",
        "oblique, through the heart": "mpr/oblique?normal=0.5,-0.7,0.5&center=20,-40,250&height=640",
        "bones, from the front": "rendered3d",
        "vessels, turning": "rendered3d?preset=vessels&swivelrange=360&animationstepsize=12"
        "&viewport=320,320&format=gif",
        "stored slice 70": "slices/70",
        "geometry as JSON": "volumes",
    },
    notes=[
        f"{lesion.name}: {lesion.diameter:g} mm across, {lesion.hu:g} HU, centre at "
        + ", ".join(f"{value:g}" for value in lesion.center)
        for lesion in LESIONS
    ],
)
