"""Small images, one for each rule by which a pixel gets its size; what must come out is told beside each.

All are 32 rows by 40 columns. `LINE` is the measurement for which the expectations hold; spacings are mm between
rows and between columns, and differ, so that nobody can take one for the other.
"""

from typing import NamedTuple

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    EnhancedMRImageStorage,
    EnhancedXAImageStorage,
    MRImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    RTDoseStorage,
    RTImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    XRayAngiographicImageStorage,
)

from phantoms import image, store_pixels

ROWS, COLUMNS = 32, 40
LINE = ((8.0, 6.0), (30.0, 20.0))
"""Two points, [column, row]."""
ACROSS = ((8.0, 6.0), (30.0, 28.0))
"""Two points that lie in the two regions of a split ultrasound picture."""

PIXEL = ["0.5", "0.25"]
OTHER = ["0.6", "0.3"]
PLACE = {
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "ImagePositionPatient": ["-10", "-20", "30"],
    "FrameOfReferenceUID": "2.25.1",
}
DISTANCES = {"DistanceSourceToDetector": "1200", "DistanceSourceToPatient": "800"}
WHOLE = (0, 0, COLUMNS - 1, ROWS - 1)


class Case(NamedTuple):
    """An image, the source that its calibration must name, and the spacing; None where pixels are the unit."""

    dataset: Dataset
    source: str
    spacing: tuple[float, float] | None


def picture(sop_class: str, modality: str, frames: int = 1, **attributes: object) -> Dataset:
    """An image of noise without any geometry but what the attributes tell; None removes one."""
    pixels = np.random.default_rng(5).integers(0, 1000, (frames, ROWS, COLUMNS)).astype(np.uint16)
    dataset = image(pixels[0], SOPClassUID=sop_class, Modality=modality, **attributes)
    if frames > 1:
        store_pixels(dataset, pixels)
        dataset.NumberOfFrames = frames
    return dataset


