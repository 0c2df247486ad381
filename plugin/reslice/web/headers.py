"""The Reslice-* headers: compact ASCII JSON that says what a picture shows."""

import json
from typing import Any

import numpy as np

from reslice.dicom.labels import EdgeLabels
from reslice.dicom.layout import LayoutWarning
from reslice.imaging.plane import ImagePlane
from reslice.imaging.voi import VoiTransform
from reslice.imaging.volume import NO_DATA_INT16

LONGEST = 4096
"""Bytes a header value may have."""


def header(value: Any) -> str:
    """A header value; lists and objects that are too long are cut and say so."""
    text = _compact(value)
    if len(text) <= LONGEST:
        return text
    if isinstance(value, list):
        kept = list(value)
        while kept and len(_compact([*kept, {"Truncated": True}])) > LONGEST:
            kept.pop()
        return _compact([*kept, {"Truncated": True}])
    return _compact({"Truncated": True})


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def numbers(values: Any) -> list[float]:
    """An array as numbers that JSON holds to the last bit; -0 becomes 0."""
    return [float(v) + 0.0 for v in np.asarray(values, dtype=np.float64)]


def plane_facts(plane: ImagePlane, thickness: float | None, index: int | None, count: int | None) -> dict[str, Any]:
    """`Reslice-Plane` of an image that lies in the patient."""
    return {
        "Position": numbers(plane.position),
        "Row": numbers(plane.row),
        "Column": numbers(plane.column),
        "Spacing": numbers(plane.spacing),
        "Thickness": thickness,
        "Size": list(plane.shape),
        "Index": index,
        "Count": count,
    }


def window_facts(transform: VoiTransform) -> dict[str, Any]:
    """`Reslice-Window`; of a table, the window that comes nearest to it.

    Its explanation is text of the file's, which belongs into no header.
    """
    window = transform.equivalent
    return {
        "Center": window.center,
        "Width": window.width,
        "Function": window.function,
        "Invert": window.invert,
        "Source": window.source,
    }


def explained_window_facts(transform: VoiTransform) -> dict[str, Any]:
    """`Window` in JSON: with the file's explanation, if it gives one."""
    return {**window_facts(transform), **explanation_of(transform)}


def explanation_of(transform: VoiTransform) -> dict[str, str]:
    """`Explanation`, which is free text: for bodies, never for headers."""
    return {"Explanation": transform.explanation} if transform.explanation else {}


def label_facts(labels: EdgeLabels) -> dict[str, str]:
    """`Labels` of an image."""
    return {"Left": labels.left, "Right": labels.right, "Top": labels.top, "Bottom": labels.bottom}


def warning_facts(warning: LayoutWarning) -> dict[str, Any]:
    """One of `Warnings`."""
    return {"Reason": warning.reason, "Details": warning.details, **dict(warning.facts)}


def no_data_of(dtype: Any) -> int | str:
    """How "no data" reads in raw values of a type."""
    return NO_DATA_INT16 if dtype == np.int16 else "NaN"


def is_without_data(values: Any) -> bool:
    """Whether a plane holds no data at all."""
    return values.dtype == np.float32 and bool(np.isnan(values).all())
