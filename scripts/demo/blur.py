"""Gaussian blur, axis by axis, edges continued."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FWHM = 2.3548  # full width at half maximum of a Gaussian, in standard deviations


def gaussian(deviation: float) -> NDArray[np.float32]:
    """Sample a Gaussian of sum 1, to three standard deviations."""
    places = np.arange(-int(np.ceil(3 * deviation)), int(np.ceil(3 * deviation)) + 1)
    weights = np.exp(-0.5 * (places / deviation) ** 2)
    return (weights / weights.sum()).astype(np.float32)


def along(image: NDArray[Any], axis: int, weights: NDArray[np.float32]) -> NDArray[Any]:
    """Weigh neighbours along one axis; the edges go on outside."""
    reach = len(weights) // 2
    margins = [(reach, reach) if each == axis % image.ndim else (0, 0) for each in range(image.ndim)]
    padded = np.moveaxis(np.pad(image, margins, "edge"), axis, 0)
    blurred = np.zeros_like(np.moveaxis(image, axis, 0))
    for place, weight in enumerate(weights):
        blurred += weight * padded[place : place + len(blurred)]
    return np.moveaxis(blurred, 0, axis)


def blur(image: NDArray[Any], deviations: Sequence[float]) -> NDArray[Any]:
    """Blur along every axis by its standard deviation in pixels; 0 leaves an axis alone."""
    for axis, deviation in enumerate(deviations):
        if deviation > 0:
            image = along(image, axis, gaussian(deviation))
    return image
