"""Query parameters of renderings: the keys of DICOM's volumetric rendering (PS3.18 8.3.5.3), and ours beside them."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from reslice.imaging.voi import LARGEST_VALUE, LEAST_WIDTH, VoiFunction
from reslice.web.parameters import (
    NUMBER_PATTERN,
    Flag,
    Number,
    Parameters,
    Triple,
    UnitParameters,
    Whole,
    numbers_of,
    so_many,
)

COLOUR = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE | re.ASCII)
COLOUR_PATTERN = "^#?[0-9a-fA-F]{6}$"
WINDOW_PATTERN = f"^{NUMBER_PATTERN},{NUMBER_PATTERN}(,[^,]+)?$"
FUNCTIONS = {"linear": "LINEAR", "linear_exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

LEAST_LINEAR = 1
"""Width that LINEAR needs (PS3.3 C.11.2.1.2.1); a narrower window is LINEAR_EXACT unless it is asked to be LINEAR."""

RenderingMethod = Literal["volume_rendered", "maximum_ip", "minimum_ip", "average_ip"]


def _box(value: object) -> object:
    low, high = (numbers_of(value, 6)[k : k + 3] for k in (0, 3))
    if not all(a < b for a, b in zip(low, high, strict=True)):
        raise ValueError("the first corner isn't the lower one on each axis")
    return low, high


def _viewport(value: object) -> object:
    width, height = (int(v) if v.is_integer() else 0 for v in numbers_of(value, 2))
    if min(width, height) < 1:
        raise ValueError("not two whole numbers of pixels")
    return width, height


def _window(value: object) -> object:
    """Center, width and, where given, the function in the spelling of PS3.18 8.3.5.1.4 or of PS3.3 C.11.2.1.2."""
    center, _, rest = str(value).partition(",")
    width, has_function, function = rest.partition(",")
    numbers = numbers_of(f"{center},{width}", 2, LARGEST_VALUE)
    name = FUNCTIONS.get(function.strip().lower().replace("-", "_")) if has_function else None
    least = LEAST_LINEAR if name == "LINEAR" else LEAST_WIDTH
    if numbers[1] < least or (has_function and name is None):
        raise ValueError("not a window")
    return (*numbers, name)


def _colour(value: object) -> object:
    found = COLOUR.fullmatch(str(value))
    if found is None:
        raise ValueError("not six hexadecimal digits")
    return tuple(bytes.fromhex(found[1]))


Corner = tuple[float, float, float]
Corners = Annotated[tuple[Corner, Corner], BeforeValidator(_box), so_many(6)]
Viewport = Annotated[tuple[int, int], BeforeValidator(_viewport), so_many(2)]
WindowAsked = Annotated[
    tuple[float, float, VoiFunction | None],
    BeforeValidator(_window),
    WithJsonSchema({"type": "string", "pattern": WINDOW_PATTERN}),
]
Colour = Annotated[
    tuple[int, int, int], BeforeValidator(_colour), WithJsonSchema({"type": "string", "pattern": COLOUR_PATTERN})
]

POINT = "three numbers x,y,z in LPS mm, each from -1e6 to 1e6"


class ViewParameters(Parameters):
    """Where a camera stands (PS3.18 8.3.5.3.4 to 8.3.5.3.7)."""

    orientation: Literal["a", "p", "r", "l", "h", "f"] | None = None
    viewpointposition: Triple | None = Field(None, description=POINT)
    viewpointlookat: Triple | None = Field(None, description=POINT)
    viewpointup: Triple | None = Field(None, description="a direction: three numbers x,y,z in LPS")
    viewport: Viewport | None = Field(None, description="width,height in whole pixels")
    box: Corners | None = Field(
        None, description="x1,y1,z1,x2,y2,z2 in LPS mm, the lower corner first, from -1e6 to 1e6"
    )


class AnimationParameters(Parameters):
    """How the volume turns (PS3.18 8.3.5.3.9, .11, .12)."""

    swivelrange: Annotated[Number, Field(gt=0, le=360)] | None = Field(
        None, description="a number of degrees, over 0 and up to 360"
    )
    animationstepsize: Annotated[Whole, Field(ge=1, le=180)] | None = Field(
        None, description="a whole number of degrees from 1 to 180"
    )
    animationrate: Annotated[Whole, Field(ge=1, le=50)] | None = Field(
        None, description="a whole number of frames a second from 1 to 50"
    )


class RenderingParameters(UnitParameters, AnimationParameters, ViewParameters):
    """Of a rendering of a volume."""

    volume: Annotated[Whole, Field(ge=0)] = Field(0, description="a whole number, 0 or more")
    renderingmethod: RenderingMethod = "volume_rendered"
    window: WindowAsked | None = Field(
        None, description="center,width or center,width,function (linear, linear-exact, sigmoid); modality units"
    )
    preset: str | None = Field(None, description="a transfer function, or of projections a window, by name")
    invert: Flag = Field(False, description="true or false")
    background: Colour | None = Field(None, description="six hexadecimal digits: red, green, blue")
    gaps: Literal["show", "interpolate"] = "show"
    quality: Annotated[Whole, Field(ge=1, le=100)] | None = Field(None, description="a whole number from 1 to 100")
    format: Literal["jpeg", "png", "webp", "gif", "raw", "npy"] | None = None
