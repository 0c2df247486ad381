"""Schemas of measurements: what they are and what is told of them."""

from collections.abc import Mapping

from reslice.measurement.tools import TOOLS
from reslice.web.openapi_parameters import ORTHANC_ID, UUID
from reslice.web.openapi_words import (
    FLAG,
    NUMBER,
    POSITIVE,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    by_name,
    listed,
    one_of,
    or_null,
    ref,
    said,
    shape,
    so_many,
)

TYPE = one_of(*TOOLS)
TOOL = one_of(*(tool for tools in TOOLS.values() for tool in tools))
SPACING = or_null(said(so_many(2, NUMBER), "Between rows and between columns"))

SAID: Mapping[str, Schema] = {
    "Type": TYPE,
    "Tool": TOOL,
    "Series?": ORTHANC_ID,
    "Volume?": or_null(WHOLE),
    "Image?": ref("ImageReference"),
    "Plane?": ref("PlaneReference"),
    "Geometry?": ref("Geometry"),
    "Label?": TEXT,
    "Description?": TEXT,
    "Finding?": ref("Code"),
    "Site?": ref("Code"),
}
"""What a client has said, as it is told; a value that came without its geometry has none."""

COMPUTED: Mapping[str, Schema] = {
    "Values": listed(ref("Value")),
    "Calibration?": ref("Calibration"),
    "Method?": ref("Method"),
    "Source?": shape("The images by their DICOM identifiers", {}, is_open=True),
    "InputsDigest?": said(TEXT, "Of the pixels that were measured"),
}

KEPT: Mapping[str, Schema] = {
    "Id": UUID,
    "TrackingUID?": TEXT,
    "Revision": POSITIVE,
    "Study?": ORTHANC_ID,
    "Author?": TEXT,
    "CreatedAt": TIME,
    "UpdatedAt": TIME,
    "UpdatedBy?": TEXT,
    "RequestDigest?": TEXT,
    "Claimed?": shape("What a sender had computed", {"Values": listed(ref("Value")), "Mismatch": FLAG}),
    "Origin?": shape("Where it comes from, as its sender says", {"Format": one_of("json", "sr")}, is_open=True),
    "Warnings?": listed(TEXT),
    "Stale?": said(FLAG, "Whether its pixels have changed since"),
}

COUNTS = by_name(WHOLE)
SKIPPED = listed(shape("What wasn't taken, and why", {"Reason": TEXT, "Details": TEXT}, is_open=True))
ERRORS = listed(
    shape("An entry of the store that can't be read", {"Entry": WHOLE, "Reason": TEXT, "Details": TEXT}, is_open=True)
)

MEASUREMENTS: Mapping[str, Schema] = {
    "Value": shape(
        "A measured value; Code is its unit in UCUM", {"Name": TEXT, "Value": NUMBER, "Unit": TEXT, "Code?": TEXT}
    ),
    "Calibration": shape(
        "How the size of the pixels is known",
        {
            "Source": TEXT,
            "Spacing": SPACING,
            "PixelAspectRatio?": so_many(2, NUMBER),
            "Factor?": NUMBER,
            "Region?": WHOLE,
            "Warning?": TEXT,
        },
    ),
    "Method": shape("How it was computed", {"Software": TEXT, "Computed?": FLAG}, is_open=True),
    "Measurement": shape("A measurement", {**KEPT, **SAID, **COMPUTED}),
    "Computed": shape(
        "A measurement that isn't kept", {"Study": ORTHANC_ID, **SAID, **COMPUTED, "Warnings?": listed(TEXT)}
    ),
    "MeasurementList": shape(
        "Measurements, oldest first; Count is of all pages",
        {
            "Study": ORTHANC_ID,
            "Series?": ORTHANC_ID,
            "Instance?": ORTHANC_ID,
            "Count": WHOLE,
            "Errors": ERRORS,
            "Measurements": listed(ref("Measurement")),
        },
    ),
    "Summary": shape(
        "A study's measurements in numbers",
        {
            "Study": ORTHANC_ID,
            "Count": WHOLE,
            "ErrorCount": WHOLE,
            "ByType": COUNTS,
            "BySeries": COUNTS,
            "ByAuthor": COUNTS,
            "Latest": or_null(
                shape(
                    "The one that was changed last",
                    {"Id": UUID, "Type": TYPE, "Label": or_null(TEXT), "Author": or_null(TEXT), "UpdatedAt": TIME},
                )
            ),
            "Statistics": said(
                by_name(
                    by_name(
                        shape("Of one unit", {"Count": WHOLE, "Mean": NUMBER, "Minimum": NUMBER, "Maximum": NUMBER})
                    )
                ),
                "Of the principal values, by type and by unit",
            ),
        },
    ),
    "Export": shape(
        "All measurements of a study",
        {
            "Format": {"const": "reslice-measurements"},
            "FormatVersion": {"const": 1},
            "Study": ORTHANC_ID,
            "StudyInstanceUID": TEXT,
            "ExportedAt": TIME,
            "Count": WHOLE,
            "Measurements": listed(shape("As it is kept", {**KEPT, **SAID, **COMPUTED, "SeriesDigest?": TEXT})),
            "Errors": ERRORS,
        },
    ),
    "Importable": {
        "description": "An export of this or another server, or an instance of the study that is a structured report",
        "anyOf": [
            shape(
                "An export",
                {
                    "Format": {"const": "reslice-measurements"},
                    "FormatVersion": {"const": 1},
                    "Measurements": said(
                        {"type": "array", "items": {}, "maxItems": 2000}, "As they were exported; what is none is told"
                    ),
                },
                is_open=True,
            ),
            shape("A structured report", {"Instance": ORTHANC_ID}),
        ],
    },
    "ImportOutcome": shape(
        "What became of each measurement",
        {
            "Study": ORTHANC_ID,
            "Created": listed(UUID),
            "Existing": listed(UUID),
            "Skipped": SKIPPED,
            "Warnings": listed(TEXT),
        },
    ),
    "Report": shape(
        "The structured report that was written",
        {"Study": ORTHANC_ID, "Instance": ORTHANC_ID, "Path": TEXT, "Count": WHOLE, "Skipped": SKIPPED},
    ),
}
