"""An ultrasound clip of a beating heart, four chambers from the apex, with colour Doppler: two beats that repeat."""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, UltrasoundMultiFrameImageStorage

from demo import doppler, heart, scope
from demo.beams import Array, Sector, compressed
from demo.series import DemoSeries

FRAMES, FRAME_TIME = 40, 40.0  # ms: 25 a second, two beats of 0.8 s
SECTOR = Sector(depth=160, half_angle=42, samples=640, beams=180, rows=480, columns=640, apex=(14, 306), spacing=0.38)
PICTURE = (14, 14, 588, 436)  # pixels: left, top, right, bottom of the sector
SCATTERERS = 110_000
NOISE = 0.085  # of the receiver, where muscle scatters with 1
LOUDEST, DECIBELS = 9.5, 54.0  # white, and how far below it black begins


def frames() -> Iterator[NDArray[np.uint8]]:
    """Make the frames (row, column, RGB)."""
    random = np.random.default_rng(1954)
    angle, depth = random.uniform(-0.76, 0.76, SCATTERERS), 162 * np.sqrt(random.random(SCATTERERS))
    x, y = depth * np.sin(angle), depth * np.cos(angle)
    strength = (scattering(x, y) * white(random, SCATTERERS)).astype(np.complex64)
    valves = [(which, random.random(150), white(random, 150)) for which in range(4)]
    gain = sensitivity()
    for number in range(FRAMES):
        time = number * FRAME_TIME / 1000
        echoes = SECTOR.echoes(*heart.moved(x, y, time), strength) + valve_echoes(valves, time, random)
        echoes = gain * echoes + NOISE * SECTOR.blurred(white(random, (SECTOR.samples, SECTOR.beams)))
        grey = SECTOR.converted(compressed(echoes, LOUDEST, DECIBELS) ** 1.05)
        colour, shown = doppler.overlay(SECTOR, time, random)
        rgb = np.where((shown & (grey < 0.62))[..., None], colour, np.repeat((255 * grey)[..., None], 3, 2))
        yield scope.annotated(rgb.astype(np.uint8), SECTOR, time)


def white(random: np.random.Generator, size: int | tuple[int, int]) -> NDArray[np.complex64]:
    """Make complex white noise."""
    return (random.standard_normal(size) + 1j * random.standard_normal(size)).astype(np.complex64)


def scattering(x: Array, y: Array) -> Array:
    """Give how strongly tissue scatters: 1 in muscle, nothing in blood, most at surfaces that face the probe."""
    inner, outer = heart.blood(x, y), heart.muscle(x, y)
    layers = 1.3 + 0.9 * np.sin(y * 1.1 + 0.8 * np.sin(x * 0.07))
    lung = (0.55 + 0.3 * np.sin(outer * 0.55)) * np.exp(-outer / 26)
    liver = 0.5 + 0.15 * np.sin(x * 0.11 + y * 0.07) * np.sin(y * 0.13)
    around = np.where(y < 20, layers, np.where(x > -10, lung, liver))
    strength = np.where(outer < 0, 1.0 + 0.25 * np.sin(outer * 1.3 + 0.3 * y), around)
    strength = strength + 5.5 * facing(heart.muscle, x, y) * np.exp(-(((outer - 0.8) / 1.2) ** 2))
    strength = strength + 2.2 * facing(heart.blood, x, y) * np.exp(-(((inner - 0.7) / 0.9) ** 2))
    return np.where(inner < 0, 0.02, strength)


def facing(shape: heart.Shape, x: Array, y: Array) -> Array:
    """Give how squarely the surface of a shape meets the beams, 0 to 1."""
    across, along = shape(x + 0.5, y) - shape(x - 0.5, y), shape(x, y + 0.5) - shape(x, y - 0.5)
    cosine = (across * x + along * y) / np.maximum(np.hypot(across, along) * np.hypot(x, y), 1e-6)
    return 0.1 + 0.9 * cosine**2


def valve_echoes(
    valves: list[tuple[int, Array, NDArray[np.complex64]]], time: float, random: np.random.Generator
) -> NDArray[np.complex64]:
    """Receive the leaflets of the valves."""
    parts = [heart.leaflet(which, along, time) for which, along, _ in valves]
    x, y = (np.concatenate(coordinate) for coordinate in zip(*parts, strict=True))
    x, y = x + random.normal(0, 0.35, x.shape), y + random.normal(0, 0.35, y.shape)
    return SECTOR.echoes(x, y, np.concatenate([2.4 * strength for *_, strength in valves]))


