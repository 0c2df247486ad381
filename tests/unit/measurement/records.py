"""Records of all five types as the server stores and answers them, and texts that spreadsheets stumble over."""

from typing import Any

STUDY, SERIES = "6816cb19-844d5aee-85245eba-28e841e6-2414fae2", "318603c5-03e8cffc-a82b6ee1-3ccd3c1e-18d7e3bb"

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "@SUM(1)",
    "+1",
    "-1+2",
    "\t=1",
    " =1+1",
    "\n=1",
    "\r=1",
    "\x00=1",
    "\u200b=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "\u22121+2",
    "harmless;=1+1",
    "harmless; -1+2",
    'harmless;"=1+1"',
    "two\n=lines",
    "=cmd|' /C calc'!A0",
    "'=1",
    'says "quoted", twice ""',
    "comma, semicolon; tab\tend",
    "line\nbreak",
    "carriage\r\nreturn",
    "\U0001f9e0 \U0001f469\u200d\u2695\ufe0f",
    "\u53f3\u80ba\u4e0a\u8449\u306e\u7d50\u7bc0",
    "<script>alert(1)</script> & </t></si>",
    "https://example.org/a",
    "mailto:a@example.org",
    "file:///etc/passwd",
    "internal:Summary!A1",
    "{=1+1}",
    "<b>rich</b>",
    "_x0041_",
    "00123",
    "1e5",
    "TRUE",
    "1/2",
    "2026-11-24",
    "#N/A",
    " both ends ",
    "x" * 4096,
)


def value(name: str, number: float, unit: str) -> dict[str, Any]:
    return {"Name": name, "Value": number, "Unit": unit, "Code": unit}


def record(**changes: Any) -> dict[str, Any]:
    """A distance on a slice of a volume, or what the changes make of it."""
    return {
        "Id": "2f1c9e0e-57b5-4d2c-9f63-0a7d7d1f0c11",
        "TrackingUID": "2.25.62690216411034366471302416373834288145",
        "Revision": 3,
        "Type": "distance",
        "Tool": "line",
        "Study": STUDY,
        "Series": SERIES,
        "Volume": 0,
        "Image": {"Instance": "b2d1a3b4-00000000-11111111-22222222-33333333", "Frame": 0},
        "Plane": None,
        "Geometry": {"Space": "LPS", "Points": [[-10.5, 0.1, 3], [20.25, 33.3, 3]]},
        "Label": "Lesion 1",
        "Description": "",
        "Finding": {"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"},
        "Site": None,
        "Values": [value("Length", 45.27431392126, "mm")],
        "Calibration": {"Source": "patient-geometry", "Spacing": [0.5, 0.5]},
        "Method": {"Version": 1},
        "InputsDigest": "0a" * 32,
        "RequestDigest": "0b" * 32,
        "Author": "anna",
        "CreatedAt": "2026-11-24T13:37:00.123Z",
        "UpdatedAt": "2026-11-25T01:02:03.000Z",
        "Stale": False,
        "Source": {
            "SOPInstanceUID": "1.2.840.1.5",
            "SeriesInstanceUID": "1.2.840.1",
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
            "FrameNumber": 1,
            "SliceIndex": 12,
        },
        **changes,
    }


COBB = record(
    Id="cobb", Type="angle", Tool="cobb", Values=[value("Angle", 12.5, "deg"), value("Supplement", 167.5, "deg")]
)
AREA = record(
    Id="area",
    Type="area",
    Tool="polygon",
    Label="-3.5",
    Author="",
    Values=[
        value("Area", 120.75, "mm2"),
        value("Perimeter", 44.1, "mm"),
        value("Count", 483, "1"),
        value("Mean", -71.03, "HU"),
        value("StandardDeviation", 12.1, "HU"),
        value("Minimum", -120.0, "HU"),
        value("Maximum", 3.0, "HU"),
        value("Median", -70.0, "HU"),
        value("Percentile5", -110.0, "HU"),
        value("Percentile95", -1.5, "HU"),
    ],
)
VOLUME = record(
    Id="volume",
    Type="volume",
    Tool="polygons",
    Image=None,
    Source={"SeriesInstanceUID": "1.2.840.1"},
    Geometry={
        "Space": "LPS",
        "Shape": "polygons",
        "Polygons": [[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 0, 1], [0, 1, 1]]],
        "Range": [-100, 200.5],
        "Seed": None,
    },
    Values=[value("Volume", 12500.0, "mm3"), value("Volume", 12.5, "cm3"), value("Count", 4000, "1")],
)
UPTAKE = record(
    Id="hu",
    Type="hu",
    Tool="point",
    Stale=True,
    Values=[
        value("Value", 5230.5, "Bq/ml"),
        value("Mean", 5100.0, "Bq/ml"),
        value("SUVbwValue", 2.1, "g/ml"),
        value("SUVbwMean", 2.05, "g/ml"),
        value("SUVbwMaximum", 3.5, "g/ml"),
    ],
)
PIXELS = record(
    Id="px",
    Series="other",
    Author="boris",
    Values=[value("Length", 300.5, "px")],
    Calibration={"Source": "none", "Spacing": None, "Warning": "The image tells no spacing"},
    Geometry={"Space": "pixel", "Points": [[0, 0], [300.5, 0]]},
    UpdatedAt="2026-12-01T00:00:00.000Z",
)
ALL = (record(), COBB, AREA, VOLUME, UPTAKE, PIXELS)
