"""Query parameters as frozen, typed groups. Unknown and unusable ones are refused, never ignored."""

import math
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.fields import FieldInfo

from reslice.errors import BadParameter
from reslice.imaging.plane import RequestedSize
from reslice.imaging.voi import LARGEST_VALUE, LEAST_WIDTH

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
NUMBER_PATTERN = " *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *"
WHOLE_PATTERN = "[+-]?[0-9]{1,9}"
"""The same two in the dialect of schemas, with the blanks that are passed over."""
FARTHEST = 1e6
"""Millimetres: no coordinate lies farther from the patient's origin."""
LONGEST_NUMBER = 42
"""Characters of one of several numbers."""
LONGEST_INDEX = 9
"""Digits of a number in a path."""
THICKEST = 1e4
"""Millimetres of a slab: longer than any patient."""
METHOD_OVERRIDE = "_method"
"""Orthanc's way to give a method in the query: it has already been obeyed when the request comes here."""


def _number_in(text: str) -> float:
    """A raw `+` before a number arrives as a blank on some builds of Orthanc."""
    stripped = text.strip(" ")
    if not NUMBER.fullmatch(stripped) or not math.isfinite(float(stripped)):
        raise ValueError("not a finite decimal number")
    return float(stripped)


def _number(value: object) -> object:
    return _number_in(value) if isinstance(value, str) else value


