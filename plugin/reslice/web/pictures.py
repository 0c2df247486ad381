"""Values to an answer: display formats through a window, raw and npy as modality values."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.dicom import codecs
from reslice.errors import BadParameter, TooLarge
from reslice.imaging import encode
from reslice.imaging.encode import ImageFormat
from reslice.imaging.plane import ImagePlane
from reslice.imaging.voi import VoiTransform, to_display
from reslice.imaging.volume import NO_DATA_INT16
from reslice.settings import Settings
from reslice.web.headers import header, no_data_of, window_facts
from reslice.web.message import Response
from reslice.web.parameters import SizeParameters

Values = NDArray[Any]
Padding = tuple[float, float] | None
Finish = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


def encoded(image: NDArray[np.uint8], chosen: ImageFormat, quality: int | None, settings: Settings) -> bytes:
    """A display image in one of the display formats."""
    if chosen.name == "jpeg":
        wanted = quality or settings.jpeg_quality
        grey = codecs.to_jpeg(image, wanted) if image.ndim == 2 else None
        return grey or encode.jpeg(image, wanted)
    if chosen.name == "webp":
        return encode.webp(image, quality)
    return encode.png(image)


def displayed(values: Values, transform: VoiTransform | None, padding: Padding = None) -> NDArray[np.uint8]:
    """Grey through the window or table, padding black; colour as it is."""
    return values if transform is None else to_display(values, transform, padding)


def picture(
    values: Values,
    transform: VoiTransform | None,
    chosen: ImageFormat,
    quality: int | None,
    settings: Settings,
    headers: Mapping[str, str],
    padding: Padding = None,
    finish: Finish | None = None,
) -> Response:
    """The answer in a display format; `transform` is None for colour; `finish` draws onto the picture."""
    image = displayed(values, transform, padding)
    body = encoded(image if finish is None else finish(image), chosen, quality, settings)
    return Response(200, chosen.media_type, body, {**headers, **_window_header(transform)})


def _window_header(transform: VoiTransform | None) -> dict[str, str]:
    return {} if transform is None else {"Reslice-Window": header(window_facts(transform))}


def numbers(
    values: Values,
    transform: VoiTransform | None,
    chosen: ImageFormat,
    unit: str,
    headers: Mapping[str, str],
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The answer as raw or npy.

    `transform` is what a picture of them would be shown with, None for colour; `more` is told of them besides.
    """
    body = encode.npy(values) if chosen.name == "npy" else encode.raw(values)
    facts = {
        "Type": str(values.dtype),
        "Shape": list(values.shape),
        "Slope": 1,
        "Intercept": 0,
        "NoData": None if values.dtype == np.uint8 else no_data_of(values.dtype),
        "Unit": unit,
        **(more or {}),
    }
    told = {**headers, **_window_header(transform), "Reslice-Raw": header(facts)}
    return Response(200, chosen.media_type, body, told)


def as_whole_numbers(values: Values) -> Values:
    """Interpolated values of an int16 volume as int16 again, no data as -32768."""
    if values.dtype == np.int16:
        return values
    whole = np.rint(values)
    return np.where(np.isnan(whole), NO_DATA_INT16, whole).astype(np.int16)


def sized(plane: ImagePlane, parameters: SizeParameters, settings: Settings) -> ImagePlane:
    """The plane, cropped to the requested region, if its size is allowed. Raises BadParameter, TooLarge."""
    limit = settings.largest_side
    for name, asked in (("width", parameters.width), ("height", parameters.height)):
        if asked is not None and asked > limit:
            raise BadParameter(name, str(asked), f"1 to {limit}", f"The {name} is over the limit")
    region = parameters.region
    if region is not None:
        plane = _cropped(plane, region)
    if max(plane.shape) > limit:
        raise TooLarge(
            f"The image would have {plane.shape[1]} x {plane.shape[0]} pixels; a side may have {limit}",
            Size=[plane.shape[1], plane.shape[0]],
            Limit=limit,
        )
    return plane


def _cropped(plane: ImagePlane, region: tuple[int, int, int, int]) -> ImagePlane:
    x, y, width, height = region
    rows, columns = plane.shape
    if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
        raise BadParameter(
            "region",
            ",".join(map(str, region)),
            f"x,y,w,h within {columns} x {rows} pixels",
            "The region leaves the image",
        )
    return plane.cropped(x, y, width, height)
