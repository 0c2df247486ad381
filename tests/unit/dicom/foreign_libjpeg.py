"""Decodes JPEG in a process in which another libjpeg is known to everybody, as in Orthanc.

python -m unit.dicom.foreign_libjpeg LIBRARY [before]    prints the codecs at hand, and whether 12 bits come out right
"""

import ctypes
import sys

import numpy as np

from reslice.dicom import codecs

PIXELS = np.random.default_rng(3).integers(0, 4096, (40, 48)).astype(np.uint16)


def main(library: str, *when: str) -> None:
    """Load the library, then ours; with `before`, somebody has loaded imagecodecs' own in between."""
    ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
    if when:
        pass
    print(*sorted(codecs.usable()))  # noqa: T201
    if not when:
        from unit.dicom.codestreams import LOSSLESS, lossless_jpeg, put, reader_of  # noqa: PLC0415

        reader = reader_of(put([lossless_jpeg(PIXELS, bitspersample=12)], LOSSLESS, PIXELS, BitsStored=12, HighBit=11))
        print(bool((reader.stored(0) == PIXELS).all()))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
