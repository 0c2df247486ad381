"""The codes of measurement reports: concepts (PS3.16 annex D, TID 1500, 1501, 300), values, units and tools."""

from collections.abc import Mapping
from types import MappingProxyType

from reslice.dicom.report_items import Code

PRODUCT = "Reslice for Orthanc"
OWN_SCHEME = "99RESLICE"
"""For the few concepts that no standard scheme codes."""

REPORT = Code("DCM", "126000", "Imaging Measurement Report")
MEASUREMENTS = Code("DCM", "126010", "Imaging Measurements")
DERIVED_MEASUREMENTS = Code("DCM", "126011", "Derived Imaging Measurements")
GROUP = Code("DCM", "125007", "Measurement Group")
TRACKING_IDENTIFIER = Code("DCM", "112039", "Tracking Identifier")
TRACKING_UID = Code("DCM", "112040", "Tracking Unique Identifier")
FINDING = Code("DCM", "121071", "Finding")
FINDING_SITE = Code("SCT", "363698007", "Finding Site")
COMMENT = Code("DCM", "121106", "Comment")
DESCRIPTION = Code(OWN_SCHEME, "description", "Description")
METHOD = Code("SCT", "370129005", "Measurement Method")
DERIVATION = Code("DCM", "121401", "Derivation")

LANGUAGE = Code("DCM", "121049", "Language of Content Item and Descendants")
ENGLISH = Code("RFC5646", "en", "English")
PROCEDURE_REPORTED = Code("DCM", "121058", "Procedure reported")
IMAGING_PROCEDURE = Code("SCT", "363679005", "Imaging procedure")
OBSERVER_TYPE = Code("DCM", "121005", "Observer Type")
PERSON = Code("DCM", "121006", "Person")
DEVICE = Code("DCM", "121007", "Device")
PERSON_NAME = Code("DCM", "121008", "Person Observer Name")
LOGIN_NAME = Code("DCM", "128774", "Person Observer's Login Name")
DEVICE_UID = Code("DCM", "121012", "Device Observer UID")
DEVICE_NAME = Code("DCM", "121013", "Device Observer Name")
DEVICE_MANUFACTURER = Code("DCM", "121014", "Device Observer Manufacturer")
DEVICE_MODEL = Code("DCM", "121015", "Device Observer Model Name")
LIBRARY = Code("DCM", "111028", "Image Library")
LIBRARY_GROUP = Code("DCM", "126200", "Image Library Group")
LIBRARY_IMAGE = Code("DCM", "121324", "Source image")
EVALUATIONS = Code("UMLS", "C0034375", "Qualitative Evaluations")

PATH = Code("DCM", "121055", "Path")
AREA_OUTLINE = Code("DCM", "121056", "Area outline")
SOURCE_OF_MEASUREMENT = Code("DCM", "121112", "Source of Measurement")
SOURCE = Code("SCT", "260753009", "Source")
"""Of the image that a region was drawn on."""

COBB_ANGLE = Code("SCT", "285285000", "Cobb angle")
LENGTH = Code("SCT", "410668003", "Length")
AREA = Code("SCT", "42798000", "Area")
MEAN = Code("SCT", "373098007", "Mean")
DEVIATION = Code("SCT", "386136009", "Standard Deviation")
MINIMUM = Code("SCT", "255605001", "Minimum")
MAXIMUM = Code("SCT", "56851009", "Maximum")
MEDIAN = Code("SCT", "373099004", "Median")
ATTENUATION = Code("DCM", "112031", "Attenuation Coefficient")
SUV_BW = Code("DCM", "126401", "SUVbw")

VALUES: Mapping[str, tuple[Code, Code | None]] = MappingProxyType(
    {
        "Length": (LENGTH, None),
        "Angle": (Code("SCT", "1483009", "Angle"), None),
        "Supplement": (Code(OWN_SCHEME, "supplement", "Supplement"), None),
        "Area": (AREA, None),
        "Perimeter": (Code("SCT", "131191004", "Perimeter"), None),
        "Radius": (Code("SCT", "131190003", "Radius"), None),
        "Volume": (Code("SCT", "118565006", "Volume"), None),
        "Value": (Code(OWN_SCHEME, "value", "Value"), None),
        "Mean": (MEAN, None),
        "StandardDeviation": (DEVIATION, None),
        "Minimum": (MINIMUM, None),
        "Maximum": (MAXIMUM, None),
        "Median": (MEDIAN, None),
        "Percentile5": (Code(OWN_SCHEME, "percentile-5", "5th percentile"), None),
        "Percentile95": (Code(OWN_SCHEME, "percentile-95", "95th percentile"), None),
        "Count": (Code(OWN_SCHEME, "count", "Count"), None),
        "SUVbwValue": (SUV_BW, None),
        "SUVbwMean": (SUV_BW, MEAN),
        "SUVbwStandardDeviation": (SUV_BW, DEVIATION),
        "SUVbwMinimum": (SUV_BW, MINIMUM),
        "SUVbwMaximum": (SUV_BW, MAXIMUM),
        "SUVbwMedian": (SUV_BW, MEDIAN),
    }
)
"""The concept of each value, and its derivation (TID 300). OHIF knows the statistics by the meaning of the concept."""

