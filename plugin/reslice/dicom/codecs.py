"""The codecs of imagecodecs, loaded so that each uses the library that it was built with.

Orthanc itself is linked to DCMTK, whose JPEG libraries of 12 and 16 bits have functions of the same names as
libjpeg-turbo. Their names are known in the whole process, and a codec that is loaded without further ado calls
DCMTK's functions with its own structures: that ends the server.
"""

import ctypes
import importlib
import os
import sys
import threading
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    import imagecodecs

    HAS_CODECS = True
except ImportError:  # Orthanc's own decoders take over
    HAS_CODECS = False

PACKAGE = "imagecodecs"
"""What to install where a decoder is missing."""

VERSION: str = imagecodecs.__version__ if HAS_CODECS else ""
"""Another encoder makes other bytes of the same picture."""

MODULES: Mapping[str, str] = MappingProxyType(
    {"JPEG8": "_jpeg8", "JPEGLS": "_jpegls", "JPEG2K": "_jpeg2k", "PACKBITS": "_imcd"}
)
"""The module of each codec that is used here."""

OWN_NAMES_FIRST = getattr(os, "RTLD_DEEPBIND", 0)
"""Only glibc needs and knows it."""
FOREIGN = "jpeg12_read_scanlines"
"""A function of both."""
LOADING = threading.Lock()


@lru_cache(maxsize=1)
def usable() -> frozenset[str]:
    """The codecs at hand, loaded. Empty without the package."""
    if not HAS_CODECS:
        return frozenset()
    with LOADING:
        loaded_before = "imagecodecs._jpeg8" in sys.modules
        flags = sys.getdlopenflags()
        sys.setdlopenflags(flags | OWN_NAMES_FIRST)
        try:
            found = {codec for codec, module in MODULES.items() if _is_loaded(codec, module)}
        finally:
            sys.setdlopenflags(flags)
    if loaded_before and hasattr(ctypes.CDLL(None), FOREIGN):
        found.discard("JPEG8")  # somebody else loaded it, perhaps bound to DCMTK's functions
    return frozenset(found)


def _is_loaded(codec: str, module: str) -> bool:
    try:
        importlib.import_module(f"imagecodecs.{module}")
    except ImportError:  # built without it
        return False
    return bool(getattr(imagecodecs, codec).available)


def jpeg(codestream: bytes, inside: str, outside: str) -> NDArray[Any]:
    """A JPEG image of any process, its colours turned from one space to the other (GRAYSCALE, RGB, YCBCR)."""
    return imagecodecs.jpeg8_decode(codestream, colorspace=inside, outcolorspace=outside)


def to_jpeg(image: NDArray[np.uint8], quality: int) -> bytes | None:
    """A grey picture (rows, columns) as baseline JPEG; None where the codec isn't usable here.

    Pillow makes the same picture; inside Orthanc it takes half as much time again.
    """
    if "JPEG8" not in usable():
        return None
    return bytes(imagecodecs.jpeg8_encode(image, level=quality))


def jpeg_ls(codestream: bytes) -> NDArray[Any]:
    """A JPEG-LS image."""
    return imagecodecs.jpegls_decode(codestream)


def jpeg_2000(codestream: bytes) -> NDArray[Any]:
    """A JPEG 2000 image, high-throughput or not."""
    return imagecodecs.jpeg2k_decode(codestream, numthreads=1)


def unpack_bits(segment: bytes, size: int) -> bytes | bytearray:
    """At most so many bytes out of run-length codes; more are an error."""
    return imagecodecs.packbits_decode(segment, out=size)
