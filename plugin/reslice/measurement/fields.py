"""Numbers, points and texts of a body, each read strictly: a fault has our reason as its type."""

import math
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_pascal
from pydantic_core import PydanticCustomError

LONGEST_LABEL, LONGEST_DESCRIPTION = 256, 4096
LONGEST_CODE = 64
LARGEST_COORDINATE = 1e6
"""mm or pixels: nothing in a patient is further away."""
LARGEST_VALUE = 1e9
"""Of a range, in modality units."""


def fault(reason: str, message: str) -> PydanticCustomError:
    """An error whose type is our reason; braces in the message would be taken for a template."""
    return PydanticCustomError(reason, "{sentence}", {"sentence": message})


def _number(value: object) -> float:
    """A JSON number; a boolean or a text is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault("bad-number", "A number is needed here")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise fault("bad-number", "A finite number is needed here")
    return number


def _whole(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault("bad-number", "A whole number is needed here")
    return value


def _within(limit: float) -> AfterValidator:
    def check(number: float) -> float:
        if abs(number) > limit:
            raise fault("bad-number", f"The number is beyond {limit:g}")
        return number

    return AfterValidator(check)


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise fault("bad-value", "A text is needed here")
    if len(value) > longest:
        raise fault("text-too-long", f"The text is longer than {longest} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise fault("control-character", "The text holds control characters, or halves of characters")
    return value


def _point(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or len(value) not in (2, 3):
        raise fault("bad-value", "A point is a list of two or three numbers")
    numbers = tuple(_number(part) for part in value)
    if max(map(abs, numbers)) > LARGEST_COORDINATE:
        raise fault("bad-number", f"The number is beyond {LARGEST_COORDINATE:g}")
    return numbers


def _filled(value: str) -> str:
    if not value.strip():
        raise fault("bad-value", "A text that isn't empty is needed here")
    return value


def _bounded(limit: float) -> WithJsonSchema:
    """How a number within a limit reads in a schema."""
    return WithJsonSchema({"type": "number", "minimum": -limit, "maximum": limit})


def _long(longest: int, least: int = 0) -> WithJsonSchema:
    """How a text of a limited length reads in a schema."""
    return WithJsonSchema({"type": "string", "minLength": least, "maxLength": longest})


COORDINATE_SCHEMA = {"type": "number", "minimum": -LARGEST_COORDINATE, "maximum": LARGEST_COORDINATE}
POINT_SCHEMA = {"type": "array", "items": COORDINATE_SCHEMA, "minItems": 2, "maxItems": 3}

Number = Annotated[float, BeforeValidator(_number)]
Coordinate = Annotated[Number, _within(LARGEST_COORDINATE), _bounded(LARGEST_COORDINATE)]
Bound = Annotated[Number, _within(LARGEST_VALUE), _bounded(LARGEST_VALUE)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=999_999)]
Point = Annotated[tuple[float, ...], BeforeValidator(_point), WithJsonSchema(POINT_SCHEMA)]
Vector = tuple[Coordinate, Coordinate, Coordinate]
Label = Annotated[str, BeforeValidator(lambda value: _text(value, LONGEST_LABEL)), _long(LONGEST_LABEL)]
Description = Annotated[
    str, BeforeValidator(lambda value: _text(value, LONGEST_DESCRIPTION)), _long(LONGEST_DESCRIPTION)
]
Meaning = Annotated[
    str, BeforeValidator(lambda value: _text(value, LONGEST_LABEL)), AfterValidator(_filled), _long(LONGEST_LABEL, 1)
]
CodeText = Annotated[
    str, BeforeValidator(lambda value: _text(value, LONGEST_CODE)), AfterValidator(_filled), _long(LONGEST_CODE, 1)
]
OrthancId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{8}){4}$")]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class Body(BaseModel):
    """A part of a body: frozen, CamelCase in JSON, unknown keys refused, nothing converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_pascal)
