"""What each case of ../shared/data must be told as: written from its headers and truth.json, not from our code."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared_data import SHARED, case_files, truth
from true_frames import dataset

Point = tuple[float, float, float]

VOLUMES = (
    "ct-head-phantom-5mm",
    "ct-gantry-tilt",
    "ct-uneven-gap",
    "mr-axial-128",
    "mr-sagittal-oblique",
    "mr-double-oblique",
    "mr-syntax-explicit",
    "mr-syntax-j2k",
    "mr-syntax-jpeg",
    "mr-syntax-jpegls",
    "mr-syntax-rle",
)
"""One series, one volume; truth.json knows its voxels."""
WHOLE = (*VOLUMES, "mr-localizer-3plane", "mr-4d-bold", "mr-mosaic")
"""Loaded as a whole."""
FILE_BY_FILE = ("pet-single", "ct-all-syntaxes", "enhanced", "color", "gray-special", "corrupt", "non-image")
"""Their files hold colliding identifiers, or have nothing to do with each other."""
ALL = (*WHOLE, *FILE_BY_FILE)

GEOMETRY_WARNINGS = {
    "gantry-tilt",
    "uneven-gaps",
    "missing-slices",
    "damaged",
    "duplicate-frames",
    "split-by-rank",
    "mosaic",
}
"""Those that tell how a volume is put together, or what is wrong with it."""


@dataclass(frozen=True)
class ExpectedVolume:
    """Which frames make a volume, in its order, and where its slices lie."""

    frames: tuple[tuple[str, int], ...]  # file name and 0-based frame
    size: tuple[int, int]  # rows, columns
    spacing: Point  # gap along the normal, between rows, between columns
    first: Point  # ImagePositionPatient of the first slice
    last: Point
    unit: str = "1"
    warnings: frozenset[str] = frozenset()
    label: str = ""  # what the label must contain

    @property
    def shape(self) -> list[int]:
        return [len(self.frames), *self.size]


@dataclass(frozen=True)
class Expected:
    """What a series holds."""

    volumes: tuple[ExpectedVolume, ...] = ()
    stacks: tuple[tuple[int, str], ...] = ()  # frame count and reason
    others: tuple[str, ...] = ()  # reasons
    refused_by_orthanc: bool = False  # the file never gets into the archive


def path_of(case: str, name: str) -> Path:
    """One file of a case."""
    return next(path for path in case_files(case) if path.name == name)


def names(case: str) -> list[str]:
    """The files of a case, for parametrizing: none where the data is not there."""
    folder = SHARED / "data" / case
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def single_files() -> list[tuple[str, str]]:
    """Case and name of every file that is loaded on its own."""
    return [(case, name) for case in FILE_BY_FILE for name in names(case)]


def slice_order(case: str) -> list[str]:
    """The files of a volume case in its order: as truth.json names them, else by dot(position, normal)."""
    return truth(case)["order"] or [path.name for path in sorted(case_files(case), key=_along_the_normal)]


def _along_the_normal(path: Path) -> float:
    header = dataset(path)
    row, column = np.split(np.array(header.ImageOrientationPatient, float), 2)
    return float(np.dot(np.cross(row, column), np.array(header.ImagePositionPatient, float)))


def _frames_of(file: str, *frames: int) -> tuple[tuple[str, int], ...]:
    return tuple((file, k) for k in frames)


def _siemens() -> Expected:
    """Eight frames, 0.9 mm apart, in the order of their file (dicom2nifti, enhanced)."""
    name = "IM-0001-0001-0001.dcm"
    volume = ExpectedVolume(
        frames=_frames_of(name, *range(8)),
        size=(256, 256),
        spacing=(0.899982, 0.9375, 0.9375),
        first=(-117.018, -101.63, -100.577),
        last=(-117.273, -101.768, -94.2838),
    )
    return Expected((volume,))


def _philips() -> Expected:
    """Position by position, and at each of the 8 positions the 4 times: TemporalPositionIndex 1 to 4."""
    name, in_plane = "IM-0001-9600-0001.dcm", (-105.45055687427, -117.32145404815)
    volumes = [
        ExpectedVolume(
            frames=_frames_of(name, *range(time, 32, 4)),
            size=(64, 64),
            spacing=(3.3125, 3.3125, 3.3125),
            first=(*in_plane, -69.037445068359),
            last=(*in_plane, -45.849945068359),
            label=str(time + 1),
        )
        for time in range(4)
    ]
    return Expected(tuple(volumes))


def _perfusion() -> Expected:
    """Rows run to the right, so that the normal points to the feet: the second frame, the higher one, comes first."""
    volume = ExpectedVolume(
        frames=_frames_of("eCT_Supplemental.dcm", 1, 0),
        size=(512, 512),
        spacing=(10.0, 0.388672, 0.388672),
        first=(99.5, -301.5, -149.0),
        last=(99.5, -301.5, -159.0),
    )
    return Expected((volume,))


def _legacy_converted() -> Expected:
    volume = ExpectedVolume(
        frames=_frames_of("mf.dcm", 0, 1, 2),
        size=(38, 23),
        spacing=(2.5, 0.7, 0.7),
        first=(46.4649, 5.01881, -177.75),
        last=(46.4649, 5.01881, -172.75),
    )
    return Expected((volume,))


def _dose() -> Expected:
    """GridFrameOffsetVector 0, 5 ... 70 from the position of the first frame (PS3.3 C.8.8.3.2)."""
    volume = ExpectedVolume(
        frames=_frames_of("rtdose.dcm", *range(15)),
        size=(10, 10),
        spacing=(5.0, 10.0, 10.0),
        first=(189.43125, 199.43125, -761.87),
        last=(189.43125, 199.43125, -691.87),
        unit="1",  # DoseUnits
    )
    return Expected((volume,))


SINGLE = Expected(stacks=((1, "single-frame"),))
DOCUMENT = Expected(others=("not-an-image",))
SEGMENTATION = Expected(others=("segmentation",))
REFUSED = Expected(refused_by_orthanc=True)


def _colour(frames: int = 1) -> Expected:
    return Expected(stacks=((frames, "colour-not-reconstructable"),))


def _unplaced(frames: int) -> Expected:
    return Expected(stacks=((frames, "no-geometry"),))


BY_FILE: dict[str, Expected] = {
    "IM-0001-0001-0001.dcm": _siemens(),
    "IM-0001-9600-0001.dcm": _philips(),
    "eCT_Supplemental.dcm": _perfusion(),
    "mf.dcm": _legacy_converted(),
    "emri_small.dcm": _unplaced(10),  # enhanced by its class, but without any functional groups
    "emri_small_RLE.dcm": _unplaced(10),
    "emri_small_jpeg_ls_lossless.dcm": _unplaced(10),
    "rtdose.dcm": _dose(),
    "CR-MONO1-10-chest.dcm": _unplaced(1),  # projections and captures have no ImagePositionPatient
    "JLSL_16_15_1_1F.dcm": _unplaced(1),
    "JPGExtended.dcm": _unplaced(1),
    "OutOfBoundsOverlay.dcm": _unplaced(1),
    "RG3_J2KR.dcm": _unplaced(1),
    "dx_image.dcm": _unplaced(1),
    "mlut_18.dcm": _unplaced(1),
    "vlut_04.dcm": _unplaced(1),
    "IM00001.fragmented_no_bot_jpeg_baseline.50.dcm": _colour(8),
    "SC_rgb_rle_2frame.dcm": _colour(2),
    "examples_ybr_color.dcm": _colour(30),
    "ExplVR_LitEndNoMeta.dcm": DOCUMENT,
    "no-pixel-data.dcm": DOCUMENT,
    "badVR.dcm": Expected(others=("damaged",)),  # NumberOfFrames is "1A"
    "bad_sequence.dcm": SINGLE,  # the broken sequence has nothing to do with its pixels
    "no-pixel-spacing.dcm": _colour(),
    "MR_truncated.dcm": REFUSED,
    "emri_small_jpeg_2k_lossless_too_short.dcm": REFUSED,
    "meta_missing_tsyntax.dcm": REFUSED,
    "no_meta.dcm": REFUSED,
    "rtplan_truncated.dcm": REFUSED,
    "ct_image.dcm": SINGLE,
    "liver_1frame.dcm": SEGMENTATION,
    "seg_image_ct_binary.dcm": SEGMENTATION,
    "seg_image_ct_true_fractional.dcm": SEGMENTATION,
}
BY_CASE = {
    "pet-single": SINGLE,
    "ct-all-syntaxes": SINGLE,
    "color": _colour(),
    "gray-special": SINGLE,
    "non-image": DOCUMENT,
}


def expected_of_file(case: str, name: str) -> Expected:
    """What a file on its own must be told as."""
    return BY_FILE.get(name) or BY_CASE[case]


def shown_files() -> Iterator[tuple[str, str]]:
    """The files on their own that can be shown."""
    for case, name in single_files():
        expected = expected_of_file(case, name)
        if expected.volumes or expected.stacks:
            yield case, name
