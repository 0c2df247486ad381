"""Headers of requests and answers as OpenAPI describes them."""

from collections.abc import Mapping
from typing import Any

from reslice.web.openapi_parameters import ORTHANC_ID
from reslice.web.openapi_words import (
    AFFINE,
    FLAG,
    GAPS,
    LATTICE,
    NUMBER,
    POINT,
    SIZE,
    TEXT,
    WHOLE,
    Schema,
    listed,
    one_of,
    or_null,
    ref,
    said,
    shape,
    so_many,
)


def _in_json(description: str, schema: Schema) -> Schema:
    return {"description": f"{description}; compact JSON in ASCII", "content": {"application/json": {"schema": schema}}}


PLANE = shape(
    "Where a picture lies; null where the files don't tell",
    {
        "Position": or_null(said(POINT, "The centre of the first pixel")),
        "Row": or_null(said(POINT, "The direction along a row")),
        "Column": or_null(said(POINT, "The direction down a column")),
        "Spacing": or_null(said(so_many(2, NUMBER), "Millimetres between rows and between columns")),
        "Thickness": or_null(NUMBER),
        "Size": SIZE,
        "Index": or_null({"type": "integer"}),
        "Count": or_null(WHOLE),
        "Slab?": NUMBER,
        "Projection?": one_of("mip", "minip", "mean"),
        "Normal?": POINT,
        "Instance?": said(ORTHANC_ID, "Of stored frames: which instance"),
        "Frame?": said(WHOLE, "Of stored frames: which frame of the instance, from 0"),
        "Calibration?": said(ref("Calibration"), "Of stored frames: how the size of a pixel in the middle is known"),
    },
)
VOLUME = shape(
    "Which volume or stack it is of",
    {
        "Index": or_null(WHOLE),
        "Stack?": or_null(WHOLE),
        "Shape?": LATTICE,
        "Spacing?": GAPS,
        "Affine?": AFFINE,
        "Regular?": FLAG,
        "Factors?": LATTICE,
        "Type?": TEXT,
        "Unit?": TEXT,
    },
)
RAW = shape(
    "How numbers are to be read",
    {
        "Type": one_of("int16", "float32", "uint8"),
        "Shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 3},
        "Slope": NUMBER,
        "Intercept": NUMBER,
        "NoData": or_null({"anyOf": [{"type": "integer"}, {"const": "NaN"}]}),
        "Unit": TEXT,
        "Affine?": AFFINE,
        "PixelAspect?": said(NUMBER, "Of stored frames: the height of a pixel by its width; 1 where it isn't known"),
        "Padding?": or_null(said(so_many(2, NUMBER), "Of stored frames: the values from here to there are no data")),
    },
)
PRESET = shape("The transfer function", {"Name": TEXT, "Window": or_null(so_many(2, NUMBER))})
ANIMATION = shape("How it moves", {"Frames": WHOLE, "Rate": NUMBER}, is_open=True)

ANSWERED: Mapping[str, Schema] = {
    "ETag": {"description": "Of these very bytes", "schema": {"type": "string", "pattern": '^"[^"]+"$'}},
    "Cache-Control": {"description": "Whether it may be kept", "required": True, "schema": TEXT},
    "Vary": {"description": "What else decides the bytes", "schema": TEXT},
    "Content-Disposition": {"description": "A name for the file", "required": True, "schema": TEXT},
    "Retry-After": {"description": "Seconds after which to ask again", "schema": {"type": "integer"}},
    "Content-Security-Policy": {"description": "What the page may load", "required": True, "schema": TEXT},
    "Location": {"description": "Where it is", "schema": TEXT},
    "Reslice-Plane": _in_json("Where the picture lies", PLANE),
    "Reslice-Window": _in_json("How values became grey, or would have in a picture", ref("Window")),
    "Reslice-Volume": _in_json("What it is made of", VOLUME),
    "Reslice-Warnings": _in_json("What the picture isn't telling", listed({"type": "object"})),
    "Reslice-Raw": _in_json("How the numbers are to be read", RAW),
    "Reslice-Preset": _in_json("The transfer function", PRESET),
    "Reslice-Animation": _in_json("How it moves", ANIMATION),
}

ASKED: Mapping[str, dict[str, Any]] = {
    "If-None-Match": {
        "description": "The entity tags that the client holds: 304 where one of them is current",
        "required": False,
        "schema": TEXT,
    },
    "If-Match": {
        "description": "The revision that is meant, in quotes, as in the record's ETag",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        "example": '"1"',
    },
    "Reslice-Confirm": {
        "description": "1, which no page of another site can send",
        "required": True,
        "schema": {"type": "string", "enum": ["1"]},
        "example": "1",
    },
}
