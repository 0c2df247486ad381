"""Orthanc's decoded images as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def samples_of(image: Any, formats: Any) -> NDArray[Any] | None:
    """The pixels of an `orthanc.Image`, without what fills up its lines; None for a format unknown to us.

    `formats` is `orthanc.PixelFormat`. Shape (rows, columns), or (rows, columns, 3) of a colour.
    """
    known = {
        formats.GRAYSCALE8: ("u1", 1),
        formats.GRAYSCALE16: ("<u2", 1),
        formats.SIGNED_GRAYSCALE16: ("<i2", 1),
        formats.GRAYSCALE32: ("<u4", 1),
        formats.FLOAT32: ("<f4", 1),
        formats.RGB24: ("u1", 3),
        formats.RGB48: ("<u2", 3),
    }
    if image.GetImagePixelFormat() not in known:
        return None
    name, samples = known[image.GetImagePixelFormat()]
    dtype, rows, columns = np.dtype(name), image.GetImageHeight(), image.GetImageWidth()
    lines = np.frombuffer(image.GetImageBuffer(), np.uint8).reshape(rows, -1)
    values: NDArray[Any] = np.ascontiguousarray(lines[:, : columns * samples * dtype.itemsize]).view(dtype)
    return values.reshape(rows, columns) if samples == 1 else values.reshape(rows, columns, samples)
