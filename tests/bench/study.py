"""The CT that is measured: made here, stored in Orthanc and, for readers of files, in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from bench.wire import Wire
from clients import orthanc_ids
from phantoms import Acquisition, decimals, file_of, geometry, image
from reslice.imaging.volume import Volume, VolumeGeometry

FIELD_OF_VIEW = 384.0  # mm
GAP = 1.25  # mm; 300 slices on pixels of 0.75 mm make coronal planes of 512 x 500
NOISE = 12.0  # HU, standard deviation
ELLIPSES = (  # HU, centre (x, y) and half axes in parts of half the field of view; later ones cover earlier ones
    (-100, (0.0, 0.0), (0.86, 0.62)),
    (45, (0.0, 0.02), (0.80, 0.55)),
    (-860, (-0.40, -0.05), (0.28, 0.38)),
    (-860, (0.40, -0.05), (0.28, 0.38)),
    (130, (0.08, -0.08), (0.16, 0.20)),
    (260, (-0.06, 0.16), (0.06, 0.06)),
    (420, (0.0, 0.36), (0.10, 0.11)),
    (15, (0.0, 0.35), (0.04, 0.04)),
    (900, (-0.62, 0.38), (0.05, 0.03)),
    (900, (0.62, 0.38), (0.05, 0.03)),
)
PRIVATE_ELEMENTS = 40  # scanners write many


@dataclass(frozen=True)
class StoredSeries:
    """A series in Orthanc, its instances in display order, and the folder with the same files."""

    id: str
    instances: tuple[str, ...]
    side: int
    folder: Path

    @property
    def size(self) -> int:
        """Bytes of the volume as int16."""
        return 2 * len(self.instances) * self.side**2

    def path(self, below: str) -> str:
        """The path of a resource below the series."""
        return f"/series/{self.id}/{below}"


def store(wire: Wire, folder: Path, slices: int, side: int) -> StoredSeries:
    """Make a series of so many slices of side x side pixels."""
    folder.mkdir()
    for k, dataset in enumerate(computed_tomography(slices, side)):
        content = file_of(dataset)
        (folder / f"{k:05}.dcm").write_bytes(content)
        wire.request("POST", "/instances", body=content)
    series = orthanc_ids(content)["series"]
    listed = wire.json(f"/series/{series}/slices")["Slices"]
    return StoredSeries(series, tuple(entry["Instance"] for entry in listed), side, folder)


def computed_tomography(slices: int, side: int) -> Iterator[Dataset]:
    """A chest of ellipses with noise: stored int16, explicit little endian, a header as scanners write it."""
    grid = where(slices, side)
    common = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), **scanner_attributes()}
    for k in range(slices):
        dataset = image(
            hounsfield_units(k, slices, side) + np.int16(1024), **common, **geometry(grid, k), InstanceNumber=k + 1
        )
        dataset.SliceLocation = decimals([grid.slice_origin(k)[2]])[0]
        yield with_private_elements(dataset)


def where(slices: int, side: int) -> Acquisition:
    """Where its voxels lie."""
    pixel = FIELD_OF_VIEW / side
    return Acquisition(shape=(slices, side, side), spacing=(GAP, pixel, pixel))


def hounsfield_units(k: int, slices: int, side: int) -> NDArray[np.int16]:
    """The values of slice k."""
    return np.rint(chest(side, k / max(1, slices - 1)) + noise(side, k)).astype(np.int16)


def volume(slices: int, side: int) -> Volume:
    """The same CT as it lies in memory once it is loaded."""
    voxels = np.empty((slices, side, side), np.int16)
    for k in range(slices):
        voxels[k] = hounsfield_units(k, slices, side)
    return Volume(VolumeGeometry((slices, side, side), where(slices, side).affine), voxels)


def chest(side: int, height: float) -> NDArray[np.float32]:
    """HU of a slice at a height from 0 (lowest) to 1; what is not bone or skin changes its size with it."""
    across = np.linspace(-1, 1, side, dtype=np.float32)
    values = np.full((side, side), -1000, np.float32)
    for hu, (x, y), (a, b) in ELLIPSES:
        grown = 0.7 + 0.3 * np.sin(np.pi * height) if hu in (-860, 130) else 1.0
        distance = ((across - x) / (a * grown)) ** 2 + ((across[:, None] - y) / (b * grown)) ** 2
        values[distance <= 1] = hu
    return values


def noise(side: int, seed: int) -> NDArray[np.float32]:
    """The noise of a slice."""
    return NOISE * np.random.default_rng(seed).standard_normal((side, side), np.float32)


def scanner_attributes() -> dict[str, object]:
    """What a CT scanner writes beside geometry and pixels."""
    step = Dataset()
    step.ScheduledProcedureStepID, step.ScheduledProcedureStepDescription = "1", "CT chest"
    return {
        "PatientID": "bench",
        "PatientName": "Bench^Chest",
        "PatientBirthDate": "19640217",
        "PatientSex": "O",
        "PatientAge": "061Y",
        "PatientPosition": "HFS",
        "StudyID": "1",
        "StudyDate": "20260105",
        "StudyTime": "091500",
        "StudyDescription": "CT chest (synthetic)",
        "SeriesDate": "20260105",
        "SeriesTime": "091830",
        "SeriesNumber": 2,
        "SeriesDescription": "Chest 1.25 mm",
        "AcquisitionDate": "20260105",
        "AcquisitionTime": "091830",
        "AcquisitionNumber": 1,
        "ContentDate": "20260105",
        "ContentTime": "091901",
        "AccessionNumber": "BENCH-1",
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "Generated",
        "InstitutionName": "Benchmark",
        "StationName": "BENCH",
        "SoftwareVersions": "1",
        "ProtocolName": "Chest",
        "BodyPartExamined": "CHEST",
        "KVP": "120",
        "DataCollectionDiameter": "500",
        "ReconstructionDiameter": "384",
        "GantryDetectorTilt": "0",
        "TableHeight": "150",
        "RotationDirection": "CW",
        "ExposureTime": "500",
        "XRayTubeCurrent": "220",
        "Exposure": "110",
        "FilterType": "BODY",
        "ConvolutionKernel": "SOFT",
        "RequestAttributesSequence": [step],
        "RescaleIntercept": "-1024",
        "RescaleSlope": "1",
        "RescaleType": "HU",
        "WindowCenter": "40",
        "WindowWidth": "400",
    }


def with_private_elements(dataset: Dataset) -> Dataset:
    """The scanner's own notes."""
    block = dataset.private_block(0x0029, "BENCH", create=True)
    for number in range(PRIVATE_ELEMENTS):
        block.add_new(number, "LO", f"private value {number}")
    return dataset
