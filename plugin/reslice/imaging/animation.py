"""Several pictures as one that moves: GIF and WebP. Like encode.py a user of Pillow."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reslice.imaging.encode import ImageFormat

Display = NDArray[np.uint8]

ANIMATED = {f.name: f for f in (ImageFormat("webp", "image/webp", True), ImageFormat("gif", "image/gif", True))}
"""In the order of preference when a client likes both equally."""
USUAL_QUALITY = 85


def gif(frames: Iterable[Display], rate: int) -> bytes:
    """Frames, grey (rows, columns) or RGB (rows, columns, 3), shown for ever, `rate` a second.

    GIF counts in hundredths of a second and has 256 colours: those of the first frame serve all, so that
    nothing flickers.
    """
    return _saved(_with_common_colours(frames), "GIF", duration=round(100 / rate) * 10, disposal=1, optimize=False)


def webp(frames: Iterable[Display], rate: int, quality: int | None) -> bytes:
    """The same as WebP, `quality` 1 to 100."""
    pictures = (Image.fromarray(frame).convert("RGB") for frame in frames)
    return _saved(pictures, "WEBP", duration=round(1000 / rate), quality=quality or USUAL_QUALITY, method=0)


def _with_common_colours(frames: Iterable[Display]) -> Iterator[Image.Image]:
    palette: Image.Image | None = None
    for frame in frames:
        picture = Image.fromarray(frame)
        if frame.ndim == 2:
            yield picture
            continue
        if palette is None:
            palette = picture.quantize(256, method=Image.Quantize.MEDIANCUT)
        yield picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _saved(pictures: Iterator[Image.Image], name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    first = next(pictures)
    first.save(stream, format=name, save_all=True, append_images=pictures, loop=0, **options)
    return stream.getvalue()
