"""A file, calibrated."""

import numpy as np
from pydicom.dataset import Dataset

from calibration_cases import LINE
from phantoms import file_of
from reslice.dicom.calibration import Calibration, calibrate, spacing_facts

POINTS = np.array(LINE)


def calibration(dataset: Dataset | bytes, frame: int = 0, points: np.ndarray = POINTS) -> Calibration:
    """The calibration of a frame of a file, for a measurement of these points."""
    content = file_of(dataset) if isinstance(dataset, Dataset) else dataset
    return calibrate(spacing_facts(content, frame), points)


def told(dataset: Dataset, frame: int = 0) -> tuple[str, tuple[float, float] | None]:
    """Source and spacing of a frame, free of rounding."""
    found = calibration(dataset, frame)
    return found.source, found.spacing and tuple(round(mm, 9) for mm in found.spacing)
