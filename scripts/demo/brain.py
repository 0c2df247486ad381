"""A T1 MR of the brain: the MNI152 template, taken from the nilearn wheel, as a sagittal 1 mm acquisition."""

import sys
from pathlib import Path

import nibabel
import numpy as np
from pydicom.uid import MRImageStorage

from demo.series import DemoSeries
from demo.slices import Grid, slices

# scripts/setup unpacks the wheel here: only its template is wanted, not the package and all it depends on.
TEMPLATE = Path(
    sys.prefix,
    "demo-without-dependencies/nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz",
)
MATRIX = 256
SLICES = 176
BRIGHTNESS, NOISE = 4.0, 5.0  # the template is of 8 bits, a scanner's image of 12


def make_grid() -> Grid:
    """Turn the template (RAS) into sagittal slices from the right to the left (LPS)."""
    template = nibabel.as_closest_canonical(nibabel.load(TEMPLATE))
    right_anterior_superior = np.asarray(template.dataobj, np.float32)
    slices = right_anterior_superior[::-1, ::-1, ::-1].transpose(0, 2, 1)
    spacing = np.diag(template.affine)[:3]
    last = template.affine @ (*np.subtract(right_anterior_superior.shape, 1), 1)
    affine = np.eye(4)
    affine[:3, :3] = np.array([(spacing[0], 0, 0), (0, 0, -spacing[2]), (0, spacing[1], 0)]).T
    affine[:3, 3] = -last[0], -last[1], last[2]
    first = (len(slices) - SLICES) // 2
    margins = [(MATRIX - size) // 2 for size in slices.shape[1:]]
    padding = [(margin, MATRIX - size - margin) for margin, size in zip(margins, slices.shape[1:], strict=True)]
    affine[:, 3] = affine @ (first, -margins[0], -margins[1], 1)
    signal = np.pad(BRIGHTNESS * slices[first : first + SLICES], [(0, 0), *padding])
    return Grid(np.rint(with_noise(signal)).astype(np.uint16), affine)


def with_noise(signal: np.ndarray) -> np.ndarray:
    """Add a receiver's noise to the magnitude of `signal` (Rician)."""
    random = np.random.default_rng(152)
    real = signal + NOISE * random.standard_normal(signal.shape, np.float32)
    return np.hypot(real, NOISE * random.standard_normal(signal.shape, np.float32))


SERIES = DemoSeries(
    key="brain",
    title="Brain MR",
    modality="MR",
    sop_class=MRImageStorage,
    instance_count=SLICES,
    attributes={
        "PatientName": "Demo^Brain",
        "PatientID": "RESLICE-DEMO-BRAIN",
        "PatientBirthDate": "19910820",
        "PatientSex": "F",
        "PatientAge": "034Y",
        "PatientSize": "1.68",
        "PatientWeight": "62",
        "PatientComments": "The MNI ICBM152 nonlinear symmetric T1 template, (C) 1993-2004 Louis Collins, "
        "McConnell Brain Imaging Centre, Montreal Neurological Institute, McGill University",
        "PatientPosition": "HFS",
        "StudyID": "1",
        "StudyDate": "20260106",
        "StudyTime": "103000",
        "SeriesDate": "20260106",
        "SeriesTime": "103620",
        "AcquisitionDate": "20260106",
        "AcquisitionTime": "103620",
        "AcquisitionNumber": 1,
        "AccessionNumber": "DEMO-MR-1",
        "ReferringPhysicianName": "Demo^Referrer",
        "StudyDescription": "MR brain (template)",
        "SeriesDescription": "T1 sagittal 1 mm",
        "SeriesNumber": 3,
        "BodyPartExamined": "BRAIN",
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "MNI152 template",
        "InstitutionName": "Reslice demonstration",
        "ScanningSequence": ["GR", "IR"],
        "SequenceVariant": ["SP", "MP"],
        "ScanOptions": "",
        "MRAcquisitionType": "3D",
        "MagneticFieldStrength": "3",
        "RepetitionTime": "2300",
        "EchoTime": "2.98",
        "InversionTime": "900",
        "FlipAngle": "9",
        "EchoTrainLength": "1",
        "SpacingBetweenSlices": "1",
        "WindowCenter": "540",
        "WindowWidth": "880",
        "BurnedInAnnotation": "NO",
    },
    make_images=lambda series: slices(series, make_grid()),
    views={
        "axial": "mpr/axial?position=10",
        "coronal": "mpr/coronal?position=15",
        "sagittal": "mpr/sagittal?position=2",
        "axial, 640 pixels wide": "mpr/axial?position=10&width=640",
        "from the left": "rendered3d?orientation=l",
        "right half, from the left": "rendered3d?orientation=l&box=-100,-200,-100,0,200,200",
        "as NIfTI": "volumes/0/voxels?format=nifti",
        "geometry as JSON": "volumes",
    },
)
