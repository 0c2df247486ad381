"""Images and arrays to bytes: PNG, JPEG, WebP, raw, npy, moving GIF and WebP. The only user of Pillow."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

try:
    from isal import __version__ as isal_version
    from isal import isal_zlib
    from isal.isal_zlib import crc32

    def _deflate(content: memoryview) -> bytes:
        """Compress fast: ISA-L is several times quicker than zlib at nearly the same size."""
        compressed: bytes = isal_zlib.compress(content, 1)
        return compressed

    DEFLATER = f"isal {isal_version}"

except ImportError:  # pragma: no cover - a machine without the wheel
    from zlib import crc32

    def _deflate(content: memoryview) -> bytes:
        """Compress with the standard library."""
        return zlib.compress(content, 1)

    DEFLATER = f"zlib {zlib.ZLIB_RUNTIME_VERSION}"

Display = NDArray[np.uint8]

VERSION = f"Pillow {PIL.__version__} {DEFLATER}"
"""Another encoder makes other bytes of the same picture."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_FILTER_UP = 2
PNG_COLOUR_TYPES = {1: 0, 3: 2}


@dataclass(frozen=True)
class ImageFormat:
    """A name in `format=` and the media type that goes with it."""

    name: str
    media_type: str
    is_display: bool


FORMATS = {
    f.name: f
    for f in (
        ImageFormat("png", "image/png", True),
        ImageFormat("jpeg", "image/jpeg", True),
        ImageFormat("webp", "image/webp", True),
        ImageFormat("raw", "application/octet-stream", False),
        ImageFormat("npy", "application/x-npy", False),
    )
}
"""In the order of preference when a client likes several equally."""

ANIMATED = {f.name: f for f in (ImageFormat("webp", "image/webp", True), ImageFormat("gif", "image/gif", True))}
"""In the order of preference when a client likes both equally."""
USUAL_QUALITY = 85


def png(image: Display) -> bytes:
    """Grey (rows, columns) or RGB (rows, columns, 3) as PNG, every row filtered by its difference to the one above."""
    rows, columns = image.shape[:2]
    samples = image.size // (rows * columns)
    flat = image.reshape(rows, -1)
    filtered = np.empty((rows, flat.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = PNG_FILTER_UP
    filtered[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, 8, PNG_COLOUR_TYPES[samples], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", _deflate(filtered.reshape(-1).data)), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(_png_chunk(name, content) for name, content in chunks)


def _png_chunk(name: bytes, content: bytes) -> bytes:
    check = crc32(content, crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def jpeg(image: Display, quality: int) -> bytes:
    """Baseline JPEG; colour isn't subsampled."""
    return _pillow(image, "JPEG", quality=quality, subsampling=0)


def webp(image: Display, quality: int | None) -> bytes:
    """WebP, lossless unless a quality is given."""
    if quality is None:
        return _pillow(image, "WEBP", lossless=True, quality=0, method=0)
    return _pillow(image, "WEBP", quality=quality, method=2)


def _pillow(image: Display, name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, format=name, **options)
    return stream.getvalue()


def npy(values: NDArray[Any]) -> bytes:
    """The array in numpy's file format, C order, little-endian."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, _little_endian(values), allow_pickle=False)
    return stream.getvalue()


def raw(values: NDArray[Any]) -> bytes:
    """The values alone, C order, little-endian."""
    return _little_endian(values).tobytes()


def _little_endian(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))


def resized(image: Display, height: int, width: int) -> Display:
    """The image at another size, averaged where it shrinks."""
    if image.shape[:2] == (height, width):
        return image
    picture = Image.fromarray(image)
    down, across = image.shape[0] / height, image.shape[1] / width
    if down.is_integer() and across.is_integer():  # the same average, four times as fast
        return np.asarray(picture.reduce((int(across), int(down))))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def shown_for(rate: float, name: str) -> int:
    """Milliseconds that a frame is shown at about so many a second; GIF counts in hundredths of a second."""
    return max(2, round(100 / rate)) * 10 if name == "gif" else max(1, round(1000 / rate))


def gif(frames: Iterable[Display], duration: int) -> bytes:
    """Frames, grey (rows, columns) or RGB (rows, columns, 3), shown for ever, each for so many ms.

    GIF has 256 colours: those of the first frame serve all, so that nothing flickers.
    """
    return _saved(_with_common_colours(frames), "GIF", duration=duration, disposal=1, optimize=False)


def animated_webp(frames: Iterable[Display], duration: int, quality: int | None) -> bytes:
    """The same as WebP, `quality` 1 to 100."""
    pictures = (Image.fromarray(frame).convert("RGB") for frame in frames)
    return _saved(pictures, "WEBP", duration=duration, quality=quality or USUAL_QUALITY, method=0)


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