def region(bounds: tuple[int, int, int, int] = WHOLE, delta: tuple[float, float] = (0.025, 0.05), **more: object):
    """An ultrasound region: first column and row, last column and row, cm along x and along y."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = bounds[:2]
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = bounds[2:]
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta
    for keyword, value in more.items():
        setattr(item, keyword, value)
    return item


def ultrasound(*regions: Dataset, **attributes: object) -> Dataset:
    """An ultrasound picture with these regions."""
    more = {"SequenceOfUltrasoundRegions": Items(regions)} if regions else {}
    return picture(UltrasoundImageStorage, "US", **more, **attributes)


def radiograph(**attributes: object) -> Dataset:
    """A digital radiograph."""
    return picture(DigitalXRayImageStorageForPresentation, "DX", **attributes)


def capture(**attributes: object) -> Dataset:
    """A secondary capture."""
    return picture(SecondaryCaptureImageStorage, "OT", ConversionType="DF", **attributes)


def functional_group(**macros: dict[str, object] | Dataset) -> Dataset:
    """An item of functional groups: the attributes of each macro by its keyword."""
    group = Dataset()
    for keyword, attributes in macros.items():
        item = Dataset()
        for name, value in dict(attributes).items():
            setattr(item, name, value)
        setattr(group, keyword, Items([item]))
    return group


def enhanced(shared: Dataset, per_frame: list[Dataset], sop_class: str = EnhancedMRImageStorage, modality: str = "MR"):
    """A multi-frame image whose geometry stands in functional groups."""
    groups = {"SharedFunctionalGroupsSequence": Items([shared]), "PerFrameFunctionalGroupsSequence": Items(per_frame)}
    return picture(sop_class, modality, len(per_frame), ImageType=["ORIGINAL", "PRIMARY", "T1", "NONE"], **groups)


def placed(k: int, **macros: dict[str, object]) -> Dataset:
    """The functional groups of frame k, somewhere in the patient."""
    return functional_group(PlanePositionSequence={"ImagePositionPatient": ["0", "0", str(k)]}, **macros)


def detector() -> Items:
    """The detector of a nuclear medicine image, placed in the patient."""
    item = Dataset()
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient"):
        setattr(item, keyword, PLACE[keyword])
    return Items([item])


ORIENTATION = {"ImageOrientationPatient": PLACE["ImageOrientationPatient"]}
SECTIONS = {
    "ct": Case(picture(CTImageStorage, "CT", PixelSpacing=PIXEL, **PLACE), "patient-geometry", (0.5, 0.25)),
    "mr": Case(picture(MRImageStorage, "MR", PixelSpacing=PIXEL, **PLACE), "patient-geometry", (0.5, 0.25)),
    "pet": Case(
        picture(PositronEmissionTomographyImageStorage, "PT", PixelSpacing=PIXEL, **PLACE),
        "patient-geometry",
        (0.5, 0.25),
    ),
    "dose": Case(picture(RTDoseStorage, "RTDOSE", PixelSpacing=PIXEL, **PLACE), "patient-geometry", (0.5, 0.25)),
    "scout": Case(
        picture(CTImageStorage, "CT", PixelSpacing=PIXEL, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], **PLACE),
        "patient-geometry",
        (0.5, 0.25),
    ),
    "nm-sections": Case(
        picture(
            NuclearMedicineImageStorage,
            "NM",
            2,
            PixelSpacing=PIXEL,
            ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
            SpacingBetweenSlices="3",
            DetectorInformationSequence=detector(),
        ),
        "patient-geometry",
        (0.5, 0.25),
    ),
    "enhanced-shared": Case(
        enhanced(
            functional_group(PixelMeasuresSequence={"PixelSpacing": PIXEL}, PlaneOrientationSequence=ORIENTATION),
            [placed(0), placed(1)],
        ),
        "patient-geometry",
        (0.5, 0.25),
    ),
    "enhanced-per-frame": Case(
        enhanced(
            functional_group(PlaneOrientationSequence=ORIENTATION),
            [
                placed(0, PixelMeasuresSequence={"PixelSpacing": PIXEL}),
                placed(1, PixelMeasuresSequence={"PixelSpacing": OTHER}),
            ],
        ),
        "patient-geometry",
        (0.5, 0.25),
    ),
    "enhanced-xa-section": Case(
        picture(CTImageStorage, "XA", PixelSpacing=PIXEL, **PLACE), "patient-geometry", (0.5, 0.25)
    ),
    "ct-nowhere": Case(picture(CTImageStorage, "CT", PixelSpacing=PIXEL), "unknown", (0.5, 0.25)),
    "ct-without-spacing": Case(picture(CTImageStorage, "CT", **PLACE), "none", None),
    "nm-planar": Case(
        picture(
            NuclearMedicineImageStorage,
            "NM",
            PixelSpacing=PIXEL,
            ImageType=["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"],
            DetectorInformationSequence=detector(),
        ),
        "unknown",
        (0.5, 0.25),
    ),
}
PROJECTIONS = {
    "geometry": Case(
        radiograph(PixelSpacing=PIXEL, ImagerPixelSpacing=OTHER, PixelSpacingCalibrationType="GEOMETRY"),
        "geometry",
        (0.5, 0.25),
    ),
    "fiducial": Case(
        radiograph(PixelSpacing=PIXEL, ImagerPixelSpacing=OTHER, PixelSpacingCalibrationType="FIDUCIAL"),
        "fiducial",
        (0.5, 0.25),
    ),
    "calibrated-unspecified": Case(
        radiograph(PixelSpacing=PIXEL, ImagerPixelSpacing=OTHER, **DISTANCES), "calibrated-unspecified", (0.5, 0.25)
    ),
    "magnification-factor": Case(
        picture(
            DigitalMammographyXRayImageStorageForPresentation,
            "MG",
            ImagerPixelSpacing=OTHER,
            EstimatedRadiographicMagnificationFactor="1.25",
            **DISTANCES,
        ),
        "magnification",
        (0.48, 0.24),
    ),
    "magnification-distances": Case(
        picture(XRayAngiographicImageStorage, "XA", ImagerPixelSpacing=OTHER, **DISTANCES), "magnification", (0.4, 0.2)
    ),
    "magnification-beside-equal-spacing": Case(
        radiograph(PixelSpacing=OTHER, ImagerPixelSpacing=OTHER, **DISTANCES), "magnification", (0.4, 0.2)
    ),
    "detector-plane": Case(radiograph(ImagerPixelSpacing=OTHER), "detector-plane", (0.6, 0.3)),
    "detector-plane-beside-equal-spacing": Case(
        radiograph(PixelSpacing=OTHER, ImagerPixelSpacing=OTHER), "detector-plane", (0.6, 0.3)
    ),
    "rt-image": Case(
        picture(RTImageStorage, "RTIMAGE", ImagePlanePixelSpacing=OTHER, RTImageSID="1500", RadiationMachineSAD="1000"),
        "detector-plane",
        (0.6, 0.3),
    ),
    "projection-unknown": Case(
        picture(ComputedRadiographyImageStorage, "CR", PixelSpacing=PIXEL, **PLACE), "unknown", (0.5, 0.25)
    ),
    "projection-without-spacing": Case(picture(ComputedRadiographyImageStorage, "CR"), "none", None),
    "projection-aspect": Case(
        picture(ComputedRadiographyImageStorage, "CR", PixelAspectRatio=["2", "1"]), "none", None
    ),
    "enhanced-xa": Case(
        enhanced(
            functional_group(FramePixelDataPropertiesSequence={"ImagerPixelSpacing": OTHER}),
            [functional_group(ProjectionPixelCalibrationSequence={"ObjectPixelSpacingInCenterOfBeam": [0.5, 0.25]})],
            EnhancedXAImageStorage,
            "XA",
        ),
        "geometry",
        (0.5, 0.25),
    ),
}
CAPTURES = {
    "scanned": Case(capture(NominalScannedPixelSpacing=OTHER), "scanned", (0.6, 0.3)),
    "scanned-beside-equal-spacing": Case(
        capture(PixelSpacing=OTHER, NominalScannedPixelSpacing=OTHER), "scanned", (0.6, 0.3)
    ),
    "scanned-calibrated": Case(
        capture(PixelSpacing=PIXEL, NominalScannedPixelSpacing=OTHER), "calibrated-unspecified", (0.5, 0.25)
    ),
    "scanned-fiducial": Case(
        capture(PixelSpacing=PIXEL, NominalScannedPixelSpacing=OTHER, PixelSpacingCalibrationType="FIDUCIAL"),
        "fiducial",
        (0.5, 0.25),
    ),
    "multi-frame-scanned": Case(
        picture(MultiFrameGrayscaleWordSecondaryCaptureImageStorage, "OT", 2, NominalScannedPixelSpacing=OTHER),
        "scanned",
        (0.6, 0.3),
    ),
    "capture-unknown": Case(capture(PixelSpacing=PIXEL), "unknown", (0.5, 0.25)),
    "capture-of-a-section": Case(capture(PixelSpacing=PIXEL, **PLACE), "patient-geometry", (0.5, 0.25)),
    "capture-without-spacing": Case(capture(), "none", None),
}
ULTRASOUND = {
    "us-region": Case(ultrasound(region()), "ultrasound-region", (0.5, 0.25)),
    "us-multi-frame": Case(
        picture(UltrasoundMultiFrameImageStorage, "US", 2, SequenceOfUltrasoundRegions=Items([region()])),
        "ultrasound-region",
        (0.5, 0.25),
    ),
    "us-reversed-axis": Case(ultrasound(region(delta=(-0.025, 0.05))), "ultrasound-region", (0.5, 0.25)),
    "us-bounds-inclusive": Case(ultrasound(region((8, 6, 30, 20))), "ultrasound-region", (0.5, 0.25)),
    "us-points-outside": Case(ultrasound(region((0, 0, 4, 4))), "none", None),
    "us-one-point-outside": Case(ultrasound(region((0, 0, 20, 31))), "none", None),
    "us-same-scale-twice": Case(ultrasound(region(), region((20, 10, 39, 31))), "ultrasound-region", (0.5, 0.25)),
    "us-overlap-of-scales": Case(ultrasound(region(), region((20, 10, 39, 31), (0.05, 0.05))), "none", None),
    "us-trace": Case(ultrasound(region(RegionSpatialFormat=3)), "none", None),
    "us-seconds": Case(ultrasound(region(PhysicalUnitsXDirection=4)), "none", None),
    "us-zero-delta": Case(ultrasound(region(delta=(0.0, 0.05))), "none", None),
    "us-without-regions": Case(ultrasound(PixelSpacing=PIXEL), "unknown", (0.5, 0.25)),
    "us-nothing": Case(ultrasound(), "none", None),
}
CASES: dict[str, Case] = SECTIONS | PROJECTIONS | CAPTURES | ULTRASOUND
"""What `calibrate` must say of LINE in the first frame."""

WITH_WARNING = {
    *("scout", "ct-nowhere", "nm-planar", "projection-unknown", "capture-unknown", "us-without-regions"),
    *("detector-plane", "detector-plane-beside-equal-spacing", "rt-image"),
    *("scanned", "scanned-beside-equal-spacing", "multi-frame-scanned"),
    *("us-points-outside", "us-one-point-outside", "us-overlap-of-scales", "us-trace", "us-seconds", "us-zero-delta"),
}
"""Cases whose result must be read with care."""

SPLIT_SCREEN = ultrasound(region((0, 0, 39, 15)), region((0, 16, 39, 31)))
"""Two regions of one scale, one above the other: ACROSS can't be measured, `two-ultrasound-regions`."""