READ_NAMES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        **{(concept.scheme, concept.code): name for name, (concept, derived) in VALUES.items() if derived is None},
        (ATTENUATION.scheme, ATTENUATION.code): "Value",
        (COBB_ANGLE.scheme, COBB_ANGLE.code): "Angle",
        ("SRT", "G-D7FE"): "Length",
        ("SRT", "G-A166"): "Area",
        ("SRT", "G-D705"): "Volume",
        ("SRT", "R-00317"): "Mean",
        ("SRT", "R-10047"): "StandardDeviation",
        ("SRT", "R-404FB"): "Minimum",
        ("SRT", "G-A437"): "Maximum",
        ("SRT", "R-00319"): "Median",
    }
)
"""Values by scheme and code, those of older reports too (PS3.16 annex O)."""

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        **{concept.meaning.lower(): name for name, (concept, derived) in VALUES.items() if derived is None},
        COBB_ANGLE.meaning.lower(): "Angle",
    }
)
"""Values by meaning, for codes that aren't known."""

UNITS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mm": ("mm", "millimeter"),
        "deg": ("deg", "degree"),
        "mm2": ("mm2", "square millimeter"),
        "mm3": ("mm3", "cubic millimeter"),
        "cm3": ("cm3", "cubic centimeter"),
        "HU": ("[hnsf'U]", "Hounsfield unit"),
        "Bq/ml": ("Bq/ml", "Becquerels/milliliter"),
        "g/ml": ("g/ml{SUVbw}", "Standardized Uptake Value body weight"),
        "px": ("1", "px"),
        "px2": ("1", "px"),
        "1": ("1", "no units"),
    }
)
"""UCUM code and meaning of each unit; OHIF itself makes a square of `px` where the value is an area."""

READ_UNITS: Mapping[str, str] = MappingProxyType({code: unit for unit, (code, _) in UNITS.items() if code != "1"})
NO_UNIT_MEANINGS = frozenset({"", "1", "no units", "unity", "no unit"})

CORNERSTONE = "Cornerstone3DTools@^0.1.0:"
"""How the tracking identifiers begin by which OHIF knows what it can take over."""
OLD_CORNERSTONE = "cornerstoneTools@"
OWN_IDENTIFIER = "Reslice:"
"""How those of volumes begin: OHIF has no tool for them."""

IDENTIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "line": "Length",
        "polyline": "PlanarFreehandROI",  # whose outline OHIF takes as open where its ends differ
        "angle": "Angle",
        "cobb": "CobbAngle",
        "polygon": "PlanarFreehandROI",
        "rectangle": "RectangleROI",
        "ellipse": "EllipticalROI",
        "point": "Probe",
    }
)
"""OHIF's tool for each of ours."""

CORNERSTONE_TOOLS: Mapping[str, str] = MappingProxyType(
    {
        **{name: tool for tool, name in IDENTIFIERS.items() if tool != "polyline"},
        "FreehandRoi": "polygon",
        "FreehandROI": "polygon",
        "RectangleRoi": "rectangle",
        "EllipticalRoi": "ellipse",
        "CircleROI": "circle",
        "CircleRoi": "circle",
        "LivewireContour": "polygon",
        "SplineROI": "polygon",
    }
)
"""Our tool for each of OHIF's, old names too; a circle becomes an ellipse."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "line": "distance",
        "polyline": "distance",
        "angle": "angle",
        "cobb": "angle",
        "polygon": "area",
        "rectangle": "area",
        "ellipse": "area",
        "point": "hu",
        "threshold": "volume",
        "region": "volume",
        "polygons": "volume",
    }
)
"""The type of measurement that each tool makes."""

PRIMARY: Mapping[str, str] = MappingProxyType({"distance": "Length", "angle": "Angle", "area": "Area", "hu": "Value"})
"""The value that comes first in a group: OHIF shows the first number as the measurement's."""

METHODS: Mapping[str, Code] = MappingProxyType(
    {
        "threshold": Code(OWN_SCHEME, "threshold", "Voxels within a range"),
        "region": Code(OWN_SCHEME, "region", "Region grown from a seed"),
        "polygons": Code(OWN_SCHEME, "polygons", "Planimetry"),
    }
)
"""How a volume was found."""
OF_THE_REGION = Code(OWN_SCHEME, "of-the-region", "Of the region of the first number")
"""Of the further numbers of a region that is too long to be repeated."""