def sensitivity() -> Array:
    """Give the gain over the sector: beams fade at its sides, where ribs and lung are in their way, and with depth."""
    x, y = SECTOR.places()
    angle = np.degrees(np.arctan2(x, np.maximum(y, 1e-6)))
    depth = np.hypot(x, y)
    sides = 1 - 0.65 * np.clip((np.abs(angle) - 30) / 12, 0, 1) ** 2 - 0.25 * np.exp(-(((angle - 27) / 4) ** 2))
    return (sides * np.interp(depth, (0, 4, 20, 110, 160), (2.2, 1.6, 1, 1, 0.6))).astype(np.float32)


def make_images(series: DemoSeries) -> Iterator[Dataset]:
    """Make the one instance, its frames as baseline JPEG."""
    image = series.begin(0)
    image.Rows, image.Columns = SECTOR.rows, SECTOR.columns
    image.NumberOfFrames = FRAMES
    coded = [jpeg(frame) for frame in frames()]
    image.LossyImageCompressionRatio = f"{3 * SECTOR.rows * SECTOR.columns * FRAMES / sum(map(len, coded)):.1f}"
    image.PixelData = encapsulate(coded)
    image["PixelData"].is_undefined_length = True
    yield image


def jpeg(frame: NDArray[np.uint8]) -> bytes:
    """Encode a frame, its colours halved along rows (YBR_FULL_422)."""
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=86, subsampling="4:2:2")
    return file.getvalue()


def region(kind: int, bounds: tuple[int, int, int, int]) -> Dataset:
    """Calibrate a part of the picture (left, top, right, bottom) from the probe on (PS3.3 C.8.5.5)."""
    item = Dataset()
    left, top, right, bottom = bounds
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, kind, 0  # 2D; 1 tissue, 2 colour flow
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3  # cm
    item.PhysicalDeltaX = item.PhysicalDeltaY = SECTOR.spacing / 10
    item.ReferencePixelX0, item.ReferencePixelY0 = SECTOR.apex[1] - left, SECTOR.apex[0] - top
    item.ReferencePixelPhysicalValueX = item.ReferencePixelPhysicalValueY = 0.0
    item.TransducerFrequency = 2500  # kHz
    return item


SERIES = DemoSeries(
    key="heart",
    title="Heart ultrasound",
    modality="US",
    sop_class=UltrasoundMultiFrameImageStorage,
    transfer_syntax=JPEGBaseline8Bit,
    instance_count=1,
    attributes={
        "PatientName": "Demo^Heart",
        "PatientID": "RESLICE-DEMO-HEART",
        "PatientBirthDate": "19690923",
        "PatientSex": "F",
        "PatientAge": "056Y",
        "PatientComments": "Synthetic: a heart made of formulas",
        "StudyID": "1",
        "StudyDate": "20260108",
        "StudyTime": "110500",
        "SeriesDate": "20260108",
        "SeriesTime": "110900",
        "AcquisitionDateTime": "20260108110930",
        "ContentDate": "20260108",
        "ContentTime": "110930",
        "AccessionNumber": "DEMO-US-1",
        "ReferringPhysicianName": "Demo^Referrer",
        "StudyDescription": "Echocardiography (synthetic)",
        "SeriesDescription": "Four chambers, colour Doppler",
        "SeriesNumber": 1,
        "BodyPartExamined": "HEART",
        "PatientOrientation": [],
        "ImageType": ["ORIGINAL", "PRIMARY", "", "0011"],  # 2D imaging and colour Doppler
        "Manufacturer": "Reslice",
        "ManufacturerModelName": "Heart phantom",
        "InstitutionName": "Reslice demonstration",
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "YBR_FULL_422",
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "FrameIncrementPointer": 0x00181063,  # FrameTime
        "FrameTime": f"{FRAME_TIME:g}",
        "CineRate": round(1000 / FRAME_TIME),
        "RecommendedDisplayFrameRate": round(1000 / FRAME_TIME),
        "PreferredPlaybackSequencing": 0,  # round and round
        "HeartRate": round(60 / heart.BEAT),
        "UltrasoundColorDataPresent": 1,
        "SequenceOfUltrasoundRegions": [region(1, PICTURE), region(2, doppler.bounds(SECTOR))],
        "LossyImageCompression": "01",
        "LossyImageCompressionMethod": "ISO_10918_1",
        "BurnedInAnnotation": "NO",
    },
    make_images=make_images,
    views={
        "mitral valve closed": "slices/8",
        "inflow, colours turned": "slices/12",
        "image, 1280 pixels wide": "slices/12?width=1280",
        "what it holds, as JSON": "slices",
    },
)
