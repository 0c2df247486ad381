"""Parameters of a query and of a path as OpenAPI describes them: limits from the models, meanings from a table."""

import re
from collections.abc import Mapping
from typing import Any

from reslice.archive import port
from reslice.settings import Settings
from reslice.web.openapi_words import Schema, as_schema
from reslice.web.parameters import Parameters
from reslice.web.planes import NAMES

ORTHANC_ID: Schema = {"type": "string", "pattern": f"^{port.ORTHANC_ID}$"}
UUID: Schema = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
NUMBER_OF_A_PATH: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}

EXAMPLE_ID = "b9c08539-26f93bde-c81ab0d7-bffaf2cb-a4d0bdd0"
EXAMPLE_UUID = "3f2c9a52-6d1b-4b8e-9a57-0c2f6a1d7e10"

PATH_PARTS: Mapping[str, tuple[str, Schema, Any]] = {
    "id": ("The Orthanc identifier", ORTHANC_ID, EXAMPLE_ID),
    "k": ("Which volume of the series, counted from 0", NUMBER_OF_A_PATH, 0),
    "n": ("Which frame of the series in display order, counted from 0", NUMBER_OF_A_PATH, 0),
    "plane": ("Which way the plane lies", {"type": "string", "enum": list(NAMES)}, "axial"),
    "uuid": ("The Id of the measurement", UUID, EXAMPLE_UUID),
    "file": ("The name of the file", {"type": "string", "minLength": 1}, None),
}
"""What the placeholders of templates stand for: a meaning, a schema, an example."""
FILES = {"viewer": "index.html", "docs": "index.html"}
"""An example of the files below /reslice."""

LEVELS = {"patients": "patient", "studies": "study", "series": "series", "instances": "instance"}

MEANINGS: Mapping[str, tuple[str, Any]] = {
    "animationrate": ("How fast it moves", 10),
    "animationstepsize": ("By how much it turns from frame to frame", 60),
    "axes": ("Whether planes lie along the patient's axes or along the volume's own", "volume"),
    "background": ("The colour behind the volume", "202830"),
    "box": ("The part of the patient that is shown", "-1000,-1000,-1000,1000,1000,1000"),
    "center": ("A point that the oblique plane passes through, LPS", "0,0,0"),
    "column": ("The direction down a column of the oblique plane, LPS", "0,1,0"),
    "date": ("Study dates: one day or a range", "20200101-20291231"),
    "format": ("The form of the answer; it beats the Accept header", None),
    "fraction": ("Where the plane lies, from the first index to the last", 0.25),
    "gaps": ("Whether missing slices stay without data or are blended across", "interpolate"),
    "height": ("Pixels down", 48),
    "index": ("Where the plane lies, counted in voxels", 1),
    "interpolation": ("How values between voxels are made", "nearest"),
    "invert": ("Whether dark and bright change places", True),
    "label": ("Only measurements with this label", "Lesion 1"),
    "limit": ("How many are told at most", 10),
    "max-size": ("The longest side; more voxels are averaged to fewer", 16),
    "modality": ("Only studies with a series of this modality", "CT"),
    "normal": ("The direction of the oblique plane, LPS", "1,1,0.5"),
    "order-by": ("In which order they are told", None),
    "orientation": ("From where the volume is seen: front, back, right, left, head, feet", "a"),
    "overlays": ("Whether the file's overlays are drawn", True),
    "patient": ("Only studies of this patient", None),
    "pixel-spacing": ("The size of a pixel", 2),
    "point": ("The point of the patient, LPS", "0,0,0"),
    "position": ("Where the plane lies: its LPS coordinate; of an oblique one the way along its normal", 3.5),
    "preset": ("A window or a transfer function by its name", None),
    "projection": ("What becomes of a slab: its maximum, minimum or mean", "mip"),
    "quality": ("Of JPEG and WebP", 80),
    "region": ("The part of the picture that is answered", "1,2,8,6"),
    "renderingmethod": ("What becomes of each ray", "maximum_ip"),
    "resample": ("Whether unevenly spaced slices are evened", True),
    "row": ("The direction along a row of the oblique plane, LPS", "1,0,0"),
    "search": ("Only those whose name, identifier, accession number or description holds this", "brain"),
    "series": ("The Orthanc identifier of a series", EXAMPLE_ID),
    "shutter": ("Whether what lies outside the file's display shutter is hidden", True),
    "since": ("How many are passed over", 1),
    "size": ("The longer side of the thumbnail", 64),
    "slab-thickness": ("How thick a slab becomes one picture", 10),
    "study": ("The Orthanc identifier of a study", EXAMPLE_ID),
    "swivelrange": ("How far it turns; without it the picture stands still", 360),
    "type": ("Only measurements of this type", "distance"),
    "unit": ("As the files give values, or as standardised uptake (PET)", "stored"),
    "up": ("What is up on the oblique plane, LPS", "0,0,1"),
    "viewpointlookat": ("The point that is looked at", "0,0,0"),
    "viewpointposition": ("Where the eye is", "0,-500,0"),
    "viewpointup": ("What is up", "0,0,1"),
    "viewport": ("The size of the picture", "64,48"),
    "voi-function": ("How values within the window become grey (PS3.3 C.11.2.1)", "LINEAR_EXACT"),
    "volume": ("Which volume of the series", 0),
    "width": ("Pixels across", 64),
    "window": ("The display window", "40,400"),
    "window-center": ("The middle of the display window", 40),
    "window-width": ("The width of the display window", 400),
    "VoxelParameters.type": ("The type of the voxels; uint8 is through the window", "uint8"),
}
"""What each parameter means, and an example: of all groups, unless a group has its own."""