def _whole_number(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip(" ")
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError("not a whole number")
    return int(text)


def _flag(value: object) -> object:
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise ValueError("neither true nor false")


def _region(value: object) -> object:
    parts = str(value).split(",")
    if len(parts) != 4 or not all(WHOLE_NUMBER.fullmatch(part) for part in parts):
        raise ValueError("not four whole numbers")
    return tuple(int(part) for part in parts)


def numbers_of(value: object, count: int, most: float = FARTHEST) -> tuple[float, ...]:
    """So many numbers, separated by commas, none of them larger than `most`. Raises ValueError."""
    text = str(value)
    parts = text.split(",") if len(text) <= LONGEST_NUMBER * count else []
    if len(parts) != count:
        raise ValueError(f"not {count} numbers")
    numbers = tuple(_number_in(part) for part in parts)
    if any(abs(number) > most for number in numbers):
        raise ValueError("too large a number")
    return numbers


def _triple(value: object) -> object:
    return numbers_of(value, 3)


def so_many(count: int, number: str = NUMBER_PATTERN) -> WithJsonSchema:
    """How so many numbers, separated by commas, read in a schema.

    As one text: many generated clients send a list as a repeated parameter, of which Orthanc keeps the last.
    """
    return WithJsonSchema({"type": "string", "pattern": f"^{number}(,{number}){{{count - 1}}}$"})


Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Region = Annotated[tuple[int, int, int, int], BeforeValidator(_region), so_many(4, WHOLE_PATTERN)]
Triple = Annotated[tuple[float, float, float], BeforeValidator(_triple), so_many(3)]

Millimetres = Annotated[Number, Field(ge=-FARTHEST, le=FARTHEST)]
GreyValue = Annotated[Number, Field(ge=-LARGEST_VALUE, le=LARGEST_VALUE)]


def index_in(part: str) -> int | None:
    """The number, 0 or more, that a part of a path is; None where it is none."""
    is_number = part.isascii() and part.isdigit() and len(part) <= LONGEST_INDEX
    return int(part) if is_number else None


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Parameters(BaseModel):
    """A group of query parameters; field names in kebab case."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_kebab)


class NoParameters(Parameters):
    """A route without parameters."""


class PageParameters(Parameters):
    """What the address of the viewer page says: the page reads it, in the browser, and whatever else it knows."""

    model_config = ConfigDict(extra="ignore")

    study: str | None = Field(None, description="the Orthanc identifier of a study")
    series: str | None = Field(None, description="the Orthanc identifier of a series")


class WindowParameters(Parameters):
    """How modality values become grey."""

    window_center: GreyValue | None = Field(None, description="a number from -1e9 to 1e9, modality units")
    window_width: Annotated[Number, Field(ge=LEAST_WIDTH, le=LARGEST_VALUE)] | None = Field(
        None, description="a number from 1e-6 to 1e9 (at least 1 for LINEAR), modality units"
    )
    voi_function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] | None = None
    preset: str | None = Field(None, description="a preset of the modality, one of the image's own, or auto")
    invert: Flag = Field(False, description="true or false")


class SizeParameters(Parameters):
    """How large an image is."""

    width: Annotated[Whole, Field(ge=1)] | None = Field(None, description="a whole number of pixels, 1 or more")
    height: Annotated[Whole, Field(ge=1)] | None = Field(None, description="a whole number of pixels, 1 or more")
    pixel_spacing: Annotated[Number, Field(ge=1e-3, le=1e3)] | None = Field(
        None, description="a number of millimetres from 0.001 to 1000"
    )
    region: Region | None = Field(None, description="x,y,w,h in whole pixels of the image")

    @property
    def size(self) -> RequestedSize:
        """The requested size."""
        return RequestedSize(self.width, self.height, self.pixel_spacing)


class FormatParameters(Parameters):
    """In which form an image is answered."""

    format: Literal["png", "jpeg", "webp", "raw", "npy"] | None = None
    quality: Annotated[Whole, Field(ge=1, le=100)] | None = Field(None, description="a whole number from 1 to 100")


class UnitParameters(Parameters):
    """In which unit values are answered."""

    unit: Literal["stored", "suv"] = "stored"


class SliceParameters(UnitParameters, WindowParameters, SizeParameters, FormatParameters):
    """Of one stored frame."""

    interpolation: Literal["linear", "nearest"] = "linear"
    overlays: Flag = Field(False, description="true or false")
    shutter: Flag = Field(False, description="true or false")


class DirectionParameters(Parameters):
    """Which way an oblique plane faces, and what it passes through (LPS)."""

    center: Triple | None = Field(None, description="x,y,z in millimetres, each from -1e6 to 1e6")
    normal: Triple | None = Field(None, description="x,y,z, not all 0: the direction away from the viewer")
    up: Triple | None = Field(None, description="x,y,z, not along the normal")
    row: Triple | None = Field(None, description="x,y,z of length 1, with column")
    column: Triple | None = Field(None, description="x,y,z of length 1, at a right angle to row")


class SlabParameters(Parameters):
    """How thick a section is, and what becomes one value."""

    slab_thickness: Annotated[Number, Field(gt=0, le=THICKEST)] | None = Field(
        None, description="a number of millimetres over 0, up to 10000"
    )
    projection: Literal["mip", "minip", "mean"] | None = None


class PlaneParameters(
    SlabParameters, DirectionParameters, UnitParameters, WindowParameters, SizeParameters, FormatParameters
):
    """Of a plane through a volume."""

    volume: Annotated[Whole, Field(ge=0)] = Field(0, description="a whole number, 0 or more")
    axes: Literal["patient", "volume"] = "patient"
    interpolation: Literal["linear", "nearest", "cubic"] = "linear"
    position: Millimetres | None = Field(None, description="a number of millimetres from -1e6 to 1e6")
    index: Annotated[Whole, Field(ge=0)] | None = Field(None, description="a whole number, 0 or more")
    fraction: Annotated[Number, Field(ge=0, le=1)] | None = Field(None, description="a number from 0 to 1")
    gaps: Literal["show", "interpolate"] = "show"


class ProbeParameters(UnitParameters):
    """Of the value at a point of the patient."""

    point: Triple = Field(description="x,y,z in millimetres, each from -1e6 to 1e6")
    volume: Annotated[Whole, Field(ge=0)] = Field(0, description="a whole number, 0 or more")
    interpolation: Literal["nearest", "linear"] = "nearest"
    gaps: Literal["show", "interpolate"] = "show"


class MeasurementParameters(Parameters):
    """Of a list of measurements."""

    type: Literal["distance", "angle", "area", "volume", "hu"] | None = None
    series: str | None = Field(None, max_length=64, description="the Orthanc identifier of a series")
    label: str | None = Field(None, max_length=256, description="a label, letter by letter")
    since: Annotated[Whole, Field(ge=0)] = Field(0, description="a whole number, 0 or more")
    limit: Annotated[Whole, Field(ge=1, le=2000)] = Field(2000, description="a whole number from 1 to 2000")


ExportFormat = Literal["json", "csv", "xlsx", "sr"]


class ExportParameters(Parameters):
    """Of an export."""

    format: ExportFormat = "json"


class ThumbnailParameters(Parameters):
    """Of a thumbnail."""

    size: Annotated[Whole, Field(ge=16, le=1024)] | None = Field(
        None, description="a whole number of pixels from 16 to 1024"
    )
    format: Literal["png", "jpeg", "webp"] | None = None
    quality: Annotated[Whole, Field(ge=1, le=100)] | None = Field(None, description="a whole number from 1 to 100")


Group = TypeVar("Group", bound=Parameters)


def parse(group: type[Group], query: Mapping[str, str], pass_through: Collection[str] = ()) -> Group:
    """The parameters of a query. Raises BadParameter for the first that can't be used."""
    ignored = {*pass_through, METHOD_OVERRIDE, ""}
    ours = {name: value for name, value in query.items() if name not in ignored}
    try:
        return group.model_validate(ours)
    except ValidationError as error:
        raise _refusal(group, error, ours) from None


def _refusal(group: type[Parameters], error: ValidationError, query: Mapping[str, str]) -> BadParameter:
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0])
    value = query.get(name, "")
    if problem["type"] == "extra_forbidden":
        names = sorted(_kebab(field) for field in group.model_fields) or "none"
        return BadParameter(name[:64], value, names, "There is no such parameter here", reason="unknown-parameter")
    allowed = _allowed(group.model_fields[name.replace("-", "_")])
    return BadParameter(name, value, allowed, f"The value of {name} can't be used")


def _allowed(field: FieldInfo) -> str | list[str]:
    """What a field takes: its choices, or its sentence."""
    choices = _choices(field.annotation)
    return choices or str(field.description)


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [choice for part in get_args(annotation) for choice in _choices(part)]
