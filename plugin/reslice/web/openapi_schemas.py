"""Schemas of answers about the server, its work list, series, volumes and errors."""

from collections.abc import Mapping

from reslice.measurement.tools import TOOLS
from reslice.web.openapi_parameters import ORTHANC_ID
from reslice.web.openapi_words import (
    AFFINE,
    FLAG,
    FUNCTION,
    GAPS,
    LATTICE,
    NUMBER,
    PART,
    POINT,
    TEXT,
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

TYPE = one_of("int16", "float32", "uint8")
LOAD_STATUS = one_of("absent", "loading", "ready")
FAILURE = shape("Why it came to nothing", {"Reason": TEXT, "Details": TEXT})

SERVER: Mapping[str, Schema] = {
    "Problem": shape(
        "An error in Orthanc's shape; errors of parameters tell Parameter, Value and Allowed",
        {
            "HttpStatus": {"type": "integer"},
            "HttpError": TEXT,
            "Message": TEXT,
            "Details": said(TEXT, "A sentence for people"),
            "Reason": said({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}, "Stable, for programs"),
            "Method": TEXT,
            "Uri": TEXT,
            "OrthancError": TEXT,
            "OrthancStatus": {"type": "integer"},
            "Parameter?": TEXT,
            "Value?": TEXT,
            "Allowed?": {"anyOf": [TEXT, listed(TEXT)]},
        },
        is_open=True,
    ),
    "Nothing": shape("Nothing", {}),
    "PageData": shape("A file in JSON among those of our pages", {}, is_open=True),
    "OpenApi": shape(
        "This document", {"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}}, is_open=True
    ),
    "Server": shape(
        "What this server is",
        {
            "Name": TEXT,
            "Version": TEXT,
            "Orthanc": shape("The server around it", {"Name": TEXT, "Version": TEXT, "PythonPlugin": TEXT}),
            "Python": shape("What it runs on", {"Version": TEXT, "NumPy": TEXT}),
            "Capabilities": shape(
                "What it can do",
                {
                    **dict.fromkeys(("Formats", "Animations", "Grids", "Planes", "Projections"), listed(TEXT)),
                    **dict.fromkeys(("Interpolations", "RenderingMethods"), listed(TEXT)),
                    "Decoders": said(by_name(FLAG), "Transfer syntaxes, and whether a decoder is at hand"),
                    "CompiledKernels": FLAG,
                    "Storage": TEXT,
                    "Measurements": shape(
                        "Of measurements",
                        {
                            "Types": listed(one_of(*TOOLS)),
                            "Exports": listed(TEXT),
                            "Writes": one_of("sdk", "loopback", "unavailable"),
                        },
                    ),
                },
                is_open=True,
            ),
            "Limits": said(by_name(WHOLE), "What is refused beyond"),
            "Links": said(by_name(TEXT), "Where to go on"),
        },
    ),
    "Health": shape(
        "Whether pictures can be served",
        {
            "Status": one_of("healthy", "degraded"),
            "Checks": listed(
                shape("One part", {"Name": TEXT, "Status": one_of("healthy", "degraded"), "Details": TEXT})
            ),
        },
    ),
    "Cache": shape(
        "The volumes in memory",
        {
            "BudgetMB": NUMBER,
            "UsedMB": NUMBER,
            "Volumes": listed(
                shape(
                    "One of them",
                    {
                        "Series": ORTHANC_ID,
                        "Index": WHOLE,
                        "Shape": LATTICE,
                        "Type": TYPE,
                        "MB": NUMBER,
                        "AgeSeconds": NUMBER,
                        "Hits": WHOLE,
                    },
                )
            ),
            "Hits": WHOLE,
            "Misses": WHOLE,
            "Evictions": WHOLE,
        },
    ),
    "Dropped": shape("How many volumes have left the memory", {"Dropped": WHOLE}),
}

VOLUMES: Mapping[str, Schema] = {
    "Warning": shape(
        "What a picture isn't telling; some reasons have facts of their own",
        {"Reason": TEXT, "Details": TEXT},
        is_open=True,
    ),
    "Window": shape(
        "How modality values become grey",
        {
            "Center": NUMBER,
            "Width": NUMBER,
            "Function": FUNCTION,
            "Invert": FLAG,
            "Source": TEXT,
            "Explanation?": TEXT,
        },
    ),
    "Preset": shape(
        "A named window",
        {
            "Name": TEXT,
            "Center": NUMBER,
            "Width": NUMBER,
            "Function": FUNCTION,
            "Explanation?": TEXT,
            "Unit?": TEXT,
        },
    ),
    "Suv": shape(
        "The factor to standardised uptake values, or why there is none",
        {"Factor?": NUMBER, "Unit?": TEXT, "Reason?": TEXT},
    ),
    "Volume": shape(
        "A volume of a series",
        {
            "Index": WHOLE,
            "Label": said(TEXT, "What tells it from the others"),
            "Shape": LATTICE,
            "Spacing": GAPS,
            "Affine": AFFINE,
            "Regular": said(FLAG, "Whether its slices are evenly spaced"),
            "Orientation": one_of("axial", "coronal", "sagittal", "oblique"),
            "FrameOfReferenceUID": or_null(TEXT),
            "Positions": said(listed(NUMBER), "Millimetres along the normal"),
            "Origins": said(listed(POINT), "The first voxel's centre of each slice"),
            "Type": TYPE,
            "Unit": TEXT,
            "Bytes": WHOLE,
            "Range": or_null(said(so_many(2, NUMBER), "Least and largest value; null before it is loaded")),
            "Suv": or_null(ref("Suv")),
            "Window": or_null(ref("Window")),
            "Presets": listed(ref("Preset")),
            "Status": LOAD_STATUS,
            "Progress": PART,
            "Failure?": FAILURE,
            "Warnings": listed(ref("Warning")),
        },
    ),
    "Stack": shape(
        "Frames that form no volume",
        {
            "Index": WHOLE,
            "FrameCount": WHOLE,
            "Reason": TEXT,
            "Details": TEXT,
            "Unit": TEXT,
            "Suv": or_null(ref("Suv")),
        },
    ),
    "Other": shape(
        "An instance without frames", {"Instance": ORTHANC_ID, "SOPClassUID": TEXT, "Reason": TEXT, "Details": TEXT}
    ),
}

OF_A_SERIES: Mapping[str, Schema] = {
    "Series": ORTHANC_ID,
    "Modality": TEXT,
    "Volumes": listed(ref("Volume")),
    "Stacks": listed(ref("Stack")),
    "Others": listed(ref("Other")),
}

SERIES: Mapping[str, Schema] = {
    "SeriesVolumes": shape("What a series holds", OF_A_SERIES),
    "StudyVolumes": shape(
        "What all series of a study hold",
        {
            "Study": ORTHANC_ID,
            "Series": listed(
                shape(
                    "One of them",
                    {
                        **OF_A_SERIES,
                        "SeriesNumber": {"type": "integer"},
                        "InstanceCount": WHOLE,
                        "MeasurementCount": WHOLE,
                        "Thumbnail": TEXT,
                    },
                )
            ),
        },
    ),
    "Loading": shape(
        "How far loading has come",
        {
            "Series": ORTHANC_ID,
            "Status": one_of("loading", "ready"),
            "Progress": PART,
            "Volumes": listed(
                shape("One volume", {"Index": WHOLE, "Status": LOAD_STATUS, "Progress": PART, "Failure?": FAILURE})
            ),
        },
    ),
    "Slices": shape(
        "The frames of a series in display order",
        {
            "Series": ORTHANC_ID,
            "Count": WHOLE,
            "Slices": listed(
                shape(
                    "One frame; it belongs to a volume or to a stack",
                    {
                        "Index": WHOLE,
                        "Instance": ORTHANC_ID,
                        "Frame": WHOLE,
                        "Position": or_null(POINT),
                        "Labels": or_null(
                            shape("What lies at each edge", dict.fromkeys(("Left", "Right", "Top", "Bottom"), TEXT))
                        ),
                        "Laterality": or_null(TEXT),
                        "ViewPosition": or_null(TEXT),
                        "Volume": or_null(WHOLE),
                        "Stack": or_null(WHOLE),
                        "Url": TEXT,
                    },
                )
            ),
        },
    ),
    "Probe": shape(
        "The value at a point of the patient",
        {
            "Series": ORTHANC_ID,
            "Volume": WHOLE,
            "Point": POINT,
            "Interpolation": one_of("nearest", "linear"),
            "Value": or_null(NUMBER),
            "Unit": TEXT,
            "Suv": or_null(
                shape("The same as SUV, or why not", {"Value?": or_null(NUMBER), "Unit?": TEXT, "Reason?": TEXT})
            ),
            "Index": or_null(said(so_many(3, WHOLE), "Slice, row and column of the nearest voxel")),
            "Centre": or_null(POINT),
            "Instance": or_null(ORTHANC_ID),
            "Frame": or_null(WHOLE),
            "Reason?": said(TEXT, "Why there is no value"),
        },
    ),
}