def query_parameters(group: type[Parameters], settings: Settings) -> list[Schema]:
    """All parameters of a group."""
    described = group.model_json_schema(by_alias=True)
    required = described.get("required", ())
    properties = described.get("properties", {})
    return [_query_parameter(group, n, s, settings, required=n in required) for n, s in properties.items()]


def _query_parameter(
    group: type[Parameters], name: str, given: Schema, settings: Settings, *, required: bool
) -> Schema:
    meaning, example = MEANINGS.get(f"{group.__name__}.{name}") or MEANINGS.get(name, ("", None))
    schema = _plain(given)
    takes = schema.pop("description", "")
    _limit(name, schema, settings)
    parameter: Schema = {"name": name, "in": "query", "required": required}
    parameter["description"] = ": ".join(part for part in (meaning, takes) if part)
    parameter["schema"] = schema
    if example is not None:
        parameter["example"] = example
    return parameter


def _plain(given: Schema) -> Schema:
    """The schema of what may be sent: a parameter that isn't there isn't sent as null."""
    schema: Schema = as_schema(given)
    choices = schema.pop("anyOf", [])
    for choice in choices:
        schema |= {} if choice == {"type": "null"} else choice
    if schema.get("default", "") is None:
        del schema["default"]
    if schema.get("type") == "integer":
        schema.setdefault("maximum", NUMBER_OF_A_PATH["maximum"])
    return schema


def _limit(name: str, schema: Schema, settings: Settings) -> None:
    """Put in what the settings decide."""
    if name in ("width", "height"):
        schema["maximum"] = settings.largest_side
    elif name == "size":
        schema["default"] = settings.thumbnail_size


def path_parameters(template: str) -> list[Schema]:
    """Those of a template, in its order."""
    return [_path_parameter(template, name) for name in re.findall(r"\{(\w+)\}", template)]


def _path_parameter(template: str, name: str) -> Schema:
    meaning, schema, example = PATH_PARTS[name]
    level = template.split("/")[1]
    if name == "id":
        meaning = f"{meaning} of the {LEVELS[level]}"
    if name == "file":
        example = FILES.get(template.split("/")[2])
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": meaning,
        "schema": schema,
        "example": example,
    }
