"""Decodes JPEG of 12 bits in a process in which DCMTK's functions are known to everybody, as in Orthanc.

python -m unit.dicom.beside_dcmtk LIBRARY [before]    prints the codecs at hand, and whether 12 bits come out right
"""

import ctypes
import importlib
import sys

import numpy as np

from reslice.dicom import codecs

PIXELS = np.random.default_rng(3).integers(0, 4096, (40, 48)).astype(np.uint16)


def main(library: str, *when: str) -> None:
    """Load the library, then ours; with `before`, somebody has loaded imagecodecs' own in between."""
    ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
    if when:
        importlib.import_module("imagecodecs._jpeg8")
    print(*sorted(codecs.usable()))  # noqa: T201
    if not when:
        # Not before: it imports imagecodecs, which the question above must come before.
        from unit.dicom.codestreams import LOSSLESS, lossless_jpeg, put, reader_of  # noqa: PLC0415

        reader = reader_of(put([lossless_jpeg(PIXELS, bitspersample=12)], LOSSLESS, PIXELS, BitsStored=12, HighBit=11))
        print(bool((reader.stored(0) == PIXELS).all()))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
